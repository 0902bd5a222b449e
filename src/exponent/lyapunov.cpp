#include "lyapcert/exponent/lyapunov.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"
#include "lyapcert/exponent/invariant_cone.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/exponent/reduction.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/linalg/convert.hpp"

namespace lyapcert {

namespace {

using Clock = std::chrono::steady_clock;

// The two halves of an enclosure with the method that gave each.
struct Halves {
    MpInterval enclosure = MpInterval::everything();
    std::string lower_method;
    std::string upper_method;

    // Intersects with a further proved enclosure of the same number.
    void improve(const Bound& bound) {
        if (mpfr_greater_p(bound.enclosure.lower(), enclosure.lower())) lower_method = bound.method;
        if (mpfr_less_p(bound.enclosure.upper(), enclosure.upper())) upper_method = bound.method;
        enclosure = intersect(enclosure, bound.enclosure);
    }
};

struct Component {
    Rational weight;
    RandomProduct product;
    std::vector<std::size_t> indices;
    Halves lambda;  // weight included
    bool closed = false;
    SearchEvidence lower_evidence;
    SearchEvidence upper_evidence;

    void improve(const Bound& bound) {
        const long precision = bound.enclosure.precision();
        lambda.improve(Bound{weight == 1 ? bound.enclosure : bound.enclosure * MpInterval(weight, precision), bound.method});
    }
};

// The largest of the components' exponents.
Halves largest(const std::vector<Component>& components) {
    Halves result = components.front().lambda;
    for (std::size_t c = 1; c < components.size(); ++c) {
        const Halves& other = components[c].lambda;
        if (mpfr_greater_p(other.enclosure.lower(), result.enclosure.lower())) result.lower_method = other.lower_method;
        if (mpfr_greater_p(other.enclosure.upper(), result.enclosure.upper())) result.upper_method = other.upper_method;
        result.enclosure = max(result.enclosure, other.enclosure);
    }
    return result;
}

constexpr std::size_t weighted_moment_min_dimension = 3;  // in dimension 2 the fan is as quick

constexpr std::size_t largest_written_moment = 16;        // above, a certificate proves a weighted second moment more easily than Lambda_2

bool weighted_moment_applies(const RandomProduct& product) {
    return product.scaled_gram() != nullptr && product.dimension() >= weighted_moment_min_dimension;
}

bool can_be_searched(const RandomProduct& product) {
    return (product.dimension() >= polyhedral_min_dimension && product.dimension() <= polyhedral_max_dimension) || weighted_moment_applies(product) ||
           invariant_cone_applies(product);
}
static_assert(polyhedral_min_dimension == log_quadratic_min_dimension && polyhedral_max_dimension == log_quadratic_max_dimension);

// Takes the ends that are better than what was known, with their evidence.
template <class Found, class Wrap>
void take(Component& component, const Found& found, Wrap wrap) {
    const MpInterval before = component.lambda.enclosure;
    component.improve(found.bound);
    if (mpfr_greater_p(component.lambda.enclosure.lower(), before.lower())) component.lower_evidence = wrap(found.lower_evidence);
    if (mpfr_less_p(component.lambda.enclosure.upper(), before.upper())) component.upper_evidence = wrap(found.upper_evidence);
}

// The searches, the one that promises most first: invariant cones, where there are any. Dimension 2: the fan is sharp, log-quadratic functions are the second choice. Above
// it is the other way round, and fans of dimension 5 and 6 are for what the other method cannot do (singular matrices).
void search(Component& component, const SearchControl& control, LyapunovExponent& result) {
    const double weight = component.weight.convert_to<double>();
    SearchControl own = control;
    own.satisfied = [&](double lower, double upper) {
        return control.satisfied(std::max(weight * lower, component.lambda.enclosure.lower_double()), std::min(weight * upper, component.lambda.enclosure.upper_double()));
    };
    const auto satisfied = [&] { return own.satisfied(-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()); };
    const auto fan = [&](Clock::time_point deadline) {
        SearchControl limited = own;
        limited.deadline = deadline;
        const PolyhedralResult found = polyhedral_bound(component.product, limited);
        result.leaves = std::max(result.leaves, found.leaves);
        take(component, found, [](const std::shared_ptr<const FanEvidence>& e) { return SearchEvidence{e, nullptr, nullptr, nullptr}; });
    };
    const auto quadratic = [&] {
        const LogQuadraticResult found = log_quadratic_bound(component.product, own);
        result.boxes += found.boxes + found.corrector_boxes;
        take(component, found, [](const std::shared_ptr<const LogQuadraticEvidence>& e) { return SearchEvidence{nullptr, e, nullptr, nullptr}; });
        return found.bound.enclosure.upper_double() < std::numeric_limits<double>::infinity() || found.bound.enclosure.lower_double() > -std::numeric_limits<double>::infinity();
    };
    const auto weighted_moment = [&](Clock::time_point deadline) {
        SearchControl limited = own;
        limited.deadline = deadline;
        const WeightedMomentResult found = weighted_moment_bound(to_intervals(*component.product.scaled_gram()), limited);
        result.states = std::max(result.states, found.states);
        const MpInterval before = component.lambda.enclosure;
        component.improve(found.bound);
        if (mpfr_less_p(component.lambda.enclosure.upper(), before.upper())) component.upper_evidence = SearchEvidence{nullptr, nullptr, found.evidence, nullptr};
    };
    const auto cone = [&] {
        SearchControl limited = own;
        const auto now = Clock::now();
        limited.deadline = now + (control.deadline - now) / 2;
        const InvariantConeResult found = invariant_cone_bound(component.product, limited);
        result.words = std::max(result.words, found.words);
        const MpInterval before = component.lambda.enclosure;
        component.improve(found.bound);
        const SearchEvidence evidence{nullptr, nullptr, nullptr, found.evidence};
        if (mpfr_greater_p(component.lambda.enclosure.lower(), before.lower())) component.lower_evidence = evidence;
        if (mpfr_less_p(component.lambda.enclosure.upper(), before.upper())) component.upper_evidence = evidence;
    };
    const std::size_t n = component.product.dimension();
    // Where there is a cone nothing else is as sharp; where there is none it costs next to nothing. In dimension 2 a fan is sharp too, as a rule.
    if (has_invariant_cone(component.product)) {
        const auto now = Clock::now();
        if (n == 2) fan(now + (control.deadline - now) / 8);
        if (satisfied()) return;
        cone();
        if (satisfied()) return;
    }
    const bool others = (n >= polyhedral_min_dimension && n <= polyhedral_max_dimension) || weighted_moment_applies(component.product);
    if (!others || Clock::now() > control.deadline) return;
    if (weighted_moment_applies(component.product)) {
        const auto now = Clock::now();
        const bool alone = n > log_quadratic_max_dimension;
        // Below dimension 5 the others are quick as well, but not in families that are nearly stable in norm.
        weighted_moment(alone ? control.deadline : std::min(control.deadline, now + (control.deadline - now) / (n < 5 ? 200 : 50)));
        if (alone || satisfied()) return;
    }
    if (n == 2) {
        fan(control.deadline);
        if (!satisfied() && std::chrono::steady_clock::now() < control.deadline) quadratic();
        return;
    }
    // Gives up early on singular families, which is what the other two are then for.
    const bool given_up = !quadratic();
    const auto now = Clock::now();
    if (given_up && weighted_moment_applies(component.product) && !satisfied()) weighted_moment(now + (control.deadline - now) / 4);
    // The first round over a fan of dimension 5 or 6 knows no deadline: only with time to spare.
    const auto reserve = std::chrono::seconds(n == 6 ? 200 : n == 5 ? 30 : 0);
    if (!satisfied() && std::chrono::steady_clock::now() + reserve < control.deadline) fan(control.deadline);
}

// What costs next to nothing.
void free_bounds(Component& component, bool whole, const Bound& second_moment, long precision, Deadline deadline) {
    if (auto exact = closed_form(component.product, precision)) {
        component.improve(*exact);
        component.closed = true;
        return;
    }
    component.improve(determinant_bound(component.product, precision));
    // In dimension 2 the fan is sharper, and quick.
    if (component.product.dimension() > 2) component.improve(dominated_splitting_bound(component.product).bound);
    const Bound moment = whole ? second_moment : second_moment_exponent(component.product, 64, nullptr, part_of(deadline, 0.25));
    component.improve(second_moment_bound(moment));
}

}  // namespace

bool Goal::reached(double lower, double upper) const {
    const bool sign_known = lower > 0.0 || upper < 0.0 || (lower == 0.0 && upper == 0.0);
    if (sign && !sign_known) return false;
    return !width || lower == upper || upper - lower <= *width;
}

std::string LyapunovExponent::method() const {
    if (lower_method == upper_method) return lower_method;
    if (lower_method.empty()) return upper_method + " (upper)";
    if (upper_method.empty()) return lower_method + " (lower)";
    return lower_method + " (lower), " + upper_method + " (upper)";
}

LyapunovExponent lyapunov_exponent(const RandomProduct& product, const Bound& second_moment, const std::vector<Bound>& extra, const Goal& goal,
                                   SearchControl control, long precision) {
    std::vector<Component> components;
    for (ReducedProduct& part : reduce(product)) components.push_back(Component{part.weight, std::move(part.product), std::move(part.indices), {}, false, {}, {}});
    const bool split = components.size() > 1 || components.front().weight != 1;
    for (Component& component : components) free_bounds(component, !split, second_moment, precision, control.deadline);

    const auto combined = [&] {
        Halves all = largest(components);
        for (const Bound& bound : extra) all.improve(bound);
        all.improve(second_moment_bound(second_moment));
        return all;
    };
    LyapunovExponent result;
    const auto reached = [&](const Halves& h) { return goal.reached(h.enclosure.lower_double(), h.enclosure.upper_double()); };

    std::vector<std::size_t> open;
    for (std::size_t c = 0; c < components.size(); ++c)
        if (!components[c].closed && can_be_searched(components[c].product)) open.push_back(c);
    // Small dimensions first: cheap, and they may decide which of the others matter.
    std::stable_sort(open.begin(), open.end(),
                     [&](std::size_t a, std::size_t b) { return components[a].product.dimension() < components[b].product.dimension(); });
    const auto lacks_evidence = [&](const Component& c) {
        return control.keep_evidence && weighted_moment_applies(c.product) && c.product.dimension() > largest_written_moment && !c.upper_evidence.moment;
    };
    for (std::size_t at = 0; at < open.size(); ++at) {
        Component& component = components[open[at]];
        if (reached(combined()) && !lacks_evidence(component)) continue;
        // A component below the others' lower bound cannot matter.
        if (mpfr_less_p(component.lambda.enclosure.upper(), combined().enclosure.lower())) continue;
        SearchControl own = control;
        const auto now = std::chrono::steady_clock::now();
        own.deadline = now + (control.deadline - now) / static_cast<long>(open.size() - at);
        // Stop as soon as the goal is met for the maximum, or this component is done well enough to be no obstacle.
        const MpInterval before = combined().enclosure;
        const bool alone = components.size() == 1;
        own.satisfied = [&](double lower, double upper) {
            const double l = alone ? std::max(lower, before.lower_double()) : lower;
            const double u = alone ? std::min(upper, before.upper_double()) : upper;
            return goal.reached(l, u) || u < before.lower_double();
        };
        search(component, own, result);
    }
    const Halves all = combined();
    result.enclosure = all.enclosure;
    result.lower_method = all.lower_method;
    result.upper_method = all.upper_method;
    result.goal_reached = reached(all);
    for (Component& c : components)
        result.parts.push_back(LyapunovPart{c.weight, std::move(c.indices), std::move(c.product), c.lambda.enclosure, c.lambda.lower_method, c.lambda.upper_method,
                                            std::move(c.lower_evidence), std::move(c.upper_evidence)});
    return result;
}

}  // namespace lyapcert
