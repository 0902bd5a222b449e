// Positive definiteness from one floating-point Cholesky factorisation that runs to its end, by an a-priori bound of all rounding errors.
//
// Model. An operation + - x / sqrt, or a fused x y + z, gives x = X (1 + d) + f with |d| <= u = 2^-52, |f| <= 2^-1022, in every rounding mode, with or without
// subnormal numbers (in round-to-nearest, where it runs, even with 2^-53). Entries are below 2^500 in modulus, n <= 2^20.
//
// Lemma (after Demmel 1989 and Rump 2006, "Verification of positive definiteness"; any order of summation). Let B be symmetric with 0 < b_ii <= 8 and let the
// factorisation   r_ii = sqrt(b_ii - sum_{k<i} r_ki^2),   r_ij = (b_ij - sum_{k<i} r_ki r_kj) / r_ii  (j > i)
// of its stored triangle in floating point, summed in whatever order and blocks, fused or not, end with all radicands positive. Then, with
// g = (2n + 8) u,    B >= - (1.001 g tr B + 2^-900) I.
//   Proof. Let a sum of m + 1 <= n terms, b_ij and the m = i - 1 products, be computed in any order. Each term takes part in at most m roundings of sums and one of
//   a product, so the computed sum is b_ij (1 + d_0) - sum_k r_ki r_kj (1 + d_k) + f with |d_k| <= (1 + u)^{m+1} - 1 and f the errors by
//   underflow, at most 4n 2^-1022 together. With the final operation (quotient or root: d' for r_ij r_ii resp. r_ii^2, |d'| <= 3 u, and again 2^-1022 times at
//   most 2 max(r_ii, 1)), solving for b_ij = (r_ij r_ii (1 + d') + sum_k r_ki r_kj (1 + d_k) + f') / (1 + d_0), all relative errors are at most
//   (1 + u)^{m+4} / (1 - u)^{m+1} - 1 <= 1.0005 g. Hence
//       |b_ij - sum_{k<=i} r_ki r_kj| <= 1.0005 g sum_{k<=i} |r_ki| |r_kj| + 2^-950.
//   For i = j: sum_k r_ki^2 (1 - 1.0005 g) <= b_ii + 2^-950 =: b'_ii (in particular r_ii <= 3, which was used above: by induction on i). By
//   Cauchy-Schwarz the right-hand side is at most 1.0005 g / (1 - 1.0005 g) sqrt(b'_ii b'_jj) + 2^-950. The matrix (sqrt(b'_ii b'_jj)) has norm tr B + n 2^-950; so
//   ||B - R^T R|| <= 1.001 g tr B + 2^-900, and R^T R >= 0.
// Consequence. Let A be a symmetric matrix with entries within e_ij of the doubles m_ij, E = max_i sum_j e_ij, c a double, and B the matrix of the m_ij
// with the diagonal replaced by the rounded m_ii - c > 0. If the factorisation of B runs to its end and c > E + u max m_ii + 1.001 g sum_i m_ii + 2^-890, then A > 0,
// because A >= B + (c - E - u max m_ii) I and b_ii <= m_ii (1 + u).
#pragma once

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/interval.hpp"

namespace lyapcert {

// True only if every symmetric matrix with entries in the intervals of the lower triangle is positive definite. n^3 / 3 plain operations.
bool cholesky_proves_positive_definite(const Matrix<Interval>& a);

}  // namespace lyapcert
