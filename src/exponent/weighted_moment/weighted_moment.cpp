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

const char* const method = "weighted second moment";

class Engine {
  public:
    Engine(const Matrix<Interval>& k, const SearchControl& control) : k_(k), control_(control), n_(k.rows()) {}

    WeightedMomentResult run() {
        if (!prepare()) return finish();
        ApproximateSearch search(u_, v_, Automaton::without_memory(n_), {1.0});
        search.improve(tolerance(), 300, search_deadline());
        prove(search);
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
            for (double part = 1.0; part > 0.01 && !late();) {
                ApproximateSearch redirected = search;
                if (redirect_edges(redirected, part) == 0) break;
                const double value = redirected.improve(rough, 100, search_deadline());
                if (value < estimate) std::swap(search, redirected);
                if (!(value < estimate - 2.0 * rough)) part *= 0.25;
                estimate = std::min(estimate, value);
            }
            idle = before - estimate < std::max(5.0 * rough, 2e-3 * std::fabs(estimate)) ? idle + 1 : 0;
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
    // The search holds some thirty matrices for each state, and as many vectors as there are symbols.
    std::size_t most_states() const {
        const std::size_t bytes = 8 * n_ * n_ * 40;
        return std::clamp<std::size_t>(control_.memory_bytes / bytes, 1, 4096);
    }

    bool prepare() {
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
        result_.bound = best_ < infinity ? Bound::at_most(to_mp(Interval(best_)), method) : Bound::nothing(method);
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
        for (double delta = 0.0; delta < largest; delta = std::max(1e-13 * largest, 30.0 * delta)) {
            Matrix<double> t(n_, n_, 0.0);
            {
                const RoundNearest guard;
                const Eigen::LLT<Dense> factor(middle + delta * Dense::Identity(index, index));
                if (factor.info() != Eigen::Success || !(factor.matrixLLT().diagonal().minCoeff() > 1e-7 * std::sqrt(largest))) continue;
                for (std::size_t i = 0; i < n_; ++i)
                    for (std::size_t j = 0; j <= i; ++j) t(i, j) = factor.matrixLLT()(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
            }
            steps_ = steps_in_basis(k_, t);
            if (!steps_) continue;
            basis_ = std::move(t);
            return true;
        }
        return false;
    }

    // From the approximate optimum to evidence that is proved.
    void prove(ApproximateSearch& search) {
        if (!std::isfinite(search.estimate()) || !(search.estimate() < best_)) return;
        const Automaton& automaton = search.automaton();
        const std::size_t states = automaton.states;
        // A strict inequality is paid for with half of this.
        const double excess = std::clamp(2e-3 * std::fabs(search.estimate()), 1e-10, 10.0 * tolerance());
        std::vector<Dense> p;
        double r = 1.0;
        if (!search.strict_forms(excess, control_.deadline, p, r)) return;
        const std::vector<double> h = potentials(search);
        auto evidence = std::make_shared<WeightedMomentEvidence>();
        evidence->basis = basis_;
        evidence->automaton = automaton;
        evidence->weights = Matrix<double>(states, n_);
        {
            const RoundNearest guard;
            for (std::size_t s = 0; s < states; ++s) {
                Matrix<double> form(n_, n_);
                for (std::size_t a = 0; a < n_; ++a)
                    for (std::size_t b = 0; b <= a; ++b) {
                        const double x = std::exp(h[s]) * p[s](static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b));
                        form(a, b) = form(b, a) = std::fabs(x) < 0x1p-100 ? 0.0 : x;
                    }
                evidence->forms.push_back(std::move(form));
                for (std::size_t i = 0; i < n_; ++i) {
                    evidence->weights(s, i) = std::exp(h[s] - h[automaton(s, i)] - search.log_t()[s * n_ + i]) / (r * static_cast<double>(n_));
                    if (!(evidence->weights(s, i) > 0x1p-90)) return;
                }
            }
        }
        // Where the strictness does not reach, smaller weights may.
        const StateProof proof(*steps_, evidence->automaton, evidence->forms);
        std::vector<std::size_t> open(states);
        std::iota(open.begin(), open.end(), std::size_t{0});
        for (double slack = 1e-12; !open.empty(); slack *= 16.0) {
            if (slack > 1e-4) return;
            const std::vector<bool> proved = proof.proved(open, evidence->weights);
            std::vector<std::size_t> rest;
            for (std::size_t k = 0; k < open.size(); ++k)
                if (!proved[k]) rest.push_back(open[k]);
            const RoundNearest guard;
            for (const std::size_t s : rest)
                for (std::size_t i = 0; i < n_; ++i) evidence->weights(s, i) *= 1.0 - slack;
            open = std::move(rest);
        }
        const double bound = mean_growth(evidence->weights);
        control_.progress(fmt::format("weighted second moment: lambda <= {:.6g} with {} state{}", bound, states, states == 1 ? "" : "s"));
        if (!(bound < best_)) return;
        best_ = bound;
        result_.states = states;
        if (control_.keep_evidence) result_.evidence = evidence;
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
    Dense u_, v_;
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

}  // namespace lyapcert
