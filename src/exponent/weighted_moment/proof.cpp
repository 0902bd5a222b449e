#include "exponent/weighted_moment/proof.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "lyapcert/linalg/verified_cholesky.hpp"

namespace lyapcert {

namespace weighted_moment {

namespace {

double magnitude(const Interval& x) { return std::max(-x.lower(), x.upper()); }

// Any approximate inverse of a lower triangular matrix.
Matrix<double> approximate_inverse(const Matrix<double>& t) {
    const RoundNearest guard;
    const std::size_t n = t.rows();
    Matrix<double> w(n, n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k)
            for (std::size_t j = 0; j <= k; ++j) w(i, j) -= t(i, k) * w(k, j);
        for (std::size_t j = 0; j < i; ++j) w(i, j) /= t(i, i);
        w(i, i) = 1.0 / t(i, i);
    }
    return w;
}

bool all_finite(const Matrix<double>& a) {
    return std::all_of(a.entries().begin(), a.entries().end(), [](double x) { return std::isfinite(x); });
}

// P u_i and the w of the lemma, for the symbols i that lead to one state.
using Vectors = std::vector<std::vector<Interval>>;

Vectors vectors_of(const Steps& steps, const Matrix<double>& p, const std::vector<std::uint32_t>& symbols) {
    const std::size_t n = p.rows();
    Vectors result;
    for (const std::uint32_t i : symbols) {
        std::vector<Interval> w(n, Interval(0.0));
        Interval form(0.0);
        for (std::size_t a = 0; a < n; ++a) {
            for (std::size_t b = 0; b < n; ++b) w[a] += Interval(p(a, b)) * steps.u(i, b);
            form += w[a] * steps.u(i, a);
        }
        form *= Interval(0.5);
        for (std::size_t a = 0; a < n; ++a) w[a] -= form * Interval(steps.v(i, a));
        result.push_back(std::move(w));
    }
    return result;
}

}  // namespace

std::optional<Steps> steps_in_basis(const Matrix<Interval>& k, const Matrix<double>& t, Deadline deadline) {
    const std::size_t n = k.rows();
    for (std::size_t i = 0; i < n; ++i)
        if (!(t(i, i) > 0.0)) return std::nullopt;
    if (!all_finite(t)) return std::nullopt;
    const Matrix<double> w = approximate_inverse(t);
    Matrix<double> x(n, n, 0.0);  // close to W K
    if (!all_finite(w)) return std::nullopt;
    {
        const RoundNearest guard;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t l = 0; l <= i; ++l)
                for (std::size_t j = 0; j < n; ++j) x(i, j) += w(i, l) * (0.5 * k(l, j).lower() + 0.5 * k(l, j).upper());
    }
    if (!all_finite(x)) return std::nullopt;
    const RoundUpward guard;
    double e = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        if (is_over(deadline)) return std::nullopt;
        Interval row(0.0);
        for (std::size_t j = 0; j <= i; ++j) {
            Interval entry(i == j ? 1.0 : 0.0);
            for (std::size_t l = j; l <= i; ++l) entry -= Interval(w(i, l)) * Interval(t(l, j));
            row += Interval(magnitude(entry));
        }
        e = std::max(e, row.upper());
    }
    if (!(e < 0.5)) return std::nullopt;
    const Interval factor = Interval(1.0) / (Interval(1.0) - Interval(e));
    Steps steps{Matrix<Interval>(n, n), t};
    std::vector<Interval> d(n);
    for (std::size_t i = 0; i < n; ++i) {
        if (is_over(deadline)) return std::nullopt;
        for (std::size_t a = 0; a < n; ++a) {
            Interval sum = k(a, i);
            for (std::size_t l = 0; l <= a; ++l) sum -= Interval(t(a, l)) * Interval(x(l, i));
            d[a] = Interval(magnitude(sum));
        }
        double largest = 0.0;
        for (std::size_t a = 0; a < n; ++a) {
            Interval sum(0.0);
            for (std::size_t l = 0; l <= a; ++l) sum += Interval(std::fabs(w(a, l))) * d[l];
            largest = std::max(largest, sum.upper());
        }
        const double r = (Interval(largest) * factor).upper();
        if (!std::isfinite(r)) return std::nullopt;
        for (std::size_t a = 0; a < n; ++a) steps.u(i, a) = Interval(x(a, i)) + Interval(-r, r);
    }
    return steps;
}

StateProof::StateProof(const Steps& steps, const Automaton& automaton, const std::vector<Matrix<double>>& forms)
    : steps_(steps), automaton_(automaton), forms_(forms), vectors_(automaton.states), place_(automaton.next.size()) {
    const std::size_t n = automaton.symbols;
    std::vector<std::vector<std::uint32_t>> incoming(automaton.states);
    constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> seen(automaton.states);
    for (std::size_t i = 0; i < n; ++i) {
        std::fill(seen.begin(), seen.end(), none);
        for (std::size_t s = 0; s < automaton.states; ++s) {
            const std::uint32_t u = automaton(s, i);
            if (seen[u] == none) {
                seen[u] = static_cast<std::uint32_t>(incoming[u].size());
                incoming[u].push_back(static_cast<std::uint32_t>(i));
            }
            place_[s * n + i] = seen[u];
        }
    }
    tbb::parallel_for(std::size_t{0}, automaton.states, [&](std::size_t s) {
        const RoundUpward guard;
        vectors_[s] = vectors_of(steps, forms[s], incoming[s]);
    });
}

bool StateProof::proved(std::size_t s, const Matrix<double>& weights) const {
    const RoundUpward guard;
    const std::size_t n = automaton_.symbols;
    Matrix<Interval> difference(n, n);
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b <= a; ++b) difference(a, b) = Interval(forms_[s](a, b));
    if (!cholesky_proves_positive_definite(difference)) return false;
    std::vector<std::pair<std::uint32_t, Interval>> sums;  // of the weights, by the state they lead to
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t u = automaton_(s, i);
        const auto known = std::find_if(sums.begin(), sums.end(), [u](const auto& x) { return x.first == u; });
        if (known == sums.end()) sums.emplace_back(u, Interval(weights(s, i)));
        else known->second += Interval(weights(s, i));
    }
    for (const auto& [u, c] : sums)
        for (std::size_t a = 0; a < n; ++a)
            for (std::size_t b = 0; b <= a; ++b) difference(a, b) -= c * Interval(forms_[u](a, b));
    std::vector<Interval> cv(n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::vector<Interval>& w = vectors_[automaton_(s, i)][place_[s * n + i]];
        for (std::size_t a = 0; a < n; ++a) cv[a] = Interval(weights(s, i)) * Interval(steps_.v(i, a));
        for (std::size_t a = 0; a < n; ++a)
            for (std::size_t b = 0; b <= a; ++b) difference(a, b) += cv[a] * w[b] + cv[b] * w[a];
    }
    return cholesky_proves_positive_definite(difference);
}

std::vector<bool> StateProof::proved(const std::vector<std::size_t>& states, const Matrix<double>& weights) const {
    std::vector<char> result(states.size());
    tbb::parallel_for(std::size_t{0}, states.size(), [&](std::size_t k) { result[k] = proved(states[k], weights) ? 1 : 0; });
    return std::vector<bool>(result.begin(), result.end());
}

double mean_growth(const Matrix<double>& weights) {
    const std::size_t n = weights.columns();
    std::vector<double> growth(weights.rows());
    tbb::parallel_for(std::size_t{0}, weights.rows(), [&](std::size_t s) {
        const RoundUpward guard;
        Interval sum(0.0);
        for (std::size_t i = 0; i < n; ++i) {
            const double c = weights(s, i);
            if (!(c > 0.0) || !std::isfinite(c)) {
                growth[s] = std::numeric_limits<double>::infinity();
                return;
            }
            sum -= log(Interval(c) * Interval(static_cast<double>(n)));
        }
        growth[s] = (sum / Interval(2.0 * static_cast<double>(n))).upper();
    });
    return *std::max_element(growth.begin(), growth.end());
}

}  // namespace weighted_moment

double proved_weighted_moment(const Matrix<Interval>& k, const WeightedMomentEvidence& evidence) {
    const std::size_t n = k.rows();
    const Automaton& automaton = evidence.automaton;
    const std::size_t states = automaton.states;
    const bool fits = n > 0 && k.columns() == n && automaton.symbols == n && states > 0 && automaton.next.size() == states * n && evidence.basis.rows() == n &&
                      evidence.basis.columns() == n && evidence.forms.size() == states && evidence.weights.rows() == states && evidence.weights.columns() == n;
    if (!fits) throw std::invalid_argument("weighted second moment: the parts of the evidence do not fit together");
    for (const std::uint32_t s : automaton.next)
        if (s >= states) throw std::invalid_argument("weighted second moment: the automaton leaves its states");
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j)
            if (evidence.basis(i, j) != 0.0) throw std::invalid_argument("weighted second moment: the basis is not lower triangular");
    for (const Matrix<double>& p : evidence.forms) {
        if (p.rows() != n || p.columns() != n) throw std::invalid_argument("weighted second moment: a form has the wrong size");
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (!std::isfinite(p(i, j)) || p(i, j) != p(j, i)) throw std::invalid_argument("weighted second moment: a form is not symmetric");
    }
    const double growth = weighted_moment::mean_growth(evidence.weights);
    const double infinity = std::numeric_limits<double>::infinity();
    if (!std::isfinite(growth)) return infinity;
    const auto steps = weighted_moment::steps_in_basis(k, evidence.basis);
    if (!steps) return infinity;
    std::vector<std::size_t> all(states);
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::vector<bool> proved = weighted_moment::StateProof(*steps, automaton, evidence.forms).proved(all, evidence.weights);
    return std::find(proved.begin(), proved.end(), false) == proved.end() ? growth : infinity;
}

}  // namespace lyapcert
