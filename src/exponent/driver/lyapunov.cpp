#include "lyapcert/exponent/lyapunov.hpp"

#include <algorithm>
#include <limits>

#include "exponent/driver/schedule.hpp"
#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/invariant_form.hpp"
#include "lyapcert/exponent/invariant_subspace.hpp"
#include "lyapcert/exponent/near_identity.hpp"
#include "lyapcert/exponent/on_normal_space.hpp"
#include "lyapcert/exponent/reduction.hpp"

namespace lyapcert {

namespace {

using Clock = std::chrono::steady_clock;
using Of = schedule::FreeBound::Of;
constexpr double infinity = std::numeric_limits<double>::infinity();

// One component of the reduction.
struct Component {
    LyapunovPart part;
    bool is_closed = false;  // by a formula

    void improve(const Bound& bound) { part.bound.improve(bound.times(part.weight)); }
};

class Driver {
  public:
    Driver(const Subject& subject, const Bound& lambda2, const Goal& goal, const SearchControl& control, long precision)
        : goal_(goal), control_(control), whole_(subject.product, lambda2, subject.sampling.is_single_sample() ? subject.normal_space : nullptr) {
        for (ReducedProduct& reduced : reduce(subject.product))
            components_.push_back(Component{{reduced.weight, std::move(reduced.indices), std::move(reduced.product), {}}, false});
        const bool is_reduced = components_.size() > 1 || components_.front().part.weight != 1;
        for (const Component& component : components_) tasks_.emplace_back(component.part.product, is_reduced ? std::optional<Bound>() : lambda2);
        for (std::size_t c = 0; c < components_.size(); ++c) bound_freely(components_[c], tasks_[c], precision);
        for (const schedule::FreeBound& row : schedule::free_bounds())
            if (row.of != Of::component && row.applies(whole_)) of_whole_.push_back(row.run(whole_, precision, control.deadline));
    }

    LyapunovExponent run() {
        search_components();
        LyapunovExponent result{combined(), false, {}, effort_};
        result.goal_reached = reached(result);
        for (Component& component : components_) result.parts.push_back(std::move(component.part));
        return result;
    }

  private:
    void bound_freely(Component& component, const Task& task, long precision) {
        if (auto exact = closed_form(task.product(), precision)) {
            component.improve(*exact);
            component.is_closed = true;
            return;
        }
        // Single samples with a connected Gram matrix have no invariant subspace (T73), and preserve a form only where every step is a reflection (contraction).
        const bool may_hide = task.product().scaled_gram() == nullptr;
        if (auto form = may_hide ? invariant_form_bound(task.product(), precision) : std::nullopt) {
            component.improve(*form);
            component.is_closed = true;
            return;
        }
        if (const auto basis = may_hide ? invariant_basis(task.product()) : std::nullopt) {
            bound_in_basis(component, task, *basis, precision);
            component.is_closed = true;
            return;
        }
        for (const schedule::FreeBound& row : schedule::free_bounds())
            if (row.of != Of::whole && row.applies(task)) component.improve(row.run(task, precision, control_.deadline));
    }

    // The same exponent in another basis, in which the family splits into smaller blocks.
    void bound_in_basis(Component& component, const Task& task, const Matrix<Rational>& basis, long precision) {
        auto product = std::make_shared<const RandomProduct>(in_basis(task.product(), basis));
        const Bound lambda2 = task.lambda2() ? *task.lambda2() : Bound::nothing();
        auto exponent = std::make_shared<const LyapunovExponent>(lyapunov_exponent(Subject{*product}, lambda2, goal_, control_, precision));
        effort_.include(exponent->effort);
        const auto evidence = std::make_shared<const InvariantSubspaceEvidence>(InvariantSubspaceEvidence{basis, product, exponent});
        Bound bound = *exponent;
        if (bound.lower.method != Method::none) bound.lower.evidence = evidence;
        if (bound.upper.method != Method::none) bound.upper.evidence = evidence;
        component.improve(bound);
    }

    // What is known of lambda: the largest of the components' exponents, and what was proved of the whole.
    Bound combined() const {
        Bound result = components_.front().part.bound;
        for (std::size_t c = 1; c < components_.size(); ++c) result = Bound::largest(result, components_[c].part.bound);
        for (const Bound& bound : of_whole_) result.improve(bound);
        return result;
    }

    bool reached(const Bound& bound) const { return goal_.reached(bound.enclosure); }

    // Only the sign is missing, and doubles cannot tell it: they see the identity.
    bool is_beyond_doubles(std::size_t c, const Bound& known) const {
        return Goal{false, goal_.width}.reached(known.enclosure) && bits_near_identity(tasks_[c].product()) > most_bits_of_doubles;
    }

    bool can_be_searched(std::size_t c) const {
        const auto& table = schedule::searches();
        return !components_[c].is_closed && std::any_of(table.begin(), table.end(), [&](const schedule::Search& row) { return row.applies(tasks_[c]); });
    }

    // In large dimension the checker has no proof of Lambda_2, but one of a weighted second moment.
    bool lacks_evidence(std::size_t c) const {
        constexpr std::size_t largest_written_moment = 16;
        const auto& table = schedule::searches();
        return control_.keep_evidence && tasks_[c].dimension() > largest_written_moment && components_[c].part.bound.upper.method != Method::weighted_moment &&
               std::any_of(table.begin(), table.end(), [&](const schedule::Search& row) { return row.method == Method::weighted_moment && row.applies(tasks_[c]); });
    }

    void search_components() {
        std::vector<std::size_t> open;
        for (std::size_t c = 0; c < components_.size(); ++c)
            if (can_be_searched(c)) open.push_back(c);
        // Small dimensions first: cheap, and they may decide which of the others matter.
        std::stable_sort(open.begin(), open.end(), [&](std::size_t a, std::size_t b) { return tasks_[a].dimension() < tasks_[b].dimension(); });
        for (std::size_t at = 0; at < open.size(); ++at) {
            const std::size_t c = open[at];
            const Bound before = combined();
            if (reached(before) && !lacks_evidence(c)) continue;
            if (is_beyond_doubles(c, before) && !lacks_evidence(c)) continue;
            // A component below the others' lower bound cannot matter.
            if (mpfr_less_p(components_[c].part.bound.enclosure.upper(), before.enclosure.lower())) continue;
            SearchControl own = control_;
            const auto now = Clock::now();
            own.deadline = now + (control_.deadline - now) / static_cast<long>(open.size() - at);
            // Stop as soon as the goal is met for the maximum, or this component is done well enough to be no obstacle.
            const bool alone = components_.size() == 1;
            own.satisfied = [&](double lower, double upper) {
                const double l = alone ? std::max(lower, before.enclosure.lower_double()) : lower;
                const double u = alone ? std::min(upper, before.enclosure.upper_double()) : upper;
                return goal_.reached(l, u) || u < before.enclosure.lower_double();
            };
            search(components_[c], tasks_[c], own);
        }
    }

    // The rows of the schedule, until own.satisfied. `own` speaks of the component's exponent times its weight.
    void search(Component& component, const Task& task, const SearchControl& own) {
        const double weight = component.part.weight.convert_to<double>();
        SearchControl control = own;
        control.satisfied = [&](double lower, double upper) {
            const MpInterval& known = component.part.bound.enclosure;
            return own.satisfied(std::max(weight * lower, known.lower_double()), std::min(weight * upper, known.upper_double()));
        };
        schedule::Fruitless fruitless;
        for (const schedule::Search& row : schedule::searches()) {
            const auto now = Clock::now();
            if (row.reserve >= 0.0 && now + std::chrono::duration<double>(row.reserve) > own.deadline) continue;
            if (!row.applies(task) || !row.when(task, fruitless)) continue;
            control.deadline = row.share == 1.0 ? own.deadline
                                                : now + std::chrono::duration_cast<Clock::duration>((own.deadline - now) * row.share);
            const Found found = row.run(task, control);
            effort_.include(found.effort);
            if (found.bound.lower.method == Method::none && found.bound.upper.method == Method::none) fruitless.insert(row.method);
            component.improve(found.bound);
            if (control.satisfied(-infinity, infinity)) return;
        }
    }

    const Goal& goal_;
    const SearchControl& control_;
    Task whole_;
    std::vector<Component> components_;
    std::vector<Task> tasks_;       // of the components
    std::vector<Bound> of_whole_;
    Effort effort_;
};

}  // namespace

bool Goal::reached(const MpInterval& x) const {
    if (at_least || at_most) return (at_least && mpfr_cmp_d(x.lower(), *at_least) >= 0) || (at_most && mpfr_cmp_d(x.upper(), *at_most) <= 0);
    if (sign && !certainly_positive(x) && !certainly_negative(x) && !is_zero(x)) return false;
    if (!width || mpfr_equal_p(x.lower(), x.upper()) != 0) return true;
    MpInterval difference(x.precision());
    mpfr_sub(difference.upper_ref(), x.upper(), x.lower(), MPFR_RNDU);
    return mpfr_cmp_d(difference.upper(), *width) <= 0;
}

bool Goal::reached(double lower, double upper) const {
    if (at_least || at_most) return (at_least && lower >= *at_least) || (at_most && upper <= *at_most);
    const bool sign_known = lower > 0.0 || upper < 0.0 || (lower == 0.0 && upper == 0.0);
    if (sign && !sign_known) return false;
    return !width || lower == upper || upper - lower <= *width;
}

std::string LyapunovExponent::method() const {
    const std::string below = to_string(lower.method);
    const std::string above = to_string(upper.method);
    if (below == above) return below;
    if (below.empty()) return above + " (upper)";
    if (above.empty()) return below + " (lower)";
    return below + " (lower), " + above + " (upper)";
}

LyapunovExponent lyapunov_exponent(const Subject& subject, const Bound& second_moment, const Goal& goal, SearchControl control, long precision) {
    LyapunovExponent result = Driver(subject, second_moment, goal, control, precision).run();
    if (subject.normal_space != nullptr) {
        static_cast<Bound&>(result) = on_normal_space(*subject.normal_space, result);
        result.goal_reached = goal.reached(result.enclosure);
    }
    return result;
}

}  // namespace lyapcert
