#include "lyapcert/exponent/log_quadratic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "exponent/log_quadratic/approximate_search.hpp"
#include "exponent/log_quadratic/proof.hpp"

namespace lyapcert {

namespace log_quadratic {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Search and proof alternate, from few forms to many; the side that decides the sign comes first.
class Engine {
  public:
    Engine(const RandomProduct& product, const SearchControl& control) : product_(product), control_(control), search_(product) {}

    LogQuadraticResult run() {
        if (forms_allowed() < 8 || search_.nearly_singular() || !std::isfinite(search_.estimate())) return finish();
        const Side first = search_.estimate() > 0.0 ? Side::lower : Side::upper;
        const Side second = first == Side::lower ? Side::upper : Side::lower;
        for (ApproximateSearch::Effort effort : efforts(product_.dimension())) {
            effort.forms = std::min(effort.forms, forms_allowed() - 4);  // the search may exceed it by a few
            for (const Side side : {first, second}) {
                if (done()) return finish();
                if (!hopeless_[side == Side::lower ? 0 : 1]) attempt(side, effort);
            }
        }
        return finish();
    }

  private:
    // A product of very many matrices leaves room for few forms, or none.
    std::size_t forms_allowed() const { return most_forms / (product_.size() + 1); }

    static std::vector<ApproximateSearch::Effort> efforts(std::size_t n) {
        switch (n) {
            case 2: return {{16, 1e-3, 200}, {32, 1e-4, 400}, {64, 1e-5, 400}, {128, 1e-6, 400}};
            case 3: return {{40, 1e-3, 0}, {80, 3e-4, 400}, {160, 1e-4, 400}, {280, 3e-5, 400}};
            case 4: return {{60, 1e-3, 0}, {120, 5e-4, 400}, {200, 3e-4, 400}, {320, 1e-4, 400}};
            case 5: return {{70, 1e-3, 0}, {120, 7e-4, 200}, {180, 5e-4, 400}};
            default: return {{80, 1e-3, 0}, {110, 7e-4, 100}, {150, 5e-4, 400}};
        }
    }

    double lower() const { return result_.bound.enclosure.lower_double(); }
    double upper() const { return result_.bound.enclosure.upper_double(); }
    bool late() const { return Clock::now() > control_.deadline; }
    bool done() const { return late() || control_.satisfied(lower(), upper()); }

    // The best bound so far of this side, as a number to exceed: -inf when there is none.
    double merit(Side side) const { return side == Side::lower ? lower() : -upper(); }

    void attempt(Side side, const ApproximateSearch::Effort& effort) {
        const double sign = side == Side::lower ? 1.0 : -1.0;
        const double estimate = sign * search_.estimate();
        for (int round = 0; round < 6 && !done(); ++round) {
            const ApproximateSearch::Candidate candidate = search_.improve(side, effort, control_.deadline);
            const double value = sign * candidate.value;
            report(side, candidate);
            if (late() || !std::isfinite(value) || candidate.evidence.forms.size() > forms_allowed()) return;
            // The sign first, with all the room there is; then nearer and nearer to the value.
            std::vector<double> levels;
            if (estimate > 0.0 && value > 0.0 && !(merit(side) > 0.0)) levels.push_back(0.1 * value);
            const double gap = std::max(estimate - value, 1e-3 * std::fabs(estimate) + 1e-7);
            for (const double share : {1.0, 0.2}) levels.push_back(value - share * gap);
            bool violated = false;
            for (const double level : levels) {
                if (done()) return;
                if (level <= merit(side)) continue;
                if (!prove_level(side, sign * level, candidate.evidence)) {
                    violated = true;
                    break;
                }
            }
            if (!violated) return;
            // A spike that no form at hand answers: a map that is nearly singular.
            if (value < -4.0 * std::fabs(estimate) - 0.1 && round > 0) {
                hopeless_[side == Side::lower ? 0 : 1] = true;
                return;
            }
        }
    }

    // True when proved or out of time; false when there is something to learn.
    bool prove_level(Side side, double level, const LogQuadraticEvidence& evidence) {
        const std::optional<FormTable> table = make_forms(product_, evidence);
        if (!table) throw std::logic_error("the basis is not proved regular");
        ProofLimits limits;
        limits.deadline = control_.deadline;
        const Proof proof = prove(*table, side, level, limits);
        result_.boxes += proof.boxes;
        if (proof.proved) {
            // s lambda >= level (<= level) with s in degree_interval.
            const Interval exponent = Interval(level) / table->degree_interval;
            if (control_.keep_evidence) (side == Side::lower ? result_.lower_evidence : result_.upper_evidence) = std::make_shared<LogQuadraticEvidence>(evidence);
            MpInterval& enclosure = result_.bound.enclosure;
            if (side == Side::lower) mpfr_set_d(enclosure.lower_ref(), exponent.lower(), MPFR_RNDD);
            else mpfr_set_d(enclosure.upper_ref(), exponent.upper(), MPFR_RNDU);
            enclosure.check();
            return true;
        }
        for (const std::vector<double>& y : proof.violations) search_.add_sample(side, y);
        return proof.violations.empty();
    }

    void report(Side side, const ApproximateSearch::Candidate& candidate) const {
        control_.progress(fmt::format("log-quadratic: {} forms, {} estimate {:.10g}, proved [{:.10g}, {:.10g}]", candidate.evidence.forms.size(),
                                      side == Side::lower ? "lower" : "upper", candidate.value, lower(), upper()));
    }

    LogQuadraticResult finish() {
        result_.bound.method = "log-quadratic";
        return result_;
    }

    const RandomProduct& product_;
    const SearchControl& control_;
    ApproximateSearch search_;
    bool hopeless_[2] = {false, false};
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

}  // namespace lyapcert
