#include "linalg/plain_product.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

std::vector<PlainProductKernel> plain_product_kernels() {
    std::vector<PlainProductKernel> kernels{plain_product_sse2};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back(plain_product_avx2);
    if (__builtin_cpu_supports("avx512f")) kernels.push_back(plain_product_avx512);
    return kernels;
}

std::vector<double> plain_product(const std::vector<double>& a, const std::vector<double>& b, std::size_t n) {
    static const PlainProductKernel kernel = plain_product_kernels().back();
    constexpr std::size_t rows_at_once = 96;
    std::vector<double> c(n * n);
    tbb::parallel_for(std::size_t(0), (n + rows_at_once - 1) / rows_at_once, [&](std::size_t task) {
        const RoundNearest guard;
        std::vector<double> panel(16 * n);
        kernel(a.data(), b.data(), c.data(), n, task * rows_at_once, std::min(n, (task + 1) * rows_at_once), panel.data());
    });
    return c;
}

}  // namespace lyapcert
