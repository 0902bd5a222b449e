#include "linalg/plain_cholesky.hpp"

#include <algorithm>
#include <cmath>

namespace lyapcert {

namespace {

constexpr std::size_t block = 32;

// y -= c_0 x_0 + c_1 x_1 + c_2 x_2 + c_3 x_3
void subtract_four(double* __restrict y, const double* c, const double* __restrict x0, const double* __restrict x1, const double* __restrict x2,
                   const double* __restrict x3, std::size_t count) {
    const double c0 = c[0], c1 = c[1], c2 = c[2], c3 = c[3];
    for (std::size_t j = 0; j < count; ++j) y[j] -= (c0 * x0[j] + c1 * x1[j]) + (c2 * x2[j] + c3 * x3[j]);
}

void subtract_one(double* __restrict y, double c, const double* __restrict x, std::size_t count) {
    for (std::size_t j = 0; j < count; ++j) y[j] -= c * x[j];
}

}  // namespace

bool plain_cholesky(double* b, std::size_t n) {
    for (std::size_t first = 0; first < n; first += block) {
        const std::size_t last = std::min(first + block, n);
        for (std::size_t k = first; k < last; ++k) {
            double* row = b + k * n;
            for (std::size_t l = first; l < k; ++l) subtract_one(row + k, b[l * n + k], b + l * n + k, n - k);
            if (!(row[k] > 0.0)) return false;
            row[k] = std::sqrt(row[k]);
            for (std::size_t j = k + 1; j < n; ++j) row[j] /= row[k];
        }
        // The rows of the block from all rows below.
        for (std::size_t i = last; i < n; ++i) {
            std::size_t k = first;
            for (; k + 4 <= last; k += 4) {
                const double c[4] = {b[k * n + i], b[(k + 1) * n + i], b[(k + 2) * n + i], b[(k + 3) * n + i]};
                const double* x = b + k * n + i;
                subtract_four(b + i * n + i, c, x, x + n, x + 2 * n, x + 3 * n, n - i);
            }
            for (; k < last; ++k) subtract_one(b + i * n + i, b[k * n + i], b + k * n + i, n - i);
        }
    }
    return true;
}

}  // namespace lyapcert
