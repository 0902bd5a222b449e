// The weighted second moment against exact rational arithmetic, other bounds, and Monte Carlo.
#include "lyapcert/exponent/weighted_moment.hpp"

#include <tbb/global_control.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "exponent/weighted_moment/approximate_automaton.hpp"
#include "exponent/weighted_moment/proof.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

using namespace lyapcert;
using lyapcert::test::Random;
using lyapcert::test::same_bits;
using lyapcert::test::trials;

namespace {

// Gaussian gradients in R^(3n); some eta ||g||^2 above 2. Entries are doubles, taken as exact.
Matrix<Rational> scaled_gram(Random& random, std::size_t n, double largest) {
    std::vector<std::vector<double>> g(n, std::vector<double>(3 * n));
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n; ++i) {
        double size = 0.0;
        for (double& x : g[i]) {
            x = normal(random.engine());
            size += x * x;
        }
        const double d = i <= n / 8 ? random.uniform(2.02, largest) : random.uniform(0.5, 1.6);
        for (double& x : g[i]) x = std::nearbyint(x * std::sqrt(d / size) * 4096.0) / 4096.0;
    }
    Matrix<Rational> k(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            Rational sum = 0;
            for (std::size_t a = 0; a < 3 * n; ++a) sum += rational_from_double(g[i][a]) * rational_from_double(g[j][a]);
            k(i, j) = sum;
        }
    return k;
}

Matrix<Interval> intervals(const Matrix<Rational>& k) {
    return k.map([](const Rational& x) { return to_interval(x); });
}

SearchControl within(double seconds) {
    SearchControl control;
    control.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * seconds));
    control.keep_evidence = true;
    return control;
}

// Lemma 1 in exact arithmetic: the matrices in the coordinates y, the logarithms at 200 bits.
bool exactly_proved(const Matrix<Rational>& k, const WeightedMomentEvidence& e, double b) {
    const std::size_t n = k.rows();
    const auto exact = [](const Matrix<double>& a) { return a.map([](double x) { return rational_from_double(x); }); };
    const Matrix<Rational> t = exact(e.basis);
    std::vector<Matrix<Rational>> steps;
    for (std::size_t i = 0; i < n; ++i) {
        Matrix<Rational> a = Matrix<Rational>::identity(n, 1, 0);
        for (std::size_t j = 0; j < n; ++j) a(j, i) -= k(j, i);
        steps.push_back(solve(t, a * t).value());
    }
    for (std::size_t s = 0; s < e.automaton.states; ++s) {
        Matrix<Rational> difference = exact(e.forms[s]);
        if (is_positive_definite(difference) != Ternary::yes) return false;
        MpInterval sum(200);
        for (std::size_t i = 0; i < n; ++i) {
            const Rational c = rational_from_double(e.weights(s, i));
            const Matrix<Rational> image = steps[i].transposed() * (exact(e.forms[e.automaton(s, i)]) * steps[i]);
            for (std::size_t a = 0; a < n; ++a)
                for (std::size_t d = 0; d < n; ++d) difference(a, d) -= c * image(a, d);
            sum += log(MpInterval(c * static_cast<unsigned long>(n), 200));
        }
        if (!is_positive_semidefinite(difference)) return false;
        if ((sum / MpInterval(Rational(-2) * static_cast<unsigned long>(n), 200)).upper_double() > b) return false;
    }
    return true;
}

struct Estimate {
    double mean;
    double error;
};

Estimate monte_carlo(const Matrix<Rational>& exact, int batches) {
    const std::size_t n = exact.rows();
    const Matrix<double> k = exact.map([](const Rational& x) { return x.convert_to<double>(); });
    std::mt19937_64 random(5);
    std::vector<double> r(n, 1.0);
    std::vector<double> means;
    constexpr int length = 20000;
    for (int batch = -2; batch < batches; ++batch) {
        double sum = 0.0;
        for (int step = 0; step < length; ++step) {
            const std::size_t i = random() % n;
            const double ri = r[i];
            for (std::size_t j = 0; j < n; ++j) r[j] -= k(j, i) * ri;
            if (step % 10 == 9) {
                double size = 0.0;
                for (const double x : r) size += x * x;
                size = std::sqrt(size);
                sum += std::log(size);
                for (double& x : r) x /= size;
            }
        }
        if (batch >= 0) means.push_back(sum / length);
    }
    Estimate e{0.0, 0.0};
    for (const double m : means) e.mean += m / static_cast<double>(means.size());
    for (const double m : means) e.error += (m - e.mean) * (m - e.mean);
    e.error = std::sqrt(e.error / static_cast<double>((means.size() - 1) * means.size()));
    return e;
}

std::shared_ptr<const WeightedMomentEvidence> evidence_in(const WeightedMomentResult& found) { return evidence_as<WeightedMomentEvidence>(found.bound.upper.evidence); }

double upper(const WeightedMomentResult& result) { return result.bound.enclosure.upper_double(); }

}  // namespace

TEST_CASE("weighted second moment: the steps in another basis, against exact elimination", "[T25]") {
    Random random(80);
    int informative = 0;
    for (int trial = 0; trial < trials(60); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 7));
        const Matrix<Rational> centre = scaled_gram(random, n, 3.0);
        Matrix<double> t(n, n, 0.0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) t(i, j) = i == j ? random.uniform(0.1, 2.0) : random.uniform(-2.0, 2.0);
        const double width = random.chance(0.5) ? 0.0 : std::ldexp(1.0, -static_cast<int>(random.integer(5, 50)));
        const Matrix<Interval> wide = centre.map([&](const Rational& x) { return to_interval(x) + Interval(-width, width); });
        const auto found = weighted_moment::steps_in_basis(wide, t);
        REQUIRE(found);
        const Matrix<Rational> member = wide.map([&](const Interval& x) { return random.inside(x); });
        const Matrix<Rational> u = solve(t.map([](double x) { return rational_from_double(x); }), member).value();
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t a = 0; a < n; ++a) {
                REQUIRE(contains(found->u(i, a), u(a, i)));
                REQUIRE(same_bits(found->v(i, a), t(i, a)));
            }
        informative += found->u(0, 0).upper() - found->u(0, 0).lower() < 1e-9;
    }
    CHECK(informative > 20);
    Matrix<double> singular(2, 2, 1.0);
    singular(0, 1) = singular(1, 1) = 0.0;
    CHECK_FALSE(weighted_moment::steps_in_basis(Matrix<Interval>(2, 2, Interval(1.0)), singular));
}

TEST_CASE("weighted second moment: automata", "[T25]") {
    const Automaton words = Automaton::words(3, 2);
    CHECK(words.states == 9);
    CHECK(words(5, 1) == 7);  // (1, 2), then 1: (2, 1)
    // Potentials level the growth.
    const Automaton chain{3, 2, {1, 0, 2, 0, 2, 1}};
    const std::vector<double> growth = {1.0, -2.0, 0.5};
    const std::vector<double> pi = weighted_moment::approximate_stationary(chain);
    const std::vector<double> h = weighted_moment::approximate_potentials(chain, growth);
    double mean = 0.0;
    for (std::size_t s = 0; s < 3; ++s) mean += pi[s] * growth[s];
    for (std::size_t s = 0; s < 3; ++s) CHECK(growth[s] - h[s] + 0.5 * (h[chain(s, 0)] + h[chain(s, 1)]) == Approx(mean).margin(1e-9));
}

TEST_CASE("weighted second moment: the evidence holds in exact arithmetic, and breaks when it is touched", "[T25]") {
    Random random(81);
    for (int trial = 0; trial < trials(6); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(2, 4));
        const Matrix<Rational> k = scaled_gram(random, n, 3.0);
        const WeightedMomentResult found = weighted_moment_bound(intervals(k), within(0.3));
        REQUIRE(evidence_in(found));
        CHECK(found.states == evidence_in(found)->automaton.states);
        REQUIRE(exactly_proved(k, *evidence_in(found), upper(found)));
        REQUIRE(proved_weighted_moment(intervals(k), *evidence_in(found)) <= upper(found));
        WeightedMomentEvidence touched = *evidence_in(found);
        const std::size_t s = static_cast<std::size_t>(random.integer(0, static_cast<long>(found.states) - 1));
        for (std::size_t i = 0; i < n; ++i) touched.weights(s, i) *= 1.001;
        CHECK_FALSE(exactly_proved(k, touched, 1e300));
        CHECK(std::isinf(proved_weighted_moment(intervals(k), touched)));
        touched = *evidence_in(found);
        touched.weights(s, 0) = -touched.weights(s, 0);
        CHECK(std::isinf(proved_weighted_moment(intervals(k), touched)));
        touched = *evidence_in(found);
        touched.automaton.next[0] = static_cast<std::uint32_t>(found.states);
        CHECK_THROWS_AS(proved_weighted_moment(intervals(k), touched), std::invalid_argument);
        touched = *evidence_in(found);
        touched.forms[s](0, 1) += 1.0;
        CHECK_THROWS_AS(proved_weighted_moment(intervals(k), touched), std::invalid_argument);
    }
}

TEST_CASE("weighted second moment: random evidence is never proved against exact arithmetic", "[T25]") {
    Random random(82);
    int proved = 0;
    for (int trial = 0; trial < trials(200); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 3));
        const std::size_t states = static_cast<std::size_t>(random.integer(1, 3));
        const Matrix<Rational> k = scaled_gram(random, n, 2.5);
        WeightedMomentEvidence e;
        e.basis = Matrix<double>(n, n, 0.0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) e.basis(i, j) = i == j ? random.uniform(0.5, 2.0) : random.uniform(-1.0, 1.0);
        e.automaton = Automaton{states, n, {}};
        e.weights = Matrix<double>(states, n);
        for (std::size_t s = 0; s < states; ++s) {
            Matrix<double> p(n, n, 0.0);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j <= i; ++j) p(i, j) = p(j, i) = i == j ? random.uniform(0.8, 1.2) : random.uniform(-0.3, 0.3);
            e.forms.push_back(p);
            for (std::size_t i = 0; i < n; ++i) {
                e.automaton.next.push_back(static_cast<std::uint32_t>(random.integer(0, static_cast<long>(states) - 1)));
                e.weights(s, i) = random.uniform(0.02, 0.6);
            }
        }
        const double b = proved_weighted_moment(intervals(k), e);
        if (std::isinf(b)) continue;
        ++proved;
        REQUIRE(exactly_proved(k, e, b));
    }
    CHECK(proved > 5);
}

TEST_CASE("weighted second moment: with an interval in K every member is proved", "[T25]") {
    Random random(83);
    for (int trial = 0; trial < trials(4); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(2, 4));
        const Matrix<Rational> k = scaled_gram(random, n, 2.6);
        // Learning rates within 1e-6: K is a multiple.
        const Interval factor(1.0, 1.0 + 1e-6);
        const Matrix<Interval> wide = k.map([&](const Rational& x) { return to_interval(x) * factor; });
        SearchControl control = within(0.2);
        const WeightedMomentResult found = weighted_moment_bound(wide, control);
        REQUIRE(evidence_in(found));
        for (const Rational& c : {Rational(1), rational_from_double(1.0 + 1e-6), rational_from_double(1.0 + 3e-7)}) {
            Matrix<Rational> member = k;
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) member(i, j) *= c;
            REQUIRE(exactly_proved(member, *evidence_in(found), upper(found)));
        }
    }
}

TEST_CASE("weighted second moment: never below what others prove, nor above the second moment", "[T25]") {
    Random random(84);
    for (int trial = 0; trial < trials(5); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(2, 4));
        const Matrix<Rational> k = scaled_gram(random, n, 3.0);
        const RandomProduct product = sgd_product(to_reals(k), 1);
        SearchControl control = within(2.0);
        control.satisfied = [](double low, double high) { return high - low < 0.02; };
        const Bound other = log_quadratic_bound(product, control).bound;
        const double one = upper(weighted_moment_bound(intervals(k), Automaton::without_memory(n), within(5)));
        const double two = upper(weighted_moment_bound(intervals(k), Automaton::words(n, 2), within(5)));
        const double grown = upper(weighted_moment_bound(intervals(k), within(0.5)));
        const double moment = 0.5 * second_moment_exponent(product, 64).enclosure.upper_double();
        INFO("n = " << n << ": " << other.enclosure.lower_double() << " " << grown << " " << two << " " << one << " " << moment);
        CHECK(one >= other.enclosure.lower_double());
        CHECK(two >= other.enclosure.lower_double());
        CHECK(grown >= other.enclosure.lower_double());
        CHECK(one <= moment + 1e-4);
        CHECK(two <= one + 1e-4);
        CHECK(grown <= one);
    }
}

TEST_CASE("weighted second moment: Monte Carlo, more dimensions", "[T25]") {
    Random random(85);
    for (const std::size_t n : {5U, 10U, 20U}) {
        const Matrix<Rational> k = scaled_gram(random, n, 2.3);
        const Estimate mc = monte_carlo(k, 30);
        const WeightedMomentResult found = weighted_moment_bound(intervals(k), within(2.0));
        INFO("n = " << n << ": " << upper(found) << ", Monte Carlo " << mc.mean << " +- " << mc.error);
        CHECK(upper(found) >= mc.mean - 6.0 * mc.error);
        CHECK(upper(found) <= mc.mean + 0.06 / static_cast<double>(n));
    }
}

TEST_CASE("weighted second moment: nearly singular Gram matrices", "[T25]") {
    // Gradients (tanh(w y + b)) at points on a line: all eigenvalues of K but a few are nearly 0, and so is lambda.
    Random random(87);
    for (const std::size_t n : {8U, 40U}) {
        std::vector<std::vector<double>> g(n, std::vector<double>(3 * n));
        std::vector<double> w(3 * n), b(3 * n);
        for (std::size_t j = 0; j < 3 * n; ++j) w[j] = random.uniform(-0.5, 0.5), b[j] = random.uniform(-1.0, 1.0);
        double largest = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double y = random.uniform(-1.0, 1.0);
            double size = 0.0;
            for (std::size_t j = 0; j < 3 * n; ++j) size += std::pow(g[i][j] = std::tanh(w[j] * y + b[j]), 2);
            largest = std::max(largest, size);
        }
        for (auto& row : g)
            for (double& x : row) x = std::nearbyint(x * std::sqrt(2.1 / largest) * 0x1p24) * 0x1p-24;
        Matrix<Rational> k(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                Rational sum = 0;
                for (std::size_t a = 0; a < 3 * n; ++a) sum += rational_from_double(g[i][a]) * rational_from_double(g[j][a]);
                k(i, j) = k(j, i) = sum;
            }
        const WeightedMomentResult found = weighted_moment_bound(intervals(k), within(3.0));
        REQUIRE(evidence_in(found));
        const Estimate mc = monte_carlo(k, 10);
        INFO("n = " << n << ": " << upper(found) << ", Monte Carlo " << mc.mean << " +- " << mc.error);
        CHECK(upper(found) >= mc.mean - 6.0 * mc.error);
        CHECK(upper(found) <= 0.02 / static_cast<double>(n));
        if (n < 10) CHECK(exactly_proved(k, *evidence_in(found), upper(found)));
    }
}

TEST_CASE("weighted second moment: any number of threads, the same bound", "[T25]") {
    Random random(88);
    const auto same = [](const auto& run) {
        const auto with = [&](std::size_t threads) {
            const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
            return run();
        };
        const WeightedMomentResult one = with(1);
        REQUIRE(std::isfinite(upper(one)));
        for (const std::size_t threads : {2U, 3U}) {
            const WeightedMomentResult several = with(threads);
            REQUIRE(same_bits(upper(several), upper(one)));
            REQUIRE(evidence_in(several)->automaton.next == evidence_in(one)->automaton.next);
            REQUIRE(evidence_in(several)->weights.entries() == evidence_in(one)->weights.entries());
            for (std::size_t s = 0; s < one.states; ++s) REQUIRE(evidence_in(several)->forms[s].entries() == evidence_in(one)->forms[s].entries());
        }
        return one.states;
    };
    // What grows is stopped by the count of the questions, not by the clock.
    const auto grown = [](const Matrix<Interval>& k, int rounds) {
        SearchControl control = within(3600);
        int asked = 0;
        control.satisfied = [&](double, double) { return ++asked > rounds; };
        return weighted_moment_bound(k, control);
    };
    const Matrix<Interval> small = intervals(scaled_gram(random, 10, 2.4));
    CHECK(same([&] { return grown(small, 6); }) > 4);
    // Work enough for the threads within one matrix, and for those of the states.
    const Matrix<Interval> large = intervals(scaled_gram(random, 110, 2.4));
    same([&] { return grown(large, 1); });
    const Matrix<Interval> middle = intervals(scaled_gram(random, 32, 2.2));
    CHECK(same([&] { return weighted_moment_bound(middle, Automaton::words(32, 1), within(3600)); }) == 32);
}

TEST_CASE("weighted second moment: known exponents", "[T25]") {
    // Orthogonal gradients: lambda = max (1/n) log|1 - d_i|. Nothing mixes, so that the forms of a memoryless bound are of little use; it must hold.
    Matrix<Interval> k(3, 3, Interval(0.0));
    k(0, 0) = Interval(2.5), k(1, 1) = Interval(0.5), k(2, 2) = Interval(1.25);
    CHECK(upper(weighted_moment_bound(k, within(0.5))) >= std::log(1.5) / 3.0);
    // One data point: lambda = log|1 - d|.
    const Matrix<Interval> one(1, 1, Interval(2.5));
    CHECK(upper(weighted_moment_bound(one, within(0.5))) == Approx(std::log(1.5)).epsilon(1e-4));
    CHECK(upper(weighted_moment_bound(one, within(0.5))) >= std::log(1.5));
    // K singular: every |1 - d_i| = 1/2 and equal gradients, x -> x / 2 on their span, the identity on the rest. The exponent is 0.
    const Matrix<Interval> singular(2, 2, Interval(0.5));
    CHECK(upper(weighted_moment_bound(singular, within(0.5))) >= 0.0);
    // Not finite: no bound, no crash.
    CHECK(std::isinf(upper(weighted_moment_bound(Matrix<Interval>(2, 2, Interval(0.0, std::numeric_limits<double>::infinity())), within(0.5)))));
    // No time at all.
    CHECK(std::isinf(upper(weighted_moment_bound(one, within(-1.0)))));
}

TEST_CASE("weighted second moment: the driver uses it where nothing else searches", "[T25]") {
    Random random(86);
    Matrix<Rational> k = scaled_gram(random, 12, 2.1);
    const RandomProduct product = sgd_product(to_reals(k), 1);
    SearchControl control = within(20);
    const LyapunovExponent lambda = lyapunov_exponent({product}, Bound::nothing(), Goal{true, std::nullopt}, control, 64);
    CHECK(lambda.upper.method == Method::weighted_moment);
    CHECK(lambda.enclosure.upper_double() < 0.0);
    CHECK(lambda.goal_reached);
    CHECK(lambda.effort.states >= 1);
    REQUIRE(lambda.parts.size() == 1);
    CHECK(evidence_as<WeightedMomentEvidence>(lambda.parts.front().bound.upper.evidence));
}
