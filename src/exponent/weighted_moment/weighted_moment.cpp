#include "lyapcert/exponent/weighted_moment.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "exponent/weighted_moment/approximate_search.hpp"
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

class Engine {
  public:
    Engine(const Matrix<Interval>& k, const SearchControl& control) : k_(k), control_(control), n_(k.rows()) {}

    WeightedMomentResult run() {
        for (const Interval& x : k_.entries())
            if (!std::isfinite(x.lower()) || !std::isfinite(x.upper())) return finish();
        if (!choose_basis()) return finish();
        const auto index = static_cast<Eigen::Index>(n_);
        Dense u(index, index), v(index, index);
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t a = 0; a < n_; ++a) {
                u(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(i)) = 0.5 * steps_->u(i, a).lower() + 0.5 * steps_->u(i, a).upper();
                v(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(i)) = steps_->v(i, a);
            }
        ApproximateSearch search(u, v, Automaton::without_memory(n_), {1.0});
        search.improve(tolerance(), 200, control_.deadline);
        prove(search, "weighted second moment");
        return finish();
    }

  private:
    double tolerance() const { return 1e-6 / static_cast<double>(n_); }

    WeightedMomentResult finish() {
        result_.bound = best_ < infinity ? Bound::at_most(to_mp(Interval(best_)), method_) : Bound::nothing("weighted second moment");
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

    // From the approximate eigenvector to evidence that is proved; true when it improves the bound.
    bool prove(ApproximateSearch& search, const std::string& name) {
        const std::size_t states = search.automaton().states;
        std::vector<Dense> p = search.forms();
        const std::vector<double> rho = search.quotients();
        for (const double r : rho)
            if (!(r > 0.0) || !std::isfinite(r)) return false;
        auto evidence = std::make_shared<WeightedMomentEvidence>();
        evidence->basis = basis_;
        evidence->automaton = search.automaton();
        evidence->weights = Matrix<double>(states, n_);
        const std::vector<double> h = potentials(search, rho);
        {
            const RoundNearest guard;
            for (std::size_t s = 0; s < states; ++s) {
                Matrix<double> form(n_, n_);
                for (std::size_t a = 0; a < n_; ++a)
                    for (std::size_t b = 0; b <= a; ++b) form(a, b) = form(b, a) = std::exp(h[s]) * p[s](static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b));
                evidence->forms.push_back(std::move(form));
                for (std::size_t i = 0; i < n_; ++i)
                    evidence->weights(s, i) = std::exp(h[s] - h[search.automaton()(s, i)] - search.log_t()[s * n_ + i]) / (rho[s] * static_cast<double>(n_));
            }
        }
        const StateProof proof(*steps_, evidence->automaton, evidence->forms);
        std::vector<std::size_t> open(states);
        std::iota(open.begin(), open.end(), std::size_t{0});
        for (double slack = 1e-13; !open.empty(); slack *= 8.0) {
            if (slack > 1e-3) return false;
            const RoundNearest guard;
            for (const std::size_t s : open)
                for (std::size_t i = 0; i < n_; ++i) evidence->weights(s, i) *= 1.0 - slack;
            const std::vector<bool> proved = proof.proved(open, evidence->weights);
            std::vector<std::size_t> rest;
            for (std::size_t k = 0; k < open.size(); ++k)
                if (!proved[k]) rest.push_back(open[k]);
            open = std::move(rest);
        }
        const double bound = mean_growth(evidence->weights);
        control_.progress(fmt::format("{}, {} states: lambda <= {:.6g}", name, states, bound));
        if (!(bound < best_)) return false;
        best_ = bound;
        method_ = name;
        result_.states = states;
        if (control_.keep_evidence) result_.evidence = evidence;
        return true;
    }

    // h with g_s - h_s + mean_i h_{next(s,i)} nearly constant, g_s the growth of state s: Poisson's equation, by iteration.
    static std::vector<double> potentials(const ApproximateSearch& search, const std::vector<double>& rho) {
        const Automaton& automaton = search.automaton();
        const std::size_t n = automaton.symbols;
        std::vector<double> growth(automaton.states);
        for (std::size_t s = 0; s < automaton.states; ++s) {
            growth[s] = std::log(rho[s]);
            for (std::size_t i = 0; i < n; ++i) growth[s] += search.log_t()[s * n + i] / static_cast<double>(n);
        }
        std::vector<double> h(automaton.states, 0.0);
        if (automaton.states == 1) return h;
        for (int round = 0; round < 20000; ++round) {
            std::vector<double> next = growth;
            double least = infinity, most = -infinity;
            for (std::size_t s = 0; s < automaton.states; ++s) {
                double mean = 0.0;
                for (std::size_t i = 0; i < n; ++i) mean += h[automaton(s, i)];
                next[s] += mean / static_cast<double>(n);
                least = std::min(least, next[s] - h[s]);
                most = std::max(most, next[s] - h[s]);
            }
            if (most - least < 1e-13) break;
            for (std::size_t s = automaton.states; s-- > 0;) h[s] = next[s] - next[0];
        }
        return h;
    }

    const Matrix<Interval>& k_;
    const SearchControl& control_;
    std::size_t n_;
    std::optional<Steps> steps_;
    Matrix<double> basis_;
    double best_ = infinity;
    std::string method_;
    WeightedMomentResult result_;
};

}  // namespace
}  // namespace weighted_moment

WeightedMomentResult weighted_moment_bound(const Matrix<Interval>& scaled_gram, const SearchControl& control) {
    return weighted_moment::Engine(scaled_gram, control).run();
}

}  // namespace lyapcert
