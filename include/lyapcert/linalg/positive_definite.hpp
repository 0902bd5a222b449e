// Is a symmetric matrix positive definite?
//
// For interval matrices `yes` is a theorem about every symmetric matrix with entries in the intervals of the lower
// triangle, and `no` one about none of them being positive definite.
//
// Lemma 1 (shifted Cholesky; after Rump 2006, "Verification of positive definiteness"). Let B be symmetric, R any real matrix and s
// real with ||B - s I - R^T R||_inf < s. Then B is positive definite.
//   Proof: R^T R >= 0, and the 2-norm of a symmetric matrix is at most its inf-norm, so B >= s I - ||B - s I - R^T R||_inf I > 0.
// R comes from floating point and needs no properties; only the residual is computed with rounding control. Scaling B
// to D B D with D diagonal and positive changes nothing.
//
// Lemma 2 (LDL^T in intervals). If every pivot of interval elimination is certainly positive, every symmetric member is
// positive definite (its own pivots lie in the intervals). If the first pivot that is not is certainly <= 0, no member is.
//
// Lemma 3. v^T B v <= 0 for one v != 0 refutes positive definiteness.
#pragma once

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"
#include "lyapcert/numeric/ternary.hpp"

namespace lyapcert {

Ternary is_positive_definite(const Matrix<Rational>& a);  // exact: never undecided
Ternary is_positive_definite(const Matrix<Interval>& a);
Ternary is_positive_definite(const Matrix<MpInterval>& a);
// Exact for rationals up to this size, else enclosures of growing precision; beyond it doubles alone, for elimination grows with the fifth power.
inline constexpr std::size_t largest_exact_elimination = 150;
Ternary is_positive_definite(const Matrix<Real>& a, long max_precision = 512);

// Lemma 1 itself: true only if ||b - shift I - r^T r||_inf < shift for every symmetric member of b (its lower triangle). r is upper
// triangular (what stands below its diagonal is ignored) and otherwise arbitrary.
bool proves_positive_definite(const Matrix<Interval>& b, const Matrix<double>& r, double shift);

bool is_positive_semidefinite(const Matrix<Rational>& a);

// A set J of indices, as large as the rank, such that a[J, J] is regular: the rows (columns) J of a are a basis of its
// row (column) space. Throws std::invalid_argument unless a is positive semidefinite.
// Proof: elimination on the diagonal; what is left of a semidefinite matrix is semidefinite, and it is zero as soon as
// its diagonal is.
std::vector<std::size_t> independent_indices(const Matrix<Rational>& a);

}  // namespace lyapcert
