#include "lyapcert/linalg/positive_definite.hpp"

#include <cmath>

#include "lyapcert/linalg/approximate_eigen.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/verified_cholesky.hpp"

namespace lyapcert {

namespace {

double approximate_midpoint(const Interval& x) { return 0.5 * x.lower() + 0.5 * x.upper(); }
double approximate_midpoint(const MpInterval& x) { return x.midpoint_double(); }

Interval scaled(const Interval& x, long k) { return x * std::ldexp(1.0, static_cast<int>(k)); }
MpInterval scaled(const MpInterval& x, long k) { return scale_by_power_of_two(x, k); }

Interval to_double(const Interval& x) { return x; }
Interval to_double(const MpInterval& x) { return to_interval(x); }

bool certainly_not_positive(const Interval& x) { return x.upper() <= 0.0; }
bool certainly_not_positive(const MpInterval& x) { return mpfr_sgn(x.upper()) <= 0; }

Interval point(double x, const Interval&) { return Interval(x); }
MpInterval point(double x, const MpInterval& like) { return MpInterval(x, x, std::max(like.precision(), 53L)); }

// Exponent e with x close to 4^e; 0 when there is none to speak of.
long half_exponent(const Interval& x) { return x.lower() > 0.0 && std::isfinite(x.upper()) ? std::ilogb(x.upper()) / 2 : 0; }
long half_exponent(const MpInterval& x) { return certainly_positive(x) && mpfr_number_p(x.upper()) ? mpfr_get_exp(x.upper()) / 2 : 0; }

// D a D with D a diagonal of powers of two that brings the diagonal near 1, as double intervals.
template <class T>
Matrix<Interval> balanced(const Matrix<T>& a) {
    const std::size_t n = a.rows();
    std::vector<long> e(n);
    for (std::size_t i = 0; i < n; ++i) e[i] = half_exponent(a(i, i));
    Matrix<Interval> result(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            result(i, j) = to_double(scaled(scaled(a(i, j), -e[i]), -e[j]));
            result(j, i) = result(i, j);
        }
    return result;
}

bool shifted_cholesky(const Matrix<Interval>& b) {
    const std::size_t n = b.rows();
    double radius = 0.0;
    double trace = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        double row = 0.0;
        for (std::size_t j = 0; j < n; ++j) row += 0.5 * (b(i, j).upper() - b(i, j).lower());
        radius = std::max(radius, row);
        trace += b(i, i).upper();
    }
    if (!std::isfinite(radius) || !std::isfinite(trace)) return false;
    for (double shift = 2.0 * radius + 1e-15 * trace, attempt = 0; attempt < 2; shift *= 8.0, ++attempt) {
        Matrix<double> middle = b.map([](const Interval& x) { return approximate_midpoint(x); });
        for (std::size_t i = 0; i < n; ++i) middle(i, i) -= shift;
        const auto r = approximate_cholesky(middle);
        if (!r) return false;
        if (proves_positive_definite(b, *r, shift)) return true;
    }
    return false;
}

// Lemma 2, on the lower triangle.
template <class T>
Ternary eliminate(Matrix<T> a) {
    const RoundUpward guard;
    const std::size_t n = a.rows();
    for (std::size_t k = 0; k < n; ++k) {
        if (certainly_not_positive(a(k, k))) return Ternary::no;
        if (!certainly_positive(a(k, k))) return Ternary::undecided;
        for (std::size_t i = k + 1; i < n; ++i) {
            if (is_zero(a(i, k))) continue;
            const T factor = a(i, k) / a(k, k);
            // The diagonal needs the square: x * x would forget that both factors are one number.
            a(i, i) -= square(a(i, k)) / a(k, k);
            for (std::size_t j = k + 1; j < i; ++j) a(i, j) -= factor * a(j, k);
        }
    }
    return Ternary::yes;
}

// Lemma 3 with v close to an eigenvector of the smallest eigenvalue.
template <class T>
bool refuted_by_a_vector(const Matrix<T>& a) {
    const std::size_t n = a.rows();
    const Matrix<double> middle = a.map([](const T& x) { return approximate_midpoint(x); });
    for (double x : middle.entries())
        if (!std::isfinite(x)) return false;
    const ApproximateEigen eigen = approximate_symmetric_eigen(middle);
    if (!(eigen.values.front() <= 0.0) || !std::isfinite(eigen.values.front())) return false;
    const RoundUpward guard;
    T sum = point(0.0, a(0, 0));
    bool nonzero = false;
    for (std::size_t i = 0; i < n; ++i) {
        const double vi = eigen.vectors(i, 0);
        if (!std::isfinite(vi)) return false;
        nonzero = nonzero || vi != 0.0;
        const T x = point(vi, a(0, 0));
        sum += a(i, i) * square(x);
        for (std::size_t j = 0; j < i; ++j) sum += a(i, j) * (x * point(2.0 * eigen.vectors(j, 0), a(0, 0)));
    }
    return nonzero && certainly_not_positive(sum);
}

template <class T>
Ternary decide(const Matrix<T>& a) {
    if (a.rows() != a.columns() || a.rows() == 0) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    for (std::size_t i = 0; i < a.rows(); ++i)
        if (certainly_not_positive(a(i, i))) return Ternary::no;
    if (shifted_cholesky(balanced(a))) return Ternary::yes;
    const Ternary eliminated = eliminate(a);
    if (eliminated != Ternary::undecided) return eliminated;
    return refuted_by_a_vector(a) ? Ternary::no : Ternary::undecided;
}

// Symmetric elimination with diagonal pivots. `semidefinite` tells whether it went through without a contradiction.
struct DiagonalElimination {
    std::vector<std::size_t> pivots;
    bool semidefinite = true;
};

DiagonalElimination eliminate_on_diagonal(Matrix<Rational> a) {
    const std::size_t n = a.rows();
    DiagonalElimination result;
    std::vector<bool> used(n, false);
    for (std::size_t k = 0; k < n; ++k) {
        const int s = a(k, k).sign();
        if (s < 0) {
            result.semidefinite = false;
            return result;
        }
        if (s == 0) {
            // A zero on the diagonal of a semidefinite matrix has a zero row; later pivots could only lower it.
            for (std::size_t j = 0; j < n; ++j)
                if (!used[j] && !a(k, j).is_zero()) result.semidefinite = false;
            if (!result.semidefinite) return result;
            used[k] = true;
            continue;
        }
        used[k] = true;
        result.pivots.push_back(k);
        for (std::size_t i = 0; i < n; ++i) {
            if (used[i] || a(i, k).is_zero()) continue;
            const Rational factor = a(i, k) / a(k, k);
            for (std::size_t j = 0; j < n; ++j)
                if (!used[j]) a(i, j) -= factor * a(k, j);
        }
    }
    return result;
}

}  // namespace

bool proves_positive_definite(const Matrix<Interval>& b, const Matrix<double>& r, double shift) {
    const std::size_t n = b.rows();
    const RoundUpward guard;
    std::vector<Interval> row(n, Interval(0.0));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Interval residual = b(i, j);
            if (i == j) residual -= Interval(shift);
            for (std::size_t k = 0; k <= j; ++k) residual -= Interval(r(k, i)) * Interval(r(k, j));
            const Interval magnitude(std::max(-residual.lower(), residual.upper()));
            row[i] += magnitude;
            if (i != j) row[j] += magnitude;
        }
    for (const Interval& x : row)
        if (!(x.upper() < shift)) return false;
    return true;
}

Ternary is_positive_definite(const Matrix<Interval>& a) { return decide(a); }
Ternary is_positive_definite(const Matrix<MpInterval>& a) { return decide(a); }

Ternary is_positive_definite(const Matrix<Rational>& a) {
    require_symmetric(a);
    if (a.rows() > 4) {  // exact elimination is slow on large matrices: intervals first
        const Ternary quick = decide(enclose(a, 128));
        if (quick != Ternary::undecided) return quick;
    }
    const DiagonalElimination e = eliminate_on_diagonal(a);
    return ternary(e.semidefinite && e.pivots.size() == a.rows());
}

Ternary is_positive_definite(const Matrix<Real>& a, long max_precision) {
    require_symmetric(a);
    const std::size_t n = a.rows();
    if (n > 16) {
        const Matrix<Interval> b = to_intervals(a);
        if (cholesky_proves_positive_definite(b)) return Ternary::yes;
        if (n > largest_exact_elimination) return shifted_cholesky(balanced(b)) ? Ternary::yes : refuted_by_a_vector(b) ? Ternary::no : Ternary::undecided;
    }
    if (is_rational(a)) return is_positive_definite(to_rational(a));
    Ternary answer = Ternary::undecided;
    for (long precision = 64; precision <= max_precision && answer == Ternary::undecided; precision *= 2) answer = decide(enclose(a, precision));
    return answer;
}

bool is_positive_semidefinite(const Matrix<Rational>& a) {
    require_symmetric(a);
    return eliminate_on_diagonal(a).semidefinite;
}

std::vector<std::size_t> independent_indices(const Matrix<Rational>& a) {
    require_symmetric(a);
    DiagonalElimination e = eliminate_on_diagonal(a);
    if (!e.semidefinite) throw std::invalid_argument("the matrix is not positive semidefinite: it is no Gram matrix");
    return e.pivots;
}

}  // namespace lyapcert
