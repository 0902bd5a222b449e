// A matrix product in plain doubles, in files of their own: no rounding mode is set or assumed here. Every entry of the result is the sum, started at 0,
// of the n products in some order, each operation rounded somehow, fused or not (the model of verified_cholesky.hpp).
#pragma once

#include <cstddef>
#include <vector>

namespace lyapcert {

// a b, all n x n, row-major, in round-to-nearest; the same for any number of threads.
std::vector<double> plain_product(const std::vector<double>& a, const std::vector<double>& b, std::size_t n);

// One instruction set's kernel: rows first..last-1 of c; `panel` has room for 16 n numbers.
using PlainProductKernel = void (*)(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last, double* panel);
void plain_product_sse2(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last, double* panel);
void plain_product_avx2(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last, double* panel);
void plain_product_avx512(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last, double* panel);
// Those that this processor can run, the best one last.
std::vector<PlainProductKernel> plain_product_kernels();

}  // namespace lyapcert
