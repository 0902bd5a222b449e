#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

TEST_CASE("determinants", "[T5]") {
    Random random(85);
    for (int trial = 0; trial < trials(100); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 6));
        Matrix<Rational> a = random.rational_matrix(n, n);
        if (random.chance(0.3)) a = random.rational_matrix(n, 1) * random.rational_matrix(1, n);
        if (random.chance(0.5))  // a unit column
            for (std::size_t i = 0, j = n / 2; i < n; ++i) a(i, j) = i == j ? 1 : 0;
        const Rational exact = determinant(a);
        CHECK(determinant(to_reals(a)).rational() == exact);
        for (long precision : {30L, 100L}) CHECK(contains(determinant(enclose(a, precision)), exact));
        const Matrix<Real> hidden = a.map([](const Rational& x) { return Real::from_rule([x](long p) { return MpInterval(x, p); }); });
        CHECK(contains(determinant(hidden).at(80), exact));
        if (!exact.is_zero()) CHECK(determinant(hidden).at(200).width_double() < 1e-30);
    }
    for (int trial = 0; trial < trials(5); ++trial) {
        const RandomProduct p = uniform({to_reals(random.rational_matrix(3, 3)), to_reals(random.rational_matrix(3, 3))});
        check_against(determinant_bound(p, 60).enclosure, simulate(p, random));
    }
    // One matrix, all eigenvalues of one modulus: the bound is attained.
    const Bound attained = determinant_bound(uniform({real_matrix({{0, -3}, {3, 0}})}), 100);
    CHECK_NOTHROW(intersect(attained.enclosure, log_of(3)));
    MpInterval lower = attained.enclosure;
    CHECK(lower.lower_double() > std::log(3.0) - 1e-15);
    CHECK(mpfr_inf_p(lower.upper()));
    CHECK(mpfr_inf_p(determinant_bound(uniform({real_matrix({{1, 1}, {1, 1}})}), 60).enclosure.lower()));
}
