// Products that leave a convex cone invariant (positive matrices above all): lambda from both sides, in any dimension.
//
// K is a closed convex cone with interior that contains no line, B_i = +A_i or -A_i with B_i K in K, f a product of powers of linear functionals
// that are positive on K \ {0}: log f(x) = (1/s) sum_a c_a log <l_a, x>, s = sum_a c_a > 0, c_a of any sign. D(x) = sum_i p_i log f(B_i x) - log f(x).
//
// Lemma. Let W be a finite complete prefix code over the symbols (every infinite sequence begins with exactly one w in W), and for w = (w_1, ..., w_d) let
// P_w = B_{w_1} ... B_{w_d}, w_1 being the *latest* factor, and C_w = P_w K \ {0}. If every C_w is not empty and B_i y != 0 for all y in C_w, all i, then
//     sum_w p_w inf_{C_w} D <= lambda <= sum_w p_w sup_{C_w} D.
//   Proof. Products of A_i and of B_i differ by signs: let A_i = B_i. Let w* be a longest word of W, x* in C_w*. A word v w* is never shorter than
//   w*, so a prefix of it is in W; by induction P_v x* != 0 lies in C of that prefix and no factor kills it. So P_v != 0 for all v, hence P_v x != 0 for
//   x inside K (were it zero, then for y in K, x - ty in K for some t > 0, and -t P_v y and P_v y both in K, so P_v y = 0, and K spans the space).
//   Let x_0 be inside K, x_m = B_{xi_m} x_{m-1}. On K, f and the norm are comparable (both are positive, continuous and homogeneous), and |P y| <= c |P x_0|
//   for unit vectors y of K, for all P that leave K invariant: x_0 - ty is in K for a fixed t, and <l, P y> <= <l, P x_0>/t. So lambda = lim (1/m) E log f(x_m),
//   which telescopes into the mean of E D(x_k), all finite. As soon as k is the length of w*, x_k is in C_w with probability p_w, w being read off the latest
//   factors first. []
//
// By the same proof E[D(x_k) | the latest symbols spell w] lies in any interval that contains D on C_w, and in the mean over i of such intervals for w i:
// so the bound of a word is intersected with that of its children, and only as many roundings add up as a word is long. Hilbert's metric contracts: the cones C_w
// shrink like tau^|w| whatever the dimension, and f is chosen so that D is nearly constant to begin with.
//
// Two kinds of cones, each in coordinates of its own: the orthant {x >= 0}, after a change of signs of coordinates; and the cone over a cube {|x_k| <= x_0}, after
// a change of basis. How D is bounded on C_w in plain doubles: src/exponent/invariant_cone/cone_table.hpp. Interval matrices: everything is evaluated on enclosures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

struct InvariantCone {
    std::vector<int> signs;   // of the coordinates, for an orthant; otherwise empty
    Matrix<double> basis;     // its columns are the coordinate directions of a cube; otherwise empty
    std::vector<int> factor;  // B_i = factor_i A_i
};

struct InvariantConeEvidence {
    InvariantCone cone;
    Matrix<double> functionals;   // rows l_a, in the coordinates of the cone
    std::vector<double> weights;  // c_a
    double threshold = 0.0;       // words are extended while p_w (sup - inf) exceeds it
};

struct InvariantConeResult {
    Bound bound;            // with evidence, always: it is small
    std::size_t words = 0;  // looked at in the proof
};

// Could there be a cone? Costs nothing.
bool invariant_cone_applies(const RandomProduct& product);
// Is one found, and proved to be invariant? A few milliseconds.
bool has_invariant_cone(const RandomProduct& product);

// Searches and proves until control.satisfied or the deadline; [-inf, inf] in a few milliseconds where no cone is found.
InvariantConeResult invariant_cone_bound(const RandomProduct& product, const SearchControl& control);

// What this evidence proves: untrusted. Nothing where the hypotheses are not proved or more than `most_words` are needed.
InvariantConeResult invariant_cone_bound(const RandomProduct& product, const InvariantConeEvidence& evidence, std::uint64_t most_words = 100000000);

}  // namespace lyapcert
