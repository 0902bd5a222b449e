#include "lyapcert/product/normal_space.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

namespace {

// The indices that a Cholesky factorisation with diagonal pivoting takes first: a guess at independent gradients.
std::vector<std::size_t> approximate_pivots(const Matrix<Real>& gram, const std::vector<std::size_t>& among, std::size_t count) {
    Matrix<double> a = to_intervals(gram.principal(among)).map([](const Interval& x) { return 0.5 * x.lower() + 0.5 * x.upper(); });
    const std::size_t n = among.size();
    std::vector<bool> taken(n, false);
    std::vector<std::size_t> result;
    while (result.size() < count) {
        std::size_t p = n;
        for (std::size_t i = 0; i < n; ++i)
            if (!taken[i] && a(i, i) > 0.0 && (p == n || a(i, i) > a(p, p))) p = i;
        if (p == n) return {};
        taken[p] = true;
        result.push_back(among[p]);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (!taken[i] && !taken[j]) a(i, j) -= a(i, p) * a(p, j) / a(p, p);
    }
    std::sort(result.begin(), result.end());
    return result;
}

// T = G[:,J] G[J,J]^{-1}, enclosed by elimination. Without pivoting: those of a positive definite matrix are positive.
class Extension {
  public:
    Extension(Matrix<Real> principal, Matrix<Real> rows) : principal_(std::move(principal)), rows_(std::move(rows)) {}

    // Its transposed.
    Matrix<MpInterval> at(long precision) {
        const std::lock_guard<std::mutex> guard(mutex_);
        long bits = 256;
        while (bits < precision) bits *= 2;
        if (const auto known = known_.find(bits); known != known_.end()) return known->second;
        for (long working = bits + 64;; working *= 2)
            if (std::optional<Matrix<MpInterval>> x = solved(working)) return known_.emplace(bits, std::move(*x)).first->second;
            else if (working > 16 * bits) throw std::domain_error("an extension from the normal space is not enclosed");
    }

  private:
    std::optional<Matrix<MpInterval>> solved(long bits) const {
        Matrix<MpInterval> a = enclose(principal_, bits);
        Matrix<MpInterval> b = enclose(rows_, bits);
        const std::size_t r = a.rows();
        for (std::size_t k = 0; k < r; ++k) {
            if (!certainly_positive(a(k, k))) return std::nullopt;
            for (std::size_t i = k + 1; i < r; ++i) {
                const MpInterval factor = a(i, k) / a(k, k);
                for (std::size_t c = k; c < r; ++c) a(i, c) -= factor * a(k, c);
                for (std::size_t c = 0; c < b.columns(); ++c) b(i, c) -= factor * b(k, c);
            }
        }
        for (std::size_t k = r; k-- > 0;)
            for (std::size_t c = 0; c < b.columns(); ++c) {
                for (std::size_t i = k + 1; i < r; ++i) b(k, c) -= a(k, i) * b(i, c);
                b(k, c) = b(k, c) / a(k, k);
            }
        return b;
    }

    Matrix<Real> principal_;
    Matrix<Real> rows_;
    std::mutex mutex_;
    std::map<long, Matrix<MpInterval>> known_;
};

Matrix<Real> some_rows(const Matrix<Real>& a, const std::vector<std::size_t>& rows) {
    Matrix<Real> result(rows.size(), a.columns());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t j = 0; j < a.columns(); ++j) result(i, j) = a(rows[i], j);
    return result;
}

}  // namespace

std::vector<std::size_t> RankBound::distinct(std::size_t n) const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < n; ++i)
        if (equal_to.empty() || equal_to[i] == i) result.push_back(i);
    return result;
}

std::size_t RankBound::most(std::size_t n) const { return std::min(distinct(n).size(), parameters.value_or(n)); }

RankBound rank_bound(const Problem& problem) { return {problem.parameters, problem.equal_to}; }

NormalSpace::NormalSpace(Matrix<Real> gram, Matrix<Real> scaled_gram, const RankBound& bound) : gram_(std::move(gram)), scaled_gram_(std::move(scaled_gram)) {
    require_symmetric(scaled_gram_);
    if (gram_.rows() != scaled_gram_.rows() || gram_.columns() != scaled_gram_.columns()) throw std::invalid_argument("the two Gram matrices differ in size");
    const std::size_t n = gram_.rows();
    basis_.resize(n);
    std::iota(basis_.begin(), basis_.end(), std::size_t(0));
    // M = eta G is positive definite if and only if G is; whichever is rational tells the rank.
    const Matrix<Real>& shape = is_rational(gram_) ? gram_ : scaled_gram_;
    const std::size_t most = bound.most(n);
    if (most < n && n <= largest_exact_elimination && !is_rational(shape)) {
        may_be_singular_ = !has_basis_of(most, bound);
        return;
    }
    if (is_positive_definite(shape) == Ternary::yes) return;
    if (!is_rational(shape) || n > largest_exact_elimination) {
        may_be_singular_ = &shape == &gram_ || is_positive_definite(gram_) != Ternary::yes;
        return;
    }
    const Matrix<Rational> exact = to_rational(shape);
    basis_ = independent_indices(exact);
    if (basis_.empty()) throw std::invalid_argument("the Gram matrix is zero: there is nothing to linearise");
    if (basis_.size() == n) return;
    Matrix<Rational> rows(basis_.size(), n);
    for (std::size_t i = 0; i < basis_.size(); ++i)
        for (std::size_t j = 0; j < n; ++j) rows(i, j) = exact(basis_[i], j);
    extension_ = to_reals(solve(exact.principal(basis_), rows).value().transposed());
}

// Lemma (T2 (e)). If no more than r gradients are independent and G[J, J] is regular, |J| = r, then the g_j, j in J, span the normal space, and r = T r_J on
// range(G) with T = G[:, J] G[J, J]^{-1}. A gradient that equals g_j has the row e_j of T.
bool NormalSpace::has_basis_of(std::size_t size, const RankBound& bound) {
    const std::size_t n = gram_.rows();
    const std::vector<std::size_t> distinct = bound.distinct(n);
    const std::vector<std::size_t> chosen = distinct.size() == size ? distinct : approximate_pivots(gram_, distinct, size);
    if (chosen.size() != size || is_positive_definite(gram_.principal(chosen)) != Ternary::yes) return false;
    const auto place = [&](std::size_t i) { return static_cast<std::size_t>(std::lower_bound(chosen.begin(), chosen.end(), i) - chosen.begin()); };
    const auto solver = std::make_shared<Extension>(gram_.principal(chosen), some_rows(gram_, chosen));
    Matrix<Real> extension(n, size);
    bool solved = false;
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t first = bound.equal_to.empty() ? i : bound.equal_to[i];
        if (const std::size_t k = place(first); k < size && chosen[k] == first) {
            extension(i, k) = Real(1);
            continue;
        }
        try {
            if (!solved) solver->at(1);
            solved = true;
        } catch (const std::domain_error&) {
            return false;
        }
        for (std::size_t k = 0; k < size; ++k)
            extension(i, k) = Real::from_rule([solver, first, k](long precision) { return solver->at(precision)(k, first).with_precision(precision); });
    }
    basis_ = chosen;
    extension_ = std::move(extension);
    return true;
}

NormalSpace NormalSpace::at(const Real& learning_rate) const {
    NormalSpace result = *this;
    result.scaled_gram_ = gram_.map([&](const Real& x) { return learning_rate * x; });
    return result;
}

}  // namespace lyapcert
