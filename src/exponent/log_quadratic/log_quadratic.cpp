#include "lyapcert/exponent/log_quadratic.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>

#include "exponent/log_quadratic/approximate_corrector.hpp"
#include "exponent/log_quadratic/approximate_search.hpp"
#include "exponent/log_quadratic/ends.hpp"
#include "exponent/log_quadratic/proof.hpp"

namespace lyapcert {

namespace log_quadratic {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Search and proof alternate, from few forms to many; the side that decides the sign comes first.
class Engine {
  public:
    Engine(const RandomProduct& product, const SearchControl& control) : product_(product), control_(control) {}
    // For all families on the segment: searched in its middle, proved at both ends, with images of all of them.
    Engine(const Segment& segment, const SearchControl& control) : product_(segment.middle), segment_(&segment), control_(control) {}

    LogQuadraticResult run() {
        if (forms_allowed(1) < 16) return finish();
        const ApproximateSearch& single = search_of(1);
        const double estimate = single.estimate();
        if (single.nearly_singular() || !std::isfinite(estimate)) return finish();
        const Side first = estimate > 0.0 ? Side::lower : Side::upper;
        const Side second = first == Side::lower ? Side::upper : Side::lower;
        // Is it the sign or one end that is wanted, which hangs on the first side alone?
        constexpr double any = 0x1p1000;
        const bool both = !(first == Side::lower ? control_.satisfied(any, infinity) : control_.satisfied(-infinity, -any));
        const std::vector<Side> wanted = both ? std::vector<Side>{first, second} : std::vector<Side>{first};
        // A corrector of moderate size first where boxes are few; forms where it leaves the sign open, or boxes are many; then the corrector again,
        // with all that is left.
        const bool low_dimension = product_.dimension() <= 4;
        constexpr std::size_t moderate = 6000;
        if (segment_ != nullptr) return along_segment(first);
        if (low_dimension && correct(wanted, moderate) && done()) return finish();
        int at = 0;
        for (Stage stage : stages(product_.dimension())) {
            const bool sign_known = lower() > 0.0 || upper() < 0.0;
            if (at >= (low_dimension ? 2 : 3) || (low_dimension && sign_known))
                if (correct(wanted, std::numeric_limits<std::size_t>::max())) break;
            // Very many words leave room for few forms, or none; the search may exceed what it is told by a few.
            const std::size_t allowed = forms_allowed(stage.steps);
            const bool only_first = at++ == 0;
            if (allowed < 16) continue;
            stage.effort.forms = std::min(stage.effort.forms, allowed - 4);
            attempt(only_first || low_dimension ? std::vector<Side>{first} : wanted, stage);
            if (done()) break;
        }
        return finish();
    }

  private:
    struct Stage {
        int steps;
        ApproximateSearch::Effort effort;
    };

    // Forms alone: a corrector jumps from box to box, and images that move along the segment meet many.
    LogQuadraticResult along_segment(Side side) {
        for (const auto& effort : {ApproximateSearch::Effort{40, 1e-3, 0}, ApproximateSearch::Effort{60, 1e-3, 200}, ApproximateSearch::Effort{110, 3e-4, 400}}) {
            Stage stage{1, effort};
            stage.effort.forms = std::min(stage.effort.forms, forms_allowed(1) - 4);
            attempt({side}, stage);
            if (done()) break;
        }
        return finish();
    }

    // From the quick one, which is for the sign, to the sharp ones.
    static std::vector<Stage> stages(std::size_t n) {
        switch (n) {
            case 2: return {{1, {16, 1e-3, 200}}, {2, {32, 1e-4, 400}}, {4, {48, 1e-5, 400}}, {6, {64, 1e-6, 400}}};
            case 3: return {{1, {40, 1e-3, 0}}, {2, {40, 1e-3, 400}}, {2, {90, 3e-4, 400}}, {3, {60, 5e-4, 400}}, {3, {130, 1e-4, 400}}, {4, {80, 2e-4, 400}}};
            case 4: return {{1, {60, 1e-3, 0}}, {2, {60, 1e-3, 200}}, {2, {110, 5e-4, 400}}, {3, {130, 3e-4, 400}}};
            case 5: return {{1, {70, 1e-3, 0}}, {2, {60, 1e-3, 100}}, {2, {90, 7e-4, 200}}, {3, {80, 5e-4, 200}}};
            default: return {{1, {80, 1e-3, 0}}, {2, {50, 1e-3, 0}}, {2, {80, 7e-4, 100}}, {3, {50, 1e-3, 0}}};
        }
    }

    std::size_t forms_allowed(int steps) const {
        std::size_t words = 1;
        for (int l = 0; l < steps && words < most_forms; ++l) words *= product_.size();
        return most_forms / (words + 1);
    }

    ApproximateSearch& search_of(int steps) {
        std::unique_ptr<ApproximateSearch>& search = searches_[steps];
        if (!search) {
            const auto shorter = searches_.find(steps - 1) != searches_.end() ? searches_.find(steps - 1) : searches_.find(1);
            search = std::make_unique<ApproximateSearch>(product_, steps, shorter == searches_.end() ? nullptr : shorter->second.get());
        }
        return *search;
    }
    const RandomProduct& power_of(int steps) {
        const auto known = powers_.find(steps);
        return known != powers_.end() ? known->second : powers_.emplace(steps, product_.power(steps)).first->second;
    }

    double lower() const { return result_.bound.enclosure.lower_double(); }
    double upper() const { return result_.bound.enclosure.upper_double(); }
    bool late() const { return Clock::now() > control_.deadline; }
    bool done() const { return late() || control_.satisfied(lower(), upper()); }

    // The best bound so far of this side, as a number to exceed: -inf when there is none.
    double merit(Side side) const { return side == Side::lower ? lower() : -upper(); }

    static std::size_t index(Side side) { return side == Side::lower ? 0 : 1; }

    // Candidates of the sides are looked for at the same time, then proved; a side whose proof found a violation tries again.
    void attempt(std::vector<Side> sides, const Stage& stage) {
        ApproximateSearch& search = search_of(stage.steps);
        for (int round = 0; round < 6 && !done(); ++round) {
            sides.erase(std::remove_if(sides.begin(), sides.end(), [&](Side side) { return hopeless_[index(side)]; }), sides.end());
            if (sides.empty()) return;
            std::array<ApproximateSearch::Candidate, 2> candidates;
            tbb::parallel_for(std::size_t{0}, sides.size(), [&](std::size_t k) {
                const RoundNearest guard;
                candidates[k] = search.improve(sides[k], stage.effort, control_.deadline);
            });
            std::vector<Side> again;
            for (std::size_t k = 0; k < sides.size(); ++k) {
                report(sides[k], candidates[k]);
                if (!done() && !prove_candidate(search, sides[k], candidates[k], round)) again.push_back(sides[k]);
                // A spike that no form at hand answers: a map that is nearly singular.
                const double value = sign_of(sides[k]) * candidates[k].value;
                if (round > 0 && value < -4.0 * std::fabs(search.estimate()) - 0.1) hopeless_[index(sides[k])] = true;
            }
            sides = again;
        }
        // Two stages of nothing but violations: another method may do better with the time.
        for (const Side side : sides)
            if (++failed_stages_[index(side)] >= 2 && !std::isfinite(merit(side))) hopeless_[index(side)] = true;
    }

    // False when a level is violated somewhere that the search has not seen.
    bool prove_candidate(ApproximateSearch& search, Side side, const ApproximateSearch::Candidate& candidate, int round) {
        const double sign = sign_of(side);
        const double estimate = sign * search.estimate();
        const double value = sign * candidate.value;
        const int steps = candidate.evidence.steps;
        if (!std::isfinite(value) || candidate.evidence.forms.size() > forms_allowed(steps)) return true;
        // The sign first, with all the room there is; then nearer and nearer to the value. What the search overlooked is found by proofs:
        // each time one fails the next asks for less.
        std::vector<double> levels;
        if (estimate > 0.0 && value > 0.0 && !(merit(side) > 0.0)) levels.push_back(0.1 * value);
        const double gap = std::max(estimate - value, 1e-3 * std::fabs(estimate) + 1e-7);
        const bool small = product_.dimension() <= 4;
        for (const double share : small ? std::vector<double>{2.0, 0.5, 0.05} : std::vector<double>{1.0, 0.25}) levels.push_back(value - share * (1.0 + round) * gap);
        for (const double level : levels) {
            if (done()) return true;
            if (level / steps > merit(side) && !prove_level(search, side, sign * level, candidate.evidence)) return false;
        }
        return true;
    }

    // True when proved or out of time; false when there is something to learn.
    bool prove_level(ApproximateSearch& search, Side side, double level, const LogQuadraticEvidence& evidence) {
        const std::optional<Ends> ends = ends_for(evidence);
        if (!ends) return true;  // the candidate is worth nothing
        ProofLimits limits;
        limits.deadline = control_.deadline;
        limits.violations = product_.dimension() <= 4 ? 200 : 10;
        for (const FormTable& table : ends->tables) {
            const Proof proof = prove(table, side, level, limits);
            result_.boxes += proof.boxes;
            if (proof.proved) continue;
            for (const std::vector<double>& y : proof.violations) search.add_sample(side, y);
            return proof.violations.empty();
        }
        // s L lambda >= level (<= level) with s in degree_interval.
        const Interval exponent = (Interval(level) - Interval(sign_of(side)) * Interval(ends->loss)) / (ends->tables.front().degree_interval * Interval(evidence.steps));
        if (side == Side::lower ? !(exponent.lower() > lower()) : !(exponent.upper() < upper())) return true;
        if (control_.keep_evidence) end_of(side).evidence = std::make_shared<const LogQuadraticEvidence>(evidence);
        keep(side, exponent);
        return true;
    }

    // Nothing where the evidence is too ill-conditioned for a proof.
    std::optional<Ends> ends_for(const LogQuadraticEvidence& evidence) {
        try {
            if (segment_ != nullptr) return ends_of(*segment_, evidence);
            std::optional<FormTable> table = make_forms(power_of(evidence.steps), evidence);
            if (table) return Ends{{std::move(*table)}, 0.0};
        } catch (const std::logic_error&) {
        }
        return std::nullopt;
    }

    // The plainest function with a corrector. Many forms make D flat, but not the corrector's task easier: it has to follow the forms.
    struct Corrected {
        Side side;
        LogQuadraticEvidence evidence;
        Ends ends;
        FormTable middle;  // for the search
        std::vector<ImageMap> maps;
        std::optional<ApproximateCorrector> search;
        double seconds_per_box = 0.0;
        double proof_seconds_per_box = 0.0;
        double proved_level = -infinity;  // times sign
        bool active = true;
        std::size_t size() const { return search->corrector().boxes.size(); }
    };

    std::unique_ptr<Corrected> make_corrected(Side side) {
        auto result = std::make_unique<Corrected>();
        result->side = side;
        result->evidence = search_of(1).plain();
        std::optional<Ends> ends = ends_for(result->evidence);
        auto maps = !ends ? std::nullopt : segment_ != nullptr ? image_maps(*segment_, result->evidence.basis) : image_maps(product_, result->evidence.basis);
        if (!maps) return nullptr;
        result->ends = std::move(*ends);
        result->middle = segment_ != nullptr ? make_forms(product_, result->evidence).value() : result->ends.tables.front();
        result->maps = std::move(*maps);
        result->search.emplace(result->middle, result->maps, product_.probabilities(), side);
        constexpr std::size_t most_at_start = 300000;
        if (!result->search->start(most_at_start, control_.deadline)) return nullptr;
        return result;
    }

    // The sharpest that this method can do, with `most_boxes` and what time and memory there is left; goes on where it was. False when it comes to nothing.
    bool correct(const std::vector<Side>& sides, std::size_t most_boxes) {
        constexpr std::size_t enough_to_time_a_proof = 4000;
        if (!corrections_begun_)
            for (const Side side : sides)
                if (auto job = make_corrected(side)) jobs_.push_back(std::move(job));
        corrections_begun_ = true;
        if (jobs_.empty()) return false;
        while (!done()) {
            // The side that has most to win.
            Corrected* next = nullptr;
            for (const auto& job : jobs_)
                if (job->active && job->size() <= most_boxes && (next == nullptr || job->search->loss() > next->search->loss())) next = job.get();
            if (next == nullptr) break;
            if (!has_budget(*next)) {
                next->active = false;
                prove_corrector(*next);
                continue;
            }
            if (next->proof_seconds_per_box == 0.0 && next->size() > enough_to_time_a_proof) prove_corrector(*next);
            const auto begin = Clock::now();
            next->search->improve(control_.deadline);
            next->seconds_per_box = std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(next->size());
            control_.progress(fmt::format("log-quadratic, corrected: {} boxes, {} about {:.10g}, loss {:.3g}, proved [{:.10g}, {:.10g}]", next->size(), next->side == Side::lower ? "lower" : "upper",
                                          exponent_of(*next, next->search->level()).lower(), next->search->loss(), lower(), upper()));
            double low = lower();
            double high = upper();
            for (const auto& job : jobs_) {
                if (job->search->level() == -infinity) continue;
                const Interval x = exponent_of(*job, job->search->level());
                if (job->side == Side::lower) low = std::max(low, x.lower());
                else high = std::min(high, x.upper());
            }
            if (control_.satisfied(low, high))
                for (const auto& job : jobs_) prove_corrector(*job);
        }
        for (const auto& job : jobs_) prove_corrector(*job);
        return jobs_.size() == sides.size();
    }

    // Time and memory for another round of this side and for the proofs.
    bool has_budget(const Corrected& job) const {
        constexpr double growth = 1.5;
        std::size_t bytes = job.search->bytes();
        double seconds = growth * job.seconds_per_box * static_cast<double>(job.size());
        for (const auto& other : jobs_) {
            if (other.get() != &job) bytes += other->search->bytes();
            if (other->search->level() > other->proved_level)
                seconds += growth * std::max(other->proof_seconds_per_box, 0.5 * other->seconds_per_box) * static_cast<double>(other->size());
        }
        return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)) < control_.deadline && 2 * bytes < control_.memory_bytes;
    }

    // s L lambda >= level (<= level), s the degree of f.
    static Interval exponent_of(const Corrected& job, double signed_level) {
        const Interval level = Interval(sign_of(job.side) * signed_level) - Interval(sign_of(job.side)) * Interval(job.ends.loss);
        return level / (job.ends.tables.front().degree_interval * Interval(job.evidence.steps));
    }

    void prove_corrector(Corrected& job) {
        const BoxCorrector& corrector = job.search->corrector();
        if (!(job.search->level() > job.proved_level)) return;
        const Interval hoped = exponent_of(job, job.search->level());
        if (job.proof_seconds_per_box > 0.0 && (job.side == Side::lower ? !(hoped.upper() > lower()) : !(hoped.lower() < upper()))) return;
        const auto begin = Clock::now();
        double level = sign_of(job.side) * infinity;
        for (const FormTable& table : job.ends.tables) {
            const double at_end = prove_corrected(table, job.maps, product_.probabilities(), job.side, corrector);
            level = job.side == Side::lower ? std::min(level, at_end) : std::max(level, at_end);
        }
        job.proof_seconds_per_box = std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(job.size());
        job.proved_level = job.search->level();
        if (!std::isfinite(level)) return;
        const Interval exponent = exponent_of(job, sign_of(job.side) * level);
        if (job.side == Side::lower ? !(exponent.lower() > lower()) : !(exponent.upper() < upper())) return;
        keep(job.side, exponent);
        result_.corrector_boxes = std::max(result_.corrector_boxes, job.size());
        if (!control_.keep_evidence) return;
        auto evidence = std::make_shared<LogQuadraticEvidence>(job.evidence);
        auto corrections = std::make_shared<BoxCorrectorEvidence>();
        std::vector<std::size_t> order;
        corrections->bisections = corrector.boxes.depth_first(order);
        const std::size_t free = product_.dimension() - 1;
        for (const std::size_t b : order) {
            corrections->values.push_back(sign_of(job.side) * corrector.values[b]);
            for (std::size_t j = 0; j < free; ++j) corrections->slopes.push_back(sign_of(job.side) * corrector.slopes[b * free + j]);
        }
        evidence->corrector = std::move(corrections);
        end_of(job.side).evidence = std::shared_ptr<const LogQuadraticEvidence>(std::move(evidence));
    }

    void keep(Side side, const Interval& exponent) {
        MpInterval& enclosure = result_.bound.enclosure;
        if (side == Side::lower) mpfr_set_d(enclosure.lower_ref(), exponent.lower(), MPFR_RNDD);
        else mpfr_set_d(enclosure.upper_ref(), exponent.upper(), MPFR_RNDU);
        enclosure.check();
        end_of(side).method = Method::log_quadratic;
    }

    void report(Side side, const ApproximateSearch::Candidate& candidate) const {
        control_.progress(fmt::format("log-quadratic: {} steps, {} forms, {} estimate {:.10g}, proved [{:.10g}, {:.10g}]", candidate.evidence.steps, candidate.evidence.forms.size(),
                                      side == Side::lower ? "lower" : "upper", candidate.value / candidate.evidence.steps, lower(), upper()));
    }

    LogQuadraticResult finish() {
        result_.bound.lower.effort.boxes = result_.bound.upper.effort.boxes = result_.boxes + result_.corrector_boxes;
        return result_;
    }

    End& end_of(Side side) { return side == Side::lower ? result_.bound.lower : result_.bound.upper; }

    const RandomProduct& product_;
    const Segment* segment_ = nullptr;
    const SearchControl& control_;
    std::map<int, std::unique_ptr<ApproximateSearch>> searches_;  // by the number of steps
    std::map<int, RandomProduct> powers_;
    bool hopeless_[2] = {false, false};
    int failed_stages_[2] = {0, 0};
    bool corrections_begun_ = false;
    std::vector<std::unique_ptr<Corrected>> jobs_;
    LogQuadraticResult result_;
};

}  // namespace
}  // namespace log_quadratic

LogQuadraticResult log_quadratic_bound(const RandomProduct& product, const SearchControl& control) {
    if (product.dimension() < log_quadratic_min_dimension || product.dimension() > log_quadratic_max_dimension)
        throw std::invalid_argument("the log-quadratic certificate is for dimensions 2 to 6");
    const RoundNearest guard;
    return log_quadratic::Engine(product, control).run();
}

LogQuadraticResult log_quadratic_bound(const Segment& segment, const SearchControl& control) {
    if (segment.middle.dimension() < log_quadratic_min_dimension || segment.middle.dimension() > log_quadratic_max_dimension)
        throw std::invalid_argument("the log-quadratic certificate is for dimensions 2 to 6");
    const RoundNearest guard;
    return log_quadratic::Engine(segment, control).run();
}

}  // namespace lyapcert
