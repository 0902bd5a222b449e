#include "lyapcert/exponent/closed_form.hpp"

#include <algorithm>

#include "lyapcert/exponent/log_sum.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/spectral_radius.hpp"
#include "lyapcert/linalg/strong_components.hpp"

namespace lyapcert {

namespace {

// From vanishing_word().
Bound minus_infinity(std::vector<std::size_t> word, long precision) {
    return Bound::between(MpInterval::minus_infinity(precision),
                          {Method::vanishing_word, std::make_shared<const VanishingWordEvidence>(VanishingWordEvidence{std::move(word)}), {}});
}

Bound scalar(const RandomProduct& product, long precision) {
    std::vector<LogTerm> terms;
    for (std::size_t k = 0; k < product.size(); ++k) terms.push_back({product.probabilities()[k], product.matrices()[k](0, 0)});
    return Bound::between(log_sum(terms, precision), {Method::dimension_one, DimensionOneEvidence{}, {}});
}

struct RankOne {
    std::vector<Rational> u;
    std::vector<Rational> v;
};

// a = u v^T; u = v = 0 for the zero matrix; nothing when the rank is larger.
std::optional<RankOne> rank_one(const Matrix<Rational>& a) {
    const std::size_t n = a.rows();
    RankOne result{std::vector<Rational>(n, Rational(0)), std::vector<Rational>(n, Rational(0))};
    for (std::size_t p = 0; p < n; ++p)
        for (std::size_t q = 0; q < n; ++q) {
            if (a(p, q).is_zero()) continue;
            for (std::size_t i = 0; i < n; ++i) {
                result.u[i] = a(i, q) / a(p, q);
                result.v[i] = a(p, i);
            }
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    if (a(i, j) != result.u[i] * result.v[j]) return std::nullopt;
            return result;
        }
    return result;
}

std::optional<Bound> all_of_rank_one(const RandomProduct& product, long precision) {
    if (product.size() > 60) return std::nullopt;  // the formula has a term for every pair
    std::vector<RankOne> factors;
    for (const Matrix<Real>& a : product.matrices()) {
        if (!is_rational(a)) return std::nullopt;
        auto f = rank_one(to_rational(a));
        if (!f) return std::nullopt;
        factors.push_back(std::move(*f));
    }
    std::vector<LogTerm> terms;
    for (std::size_t j = 0; j < factors.size(); ++j)
        for (std::size_t k = 0; k < factors.size(); ++k) {
            Rational dot(0);
            for (std::size_t i = 0; i < product.dimension(); ++i) dot += factors[j].v[i] * factors[k].u[i];
            terms.push_back({product.probabilities()[j] * product.probabilities()[k], Real(dot)});
        }
    return Bound::between(log_sum(terms, precision), {Method::rank_one, RankOneEvidence{}, {}});
}

// target[k][j] = s_k(j), or dead when the column is known to be zero. Nothing when the family is not of this kind.
constexpr std::size_t dead = static_cast<std::size_t>(-1);
using Motion = std::vector<std::vector<std::size_t>>;

std::optional<Motion> motion(const std::vector<Matrix<Real>>& matrices) {
    Motion result;
    for (const Matrix<Real>& a : matrices) {
        result.emplace_back(a.columns(), dead);
        for (std::size_t j = 0; j < a.columns(); ++j)
            for (std::size_t i = 0; i < a.rows(); ++i) {
                if (a(i, j).known_zero()) continue;
                if (result.back()[j] != dead) return std::nullopt;
                result.back()[j] = i;
            }
    }
    return result;
}

// The stationary law of the chain on the closed class c.
std::vector<Rational> stationary_law(const Motion& target, const std::vector<Rational>& p, const std::vector<std::size_t>& c) {
    const std::size_t n = c.size();
    const auto position = [&c](std::size_t index) { return static_cast<std::size_t>(std::lower_bound(c.begin(), c.end(), index) - c.begin()); };
    Matrix<Rational> equations(n, n, Rational(0));  // (P^T - I) pi = 0, the last equation replaced by sum pi = 1
    bool doubly_stochastic = true;
    std::vector<Rational> inflow(n, Rational(0));
    for (std::size_t k = 0; k < target.size(); ++k)
        for (std::size_t j = 0; j < n; ++j) {
            const std::size_t i = position(target[k][c[j]]);
            equations(i, j) += p[k];
            inflow[i] += p[k];
        }
    for (const Rational& x : inflow) doubly_stochastic = doubly_stochastic && x == 1;
    if (doubly_stochastic) return std::vector<Rational>(n, Rational(1, static_cast<unsigned long>(n)));
    for (std::size_t j = 0; j < n; ++j) {
        equations(j, j) -= 1;
        equations(n - 1, j) = 1;
    }
    Matrix<Rational> right(n, 1, Rational(0));
    right(n - 1, 0) = 1;
    return solve(equations, right).value().entries();
}

// Transposing a large family for nothing would be costly.
bool has_sparse_rows(const std::vector<Matrix<Real>>& matrices) {
    for (const Matrix<Real>& a : matrices)
        for (std::size_t i = 0; i < a.rows(); ++i) {
            std::size_t count = 0;
            for (std::size_t j = 0; j < a.columns(); ++j)
                if (!a(i, j).known_zero() && ++count > 1) return false;
        }
    return true;
}

std::optional<Bound> monomial(const std::vector<Matrix<Real>>& matrices, const std::vector<Rational>& p, long precision) {
    const auto target = motion(matrices);
    if (!target) return std::nullopt;
    const std::size_t n = matrices.front().rows();
    std::vector<std::vector<std::size_t>> successors(n);
    std::vector<bool> mortal(n, false);
    for (const auto& t : *target)
        for (std::size_t j = 0; j < n; ++j) {
            if (t[j] == dead)
                mortal[j] = true;
            else
                successors[j].push_back(t[j]);
        }
    MpInterval lambda = MpInterval::minus_infinity(precision);
    for (const std::vector<std::size_t>& c : strong_components(successors)) {
        const bool closed = std::all_of(c.begin(), c.end(), [&](std::size_t j) {
            return !mortal[j] &&
                   std::all_of(successors[j].begin(), successors[j].end(), [&c](std::size_t i) { return std::binary_search(c.begin(), c.end(), i); });
        });
        if (!closed) continue;
        const std::vector<Rational> pi = stationary_law(*target, p, c);
        std::vector<LogTerm> terms;
        for (std::size_t j = 0; j < c.size(); ++j)
            for (std::size_t k = 0; k < matrices.size(); ++k) terms.push_back({pi[j] * p[k], matrices[k]((*target)[k][c[j]], c[j])});
        lambda = max(lambda, log_sum(terms, precision));
    }
    return Bound::between(lambda, {Method::monomial, MonomialEvidence{}, {}});
}

}  // namespace

namespace {

// Steps I - K e_i e_i^T of dimension 3 and more that are connected: none has rank 1 or a sparse row pattern, and the columns are sparse only if
// each has one off-diagonal entry at most, which connects no more than two indices.
bool has_no_formula(const RandomProduct& product) {
    const Matrix<Real>* gram = product.scaled_gram();
    if (gram == nullptr || product.dimension() < 3) return false;
    for (std::size_t j = 0; j < gram->rows(); ++j) {
        std::size_t off = 0;
        for (std::size_t i = 0; i < gram->rows(); ++i) off += i != j && !(*gram)(i, j).known_zero() ? 1 : 0;
        if (off > 1) return true;
    }
    return false;
}

}  // namespace

std::optional<Bound> closed_form(const RandomProduct& product, long precision) {
    if (product.dimension() == 1) return scalar(product, precision);
    if (has_no_formula(product)) {
        if (auto word = vanishing_word(product)) return minus_infinity(std::move(*word), precision);
        return std::nullopt;
    }
    if (auto bound = all_of_rank_one(product, precision)) return bound;
    if (auto bound = monomial(product.matrices(), product.probabilities(), precision)) return bound;
    if (has_sparse_rows(product.matrices())) {
        std::vector<Matrix<Real>> transposed;
        for (const Matrix<Real>& a : product.matrices()) transposed.push_back(a.transposed());
        return monomial(transposed, product.probabilities(), precision);
    }
    if (auto word = vanishing_word(product)) return minus_infinity(std::move(*word), precision);
    constexpr std::size_t largest_dimension = 24;  // repeated squaring costs (dimension)^3 per bit
    if (product.size() == 1 && product.dimension() <= largest_dimension) {
        const Matrix<Real>& a = product.matrices().front();
        const MpInterval lambda = log_spectral_radius([&a](long working) { return enclose(a, working); }, precision);
        const auto evidence = std::make_shared<const SpectralRadiusEvidence>(SpectralRadiusEvidence{scale_by_power_of_two(lambda, 1)});
        return Bound::between(lambda, {Method::spectral_radius, evidence, {}});
    }
    return std::nullopt;
}

}  // namespace lyapcert
