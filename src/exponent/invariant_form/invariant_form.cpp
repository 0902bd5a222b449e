#include "lyapcert/exponent/invariant_form.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <random>

#include "exponent/invariant_subspace/exact_families.hpp"
#include "lyapcert/exponent/log_sum.hpp"
#include "lyapcert/linalg/exact.hpp"

namespace lyapcert {

namespace {

// The positive rational r with r^n = x > 0, if there is one.
std::optional<Rational> root(const Rational& x, unsigned long n) {
    Integer top;
    Integer bottom;
    const Integer p = numerator(x);
    const Integer q = denominator(x);
    if (mpz_root(top.backend().data(), p.backend().data(), n) == 0 || mpz_root(bottom.backend().data(), q.backend().data(), n) == 0) return std::nullopt;
    return Rational(top, bottom);
}

// A basis of the symmetric P with A_k^T P A_k = c_k P for all k.
std::vector<Matrix<Rational>> solutions(const std::vector<Matrix<Rational>>& family, const std::vector<Rational>& factors) {
    const std::size_t n = family.front().rows();
    std::vector<Matrix<Rational>> basis;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Matrix<Rational> e(n, n, Rational(0));
            e(i, j) = e(j, i) = Rational(1);
            basis.push_back(std::move(e));
        }
    for (std::size_t k = 0; k < family.size() && !basis.empty(); ++k) {
        // Row by row an element of the basis and what it violates: combinations that violate nothing are the kernel.
        Matrix<Rational> defects(n * n, basis.size());
        for (std::size_t b = 0; b < basis.size(); ++b) {
            const Matrix<Rational> image = family[k].transposed() * (basis[b] * family[k]);
            for (std::size_t e = 0; e < n * n; ++e) defects(e, b) = image.entries()[e] - factors[k] * basis[b].entries()[e];
        }
        std::vector<Matrix<Rational>> kept;
        for (const std::vector<Rational>& c : exact_families::kernel(defects)) {
            Matrix<Rational> p(n, n, Rational(0));
            for (std::size_t b = 0; b < basis.size(); ++b)
                if (!c[b].is_zero())
                    for (std::size_t i = 0; i < n; ++i)
                        for (std::size_t j = 0; j < n; ++j) p(i, j) += c[b] * basis[b](i, j);
            kept.push_back(std::move(p));
        }
        basis = std::move(kept);
    }
    return basis;
}

// Leading principal minors.
bool is_definite(const Matrix<Rational>& p) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < p.rows(); ++i) {
        indices.push_back(i);
        if (determinant(p.principal(indices)) <= 0) return false;
    }
    return true;
}

// A definite combination, near the mean of W^T W over words W of the normalised family, if there is one.
std::optional<Matrix<Rational>> definite_member(const std::vector<Matrix<Rational>>& basis, const std::vector<Matrix<Rational>>& family, const std::vector<Rational>& factors) {
    const std::size_t n = family.front().rows();
    if (basis.size() == 1) {
        Matrix<Rational> p = basis.front();
        if (p(0, 0) < 0) p = p.map([](const Rational& x) { return Rational(-x); });
        return is_definite(p) ? std::optional<Matrix<Rational>>(p) : std::nullopt;
    }
    const auto size = static_cast<Eigen::Index>(n);
    std::vector<Eigen::MatrixXd> steps;
    for (std::size_t k = 0; k < family.size(); ++k) {
        Eigen::MatrixXd a(size, size);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) a(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = family[k](i, j).convert_to<double>();
        steps.push_back(a / std::sqrt(factors[k].convert_to<double>()));
    }
    std::mt19937_64 random(72);
    std::uniform_int_distribution<std::size_t> pick(0, steps.size() - 1);
    Eigen::MatrixXd word = Eigen::MatrixXd::Identity(size, size);
    Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(size, size);
    for (int m = 0; m < 4000; ++m) {
        word = steps[pick(random)] * word;
        mean += word.transpose() * word;
        if (!std::isfinite(mean.norm()) || mean.norm() > 1e12) return std::nullopt;  // not bounded: no form
    }
    mean /= mean.norm();
    Eigen::MatrixXd columns(size * size, static_cast<Eigen::Index>(basis.size()));
    for (std::size_t b = 0; b < basis.size(); ++b)
        for (std::size_t e = 0; e < n * n; ++e) columns(static_cast<Eigen::Index>(e), static_cast<Eigen::Index>(b)) = basis[b].entries()[e].convert_to<double>();
    const Eigen::VectorXd c = columns.colPivHouseholderQr().solve(Eigen::Map<const Eigen::VectorXd>(mean.data(), size * size));
    Matrix<Rational> p(n, n, Rational(0));
    for (std::size_t b = 0; b < basis.size(); ++b) {
        if (!std::isfinite(c(static_cast<Eigen::Index>(b)))) return std::nullopt;
        const Rational weight(static_cast<long>(std::lround(std::ldexp(c(static_cast<Eigen::Index>(b)), 20))), 1L << 20);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) p(i, j) += weight * basis[b](i, j);
    }
    return is_definite(p) ? std::optional<Matrix<Rational>>(p) : std::nullopt;
}

}  // namespace

std::optional<InvariantFormEvidence> invariant_form(const RandomProduct& product) {
    if (!exact_families::is_moderate(product)) return std::nullopt;
    const std::vector<Matrix<Rational>> family = product.rational();
    const std::size_t n = product.dimension();
    std::vector<Rational> factors;
    for (const Matrix<Rational>& a : family) {
        const Rational det = determinant(a);
        if (det.is_zero()) return std::nullopt;
        const std::optional<Rational> c = root(Rational(det * det), n);
        if (!c) return std::nullopt;
        factors.push_back(*c);
    }
    const std::vector<Matrix<Rational>> basis = solutions(family, factors);
    if (basis.empty()) return std::nullopt;
    const RoundNearest guard;
    std::optional<Matrix<Rational>> form = definite_member(basis, family, factors);
    if (!form) return std::nullopt;
    return InvariantFormEvidence{std::move(*form), std::move(factors)};
}

std::optional<Bound> invariant_form_bound(const RandomProduct& product, long precision) {
    std::optional<InvariantFormEvidence> evidence = invariant_form(product);
    if (!evidence) return std::nullopt;
    std::vector<LogTerm> terms;
    for (std::size_t k = 0; k < evidence->factors.size(); ++k) terms.push_back({Rational(product.probabilities()[k] / 2), Real(evidence->factors[k])});
    return Bound::between(log_sum(terms, precision), {Method::invariant_form, std::make_shared<const InvariantFormEvidence>(std::move(*evidence)), {}});
}

}  // namespace lyapcert
