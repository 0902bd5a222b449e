// The log-quadratic certificate: a two-sided enclosure of the Lyapunov exponent with a smooth Lyapunov function, for dimension 2 to 6.
// = T22, T23 of proofs/THEOREMS.md; with words T24, with a corrector T51.
//
// Lemma. Let log f(x) = sum_j a_j (1/2) log(x^T Q_j x) with Q_j positive definite, a_j of any sign, s = sum_j a_j > 0, and
//     D(x) = E log f(A x) - log f(x), homogeneous of degree 0. If all matrices of the family are invertible, or log f(0) = -inf is
//     read into D,  inf D <= s lambda <= sup D.
//   Proof. f^{1/s} is continuous, positive and homogeneous of degree 1: Lemmas 1 and 2 of polyhedral.hpp with K = R^n \ {0}.
// A box on which some f(A_k x) vanishes is never proved (kernel.hpp): a proof implies that all matrices are invertible.
// In a basis C of R^n (x = C y) the matrices are C^{-1} A_k C; exponents do not change. The lemma is applied to the words of L matrices, an
// i.i.d. product as well, whose exponent is L lambda: with D_1 = D the function of L steps is the sum over l < L of E D(A_l...A_1 x), in which the
// fluctuations of D average out. A few steps are worth many more forms.
//
// The inequality is proved by branch and bound over the faces y_i = 1 of the cube [-1, 1]^n: src/exponent/log_quadratic/.
//
// A corrector (src/exponent/log_quadratic/corrector.hpp, T51) adds a function that is linear on each of many boxes to log f. Its optimum
// is an average of D over what a worst-case path visits, instead of the worst value of D: enclosures become narrower by factors of ten to a hundred.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/product/random_product.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert {

// The bisection trees of the faces y_1 = 1, ..., y_n = 1, [-1, 1]^{n-1} each, one after the other, in depth-first order, the lower part
// first: the axis that is bisected (an index among the n - 1 free coordinates), or -1 for a box. Boxes are numbered in this order.
struct BoxCorrectorEvidence {
    std::vector<std::int8_t> bisections;
    std::vector<double> values;  // V_b
    std::vector<double> slopes;  // g_b, n - 1 numbers each
};

// f and the basis, as exact doubles. What it proves is found by proving it again.
struct LogQuadraticEvidence {
    Matrix<double> basis;               // C, n x n
    std::vector<Matrix<double>> forms;  // Q_j, symmetric, in the coordinates y
    std::vector<double> weights;        // a_j
    int steps = 1;                      // L
    std::shared_ptr<const BoxCorrectorEvidence> corrector;  // null: none
};

struct LogQuadraticResult {
    Bound bound;                      // with evidence where control.keep_evidence asks for it
    std::size_t boxes = 0;            // looked at in all proofs by branch and bound
    std::size_t corrector_boxes = 0;  // of the largest corrector that proved an end of `bound`
};

inline constexpr std::size_t log_quadratic_min_dimension = 2;
inline constexpr std::size_t log_quadratic_max_dimension = 6;

// Searches and proves until control.satisfied or the deadline. The enclosure is [-inf, inf] when nothing could be proved.
LogQuadraticResult log_quadratic_bound(const RandomProduct& product, const SearchControl& control);

// The same for all families on a segment (along.hpp, Lemma (d)): the enclosure holds for each of them.
LogQuadraticResult log_quadratic_bound(const Segment& segment, const SearchControl& control);

// What evidence for one end proves for every family on the segment (along.hpp, Lemma (d)), untrusted: nothing for evidence of several steps. Without a corrector
// it is tried whether the bound `enough` holds, no other. Throws std::invalid_argument or std::logic_error when the evidence is not of the required kind.
Bound log_quadratic_bound(const Segment& segment, const std::shared_ptr<const LogQuadraticEvidence>& evidence, Side side, double enough, Deadline deadline = no_deadline);

}  // namespace lyapcert
