#include "lyapcert/exponent/weighted_moment.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "exponent/weighted_moment/approximate_memory.hpp"
#include "exponent/weighted_moment/proof.hpp"
#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert {

Automaton Automaton::without_memory(std::size_t symbols) { return Automaton{1, symbols, std::vector<std::uint32_t>(symbols, 0)}; }

Automaton Automaton::words(std::size_t symbols, int length) {
    Automaton a{1, symbols, {}};
    for (int k = 0; k < length; ++k) a.states *= symbols;
    for (std::size_t s = 0; s < a.states; ++s)
        for (std::size_t i = 0; i < symbols; ++i) a.next.push_back(static_cast<std::uint32_t>((s * symbols + i) % a.states));
    return a;
}

namespace weighted_moment {
namespace {

using Clock = std::chrono::steady_clock;
using Dense = Eigen::MatrixXd;
constexpr double infinity = std::numeric_limits<double>::infinity();

class Engine {
  public:
    Engine(const Matrix<Interval>& k, const SearchControl& control) : k_(k), control_(control), n_(k.rows()) {}

    WeightedMomentResult run() {
        if (!prepare()) return finish();
        ApproximateSearch search(u_, v_, Automaton::without_memory(n_), {1.0});
        // A rough optimum first: large N may have time for no more, and a sign may need no more.
        search.improve(1000.0 * tolerance(), 12, search_deadline());
        prove(search);
        if (!done()) {
            search.improve(tolerance(), 300, search_deadline());
            prove(search);
        }
        grow(search);
        return finish();
    }

    WeightedMomentResult run(const Automaton& automaton) {
        if (!prepare()) return finish();
        ApproximateSearch search(u_, v_, automaton, approximate_stationary(automaton));
        search.improve(tolerance(), 300, search_deadline());
        prove(search);
        return finish();
    }

  private:
    // Memory: split, improve, redirect, prove, until little is gained.
    void grow(ApproximateSearch& search) {
        const double rough = 10.0 * tolerance();
        int idle = 0;
        while (!done() && idle < 2) {
            const double before = search.estimate();
            const std::size_t states = std::min(2 * search.automaton().states, most_states());
            split_states(search, states);
            double estimate = search.improve(rough, 100, search_deadline());
            if (!std::isfinite(estimate)) return;
            for (double part = 1.0; part > 0.01 && Clock::now() < search_deadline(search.automaton().states);) {
                ApproximateSearch redirected = search;
                if (redirect_edges(redirected, part) == 0) break;
                const double value = redirected.improve(rough, 100, search_deadline(search.automaton().states));
                if (value < estimate) std::swap(search, redirected);
                if (!(value < estimate - 2.0 * rough)) part *= 0.25;
                estimate = std::min(estimate, value);
            }
            idle = before - estimate < std::max(5.0 * rough, 3e-4 * std::fabs(estimate)) ? idle + 1 : 0;
            prove(search);
        }
    }

    bool late() const { return Clock::now() > control_.deadline; }
    bool done() const { return late() || control_.satisfied(-infinity, best_); }
    // Some time is left for the proof of what the search has found.
    Clock::time_point search_deadline() const {
        const auto now = Clock::now();
        return now < control_.deadline ? now + (control_.deadline - now) * 8 / 10 : now;
    }
    // The same where a proof for so many states is to be expected to take as long for each as the last one.
    Clock::time_point search_deadline(std::size_t states) const {
        return control_.deadline - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(3.0 * seconds_for_a_state_ * static_cast<double>(states)));
    }
    // The search holds some thirty matrices for each state, and as many vectors as there are symbols.
    std::size_t most_states() const {
        const std::size_t bytes = 8 * n_ * n_ * 40;
        return std::clamp<std::size_t>(control_.memory_bytes / bytes, 1, 4096);
    }

    bool prepare() {
        if (late()) return false;
        for (const Interval& x : k_.entries())
            if (!std::isfinite(x.lower()) || !std::isfinite(x.upper())) return false;
        if (!choose_basis()) return false;
        const auto size = static_cast<Eigen::Index>(n_);
        u_.resize(size, size);
        v_.resize(size, size);
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t a = 0; a < n_; ++a) {
                u_(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(i)) = 0.5 * steps_->u(i, a).lower() + 0.5 * steps_->u(i, a).upper();
                v_(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(i)) = steps_->v(i, a);
            }
        return true;
    }

    double tolerance() const { return 1e-6 / static_cast<double>(n_); }

    WeightedMomentResult finish() {
        if (best_ < infinity) result_.bound = Bound::at_most(to_mp(Interval(best_)), {Method::weighted_moment, evidence_of(evidence_), {0, 0, 0, result_.states}});
        return std::move(result_);
    }

    // T: the Cholesky factor of K + delta I for the smallest delta that goes well.
    bool choose_basis() {
        const auto index = static_cast<Eigen::Index>(n_);
        Dense middle(index, index);
        double largest = 0.0;
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t j = 0; j < n_; ++j) {
                const Interval& x = k_(std::max(i, j), std::min(i, j));
                middle(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = 0.5 * x.lower() + 0.5 * x.upper();
                largest = std::max(largest, std::fabs(x.upper()));
            }
        for (double delta = 0.0; delta < largest && !late(); delta = std::max(1e-13 * largest, 30.0 * delta)) {
            Matrix<double> t(n_, n_, 0.0);
            {
                const RoundNearest guard;
                const Eigen::LLT<Dense> factor(middle + delta * Dense::Identity(index, index));
                if (factor.info() != Eigen::Success || !(factor.matrixLLT().diagonal().minCoeff() > 1e-5 * std::sqrt(largest))) continue;
                for (std::size_t i = 0; i < n_; ++i)
                    for (std::size_t j = 0; j <= i; ++j) t(i, j) = factor.matrixLLT()(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
            }
            steps_ = steps_in_basis(k_, t, control_.deadline);
            if (!steps_) continue;
            basis_ = std::move(t);
            return true;
        }
        return false;
    }

    // From the approximate optimum to evidence that is proved. A strict inequality is paid for with half of the excess; an interval in K, or a K that is nearly
    // singular, may ask for more of it.
    void prove(ApproximateSearch& search) {
        if (!std::isfinite(search.estimate())) return;
        const auto start = Clock::now();
        const double least = std::clamp(2e-3 * std::fabs(search.estimate()), 1e-10, 10.0 * tolerance());
        const auto worth = [&](double excess) { return !late() && search.estimate() + 0.5 * excess < best_; };
        double excess = std::max(least, needed_excess_ / 6.0);
        double failed = 0.0;
        for (; excess < 0.1; failed = excess, excess *= 30.0) {
            if (!worth(excess)) return;
            if (prove(search, excess)) break;
        }
        while (excess > std::max(least, 6.0 * failed) && worth(excess / 6.0) && prove(search, excess / 6.0)) excess /= 6.0;
        needed_excess_ = excess;
        seconds_for_a_state_ = std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(search.automaton().states);
    }

    bool prove(ApproximateSearch& search, double excess) {
        std::vector<Dense> p;
        double r = 1.0;
        if (!search.strict_forms(excess, control_.deadline, p, r)) return false;
        const auto evidence = rounded(search, p, r);
        for (const double c : evidence->weights.entries())
            if (!(c > 0x1p-90)) return false;
        std::vector<std::size_t> all(evidence->automaton.states);
        std::iota(all.begin(), all.end(), std::size_t{0});
        const std::vector<bool> proved = StateProof(*steps_, evidence->automaton, evidence->forms).proved(all, evidence->weights);
        if (std::find(proved.begin(), proved.end(), false) != proved.end()) return false;
        const double bound = mean_growth(evidence->weights);
        control_.progress(fmt::format("weighted second moment: lambda <= {:.6g} with {} state{}", bound, all.size(), all.size() == 1 ? "" : "s"));
        if (!(bound < best_)) return true;
        best_ = bound;
        result_.states = all.size();
        if (control_.keep_evidence) evidence_ = evidence;
        return true;
    }

    std::shared_ptr<WeightedMomentEvidence> rounded(const ApproximateSearch& search, const std::vector<Dense>& p, double r) const {
        const RoundNearest guard;
        const Automaton& automaton = search.automaton();
        const std::vector<double> h = potentials(search);
        auto evidence = std::make_shared<WeightedMomentEvidence>();
        evidence->basis = basis_;
        evidence->automaton = automaton;
        evidence->weights = Matrix<double>(automaton.states, n_);
        for (std::size_t s = 0; s < automaton.states; ++s) {
            Matrix<double> form(n_, n_);
            for (std::size_t a = 0; a < n_; ++a)
                for (std::size_t b = 0; b <= a; ++b) {
                    const double x = std::exp(h[s]) * p[s](static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b));
                    form(a, b) = form(b, a) = std::fabs(x) < 0x1p-100 ? 0.0 : x;
                }
            evidence->forms.push_back(std::move(form));
            for (std::size_t i = 0; i < n_; ++i)
                evidence->weights(s, i) = std::exp(h[s] - h[automaton(s, i)] - search.log_t()[s * n_ + i]) / (r * static_cast<double>(n_));
        }
        return evidence;
    }

    // All states are to have the same bound, up to the common factor r.
    static std::vector<double> potentials(const ApproximateSearch& search) {
        const Automaton& automaton = search.automaton();
        std::vector<double> growth(automaton.states, 0.0);
        for (std::size_t e = 0; e < automaton.next.size(); ++e) growth[e / automaton.symbols] += search.log_t()[e] / static_cast<double>(automaton.symbols);
        std::vector<double> h = approximate_potentials(automaton, growth);
        const double most = *std::max_element(h.begin(), h.end());
        for (double& x : h) x -= most;
        return h;
    }

    const Matrix<Interval>& k_;
    const SearchControl& control_;
    std::size_t n_;
    std::optional<Steps> steps_;
    Matrix<double> basis_;
    double best_ = infinity;
    double needed_excess_ = 0.0;  // of the last proof
    double seconds_for_a_state_ = 0.0;
    Dense u_, v_;
    std::shared_ptr<const WeightedMomentEvidence> evidence_;  // of best_
    WeightedMomentResult result_;
};

}  // namespace
}  // namespace weighted_moment

WeightedMomentResult weighted_moment_bound(const Matrix<Interval>& scaled_gram, const SearchControl& control) {
    return weighted_moment::Engine(scaled_gram, control).run();
}

WeightedMomentResult weighted_moment_bound(const Matrix<Interval>& scaled_gram, const Automaton& automaton, const SearchControl& control) {
    return weighted_moment::Engine(scaled_gram, control).run(automaton);
}

Bound weighted_moment_bound(const Segment& segment, const WeightedMomentEvidence& evidence, double enough) {
    const Matrix<Real>* from = segment.from.scaled_gram();
    const Matrix<Real>* to = segment.to.scaled_gram();
    if (from == nullptr || to == nullptr) return Bound::nothing();
    const RoundNearest guard;
    auto scaled = std::make_shared<WeightedMomentEvidence>(evidence);
    const double factor = std::exp(-2.0 * (enough - weighted_moment::mean_growth(evidence.weights)));
    if (!(factor > 0.0) || !(factor < 1.0)) return Bound::nothing();
    for (std::size_t s = 0; s < scaled->weights.rows(); ++s)
        for (std::size_t i = 0; i < scaled->weights.columns(); ++i) scaled->weights(s, i) *= factor;
    double bound = 0.0;
    for (const Matrix<Real>* end : {from, to}) {
        bound = proved_weighted_moment(to_intervals(*end), *scaled);
        if (!std::isfinite(bound)) return Bound::nothing();
    }
    const std::size_t states = scaled->automaton.states;
    return Bound::at_most(MpInterval(bound, bound), {Method::weighted_moment, std::shared_ptr<const WeightedMomentEvidence>(std::move(scaled)), {0, 0, 0, states}});
}

}  // namespace lyapcert
