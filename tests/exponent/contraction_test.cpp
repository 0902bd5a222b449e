#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/contraction.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

TEST_CASE("contraction on the diagonal", "[T7]") {
    const auto bound = [](const Rows& rows) { return contraction_bound(real_matrix(rows), 100).enclosure; };
    CHECK(is_exactly_zero(bound({{2, 1}, {1, 2}})));
    CHECK(is_exactly_zero(bound({{2}})));
    // Singular semidefinite, all norms^2 = 2.
    CHECK(is_exactly_zero(bound({{2, 2}, {2, 2}})));
    const MpInterval expanding = bound({{3, 1}, {1, 2}});
    CHECK(mpfr_zero_p(expanding.lower()));
    CHECK(mpfr_inf_p(expanding.upper()));
    const MpInterval weak = bound({{2, half}, {half, 1}});
    CHECK(mpfr_inf_p(weak.lower()));
    CHECK(mpfr_zero_p(weak.upper()));
    const MpInterval strict = bound({{1, Rational(3, 5)}, {Rational(3, 5), 1}});
    // c = 1, kappa = 2/5, N = 2: (1/2) log(4/5).
    CHECK(strict.upper_double() == Approx(0.5 * std::log(0.8)));
    CHECK(mpfr_inf_p(bound({{3, 1}, {1, 1}}).upper()));
    CHECK(mpfr_inf_p(bound({{3, 1}, {1, 1}}).lower()));
    CHECK_THROWS_AS(bound({{1, 2}, {2, 1}}), std::invalid_argument);  // no Gram matrix
    // Rank one, d = 1/2 twice: lambda = log(1/2), and c = 3/2, kappa = 1 give the same.
    CHECK(bound({{half, half}, {half, half}}).upper_double() == Approx(std::log(0.5)));
    // N = 1: lambda = log|1 - d|, the bound is (1/2) log(1 - (2 - d) d) = log|1 - d|.
    CHECK(bound({{Rational(1, 4)}}).upper_double() == Approx(std::log(0.75)));
    Random random(86);
    for (int trial = 0; trial < trials(10); ++trial) {
        Matrix<Rational> g = random.gram(3, 4, 3, 2);
        Rational largest(0);
        for (std::size_t i = 0; i < 3; ++i) largest = std::max(largest, g(i, i));
        if (largest.is_zero() || rank(g) < 3) continue;
        g = g.map([&](const Rational& x) { return Rational(x * Rational(9, 5) / largest); });
        const MpInterval b = contraction_bound(to_reals(g), 60).enclosure;
        CHECK(b.upper_double() < 0.0);
        check_against(b, simulate(sgd_product(to_reals(g), 1), random));
    }
}

TEST_CASE("all norms equal to 2 / eta: lambda is exactly zero, singular or not", "[T7]") {
    Random random(90);
    for (int trial = 0; trial < trials(20); ++trial) {
        // Rational unit vectors (2t, 1 - t^2) / (1 + t^2), times sqrt(2): inner products 2 cos.
        const std::size_t n = 3;
        std::vector<std::pair<Rational, Rational>> g;
        for (std::size_t i = 0; i < n; ++i) {
            const Rational t = random.rational();
            g.emplace_back(2 * t / (1 + t * t), (1 - t * t) / (1 + t * t));
        }
        Matrix<Real> m(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) m(i, j) = Real(Rational(2 * (g[i].first * g[j].first + g[i].second * g[j].second)));
        CHECK(is_exactly_zero(contraction_bound(m, 80).enclosure));
        const RandomProduct p = sgd_product(m, 1);
        CHECK(p.dimension() <= 2);
        check_against(MpInterval(80), simulate(p, random));
    }
}
