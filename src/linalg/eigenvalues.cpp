#include "lyapcert/linalg/eigenvalues.hpp"

#include <algorithm>
#include <cmath>

#include "lyapcert/linalg/approximate_eigen.hpp"
#include "lyapcert/numeric/interval.hpp"

namespace lyapcert {

namespace {

double up(const Interval& x) { return x.upper(); }
double up(const MpInterval& x) { return x.upper_double(); }

Interval magnitude(const Interval& x) { return boost::numeric::abs(x); }
MpInterval magnitude(const MpInterval& x) { return abs(x); }

bool lower_less(const Interval& x, const Interval& y) { return x.lower() < y.lower(); }
bool lower_less(const MpInterval& x, const MpInterval& y) { return mpfr_less_p(x.lower(), y.lower()) != 0; }
bool upper_less(const Interval& x, const Interval& y) { return x.upper() < y.upper(); }
bool upper_less(const MpInterval& x, const MpInterval& y) { return mpfr_less_p(x.upper(), y.upper()) != 0; }

Interval join(const Interval& lower, const Interval& upper) { return Interval(lower.lower(), upper.upper()); }
MpInterval join(const MpInterval& lower, const MpInterval& upper) {
    MpInterval result(lower.precision());
    mpfr_set(result.lower_ref(), lower.lower(), MPFR_RNDD);
    mpfr_set(result.upper_ref(), upper.upper(), MPFR_RNDU);
    return result.check();
}

Interval symmetric_hull(const Interval& x) { return Interval(-x.upper(), x.upper()); }
MpInterval symmetric_hull(const MpInterval& x) { return hull(-x, x); }

// The largest row sum of magnitudes, without the diagonal or with it.
template <class T>
T row_sum_norm(const Matrix<T>& a, bool with_diagonal, const T& zero) {
    T norm = zero;
    for (std::size_t i = 0; i < a.rows(); ++i) {
        T sum = zero;
        for (std::size_t j = 0; j < a.columns(); ++j)
            if (with_diagonal || i != j) sum += magnitude(a(i, j));
        if (upper_less(norm, sum)) norm = sum;
    }
    return norm;
}

template <class T>
std::vector<T> verified(const Matrix<T>& g, const Matrix<T>& v, const T& one, const T& zero) {
    const RoundUpward guard;
    const std::size_t n = g.rows();
    const Matrix<T> vt = v.transposed();
    Matrix<T> e = vt * v;
    for (std::size_t i = 0; i < n; ++i) e(i, i) -= one;
    const T eps = row_sum_norm(e, true, zero);
    if (!(up(eps) < 0.5)) return std::vector<T>(n, symmetric_hull(row_sum_norm(g, true, zero)));
    const Matrix<T> m = vt * (g * v);
    const T delta = symmetric_hull(row_sum_norm(m, false, zero));
    const T theta = one + symmetric_hull(eps);
    std::vector<T> lowers;
    std::vector<T> uppers;
    for (std::size_t i = 0; i < n; ++i) {
        lowers.push_back(m(i, i));
        uppers.push_back(m(i, i));
    }
    std::sort(lowers.begin(), lowers.end(), [](const T& x, const T& y) { return lower_less(x, y); });
    std::sort(uppers.begin(), uppers.end(), [](const T& x, const T& y) { return upper_less(x, y); });
    std::vector<T> result;
    for (std::size_t i = 0; i < n; ++i) result.push_back((join(lowers[i], uppers[i]) + delta) / theta);
    return result;
}

long largest_exponent(const Matrix<MpInterval>& g) {
    long exponent = mpfr_get_emin();
    for (const MpInterval& x : g.entries()) {
        if (mpfr_regular_p(x.lower())) exponent = std::max(exponent, static_cast<long>(mpfr_get_exp(x.lower())));
        if (mpfr_regular_p(x.upper())) exponent = std::max(exponent, static_cast<long>(mpfr_get_exp(x.upper())));
    }
    return exponent == mpfr_get_emin() ? 0 : exponent;
}

}  // namespace

std::vector<MpInterval> symmetric_eigenvalues(const Matrix<MpInterval>& g, const Matrix<MpInterval>& v) {
    const long precision = g(0, 0).precision();
    return verified(g, v, MpInterval(Rational(1), precision), MpInterval(precision));
}

std::vector<MpInterval> symmetric_eigenvalues(const Matrix<MpInterval>& input) {
    if (input.rows() != input.columns() || input.rows() == 0) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    const std::size_t n = input.rows();
    const long exponent = largest_exponent(input);
    long precision = 53;
    for (const MpInterval& x : input.entries()) {
        precision = std::max(precision, x.precision());
        if (!mpfr_number_p(x.lower()) || !mpfr_number_p(x.upper())) return std::vector<MpInterval>(n, MpInterval::everything(precision));
    }
    const Matrix<MpInterval> g = input.map([&](const MpInterval& x) { return scale_by_power_of_two(x, -exponent).with_precision(precision); });
    const Matrix<double> start = approximate_symmetric_eigen(g.map([](const MpInterval& x) { return x.midpoint_double(); })).vectors;
    for (double x : start.entries())
        if (!std::isfinite(x)) throw std::runtime_error("the floating-point eigenvalue solver failed");

    std::vector<MpInterval> result;
    if (n > largest_high_precision_dimension) {
        const Matrix<Interval> small = g.map([](const MpInterval& x) { return to_interval(x); });
        const Matrix<Interval> v = start.map([](double x) { return Interval(x); });
        for (const Interval& x : verified(small, v, Interval(1.0), Interval(0.0))) result.push_back(to_mp(x, precision));
    } else {
        const Matrix<ApproximateFloat> approximate_v =
            approximate_jacobi(g.map([](const MpInterval& x) { return ApproximateFloat(x); }),
                               start.map([precision](double x) { return ApproximateFloat(x, precision); }));
        result = symmetric_eigenvalues(g, approximate_v.map([](const ApproximateFloat& x) { return x.exactly(); }));
    }
    for (MpInterval& x : result) x = scale_by_power_of_two(x, exponent);
    return result;
}

}  // namespace lyapcert
