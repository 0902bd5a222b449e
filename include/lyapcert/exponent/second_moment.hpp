// The second-moment exponent Lambda_2 = lim (1/m) log E||A_m...A_1||^2 = log rho(L), L(P) = E[A^T P A] on symmetric matrices
// (mean-square stability: Wu, Ma & E 2018, Ma & Ying 2021), from both sides, and lambda <= Lambda_2 / 2 by Jensen.
//
// Lemma 1 (Collatz-Wielandt on the semidefinite cone). Let P > 0.  L(P) <= b P  =>  rho(L) <= b;   L(P) >= a P  =>  rho(L) >= a.
//   Proof: L is monotone, so L^m(P) <= b^m P (>= a^m P); P is comparable to I and E|A_m...A_1 x|^2 = x^T L^m(I) x, so ||L^m(P)||
//   grows like rho^m up to polynomial factors. (trace L^m(I) = E||A_m...A_1||_F^2 also shows the first equality above.)
// P is a floating-point approximation of the Perron eigenmatrix; b P - L(P) > 0 and L(P) - a P > 0 are proved by a verified
// Cholesky factorisation, with slacks found by bisection. An interval entry makes L an interval operator and changes
// nothing else.
//
// Lemma 2 (small dimension, when Lemma 1 is not sharp because the Perron eigenmatrix is singular): rho of the matrix of L by
// repeated squaring, see linalg/spectral_radius.hpp.
//
// Large dimension, single-sample SGD: single_sample_moment.hpp.
//
// Lambda_2 = -inf iff L is nilpotent iff all long words vanish: decided exactly for rational families.
#pragma once

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/single_sample_moment.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// The enclosure that was proved: a matrix that proves any weaker one is the solution of a linear system (T6 (c) of proofs/THEOREMS.md), and depends on the
// claim. Large families of single samples have a solution of their own for this end, else null.
struct SecondMomentEvidence {
    MpInterval lambda2;
    std::shared_ptr<const SingleSampleMomentEvidence> solution;
};

// Encloses Lambda_2. In dimension <= 8 to about `precision` bits; above, to about 12 digits where the Perron eigenmatrix is
// well conditioned and the time suffices.
Bound second_moment_exponent(const RandomProduct& product, long precision, Deadline deadline = no_deadline);

// Lemma 1 itself for any symmetric matrix p: true only if p > 0 and L(p) < b p (L(p) > a p), hence rho(L) <= b (>= a).
bool proves_second_moment_at_most(const RandomProduct& product, const Matrix<Interval>& p, double b);
bool proves_second_moment_at_least(const RandomProduct& product, const Matrix<Interval>& p, double a);

// [-inf, Lambda_2 / 2], a bound on lambda.
Bound second_moment_bound(const Bound& lambda2);

}  // namespace lyapcert
