#include "lyapcert/exponent/gd_exponent.hpp"

#include "lyapcert/exponent/log_sum.hpp"
#include "lyapcert/exponent/on_normal_space.hpp"
#include "lyapcert/exponent/raise_precision.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/eigenvalues.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

namespace {

bool is_diagonal(const Matrix<Real>& m) {
    for (std::size_t i = 0; i < m.rows(); ++i)
        for (std::size_t j = 0; j < m.rows(); ++j)
            if (i != j && !m(i, j).known_zero()) return false;
    return true;
}

Rational as_rational(std::size_t n) { return Rational(static_cast<unsigned long>(n)); }

Real one_minus(const Real& kappa, std::size_t n) { return Real(1) - kappa * Real(Rational(1 / as_rational(n))); }

MpInterval diagonal_exponent(const Matrix<Real>& m, long precision) {
    MpInterval result = MpInterval::minus_infinity(precision);
    for (std::size_t i = 0; i < m.rows(); ++i)
        if (!m(i, i).known_zero()) result = max(result, log_sum({{Rational(1), one_minus(m(i, i), m.rows())}}, precision));
    return result;
}

MpInterval two_by_two(const Matrix<Real>& m, long precision) {
    const Real t = Real(1) - (m(0, 0) + m(1, 1)) * Real(Rational(1, 4));
    const Real half_difference = (m(0, 0) - m(1, 1)) * Real(Rational(1, 4));
    const Real half_off = m(0, 1) * Real(Rational(1, 2));
    return raise_precision_until_sharp(
        [&](long working) {
            const MpInterval s = square(half_difference.at(working)) + square(half_off.at(working));
            return log(abs(t.at(working)) + sqrt(s));
        },
        precision);
}

// M^2 = N M, entry by entry: the first one nearly always decides.
bool is_multiple_of_projection(const Matrix<Rational>& m) {
    const std::size_t n = m.rows();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Rational sum(0);
            for (std::size_t k = 0; k < n; ++k) sum += m(i, k) * m(k, j);
            if (sum != as_rational(n) * m(i, j)) return false;
        }
    return true;
}

bool largest_eigenvalue_is(const Rational& kappa, const Matrix<Rational>& m) {
    const std::size_t n = m.rows();
    Matrix<Rational> difference = m.map([](const Rational& x) { return Rational(-x); });
    for (std::size_t i = 0; i < n; ++i) difference(i, i) += kappa;
    return is_positive_semidefinite(difference) && independent_indices(difference).size() < n;
}

MpInterval from_eigenvalues(const Matrix<Real>& m, std::size_t zero_eigenvalues, long precision) {
    const std::size_t n = m.rows();
    return raise_precision_until_sharp(
        [&](long working) {
            const std::vector<MpInterval> kappa = symmetric_eigenvalues(enclose(m, working));
            MpInterval result = MpInterval::minus_infinity(working);
            for (std::size_t k = zero_eigenvalues; k < n; ++k) {
                const MpInterval factor = MpInterval(Rational(1), working) - kappa[k] / MpInterval(as_rational(n), working);
                result = max(result, log(abs(factor)));
            }
            return result;
        },
        precision);
}

// kappa >= 0 is known of a Gram matrix; infinite ends make infinite bounds.
MpInterval from_extreme_eigenvalues(const ExtremeEigenvalues& kappa, std::size_t size, long precision) {
    const MpInterval n(as_rational(size), precision);
    const auto log_factor = [&](const Interval& x) {
        return log(abs(MpInterval(Rational(1), precision) - max(MpInterval(precision), to_mp(x, precision)) / n));
    };
    return max(log_factor(kappa.smallest), log_factor(kappa.largest));
}

Bound of_all_eigenvalues(const NormalSpace& space, long precision, Deadline deadline) {
    const Matrix<Real>& m = space.scaled_gram();
    const std::size_t n = m.rows();
    const std::size_t rank = space.rank();
    if (n > largest_high_precision_dimension && rank == n && !is_diagonal(m)) {
        if (n > largest_exact_elimination || !space.may_be_singular()) {
            auto kappa = std::make_shared<const ExtremeEigenvalues>(extreme_eigenvalues(to_intervals(m), deadline));
            const MpInterval mu = from_extreme_eigenvalues(*kappa, n, precision);
            return Bound::between(mu, {Method::extreme_eigenvalues, std::move(kappa), {}});
        }
    }
    std::optional<Matrix<Rational>> exact;
    if (is_rational(m) && n <= largest_exact_elimination) exact = to_rational(m);
    if (is_diagonal(m)) return Bound::between(diagonal_exponent(m, precision), {Method::diagonal_gram});
    if (rank == 1) {
        Real trace(0);
        for (std::size_t i = 0; i < n; ++i) trace += m(i, i);
        return Bound::between(log_sum({{Rational(1), one_minus(trace, n)}}, precision), {Method::rank_one_gram});
    }
    if (exact) {
        if (is_multiple_of_projection(*exact)) return Bound::between(MpInterval::minus_infinity(precision), {Method::multiple_of_projection});
        // Try intervals first: exact elimination is slow on large matrices and rarely needed.
        if (n == 2 || contains_zero(from_eigenvalues(m, n - rank, 64)))
            if (largest_eigenvalue_is(2 * as_rational(n), *exact)) return Bound::between(MpInterval(precision), {Method::top_eigenvalue});
    }
    if (n == 2) return Bound::between(two_by_two(m, precision), {Method::gram_of_dimension_two});
    return Bound::between(from_eigenvalues(m, n - rank, precision), {Method::eigenvalues});
}

}  // namespace

Bound gd_exponent(const NormalSpace& space, long precision, Deadline deadline) { return on_normal_space(space, of_all_eigenvalues(space, precision, deadline)); }

Bound gd_exponent_along(const NormalSpace& space, const Rational& from, const Rational& to, long precision, Deadline deadline) {
    const Bound at_from = gd_exponent(space.at(Real(from)), precision, deadline);
    const Bound at_to = gd_exponent(space.at(Real(to)), precision, deadline);
    Bound result{hull(at_from.enclosure, at_to.enclosure), at_from.lower, at_from.upper};
    if (space.is_singular() || space.may_be_singular() || space.data_points() > largest_high_precision_dimension) {
        // The smallest positive eigenvalue is not at hand: the upper end is all that is said.
        return Bound::at_most(result.enclosure, result.upper);
    }
    const std::vector<MpInterval> kappa = symmetric_eigenvalues(enclose(space.gram(), precision));
    const MpInterval sum = kappa.back() + kappa.front();
    const MpInterval twice(Rational(2 * as_rational(space.data_points())), precision);
    const bool outside = certainly_less(twice, MpInterval(from, precision) * sum) || certainly_less(MpInterval(to, precision) * sum, twice);
    if (outside || !certainly_positive(sum)) return certainly_positive(sum) ? result : Bound::at_most(result.enclosure, result.upper);
    const MpInterval least = log(max(MpInterval(precision), (kappa.back() - kappa.front()) / sum));
    mpfr_set(result.enclosure.lower_ref(), least.lower(), MPFR_RNDD);
    return result;
}

}  // namespace lyapcert
