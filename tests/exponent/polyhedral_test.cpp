#include <catch2/catch.hpp>
#include <cmath>

#include "exponent/polyhedral/cell_bounds.hpp"
#include "exponent/polyhedral/fan.hpp"
#include "exponent/polyhedral/proof.hpp"
#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "products.hpp"
#include "random.hpp"

using namespace lyapcert;
using namespace lyapcert::polyhedral;
using namespace lyapcert::test;

namespace {

const CellCorrector no_corrector;

template <int N>
using RationalPoint = std::array<Rational, N>;

// A fan refined at random, with random positive values of f at its vertices.
template <int N>
struct RandomFan {
    Fan<N> fan;
    std::vector<double> values;

    RandomFan(Random& random, int rounds) {
        values.assign(fan.vertices().size(), 0.0);
        for (int round = 0; round < rounds; ++round) {
            std::vector<char> marked(fan.leaves().size(), 0);
            for (char& m : marked) m = random.chance(round < 2 ? 0.7 : 0.3) ? 1 : 0;
            fan.refine(
                marked, [&](VertexRef, VertexRef) { values.push_back(0.0); }, [](std::size_t) {});
        }
        for (double& f : values) f = random.uniform(0.5, 2.0);
    }
};

// Barycentric coordinates of w in a leaf by Cramer's rule in exact arithmetic: independent of the fan's descent.
template <int N>
RationalPoint<N> coordinates(const Fan<N>& fan, std::size_t leaf, const RationalPoint<N>& w) {
    std::array<std::array<Rational, N + 1>, N> system;
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) system[i][j] = rational_from_double(fan.coordinate(fan.leaves()[leaf].generators[j], i));
        system[i][N] = w[i];
    }
    for (int k = 0; k < N; ++k) {
        int pivot = k;
        while (system[pivot][k].is_zero()) ++pivot;
        std::swap(system[k], system[pivot]);
        for (int i = 0; i < N; ++i) {
            if (i == k) continue;
            const Rational factor = system[i][k] / system[k][k];
            for (int j = k; j <= N; ++j) system[i][j] -= factor * system[k][j];
        }
    }
    RationalPoint<N> c;
    for (int i = 0; i < N; ++i) c[i] = system[i][N] / system[i][i];
    return c;
}

template <int N>
bool all_nonnegative(const RationalPoint<N>& c) {
    return std::all_of(c.begin(), c.end(), [](const Rational& x) { return x >= 0; });
}

// f(w), exactly, by trying every leaf with both signs. Also checks that the leaves that hold w agree on the value.
template <int N>
Rational value_at(const RandomFan<N>& random_fan, const RationalPoint<N>& w) {
    std::optional<Rational> value;
    for (std::size_t leaf = 0; leaf < random_fan.fan.leaves().size(); ++leaf) {
        RationalPoint<N> c = coordinates<N>(random_fan.fan, leaf, w);
        const bool positive = all_nonnegative<N>(c);
        for (Rational& x : c) x = positive ? x : Rational(-x);
        if (!all_nonnegative<N>(c)) continue;
        Rational here = 0;
        for (int i = 0; i < N; ++i)
            here += c[i] * rational_from_double(random_fan.values[static_cast<std::size_t>(random_fan.fan.leaves()[leaf].generators[i].vertex())]);
        if (value) REQUIRE(*value == here);
        value = here;
    }
    REQUIRE(value.has_value());
    return *value;
}

template <int N>
std::array<std::array<Rational, N>, N> random_matrix(Random& random) {
    std::array<std::array<Rational, N>, N> a;
    const bool singular = random.chance(0.15);
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) a[i][j] = singular && i > 0 ? Rational(a[0][j] * i) : random.chance(0.2) ? Rational(0) : random.rational(8, 5);
    if (random.chance(0.4)) {
        // Images closer to a wall of the fan (|w_0| = |w_1|) than an interval can resolve.
        const Rational tiny(random.integer(-3, 3), Integer(1) << 62);
        for (int j = 0; j < N; ++j) a[1][j] = (random.chance(0.5) ? a[0][j] : Rational(-a[0][j])) * (1 + tiny * random.integer(-1, 1));
    }
    return a;
}

template <int N>
void check_cells(Random& random, bool powers) {
    const RandomFan<N> random_fan(random, N == 2 ? 4 : 2);
    const auto& fan = random_fan.fan;
    REQUIRE(fan.is_conforming());
    std::vector<std::array<std::array<Rational, N>, N>> matrices;
    MapFamily<Interval, N> family;
    family.denominator = powers ? 4 : 0;
    const std::vector<int> multiplicity = {1, 3};
    for (int k = 0; k < 2; ++k) {
        matrices.push_back(random_matrix<N>(random));
        typename MapFamily<Interval, N>::Map map;
        map.multiplicity = multiplicity[static_cast<std::size_t>(k)];
        map.probability = to_interval(Rational(map.multiplicity, 4));
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < N; ++j) map.a[i][j] = to_interval(matrices.back()[i][j]);
        family.maps.push_back(map);
    }
    CellCorrector corrector;
    for (std::vector<double>* w : {&corrector.lower, &corrector.upper}) {
        if (random.chance(0.3)) continue;
        for (std::size_t leaf = 0; leaf < fan.leaves().size(); ++leaf) w->push_back(random.chance(0.1) ? 1.0 : random.uniform(0.5, 2.0));
    }
    const CellBounds<Interval, N> cells(fan, random_fan.values, family, corrector);
    for (int trial = 0; trial < 4; ++trial) {
        const auto leaf = static_cast<std::size_t>(random.integer(0, static_cast<long>(fan.leaves().size()) - 1));
        // From "no cutting" to "cut as much as you can".
        const Level accept = trial % 2 == 0 ? Level{} : Level{1e300, -1e300};
        std::vector<char> met(fan.leaves().size(), 0);
        Level level;
        {
            const RoundUpward guard;
            level = cells.bound(leaf, accept, [&](std::size_t, std::size_t target) { met[target] = 1; });
        }
        for (int point = 0; point < 6; ++point) {
            RationalPoint<N> v{};
            for (int j = 0; j < N; ++j) {
                const Rational c = random.chance(0.3) ? Rational(0) : Rational(random.integer(0, 64), 16);
                for (int i = 0; i < N; ++i) v[i] += c * rational_from_double(fan.coordinate(fan.leaves()[leaf].generators[j], i));
            }
            if (std::all_of(v.begin(), v.end(), [](const Rational& x) { return x.is_zero(); })) continue;
            const Rational f = value_at<N>(random_fan, v);
            // With the W of the leaves that hold the images: where there is a choice, the one that serves the bound.
            MpInterval with_lower(Rational(0), 200);
            MpInterval with_upper(Rational(0), 200);
            bool vanishes = false;
            for (std::size_t k = 0; k < matrices.size(); ++k) {
                RationalPoint<N> w{};
                for (int i = 0; i < N; ++i)
                    for (int j = 0; j < N; ++j) w[i] += matrices[k][i][j] * v[j];
                if (std::all_of(w.begin(), w.end(), [](const Rational& x) { return x.is_zero(); })) {
                    vanishes = true;
                    continue;
                }
                // Some leaf that holds +-w must have been reported.
                bool reported = false;
                double most = 0.0;
                double least = 1e300;
                for (std::size_t t = 0; t < met.size(); ++t) {
                    if (!met[t]) continue;
                    RationalPoint<N> c = coordinates<N>(fan, t, w);
                    bool holds = all_nonnegative<N>(c);
                    for (Rational& x : c) x = -x;
                    holds = holds || all_nonnegative<N>(c);
                    if (!holds) continue;
                    reported = true;
                    most = std::max(most, corrector.lower.empty() ? 1.0 : corrector.lower[t]);
                    least = std::min(least, corrector.upper.empty() ? 1.0 : corrector.upper[t]);
                }
                CHECK(reported);
                const MpInterval probability(Rational(multiplicity[k], 4), 200);
                const Rational growth = value_at<N>(random_fan, w) / f;
                const double own_lower = corrector.lower.empty() ? 1.0 : corrector.lower[leaf];
                const double own_upper = corrector.upper.empty() ? 1.0 : corrector.upper[leaf];
                with_lower += probability * log(MpInterval(Rational(growth * rational_from_double(most) / rational_from_double(own_lower)), 200));
                with_upper += probability * log(MpInterval(Rational(growth * rational_from_double(least) / rational_from_double(own_upper)), 200));
            }
            if (vanishes) {
                CHECK(!(level.lower > (powers ? 0.0 : -1e308)));
                continue;
            }
            const auto exact = [&](const MpInterval& exponent) { return powers ? exp(exponent * MpInterval(Rational(4), 200)) : exponent; };
            INFO("N = " << N << ", levels " << exact(with_lower).lower_double() << ", " << exact(with_upper).lower_double() << " in [" << level.lower << ", " << level.upper << "]");
            CHECK(mpfr_cmp_d(exact(with_lower).upper(), level.lower) >= 0);
            CHECK(mpfr_cmp_d(exact(with_upper).lower(), level.upper) <= 0);
        }
    }
}

}  // namespace

TEST_CASE("fan: location agrees with exact barycentric coordinates, refinement stays conforming", "[T16][polyhedral]") {
    Random random(11);
    const auto check = [&](auto dimension) {
        constexpr int N = decltype(dimension)::value;
        const RandomFan<N> random_fan(random, N == 2 ? 6 : 4);
        CHECK(random_fan.fan.is_conforming());
        for (int trial = 0; trial < 30; ++trial) {
            std::array<double, N> w{};
            RationalPoint<N> exact;
            for (int i = 0; i < N; ++i) {
                w[i] = random.chance(0.2) ? 0.0 : static_cast<double>(random.integer(-32, 32)) / 8;
                exact[i] = rational_from_double(w[i]);
            }
            std::array<double, N> c{};
            const std::int32_t leaf = random_fan.fan.approximate_locate(w, c);
            if (std::all_of(w.begin(), w.end(), [](double x) { return x == 0.0; })) {
                CHECK(leaf == -1);
                continue;
            }
            REQUIRE(leaf >= 0);
            RationalPoint<N> expected = coordinates<N>(random_fan.fan, static_cast<std::size_t>(leaf), exact);
            const bool positive = all_nonnegative<N>(expected);
            for (int i = 0; i < N; ++i) {
                const Rational e = positive ? expected[i] : Rational(-expected[i]);
                CHECK(e >= 0);
                CHECK(rational_from_double(c[i]) == e);  // dyadic data: no rounding on the way
            }
        }
    };
    for (int round = 0; round < trials(10); ++round) {
        check(std::integral_constant<int, 2>());
        check(std::integral_constant<int, 3>());
        check(std::integral_constant<int, 4>());
    }
}

TEST_CASE("cell bounds enclose D at exact rational points, with and without cuts", "[T18][polyhedral]") {
    Random random(12);
    for (int round = 0; round < trials(60); ++round) {
        check_cells<2>(random, round % 2 == 0);
        if (round % 4 == 0) check_cells<3>(random, round % 8 == 0);
    }
}

TEST_CASE("the proof takes its evidence as untrusted", "[T14][T15][polyhedral]") {
    // One positive matrix; K = the positive quadrant is invariant, a part of it that misses the Perron direction is not.
    Fan<2> fan;
    std::vector<double> values(2, 1.0);
    fan.refine(
        std::vector<char>(fan.leaves().size(), 1), [&](VertexRef, VertexRef) { values.push_back(1.0); }, [](std::size_t) {});
    MapFamily<Interval, 2> family;
    family.denominator = 1;
    MapFamily<Interval, 2>::Map map;
    map.a = {{{Interval(2.0), Interval(1.0)}, {Interval(1.0), Interval(3.0)}}};
    map.probability = Interval(1.0);
    map.multiplicity = 1;
    family.maps.push_back(map);
    std::vector<char> quadrant(fan.leaves().size(), 0);
    std::vector<char> lower_half = quadrant;
    for (std::size_t leaf = 0; leaf < fan.leaves().size(); ++leaf) {
        bool positive = true;
        bool below_diagonal = true;
        for (const VertexRef ref : fan.leaves()[leaf].generators) {
            positive = positive && fan.coordinate(ref, 0) >= 0 && fan.coordinate(ref, 1) >= 0;
            below_diagonal = below_diagonal && fan.coordinate(ref, 0) >= fan.coordinate(ref, 1);
        }
        quadrant[leaf] = positive ? 1 : 0;
        lower_half[leaf] = positive && below_diagonal ? 1 : 0;
    }
    const Proof good = prove(fan, values, family, quadrant, no_corrector, Level{});
    CHECK(good.outside.empty());
    // f = |v|_1 on the quadrant: the column sums 3 and 4 are the extremes of f(Av)/f(v).
    CHECK(good.level.lower <= 3.0);
    CHECK(good.level.lower > 2.99);
    CHECK(good.level.upper >= 4.0);
    CHECK(good.level.upper < 4.01);
    CHECK_FALSE(prove(fan, values, family, lower_half, no_corrector, Level{}).outside.empty());

    CHECK_THROWS_AS(prove(fan, values, family, std::vector<char>(fan.leaves().size(), 0), no_corrector, Level{}), std::logic_error);
    for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
        std::vector<double> spoilt = values;
        spoilt[1] = bad;
        CHECK_THROWS_AS(prove(fan, spoilt, family, quadrant, no_corrector, Level{}), std::logic_error);
    }
    CHECK_THROWS_AS(prove(fan, std::vector<double>(1, 1.0), family, quadrant, no_corrector, Level{}), std::logic_error);

    // A constant corrector changes nothing; an absurd one is refused.
    const std::vector<double> constant(fan.leaves().size(), 0.75);
    const Proof same = prove(fan, values, family, quadrant, CellCorrector{constant, constant}, Level{});
    CHECK(same.level.lower == good.level.lower);
    CHECK(same.level.upper == good.level.upper);
    for (const double bad : {0.0, -1.0, 1e-20, 1e20, std::nan(""), std::numeric_limits<double>::infinity()}) {
        std::vector<double> spoilt = constant;
        spoilt[1] = bad;
        CHECK_THROWS_AS(prove(fan, values, family, quadrant, CellCorrector{spoilt, {}}, Level{}), std::logic_error);
        CHECK_THROWS_AS(prove(fan, values, family, quadrant, CellCorrector{{}, spoilt}, Level{}), std::logic_error);
    }
    CHECK_THROWS_AS(prove(fan, values, family, quadrant, CellCorrector{std::vector<double>(1, 1.0), {}}, Level{}), std::logic_error);

    CHECK(mpfr_inf_p(exponent_of_level(Level{0.0, 4.0}, 2).lower()));
    CHECK(contains(exponent_of_level(Level{1.0, 1.0}, 2), Rational(0)));
    CHECK(mpfr_inf_p(exponent_of_level(Level{}, 0).upper()));
}

TEST_CASE("polyhedral: reference values", "[T14][T15][polyhedral]") {
    const auto pollicott = uniform({real_matrix({{2, 1}, {1, 1}}), real_matrix({{3, 1}, {2, 1}})});
    const PolyhedralResult sharp = polyhedral_bound(pollicott, until(1e-12, 20));
    check_contains(sharp.bound.enclosure, "1.14331103510294924584325185365558829940");
    CHECK(sharp.bound.enclosure.width_double() <= 1e-12);
    CHECK(sharp.leaves_in_cone < sharp.leaves);

    const auto fibonacci = uniform({real_matrix({{0, 1}, {1, 1}}), real_matrix({{0, 1}, {1, -1}})});
    const PolyhedralResult fib = polyhedral_bound(fibonacci, until(1e-4, 30));
    check_contains(fib.bound.enclosure, "0.1239755988");
    CHECK(fib.bound.enclosure.width_double() <= 1e-4);
    CHECK(static_cast<double>(fib.bytes) <= 200.0 * static_cast<double>(fib.leaves));

    const Rational tenth(1, 10);
    const auto regular = sgd_product(real_matrix({{5 * tenth, -4 * tenth}, {-4 * tenth, 5 * tenth}}), 1);
    const PolyhedralResult row3 = polyhedral_bound(regular, until(1e-10, 30));
    check_contains(row3.bound.enclosure, "-0.05172574100723446755523374623898704");
    CHECK(row3.bound.enclosure.width_double() <= 1e-10);

    const auto shears = uniform({real_matrix({{1, 1}, {0, 1}}), real_matrix({{1, 0}, {1, 1}})});
    const PolyhedralResult row10 = polyhedral_bound(shears, until(1e-4, 30));
    check_contains(row10.bound.enclosure, "0.3962125642977445590956");
    CHECK(row10.bound.enclosure.width_double() <= 1e-4);

    // g = (2,3/2,3/2) and its permutations, eta = 1: dimension 3.
    const Rational a(17, 2);
    const Rational b(33, 4);
    const auto row9 = sgd_product(real_matrix({{a, b, b}, {b, a, b}, {b, b, a}}), 1);
    check_contains(polyhedral_bound(row9, until(0.3, 10)).bound.enclosure, "1.99226095427579");
}

TEST_CASE("polyhedral: correctors are found, proved and handed over", "[T50][polyhedral]") {
    const auto fibonacci = uniform({real_matrix({{0, 1}, {1, 1}}), real_matrix({{0, 1}, {1, -1}})});
    SearchControl control = until(1e-4, 60);
    control.keep_evidence = true;
    const PolyhedralResult found = polyhedral_bound(fibonacci, control);
    check_contains(found.bound.enclosure, "0.1239755988");
    for (const auto& evidence : {evidence_as<FanEvidence>(found.bound.lower.evidence), evidence_as<FanEvidence>(found.bound.upper.evidence)}) {
        REQUIRE(evidence != nullptr);
        REQUIRE(!evidence->corrector.empty());
        CHECK(evidence->corrector.size() == static_cast<std::size_t>(std::count(evidence->in_cone.begin(), evidence->in_cone.end(), true)));
        for (const double w : evidence->corrector) CHECK((w >= 0x1p-50 && w <= 0x1p50));
    }
    // Without it this many leaves give 1e-3 (a bound by the worst leaf).
    CHECK(found.leaves < 20000);
}

TEST_CASE("polyhedral: exact special cases in dimension 2", "[T14][T15][polyhedral]") {
    Random random(13);
    for (int trial = 0; trial < trials(40); ++trial) {
        // Triangular pairs: the exponent is that of the larger diagonal; conjugated so that the method cannot see it.
        const Rational p = Rational(random.integer(1, 5), 6);
        std::array<Rational, 4> diagonal;
        for (Rational& d : diagonal) {
            d = random.rational(8, 4);
            if (d.is_zero()) d = 1;
        }
        const Matrix<Rational> t = [&] {
            Matrix<Rational> m(2, 2);
            m(0, 0) = 1, m(0, 1) = random.rational(3, 2), m(1, 0) = random.rational(3, 2), m(1, 1) = 1 + m(0, 1) * m(1, 0);
            return m;  // determinant 1
        }();
        Matrix<Rational> inverse(2, 2);
        inverse(0, 0) = t(1, 1), inverse(0, 1) = -t(0, 1), inverse(1, 0) = -t(1, 0), inverse(1, 1) = t(0, 0);
        std::vector<Matrix<Real>> family;
        for (int k = 0; k < 2; ++k) {
            Matrix<Rational> u(2, 2);
            u(0, 0) = diagonal[static_cast<std::size_t>(2 * k)], u(1, 1) = diagonal[static_cast<std::size_t>(2 * k + 1)];
            u(0, 1) = random.rational(4, 3);
            family.push_back((t * (u * inverse)).map([](const Rational& x) { return Real(x); }));
        }
        const RandomProduct product(family, {p, 1 - p});
        const auto exponent = [&](int i) {
            return MpInterval(p, 200) * log(abs(MpInterval(diagonal[static_cast<std::size_t>(i)], 200))) +
                   MpInterval(Rational(1 - p), 200) * log(abs(MpInterval(diagonal[static_cast<std::size_t>(2 + i)], 200)));
        };
        const MpInterval exact = max(exponent(0), exponent(1));
        const MpInterval found = polyhedral_bound(product, until(1e-3, 0.25)).bound.enclosure;
        INFO("[" << found.lower_double() << ", " << found.upper_double() << "] should contain " << exact.lower_double());
        CHECK_NOTHROW(intersect(found, exact));
    }
}

TEST_CASE("polyhedral: rotations, a single matrix, singular families", "[T14][T15][polyhedral]") {
    // Scaled rotations: every vector grows alike.
    const auto rotations = uniform({real_matrix({{Rational(6, 5), Rational(-8, 5)}, {Rational(8, 5), Rational(6, 5)}}), real_matrix({{0, -2}, {2, 0}})});
    const MpInterval two = polyhedral_bound(rotations, until(1e-3, 5)).bound.enclosure;
    check_contains(two, "0.69314718055994530941723212145817656808");
    CHECK(two.width_double() < 1e-2);

    // Projections: lambda = (1/2) log(3/5), K avoids both kernels.
    const Rational fifth(1, 5);
    const auto projections = sgd_product(real_matrix({{1, 3 * fifth}, {3 * fifth, 1}}), 1);
    const MpInterval value = polyhedral_bound(projections, until(1e-9, 5)).bound.enclosure;
    check_contains(value, "-0.255412811882995341602757048151830967439");
    CHECK(value.width_double() <= 1e-9);

    // One projection, one regular map.
    Random random(14);
    const auto mixed = sgd_product(real_matrix({{1, Rational(1, 2)}, {Rational(1, 2), Rational(3, 2)}}), 1);
    const MpInterval mixed_value = polyhedral_bound(mixed, until(1e-6, 5)).bound.enclosure;
    CHECK(mixed_value.width_double() < 1e-3);
    check_against(mixed_value, simulate(mixed, random));

    // A family that contains the zero matrix: -inf from above.
    const auto dead = uniform({real_matrix({{0, 0}, {0, 0}}), real_matrix({{2, 1}, {1, 1}})});
    CHECK(mpfr_inf_p(polyhedral_bound(dead, until(1e-6, 0.5)).bound.enclosure.lower()));
}

TEST_CASE("polyhedral: matrices of extreme size", "[T14][T15][polyhedral]") {
    // Scaling A_k by 2^e moves lambda by E e log 2, and the bounds with it.
    const std::vector<std::vector<std::vector<Rational>>> base = {{{2, 1}, {1, 1}}, {{3, 1}, {2, 1}}};
    const MpInterval plain = polyhedral_bound(uniform({real_matrix(base[0]), real_matrix(base[1])}), until(1e-10, 5)).bound.enclosure;
    for (const auto& [e0, e1] : {std::pair<int, int>(1005, 1005), {1022, 1020}, {1200, 1100}, {-1000, -990}, {-3000, 3000}, {300, -20}}) {
        std::vector<Matrix<Real>> family;
        for (int k = 0; k < 2; ++k) {
            const int e = k == 0 ? e0 : e1;
            const Integer power = Integer(1) << static_cast<unsigned>(std::abs(e));
            const Rational factor = e > 0 ? Rational(power) : Rational(Integer(1), power);
            family.push_back(real_matrix(base[static_cast<std::size_t>(k)]).map([&](const Real& x) { return x * Real(factor); }));
        }
        const MpInterval found = polyhedral_bound(uniform(family), until(1e-8, 5)).bound.enclosure;
        const MpInterval expected = plain + MpInterval(Rational(e0 + e1, 2), 200) * log(MpInterval(Rational(2), 200));
        CHECK_NOTHROW(intersect(found, expected));
        CHECK(found.width_double() < 1e-6);
    }
}

TEST_CASE("cell bounds near overflow say nothing rather than something wrong", "[T18][polyhedral]") {
    Random random(17);
    for (int trial = 0; trial < trials(60); ++trial) {
        const RandomFan<2> random_fan(random, 3);
        MapFamily<Interval, 2> family;
        const double scale = std::ldexp(1.0, static_cast<int>(random.integer(900, 1023)));
        std::array<std::array<double, 2>, 2> a{};
        for (auto& r : a)
            for (double& x : r) x = random.uniform(-1.0, 1.0) * scale;
        MapFamily<Interval, 2>::Map map;
        for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 2; ++j) map.a[i][j] = Interval(a[i][j]);
        map.probability = Interval(1.0);
        family.maps.push_back(map);
        const CellBounds<Interval, 2> cells(random_fan.fan, random_fan.values, family, no_corrector);
        const RoundUpward guard;
        for (std::size_t leaf = 0; leaf < random_fan.fan.leaves().size(); ++leaf) {
            const Level level = cells.bound(leaf, Level{1e300, -1e300}, [](std::size_t, std::size_t) {});
            RationalPoint<2> v{};
            for (int j = 0; j < 2; ++j)
                for (int i = 0; i < 2; ++i) v[i] += rational_from_double(random_fan.fan.coordinate(random_fan.fan.leaves()[leaf].generators[j], i));
            RationalPoint<2> w{};
            for (int i = 0; i < 2; ++i)
                for (int j = 0; j < 2; ++j) w[i] += rational_from_double(a[i][j]) * v[j];
            const MpInterval exact = log(MpInterval(value_at<2>(random_fan, w) / value_at<2>(random_fan, v), 200));
            CHECK(mpfr_cmp_d(exact.upper(), level.lower) >= 0);
            CHECK(mpfr_cmp_d(exact.lower(), level.upper) <= 0);
        }
    }
}

TEST_CASE("polyhedral: interval families hold for every member", "[T14][T15][polyhedral]") {
    const Real eta = Real::between(Rational(1, 10), Rational(11, 100));
    Matrix<Real> scaled(2, 2);
    scaled(0, 0) = eta * Real(5), scaled(1, 1) = eta * Real(5), scaled(0, 1) = eta * Real(-4), scaled(1, 0) = eta * Real(-4);
    const MpInterval all = polyhedral_bound(sgd_product(scaled, 1), until(1e-3, 2)).bound.enclosure;
    for (const Rational& one : {Rational(1, 10), Rational(21, 200), Rational(11, 100)}) {
        Matrix<Real> point(2, 2);
        point(0, 0) = Real(one * 5), point(1, 1) = Real(one * 5), point(0, 1) = Real(one * -4), point(1, 0) = Real(one * -4);
        const MpInterval member = polyhedral_bound(sgd_product(point, 1), until(1e-8, 5)).bound.enclosure;
        CHECK(is_subset(member, all));
    }
}

TEST_CASE("polyhedral: random products agree with simulation", "[T14][T15][polyhedral][random]") {
    Random random(15);
    for (int trial = 0; trial < trials(150); ++trial) {
        std::vector<Matrix<Real>> family;
        const int count = static_cast<int>(random.integer(2, 4));
        for (int k = 0; k < count; ++k) family.push_back(random.rational_matrix(2, 2, 9, 4).map([](const Rational& x) { return Real(x); }));
        std::vector<Rational> probabilities;
        Rational rest = 1;
        for (int k = 0; k + 1 < count; ++k) {
            // Denominators small (powers) and large (logarithms).
            probabilities.push_back(rest * (trial % 3 == 0 ? Rational(random.integer(1, 996), 997) : Rational(1, 2)));
            rest -= probabilities.back();
        }
        probabilities.push_back(rest);
        bool zero_matrix = false;
        for (const auto& m : family) zero_matrix = zero_matrix || std::all_of(m.entries().begin(), m.entries().end(), [](const Real& x) { return x.known_zero(); });
        if (zero_matrix) continue;
        const RandomProduct product(family, probabilities);
        const MpInterval enclosure = polyhedral_bound(product, until(1e-3, 0.3)).bound.enclosure;
        const Estimate estimate = simulate(product, random);
        if (!std::isfinite(estimate.mean)) continue;  // the orbit met a kernel
        check_against(enclosure, estimate);
    }
}

TEST_CASE("polyhedral: random N = 2 minima, and N = 3", "[T14][T15][polyhedral][random]") {
    Random random(16);
    for (int trial = 0; trial < trials(150); ++trial) {
        const std::size_t n = trial % 10 == 0 ? 3 : 2;
        const Matrix<Rational> g = random.rational_matrix(n, n + 1, 9, 1);
        Matrix<Rational> gram = g * g.transposed();
        Rational largest = 0;
        for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, gram(i, i));
        if (largest.is_zero()) continue;
        const Rational eta = Rational(random.integer(40, 400), 100) / largest;
        const RandomProduct product = sgd_product(gram.map([&](const Rational& x) { return Real(Rational(eta * x)); }), n == 3 && trial % 20 == 0 ? 2 : 1);
        if (product.dimension() < 2) continue;
        check_against(polyhedral_bound(product, until(n == 2 ? 1e-4 : 1e-1, n == 2 ? 0.3 : 2.0)).bound.enclosure, simulate(product, random));
    }
}

TEST_CASE("polyhedral: the result does not depend on the ambient rounding mode", "[T14][T15][polyhedral]") {
    const auto fibonacci = uniform({real_matrix({{0, 1}, {1, 1}}), real_matrix({{0, 1}, {1, -1}})});
    const MpInterval plain = polyhedral_bound(fibonacci, until(1e-3, 60)).bound.enclosure;
    for (const unsigned mode : {0x1F80U, 0x3F80U, 0x5F80U, 0x7F80U, 0x9FC0U}) {
        const unsigned saved = detail::read_mxcsr();
        detail::write_mxcsr(mode);
        const MpInterval hostile = polyhedral_bound(fibonacci, until(1e-3, 60)).bound.enclosure;
        detail::write_mxcsr(saved);
        CHECK(mpfr_equal_p(plain.lower(), hostile.lower()));
        CHECK(mpfr_equal_p(plain.upper(), hostile.upper()));
    }
}
