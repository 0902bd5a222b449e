// What the evidence found at one point of a segment of families proves for all of it: bounds that hold at every learning rate of an interval.
// = T70 of proofs/THEOREMS.md.
//
// Let A_k(t), t in [0, 1], be affine in t (product/segment.hpp). A claim is for every t separately; nothing is random in t.
//
// Lemma. (a) Determinant. If A_k(t) = I - K(t) e_k e_k^T and no 1 - K(t)_kk changes its sign, the determinant bound at t is at least the smaller one of the two at the
//     ends. Dimension 1 likewise; and where no matrix changes its sign and there is one alone, lambda itself is between its values at the ends.
// (b) Weighted second moments: an inequality sum_i c_i A_i(t)^T P_i A_i(t) <= P, P_i >= 0, c_i > 0, that holds at both ends holds between them. A dominated splitting with
//     one vector of weights, whose expanding b_ii keep their sign, likewise: its bound at t is at least the smaller one at the ends.
// (c) A fan: with sets T_k that serve for the hull of the images at both ends, and with one set of t_k, what cell_bounds.hpp proves at both ends holds between them.
// (d) A log-quadratic function: with rho_kj^2 >= q_j(Delta_k y) / q_j(B_k y) for all y, B_k = A_k(1/2), Delta_k = A_k(1) - A_k(0), rho_kj < 2, and
//     c = (1/8) sum_k p_k sum_j |a_j| (rho_kj / (1 - rho_kj / 2))^2,
//     D_t(y) lies within c of the chord between D_0(y) and D_1(y); a corrector whose targets serve for the hull adds the same to both.
// (e) An outlier (T27) with K(0) <= K(1) entry by entry on the diagonal: its bound at t is at least that at 0.
//   Proof. (a) log|1 - K(t)_kk| is concave in t where its argument does not vanish, and a concave function is at least the smaller of its values at the ends; in dimension 1
//   with one matrix it is monotone. (b) x -> A(t)^T P A(t) is convex in t in the semidefinite order, as (x^T A(t)^T P A(t) x) is a convex parabola for every x; sums of moduli of
//   affine functions are convex, |b_ii(t)| is affine where it keeps its sign, so that (1) and (2) of dominated_splitting.hpp hold between the ends and the g_ki are concave, and so are
//   their logarithms. (c) F_s(A_k(t) x_j) is affine in t, so L_kj(t) is concave and U_kj(t) convex; for v = sum c_j x_j, sum_k p_k log sum_j c_j L_kj(t) is concave in t, and
//   sum_k p_k sum_j c_j U_kj(t) / t_k convex. (d) For u = A_k(t) y, w = Delta_k y the second derivative of (1/2) log q(u) in t is q(w)/q(u) - 2 q(u, w)^2/q(u)^2, within
//   q(w)/q(u) of 0 by Cauchy-Schwarz, and q(u)^(1/2) >= (1 - rho/2) q(B_k y)^(1/2); a function is within max|g''|/8 of its chord on [0, 1].
//   (e) the hypothesis b >= 2e reads sqrt(p) >= sqrt(q) + sqrt(q + 2) for p = K_oo - q, and the bound increases with p there; the matrix with q at (o, o) is affine in t.
//
// With SGD, t stands for the learning rate. Two more, which need no segment (theorem/threshold.hpp): mean-square stability at eta implies it at all smaller rates; and past max 1/G_ii the
// determinant bound increases.
#pragma once

#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert {

// The end `side` of `at_middle`, which encloses the exponent of segment.middle, for all families on the segment; nothing where its kind of evidence does not reach
// beyond a point, or does not reach so far. A bound need not be sharper than `enough`.
Bound bound_along(const Segment& segment, const Bound& at_middle, Side side, double enough, Deadline deadline);

// The same of an exponent with all its parts: what the components prove together. The result has the parts of `at_middle`, with their new bounds.
LyapunovExponent exponent_along(const Segment& segment, const LyapunovExponent& at_middle, Side side, double enough, Deadline deadline);

// Encloses the exponents of all families on the segment at once, `goal` permitting (its evidence is along the segment): by fans of the segment's own in dimension 2 to 4, and by what a
// search in the middle finds in others. A lower end that is not positive is for regular Gram matrices only (on_normal_space.hpp).
LyapunovExponent exponent_along(const Segment& segment, const Goal& goal, SearchControl control);

}  // namespace lyapcert
