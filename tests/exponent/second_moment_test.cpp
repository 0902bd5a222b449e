#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

namespace {

// log rho(L) by another way: ||L^m(I)||^(1/m) in doubles.
double approximate_second_moment(const RandomProduct& p) {
    const std::size_t n = p.dimension();
    Matrix<double> x = Matrix<double>::identity(n, 1.0, 0.0);
    double logarithm = 0.0;
    double before = 0.0;
    const int steps = 1500;
    std::vector<Matrix<double>> family;
    for (const Matrix<Real>& a : p.matrices()) family.push_back(a.map([](const Real& e) { return e.at(64).midpoint_double(); }));
    for (int m = 0; m < 2 * steps; ++m) {
        if (m == steps) before = logarithm;
        Matrix<double> y(n, n, 0.0);
        for (std::size_t k = 0; k < p.size(); ++k) {
            const Matrix<double> z = family[k].transposed() * (x * family[k]);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) y(i, j) += p.probabilities()[k].convert_to<double>() * z(i, j);
        }
        double norm = 0.0;
        for (double e : y.entries()) norm = std::max(norm, std::abs(e));
        logarithm += std::log(norm);
        x = y.map([norm](double e) { return e / norm; });
    }
    return (logarithm - before) / steps;
}

}  // namespace

TEST_CASE("second moment: reference values", "[T6]") {
    const RandomProduct p({real_matrix({{Rational(1, 3)}}), real_matrix({{2}})}, {half, half});
    for (long precision : {53L, 128L, 300L}) {
        const Bound b = second_moment_exponent(p, precision);
        check_value(b.enclosure, log_of(Rational(37, 18)), precision);
        const Bound upper = second_moment_bound(b);
        CHECK(mpfr_inf_p(upper.enclosure.lower()));
        CHECK(upper.enclosure.upper_double() == Approx(0.5 * std::log(37.0 / 18.0)));
    }
    // A deterministic matrix: 2 log rho.
    check_value(second_moment_exponent(uniform({real_matrix({{2, 0}, {0, half}})}), 100).enclosure, times(2, log_of(2)), 100);
    check_value(second_moment_exponent(uniform({real_matrix({{0, 0, 1}, {1, 0, 0}, {0, 8, 0}})}), 100).enclosure, times(2, log_of(2)), 100);
    // diag(2, 1/2) or a quarter turn: L on diagonal matrices is [[4 p, q], [q, p / 4]].
    const RandomProduct turn({real_matrix({{2, 0}, {0, half}}), real_matrix({{0, -1}, {1, 0}})}, {half, half});
    const double root = 17.0 / 8;  // with p = q = 1/2 the determinant is zero
    CHECK(second_moment_exponent(turn, 100).enclosure.midpoint_double() == Approx(std::log(root)).epsilon(1e-12));
    CHECK(is_minus_infinity(second_moment_exponent(uniform({real_matrix({{0, 1}, {0, 0}}), real_matrix({{0, 5}, {0, 0}})}), 60).enclosure));
    CHECK(is_minus_infinity(second_moment_exponent(uniform({real_matrix({{0}})}), 60).enclosure));
    CHECK(!is_minus_infinity(second_moment_exponent(uniform({real_matrix({{0, 1}, {0, 0}}), real_matrix({{0, 0}, {1, 0}})}), 60).enclosure));
}

TEST_CASE("second moment: random products in every dimension class", "[T6]") {
    Random random(83);
    for (std::size_t n : {1UL, 2UL, 3UL, 4UL, 8UL, 9UL, 12UL}) {
        for (int trial = 0; trial < trials(3); ++trial) {
            std::vector<Matrix<Real>> family;
            for (int k = 0; k < 3; ++k) family.push_back(to_reals(random.rational_matrix(n, n, 9, 5)));
            const RandomProduct p = uniform(family);
            const MpInterval x = second_moment_exponent(p, 80).enclosure;
            CHECK(x.midpoint_double() == Approx(approximate_second_moment(p)).margin(1e-6));
            CHECK(x.width_double() < (n <= 8 ? 1e-20 : 1e-8));
        }
        const Matrix<Rational> g = random.gram(n, n + 2, 3, 4);
        const RandomProduct p = sgd_product(to_reals(g), 1);
        const MpInterval x = second_moment_exponent(p, 80).enclosure;
        CHECK(x.midpoint_double() == Approx(approximate_second_moment(p)).margin(1e-6));
        CHECK(x.width_double() < (p.dimension() <= 8 ? 1e-20 : 1e-8));
    }
}

TEST_CASE("second moment: the Collatz-Wielandt lemma with good and bad matrices", "[T6]") {
    Random random(91);
    int above = 0;
    int below = 0;
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 3));
        const RandomProduct p = uniform({to_reals(random.rational_matrix(n, n, 3, 2)), to_reals(random.rational_matrix(n, n, 3, 2))});
        Matrix<Rational> q = Matrix<Rational>::identity(n, Rational(1), Rational(0));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) q(i, j) = q(j, i) = q(i, j) + random.rational(2, 4) / 2;
        if (random.chance(0.2)) q = q.map([](const Rational& x) { return Rational(-x); });
        const Matrix<Interval> guess = q.map([](const Rational& x) { return to_interval(x); });
        const double c = random.uniform(-0.5, 12.0);
        const MpInterval log_rho = second_moment_exponent(p, 60).enclosure;
        if (proves_second_moment_at_most(p, guess, c)) {
            ++above;
            CHECK(mpfr_cmp_d(exp(log_rho).lower(), c) <= 0);
        }
        if (proves_second_moment_at_least(p, guess, c)) {
            ++below;
            CHECK(mpfr_cmp_d(exp(log_rho).upper(), c) >= 0);
        }
    }
    CHECK(above > 10);
    CHECK(below > 10);
    // -I satisfies L(P) < b P for b below rho, and proves nothing.
    const RandomProduct two = uniform({real_matrix({{2}})});
    CHECK(!proves_second_moment_at_most(two, Matrix<Interval>(1, 1, Interval(-1.0)), 3.0));
    CHECK(!proves_second_moment_at_least(two, Matrix<Interval>(1, 1, Interval(-1.0)), 5.0));
    CHECK(!proves_second_moment_at_most(two, Matrix<Interval>(1, 1, Interval(1.0)), 3.999));
    CHECK(proves_second_moment_at_most(two, Matrix<Interval>(1, 1, Interval(1.0)), 4.001));
    CHECK(proves_second_moment_at_least(two, Matrix<Interval>(1, 1, Interval(1.0)), 3.999));
}

TEST_CASE("second moment: interval entries, and the bound on lambda", "[T6]") {
    Matrix<Real> m(2, 2, Real(Rational(1, 5)));
    m(0, 0) = Real::between(Rational(1), Rational(11, 10));
    m(1, 1) = Real(Rational(5, 2));
    const MpInterval wide = second_moment_exponent(sgd_product(m, 1), 80).enclosure;
    for (const Rational& d : {Rational(1), Rational(21, 20), Rational(11, 10)}) {
        Matrix<Real> member = m;
        member(0, 0) = Real(d);
        CHECK_NOTHROW(intersect(wide, second_moment_exponent(sgd_product(member, 1), 80).enclosure));
        CHECK(is_subset(second_moment_exponent(sgd_product(member, 1), 80).enclosure, wide));
    }
    CHECK(wide.width_double() < 0.5);
    Random random(84);
    for (int trial = 0; trial < trials(5); ++trial) {
        const RandomProduct p = uniform({to_reals(random.rational_matrix(3, 3)), to_reals(random.rational_matrix(3, 3))});
        check_against(second_moment_bound(second_moment_exponent(p, 60)).enclosure, simulate(p, random));
    }
}
