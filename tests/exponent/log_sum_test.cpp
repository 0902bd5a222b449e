#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/log_sum.hpp"
#include "lyapcert/exponent/raise_precision.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

TEST_CASE("sums of logarithms: the exact zero test", "[T12]") {
    CHECK(log_sum_is_zero({Rational(1), Rational(1)}, {Rational(2), half}));
    CHECK(log_sum_is_zero({Rational(1, 3), Rational(1, 2)}, {Rational(8), Rational(1, 4)}));
    CHECK(log_sum_is_zero({Rational(1), Rational(1), Rational(-1)}, {Rational(6), Rational(-35), Rational(210)}));
    CHECK(!log_sum_is_zero({Rational(1), Rational(1), Rational(-1)}, {Rational(6), Rational(35), Rational(211)}));
    CHECK(log_sum_is_zero({}, {}));
    CHECK(log_sum_is_zero({Rational(5)}, {Rational(-1)}));
    Random random(81);
    for (int trial = 0; trial < trials(200); ++trial) {
        // prod a_k^{n_k} computed exactly.
        std::vector<Rational> coefficients;
        std::vector<Rational> arguments;
        Rational product(1);
        for (int k = 0; k < 4; ++k) {
            const long power = random.integer(-3, 3);
            Rational a = random.rational(6, 4);
            if (a.is_zero()) a = 1;
            coefficients.emplace_back(power, 7);
            arguments.push_back(a);
            for (long e = 0; e < std::abs(power); ++e) {
                if (power > 0)
                    product *= a;
                else
                    product /= a;
            }
        }
        CHECK(log_sum_is_zero(coefficients, arguments) == (product == 1 || product == -1));
    }
}

TEST_CASE("sums of logarithms: sharp under cancellation, exact at zero and -inf", "[T12]") {
    for (long precision : {53L, 128L, 500L}) {
        check_value(log_sum({{half, Real(Rational(1, 3))}, {half, Real(2)}}, precision), times(half, log_of(Rational(2, 3))), precision);
        CHECK(is_exactly_zero(log_sum({{Rational(1), Real(4)}, {Rational(2), Real(half)}}, precision)));
        const Rational near_one = 1 + 1 / Rational(pow(Integer(10), 60));
        const MpInterval x = log_sum({{Rational(1), Real(Rational(3 * near_one))}, {Rational(1), Real(Rational(1, 3))}}, precision);
        CHECK(is_sharp(x, precision - 4));
        CHECK(certainly_positive(x));
        CHECK(is_minus_infinity(log_sum({{half, Real(0)}, {half, Real(5)}}, precision)));
    }
    CHECK_THROWS_AS(log_sum({{Rational(-1), Real(0)}}, 53), std::domain_error);
    const MpInterval open = log_sum({{Rational(1), Real::between(Rational(-1), Rational(1, 2))}}, 53);
    CHECK(mpfr_inf_p(open.lower()));
    CHECK(open.upper_double() >= 0.0);
    CHECK(open.upper_double() < 1e-10);
}
