// Invariant cones: bounds on cones against exact points, whole enclosures against closed forms, simulation and other methods, evidence from an enemy.
#include "lyapcert/exponent/invariant_cone.hpp"

#include <tbb/global_control.h>

#include "exponent/invariant_cone/cone_maps.hpp"
#include "exponent/invariant_cone/cone_table.hpp"
#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "products.hpp"

using namespace lyapcert;
using namespace lyapcert::invariant_cone;
using test::check_contains;
using test::Random;
using test::real_matrix;
using test::trials;
using test::uniform;
using test::until;

namespace {

constexpr long precision = 200;
using RationalMatrix = Matrix<Rational>;

MpInterval log_of(const Rational& x) { return log(MpInterval(x, precision)); }
void check_contains(const MpInterval& enclosure, const MpInterval& value) {
    INFO("[" << enclosure.lower_double() << ", " << enclosure.upper_double() << "] should contain " << value.midpoint_double());
    CHECK_NOTHROW(intersect(enclosure, value));
}

std::vector<Rational> random_probabilities(Random& random, std::size_t count) {
    std::vector<Rational> p;
    Rational sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += p.emplace_back(random.integer(1, 9));
    for (Rational& x : p) x /= sum;
    return p;
}

RationalMatrix random_positive(Random& random, std::size_t n, long least, long most) {
    RationalMatrix a(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) a(i, j) = Rational(random.integer(least, most));
    return a;
}

RationalMatrix inverse(const RationalMatrix& a) { return *solve(a, RationalMatrix::identity(a.rows(), Rational(1), Rational(0))); }

RationalMatrix random_regular(Random& random, std::size_t n) {
    for (;;) {
        const RationalMatrix t = random_positive(random, n, -3, 3);
        if (rank(t) == n) return t;
    }
}

// A family with l^T A_i = c_i l^T, l = (1, ..., 1): lambda is the mean of the log c_i.
struct Known {
    std::vector<RationalMatrix> matrices;
    std::vector<Rational> probabilities;
    MpInterval lambda{precision};

    RandomProduct product() const {
        std::vector<Matrix<Real>> list;
        for (const RationalMatrix& a : matrices) list.push_back(to_reals(a));
        return RandomProduct(list, probabilities);
    }
    Known conjugated(const RationalMatrix& t, const std::vector<int>& factors) const {
        Known other = *this;
        for (std::size_t i = 0; i < matrices.size(); ++i) other.matrices[i] = (t * matrices[i] * inverse(t)).map([&](const Rational& x) { return Rational(x * factors[i]); });
        return other;
    }
};

Known stochastic(Random& random, std::size_t n, std::size_t count, long least = 1) {
    Known known;
    known.probabilities = random_probabilities(random, count);
    for (std::size_t i = 0; i < count; ++i) {
        RationalMatrix a = random_positive(random, n, least, 9);
        const Rational c(random.integer(1, 40), random.integer(1, 40));
        for (std::size_t j = 0; j < n; ++j) {
            Rational column = 0;
            for (std::size_t k = 0; k < n; ++k) column += a(k, j);
            if (column == 0) column = a(0, j) = 1;
            for (std::size_t k = 0; k < n; ++k) a(k, j) *= c / column;
        }
        known.matrices.push_back(std::move(a));
        known.lambda += MpInterval(known.probabilities[i], precision) * log_of(c);
    }
    return known;
}

// Any f will do for a proof: functionals that are positive on the cone, weights of both signs.
InvariantConeEvidence random_evidence(Random& random, std::size_t n, std::size_t maps, bool cube, double threshold) {
    InvariantConeEvidence evidence;
    if (!cube) evidence.cone.signs.assign(n, 1);
    evidence.cone.factor.assign(maps, 1);
    const auto count = static_cast<std::size_t>(random.integer(1, 9));
    evidence.functionals = Matrix<double>(count, n, 0.0);
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t k = 0; k < n; ++k) evidence.functionals(a, k) = cube ? random.uniform(-0.9, 0.9) / static_cast<double>(n - 1) : random.uniform(0.3, 1.0);
        if (cube) evidence.functionals(a, 0) = 1.0;
        evidence.weights.push_back(random.uniform(-1.0, 1.0));
    }
    double sum = 0.0;
    for (const double c : evidence.weights) sum += c;
    evidence.weights.front() += 1.0 - sum;
    evidence.threshold = threshold;
    return evidence;
}

// A cube that a product leaves invariant because it is positive in other coordinates: the cone of the images is well inside a cube around it.
struct CubeCase {
    RandomProduct product;
    InvariantCone cone;
};
std::optional<CubeCase> random_cube(Random& random, std::size_t n, std::size_t count) {
    // B = e_0 e_0^T + small entries leaves {|x_k| <= x_0} invariant.
    Matrix<double> basis(n, n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) basis(i, j) = random.uniform(-1.0, 1.0) + (i == j ? 1.5 : 0.0);
    const RationalMatrix c = basis.map([](double x) { return rational_from_double(x); });
    if (rank(c) < n) return std::nullopt;
    std::vector<Matrix<Real>> matrices;
    InvariantCone cone{{}, basis, {}};
    for (std::size_t i = 0; i < count; ++i) {
        RationalMatrix b(n, n);
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t l = 0; l < n; ++l) b(k, l) = Rational(random.integer(-100, 100), 130 * static_cast<long>(n));
        b(0, 0) = Rational(random.integer(90, 200), 100);
        const int factor = random.chance(0.5) ? 1 : -1;
        cone.factor.push_back(factor);
        matrices.push_back(to_reals((c * b * inverse(c)).map([&](const Rational& x) { return Rational(factor * x); })));
    }
    return CubeCase{RandomProduct(matrices, random_probabilities(random, count)), cone};
}

// A random ray of the cone, often of its boundary.
std::vector<Rational> random_ray(Random& random, std::size_t n, bool cube) {
    std::vector<Rational> x(n);
    bool zero = true;
    while (zero)
        for (std::size_t k = 0; k < n; ++k) {
            x[k] = cube ? (random.chance(0.5) ? Rational(random.chance(0.5) ? 1 : -1) : Rational(random.integer(-100, 100), 100)) : random.chance(0.5) ? Rational(0) : Rational(random.integer(1, 100));
            if (cube && k == 0) x[k] = 1;
            zero = zero && x[k] == 0;
        }
    return x;
}

std::vector<Rational> times(const RationalMatrix& a, const std::vector<Rational>& x) {
    std::vector<Rational> y(x.size(), Rational(0));
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t j = 0; j < x.size(); ++j) y[i] += a(i, j) * x[j];
    return y;
}

// D(x) / s with the logarithms in MPFR and everything else exact.
MpInterval exact_d(const std::vector<RationalMatrix>& maps, const std::vector<Rational>& p, const InvariantConeEvidence& e, const std::vector<Rational>& x) {
    MpInterval sum(precision);
    Rational degree = 0;
    for (std::size_t a = 0; a < e.weights.size(); ++a) {
        const Rational c = rational_from_double(e.weights[a]);
        degree += c;
        const auto value = [&](const std::vector<Rational>& y) {
            Rational dot = 0;
            for (std::size_t k = 0; k < y.size(); ++k) dot += rational_from_double(e.functionals(a, k)) * y[k];
            return log_of(dot);
        };
        for (std::size_t i = 0; i < maps.size(); ++i) sum += MpInterval(Rational(c * p[i]), precision) * value(times(maps[i], x));
        sum -= MpInterval(c, precision) * value(x);
    }
    return sum / MpInterval(degree, precision);
}

double lower(const InvariantConeResult& r) { return r.bound.enclosure.lower_double(); }
double upper(const InvariantConeResult& r) { return r.bound.enclosure.upper_double(); }

// Ranges of D on the cones of random words against exact points of these cones.
void check_words(Random& random, const RandomProduct& product, const std::vector<RationalMatrix>& maps, const InvariantConeEvidence& evidence, int& bounded, int& narrow) {
    const bool cube = evidence.cone.signs.empty();
    const auto family = family_in(product, evidence.cone);
    REQUIRE(family);
    const ConeTable table(*family, evidence.functionals, evidence.weights);
    REQUIRE(table.usable());
    const std::size_t n = product.dimension();
    Columns p = table.identity();
    RationalMatrix exact = RationalMatrix::identity(n, Rational(1), Rational(0));
    for (long length = random.integer(0, 12); length > 0; --length) {
        const auto i = static_cast<std::size_t>(random.integer(0, static_cast<long>(maps.size()) - 1));
        const RoundUpward guard;
        p = table.extended(p, i);
        exact = exact * maps[i];
    }
    const Range range = [&] {
        const RoundUpward guard;
        return table.bound(p);
    }();
    if (!std::isfinite(range.upper - range.lower)) return;
    ++bounded;
    const MpInterval enclosure = table.exponent(range.lower, range.upper);
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (int point = 0; point < 20; ++point) {
        const std::vector<Rational> x = times(exact, random_ray(random, n, cube));
        if (std::all_of(x.begin(), x.end(), [](const Rational& e) { return e == 0; })) continue;
        const MpInterval d = exact_d(maps, product.probabilities(), evidence, x);
        check_contains(enclosure, d);
        least = std::min(least, d.midpoint_double());
        most = std::max(most, d.midpoint_double());
    }
    if (enclosure.width_double() <= 20.0 * (most - least) + 1e-13) ++narrow;
}

}  // namespace

TEST_CASE("invariant cone: ranges on cones of words against exact points, orthants", "[T28]") {
    Random random(41);
    int bounded = 0;
    int narrow = 0;
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        const auto count = static_cast<std::size_t>(random.integer(1, 4));
        std::vector<RationalMatrix> maps;
        std::vector<Matrix<Real>> reals;
        for (std::size_t i = 0; i < count; ++i) {
            maps.push_back(random_positive(random, n, random.chance(0.2) ? 0 : 1, 9));
            reals.push_back(to_reals(maps.back()));
        }
        const RandomProduct product(reals, random_probabilities(random, count));
        if (product.size() != count) continue;
        check_words(random, product, maps, random_evidence(random, n, count, false, 0.0), bounded, narrow);
    }
    CHECK(bounded > trials(300) / 2);
    CHECK(narrow > bounded / 2);
}

TEST_CASE("invariant cone: ranges on cones of words against exact points, cubes", "[T28]") {
    Random random(42);
    int bounded = 0;
    int narrow = 0;
    for (int trial = 0; trial < trials(200); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        const auto made = random_cube(random, n, static_cast<std::size_t>(random.integer(1, 3)));
        if (!made || made->product.size() != made->cone.factor.size()) continue;
        const RationalMatrix c = made->cone.basis.map([](double x) { return rational_from_double(x); });
        std::vector<RationalMatrix> maps;
        for (std::size_t i = 0; i < made->product.size(); ++i)
            maps.push_back((inverse(c) * to_rational(made->product.matrices()[i]) * c).map([&](const Rational& x) { return Rational(x * made->cone.factor[i]); }));
        InvariantConeEvidence evidence = random_evidence(random, n, maps.size(), true, 0.0);
        evidence.cone = made->cone;
        if (!family_in(made->product, evidence.cone)) continue;  // the random entries were too large
        check_words(random, made->product, maps, evidence, bounded, narrow);
    }
    CHECK(bounded > trials(200) / 4);
    CHECK(narrow > bounded / 2);
}

TEST_CASE("invariant cone: the enclosure of P_w counts", "[T28]") {
    // A matrix that is known within a twentieth, and rare: what it does to D is little, what it does to the cones of its words is much.
    Random random(52);
    int bounded = 0;
    for (int trial = 0; trial < trials(60); ++trial) {
        const std::size_t n = 3;
        std::vector<RationalMatrix> maps;
        std::vector<Matrix<Real>> reals;
        for (std::size_t i = 0; i < 2; ++i) maps.push_back(random_positive(random, n, 1, 9));
        reals.push_back(maps[0].map([](const Rational& x) { return Real::between(x * Rational(19, 20), x * Rational(21, 20)); }));
        reals.push_back(to_reals(maps[1]));
        const RandomProduct product(reals, {Rational(1, 100000), Rational(99999, 100000)});
        InvariantConeEvidence evidence = random_evidence(random, n, 2, false, 0.0);
        const ConeTable table(*family_in(product, evidence.cone), evidence.functionals, evidence.weights);
        REQUIRE(table.usable());
        // A member.
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = 0; j < n; ++j) maps[0](k, j) *= random.chance(0.5) ? Rational(19, 20) : Rational(21, 20);
        RationalMatrix exact = RationalMatrix::identity(n, Rational(1), Rational(0));
        Columns p = table.identity();
        for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{1}, std::size_t{1}, std::size_t{1}, std::size_t{1}}) {
            const RoundUpward guard;
            p = table.extended(p, i);
            exact = exact * maps[i];
        }
        const Range range = [&] {
            const RoundUpward guard;
            return table.bound(p);
        }();
        if (!std::isfinite(range.upper - range.lower)) continue;
        ++bounded;
        check_contains(table.exponent(range.lower, range.upper), exact_d(maps, product.probabilities(), evidence, times(exact, random_ray(random, n, false))));
    }
    CHECK(bounded > trials(60) / 2);
}

TEST_CASE("invariant cone: which cones are accepted, against exact images of rays", "[T28]") {
    Random random(53);
    int accepted = 0;
    const auto single = [](const RationalMatrix& a) { return RandomProduct({to_reals(a)}, {Rational(1)}); };
    for (int trial = 0; trial < trials(400); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        Matrix<double> identity(n, n, 0.0);
        for (std::size_t k = 0; k < n; ++k) identity(k, k) = 1.0;
        RationalMatrix b(n, n);
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t l = 0; l < n; ++l) b(k, l) = Rational(random.integer(-10, 10), 10 * static_cast<long>(n));
        b(0, 0) = Rational(random.integer(5, 15), 10);
        bool inside = true;  // with its interior
        for (std::size_t corner = 0; corner < (std::size_t{1} << (n - 1)); ++corner) {
            std::vector<Rational> ray(n, Rational(1));
            for (std::size_t k = 1; k < n; ++k) ray[k] = (corner >> (k - 1)) % 2 == 0 ? 1 : -1;
            const std::vector<Rational> image = times(b, ray);
            for (std::size_t k = 1; k < n; ++k) inside = inside && abs(image[k]) < image[0];
        }
        const bool proved = family_in(single(b), InvariantCone{{}, identity, {1}}).has_value();
        CHECK(proved == inside);
        accepted += proved ? 1 : 0;
        RationalMatrix positive = random_positive(random, n, 0, 5);
        CHECK(family_in(single(positive), InvariantCone{std::vector<int>(n, 1), {}, {1}}));
        positive(static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1)), 0) = Rational(-1, 1L << 60);
        CHECK(!family_in(single(positive), InvariantCone{std::vector<int>(n, 1), {}, {1}}));
    }
    CHECK(accepted > trials(400) / 20);
}

TEST_CASE("invariant cone: any f proves the exact exponent of stochastic families", "[T28]") {
    Random random(43);
    int proved = 0;
    for (int trial = 0; trial < trials(150); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        const Known known = stochastic(random, n, static_cast<std::size_t>(random.integer(1, 3)), random.chance(0.3) ? 0 : 1);
        const RandomProduct product = known.product();
        if (product.size() != known.matrices.size()) continue;
        const InvariantConeResult found = invariant_cone_bound(product, random_evidence(random, n, product.size(), false, random.chance(0.5) ? 1e-4 : 1e-7), 20000);
        check_contains(found.bound.enclosure, known.lambda);
        if (upper(found) - lower(found) < 1e-2) ++proved;
    }
    CHECK(proved > trials(150) / 2);
}

TEST_CASE("invariant cone: the search on stochastic families, plain and hidden by a change of basis and signs", "[T28]") {
    Random random(44);
    for (int trial = 0; trial < trials(25); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        const Known known = stochastic(random, n, static_cast<std::size_t>(random.integer(2, 3)));
        std::vector<int> factors;
        for (std::size_t i = 0; i < known.matrices.size(); ++i) factors.push_back(random.chance(0.5) ? 1 : -1);
        const Known hidden = known.conjugated(random_regular(random, n), factors);
        const InvariantConeResult plain = invariant_cone_bound(known.product(), until(1e-10, 20));
        check_contains(plain.bound.enclosure, known.lambda);
        CHECK(upper(plain) - lower(plain) <= 1e-10);
        const InvariantConeResult found = invariant_cone_bound(hidden.product(), until(1e-6, 20));
        check_contains(found.bound.enclosure, known.lambda);
        CHECK(upper(found) - lower(found) <= 1e-6);
        // A change of signs keeps an orthant.
        RationalMatrix flips = RationalMatrix::identity(n, Rational(1), Rational(0));
        for (std::size_t k = 0; k < n; ++k) flips(k, k) = random.chance(0.5) ? 1 : -1;
        const InvariantConeResult flipped = invariant_cone_bound(known.conjugated(flips, factors).product(), until(1e-10, 20));
        check_contains(flipped.bound.enclosure, known.lambda);
        const auto evidence = evidence_as<InvariantConeEvidence>(flipped.bound.lower.evidence);
        REQUIRE(evidence);
        CHECK(evidence->cone.signs.size() == n);
    }
}

TEST_CASE("invariant cone: the pair of Pollicott", "[T28]") {
    const InvariantConeResult found = invariant_cone_bound(uniform({real_matrix({{2, 1}, {1, 1}}), real_matrix({{3, 1}, {2, 1}})}), until(1e-13, 20));
    test::check_contains(found.bound.enclosure, "1.14331103510294924584325185365558829940");
    CHECK(upper(found) - lower(found) <= 1e-13);
}

TEST_CASE("invariant cone: matrices of extreme size do no harm", "[T28]") {
    const auto scaled = [](const Matrix<Real>& a, const Rational& factor) { return a.map([&](const Real& x) { return Real(Rational(x.rational() * factor)); }); };
    const MpInterval pair = invariant_cone_bound(uniform({real_matrix({{2, 1}, {1, 1}}), real_matrix({{3, 1}, {2, 1}})}), until(1e-10, 20)).bound.enclosure;
    for (const long e : {-1000L, -300L, -60L, 60L, 300L, 1000L}) {
        const Integer power = Integer(1) << static_cast<unsigned>(std::labs(e));
        const Rational factor = e > 0 ? Rational(power) : Rational(1) / Rational(power);
        const RandomProduct product = uniform({scaled(real_matrix({{2, 1}, {1, 1}}), factor), scaled(real_matrix({{3, 1}, {2, 1}}), factor)});
        const MpInterval found = invariant_cone_bound(product, until(1e-8, 2)).bound.enclosure;
        const MpInterval truth = pair + MpInterval(Rational(e), 128) * log(MpInterval(Rational(2), 128));
        CHECK(found.lower_double() <= truth.upper_double());
        CHECK(found.upper_double() >= truth.lower_double());
    }
}

TEST_CASE("invariant cone: in dimension 2 it agrees with the fan", "[T28]") {
    Random random(45);
    for (int trial = 0; trial < trials(20); ++trial) {
        std::vector<Matrix<Real>> list;
        for (int i = 0; i < 2; ++i) list.push_back(to_reals(random_positive(random, 2, 1, 9)));
        const RandomProduct product = uniform(list);
        const InvariantConeResult found = invariant_cone_bound(product, until(1e-9, 20));
        CHECK(upper(found) - lower(found) <= 1e-9);
        CHECK_NOTHROW(intersect(found.bound.enclosure, polyhedral_bound(product, until(1e-6, 5)).bound.enclosure));
    }
}

TEST_CASE("invariant cone: simulation, dimensions 3 to 8, unequal probabilities, zeros and singular matrices", "[T28]") {
    Random random(46);
    for (int trial = 0; trial < trials(18); ++trial) {
        const auto n = static_cast<std::size_t>(3 + trial % 6);
        const auto count = static_cast<std::size_t>(random.integer(2, 4));
        std::vector<Matrix<Real>> list;
        for (std::size_t i = 0; i < count; ++i) {
            RationalMatrix a = random_positive(random, n, trial % 3 == 0 ? 0 : 1, 9);
            if (trial % 3 == 1 && i == 0)  // of rank 2
                for (std::size_t k = 2; k < n; ++k)
                    for (std::size_t j = 0; j < n; ++j) a(k, j) = a(0, j) + Rational(random.integer(0, 2)) * a(1, j);
            if (trial % 3 == 2 && i == 0)  // kills a ray of the boundary
                for (std::size_t k = 0; k < n; ++k) a(k, 0) = 0;
            list.push_back(to_reals(a));
        }
        const RandomProduct product(list, random_probabilities(random, count));
        const InvariantConeResult found = invariant_cone_bound(product, until(1e-7, 20));
        CHECK(upper(found) - lower(found) <= 1e-7);
        check_against(found.bound.enclosure, simulate(product, random));
    }
}

TEST_CASE("invariant cone: products that vanish are not bounded from below", "[T28]") {
    const std::vector<RandomProduct> vanishing = {
        uniform({real_matrix({{0, 1}, {0, 0}}), real_matrix({{1, 1}, {1, 2}})}),
        uniform({real_matrix({{0, 1}, {0, 1}}), real_matrix({{1, 1}, {0, 0}})}),
        uniform({real_matrix({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}), real_matrix({{1, 1, 2}, {1, 2, 1}, {3, 1, 1}})}),
        uniform({real_matrix({{0, 1, 0}, {0, 0, 1}, {0, 0, 0}}), real_matrix({{1, 1, 1}, {1, 2, 1}, {1, 1, 3}})}),
    };
    Random random(47);
    for (const RandomProduct& product : vanishing) {
        CHECK(lower(invariant_cone_bound(product, until(1e-3, 1))) == -std::numeric_limits<double>::infinity());
        for (int trial = 0; trial < 20; ++trial)
            CHECK(lower(invariant_cone_bound(product, random_evidence(random, product.dimension(), product.size(), false, 1e-3), 2000)) == -std::numeric_limits<double>::infinity());
    }
}

TEST_CASE("invariant cone: a branch on which D is never bounded is not left out", "[T28]") {
    const RandomProduct product = uniform({real_matrix({{1, 1}, {0, 1}}), real_matrix({{0, 1}, {0, 1}})});
    InvariantConeEvidence evidence{InvariantCone{{1, 1}, {}, {1, 1}}, Matrix<double>(1, 2, 1.0), {1.0}, 1e9};
    const InvariantConeResult found = invariant_cone_bound(product, evidence);
    CHECK(lower(found) == -std::numeric_limits<double>::infinity());
    CHECK(upper(found) == std::numeric_limits<double>::infinity());
}

TEST_CASE("invariant cone: interval entries stand for every number in them", "[T28]") {
    Random random(48);
    for (int trial = 0; trial < trials(10); ++trial) {
        const Known known = stochastic(random, 3, 2);
        // c A_i for all c within a hundredth of 1: lambda moves by log c.
        std::vector<Matrix<Real>> list;
        for (const RationalMatrix& a : known.matrices) list.push_back(a.map([](const Rational& x) { return Real::between(x * Rational(99, 100), x * Rational(101, 100)); }));
        const RandomProduct product(list, known.probabilities);
        const InvariantConeResult found = invariant_cone_bound(product, until(1e-2, 2));
        check_contains(found.bound.enclosure, known.lambda + log_of(Rational(99, 100)));
        check_contains(found.bound.enclosure, known.lambda + log_of(Rational(101, 100)));
        CHECK(upper(found) - lower(found) < 0.2);
        // And hidden, on a cube.
        const Known hidden = known.conjugated(random_regular(random, 3), {1, -1});
        std::vector<Matrix<Real>> narrow;
        for (const RationalMatrix& a : hidden.matrices)
            narrow.push_back(a.map([](const Rational& x) {
                const Rational y = x * Rational(1001, 1000);
                return x < y ? Real::between(x, y) : Real::between(y, x);
            }));
        const InvariantConeResult cube = invariant_cone_bound(RandomProduct(narrow, known.probabilities), until(1e-2, 2));
        check_contains(cube.bound.enclosure, known.lambda);
        check_contains(cube.bound.enclosure, known.lambda + log_of(Rational(1001, 1000)));
    }
}

TEST_CASE("invariant cone: the same for any number of threads", "[T28]") {
    Random random(49);
    for (int trial = 0; trial < trials(4); ++trial) {
        std::vector<Matrix<Real>> list;
        for (int i = 0; i < 3; ++i) list.push_back(to_reals(random_positive(random, 4, 1, 9)));
        const RandomProduct product = uniform(list);
        std::vector<InvariantConeResult> results;
        for (const std::size_t threads : {1U, 2U}) {
            const tbb::global_control control(tbb::global_control::max_allowed_parallelism, threads);
            results.push_back(invariant_cone_bound(product, until(1e-9, 60)));
        }
        CHECK(lower(results[0]) == lower(results[1]));
        CHECK(upper(results[0]) == upper(results[1]));
        CHECK(results[0].words == results[1].words);
    }
}

TEST_CASE("invariant cone: nothing where there is no cone", "[T28]") {
    const std::vector<RandomProduct> families = {
        uniform({real_matrix({{0, 1}, {1, 1}}), real_matrix({{0, 1}, {1, -1}})}),
        uniform({real_matrix({{0, -1}, {1, 0}}), real_matrix({{2, 1}, {1, 1}})}),
        uniform({real_matrix({{2, 0, 0}, {0, 1, 1}, {0, -1, 1}}), real_matrix({{1, 0, 0}, {0, 2, 1}, {0, -1, 2}})}),
        uniform({real_matrix({{-3, 1, 0}, {0, 1, 0}, {0, 0, 1}}), real_matrix({{1, 0, 0}, {1, -2, 1}, {0, 0, 1}}), real_matrix({{1, 0, 0}, {0, 1, 0}, {0, 1, -2}})}),
    };
    for (const RandomProduct& product : families) {
        const InvariantConeResult found = invariant_cone_bound(product, until(1e-3, 2));
        CHECK(!evidence_as<InvariantConeEvidence>(found.bound.lower.evidence));
        CHECK(lower(found) == -std::numeric_limits<double>::infinity());
        CHECK(upper(found) == std::numeric_limits<double>::infinity());
    }
}

TEST_CASE("invariant cone: evidence from an enemy proves nothing that is false", "[T28]") {
    Random random(50);
    const auto nothing = [](const InvariantConeResult& r) { return lower(r) == -std::numeric_limits<double>::infinity() && upper(r) == std::numeric_limits<double>::infinity(); };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    for (int trial = 0; trial < trials(10); ++trial) {
        const Known known = stochastic(random, 3, 2);
        const RandomProduct product = known.product();
        if (product.size() != 2) continue;
        const InvariantConeEvidence good = random_evidence(random, 3, 2, false, 1e-4);
        const auto refused = [&](auto change) {
            InvariantConeEvidence bad = good;
            change(bad);
            return nothing(invariant_cone_bound(product, bad, 5000));
        };
        CHECK(refused([](InvariantConeEvidence& e) { e.cone.signs[1] = -1; }));
        CHECK(refused([](InvariantConeEvidence& e) { e.cone.signs[1] = 0; }));
        CHECK(refused([](InvariantConeEvidence& e) { e.cone.signs.pop_back(); }));
        CHECK(refused([](InvariantConeEvidence& e) { e.cone.factor[0] = -1; }));
        CHECK(refused([](InvariantConeEvidence& e) { e.cone.factor.pop_back(); }));
        CHECK(refused([](InvariantConeEvidence& e) { e.cone.signs.clear(); }));
        CHECK(refused([](InvariantConeEvidence& e) {  // a cube that is too small
            e.cone.signs.clear();
            e.cone.basis = Matrix<double>(3, 3, 0.0);
            for (std::size_t k = 0; k < 3; ++k) e.cone.basis(k, 0) = 1.0, e.cone.basis(k, k) += 1e-3;
        }));
        CHECK(refused([](InvariantConeEvidence& e) {
            e.cone.signs.clear();
            e.cone.basis = Matrix<double>(3, 3, 1.0);
        }));
        for (const double x : {0.0, -0.0, -1.0, nan, infinity}) CHECK(refused([x](InvariantConeEvidence& e) { e.functionals(0, 1) = x; }));
        for (const double x : {nan, infinity, -1000.0}) CHECK(refused([x](InvariantConeEvidence& e) { e.weights.back() = x; }));
        CHECK(refused([](InvariantConeEvidence& e) { e.weights.push_back(1.0); }));
        CHECK(refused([](InvariantConeEvidence& e) { e.weights.assign(e.weights.size(), 0.0); }));
        CHECK(refused([](InvariantConeEvidence& e) { e.functionals = Matrix<double>(); }));
        for (const double x : {nan, -1.0}) CHECK(refused([x](InvariantConeEvidence& e) { e.threshold = x; }));
        // Not of degree 1: divided by its degree.
        InvariantConeEvidence scaled = good;
        for (double& c : scaled.weights) c *= 3.0;
        check_contains(invariant_cone_bound(product, scaled, 20000).bound.enclosure, known.lambda);
    }
}

TEST_CASE("invariant cone: the driver uses it, in dimension 20 too", "[T28]") {
    Random random(51);
    for (const std::size_t n : {std::size_t{4}, std::size_t{20}}) {
        const Known known = stochastic(random, n, 2);
        // In a basis of square roots: over the rationals the driver would find the common eigenvector l and have a closed form.
        std::vector<Matrix<Real>> matrices;
        for (const RationalMatrix& a : known.matrices) {
            Matrix<Real> scaled = to_reals(a);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    if (i != j) scaled(i, j) *= Real::from_rule([ratio = Rational(i + 1) / (j + 1)](long bits) { return sqrt(MpInterval(ratio, bits)); });
            matrices.push_back(std::move(scaled));
        }
        const RandomProduct product(matrices, known.probabilities);
        const LyapunovExponent found = lyapunov_exponent({product}, Bound::nothing(), Goal{true, 1e-9}, until(0.0, 20), 128);
        CHECK(found.method() == "invariant cone");
        CHECK(found.goal_reached);
        CHECK(found.effort.words > 0);
        check_contains(found.enclosure, known.lambda);
    }
}
