// The polyhedral certificate: a two-sided enclosure of the Lyapunov exponent of any i.i.d. product in low dimension.
// = T14 to T18 of proofs/THEOREMS.md; with a corrector T50.
//
// Lemma 1 (lower half). Let K be a closed cone in R^n \ {0}, K = -K, with A_k K inside K for every matrix A_k of the family,
//     and f > 0 continuous, even and positively homogeneous of degree 1 on K. If  E log f(A v) >= log f(v) + a  for all v
//     in K, then lambda >= a.
//     Proof. Iterating, E log f(A_m...A_1 v) >= log f(v) + m a. On K, f <= C ||.||, so E log ||A_m...A_1|| >= m a - c.
//
// Lemma 2 (upper half). Let K be as before but with A_k v = 0 allowed, f(0) = 0, and let K span R^n. If
//     E log f(A v) <= log f(v) + b  for all v in K (log 0 = -inf), then lambda <= b.
//     Proof. The vectors r(v) = (f(A_k v)/f(v))_k, v in K, form a compact set C. The power means
//     phi_p(r) = (1/p) log sum_k p_k r_k^p decrease, as p falls to 0, to sum_k p_k log r_k, and are upper semicontinuous;
//     so max_C phi_p falls to max_C phi_0 <= b. Given eps > 0 take p with E f(A v)^p <= exp(p (b + eps)) f(v)^p on K. Then
//     E f(A_m...A_1 v)^p <= exp(m p (b + eps)) f(v)^p, and by Markov and Borel-Cantelli almost surely
//     limsup (1/m) log ||A_m...A_1 v|| <= b + 2 eps. Take v in a basis of R^n inside K: the same holds for the norm of the
//     product, whose rate is lambda.
//     No matrix needs to be invertible, and nothing is assumed of irreducibility.
//
// Lemmas 1' and 2' (a corrector). Let K be the union, up to sign, of closed cones s, finitely many, W_s > 0, and for v in s let T_k be a set of
//     these cones, fixed on each of finitely many closed parts of s, such that A_k v lies up to sign in some t in T_k. If
//     sum_k p_k log(W_{t_k} f(A_k v)) >= log(W_s f(v)) + a  for all v in s, all s, and all t_k in T_k that hold A_k v up to sign, then
//     lambda >= a; if <= b, K spanning R^n, then lambda <= b.
//     Proof. Let a path v_m = +-A_{k_m} v_{m-1} carry a cone s_m that holds it, s_m the first in T_k that holds v_m. The lower half follows as
//     in Lemma 1 from E log(W_{s_m} f(v_m)) >= log(W_{s_0} f(v_0)) + m a, the upper one as in Lemma 2 from
//     E (W_{s_m} f(v_m))^p <= e^{pm(b + eps)} (W_{s_0} f(v_0))^p: for each part of each s and each choice of t_k, the vectors
//     (W_{t_k} f(A_k v)/(W_s f(v)))_k, v in this part with A_k v in +-t_k, form a compact set, and these are finitely many.
//     The bounds are then means of D over the cones that a worst path visits, not the worst value of D. In full: T50, proofs/THEOREMS.md.
//
// Here K is a union of cones ("leaves") of a conforming simplicial fan, f is linear on each leaf, and the two
// inequalities are checked leaf by leaf, with a W for each side, in interval arithmetic (src/exponent/polyhedral/cell_bounds.hpp).
// For interval matrices every inequality holds for each choice of A_k in them, hence so does the enclosure.
// Sources: the certificate is a Lyapunov-function argument for Furstenberg's formula; fan refinement: Maubach 1995.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/product/random_product.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert {

// The evidence of a proof: the bisection trees of the 2^(n-1) orthants in depth-first order (true: bisected, false: a leaf), for each
// leaf in that order whether it belongs to K, and f at the vertices in the order in which they appear: e_1, ..., e_n, then the midpoints.
// `corrector`: W for each leaf in K, in the same order; empty stands for W = 1.
struct FanEvidence {
    std::size_t dimension = 0;
    std::vector<bool> bisected;
    std::vector<bool> in_cone;
    std::vector<double> values;
    std::vector<double> corrector;
};

struct PolyhedralResult {
    Bound bound;                    // with evidence where control.keep_evidence asks for it
    std::size_t leaves = 0;         // of the fan, when the best enclosure was proved
    std::size_t leaves_in_cone = 0;  // of these, the ones that make up K
    std::size_t bytes = 0;          // estimate of the memory held by fan and solver at its peak
};

inline constexpr std::size_t polyhedral_min_dimension = 2;
inline constexpr std::size_t polyhedral_max_dimension = 6;

// Refines a fan until control.satisfied, the deadline or the memory limit. Dimension within the limits above. The
// enclosure is [-inf, inf] when not even one round could be finished.
PolyhedralResult polyhedral_bound(const RandomProduct& product, const SearchControl& control);

// The same for all families on a segment (along.hpp, Lemma (c)), in dimension 2 to 4: the enclosure holds for each of them.
PolyhedralResult polyhedral_bound(const Segment& segment, const SearchControl& control);

// What evidence for one end proves for every family on the segment (along.hpp, Lemma (c)), untrusted. No more effort is spent on a leaf whose bound reaches
// `enough`. Throws std::invalid_argument or std::logic_error when the evidence is not of the required kind.
Bound polyhedral_bound(const Segment& segment, const std::shared_ptr<const FanEvidence>& evidence, Side side, double enough, Deadline deadline = no_deadline);

}  // namespace lyapcert
