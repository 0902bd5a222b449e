// How sampling schemes make a random product from the scaled Gram matrix M = eta G.
//
// A mini-batch S of size B acts on the residuals r_i = <g_i, v> of a vector v of the normal space span{g_i} as
//     r -> A_S r,   A_S = I - (1/B) M D_S,   D_S = diag of the indicator of S,
// and S is uniform over all subsets of size B (Chemnitz & Engel 2025, section 2.2, in residual coordinates: a rational
// problem stays rational, and A_S leaves every r with r_S = 0 alone exactly).
//
// Lemma (singular Gram matrices). Let M be positive semidefinite of rank r < N, and J, |J| = r, with M[J,J] regular. The
// residuals fill exactly range(M), on which r = T r_J with T = M[:,J] M[J,J]^{-1}, and in the coordinates r_J the step is
//     I - (1/B) M[J,S] T[S,:].
//   Proof. r = g v maps span{g_i} onto range(g g^T) = range(M). The r columns M[:,J] are independent, hence span
//   range(M): r = M[:,J] c, r_J = M[J,J] c. Finally (A_S r)_J = r_J - (1/B) M[J,S] r_S and r_S = T[S,:] r_J.
// Without the reduction the product would also act on R^N / range(M), where it is the identity, and its exponent would
// be max(lambda, 0). J and T are the same for M and for G = M / eta (normal_space.hpp), so a rational G serves when eta is an interval or
// irrational. Where space.may_be_singular(), the exponent of the product that is returned is max(lambda, 0).
#pragma once

#include <cstddef>

#include "lyapcert/problem/sampling.hpp"
#include "lyapcert/product/normal_space.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// The most matrices, and matrix entries in all, that a sampling scheme may ask for.
inline constexpr std::size_t largest_family = 20000;
inline constexpr std::size_t largest_family_entries = 10000000;

// In the coordinates of space.basis(). Throws std::invalid_argument when the batch size is not in 1..N or the family would be too large.
RandomProduct sgd_product(const NormalSpace& space, const Sampling& sampling);
inline RandomProduct sgd_product(const NormalSpace& space, std::size_t batch_size) { return sgd_product(space, Sampling{batch_size}); }

}  // namespace lyapcert
