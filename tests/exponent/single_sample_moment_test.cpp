#include "lyapcert/exponent/single_sample_moment.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

Matrix<Interval> intervals(const Matrix<Rational>& m) {
    return m.map([](const Rational& x) { return to_interval(x); });
}

// log (1 + c/N), exactly enclosed.
MpInterval exponent(double c, std::size_t n) {
    return log(MpInterval(Rational(1) + rational_from_double(c) / static_cast<long>(n), 200));
}

// What the lemma asks for, in exact arithmetic: sign (D - diag(K X K)) >= 0, D > 0, c I + 2 K > 0.
bool holds_exactly(const Matrix<Rational>& k, const SingleSampleMomentEvidence& e, int sign) {
    const std::size_t n = k.rows();
    const Matrix<Rational> x = e.x.map([](double y) { return rational_from_double(y); });
    const Rational c = rational_from_double(e.c);
    const Matrix<Rational> xk = x * k;
    const Matrix<Rational> kxk = k * xk;
    Matrix<Rational> d(n, n);
    Matrix<Rational> difference(n, n);
    Matrix<Rational> shifted(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            d(i, j) = c * x(i, j) + xk(i, j) + xk(j, i);
            difference(i, j) = sign * (d(i, j) - (i == j ? kxk(i, i) : Rational(0)));
            shifted(i, j) = 2 * k(i, j) + (i == j ? c : Rational(0));
        }
    return is_positive_semidefinite(difference) && is_positive_definite(d) == Ternary::yes && is_positive_definite(shifted) == Ternary::yes;
}

}  // namespace

TEST_CASE("single-sample moments: against the operator itself, at high precision", "[T32]") {
    Random random(91);
    for (int trial = 0; trial < trials(25); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 7));
        const Matrix<Rational> k = random.gram(n, n + static_cast<std::size_t>(random.integer(0, 3)), 5, 6);
        if (is_positive_definite(k) != Ternary::yes) continue;
        const RandomProduct product = sgd_product(to_reals(k), 1);
        const RandomProduct dense(product.matrices(), product.probabilities());
        const MpInterval lambda2 = second_moment_exponent(dense, 100).enclosure;
        const SingleSampleMoment found = single_sample_moment(intervals(k));
        REQUIRE(found.upper);
        REQUIRE(found.lower);
        CHECK(mpfr_lessequal_p(lambda2.lower(), exponent(found.upper->c, n).upper()));
        CHECK(mpfr_lessequal_p(exponent(found.lower->c, n).lower(), lambda2.upper()));
        CHECK(found.upper->c - found.lower->c < 1e-3 * (1.0 + std::fabs(found.upper->c)));
        CHECK(holds_exactly(k, *found.upper, 1));
        CHECK(holds_exactly(k, *found.lower, -1));
        CHECK(proves_single_sample_moment_at_most(intervals(k), *found.upper));
        // What is false is not proved, whatever the evidence.
        for (const double step : {1e-9, 1e-3, 0.3}) {
            SingleSampleMomentEvidence wrong = *found.upper;
            wrong.c = found.lower->c - step * (1.0 + std::fabs(found.lower->c));
            CHECK(!proves_single_sample_moment_at_most(intervals(k), wrong));
            wrong = *found.lower;
            wrong.c = found.upper->c + step * (1.0 + std::fabs(found.upper->c));
            CHECK(!proves_single_sample_moment_at_least(intervals(k), wrong));
        }
    }
}

TEST_CASE("single-sample moments: any evidence that passes is right", "[T32]") {
    Random random(92);
    int passed = 0;
    for (int trial = 0; trial < trials(200); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 4));
        const Matrix<Rational> k = random.gram(n, n + 1, 5, 6);
        if (is_positive_definite(k) != Ternary::yes) continue;
        SingleSampleMoment found = single_sample_moment(intervals(k));
        if (!found.upper || !found.lower) continue;
        SingleSampleMomentEvidence e = random.chance(0.5) ? *found.upper : *found.lower;
        const double noise = std::pow(10.0, random.uniform(-15.0, -1.0));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) e.x(i, j) = e.x(j, i) = e.x(i, j) * (1.0 + noise * random.uniform(-1.0, 1.0));
        e.c += noise * random.uniform(-10.0, 10.0);
        if (proves_single_sample_moment_at_most(intervals(k), e)) CHECK((++passed, holds_exactly(k, e, 1)));
        if (proves_single_sample_moment_at_least(intervals(k), e)) CHECK((++passed, holds_exactly(k, e, -1)));
    }
    CHECK(passed > 0);
}

TEST_CASE("single-sample moments: interval matrices, dimension 40, hostile evidence", "[T32]") {
    Random random(93);
    const std::size_t n = 40;
    Matrix<Interval> k(n, n, Interval(0.0));
    std::vector<double> y(n);
    for (double& x : y) x = random.uniform(-1.0, 1.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const double x = std::exp(-4.0 * (y[i] - y[j]) * (y[i] - y[j])) + (i == j ? 0.3 : 0.0);
            k(i, j) = k(j, i) = Interval(x - 1e-9, x + 1e-9);
        }
    const SingleSampleMoment found = single_sample_moment(k);
    REQUIRE(found.upper);
    REQUIRE(found.lower);
    CHECK(found.lower->c < found.upper->c);
    CHECK(found.upper->c - found.lower->c < 1e-4);
    for (SingleSampleMomentEvidence e : {SingleSampleMomentEvidence{Matrix<double>(n, n, 0.0), 1.0}, SingleSampleMomentEvidence{Matrix<double>(n, n, std::nan("")), 1.0},
                                         SingleSampleMomentEvidence{Matrix<double>(n, n, 1e300), 1.0}, SingleSampleMomentEvidence{Matrix<double>(3, 3, 1.0), 1.0},
                                         SingleSampleMomentEvidence{found.upper->x, std::nan("")}, SingleSampleMomentEvidence{found.upper->x, -1e9}}) {
        CHECK(!proves_single_sample_moment_at_most(k, e));
        CHECK(!proves_single_sample_moment_at_least(k, e));
    }
    SingleSampleMomentEvidence unsymmetric = *found.upper;
    unsymmetric.x(3, 2) += 1e-12;
    CHECK(!proves_single_sample_moment_at_most(k, unsymmetric));
}

TEST_CASE("short of time, mu and Lambda_2 of large families have wider enclosures", "[T31][T32]") {
    Random random(95);
    const std::size_t n = 90;
    Matrix<Rational> k(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) k(i, j) = k(j, i) = i == j ? Rational(random.integer(40, 140), 64) : Rational(random.integer(-1, 1), 512);
    const Matrix<Real> m = to_reals(k);
    const RandomProduct product = sgd_product(m, 1);
    // A product without a Gram matrix takes another way.
    std::vector<Matrix<Rational>> dense(2, Matrix<Rational>(12, 12));
    for (auto& a : dense)
        for (std::size_t i = 0; i < 12; ++i)
            for (std::size_t j = 0; j < 12; ++j) a(i, j) = Rational(random.integer(-9, 9), 8);
    const RandomProduct general({to_reals(dense[0]), to_reals(dense[1])}, {Rational(1, 2), Rational(1, 2)});
    const auto mu = [&](Deadline deadline) { return gd_exponent(m, 64, deadline).enclosure; };
    const auto lambda2 = [&](Deadline deadline) { return second_moment_exponent(product, 64, deadline).enclosure; };
    const auto other = [&](Deadline deadline) { return second_moment_exponent(general, 64, deadline).enclosure; };
    const MpInterval best[] = {mu(no_deadline), lambda2(no_deadline), other(no_deadline)};
    for (const MpInterval& x : best) CHECK(x.width_double() < 1e-6);
    const auto in = [](int microseconds) { return std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds); };
    for (const auto& x : {mu(in(-1)), lambda2(in(-1))}) CHECK(is_subset(MpInterval::everything(), x));
    CHECK_FALSE(std::isfinite(other(in(-1)).upper_double()));
    // Stopped anywhere, each is an enclosure of the same number.
    for (int time = 50; time < 20000; time += time / 20 + 1) CHECK_NOTHROW(intersect(mu(in(time)), best[0]));
    for (int time = 1; time < 3000000; time *= 4) {
        CHECK_NOTHROW(intersect(mu(in(time)), best[0]));
        CHECK_NOTHROW(intersect(lambda2(in(time)), best[1]));
        CHECK_NOTHROW(intersect(other(in(time)), best[2]));
    }
}

TEST_CASE("gradient descent in dimension 70: the extreme eigenvalues against the known ones", "[T31]") {
    // The path with diagonal a and off-diagonal b: eigenvalues a + 2 b cos(j pi / (n + 1)).
    const std::size_t n = 70;
    for (const auto& [a, b] : {std::pair<int, int>{3, 1}, {150, 70}}) {
        Matrix<Real> m(n, n, Real(0));
        for (std::size_t i = 0; i < n; ++i) {
            m(i, i) = Real(a);
            if (i > 0) m(i, i - 1) = m(i - 1, i) = Real(b);
        }
        const MpInterval found = gd_exponent(m, 100).enclosure;
        const MpInterval c = cos(MpInterval::pi(200) / MpInterval(Rational(71), 200));
        MpInterval expected = MpInterval::minus_infinity(200);
        for (const int sign : {-1, 1})
            expected = max(expected, log(abs(MpInterval(Rational(1), 200) - (MpInterval(Rational(a), 200) + MpInterval(Rational(2 * sign * b), 200) * c) / MpInterval(Rational(70), 200))));
        CHECK_NOTHROW(intersect(found, expected));
        CHECK(is_subset(expected, found));
        CHECK(found.width_double() < 1e-10);
    }
}
