// The corrector against its lemma: images, kappa and the inequality itself, point by point, with rationals.
#include "exponent/log_quadratic/corrector.hpp"

#include <tbb/global_control.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "exponent/log_quadratic/approximate_corrector.hpp"
#include "exponent/log_quadratic/corrector_terms.hpp"
#include "exponent/log_quadratic_cases.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "products.hpp"

using namespace lyapcert;
using namespace lyapcert::log_quadratic;
using namespace lyapcert::test;

namespace {

BoxTree random_tree(Random& random, std::size_t n, int bisections) {
    BoxTree tree(static_cast<int>(n));
    for (int i = 0; i < bisections; ++i) tree.bisect(static_cast<std::size_t>(random.integer(0, static_cast<long>(tree.size()) - 1)), static_cast<int>(random.integer(0, static_cast<long>(n) - 2)));
    return tree;
}

BoxCorrector random_corrector(Random& random, std::size_t n, int bisections) {
    BoxCorrector corrector{random_tree(random, n, bisections), {}, {}};
    for (std::size_t b = 0; b < corrector.boxes.size(); ++b) {
        corrector.values.push_back(random.uniform(-1.0, 1.0));
        for (std::size_t j = 0; j + 1 < n; ++j) corrector.slopes.push_back(random.uniform(-1.0, 1.0));
    }
    return corrector;
}

// h in a box, often at its boundary, and the point c + h on its face.
Point displacement(Random& random, const BoxTree& tree, std::size_t b) {
    Point h;
    for (int j = 0; j < tree.dimension() - 1; ++j)
        h.push_back(rational_from_double(tree.box(b).radius[static_cast<std::size_t>(j)]) * (random.chance(0.5) ? Rational(random.integer(-1, 1)) : Rational(random.integer(-64, 64), 64)));
    return h;
}
Point point_of(const BoxTree& tree, std::size_t b, const Point& h) {
    Point y;
    for (std::size_t j = 0; j < h.size(); ++j) y.push_back(rational_from_double(tree.box(b).centre[j]) + h[j]);
    y.insert(y.begin() + tree.face(b), Rational(1));
    return y;
}

// z / z_g without its component g, for the face g of the box; nothing when z_g = 0.
std::optional<Point> projected(const BoxTree& tree, std::size_t b, const Point& z) {
    const auto g = static_cast<std::size_t>(tree.face(b));
    if (z[g].is_zero()) return std::nullopt;
    Point w;
    for (std::size_t i = 0; i < z.size(); ++i)
        if (i != g) w.push_back(z[i] / z[g]);
    return w;
}
bool holds(const BoxTree& tree, std::size_t b, const Point& z) {
    const auto w = projected(tree, b, z);
    if (!w) return false;
    for (std::size_t j = 0; j < w->size(); ++j)
        if (abs((*w)[j] - rational_from_double(tree.box(b).centre[j])) > rational_from_double(tree.box(b).radius[j])) return false;
    return true;
}

// phi_b(z) - V_b.
Rational linear_part(const BoxCorrector& corrector, std::size_t b, const Point& z) {
    const Point w = *projected(corrector.boxes, b, z);
    Rational sum = 0;
    for (std::size_t j = 0; j < w.size(); ++j)
        sum += rational_from_double(corrector.slopes[b * w.size() + j]) * (w[j] - rational_from_double(corrector.boxes.box(b).centre[j]));
    return sum;
}

struct Rounded {
    ImageMap map;
    Matrix<Rational> exact;  // a member of it
};

Rounded random_map(Random& random, std::size_t n) {
    Matrix<double> near(n, n);
    const int kind = static_cast<int>(random.integer(0, 3));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            near(i, j) = kind == 0 ? static_cast<double>(random.integer(-2, 2)) : random.uniform(-1.0, 1.0);
            if (kind == 1) near(i, j) = (i == j ? 1.0 : 0.0) + 0.05 * near(i, j);
        }
    const double error = random.chance(0.5) ? 0.0 : std::ldexp(1.0, static_cast<int>(-random.integer(5, 50)));
    Matrix<Rational> member(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) member(i, j) = rational_from_double(near(i, j)) + rational_from_double(error) * random.integer(-1, 1);
    return {ImageMap(near, error), member};
}

bool is_zero(const Point& z) {
    return std::all_of(z.begin(), z.end(), [](const Rational& x) { return x.is_zero(); });
}

}  // namespace

TEST_CASE("images: every box that holds the image of a point of a box is visited; kappa bounds the corrector there", "[T51][corrector]") {
    Random random(61);
    int met = 0;
    int sharp = 0;
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const BoxCorrector corrector = random_corrector(random, n, static_cast<int>(random.integer(0, 120)));
        const BoxTree& tree = corrector.boxes;
        const Rounded map = random_map(random, n);
        for (int i = 0; i < 4; ++i) {
            const auto b = static_cast<std::size_t>(random.integer(0, static_cast<long>(tree.size()) - 1));
            std::vector<std::size_t> targets;
            std::vector<double> kappa;
            std::array<double, most_free> common{};
            {
                const RoundUpward guard;
                tree.visit_image(b, map.map, [&](std::size_t t) { targets.push_back(t); });
                const CorrectorTerms<Interval> terms(corrector, b, map.map);
                for (const std::size_t t : targets) kappa.push_back(terms.kappa(t));
                common = terms.common();
            }
            for (int s = 0; s < 4; ++s) {
                const Point h = displacement(random, tree, b);
                const Point z = times(map.exact, point_of(tree, b, h));
                if (is_zero(z)) continue;
                Rational shared = 0;
                for (std::size_t j = 0; j < h.size(); ++j) shared += rational_from_double(common[j]) * h[j];
                std::size_t holders = 0;
                for (std::size_t t = 0; t < tree.size(); ++t) {
                    if (!holds(tree, t, z)) continue;
                    ++holders;
                    const auto at = std::find(targets.begin(), targets.end(), t);
                    REQUIRE(at != targets.end());
                    const double k = kappa[static_cast<std::size_t>(at - targets.begin())];
                    const Rational difference = linear_part(corrector, t, z) - shared;
                    CHECK(difference >= rational_from_double(k));
                    sharp += difference - rational_from_double(k) < Rational(1, 1000);
                    ++met;
                }
                CHECK(holders >= 1);
            }
        }
    }
    CHECK(met > trials(300) * 8);
    CHECK(sharp > met / 50);
}

TEST_CASE("boxes keep what they are when they are renumbered", "[T51][corrector]") {
    Random random(66);
    for (int trial = 0; trial < trials(40); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const BoxTree before = random_tree(random, n, 50);
        BoxTree tree = before;
        std::vector<std::size_t> order;
        tree.renumber(order);
        REQUIRE(tree.size() == before.size());
        REQUIRE(std::set<std::size_t>(order.begin(), order.end()).size() == before.size());
        const auto same = [&](std::size_t b, std::size_t old) {
            return tree.face(b) == before.face(old) && tree.box(b).centre == before.box(old).centre && tree.box(b).radius == before.box(old).radius;
        };
        for (std::size_t b = 0; b < tree.size(); ++b) {
            CHECK(same(b, order[b]));
            // The new numbers are found where the boxes are.
            std::array<double, log_quadratic_max_dimension> y{};
            std::array<double, most_free> at;
            for (int i = 0, j = 0; i < static_cast<int>(n); ++i) y[static_cast<std::size_t>(i)] = i == tree.face(b) ? 1.0 : 0.9 * tree.box(b).centre[static_cast<std::size_t>(j++)];
            CHECK(same(tree.approximate_locate(y, at), before.approximate_locate(y, at)));
        }
        std::vector<std::size_t> ordered;
        tree.depth_first(ordered);
        CHECK(std::is_sorted(ordered.begin(), ordered.end()));
        // And bisections go on.
        tree.bisect(0, 0);
        CHECK(tree.box(0).radius[0] == 0.5 * before.box(order[0]).radius[0]);
    }
}

TEST_CASE("a box of many targets does not lose any: trees that are deep around one point", "[T51][corrector]") {
    Random random(62);
    for (int trial = 0; trial < trials(60); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 3);
        BoxTree tree(static_cast<int>(n));
        // Bisections next to the centre of each face, which the integer maps below hit exactly.
        for (int i = 0; i < 60; ++i) {
            std::size_t b = static_cast<std::size_t>(random.integer(0, static_cast<long>(tree.size()) - 1));
            for (std::size_t t = 0; t < tree.size(); ++t)
                if (tree.box(t).radius[0] < tree.box(b).radius[0] && random.chance(0.3)) b = t;
            tree.bisect(b, static_cast<int>(random.integer(0, static_cast<long>(n) - 2)));
        }
        Matrix<double> a(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) a(i, j) = static_cast<double>(random.integer(-1, 1));
        const ImageMap map(a, 0.0);
        for (std::size_t b = 0; b < tree.size(); b += 7) {
            const Point z = times(exact(a), point_of(tree, b, Point(n - 1, Rational(0))));
            if (is_zero(z)) continue;
            std::vector<char> visited(tree.size(), 0);
            tree.visit_image(b, map, [&](std::size_t t) { visited[t] = 1; });
            for (std::size_t t = 0; t < tree.size(); ++t)
                if (holds(tree, t, z)) CHECK(visited[t] == 1);
        }
    }
}

TEST_CASE("D with a tilt is bounded on a box", "[T51][corrector]") {
    Random random(63);
    for (int trial = 0; trial < trials(60); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const Rationals family = random_family(random, n);
        const LogQuadraticEvidence evidence = random_evidence(random, n);
        std::optional<FormTable> table;
        try {
            table = make_forms(family.product(), evidence);
        } catch (const std::logic_error&) {
            continue;
        }
        if (!table) continue;
        for (int i = 0; i < 6; ++i) {
            const auto face = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
            const RandomBox box = random_box(random, n - 1);
            std::array<double, most_free> tilt{};
            for (double& x : tilt) x = random.uniform(-1.0, 1.0) * std::ldexp(1.0, static_cast<int>(random.integer(-10, 10)));
            const BoxModel model = model_box(*table, face, box.centre.data(), box.radius.data());
            const std::array<double, most_free> opposite = [&] {
                std::array<double, most_free> result = tilt;
                for (double& x : result) x = -x;
                return result;
            }();
            const auto free = static_cast<int>(n) - 1;
            const double lower = model.lowest(1.0, tilt.data(), box.radius.data(), free);
            const double upper = -model.lowest(-1.0, opposite.data(), box.radius.data(), free);
            for (int s = 0; s < 5; ++s) {
                const Point h = random_displacement(random, box);
                const auto d = d_at(family, evidence, on_face(box, h, face));
                if (!d) continue;
                Rational linear = 0;
                for (std::size_t j = 0; j < h.size(); ++j) linear += rational_from_double(tilt[j]) * h[j];
                CHECK(at_most(lower, *d + MpInterval(linear, fine)));
                CHECK(at_least(upper, *d + MpInterval(linear, fine)));
            }
        }
    }
}

namespace {

// A family near the identity, so that coarse boxes are good for something, with forms in general position.
struct Solved {
    Rationals family;
    LogQuadraticEvidence evidence;
    FormTable table;
    std::vector<ImageMap> maps;
};

std::unique_ptr<Solved> moderate_case(Random& random, std::size_t n) {
    auto result = std::make_unique<Solved>();
    const long count = random.integer(2, 3);
    for (long k = 0; k < count; ++k) {
        Matrix<Rational> a = random.rational_matrix(n, n, 9, 5);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) a(i, j) = a(i, j) / 8 + (i == j ? Rational(1) : Rational(0));
        result->family.matrices.push_back(std::move(a));
        result->family.probabilities.push_back(Rational(1, count));
    }
    result->evidence = random_evidence(random, n);
    result->evidence.basis = Matrix<double>::identity(n, 1.0, 0.0);
    for (Matrix<double>& q : result->evidence.forms)
        for (std::size_t i = 0; i < n; ++i) q(i, i) += 2.0;
    auto table = make_forms(result->family.product(), result->evidence);
    if (!table) return nullptr;
    result->table = std::move(*table);
    for (const Matrix<Rational>& a : result->family.matrices) {
        const Matrix<double> near = a.map([](const Rational& x) { return x.convert_to<double>(); });
        double error = 0.0;
        for (std::size_t e = 0; e < near.entries().size(); ++e) error = std::max(error, round_up(abs(a.entries()[e] - rational_from_double(near.entries()[e]))));
        result->maps.emplace_back(near, error);
    }
    return result;
}

}  // namespace

TEST_CASE("what a corrector proves holds at every point, whatever boxes hold the images; and it proves more than D alone", "[T51][corrector]") {
    Random random(64);
    int better = 0;
    int cases = 0;
    for (int trial = 0; trial < trials(16); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 3);
        const auto solved_case = moderate_case(random, n);
        if (!solved_case) continue;
        const Side side = random.chance(0.5) ? Side::lower : Side::upper;
        const double sign = sign_of(side);
        ApproximateCorrector search(solved_case->table, solved_case->maps, solved_case->family.probabilities, side);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        if (!search.start(20000, deadline)) continue;
        ++cases;
        BoxCorrector zero = search.corrector();
        for (double& v : zero.values) v = 0.0;
        for (double& g : zero.slopes) g = 0.0;
        for (int round = 0; round < 4; ++round) search.improve(deadline);
        const BoxCorrector& corrector = search.corrector();
        const double level = prove_corrected(solved_case->table, solved_case->maps, solved_case->family.probabilities, side, corrector);
        REQUIRE(std::isfinite(level));
        // The search promises no more than what is proved, up to roundings to float.
        CHECK(sign * level > search.level() - 1e-4);

        double plain = std::numeric_limits<double>::infinity();
        for (std::size_t b = 0; b < zero.boxes.size(); ++b) {
            const BoxBounds d = bound_box(solved_case->table, static_cast<std::size_t>(zero.boxes.face(b)), zero.boxes.box(b).centre.data(), zero.boxes.box(b).radius.data());
            plain = std::min(plain, side == Side::lower ? d.lower : -d.upper);
        }
        const double of_zero = sign * prove_corrected(solved_case->table, solved_case->maps, solved_case->family.probabilities, side, zero);
        CHECK(of_zero <= plain);
        CHECK(of_zero >= plain - 1e-9);
        better += sign * level > plain + 1e-6;

        for (int s = 0; s < 60; ++s) {
            const auto b = static_cast<std::size_t>(random.integer(0, static_cast<long>(corrector.boxes.size()) - 1));
            const Point h = displacement(random, corrector.boxes, b);
            const Point y = point_of(corrector.boxes, b, h);
            const auto d = d_at(solved_case->family, solved_case->evidence, y);
            REQUIRE(d);
            MpInterval sum = MpInterval(rational_from_double(sign), fine) * *d - MpInterval(rational_from_double(corrector.values[b]) + linear_part(corrector, b, y), fine);
            for (std::size_t k = 0; k < solved_case->family.matrices.size(); ++k) {
                const Point z = times(solved_case->family.matrices[k], y);
                std::optional<Rational> least;
                for (std::size_t t = 0; t < corrector.boxes.size(); ++t) {
                    if (!holds(corrector.boxes, t, z)) continue;
                    const Rational phi = rational_from_double(corrector.values[t]) + linear_part(corrector, t, z);
                    if (!least || phi < *least) least = phi;
                }
                REQUIRE(least);
                sum += MpInterval(solved_case->family.probabilities[k] * *least, fine);
            }
            CHECK(at_most(sign * level, sum));
        }
    }
    CHECK(cases > trials(16) / 2);
    CHECK(better > cases / 2);
}

TEST_CASE("corrected enclosures: narrow, right, and the same for any number of threads", "[T51][corrector]") {
    Random random(65);
    for (int trial = 0; trial < trials(3); ++trial) {
        const std::size_t n = 3;
        std::vector<std::vector<Rational>> scaled(n, std::vector<Rational>(n));
        const std::vector<Rational> sizes{Rational(5, 2) + Rational(random.integer(0, 10), 20), Rational(13, 10), Rational(7, 10)};
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) scaled[i][j] = i == j ? sizes[i] : Rational(random.integer(1, 3), 10) * std::min(sizes[i], sizes[j]);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < i; ++j) scaled[i][j] = scaled[j][i];
        std::vector<Matrix<Real>> matrices;
        for (std::size_t k = 0; k < n; ++k) {
            Matrix<Real> a = Matrix<Real>::identity(n, Real(Rational(1)), Real(Rational(0)));
            for (std::size_t i = 0; i < n; ++i) a(i, k) = Real((i == k ? Rational(1) : Rational(0)) - scaled[i][k]);
            matrices.push_back(std::move(a));
        }
        const RandomProduct product = uniform(std::move(matrices));
        SearchControl control = until(1e-3, 60.0);
        control.keep_evidence = true;
        const LogQuadraticResult found = log_quadratic_bound(product, control);
        check_against(found.bound.enclosure, simulate(product, random));
        CHECK(found.bound.enclosure.upper_double() - found.bound.enclosure.lower_double() <= 1e-3);
        if (trial > 0) continue;
        const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
        const LogQuadraticResult alone = log_quadratic_bound(product, until(1e-3, 120.0));
        CHECK(alone.bound.enclosure.lower_double() == found.bound.enclosure.lower_double());
        CHECK(alone.bound.enclosure.upper_double() == found.bound.enclosure.upper_double());
    }
}

TEST_CASE("a corrector of the wrong size is an error, one that proves nothing proves nothing", "[T51][corrector]") {
    Random random(66);
    const auto solved_case = moderate_case(random, 2);
    REQUIRE(solved_case);
    BoxCorrector corrector = random_corrector(random, 2, 20);
    corrector.values.pop_back();
    CHECK_THROWS_AS(prove_corrected(solved_case->table, solved_case->maps, solved_case->family.probabilities, Side::lower, corrector), std::logic_error);
    corrector.values.push_back(std::numeric_limits<double>::quiet_NaN());
    CHECK_THROWS_AS(prove_corrected(solved_case->table, solved_case->maps, solved_case->family.probabilities, Side::lower, corrector), std::logic_error);
    corrector.values.back() = 0.0;
    // Whole faces: D is not under control.
    BoxCorrector coarse{BoxTree(2), std::vector<double>(2, 0.0), std::vector<double>(2, 0.0)};
    const Rationals far{{exact(Matrix<double>::identity(2, 1.0, 0.0))}, {Rational(1)}};
    LogQuadraticEvidence thin{Matrix<double>::identity(2, 1.0, 0.0), {Matrix<double>::identity(2, 1.0, 0.0)}, {1.0}, 1, nullptr};
    thin.forms[0](0, 0) = 0x1p-30;
    const auto table = make_forms(far.product(), thin);
    REQUIRE(table);
    const std::vector<ImageMap> identity{ImageMap(Matrix<double>::identity(2, 1.0, 0.0), 0.0)};
    CHECK(prove_corrected(*table, identity, {Rational(1)}, Side::lower, coarse) <= 0.0);
}
