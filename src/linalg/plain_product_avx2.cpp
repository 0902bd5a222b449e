#include "linalg/plain_product.hpp"

namespace lyapcert {

namespace {
constexpr std::size_t lanes = 4;
constexpr std::size_t rows_in_registers = 6;
}  // namespace

#include "linalg/plain_product_body.hpp"

void plain_product_avx2(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last, double* panel) {
    product(a, b, c, n, first, last, panel);
}

}  // namespace lyapcert
