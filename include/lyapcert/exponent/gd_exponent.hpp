// The exponent of full-batch gradient descent: mu = max_k log|1 - kappa_k / N| over the positive eigenvalues kappa_k of the
// scaled Gram matrix M = eta G (Chemnitz & Engel 2025, section 2.3; the normal space corresponds to range(M)).
// = T13 of proofs/THEOREMS.md; what the program alone relies on, T65.
//
// * Diagonal M, N = 1 and rank 1 (kappa = trace): the formula itself, to any number of bits.
// * N = 2: with t = 1 - tr M / 4 and s = ((M_11 - M_22)^2 + 4 M_12^2) / 16 the two numbers 1 - kappa/2 are t +- sqrt(s), and
//   max |t +- sqrt(s)| = |t| + sqrt(s): nothing cancels.
// * Above dimension 60, full rank: x -> |1 - x| is convex, so only the smallest and the largest kappa matter (linalg/extreme_eigenvalues.hpp).
// * Otherwise eigenvalue enclosures at growing precision. A rational M of rank r has N - r eigenvalues that are exactly zero:
//   they are the smallest and are dropped.
// Exact answers for rational M (kappa > 0 makes 1 - kappa/N < 1):
//   mu = -inf iff every positive kappa is N, iff M^2 = N M;
//   mu = 0    iff the largest kappa is 2 N, iff 2 N I - M is positive semidefinite and singular.
#pragma once

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/numeric/real.hpp"
#include "lyapcert/product/normal_space.hpp"

namespace lyapcert {

// Throws std::invalid_argument when the matrix is zero or not positive semidefinite, as far as is known. Where the matrix may be singular without
// our knowing every eigenvalue counts, and a lower end that is not positive is dropped. Above dimension 60, at full rank: late, ends may be infinite.
Bound gd_exponent(const NormalSpace& space, long precision, Deadline deadline = no_deadline);

// mu at all learning rates of [from, to], 0 < from <= to (T71 (a)): eta -> max |1 - eta kappa / N| is convex, so its largest value is at an end, and the smallest one too unless
// eta = 2 N / (kappa_max + kappa_min) lies between; there it is (kappa_max - kappa_min) / (kappa_max + kappa_min), and nowhere less. The space's own learning rate plays no part.
Bound gd_exponent_along(const NormalSpace& space, const Rational& from, const Rational& to, long precision, Deadline deadline = no_deadline);

}  // namespace lyapcert
