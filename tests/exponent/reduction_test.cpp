#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/reduction.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

TEST_CASE("reduction: block diagonal Gram matrices", "[T3]") {
    // Orthogonal gradients: max (1/N) log|1 - eta G_ii|.
    const RandomProduct p = sgd_product(real_matrix({{3, 0, 0}, {0, half, 0}, {0, 0, 5}}), 1);
    const auto parts = reduce(p);
    REQUIRE(parts.size() == 3);
    MpInterval lambda = MpInterval::minus_infinity(100);
    for (const ReducedProduct& part : parts) {
        CHECK(part.weight == Rational(1, 3));
        CHECK(part.product.dimension() == 1);
        CHECK(part.product.size() == 1);
        lambda = max(lambda, MpInterval(part.weight, 100) * closed_form(part.product, 100).value().enclosure);
    }
    CHECK_NOTHROW(intersect(lambda, times(Rational(1, 3), log_of(4))));
    // One block of two, one of one.
    const auto mixed = reduce(sgd_product(real_matrix({{1, 0, half}, {0, 3, 0}, {half, 0, 1}}), 1));
    REQUIRE(mixed.size() == 2);
    CHECK(mixed[0].indices == std::vector<std::size_t>{0, 2});
    CHECK(mixed[0].weight == Rational(2, 3));
    CHECK(mixed[0].product.size() == 2);
    CHECK(mixed[0].product.probabilities()[0] == half);
    CHECK(mixed[1].weight == Rational(1, 3));
    CHECK(mixed[1].product.rational()[0](0, 0) == -2);
}

TEST_CASE("reduction: triangular families, identities, zero blocks", "[T3][T4]") {
    Random random(88);
    const RandomProduct triangular = uniform({real_matrix({{2, 5}, {0, half}}), real_matrix({{Rational(1, 3), 1}, {0, 3}})});
    const auto parts = reduce(triangular);
    REQUIRE(parts.size() == 2);
    MpInterval lambda = MpInterval::minus_infinity(100);
    for (const ReducedProduct& part : parts) lambda = max(lambda, MpInterval(part.weight, 100) * closed_form(part.product, 100).value().enclosure);
    CHECK_NOTHROW(intersect(lambda, times(half, log_of(Rational(3, 2)))));
    check_against(lambda, simulate(triangular, random));

    const Matrix<Real> identity = Matrix<Real>::identity(2, Real(1), Real(0));
    const RandomProduct lazy({identity, real_matrix({{2, 1}, {1, 1}})}, {Rational(1, 3), Rational(2, 3)});
    const auto awake = reduce(lazy);
    REQUIRE(awake.size() == 1);
    CHECK(awake[0].weight == Rational(2, 3));
    CHECK(awake[0].product.size() == 1);
    check_against(MpInterval(awake[0].weight, 60) * closed_form(awake[0].product, 60).value().enclosure, simulate(lazy, random));

    const auto still = reduce(uniform({identity}));
    REQUIRE(still.size() == 2);
    for (const ReducedProduct& part : still) CHECK(is_exactly_zero(closed_form(part.product, 60).value().enclosure));

    const auto nilpotent = reduce(uniform({real_matrix({{0, 1}, {0, 0}})}));
    REQUIRE(nilpotent.size() == 2);
    for (const ReducedProduct& part : nilpotent) CHECK(is_minus_infinity(closed_form(part.product, 60).value().enclosure));

    // An entry that is not known to be zero keeps a block together.
    const auto kept = reduce(uniform({[] {
        Matrix<Real> m = Matrix<Real>::identity(2, Real(2), Real(0));
        m(0, 1) = m(1, 0) = Real::between(Rational(-1), Rational(1));
        return m;
    }()}));
    CHECK(kept.size() == 1);
}

TEST_CASE("reduction: random block triangular products agree with simulation", "[T3]") {
    Random random(89);
    for (int trial = 0; trial < trials(5); ++trial) {
        std::vector<Matrix<Real>> family;
        for (int k = 0; k < 2; ++k) {
            Matrix<Rational> m = random.rational_matrix(4, 4);
            for (std::size_t i = 2; i < 4; ++i)
                for (std::size_t j = 0; j < 2; ++j) m(i, j) = 0;
            family.push_back(to_reals(m));
        }
        const RandomProduct p = uniform(family);
        const auto parts = reduce(p);
        double largest = -1e300;
        double error = 0.0;
        for (const ReducedProduct& part : parts) {
            const Estimate e = simulate(part.product, random);
            largest = std::max(largest, part.weight.convert_to<double>() * e.mean);
            error += e.error;
        }
        const Estimate whole = simulate(p, random);
        CHECK(std::abs(whole.mean - largest) < 6 * (whole.error + error) + 2e-3);
    }
}

TEST_CASE("the lean form of single-sample products gives what the family gives", "[T3][T5]") {
    Random random(61);
    for (int trial = 0; trial < trials(12); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 10));
        Matrix<Rational> m = random.gram(n, n + 1);
        if (random.chance(0.5))  // two blocks
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    if ((i < n / 2) != (j < n / 2)) m(i, j) = 0;
        if (is_positive_definite(m) != Ternary::yes) continue;
        const RandomProduct lean = sgd_product(to_reals(m), 1);
        REQUIRE(lean.scaled_gram() != nullptr);
        const RandomProduct dense(lean.matrices(), lean.probabilities());
        const auto equal = [](const MpInterval& x, const MpInterval& y) {
            return mpfr_equal_p(x.lower(), y.lower()) && mpfr_equal_p(x.upper(), y.upper());
        };
        CHECK(equal(determinant_bound(lean, 100).enclosure, determinant_bound(dense, 100).enclosure));
        CHECK_NOTHROW(intersect(second_moment_exponent(lean, 60).enclosure, second_moment_exponent(dense, 60).enclosure));
        const auto p = reduce(lean);
        const auto q = reduce(dense);
        REQUIRE(p.size() == q.size());
        for (std::size_t c = 0; c < p.size(); ++c) {
            CHECK(p[c].weight == q[c].weight);
            CHECK(p[c].indices == q[c].indices);
            const auto x = closed_form(p[c].product, 100);
            const auto y = closed_form(q[c].product, 100);
            CHECK(x.has_value() == y.has_value());
            if (x && y) CHECK(equal(x->enclosure, y->enclosure));
            CHECK(equal(determinant_bound(p[c].product, 100).enclosure, determinant_bound(q[c].product, 100).enclosure));
        }
    }
}
