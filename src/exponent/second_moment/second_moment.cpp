#include "lyapcert/exponent/second_moment.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "exponent/second_moment/approximate_perron.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/moment_operator.hpp"
#include "lyapcert/exponent/raise_precision.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/linalg/spectral_radius.hpp"

namespace lyapcert {

namespace {

using Mp = MpInterval;

constexpr std::size_t largest_small_dimension = 8;  // n (n + 1) / 2 <= 36
constexpr std::size_t largest_exact_dimension = 24;
constexpr std::size_t largest_dense_dimension = 100;  // the operator on all symmetric matrices costs N^3 and more a time

bool is_nilpotent(const RandomProduct& product) {
    if (product.dimension() > largest_exact_dimension || !product.is_rational()) return false;
    for (const Matrix<Real>& a : product.matrices())
        if (!contains_zero(determinant(a).at(64))) return false;  // powers of a regular matrix do not vanish
    return all_long_words_vanish(product.rational());
}

// Both halves of Lemma 1 for one P > 0; image = L(P).
template <class T>
class CollatzWielandt {
  public:
    CollatzWielandt(Matrix<T> p, Matrix<T> image) : p_(std::move(p)), image_(std::move(image)) {}

    bool positive() const { return is_positive_definite(p_) == Ternary::yes; }
    bool at_most(const T& b) const { return is_positive_definite(difference(b, true)) == Ternary::yes; }
    bool at_least(const T& a) const { return is_positive_definite(difference(a, false)) == Ternary::yes; }

  private:
    Matrix<T> difference(const T& c, bool above) const {
        const RoundUpward guard;
        Matrix<T> result = p_;
        for (std::size_t i = 0; i < p_.rows(); ++i)
            for (std::size_t j = 0; j < p_.rows(); ++j) result(i, j) = above ? c * p_(i, j) - image_(i, j) : image_(i, j) - c * p_(i, j);
        return result;
    }
    Matrix<T> p_;
    Matrix<T> image_;
};

// The largest e in [first, last] for which holds(e), when it holds for all smaller ones; nothing when none is found.
template <class Holds>
std::optional<long> largest_exponent(long first, long last, Holds&& holds) {
    if (holds(last)) return last;
    std::optional<long> good;
    while (first < last) {
        const long middle = first + (last - first) / 2;
        if (holds(middle)) {
            good = middle;
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return good;
}

// [a, b] with a P < L(P) < b P, near the approximate eigenvalue r. Infinite upper end or zero lower end: not found.
template <class T, class MakePoint>
Mp verified_quotients(const Matrix<T>& p, const Matrix<T>& image, const Mp& r, long finest, long precision, Deadline deadline, MakePoint&& point) {
    Mp result = Mp(Rational(0), precision);
    mpfr_set_inf(result.upper_ref(), 1);
    const CollatzWielandt<T> test(p, image);
    if (!test.positive()) return result;
    const auto above = [&](long e) { return point(r * (Mp(Rational(1), precision) + scale_by_power_of_two(Mp(Rational(1), precision), -e)), true); };
    const auto below = [&](long e) { return point(r * (Mp(Rational(1), precision) - scale_by_power_of_two(Mp(Rational(1), precision), -e)), false); };
    if (const auto e = largest_exponent(-30, finest, [&](long k) { return !is_over(deadline) && test.at_most(above(k).second); })) {
        const Mp end = above(*e).first;
        mpfr_set(result.upper_ref(), end.upper(), MPFR_RNDU);
    }
    if (const auto e = largest_exponent(1, finest, [&](long k) { return !is_over(deadline) && test.at_least(below(k).second); })) {
        const Mp end = below(*e).first;
        mpfr_set(result.lower_ref(), end.lower(), MPFR_RNDD);
    }
    return result;
}

std::pair<Mp, Mp> mp_point(const Mp& x, bool upper) {
    Mp end(x.precision());
    mpfr_set(end.lower_ref(), upper ? x.upper() : x.lower(), MPFR_RNDD);
    mpfr_set(end.upper_ref(), end.lower(), MPFR_RNDU);
    return {end, end};
}

std::pair<Mp, Interval> double_point(const Mp& x, bool upper) {
    const double end = upper ? x.upper_double() : x.lower_double();
    return {Mp(end, end, x.precision()), Interval(end)};
}

// Coordinates (i, j), i <= j, of symmetric matrices.
struct SymmetricBasis {
    explicit SymmetricBasis(std::size_t n) : dimension(n) {
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = i; j < n; ++j) pairs.emplace_back(i, j);
    }
    std::size_t dimension;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
};

Matrix<Mp> matrix_of(const RandomProduct& product, const SymmetricBasis& basis, long working) {
    const MomentOperator<Mp> l(product, [working](const Real& x) { return x.at(working); });
    const std::size_t d = basis.pairs.size();
    Matrix<Mp> t(d, d, Mp(working));
    for (std::size_t c = 0; c < d; ++c) {
        Matrix<Mp> e(basis.dimension, basis.dimension, Mp(working));
        e(basis.pairs[c].first, basis.pairs[c].second) = e(basis.pairs[c].second, basis.pairs[c].first) = Mp(Rational(1), working);
        const Matrix<Mp> image = l(e);
        for (std::size_t r = 0; r < d; ++r) t(r, c) = image(basis.pairs[r].first, basis.pairs[r].second);
    }
    return t;
}

Mp small_dimension(const RandomProduct& product, long precision) {
    const std::size_t n = product.dimension();
    const long working = precision + 64;
    const SymmetricBasis basis(n);
    const Matrix<Mp> t = matrix_of(product, basis, working);
    std::vector<ApproximateFloat> start;
    for (const auto& [i, j] : basis.pairs) start.emplace_back(i == j ? 1.0 : 0.0, working);
    const std::vector<ApproximateFloat> v = approximate_dominant_vector(t.map([](const Mp& x) { return ApproximateFloat(x); }), start);
    Mp best = Mp::everything(working);
    if (std::all_of(v.begin(), v.end(), [](const ApproximateFloat& x) { return x.is_finite(); })) {
        Matrix<Mp> p(n, n, Mp(working));
        for (std::size_t c = 0; c < v.size(); ++c)
            p(basis.pairs[c].first, basis.pairs[c].second) = p(basis.pairs[c].second, basis.pairs[c].first) = v[c].exactly();
        const MomentOperator<Mp> l(product, [working](const Real& x) { return x.at(working); });
        const Matrix<Mp> image = l(p);
        Mp numerator(working);
        Mp denominator(working);
        for (std::size_t i = 0; i < n; ++i) {
            numerator += image(i, i);
            denominator += p(i, i);
        }
        if (certainly_positive(numerator) && certainly_positive(denominator)) {
            const Mp r = ApproximateFloat(numerator / denominator).exactly();
            best = log(verified_quotients(p, image, r, precision + 40, working, no_deadline, mp_point));
        }
    }
    // What interval data leave open, squaring does not close either; but it may be the Perron eigenmatrix that is singular.
    if (best.width_double() <= std::ldexp(1.0, static_cast<int>(-precision)) || is_sharp(best, precision)) return best;
    return intersect(best, log_spectral_radius([&](long w) { return matrix_of(product, basis, w); }, precision));
}

MomentOperator<Interval> interval_operator(const RandomProduct& product) {
    const RoundUpward guard;
    return MomentOperator<Interval>(product, [](const Real& x) { return x.interval(); });
}

Mp large_dimension(const RandomProduct& product, long precision, Deadline deadline) {
    const std::size_t n = product.dimension();
    const MomentOperator<double> approximate(product, [](const Real& x) { return x.at(64).midpoint_double(); });
    const MomentOperator<Interval> l = interval_operator(product);
    const ApproximatePerron perron = approximate_perron([&](const Matrix<double>& p) { return approximate(p); }, n, part_of(deadline, 0.6));
    Mp best(Rational(0), precision);
    mpfr_set_inf(best.upper_ref(), 1);
    if (!(perron.value > 0.0) || !std::isfinite(perron.value)) return Mp::everything(precision);
    const Mp r(perron.value, perron.value, precision);
    double trace = 0.0;
    for (std::size_t i = 0; i < n; ++i) trace += perron.matrix(i, i);
    const auto use = [&](const Matrix<double>& candidate) {
        if (is_over(deadline)) return;
        for (double x : candidate.entries())
            if (!std::isfinite(x)) return;
        const Matrix<Interval> p = candidate.map([](double x) { return Interval(x); });
        const RoundUpward guard;
        best = intersect(best, verified_quotients(p, l(p), r, 50, precision, deadline, double_point));
    };
    // A nearly singular eigenmatrix is pushed into the cone.
    for (double push : {0.0, 1e-12, 1e-9, 1e-6}) {
        Matrix<double> p = perron.matrix;
        for (std::size_t i = 0; i < n; ++i) p(i, i) += push * trace / static_cast<double>(n);
        use(p);
        if (mpfr_number_p(best.upper()) && best.width_double() < 1e-8 * perron.value) break;
    }
    if (!mpfr_number_p(best.upper()) || best.upper_double() > 1.05 * perron.value) {
        // sum_j L^j(I) / c^j satisfies L(P) < c P for every c > rho, however singular the eigenmatrix is.
        const double c = 1.02 * perron.value;
        Matrix<double> p = Matrix<double>::identity(n, 1.0, 0.0);
        for (int k = 0; k < 400 && !is_over(deadline); ++k) {
            p = approximate(p);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) p(i, j) = p(i, j) / c + (i == j ? 1.0 : 0.0);
        }
        use(p);
    }
    return log(best);
}

Bound with_evidence(const Mp& lambda2, const SingleSampleMoment& solutions) {
    const auto end = [&](const std::shared_ptr<const SingleSampleMomentEvidence>& solution) {
        return End{Method::second_moment, std::make_shared<const SecondMomentEvidence>(SecondMomentEvidence{lambda2, solution}), {}};
    };
    Bound result{lambda2, {}, {}};
    if (mpfr_number_p(lambda2.lower())) result.lower = end(solutions.lower);
    if (!mpfr_inf_p(lambda2.upper()) || mpfr_sgn(lambda2.upper()) < 0) result.upper = end(solutions.upper);
    return result;
}

// 1 + c/N as a bound for rho, from the evidence of either side.
Bound single_sample(const RandomProduct& product, long precision, Deadline deadline) {
    const SingleSampleMoment evidence = single_sample_moment(to_intervals(*product.scaled_gram()), deadline);
    const auto log_radius = [&](double c) {
        const Mp radius = Mp(Rational(1), precision) + Mp(c, c, precision) / Mp(Rational(static_cast<unsigned long>(product.dimension())), precision);
        return certainly_positive(radius) ? log(radius) : Mp::everything(precision);
    };
    Mp result = Mp::everything(precision);
    if (evidence.upper) {
        const Mp end = log_radius(evidence.upper->c);
        mpfr_set(result.upper_ref(), end.upper(), MPFR_RNDU);
    }
    if (evidence.lower) {
        const Mp end = log_radius(evidence.lower->c);
        mpfr_set(result.lower_ref(), end.lower(), MPFR_RNDD);
    }
    return with_evidence(result, evidence);
}

CollatzWielandt<Interval> with_image(const RandomProduct& product, const Matrix<Interval>& p) {
    const RoundUpward guard;
    return CollatzWielandt<Interval>(p, interval_operator(product)(p));
}

}  // namespace

bool proves_second_moment_at_most(const RandomProduct& product, const Matrix<Interval>& p, double b) {
    const CollatzWielandt<Interval> test = with_image(product, p);
    return test.positive() && test.at_most(Interval(b));
}

bool proves_second_moment_at_least(const RandomProduct& product, const Matrix<Interval>& p, double a) {
    const CollatzWielandt<Interval> test = with_image(product, p);
    return test.positive() && test.at_least(Interval(a));
}

Bound second_moment_exponent(const RandomProduct& product, long precision, Deadline deadline) {
    if (is_nilpotent(product)) return with_evidence(Mp::minus_infinity(precision), {});
    if (product.scaled_gram() != nullptr && product.dimension() > largest_small_dimension) {
        Bound lambda2 = single_sample(product, std::max(precision, 64L), deadline);
        if (product.dimension() <= largest_dense_dimension && !(lambda2.enclosure.width_double() < 1e-8))
            lambda2.improve(with_evidence(large_dimension(product, precision, deadline), {}));
        lambda2.enclosure = lambda2.enclosure.with_precision(precision);
        return lambda2;
    }
    const Mp lambda2 = product.dimension() <= largest_small_dimension ? small_dimension(product, precision) : large_dimension(product, precision, deadline);
    return with_evidence(lambda2.with_precision(precision), {});
}

Bound second_moment_bound(const Bound& lambda2) { return Bound::at_most(scale_by_power_of_two(lambda2.enclosure, -1), lambda2.upper); }

}  // namespace lyapcert
