// The inner loop of the log-quadratic certificate: a third-order Taylor model of D on a box, for every form at once.
//
// Let q be a positive semidefinite form with q(c) > 0, h a displacement, |.| the seminorm sqrt(q), a = <c, h>_q / q(c), beta = q(h) / q(c),
// delta = max |h| / |c| over the box. Since q(c + t h) / q(c) = 1 + 2 a t + beta t^2 has two conjugate roots of modulus >= 1 / delta
// (a^2 <= beta), the term of order k of (1/2) log q(c + h) is at most delta^k / k in modulus, and for delta < 1
//     (1/2) log q(c + h) = (1/2) log q(c) + a + beta/2 - a^2 - a beta + (4/3) a^3 + R,   |R| <= delta^4 / (4 (1 - delta)).
// Summed with the weights b_m the polynomial is that of D: what cancels in D cancels in it.
// Without a model, lowest <= (1/2) log q <= highest and |c + h| <= (1 + delta) |c| bound the deviation from g = (1/2) log q(c) by
//     max(g - lowest, min(highest - g, log(1 + delta))).                         (*)
// If q vanishes in the box then delta >= 1 and lowest = -inf: the remainder is infinite (or, for weight 0, NaN) and the box not valid.
//
// Lemma (rounding; proofs/THEOREMS.md, T23, in full). Let the true form be within e of the table entrywise, |c_i| + r_i <= 1, omega >=
// n^2 (e + 2^-46 max |entry|), n <= 6, rho = omega / (computed q(c)) <= 2^-12, computed q(c) in [2^-60, 2^60], sum |b| in [2^-100, 2^100].
// Evaluated in any order of the sums and in any rounding mode, with or without fused operations, the polynomial of one form with
// computed delta <= 0.9, its constant term included, is off by at most 64 rho |b| + 2^-43 |b| for every h in the box, as is the constant
// term of any other form; the sums over M <= 4096 forms by a further (M + 256) 2^-47 sum |b|; the delta used is at least the true one if
// it is <= 0.9, and at least log(1 + true delta) always.
//   Proof. u = 2^-52. (i) q(c): at most 2 n roundings of each of n^2 terms of modulus <= max |entry|: the computed q(c) is within
//   n^2 (e + 2^-48 max |entry|) <= omega, so (1/2) log q is within 0.51 rho; and rho >= 2^-47, so u <= rho / 32. (ii) a = sum a_i h_i: with
//   w = Q c, |w_i| is computed within omega/n and q(c) within a factor 1 +- rho; sum_i |a_i| r_i is attained in a corner: a is off by at
//   most 2 rho. (iii) beta likewise, by 2 rho. (iv) The derivatives of the polynomial in a and beta are at most 8 and 3/2 for |a|, beta <= 1:
//   19 rho. (v) forming the coefficients: at most 8 roundings on terms of moduli <= 4 in all: 33 u |b| <= 1.1 rho |b|. With (i) 21 rho.
//   (vi) The logarithm below is off by less than 66 u <= 2^-44 for |k| <= 61, half of it taken. (vii) |constant| <= 22, polynomial <= 4: a
//   sum of M terms is off by at most (M + 8) 27 u sum |b|, M 2^-47 = 32 M u; the rounding of b_m itself and at most 70 operations after the
//   sum are what the 256 is for. (viii) s = sum r_i r_j |Q_ij| / q(c) >= delta^2 is off by at most 2.2 rho if s <= 1; 8 rho is added. delta =
//   (s/t + t)/2 >= sqrt(s) for any t > 0. If s > 1 it is off by a factor 1.001 at most, and log(1 + x) <= 0.72 x for x >= 0.9. (ix) The
//   differences in (*) have one rounding, g is off by 0.51 rho + 2^-44, which (i) and (vi) have paid for, and the remainders, non-negative
//   as they are, are summed within 2^-41: whoever uses them multiplies by 1 + 2^-40.
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
    double remainder;    // sum |b| delta^4 / (4 (1 - delta)), or |b| (*)
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
