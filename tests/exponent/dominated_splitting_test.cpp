// The dominated splitting against Monte Carlo, exact arithmetic, closed forms and the log-quadratic certificate.
#include "lyapcert/exponent/dominated_splitting.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "products.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

// d_i on the diagonal, the first `expanding` of them in (2.1, 5), correlations up to `coupling`.
Matrix<Rational> random_gram(Random& random, std::size_t n, std::size_t expanding, double coupling) {
    Matrix<Rational> m(n, n);
    for (std::size_t i = 0; i < n; ++i) m(i, i) = i < expanding ? Rational(random.integer(210, 500), 100) : Rational(random.integer(5, 195), 100);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const double size = coupling * random.uniform(-1.0, 1.0) * std::sqrt(m(i, i).convert_to<double>() * m(j, j).convert_to<double>());
            m(i, j) = m(j, i) = Rational(std::lround(size * 1e6), 1000000);
        }
    return m;
}

Matrix<Real> real(const Matrix<Rational>& m) {
    return m.map([](const Rational& x) { return Real(x); });
}

// The steps themselves, singular Gram matrices included.
RandomProduct steps(const Matrix<Real>& k) {
    const std::size_t n = k.rows();
    std::vector<Matrix<Real>> a;
    for (std::size_t i = 0; i < n; ++i) {
        a.push_back(Matrix<Real>::identity(n, Real(1), Real(0)));
        for (std::size_t j = 0; j < n; ++j) a.back()(j, i) = a.back()(j, i) - k(j, i);
    }
    return test::uniform(std::move(a));
}

bool is_proved(const Bound& bound) { return mpfr_number_p(bound.enclosure.lower()) != 0; }

// The hypotheses and the bound of the theorem for single-sample SGD in exact arithmetic, up to the logarithms.
std::optional<double> exact_bound(const Matrix<Rational>& k, const SplittingEvidence& evidence) {
    const std::size_t n = k.rows();
    std::vector<bool> expands(n, false);
    for (const std::size_t i : evidence.expanding) expands[i] = true;
    const auto modulus = [](const Rational& x) { return x < 0 ? Rational(-x) : x; };
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        const Rational own = modulus(1 - k(i, i));
        Rational best = 1;
        for (const std::vector<double>& doubles : evidence.weights) {
            std::vector<Rational> w;
            for (const double x : doubles) w.push_back(rational_from_double(x));
            Rational others = 0;
            Rational contracting = 0;
            for (std::size_t l = 0; l < n; ++l) {
                if (l == i) continue;
                const Rational term = modulus(k(l, i)) * w[l];
                others += term;
                if (!expands[l]) contracting += term;
            }
            if (expands[i] ? own * w[i] - others < w[i] : own * w[i] + others > w[i]) return std::nullopt;
            best = std::max(best, Rational(own - contracting / w[i]));
        }
        if (expands[i]) sum += std::log(best.convert_to<double>());
    }
    return sum / static_cast<double>(n * evidence.expanding.size());
}

}  // namespace

TEST_CASE("dominated splitting: random weakly coupled minima against exact arithmetic and Monte Carlo", "[T26]") {
    Random random(2601);
    int proved = 0;
    const int count = trials(40);
    for (int trial = 0; trial < count; ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 14));
        const Matrix<Rational> k = random_gram(random, n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n) - 1)), random.uniform(0.0, 1.2 / static_cast<double>(n)));
        const RandomProduct product = steps(real(k));
        const Bound found = dominated_splitting_bound(product);
        const auto evidence = evidence_as<SplittingEvidence>(found.lower.evidence);
        if (evidence == nullptr) continue;
        ++proved;
        const double lower = found.enclosure.lower_double();
        CHECK(lower >= 0.0);
        REQUIRE(evidence->transposed);
        const auto exact = exact_bound(k, *evidence);
        REQUIRE(exact);
        CHECK(lower <= *exact * (1 + 1e-14));
        CHECK(lower >= *exact * (1 - 1e-12));
        test::check_against(found.enclosure, test::simulate(product, random));
    }
    CHECK(proved > count / 3);
}

TEST_CASE("dominated splitting: any weights, not only the ones it finds", "[T26]") {
    Random random(2602);
    int accepted = 0;
    for (int trial = 0; trial < trials(400); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 4));
        const Matrix<Rational> k = random_gram(random, n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n) - 1)), random.uniform(0.0, 0.5));
        SplittingEvidence evidence;
        evidence.transposed = true;
        evidence.weights.resize(static_cast<std::size_t>(random.integer(1, 2)));
        for (std::size_t i = 0; i < n; ++i) {
            for (std::vector<double>& w : evidence.weights) w.push_back(std::exp(random.uniform(-3.0, 0.0)));
            if (k(i, i) > 2 || random.chance(0.05)) evidence.expanding.push_back(i);
        }
        const Bound bound = dominated_splitting_bound(steps(real(k)), evidence);
        const auto exact = exact_bound(k, evidence);
        CHECK(is_proved(bound) == exact.has_value());  // no margin of random weights is within rounding errors of zero
        if (exact) {
            ++accepted;
            CHECK(bound.enclosure.lower_double() <= *exact + 1e-14);
        }
    }
    CHECK(accepted > trials(400) / 20);
}

TEST_CASE("dominated splitting: below the log-quadratic certificate", "[T26]") {
    Random random(2603);
    for (const std::size_t n : {3U, 4U}) {
        const Matrix<Rational> k = random_gram(random, n, 2, 0.05);
        const RandomProduct product = sgd_product(real(k), 1);
        const double lower = dominated_splitting_bound(product).enclosure.lower_double();
        const MpInterval enclosure = log_quadratic_bound(product, test::until(0.05, 1)).bound.enclosure;
        CHECK(lower > 0.0);
        CHECK(lower <= enclosure.upper_double());
    }
}

TEST_CASE("dominated splitting: without coupling it is the mean over E, whatever the correlations inside E", "[T26]") {
    Matrix<Rational> k(5, 5);
    k(0, 0) = 3;
    k(1, 1) = 4;
    k(0, 1) = k(1, 0) = Rational(1, 2);
    k(2, 2) = Rational(1, 2);
    k(3, 3) = 1;
    k(4, 4) = 0;
    const Bound bound = dominated_splitting_bound(steps(real(k)));
    CHECK(bound.enclosure.lower_double() == Approx((std::log(2.0) + std::log(3.0)) / 10.0).epsilon(1e-9));
}

TEST_CASE("dominated splitting: nothing is proved where there is nothing", "[T26]") {
    const auto nothing = [](const std::vector<std::vector<Rational>>& k) { return !is_proved(dominated_splitting_bound(steps(test::real_matrix(k)))); };
    const Rational tenth(1, 10);
    CHECK(nothing({{1}}));
    CHECK(nothing({{3}}));  // C empty: the determinant
    CHECK(nothing({{3, tenth}, {tenth, 4}}));
    CHECK(nothing({{1, tenth}, {tenth, Rational(3, 2)}}));                                     // nothing expands
    CHECK(nothing({{2, tenth, 0}, {tenth, 3, tenth}, {0, tenth, 1}}));                         // an eta ||g||^2 of exactly 2, coupled
    CHECK(nothing({{3, 2}, {2, Rational(3, 2)}}));                                             // strong coupling
    CHECK_FALSE(nothing({{3, tenth, 0}, {tenth, Rational(1, 2), 0}, {0, 0, 2}}));              // 2, alone
    CHECK_FALSE(nothing({{3, tenth, tenth}, {tenth, 1, tenth}, {tenth, tenth, 1}}));           // 1: singular matrices
    CHECK_FALSE(nothing({{3, tenth, 0}, {tenth, 1, 0}, {0, 0, 0}}));                             // 0: an index that never moves
    CHECK_FALSE(nothing({{3, 0}, {0, 2}}));
}

TEST_CASE("dominated splitting: singular Gram matrices", "[T26]") {
    // Equal gradients: h_2 = h_3 = 0.6 e_2 + 0.1 e_1, h_1 = 1.7 e_1.
    const Matrix<Real> k = test::real_matrix({{Rational(289, 100), Rational(17, 100), Rational(17, 100)},
                                              {Rational(17, 100), Rational(37, 100), Rational(37, 100)},
                                              {Rational(17, 100), Rational(37, 100), Rational(37, 100)}});
    Random random(2604);
    const Bound bound = dominated_splitting_bound(steps(k));
    // C has the couplings 0.37 to itself: |1 - 0.37| + 0.37 = 1 leaves no room, and the search must not find any.
    CHECK(!is_proved(bound));
    // With smaller norms and opposite directions there is room: h_3 = h_2 / 2, |h_2|^2 = 1.2.
    const Matrix<Real> l = test::real_matrix({{3, Rational(1, 10), Rational(1, 20)}, {Rational(1, 10), Rational(6, 5), Rational(3, 5)}, {Rational(1, 20), Rational(3, 5), Rational(3, 10)}});
    const RandomProduct product = steps(l);
    const Bound second = dominated_splitting_bound(product);
    INFO(second.enclosure.lower_double());
    test::check_against(second.enclosure, test::simulate(product, random));
}

TEST_CASE("dominated splitting: enclosures stand for every number in them", "[T26]") {
    Random random(2605);
    for (int trial = 0; trial < trials(10); ++trial) {
        const std::size_t n = 6;
        const Matrix<Rational> k = random_gram(random, n, 2, 0.03);
        const Real rate = Real::between(Rational(98, 100), Rational(102, 100));
        const Bound wide = dominated_splitting_bound(steps(k.map([&](const Rational& x) { return rate * Real(x); })));
        for (const long percent : {98, 99, 100, 102}) {
            const Matrix<Real> member = k.map([&](const Rational& x) { return Real(Rational(x * Rational(percent, 100))); });
            const Bound narrow = dominated_splitting_bound(steps(member));
            if (is_proved(wide)) test::check_against(wide.enclosure, test::simulate(steps(member), random));
        }
    }
}

TEST_CASE("dominated splitting: mini-batches and general products", "[T26]") {
    Random random(2606);
    int proved = 0;
    for (int trial = 0; trial < trials(10); ++trial) {
        const std::size_t n = 6;
        const RandomProduct batches = sgd_product(real(random_gram(random, n, 2, 0.02)).map([](const Real& x) { return Real(2) * x; }), 2);
        const Bound bound = dominated_splitting_bound(batches);
        if (!is_proved(bound)) continue;
        ++proved;
        test::check_against(bound.enclosure, test::simulate(batches, random));
    }
    CHECK(proved > 0);
    // Dense matrices near diagonal ones, rows or columns.
    int dense = 0;
    for (int trial = 0; trial < trials(30); ++trial) {
        std::vector<Matrix<Real>> a;
        for (int m = 0; m < 3; ++m) {
            a.emplace_back(4, 4);
            for (std::size_t i = 0; i < 4; ++i)
                for (std::size_t j = 0; j < 4; ++j) a.back()(i, j) = Real(i != j ? Rational(random.integer(-8, 8), 100) : i < 2 ? Rational(random.integer(120, 300), 100) : Rational(random.integer(-70, 70), 100));
        }
        const RandomProduct product = test::uniform(std::move(a));
        const Bound bound = dominated_splitting_bound(product);
        if (!is_proved(bound)) continue;
        ++dense;
        CHECK(bound.enclosure.lower_double() > 0.0);
        test::check_against(bound.enclosure, test::simulate(product, random));
    }
    CHECK(dense > trials(30) / 2);
}

TEST_CASE("dominated splitting: evidence of the wrong shape proves nothing", "[T26]") {
    const RandomProduct product = steps(test::real_matrix({{3, Rational(1, 10), 0}, {Rational(1, 10), Rational(1, 2), 0}, {0, 0, 1}}));
    const SplittingEvidence good{true, {0}, {{1.0, 0.3, 0.3}}};
    CHECK(is_proved(dominated_splitting_bound(product, good)));
    const auto bad = [&](const auto& change) {
        SplittingEvidence evidence = good;
        change(evidence);
        return !is_proved(dominated_splitting_bound(product, evidence));
    };
    CHECK(bad([](SplittingEvidence& e) { e.expanding = {}; }));
    CHECK(bad([](SplittingEvidence& e) { e.expanding = {0, 0}; }));
    CHECK(bad([](SplittingEvidence& e) { e.expanding = {3}; }));
    CHECK(bad([](SplittingEvidence& e) { e.expanding = {1}; }));
    CHECK(bad([](SplittingEvidence& e) { e.expanding = {0, 2}; }));
    CHECK(bad([](SplittingEvidence& e) { e.weights.pop_back(); }));
    CHECK(bad([](SplittingEvidence& e) { e.weights[0].pop_back(); }));
    CHECK(bad([](SplittingEvidence& e) { e.weights.push_back({0.02, 0.3, 0.3}); }));
    CHECK(bad([](SplittingEvidence& e) { e.weights[0][1] = 0.0; }));
    CHECK(bad([](SplittingEvidence& e) { e.weights[0][1] = -0.3; }));
    CHECK(bad([](SplittingEvidence& e) { e.weights[0][1] = std::nan(""); }));
    CHECK(bad([](SplittingEvidence& e) { e.weights[0][1] = INFINITY; }));
    CHECK(bad([](SplittingEvidence& e) { e.weights[0][1] = 0.19; }));  // (2): 0.1 + 0.5 w <= w needs 0.2
    CHECK(bad([](SplittingEvidence& e) { e.weights[0][0] = 0.02; }));  // (1)
}

TEST_CASE("dominated splitting: the driver uses it, twenty data points at once", "[T26]") {
    Random random(2607);
    const RandomProduct product = sgd_product(real(random_gram(random, 20, 4, 0.01)), 1);
    SearchControl control;
    control.deadline = std::chrono::steady_clock::now();
    const LyapunovExponent lambda = lyapunov_exponent({product}, second_moment_exponent(product, 64), Goal{true, std::nullopt}, control, 64);
    CHECK(lambda.goal_reached);
    CHECK(lambda.enclosure.lower_double() > 0.0);
    CHECK(lambda.lower.method == Method::dominated_splitting);
}
