// One expanding gradient among correlated ones, against Monte Carlo and against closed forms.
#include "lyapcert/exponent/outlier.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "products.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

// Gradients 1..n-1 are correlated among themselves as strongly as random vectors around a common direction are; their squared norms lie in
// (0.2, 1.9). Gradient 0 is d^(1/2) times a unit vector with a part `angle` in their direction.
Matrix<Real> random_gram(Random& random, std::size_t n, double d, double angle) {
    std::vector<std::vector<double>> h(n, std::vector<double>(n + 1));
    for (std::size_t i = 1; i < n; ++i) {
        double norm = 0.0;
        for (std::size_t c = 1; c <= n; ++c) h[i][c] = (c == 1 ? 1.0 : 0.3 * random.uniform(-1.0, 1.0));
        for (const double x : h[i]) norm += x * x;
        const double size = std::sqrt(random.uniform(0.2, 1.85) / norm);
        for (double& x : h[i]) x *= size;
    }
    h[0][0] = std::sqrt(d) * std::cos(angle);
    h[0][1] = std::sqrt(d) * std::sin(angle);
    Matrix<Rational> g(n, n + 1);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c <= n; ++c) g(i, c) = Rational(std::lround(h[i][c] * 1e5), 100000);
    const Matrix<Rational> k = g * g.transposed();
    return k.map([](const Rational& x) { return Real(x); });
}

bool is_proved(const Bound& bound) { return mpfr_number_p(bound.enclosure.lower()) != 0; }

Bound bound_of(const std::vector<std::vector<Rational>>& k) { return outlier_bound(test::real_matrix(k)); }

}  // namespace

TEST_CASE("outlier: strongly correlated others, against Monte Carlo", "[T27]") {
    Random random(2701);
    int proved = 0;
    const int count = trials(20);
    for (int trial = 0; trial < count; ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 16));
        const Matrix<Real> k = random_gram(random, n, random.uniform(2.5, 9.0), random.uniform(0.0, 0.5));
        const Bound found = outlier_bound(k);
        CHECK(is_proved(found) == (evidence_as<OutlierEvidence>(found.lower.evidence) != nullptr));
        if (!is_proved(found)) continue;
        ++proved;
        CHECK(evidence_as<OutlierEvidence>(found.lower.evidence)->index == 0);
        CHECK(found.enclosure.lower_double() > 0.0);
        test::check_against(found.enclosure, test::simulate(sgd_product(k, 1), random));
    }
    CHECK(proved > count / 3);
}

TEST_CASE("outlier: two gradients, the formula", "[T27]") {
    // q = k^2 / c.
    const Rational d(5);
    const Rational c(3, 2);
    const Rational k(1, 2);
    const double q = 0.25 / 1.5;
    const double p = 5.0 - q;
    const double b = p - 2.0;
    const double expected = 0.5 * std::log(1.0 + (b + std::sqrt(b * b - 4.0 * p * q)) / 2.0);
    const Bound bound = bound_of({{d, k}, {k, c}});
    CHECK(bound.enclosure.lower_double() == Approx(expected).epsilon(1e-6));
    CHECK(bound.enclosure.lower_double() <= expected);
    const MpInterval sharp = polyhedral_bound(sgd_product(test::real_matrix({{d, k}, {k, c}}), 1), test::until(1e-4, 2)).bound.enclosure;
    CHECK(bound.enclosure.lower_double() <= sharp.upper_double());
    CHECK(bound.enclosure.lower_double() >= 0.8 * sharp.lower_double());
}

TEST_CASE("outlier: orthogonal to the others it is exact", "[T27]") {
    // Others with eta ||g||^2 of exactly 2, 1 and little.
    const Rational half(1, 2);
    const Bound bound = bound_of({{2, half, 0, 0}, {half, 1, 0, Rational(1, 20)}, {0, 0, 4, 0}, {0, Rational(1, 20), 0, Rational(1, 10)}});
    CHECK(bound.enclosure.lower_double() == Approx(std::log(3.0) / 4.0).epsilon(1e-6));
    CHECK(bound.enclosure.lower_double() <= std::log(3.0) / 4.0);
}

TEST_CASE("outlier: nothing is proved where the hypotheses fail", "[T27]") {
    const Rational half(1, 2);
    CHECK(!is_proved(bound_of({{5}})));
    CHECK(!is_proved(bound_of({{2, half}, {half, 1}})));                       // none expands
    CHECK(!is_proved(bound_of({{5, half}, {half, 3}})));                       // two do
    CHECK(!is_proved(bound_of({{3, 1}, {1, 1}})));                             // too much of it in the span: b = 0
    CHECK(!is_proved(bound_of({{Rational(22, 10), half}, {half, 1}})));        // b < 2 e
    CHECK(!is_proved(bound_of({{5, 1, 1}, {1, 1, 1}, {1, 1, 1}})));            // singular
    CHECK(!is_proved(bound_of({{20, Rational(23, 10)}, {Rational(23, 10), 2}})));  // q > 2
    CHECK(is_proved(bound_of({{20, Rational(19, 10)}, {Rational(19, 10), 2}})));
}

TEST_CASE("outlier: enclosures stand for every number in them", "[T27]") {
    Random random(2702);
    for (int trial = 0; trial < trials(5); ++trial) {
        const Matrix<Real> k = random_gram(random, 5, 5.0, 0.1);
        const Real rate = Real::between(Rational(99, 100), Rational(101, 100));
        const Bound wide = outlier_bound(k.map([&](const Real& x) { return rate * x; }));
        for (const long percent : {99, 100, 101}) {
            const Matrix<Real> member = k.map([&](const Real& x) { return Real(Rational(percent, 100)) * x; });
            const Bound narrow = outlier_bound(member);
            REQUIRE(is_proved(narrow));
            if (is_proved(wide)) CHECK(wide.enclosure.lower_double() <= narrow.enclosure.lower_double());
        }
    }
}

TEST_CASE("outlier: evidence is not trusted", "[T27]") {
    // q = 1/4 / (3/2) = 1/6 is the part of the first gradient in the span of the second.
    const Matrix<Real> k = test::real_matrix({{5, Rational(1, 2)}, {Rational(1, 2), Rational(3, 2)}});
    CHECK(is_proved(outlier_bound(k, OutlierEvidence{0, 0.1667})));
    for (const double q : {0.1666, 0.0, -0.1, 2.1, std::nan(""), HUGE_VAL}) CHECK(!is_proved(outlier_bound(k, OutlierEvidence{0, q})));
    CHECK(!is_proved(outlier_bound(k, OutlierEvidence{1, 0.1667})));
    CHECK(!is_proved(outlier_bound(k, OutlierEvidence{2, 0.1667})));
    // More than the least q proves less.
    CHECK(outlier_bound(k, OutlierEvidence{0, 0.2}).enclosure.lower_double() < outlier_bound(k, OutlierEvidence{0, 0.1667}).enclosure.lower_double());
}
