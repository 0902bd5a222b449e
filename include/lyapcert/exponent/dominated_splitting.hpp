// Dominated splitting: a lower bound of the Lyapunov exponent in any dimension, where few coordinates expand and couple weakly to the rest.
// = T26 of proofs/THEOREMS.md.
//
// Write B_k for the matrices of the family or for their transposes: a family and its transposes have the same exponent.
//
// Theorem. Let the coordinates be split into E (not empty) and C, and let W be a finite set of vectors w, all w_i > 0, each of which
// satisfies for every matrix B = B_k
//     (1)  |b_ii| w_i - sum_{l != i} |b_il| w_l >= w_i    for every i in E,
//     (2)  sum_l |b_jl| w_l <= w_j                        for every j in C.
// Let S_k inside E contain every i in E whose row in B_k is not the unit row e_i^T, and for w = w(k) in W
//     g_ki = |b_ii| - (1/w_i) sum of |b_il| w_l over the l != i in S_k or C.
// Then g_ki >= 1 and
//     lambda >= (1/|E|) sum_k p_k sum_{i in S_k} log g_ki >= 0.
//   Proof. g_ki >= 1 by (1). For w in W and u in R^E let m(u) = max_E |u_i| / w_i; let T be a real C x E matrix with |(T u)_j| <= w_j m(u) for
//   all w, u and j ("T is flat"), that is, sum_l |T_jl| w_l <= w_j. On the graph of T, x = (u, T u), the step is x' = B x with E-part u' = M u,
//   m_il = b_il + sum_{j in C} b_ij T_jl. (i) |x_l| <= w_l m(u) for all l, so |x'_j| <= w_j m(u) for j in C by (2). (ii) m(u') >= m(u): let the
//   maximum m(u) be attained at i; |u'_i| >= |b_ii| w_i m(u) - sum_{l != i} |b_il| w_l m(u) >= w_i m(u) by (1). So M is injective, hence
//   invertible, and B maps the graph of T onto the graph of T' = (C-part of x') M^{-1}, flat since |x'_j| <= w_j m(u) <= w_j m(u'). (iii) Rows
//   of M outside S = S_k are unit rows, so det M = det M[S, S]. For i in S
//     |m_ii| w_i - sum_{l in S, l != i} |m_il| w_l >= |b_ii| w_i - sum_{l in S, l != i} |b_il| w_l - sum_{j in C} |b_ij| sum_{l in E} |T_jl| w_l >= g_ki w_i,
//   and the modulus of a determinant with dominant diagonal is at least the product of these row excesses, after scaling by w (Ostrowski 1937):
//   |det M| >= prod_{i in S} g_ki. Start at T = 0: the E-part of A_m...A_1 (u, 0) is M_m...M_1 u, so
//     |E| log ||product|| >= log |det M_m...M_1| >= the sum over the steps of sum_{i in S} log g_ki; take expectations and divide by m |E|.
//
// In words: the |E|-dimensional volume in the expanding coordinates grows, whatever couples them to each other.
//
// Single-sample SGD, A_i = I - K e_i e_i^T with K = eta G: the transposes change one coordinate, a_i -> a_i - (K a)_i (the coefficients a of
// x = sum a_i h_i, though no such x is needed, so that K may be singular). With d_i = K_ii, E = {i: d_i > 2} the hypothesis is
//     | |1 - d_i| - 1 | w_i >= sum_{l != i} |K_il| w_l  for all i:
// H w >= 0 for the matrix H with | |1 - d_i| - 1 | on the diagonal and -|K_il| off it, an M-matrix; and
//     lambda >= (1 / (N |E|)) sum_E log( |1 - d_i| - min_W sum_{j in C} |K_ij| w_j / w_i ).
// What is lost to the coupling is of second order in it, and coupling inside E costs nothing in the bound. The best w for i is the one with
// equality in (1) and (2) but for the row i, if |E| of them are affordable. E = everything is the determinant bound, for which (1) is not needed.
//
// Interval matrices: (1), (2) and g are evaluated on enclosures, for every member; the member may even change from step to step.
#pragma once

#include <cstddef>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/product/random_product.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert {

struct SplittingEvidence {
    bool transposed = false;             // B_k = A_k^T
    std::vector<std::size_t> expanding;  // E, increasing
    std::vector<std::vector<double>> weights;  // W
};

// The bound for the better of the two families, [-inf, inf] where no splitting was found.
Bound dominated_splitting_bound(const RandomProduct& product);

// What this evidence proves: untrusted, and nothing where it does not satisfy the hypotheses. Exact in the doubles given.
Bound dominated_splitting_bound(const RandomProduct& product, const SplittingEvidence& evidence);

// For every family on a segment (along.hpp, Lemma (b)): by one of the weights alone, which the evidence that is returned holds.
Bound dominated_splitting_bound(const Segment& segment, const SplittingEvidence& evidence);

}  // namespace lyapcert
