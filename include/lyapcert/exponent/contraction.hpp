// What the diagonal of the scaled Gram matrix M = eta G says about single-sample SGD (batch size 1).
//
// Let M be positive semidefinite, M = H^T H with columns h_i spanning the normal space, d_i = M_ii = |h_i|^2. In these
// coordinates the steps are the symmetric matrices A_i = I - h_i h_i^T, with eigenvalues 1 (n - 1 times) and 1 - d_i.
//
// Lemma. (a) All d_i in [0, 2]  =>  lambda <= 0.       (b) All d_i = 0 or >= 2  =>  lambda >= 0.     (c) all d_i = 2  =>  lambda = 0.
//        (d) All d_i in (0, 2)  =>  lambda <= (1/2) log(1 - c kappa / N), c = min (2 - d_i), kappa the smallest positive eigenvalue of M.
//   Proof. (a)-(c) all singular values of every A_i are <= 1, >= 1, = 1. (d) A_i^2 = I - (2 - d_i) h_i h_i^T, so
//   E A^2 = I - (1/N) sum (2 - d_i) h_i h_i^T <= I - (c/N) H H^T <= (1 - c kappa / N) I, for H H^T has on the normal space
//   the positive eigenvalues of H^T H = M. Hence E|A_m...A_1 x|^2 <= (1 - c kappa / N)^m |x|^2, and Jensen.
// The same reasoning proves lambda < 0 strictly in (d) (Chemnitz & Engel 2025, section 3.6).
#pragma once

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/product/normal_space.hpp"

namespace lyapcert {

// Bound::nothing when no case is proved, or when the Gram matrix may be singular without our knowing.
Bound contraction_bound(const NormalSpace& space, long precision);

}  // namespace lyapcert
