#include "lyapcert/exponent/along.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/outlier.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/exponent/reduction.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert {

namespace {

constexpr long precision = MpInterval::default_precision;

// One matrix a(t): lambda(t) = log|a(t)|.
Bound scalar_along(const Segment& segment, Side side) {
    if (segment.middle.size() != 1) return Bound::nothing();
    const auto entry = [](const RandomProduct& product) { return product.matrices().front()(0, 0); };
    const auto positive = [](const Real& x) { return less(Real(0), x) == Ternary::yes; };
    const Real from = entry(segment.from);
    const Real to = entry(segment.to);
    const bool keeps_sign = (positive(from) && positive(to)) || (positive(-from) && positive(-to));
    if (!keeps_sign && side == Side::lower) return Bound::nothing();
    const std::optional<Bound> at_0 = closed_form(segment.from, precision);
    const std::optional<Bound> at_1 = closed_form(segment.to, precision);
    if (!at_0 || !at_1) return Bound::nothing();
    const End end{Method::dimension_one, DimensionOneEvidence{}, {}};
    return side == Side::lower ? Bound::at_least(min(at_0->enclosure, at_1->enclosure), end) : Bound::at_most(max(at_0->enclosure, at_1->enclosure), end);
}

// The evidence of one end, kind by kind.
struct Along {
    const Segment& segment;
    Side side;
    double enough;
    Deadline deadline;

    Bound operator()(DimensionOneEvidence) const { return scalar_along(segment, side); }
    Bound operator()(DeterminantEvidence) const { return side == Side::lower ? determinant_bound(segment, precision) : Bound::nothing(); }
    Bound operator()(const std::shared_ptr<const SplittingEvidence>& evidence) const {
        return side == Side::lower ? dominated_splitting_bound(segment, *evidence) : Bound::nothing();
    }
    Bound operator()(const std::shared_ptr<const OutlierEvidence>& evidence) const {
        if (side == Side::upper || segment.from.scaled_gram() == nullptr || segment.to.scaled_gram() == nullptr) return Bound::nothing();
        return outlier_bound(*segment.from.scaled_gram(), *segment.to.scaled_gram(), *evidence);
    }
    Bound operator()(const std::shared_ptr<const WeightedMomentEvidence>& evidence) const {
        return side == Side::upper ? weighted_moment_bound(segment, *evidence, enough) : Bound::nothing();
    }
    Bound operator()(const std::shared_ptr<const FanEvidence>& evidence) const {
        const Bound bound = polyhedral_bound(segment, evidence, side, enough, deadline);
        constexpr std::size_t most = 4;
        if (reaches(bound) || segment.middle.dimension() > most || is_over(deadline)) return bound;
        // Another fan may: its cone is invariant under all families of the segment, and its leaves are where these need them.
        return better(bound, polyhedral_bound(segment, control()).bound);
    }
    Bound operator()(const std::shared_ptr<const LogQuadraticEvidence>& evidence) const {
        const Bound bound = log_quadratic_bound(segment, evidence, side, enough, deadline);
        if (reaches(bound) || is_over(deadline)) return bound;
        // A weighted second moment loses little along a segment, if there is one that is sharp enough.
        if (side == Side::upper && segment.middle.scaled_gram() != nullptr) {
            SearchControl moment = control();
            moment.satisfied = [this](double, double upper) { return upper < 10.0 * std::min(enough, 0.0) - 1e-12; };
            moment.deadline = part_of(deadline, 0.5);
            const auto found = evidence_as<WeightedMomentEvidence>(weighted_moment_bound(to_intervals(*segment.middle.scaled_gram()), moment).bound.upper.evidence);
            const Bound by_moment = found ? weighted_moment_bound(segment, *found, enough) : Bound::nothing();
            if (reaches(by_moment) || is_over(deadline)) return better(bound, by_moment);
        }
        // A fan may, in low dimension: on cells as small as the way that images go along the segment.
        constexpr std::size_t most = 4;
        if (segment.middle.dimension() <= most) return better(bound, polyhedral_bound(segment, control()).bound);
        return better(bound, log_quadratic_bound(segment, control()).bound);
    }
    SearchControl control() const {
        SearchControl result;
        result.satisfied = [this](double lower, double upper) { return side == Side::lower ? lower >= enough : upper <= enough; };
        result.deadline = deadline;
        result.keep_evidence = true;
        return result;
    }
    Bound better(const Bound& x, const Bound& y) const { return reaches(y) || !reaches(x) ? y : x; }
    bool reaches(const Bound& bound) const {
        const double slack = 1e-9 * std::fabs(enough);  // of roundings
        return side == Side::lower ? bound.enclosure.lower_double() >= enough - slack : bound.enclosure.upper_double() <= enough + slack;
    }
    // What says nothing beyond its point: words that vanish there, cones that need not stay invariant, ...
    template <class Other>
    Bound operator()(const Other&) const { return Bound::nothing(); }
};

const RandomProduct* same_component(const std::vector<ReducedProduct>& reduced, const LyapunovPart& part) {
    const auto found = std::find_if(reduced.begin(), reduced.end(), [&](const ReducedProduct& r) { return r.indices == part.indices && r.weight == part.weight; });
    return found == reduced.end() ? nullptr : &found->product;
}

}  // namespace

Bound bound_along(const Segment& segment, const Bound& at_middle, Side side, double enough, Deadline deadline) {
    try {
        return std::visit(Along{segment, side, enough, deadline}, (side == Side::lower ? at_middle.lower : at_middle.upper).evidence);
    } catch (const std::logic_error&) {  // an end at which the evidence is too ill-conditioned for a proof
        return Bound::nothing();
    }
}

LyapunovExponent exponent_along(const Segment& segment, const LyapunovExponent& at_middle, Side side, double enough, Deadline deadline) {
    LyapunovExponent result = at_middle;
    static_cast<Bound&>(result) = bound_along(segment, at_middle, side, enough, deadline);  // by what was proved of the whole
    const std::vector<ReducedProduct> from = reduce(segment.from);
    const std::vector<ReducedProduct> to = reduce(segment.to);
    Bound together = Bound::nothing();
    for (std::size_t c = 0; c < result.parts.size(); ++c) {
        LyapunovPart& part = result.parts[c];
        const Bound known = part.bound;
        part.bound = Bound::nothing();
        const RandomProduct* at_0 = same_component(from, part);
        const RandomProduct* at_1 = same_component(to, part);
        const double weight = part.weight.convert_to<double>();
        const bool alike = at_0 != nullptr && at_1 != nullptr && at_0->probabilities() == part.product.probabilities() && at_1->probabilities() == part.product.probabilities();
        if (alike) part.bound = bound_along(Segment(*at_0, part.product, *at_1), known, side, enough / weight, deadline).times(part.weight);
        together = c == 0 ? part.bound : Bound::largest(together, part.bound);
    }
    result.improve(together);
    return result;
}

namespace {

// Neither side needs to be sharper than `goal` asks for.
Bound component_along(const Segment& segment, const SearchControl& control) {
    constexpr std::size_t most_for_fans = 4;
    const std::size_t n = segment.middle.dimension();
    if (n == 1) {
        Bound bound = scalar_along(segment, Side::lower);
        bound.improve(scalar_along(segment, Side::upper));
        return bound;
    }
    Bound bound = determinant_bound(segment, precision);
    if (n <= most_for_fans) {
        SearchControl half = control;
        half.deadline = part_of(control.deadline, 0.7);
        bound.improve(polyhedral_bound(segment, half).bound);
        if (control.satisfied(bound.enclosure.lower_double(), bound.enclosure.upper_double())) return bound;
    }
    // What is found in the middle, tried with less and less of the distance to it.
    SearchControl middle = control;
    middle.deadline = part_of(control.deadline, 0.3);
    middle.keep_evidence = true;
    const LyapunovExponent point = lyapunov_exponent(Subject{segment.middle}, Bound::nothing(), Goal{true, 1e-4}, middle, precision);
    for (const Side side : {Side::lower, Side::upper}) {
        const double end = side == Side::lower ? point.enclosure.lower_double() : point.enclosure.upper_double();
        if (!std::isfinite(end)) continue;
        const double sign = side == Side::lower ? 1.0 : -1.0;
        for (double loss = 1e-4 * std::max(std::fabs(end), 1e-3); loss < 1.0 && !is_over(control.deadline); loss *= 3.0) {
            const Bound found = exponent_along(segment, point, side, end - sign * loss, control.deadline);
            if (found.lower.method == Method::none && found.upper.method == Method::none) continue;
            bound.improve(found);
            break;
        }
    }
    return bound;
}

}  // namespace

LyapunovExponent exponent_along(const Segment& segment, const Goal& goal, SearchControl control) {
    control.satisfied = [&goal](double lower, double upper) { return goal.reached(lower, upper); };
    const std::vector<ReducedProduct> from = reduce(segment.from);
    const std::vector<ReducedProduct> to = reduce(segment.to);
    LyapunovExponent result;
    for (ReducedProduct& reduced : reduce(segment.middle)) {
        LyapunovPart part{reduced.weight, std::move(reduced.indices), std::move(reduced.product), {}};
        const RandomProduct* at_0 = same_component(from, part);
        const RandomProduct* at_1 = same_component(to, part);
        if (at_0 != nullptr && at_1 != nullptr && at_0->probabilities() == part.product.probabilities() && at_1->probabilities() == part.product.probabilities())
            part.bound = component_along(Segment(*at_0, part.product, *at_1), control).times(part.weight);
        static_cast<Bound&>(result) = result.parts.empty() ? part.bound : Bound::largest(result, part.bound);
        result.parts.push_back(std::move(part));
    }
    result.goal_reached = goal.reached(result.enclosure);
    return result;
}

}  // namespace lyapcert
