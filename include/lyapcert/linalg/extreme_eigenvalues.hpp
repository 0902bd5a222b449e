// The smallest and the largest eigenvalue of a large symmetric matrix, in doubles: O(n^3) plain operations and O(n^2) interval operations.
//
// Lemma. Let A be symmetric, v != 0, s = v^T A v / |v|^2 and rho = |A v - s v| / |v|. Then lambda_1(A) >= s for the largest eigenvalue. Moreover
//   (a) lambda_1(A) <= t whenever t I - A > 0;
//   (b) if t I - (A - theta v v^T) > 0 with theta >= 0 and t < s, then lambda_1(A) <= s + rho^2 / (s - t).
//   Proof. (a) is clear. (b): A - theta v v^T <= A with a difference of rank one, so the second eigenvalue of A is at most the first one of A - theta v v^T
//   (interlacing; Horn & Johnson 4.3.4), hence below t. Let |v| = 1 and w be an eigenvector of
//   lambda_1 =: l >= s > t. (A - l)(A - t) is zero on w and positive semidefinite on its orthogonal complement, where all eigenvalues of A are below t, so
//   0 <= v^T (A - l)(A - t) v = |A v|^2 - (l + t) s + l t = rho^2 + s^2 - (l + t) s + l t = rho^2 - (l - s)(s - t). (Temple 1928, Kato 1949)
// The smallest eigenvalue is minus the largest one of -A. (a) has a relative error of about n^2 times the unit roundoff, (b) nearly none where
// the eigenvalue is isolated. v, t and theta come from floating point; a positive definite matrix is proved to be one by linalg/verified_cholesky.hpp.
#pragma once

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/numeric/interval.hpp"

namespace lyapcert {

struct ExtremeEigenvalues {
    Interval smallest;  // each encloses the eigenvalue of every symmetric member
    Interval largest;
    std::vector<double> smallest_vector;  // approximate
    std::vector<double> largest_vector;
};

// From the lower triangle. Ends that could not be found, or not in time, are infinite.
ExtremeEigenvalues extreme_eigenvalues(const Matrix<Interval>& a, Deadline deadline = no_deadline);

// v^T a v / |v|^2 over the symmetric members; [-inf, inf] for v = 0.
Interval rayleigh_quotient(const Matrix<Interval>& a, const std::vector<double>& v);

}  // namespace lyapcert
