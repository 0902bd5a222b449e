// A matrix product in plain doubles, in a file of its own: no rounding mode is set or assumed here. Every entry of the result is the sum, started at 0,
// of the n products in some order, each operation rounded somehow.
#pragma once

#include <cstddef>

namespace lyapcert {

// c = a b, all n x n, row-major; rows first..last-1 of c.
void plain_product(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last);

}  // namespace lyapcert
