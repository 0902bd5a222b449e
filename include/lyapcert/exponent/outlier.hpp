// One expanding gradient against all the others: a lower bound for single-sample SGD in any dimension, however the others are correlated.
// = T27 of proofs/THEOREMS.md.
//
// Lemma. Let K = eta G be positive semidefinite, K_jj <= 2 for all j but one, o, and let the matrix K with K_oo replaced by q in [0, 2] be
// positive semidefinite. Put
//     p = K_oo - q,   b = p - 2,   e = sqrt(p q).
// If b >= 2 e then  lambda >= (1/N) log( 1 + (b + sqrt(b^2 - 4 e^2)) / 2 ).
//   Proof. Let h_i be vectors with <h_i, h_j> = K_ij, D the span of the h_j, j != o, and h_o = s + t with t in D, s orthogonal to D. (i) |t|^2 <= q:
//   t = -sum_j y_j h_j for some y, and the replaced matrix, at 1 for o and y elsewhere, has the value q - 2|t|^2 + |t|^2 >= 0. Write q' = |t|^2,
//   p', b', e' accordingly: |s|^2 = p' >= p >= 2 + b > 0; b >= 2 e implies p > 2 sqrt(p q), so q < p/4 and e' = sqrt((K_oo - q') q') <= e, as x -> (K_oo - x) x
//   increases up to K_oo / 2. So b' >= b >= 2e >= 2e', and the bound with q' is at least that with q. (ii) x = z s/|s| + w, w in D, is a general
//   vector of the normal space. A step with h_j, j != o, leaves z alone and takes w to (I - h_j h_j^T) w, |w| does not grow. The step with h_o:
//       z' = (1 - |s|^2) z - |s| <t, w>,   w' = (I - t t^T) w - |s| z t,
//   so |z'| >= (1 + b') |z| - e' |w| and, as |t|^2 <= 2, |w'| <= |w| + e' |z|. (iii) Let r >= 0 be the smaller root of e' r^2 - b' r + e' = 0 (0 if e' = 0).
//   On the cone |w| <= r |z|:  |z'| >= (1 + b' - e' r) |z|, |w'| <= (r + e') |z| = r (1 + b' - e' r) |z| <= r |z'|: it is invariant, and the
//   factor is 1 + b' - e' r = 1 + (b' + sqrt(b'^2 - 4 e'^2))/2. Start on it: |z| grows by this factor at the steps with o, and never shrinks.
// q = |t|^2 = K_oo - 1 / (K^{-1})_oo is the smallest: what of g_o lies in the span of the other gradients. The loss is of second order in it, and does
// not grow with N as sums of moduli do (dominated_splitting.hpp, which allows for several expanding gradients).
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"

namespace lyapcert {

struct OutlierEvidence {
    std::size_t index = 0;     // o
    double in_the_span = 0.0;  // q
};

// For the scaled Gram matrix K of single-sample SGD, which is positive semidefinite on the caller's word; singular ones are not for this bound.
Bound outlier_bound(const Matrix<Real>& scaled_gram);

// What this evidence proves, untrusted.
Bound outlier_bound(const Matrix<Real>& scaled_gram, const OutlierEvidence& evidence);

// What it proves of all scaled Gram matrices t K_0 + (1 - t) K_1 (along.hpp, Lemma (e)): the two at the ends, K_0 the one with the smaller learning rate. `evidence` is of the middle;
// that of the bound has a larger q, which serves for K_1.
Bound outlier_bound(const Matrix<Real>& scaled_gram_from, const Matrix<Real>& scaled_gram_to, const OutlierEvidence& evidence);

// Where exactly one eta ||g||^2 exceeds 2 and the bound does not apply: about b and 2 e, of which b >= 2 e is asked. Advice, not proved.
std::optional<std::pair<double, double>> outlier_shortfall(const Matrix<Real>& scaled_gram);

}  // namespace lyapcert
