#include "linalg/plain_product.hpp"

#include <algorithm>

namespace lyapcert {

namespace {

constexpr std::size_t strip = 512;  // columns of b that stay in the cache

void add_four(double* __restrict y, const double* f, const double* __restrict x0, const double* __restrict x1, const double* __restrict x2, const double* __restrict x3,
              std::size_t count) {
    const double f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
    for (std::size_t j = 0; j < count; ++j) y[j] = y[j] + f0 * x0[j] + f1 * x1[j] + f2 * x2[j] + f3 * x3[j];
}

}  // namespace

void plain_product(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last) {
    std::fill(c + first * n, c + last * n, 0.0);
    for (std::size_t left = 0; left < n; left += strip) {
        const std::size_t count = std::min(strip, n - left);
        std::size_t k = 0;
        for (; k + 4 <= n; k += 4)
            for (std::size_t i = first; i < last; ++i) {
                const double* x = b + k * n + left;
                add_four(c + i * n + left, a + i * n + k, x, x + n, x + 2 * n, x + 3 * n, count);
            }
        for (; k < n; ++k)
            for (std::size_t i = first; i < last; ++i)
                for (std::size_t j = left; j < left + count; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
}

}  // namespace lyapcert
