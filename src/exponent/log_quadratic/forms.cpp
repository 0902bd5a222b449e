#include "exponent/log_quadratic/forms.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert::log_quadratic {

namespace {

constexpr long precision = MpInterval::default_precision;

Matrix<MpInterval> exactly(const Matrix<double>& a) {
    return a.map([](double x) { return MpInterval(x, x, precision); });
}

// One form as the kernel sees it: doubles near the entries, and how far the true entries can be from them.
struct Rounded {
    Matrix<double> entries;
    double radius = 0.0;
    double largest = 0.0;
    double lowest = -std::numeric_limits<double>::infinity();  // bounds of (1/2) log q where 1 <= |y|, max |y_i| = 1
    double highest = std::numeric_limits<double>::infinity();
};

double approximate_smallest_eigenvalue(const Matrix<double>& q) {
    const Eigen::Map<const Eigen::MatrixXd> m(q.entries().data(), static_cast<long>(q.rows()), static_cast<long>(q.rows()));
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(m, Eigen::EigenvaluesOnly).eigenvalues()(0);
}

Rounded rounded(const Matrix<MpInterval>& q) {
    Rounded result;
    result.entries = q.map([](const MpInterval& x) { return x.midpoint_double(); });
    const double smallest = approximate_smallest_eigenvalue(result.entries);
    for (std::size_t e = 0; e < q.entries().size(); ++e) {
        const double x = result.entries.entries()[e];
        const MpInterval off = abs(q.entries()[e] - MpInterval(x, x, precision));
        result.radius = std::max(result.radius, off.upper_double());
        result.largest = std::max(result.largest, std::fabs(x));
    }
    // |y|^2 <= n on the faces, and q(y) <= (largest row sum) |y|^2; q(y) >= mu |y|^2 >= mu if q - mu I is definite.
    const std::size_t n = q.rows();
    MpInterval rows(precision);
    for (std::size_t i = 0; i < n; ++i) {
        MpInterval row(precision);
        for (std::size_t j = 0; j < n; ++j) row += abs(q(i, j));
        rows = max(rows, row);
    }
    const auto half_log = [](const MpInterval& x) { return scale_by_power_of_two(log(x), -1); };
    if (certainly_positive(rows)) result.highest = half_log(rows * MpInterval(Rational(static_cast<long>(n)), precision)).upper_double();
    for (const double share : {0.98, 0.5, 0.1}) {
        const double mu = share * smallest;
        if (!(mu > 0.0)) break;
        Matrix<MpInterval> shifted = q;
        for (std::size_t i = 0; i < n; ++i) shifted(i, i) -= MpInterval(mu, mu, precision);
        if (is_positive_definite(shifted) != Ternary::yes) continue;
        result.lowest = half_log(MpInterval(mu, mu, precision)).lower_double();
        break;
    }
    return result;
}

}  // namespace

std::optional<Matrix<MpInterval>> solve(Matrix<MpInterval> a, Matrix<MpInterval> b) {
    const std::size_t n = a.rows();
    for (std::size_t p = 0; p < n; ++p) {
        std::size_t best = p;
        for (std::size_t i = p; i < n; ++i)
            if (std::fabs(a(i, p).midpoint_double()) > std::fabs(a(best, p).midpoint_double())) best = i;
        if (contains_zero(a(best, p))) return std::nullopt;
        for (std::size_t j = 0; j < n; ++j) std::swap(a(p, j), a(best, j)), std::swap(b(p, j), b(best, j));
        for (std::size_t i = 0; i < n; ++i) {
            if (i == p) continue;
            const MpInterval factor = a(i, p) / a(p, p);
            for (std::size_t j = p; j < n; ++j) a(i, j) -= factor * a(p, j);
            for (std::size_t j = 0; j < n; ++j) b(i, j) -= factor * b(p, j);
        }
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) b(i, j) /= a(i, i);
    return b;
}

std::optional<std::vector<Matrix<MpInterval>>> in_basis(const RandomProduct& product, const Matrix<double>& basis, long bits) {
    const Matrix<MpInterval> c = exactly(basis);
    std::vector<Matrix<MpInterval>> result;
    for (const Matrix<MpInterval>& a : product.at(bits)) {
        std::optional<Matrix<MpInterval>> b = solve(c, a * c);
        if (!b) return std::nullopt;
        result.push_back(std::move(*b));
    }
    return result;
}

std::optional<FormTable> make_forms(const RandomProduct& product, const LogQuadraticEvidence& evidence) {
    const std::size_t n = product.dimension();
    const std::size_t k = evidence.forms.size();
    if (k == 0 || evidence.weights.size() != k || evidence.basis.rows() != n || evidence.basis.columns() != n) throw std::logic_error("evidence of the wrong size");
    if (k * (product.size() + 1) > most_forms) throw std::logic_error("too many forms");
    for (const double x : evidence.basis.entries())
        if (!std::isfinite(x)) throw std::logic_error("the basis is not finite");
    MpInterval degree(precision);
    for (const double a : evidence.weights) {
        if (!std::isfinite(a)) throw std::logic_error("a weight is not finite");
        degree += MpInterval(a, a, precision);
    }
    if (!certainly_positive(degree)) throw std::logic_error("f has no positive degree");
    const auto matrices = in_basis(product, evidence.basis, precision);
    if (!matrices) return std::nullopt;

    std::vector<Rounded> forms;
    std::vector<MpInterval> weights;
    for (std::size_t j = 0; j < k; ++j) {
        const Matrix<double>& q = evidence.forms[j];
        if (q.rows() != n || q.columns() != n) throw std::logic_error("evidence of the wrong size");
        for (std::size_t r = 0; r < n; ++r)
            for (std::size_t c = 0; c < n; ++c)
                if (!std::isfinite(q(r, c)) || q(r, c) != q(c, r)) throw std::logic_error("a form is not symmetric");
        if (is_positive_definite(q.map([](double x) { return Interval(x); })) != Ternary::yes) throw std::logic_error("a form is not proved positive definite");
        const Matrix<MpInterval> exact = exactly(q);
        const MpInterval a(evidence.weights[j], evidence.weights[j], precision);
        forms.push_back(rounded(exact));
        weights.push_back(-a);
        for (std::size_t m = 0; m < matrices->size(); ++m) {
            const Matrix<MpInterval>& b = (*matrices)[m];
            forms.push_back(rounded(b.transposed() * (exact * b)));
            weights.push_back(a * MpInterval(product.probabilities()[m], precision));
        }
    }

    FormTable table;
    table.dimension = static_cast<int>(n);
    table.count = (forms.size() + lanes - 1) / lanes * lanes;
    table.weights.assign(table.count, 0.0);
    table.sizes.assign(table.count, 0.0);
    table.errors.assign(table.count, 0.0);
    table.lowest.assign(table.count, -1.0);
    table.highest.assign(table.count, 1.0);
    table.degree_interval = to_interval(degree);
    table.degree = degree.midpoint_double();
    table.faces.resize(n);
    for (FaceTable& face : table.faces) face.entries.assign(table.count * n * (n + 1) / 2, 0.0);
    MpInterval total(precision);
    for (std::size_t m = 0; m < table.count; ++m) {
        const bool real = m < forms.size();
        if (real) {
            table.weights[m] = weights[m].midpoint_double();
            table.sizes[m] = std::fabs(table.weights[m]);
            total += abs(weights[m]);
            // n^2 (radius + 2^-46 largest), rounded up.
            const MpInterval omega = MpInterval(Rational(static_cast<long>(n * n)), precision) *
                                     (MpInterval(forms[m].radius, forms[m].radius, precision) + scale_by_power_of_two(MpInterval(forms[m].largest, forms[m].largest, precision), -46));
            table.errors[m] = omega.upper_double();
            table.lowest[m] = forms[m].lowest;
            table.highest[m] = forms[m].highest;
        }
        for (std::size_t f = 0; f < n; ++f) {
            const auto index = [&](std::size_t i) { return i + 1 == n ? f : i < f ? i : i + 1; };
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j <= i; ++j)
                    table.faces[f].entries[triangle(i, j) * table.count + m] = real ? forms[m].entries(index(i), index(j)) : i == j ? 1.0 : 0.0;
        }
    }
    table.total = total.upper_double();
    // Far from underflow and overflow, which the lemma does not know.
    if (!(table.total >= 0x1p-100 && table.total <= 0x1p100)) throw std::logic_error("the weights are too small or too large");
    return table;
}

}  // namespace lyapcert::log_quadratic
