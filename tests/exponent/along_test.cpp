// Bounds along a segment of families, against points of it.
#include "lyapcert/exponent/along.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/approximate_exponent.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"
#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/outlier.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

// Gradients in [-3, 3]^(n+1) with one decimal: G is rational.
NormalSpace random_minimum(Random& random, std::size_t n) {
    for (;;) {
        Matrix<Rational> g(n, n + 1);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t c = 0; c <= n; ++c) g(i, c) = Rational(random.integer(-30, 30), 10);
        const Matrix<Rational> gram = g * g.transposed();
        const Matrix<Real> real = gram.map([](const Rational& x) { return Real(x); });
        if (std::any_of(gram.entries().begin(), gram.entries().end(), [](const Rational& x) { return x.is_zero(); })) continue;
        NormalSpace space(real, real);
        if (!space.is_singular() && !space.may_be_singular()) return space;
    }
}

double largest_square(const NormalSpace& space) {
    double most = 0.0;
    for (std::size_t i = 0; i < space.data_points(); ++i) most = std::max(most, space.gram()(i, i).at(64).midpoint_double());
    return most;
}

// eta with eta max ||g||^2 within these.
Rational random_rate(Random& random, const NormalSpace& space, double low, double high) {
    return rational_from_double(std::ldexp(std::round(std::ldexp(random.uniform(low, high) / largest_square(space), 30)), -30));
}

RandomProduct at(const NormalSpace& space, const Rational& eta) { return sgd_product(space.at(Real(eta)), 1); }

SearchControl quick(double seconds) {
    SearchControl control;
    control.deadline = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
    control.keep_evidence = true;
    return control;
}

}  // namespace

TEST_CASE("a fan along a segment encloses the exponents at its points", "[T70]") {
    Random random(7001);
    int narrow = 0;
    const int count = trials(14);
    for (int trial = 0; trial < count; ++trial) {
        const std::size_t n = trial % 3 == 0 ? 3 : 2;
        const NormalSpace space = random_minimum(random, n);
        const Rational from = random_rate(random, space, 0.5, 4.0);
        const Rational to = from * Rational(1000 + random.integer(1, trial % 2 == 0 ? 5 : 60), 1000);
        const Segment segment = sgd_segment(space, {}, from, to);
        const Bound bound = polyhedral_bound(segment, quick(n == 2 ? 0.2 : 0.6)).bound;
        for (int p = 0; p < 3; ++p) {
            const Rational eta = random.between(from, to);
            const ApproximateExponent guess = approximate_exponent(at(space, eta), 200000, static_cast<std::uint64_t>(trial + 1));
            const double slack = 6.0 * guess.standard_error + 1e-3;
            CHECK(bound.enclosure.lower_double() <= guess.mean + slack);
            CHECK(bound.enclosure.upper_double() >= guess.mean - slack);
            // The point itself, proved in another way.
            const Bound point = polyhedral_bound(at(space, eta), quick(0.1)).bound;
            CHECK(bound.enclosure.lower_double() <= point.enclosure.upper_double());
            CHECK(bound.enclosure.upper_double() >= point.enclosure.lower_double());
        }
        narrow += bound.enclosure.width_double() < 0.2 ? 1 : 0;
        // The evidence proves the same when it is read again, and no less at a point inside.
        for (const Side side : {Side::lower, Side::upper}) {
            const auto evidence = evidence_as<FanEvidence>((side == Side::lower ? bound.lower : bound.upper).evidence);
            if (!evidence) continue;
            const double end = side == Side::lower ? bound.enclosure.lower_double() : bound.enclosure.upper_double();
            const Bound again = polyhedral_bound(segment, evidence, side, end);
            const Rational eta = random.between(from, to);
            const Bound inside = polyhedral_bound(sgd_segment(space, {}, eta, eta), evidence, side, end);
            const double slack = 1e-9 * (1.0 + std::fabs(end));
            if (side == Side::lower) {
                CHECK(again.enclosure.lower_double() >= end - slack);
                CHECK(inside.enclosure.lower_double() >= end - slack);
            } else {
                CHECK(again.enclosure.upper_double() <= end + slack);
                CHECK(inside.enclosure.upper_double() <= end + slack);
            }
        }
    }
    CHECK(narrow > count / 3);
}

TEST_CASE("a fan across a pole: lambda is bounded from above where a step is singular", "[T70]") {
    // eta G_22 = 1 in the middle.
    const Matrix<Real> gram = [] {
        Matrix<Real> g(2, 2);
        g(0, 0) = Real(5);
        g(1, 1) = Real(1);
        g(0, 1) = g(1, 0) = Real(2);
        return g;
    }();
    const NormalSpace space(gram, gram);
    const Bound bound = polyhedral_bound(sgd_segment(space, {}, Rational(9999, 10000), Rational(10001, 10000)), quick(1.0)).bound;
    const ApproximateExponent guess = approximate_exponent(at(space, Rational(10001, 10000)), 400000);
    CHECK(bound.enclosure.upper_double() >= guess.mean - 1e-2);
    CHECK(bound.enclosure.upper_double() < 0.0);
}

TEST_CASE("determinant, splitting and outlier along a segment: no better than at any of its points", "[T70]") {
    Random random(7002);
    int splittings = 0;
    int outliers = 0;
    const int count = trials(60);
    for (int trial = 0; trial < count; ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        // Nearly orthogonal, so that splittings exist.
        Matrix<Real> gram(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) gram(i, j) = gram(j, i) = Real(i == j ? Rational(random.integer(i == 0 ? 300 : 20, i == 0 ? 500 : trial % 2 == 0 ? 90 : 140), 100) : Rational(random.integer(1, 6), 200));
        const NormalSpace space(gram, gram);
        const Rational from(random.integer(80, 120), 100);
        const Rational to = from * Rational(random.integer(1001, 1100), 1000);
        const Segment segment = sgd_segment(space, {}, from, to);
        const Rational eta = random.between(from, to);
        const RandomProduct point = at(space, eta);
        const Bound determinant = determinant_bound(segment, 128);
        if (determinant.lower.method != Method::none) CHECK(determinant.enclosure.lower_double() <= determinant_bound(point, 128).enclosure.upper_double());
        const auto splitting = evidence_as<SplittingEvidence>(dominated_splitting_bound(segment.middle).lower.evidence);
        if (splitting) {
            const Bound along = dominated_splitting_bound(segment, *splitting);
            if (along.lower.method != Method::none) {
                ++splittings;
                const auto single = evidence_as<SplittingEvidence>(along.lower.evidence);
                REQUIRE(single);
                CHECK(along.enclosure.lower_double() <= dominated_splitting_bound(point, *single).enclosure.lower_double() + 1e-12);
            }
        }
        const auto outlier = evidence_as<OutlierEvidence>(outlier_bound(*segment.middle.scaled_gram()).lower.evidence);
        if (outlier) {
            const Bound along = outlier_bound(*segment.from.scaled_gram(), *segment.to.scaled_gram(), *outlier);
            if (along.lower.method != Method::none) {
                ++outliers;
                const auto larger = evidence_as<OutlierEvidence>(along.lower.evidence);
                REQUIRE(larger);
                CHECK(along.enclosure.lower_double() <= outlier_bound(*point.scaled_gram(), *larger).enclosure.lower_double() + 1e-12);
            }
        }
    }
    CHECK(splittings > count / 10);
    CHECK(outliers > count / 10);
}

TEST_CASE("determinant along a segment with a pole says nothing", "[T70]") {
    Matrix<Real> gram(2, 2);
    gram(0, 0) = Real(5);
    gram(1, 1) = Real(1);
    gram(0, 1) = gram(1, 0) = Real(2);
    const NormalSpace space(gram, gram);
    CHECK(determinant_bound(sgd_segment(space, {}, Rational(9, 10), Rational(11, 10)), 128).lower.method == Method::none);
    CHECK(determinant_bound(sgd_segment(space, {}, Rational(11, 10), Rational(12, 10)), 128).lower.method == Method::determinant);
}

TEST_CASE("weighted second moments along a segment hold at its points", "[T70]") {
    Random random(7003);
    int proved = 0;
    const int count = trials(10);
    for (int trial = 0; trial < count; ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(3, 7));
        const NormalSpace space = random_minimum(random, n);
        const Rational from = random_rate(random, space, 0.8, 2.2);
        const Segment segment = sgd_segment(space, {}, from, from * Rational(1002, 1000));
        const Bound point = weighted_moment_bound(to_intervals(*segment.middle.scaled_gram()), quick(0.3)).bound;
        const auto evidence = evidence_as<WeightedMomentEvidence>(point.upper.evidence);
        if (!evidence) continue;
        const Bound along = weighted_moment_bound(segment, *evidence, point.enclosure.upper_double() + 0.02);
        if (along.upper.method == Method::none) continue;
        ++proved;
        const auto scaled = evidence_as<WeightedMomentEvidence>(along.upper.evidence);
        REQUIRE(scaled);
        for (int p = 0; p < 3; ++p) {
            const Rational eta = random.between(from, from * Rational(1002, 1000));
            CHECK(proved_weighted_moment(to_intervals(*at(space, eta).scaled_gram()), *scaled) <= along.enclosure.upper_double());
            const ApproximateExponent guess = approximate_exponent(at(space, eta), 100000);
            CHECK(along.enclosure.upper_double() >= guess.mean - 6.0 * guess.standard_error - 1e-3);
        }
    }
    CHECK(proved > count / 3);
}

TEST_CASE("log-quadratic functions along a segment: D at points inside, in another arithmetic", "[T70]") {
    Random random(7004);
    int proved = 0;
    const int count = trials(8);
    for (int trial = 0; trial < count; ++trial) {
        const NormalSpace space = random_minimum(random, 3);
        const Rational from = random_rate(random, space, 0.8, 3.0);
        const Rational to = from * Rational(100001, 100000);
        const Segment segment = sgd_segment(space, {}, from, to);
        SearchControl control = quick(0.6);
        control.satisfied = [](double lower, double upper) { return lower > 1e-3 || upper < -1e-3; };
        const Bound point = log_quadratic_bound(segment.middle, control).bound;
        for (const Side side : {Side::lower, Side::upper}) {
            const auto evidence = evidence_as<LogQuadraticEvidence>((side == Side::lower ? point.lower : point.upper).evidence);
            if (!evidence) continue;
            const double end = side == Side::lower ? point.enclosure.lower_double() : point.enclosure.upper_double();
            const Bound along = log_quadratic_bound(segment, evidence, side, end - (side == Side::lower ? 1.0 : -1.0) * 0.05, quick(1.0).deadline);
            if (along.lower.method == Method::none && along.upper.method == Method::none) continue;
            ++proved;
            const Rational eta = random.between(from, to);
            const ApproximateExponent guess = approximate_exponent(at(space, eta), 200000);
            const double slack = 6.0 * guess.standard_error + 1e-3;
            if (side == Side::lower) CHECK(along.enclosure.lower_double() <= guess.mean + slack);
            else CHECK(along.enclosure.upper_double() >= guess.mean - slack);
        }
    }
    CHECK(proved > 0);
}

TEST_CASE("mu along an interval of learning rates", "[T71]") {
    Random random(7005);
    for (int trial = 0; trial < trials(30); ++trial) {
        const NormalSpace space = random_minimum(random, static_cast<std::size_t>(random.integer(2, 5)));
        const Rational from = random_rate(random, space, 0.1, 3.0);
        const Rational to = from * Rational(1000 + random.integer(1, 2000), 1000);
        const Bound along = gd_exponent_along(space, from, to, 128);
        double low = INFINITY;
        double high = -INFINITY;
        for (int p = 0; p <= 40; ++p) {
            const MpInterval mu = gd_exponent(space.at(Real(Rational(from + (to - from) * p / 40))), 128).enclosure;
            CHECK(along.enclosure.lower_double() <= mu.upper_double());
            CHECK(along.enclosure.upper_double() >= mu.lower_double());
            low = std::min(low, mu.lower_double());
            high = std::max(high, mu.upper_double());
        }
        CHECK(along.enclosure.upper_double() == Approx(high).margin(1e-12));
        if (mpfr_number_p(along.enclosure.lower()) != 0) CHECK(along.enclosure.lower_double() >= low - 0.2);
    }
}
