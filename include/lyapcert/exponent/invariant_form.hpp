// Families that preserve a quadratic form up to factors: rotations, conformal matrices, finite groups in any basis.
// = T72 of proofs/THEOREMS.md.
//
// Lemma. If P is symmetric positive definite and A_k^T P A_k = c_k P with c_k > 0 for every k, then lambda = (1/2) sum_k p_k log c_k.
//   Proof. |A_w x|_P^2 = (product of the c_k along w) |x|_P^2 for every word w and every x, so (1/m) log ||A_m...A_1||_P is the mean of m independent copies of (1/2) log c.
// Determinants force c_k^n = (det A_k)^2, and P rational forces c_k rational: each c_k is the n-th root of (det A_k)^2, or there is no form. Then P is in the kernel of a linear system.
#pragma once

#include <optional>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

struct InvariantFormEvidence {
    Matrix<Rational> form;          // P
    std::vector<Rational> factors;  // c_k
};

// Looks for P among rational families of moderate size; what is returned satisfies the hypotheses exactly.
std::optional<InvariantFormEvidence> invariant_form(const RandomProduct& product);

// lambda, to `precision` bits; nothing where no form is found.
std::optional<Bound> invariant_form_bound(const RandomProduct& product, long precision);

}  // namespace lyapcert
