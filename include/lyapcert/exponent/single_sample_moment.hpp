// Lambda_2 of single-sample SGD for large N: log rho(L), L(X) = E[A^T X A], A_i = I - K e_i e_i^T with i uniform in 1..N, K symmetric.
// = T32 of proofs/THEOREMS.md.
//
// With k_i = K e_i,  A_i^T X A_i = X - X k_i e_i^T - e_i k_i^T X + (k_i^T X k_i) e_i e_i^T,  hence
//     N ((1 + c/N) X - L(X)) = D - diag(K X K),     D := c X + X K + K X,                                                (*)
// where diag keeps the diagonal: only N numbers of X feed the quadratic term.
//
// Lemma. Let K be symmetric with c I + 2 K > 0, X symmetric and D as in (*).
//   (a) D > 0 and D - diag(K X K) >= 0  =>  rho(L) <= 1 + c/N.
//   (b) D > 0, D - diag(K X K) <= 0 and 1 + c/N >= 0  =>  rho(L) >= 1 + c/N.
//   Proof. F = c/2 I + K is positive definite and F X + X F = D, so X = int_0^inf e^{-tF} D e^{-tF} dt (the equation has one solution, for the sums of two
//   eigenvalues of F are not zero), which is positive definite as D is. By (*) L(X) <= (1 + c/N) X in (a), and >= in (b). L is monotone:
//   L^m(X) <= (1 + c/N)^m X (>=), and X is comparable to I (second_moment.hpp, Lemma 1).
//
// Where X comes from. Seek D = diag(u) with u > 0: X = V (Q_ab / (c + s_a + s_b)) V^T, Q = V^T diag(u) V, with K = V diag(s) V^T. Then (K X K)_ii = (M u)_i with
//     M_ij = sum_ab s_a s_b V_ia V_ja V_ib V_jb / (c + s_a + s_b) = int_0^inf e^{-ct} ((K e^{-tK})_ij)^2 dt >= 0,
// a non-negative symmetric matrix that decreases in c, and (a), (b) read M u <= u, M u >= u: rho(L) = 1 + c/N where M has the Perron root 1. The search is
// for that c and the Perron vector u; one product M u costs two matrix products. The proof takes X as it is, in doubles: D then is diag(u) up to
// rounding errors, so that all definiteness follows from diagonal dominance (Gershgorin, rows weighted by 1/sqrt(u_i)), and its cost is one product
// X K in plain doubles with an a-priori bound of its errors, and a Cholesky factorisation for c I + 2 K > 0.
//
// Rounding. Each entry of the product is a sum of N products in some order: its error is at most 1.01 (N + 2) u |X_i| |K_j| + N 2^-1020, u = 2^-52, in every rounding
// mode (verified_cholesky.hpp has the model; Cauchy-Schwarz), and |X_i| |R_j| more for a K within R of its centre. All else is interval arithmetic.
#pragma once

#include <memory>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/numeric/interval.hpp"

namespace lyapcert {

// X and c of (a) or (b).
struct SingleSampleMomentEvidence {
    Matrix<double> x;  // symmetric
    double c = 0.0;
};

struct SingleSampleMoment {
    std::shared_ptr<const SingleSampleMomentEvidence> lower;  // null where no proof was found
    std::shared_ptr<const SingleSampleMomentEvidence> upper;
};

// A search that is short of time leaves the bounds wider, or none.
SingleSampleMoment single_sample_moment(const Matrix<Interval>& k, Deadline deadline = no_deadline);

// The lemma for any X and c. Every symmetric member of k counts.
bool proves_single_sample_moment_at_most(const Matrix<Interval>& k, const SingleSampleMomentEvidence& evidence);
bool proves_single_sample_moment_at_least(const Matrix<Interval>& k, const SingleSampleMomentEvidence& evidence);

}  // namespace lyapcert
