#include "lyapcert/exponent/invariant_cone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "exponent/invariant_cone/approximate_cone.hpp"
#include "exponent/invariant_cone/approximate_function.hpp"
#include "exponent/invariant_cone/words.hpp"

namespace lyapcert {

namespace invariant_cone {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_entries = 100000;  // of all matrices
constexpr std::size_t largest_cube_dimension = 12;

// One function f with its rounds: each has a smaller threshold than the one before.
struct Candidate {
    ApproximateFunction function;
    ConeTable table;
    double threshold = 1e-2;  // of the next round
    double width = std::numeric_limits<double>::infinity();
    std::uint64_t words = 0;  // of the last round
    double work = 0.0;        // of all rounds

    double work_per_word() const { return static_cast<double>(table.rows() + 50); }
};

InvariantConeResult proved(const MpInterval& enclosure, const InvariantConeEvidence& evidence, std::uint64_t words) {
    const auto count = static_cast<std::size_t>(words);
    return {Bound::between(enclosure, {Method::invariant_cone, std::make_shared<const InvariantConeEvidence>(evidence), {0, 0, count, 0}}), count};
}

class Engine {
  public:
    Engine(const RandomProduct& product, const SearchControl& control) : product_(product), control_(control) {}

    InvariantConeResult run() {
        for (const InvariantCone& cone : approximate_cones(product_)) {
            const auto family = family_in(product_, cone);
            if (!family) continue;
            if (explore(cone, *family)) break;
        }
        return std::move(result_);
    }

  private:
    // Small f first; then the one that came furthest with little work. False when nothing was proved.
    bool explore(const InvariantCone& cone, const ConeMaps& family) {
        std::vector<Candidate> candidates;
        std::size_t best = 0;
        double budget = first_budget;
        int worse = 0;
        for (const std::size_t count : counts(family)) {
            if (done()) break;
            ApproximateFunction f = approximate_function(family, count);
            if (!candidates.empty() && f.weights.size() == candidates.back().function.weights.size()) continue;
            ConeTable table(family, f.functionals, f.weights);
            if (!table.usable()) continue;
            candidates.push_back(Candidate{std::move(f), std::move(table)});
            while (!done() && work_on(cone, candidates.back(), budget)) {}
            if (candidates.size() == 1 && !std::isfinite(candidates.front().width)) return false;
            if (candidates.back().width < candidates[best].width) best = candidates.size() - 1, worse = 0;
            else if (++worse == 2) break;
            budget *= 2.0;
        }
        while (!done() && !candidates.empty() && work_on(cone, candidates[best], std::numeric_limits<double>::infinity())) {}
        return proved_;
    }

    static std::vector<std::size_t> counts(const ConeMaps& family) {
        const std::size_t n = family.dimension;
        std::vector<std::size_t> result{1};
        for (std::size_t count = 2 * n; count <= 160; count *= 2) result.push_back(count);
        return result;
    }

    // One more round; false when the budget does not allow it or nothing more is to be had.
    bool work_on(const InvariantCone& cone, Candidate& candidate, double budget) {
        const double left = (budget - candidate.work) / candidate.work_per_word();
        if (candidate.threshold < least_threshold || !(left > static_cast<double>(candidate.words))) return false;
        const double threshold = candidate.threshold;
        const auto mean = mean_over_words(candidate.table, threshold, static_cast<std::uint64_t>(std::min(left, 1e15)), control_.deadline);
        if (!mean) {
            candidate.work = budget;
            return false;
        }
        const double work = static_cast<double>(mean->words) * candidate.work_per_word();
        candidate.work += work;
        // Nothing but roundings is left where more words do not help; the cheaper the round, the bolder the next.
        const double width = mean->upper - mean->lower;
        const bool idle = mean->words > 4 * candidate.words && candidate.words > 0 && width > 0.9 * candidate.width;
        candidate.threshold = idle ? 0.0 : threshold * (work < 1e5 ? 1.0 / 16.0 : 1.0 / 4.0);
        candidate.words = mean->words;
        if (!(width < candidate.width)) return true;
        candidate.width = width;
        const MpInterval enclosure = candidate.table.exponent(mean->lower, mean->upper);
        if (proved_ && enclosure.width_double() >= result_.bound.enclosure.width_double()) return true;
        proved_ = true;
        result_ = proved(enclosure, {cone, candidate.function.functionals, candidate.function.weights, threshold}, mean->words);
        control_.progress(fmt::format("invariant cone: [{:.12g}, {:.12g}], {} functionals, {} words", enclosure.lower_double(), enclosure.upper_double(),
                                      candidate.function.weights.size(), mean->words));
        return true;
    }

    bool done() const {
        return Clock::now() > control_.deadline || (proved_ && control_.satisfied(result_.bound.enclosure.lower_double(), result_.bound.enclosure.upper_double()));
    }

    static constexpr double first_budget = 2e5;
    static constexpr double least_threshold = 1e-18;

    const RandomProduct& product_;
    const SearchControl& control_;
    bool proved_ = false;
    InvariantConeResult result_;
};

}  // namespace
}  // namespace invariant_cone

bool invariant_cone_applies(const RandomProduct& product) {
    const std::size_t n = product.dimension();
    if (n < 2 || n > invariant_cone::largest_dimension) return false;
    if (product.scaled_gram() != nullptr && n > invariant_cone::largest_cube_dimension) return false;
    return product.size() * n * n <= invariant_cone::most_entries;
}

bool has_invariant_cone(const RandomProduct& product) {
    const RoundNearest guard;
    if (!invariant_cone_applies(product)) return false;
    const std::vector<InvariantCone> cones = invariant_cone::approximate_cones(product);
    return std::any_of(cones.begin(), cones.end(), [&](const InvariantCone& cone) { return invariant_cone::family_in(product, cone).has_value(); });
}

InvariantConeResult invariant_cone_bound(const RandomProduct& product, const SearchControl& control) {
    const RoundNearest guard;
    if (!invariant_cone_applies(product)) return {};
    return invariant_cone::Engine(product, control).run();
}

InvariantConeResult invariant_cone_bound(const RandomProduct& product, const InvariantConeEvidence& evidence, std::uint64_t most_words) {
    using namespace invariant_cone;
    InvariantConeResult result;
    const auto family = family_in(product, evidence.cone);
    if (!family || !(evidence.threshold > 0.0)) return result;
    const ConeTable table(*family, evidence.functionals, evidence.weights);
    if (!table.usable()) return result;
    const auto mean = mean_over_words(table, evidence.threshold, most_words, std::chrono::steady_clock::time_point::max());
    if (!mean) return result;
    return proved(table.exponent(mean->lower, mean->upper), evidence, mean->words);
}

}  // namespace lyapcert
