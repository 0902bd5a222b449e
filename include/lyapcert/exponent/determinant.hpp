// The free lower bound: lambda >= (1/n) E log|det A|.
// = T5 of proofs/THEOREMS.md.
//
// Lemma. For an i.i.d. product of n x n matrices, lambda >= (1/n) E log|det A|. (When some det A = 0 the bound is -inf and
// says nothing; it does not make lambda = -inf.)
//   Proof: |det W| <= ||W||^n (Hadamard), the determinant is multiplicative, take (1/m) E log and let m tend to infinity.
#pragma once

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert {

// [bound, +inf].
Bound determinant_bound(const RandomProduct& product, long precision);

// [bound, +inf] for every family on a segment of single samples (along.hpp, Lemma (a)); nothing for other families, or where some 1 - K_ii changes its sign.
Bound determinant_bound(const Segment& segment, long precision);

// det a: exact for a rational matrix (after removal of the rows and columns of the identity), otherwise interval elimination.
// An entry of the result that cannot be bounded away from zero is enclosed all the same.
Real determinant(const Matrix<Real>& a);
MpInterval determinant(Matrix<MpInterval> a);

}  // namespace lyapcert
