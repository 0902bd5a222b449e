#include "lyapcert/numeric/real.hpp"

#include <catch2/catch.hpp>

#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

Real root(const Rational& x) {
    return Real::from_rule([x](long precision) { return sqrt(MpInterval(x, precision)); });
}

// An enclosing rule around a rational: the exact value is known to the test only.
Real hidden(const Rational& x) {
    return Real::from_rule([x](long precision) {
        const Rational slack = Rational(1) / Rational(pow(Integer(2), static_cast<unsigned>(precision)));
        return MpInterval(x - slack, x + slack, precision);
    });
}

}  // namespace

TEST_CASE("rational reals stay exact") {
    Random random(31);
    for (int trial = 0; trial < trials(500); ++trial) {
        const Rational a = random.rational();
        const Rational b = random.rational();
        CHECK((Real(a) + Real(b)).rational() == a + b);
        CHECK((Real(a) - Real(b)).rational() == a - b);
        CHECK((Real(a) * Real(b)).rational() == a * b);
        CHECK((-Real(a)).rational() == -a);
        if (!b.is_zero()) CHECK((Real(a) / Real(b)).rational() == a / b);
        CHECK(less(Real(a), Real(b)) == ternary(a < b));
        CHECK(known_equal(Real(a), Real(b)) == (a == b));
        CHECK(Real(a).is_zero() == ternary(a.is_zero()));
        CHECK(Real(a).is_positive() == ternary(a > 0));
    }
    CHECK(Real().known_zero());
    CHECK(Real(1).known_one());
    CHECK_THROWS_AS(Real(1) / Real(0), std::domain_error);
}

TEST_CASE("random expressions contain the exact value at every precision") {
    Random random(32);
    for (int trial = 0; trial < trials(400); ++trial) {
        std::vector<Rational> exact;
        std::vector<Real> reals;
        for (int k = 0; k < 4; ++k) {
            exact.push_back(random.rational());
            reals.push_back(random.chance(0.3) ? Real(exact.back()) : hidden(exact.back()));
        }
        for (int step = 0; step < 6; ++step) {
            const auto i = static_cast<std::size_t>(random.integer(0, static_cast<long>(exact.size()) - 1));
            const auto j = static_cast<std::size_t>(random.integer(0, static_cast<long>(exact.size()) - 1));
            switch (random.integer(0, 3)) {
                case 0:
                    exact.push_back(exact[i] + exact[j]);
                    reals.push_back(reals[i] + reals[j]);
                    break;
                case 1:
                    exact.push_back(exact[i] - exact[j]);
                    reals.push_back(reals[i] - reals[j]);
                    break;
                case 2:
                    exact.push_back(exact[i] * exact[j]);
                    reals.push_back(reals[i] * reals[j]);
                    break;
                default:
                    if (exact[j].is_zero() || (exact[j] < Rational(1, 100) && exact[j] > Rational(-1, 100))) break;
                    exact.push_back(exact[i] / exact[j]);
                    reals.push_back(reals[i] / reals[j]);
            }
        }
        for (long precision : {20L, 53L, 100L, 300L}) {
            const MpInterval x = reals.back().at(precision);
            CHECK(contains(x, exact.back()));
        }
        CHECK(contains(reals.back().interval(), exact.back()));
        if (reals.back().is_rational()) CHECK(reals.back().rational() == exact.back());
        const Ternary positive = reals.back().is_positive();
        if (positive == Ternary::yes) CHECK(exact.back() > 0);
        if (positive == Ternary::no) CHECK(exact.back() <= 0);
        const Ternary zero = reals.back().is_zero();
        if (zero == Ternary::no) CHECK(!exact.back().is_zero());
        if (zero == Ternary::yes) CHECK(exact.back().is_zero());
    }
}

TEST_CASE("irrational reals: known facts and escalation") {
    const Real two = root(2) * root(2);
    CHECK(two.is_zero() == Ternary::no);
    CHECK((two - Real(2)).is_zero() == Ternary::undecided);
    CHECK(!(two - Real(2)).known_zero());
    CHECK((root(2) * Real(0)).known_zero());
    CHECK(less(root(2), root(3)) == Ternary::yes);
    CHECK(less(root(3), root(2)) == Ternary::no);
    // sqrt(2) against a rational 200 bits close to it.
    const Rational close = rational_from_double(1.4142135623730951);
    CHECK(less(root(2), Real(close)) == Ternary::yes);
    const MpInterval x = (root(2) - Real(close)).at(100);
    CHECK(x.width_double() < 1e-28);
}

TEST_CASE("a divisor that low precision cannot tell from zero") {
    // 2^(1/2) minus a rational 200 bits close to it: zero at 64 bits, not at 1024.
    Rational close(1);
    for (int n = 0; n < 6; ++n) close = (close + 2 / close) / 2;
    const Real divisor = root(2) - Real(close);
    CHECK(divisor.is_zero(4096) == Ternary::no);
    CHECK((Real(1) / divisor).is_positive(4096) == Ternary::no);
    CHECK((Real(1) / divisor).is_zero(4096) == Ternary::no);
    CHECK((Real(1) / (root(2) * root(2) - Real(2))).is_positive(256) == Ternary::undecided);
}

TEST_CASE("interval reals") {
    const Real eta = Real::between(Rational(1, 10), Rational(1, 5));
    CHECK(!eta.is_rational());
    CHECK(contains(eta.at(64), Rational(3, 20)));
    CHECK(eta.is_positive() == Ternary::yes);
    CHECK((eta - Real(Rational(3, 20))).is_positive() == Ternary::undecided);
    CHECK(Real::between(Rational(1, 3), Rational(1, 3)).is_rational());
    CHECK_THROWS_AS(Real::between(Rational(1), Rational(0)), std::invalid_argument);
}
