// The Lyapunov exponent lambda of a random product: picks the bounds that apply, runs them, combines what they prove.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/invariant_cone.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// When an enclosure of lambda is good enough. Default: the sign, then width 1e-4.
struct Goal {
    bool sign = true;
    std::optional<double> width = 1e-4;

    // The sign counts as known for lower > 0, upper < 0 and lower = upper = 0.
    bool reached(double lower, double upper) const;
};

// What a certificate needs of one end that a search has found: of one of these kinds.
struct SearchEvidence {
    std::shared_ptr<const FanEvidence> fan;
    std::shared_ptr<const LogQuadraticEvidence> quadratic;
    std::shared_ptr<const WeightedMomentEvidence> moment;
    std::shared_ptr<const InvariantConeEvidence> cone;
};

// One component of the reduction (reduction.hpp), in the order that makes every matrix block lower triangular, and what was proved of it.
struct LyapunovPart {
    Rational weight;
    std::vector<std::size_t> indices;
    RandomProduct product;
    MpInterval enclosure;  // of weight * lambda(product)
    std::string lower_method;
    std::string upper_method;
    SearchEvidence lower_evidence;
    SearchEvidence upper_evidence;
};

struct LyapunovExponent {
    MpInterval enclosure = MpInterval::everything();
    std::string lower_method;  // which bound gave the lower endpoint; empty when there is none
    std::string upper_method;
    bool goal_reached = false;
    std::vector<LyapunovPart> parts;
    std::size_t leaves = 0;  // of the largest polyhedral certificate, 0 without one
    std::size_t boxes = 0;   // looked at in all log-quadratic proofs
    std::size_t words = 0;   // of the largest proof on an invariant cone
    std::size_t states = 0;  // of the largest automaton of a weighted second moment

    std::string method() const;  // both, in a few words
};

// `extra` are bounds known otherwise (from the Gram matrix, say); `second_moment` the exponent Lambda_2 of the same product
// (lambda <= Lambda_2 / 2). `precision` in bits is used where a formula can use it. `control.satisfied` is ignored: `goal`
// takes its place.
LyapunovExponent lyapunov_exponent(const RandomProduct& product, const Bound& second_moment, const std::vector<Bound>& extra, const Goal& goal,
                                   SearchControl control, long precision);

}  // namespace lyapcert
