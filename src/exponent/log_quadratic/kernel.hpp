// The inner loop of the log-quadratic certificate: a third-order Taylor model of D on a box, for every form at once.
//
// Let q be a positive definite form, c a point, h a displacement, |.| the norm sqrt(q), delta = |h| / |c|, a = <c, h>_q / q(c),
// beta = q(h) / q(c). Since q(c + t h) / q(c) = 1 + 2 a t + beta t^2 has two roots of modulus 1 / delta (|a| <= delta), the term of
// order k of (1/2) log q(c + h) is at most delta^k / k in modulus, and
//     (1/2) log q(c + h) = (1/2) log q(c) + a + beta/2 - a^2 - a beta + (4/3) a^3 + R,   |R| <= delta^4 / (4 (1 - delta)).
// Summed with the weights b_m the polynomial is that of D: what cancels in D cancels in it.
//
// Lemma (rounding). Let the true form be within e of the table entrywise, all |c_i|, |h_i| <= 1, omega >= n^2 (e + 2^-46 max |entry|),
// rho = omega / (computed q(c)) <= 2^-12, computed delta <= 0.9, computed q(c) in [2^-60, 2^60]. Evaluated in any order and in any
// rounding mode, with or without fused operations, the polynomial of one form with its constant term is off by at most
// 64 rho |b| + 2^-43 |b| for every h in the box, the sums over M <= 4096 forms by a further (M + 256) 2^-47 sum |b|; and the delta used is at
// least the true one.
//   Proof. (i) q(c): at most 2 n^2 roundings of relative size 2^-52 on a sum of moduli <= n^2 max |entry|: the computed q(c) is within
//   omega, so log q is within 2 rho. (ii) a = sum a_i h_i: with w = Q c, |w_i| computed within omega/n and 1/q(c) within a factor
//   1 + 2 rho; sum_i |a_i| r_i = max |a| over the corners <= delta <= 1: a is off by at most 4 rho. (iii) beta likewise, by 4 rho.
//   (iv) The derivatives of the polynomial in a and beta are at most 8 and 3/2 for |a|, beta <= 1: 38 rho, and 2nd order effects below rho.
//   (v) forming the coefficients: at most 16 roundings on terms of moduli <= 5 in all: 2^-45 |b| <= 2 rho |b|, since rho >= 2^-46. Together
//   with (i) below 64 rho. (vi) The logarithm below is off by less than 2^-44 |k| 2^-6 + 2^-50 <= 2^-43 for |k| <= 61.
//   (vii) |constant| <= 22, polynomial <= 5: a sum of M terms is off by at most M 2^-52 27 sum |b| <= M 2^-47 sum |b|; the rounding of b_m itself and
//   the few operations after the sum are what the 256 is for. (viii) s = sum r_i r_j |Q_ij| / q(c) >= delta^2 is off by at most 4 rho + 2^-46;
//   8 rho is added. delta = (s/t + t)/2 >= sqrt(s) for any t > 0.
#pragma once

#include <cstddef>

namespace lyapcert::log_quadratic {

struct KernelInput {
    const double* entries;  // of a FaceTable
    const double* weights;
    const double* sizes;
    const double* errors;
    const double* lowest;   // (1/2) log q_m >= lowest on the face
    const double* highest;  // and <= highest
    std::size_t count;
    const double* centre;  // n - 1 coordinates; the last one is 1
    const double* radius;
};

// Sums over m, for the displacement h: value + gradient . h + sum_{j<=i} hessian h_i h_j + sum_{k<=j<=i} cubic h_i h_j h_k.
struct KernelOutput {
    double value;
    double gradient[5];
    double hessian[15];  // [triangle(i, j)]
    double cubic[35];    // i outermost
    double remainder;    // sum |b| delta^4 / (4 (1 - delta))
    double error;        // sum |b| rho
    double spread[5];    // how much each direction contributes to the remainder: a heuristic
    bool valid;          // the conditions of the lemma hold, and everything is finite
};

using Kernel = void (*)(const KernelInput&, KernelOutput&);

// The fastest version that this processor can run.
Kernel kernel_for(int dimension);

// For the search: out(i, j) = column i . column j for j <= i, columns and out stored by columns; rows must be a multiple of 8.
using GramKernel = void (*)(const double* columns, std::size_t rows, std::size_t count, double* out);
GramKernel gram_kernel();

// One version each, compiled for the instruction set named.
namespace sse2 {
Kernel kernel_for(int dimension);
GramKernel gram_kernel();
}
namespace avx2 {
Kernel kernel_for(int dimension);
GramKernel gram_kernel();
}
namespace avx512 {
Kernel kernel_for(int dimension);
GramKernel gram_kernel();
}

}  // namespace lyapcert::log_quadratic
