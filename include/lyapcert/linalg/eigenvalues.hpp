// Enclosures of all eigenvalues of a symmetric matrix.
//
// Lemma. Let G be symmetric, V square, M = V^T G V = D + O with D diagonal, V^T V = I + E, and
// ||E||_inf <= eps < 1, ||O||_inf <= delta. With eigenvalues in ascending order, for every k
//     lambda_k(G) = lambda_k(M) / theta  for some theta in [1 - eps, 1 + eps],   |lambda_k(M) - lambda_k(D)| <= delta.
//   Proof: V is regular because V^T V > 0, and Ostrowski's theorem puts theta between the extreme eigenvalues of V^T V
//   (Horn & Johnson, Matrix Analysis, 4.5.9); the second claim is Weyl's inequality. E and O are symmetric, so that
//   their 2-norms are at most their inf-norms. The k-th smallest diagonal entry lies between the k-th smallest lower and
//   the k-th smallest upper endpoint.
// V is approximate and needs no properties: cyclic Jacobi at the precision of G up to dimension 60, doubles above (the
// enclosures then have about 13 digits relative to the norm, whatever the precision of G).
#pragma once

#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

inline constexpr std::size_t largest_high_precision_dimension = 60;

// Ascending; entry k encloses the k-th eigenvalue of every symmetric member of g.
std::vector<MpInterval> symmetric_eigenvalues(const Matrix<MpInterval>& g);
// The lemma for a given V, good or bad.
std::vector<MpInterval> symmetric_eigenvalues(const Matrix<MpInterval>& g, const Matrix<MpInterval>& v);

}  // namespace lyapcert
