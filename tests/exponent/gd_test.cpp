#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/raise_precision.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

TEST_CASE("gradient descent: closed forms", "[T2]") {
    for (long precision : {53L, 200L}) {
        check_value(gd_exponent(real_matrix({{Rational(1, 5)}}), precision).enclosure, log_of(Rational(4, 5)), precision);
        CHECK(is_minus_infinity(gd_exponent(real_matrix({{1}}), precision).enclosure));
        CHECK(is_exactly_zero(gd_exponent(real_matrix({{2}}), precision).enclosure));
        // Diagonal: max log|1 - d/3|.
        check_value(gd_exponent(real_matrix({{1, 0, 0}, {0, 3, 0}, {0, 0, 7}}), precision).enclosure, log_of(Rational(4, 3)), precision);
        CHECK(is_minus_infinity(gd_exponent(real_matrix({{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}), precision).enclosure));
        // kappa = 1 +- 3/5: 1 - kappa/2 = 1/5, 4/5.
        check_value(gd_exponent(real_matrix({{1, Rational(3, 5)}, {Rational(3, 5), 1}}), precision).enclosure, log_of(Rational(4, 5)), precision);
        // 2 I + ones: kappa = 2, 2, 5; 1 - kappa/3 = 1/3, 1/3, -2/3.
        check_value(gd_exponent(real_matrix({{3, 1, 1}, {1, 3, 1}, {1, 1, 3}}), precision).enclosure, log_of(Rational(2, 3)), precision);
        // 3 I + ones: kappa = 3, 3, 6: the largest is 2 N.
        CHECK(is_exactly_zero(gd_exponent(real_matrix({{4, 1, 1}, {1, 4, 1}, {1, 1, 4}}), precision).enclosure));
        // Rank 1: kappa = 3 = N: -inf; the zero eigenvalues do not count.
        CHECK(is_minus_infinity(gd_exponent(real_matrix({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}), precision).enclosure));
        check_value(gd_exponent(real_matrix({{2, 2}, {2, 2}}), precision).enclosure, MpInterval(400), precision);
        check_value(gd_exponent(real_matrix({{half, half}, {half, half}}), precision).enclosure, log_of(half), precision);
        // A projection of rank 2 scaled by N = 3.
        CHECK(is_minus_infinity(gd_exponent(real_matrix({{2, -1, -1}, {-1, 2, -1}, {-1, -1, 2}}), precision).enclosure));
    }
    CHECK_THROWS_AS(gd_exponent(real_matrix({{0}}), 53), std::invalid_argument);
    CHECK_THROWS_AS(gd_exponent(real_matrix({{1, 2}, {2, 1}}), 53), std::invalid_argument);
    CHECK_THROWS_AS(gd_exponent(real_matrix({{1, 2}, {0, 5}}), 53), std::invalid_argument);
}

TEST_CASE("gradient descent: interval learning rates", "[T2]") {
    const Real eta = Real::between(Rational(1, 10), Rational(1, 5));
    const MpInterval x = gd_exponent(Matrix<Real>(1, 1, eta), 100).enclosure;
    CHECK(x.lower_double() <= std::log(0.8));
    CHECK(x.upper_double() >= std::log(0.9) - 1e-15);
    CHECK(x.upper_double() < -0.1);
    Matrix<Real> m(3, 3, eta * Real(Rational(1, 10)));
    for (std::size_t i = 0; i < 3; ++i) m(i, i) = eta;
    const MpInterval y = gd_exponent(m, 100).enclosure;
    CHECK(y.lower_double() <= std::log(1 - 0.2 * 0.9 / 3));
    CHECK(y.upper_double() >= std::log(1 - 0.1 * 0.9 / 3));
    CHECK(y.width_double() < 0.2);
}

TEST_CASE("gradient descent: random matrices against the exact inertia", "[T2]") {
    Random random(82);
    int compared = 0;
    for (int trial = 0; trial < trials(150); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        const Matrix<Rational> m = random.gram(n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n))), 4, 2);
        const std::size_t r = rank(m);
        if (r == 0) continue;
        const MpInterval mu = gd_exponent(to_reals(m), 90).enclosure;
        if (is_minus_infinity(mu)) continue;
        CHECK(is_sharp(mu, 86));
        // With t = e^mu: kappa lies in [N (1 - t), N (1 + t)] for every positive kappa, and on an end for one of them.
        const Rational size(static_cast<long>(n));
        const auto positive_inside = [&](const Rational& t) -> std::optional<std::size_t> {
            const Rational low = std::max(Rational(size * (1 - t)), Rational(0));
            const auto below = low.is_zero() ? std::optional<std::size_t>(n - r) : test::count_below(m, low);
            const auto above = test::count_below(m, size * (1 + t));
            if (!below || !above) return std::nullopt;
            return *above - *below;
        };
        const Rational slack = Rational(1) / Rational(pow(Integer(10), 20));
        const MpInterval t = exp(mu);
        Rational upper;
        mpfr_get_q(upper.backend().data(), t.upper());
        if (const auto count = positive_inside(upper + slack)) {
            CHECK(*count == r);
            ++compared;
        }
        if (const auto count = positive_inside(upper - slack)) CHECK(*count < r);
    }
    CHECK(compared > 20);
}
