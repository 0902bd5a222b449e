#include "lyapcert/linalg/extreme_eigenvalues.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lyapcert/linalg/approximate_eigen.hpp"
#include "lyapcert/linalg/verified_cholesky.hpp"

namespace lyapcert {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const Interval& entry(const Matrix<Interval>& a, std::size_t i, std::size_t j) { return i >= j ? a(i, j) : a(j, i); }

std::vector<Interval> times(const Matrix<Interval>& a, const std::vector<double>& v) {
    const std::size_t n = a.rows();
    std::vector<Interval> result(n, Interval(0.0));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            result[i] += a(i, j) * v[j];
            result[j] += a(i, j) * v[i];
        }
        result[i] += a(i, i) * v[i];
    }
    return result;
}

Interval square_norm(const std::vector<double>& v) {
    Interval sum(0.0);
    for (const double x : v) sum += square(Interval(x));
    return sum;
}

// sign * a, shifted and deflated: t I - sign a + theta v v^T.
Matrix<Interval> above(const Matrix<Interval>& a, double sign, double t, double theta, const std::vector<double>& v) {
    const RoundUpward guard;
    const std::size_t n = a.rows();
    Matrix<Interval> b(n, n, Interval(0.0));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Interval x = sign > 0 ? -a(i, j) : a(i, j);
            if (theta > 0) x += Interval(theta) * v[i] * v[j];
            if (i == j) x += Interval(t);
            b(i, j) = x;
        }
    return b;
}

// An upper bound for the largest eigenvalue of sign * a, near `value`, with its eigenvector and the approximate second eigenvalue.
double upper_bound(const Matrix<Interval>& a, double sign, double value, double second, const std::vector<double>& v, Deadline deadline) {
    const std::size_t n = a.rows();
    double trace = 0.0;  // of value I - sign a
    double radius = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        trace += std::fabs(value - sign * 0.5 * (a(i, i).lower() + a(i, i).upper()));
        double row = 0.0;
        for (std::size_t j = 0; j < n; ++j) row += 0.5 * (entry(a, i, j).upper() - entry(a, i, j).lower());
        radius = std::max(radius, row);
    }
    const double resolution = 2.0 * (2.0 * static_cast<double>(n) + 8.0) * 0x1p-52 * (trace + std::fabs(value)) + 1.5 * radius;
    double best = infinity;
    for (const double factor : {1.0, 10.0, 1000.0}) {
        if (is_over(deadline)) return best;
        const double t = value + factor * resolution;
        if (!std::isfinite(t) || !cholesky_proves_positive_definite(above(a, sign, t, 0.0, v))) continue;
        best = t;
        break;
    }
    const double gap = value - second;
    if (n < 2 || !(gap > 4.0 * resolution) || is_over(deadline)) return best;
    const double t = second + std::min(0.5 * gap, 2.0 * resolution);
    if (!cholesky_proves_positive_definite(above(a, sign, t, gap, v))) return best;
    const RoundUpward guard;
    const Interval norm = square_norm(v);
    const std::vector<Interval> av = times(a, v);
    Interval product(0.0);
    for (std::size_t i = 0; i < n; ++i) product += av[i] * v[i];
    const Interval s = (sign > 0 ? product : -product) / norm;
    Interval residual(0.0);
    for (std::size_t i = 0; i < n; ++i) residual += square((sign > 0 ? av[i] : -av[i]) - s * v[i]);
    const Interval distance = s - Interval(t);
    if (!certainly_positive(distance)) return best;
    return std::min(best, (s + residual / norm / distance).upper());
}

}  // namespace

Interval rayleigh_quotient(const Matrix<Interval>& a, const std::vector<double>& v) {
    const RoundUpward guard;
    const std::vector<Interval> av = times(a, v);
    Interval product(0.0);
    for (std::size_t i = 0; i < v.size(); ++i) product += av[i] * v[i];
    const Interval norm = square_norm(v);
    return certainly_positive(norm) ? product / norm : Interval(-infinity, infinity);
}

ExtremeEigenvalues extreme_eigenvalues(const Matrix<Interval>& a, Deadline deadline) {
    if (a.rows() != a.columns() || a.rows() == 0) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    const std::size_t n = a.rows();
    ExtremeEigenvalues result{Interval(-infinity, infinity), Interval(-infinity, infinity), {}, {}};
    if (is_over(deadline)) return result;
    for (const Interval& x : a.entries())
        if (!(std::fabs(x.lower()) < 0x1p400) || !(std::fabs(x.upper()) < 0x1p400)) return result;
    const ApproximateEigen eigen = approximate_symmetric_eigen(a.map([](const Interval& x) { return 0.5 * x.lower() + 0.5 * x.upper(); }));
    for (std::size_t i = 0; i < n; ++i) {
        result.smallest_vector.push_back(eigen.vectors(i, 0));
        result.largest_vector.push_back(eigen.vectors(i, n - 1));
        if (!std::isfinite(eigen.vectors(i, 0)) || !std::isfinite(eigen.vectors(i, n - 1))) return result;
    }
    const double low = eigen.values.front();
    const double high = eigen.values.back();
    const double at_least = rayleigh_quotient(a, result.largest_vector).lower();
    const double at_most = rayleigh_quotient(a, result.smallest_vector).upper();
    const double top = upper_bound(a, 1.0, high, n > 1 ? eigen.values[n - 2] : high, result.largest_vector, deadline);
    const double bottom = -upper_bound(a, -1.0, -low, n > 1 ? -eigen.values[1] : -low, result.smallest_vector, deadline);
    result.largest = Interval(at_least, top);
    result.smallest = Interval(bottom, at_most);
    return result;
}

}  // namespace lyapcert
