// Training: it arrives on ordinary networks, from several seeds, at weights near which a minimum is proved; it says so where it does not.
#include "lyapcert/problem/train.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/problem/problem.hpp"
#include "problem/document.hpp"
#include "problem/train/approximate_fit.hpp"
#include "problem/train/approximate_least_norm.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

const std::string small_network =
    "[network]\nlayers = [1, 4, 1]\nactivation = 'tanh'\n[data]\ninputs = [['1'], ['-1/2'], ['1/3']]\ntargets = ['0.3', '-0.2', '0.1']\n[training]\nlearning_rate = '1/5'\n";

// Inputs and targets with four decimals.
std::string drawn(Random& random, std::size_t points, std::size_t inputs) {
    std::ostringstream rows;
    std::ostringstream targets;
    const auto number = [&](double size) { return std::to_string(random.integer(-static_cast<long>(10000 * size), static_cast<long>(10000 * size))) + "/10000"; };
    for (std::size_t i = 0; i < points; ++i) {
        rows << (i == 0 ? "[" : ", [");
        for (std::size_t k = 0; k < inputs; ++k) rows << (k == 0 ? "'" : ", '") << number(1.5) << "'";
        rows << "]";
        targets << (i == 0 ? "'" : ", '") << number(1.0) << "'";
    }
    return "[data]\ninputs = [" + rows.str() + "]\ntargets = [" + targets.str() + "]\n";
}

std::string problem(const std::string& layers, const std::string& activation, const std::string& data) {
    return "[network]\nlayers = [" + layers + "]\nactivation = " + activation + "\n" + data + "[training]\nlearning_rate = '1/20'\ninitialisation = 'gaussian'\n";
}

TrainOptions plain(std::uint64_t seed = 1) {
    TrainOptions options;
    options.plain = true;
    options.seed = seed;
    return options;
}

void check_arrives(const std::string& text, std::uint64_t seed) {
    TrainOptions options;
    options.seed = seed;
    const Trained trained = train(text, "test", options);
    INFO(text << "seed " << seed << ": " << trained.how << ", loss " << trained.loss);
    CHECK(trained.interpolates);
    CHECK(trained.in_general_position);
    try {
        const Problem p = parse_problem(trained.text, "test");
        CHECK(p.minimum.proved);
        CHECK(rational_from_double(1e-9) > parse_rational(*p.minimum.distance));
    } catch (const InputError& error) {
        FAIL(error.what());
    }
}

training::Fit fit_of(const Network& network, const std::vector<std::vector<double>>& inputs, const std::vector<double>& targets) {
    return {network, network.free_weights(), inputs, targets};
}

}  // namespace

TEST_CASE("training arrives where plain steps at the given rate do not", "[train]") {
    // Two of the five inputs are close together and have different targets.
    const std::string tanh5 = problem("1, 12, 1", "'tanh'", "[data]\ninputs = [['1.3681'], ['1.3435'], ['-1.3303'], ['-1.2454'], ['1.0065']]\n"
                                                            "targets = ['0.4719', '0.3395', '-0.3837', '0.2119', '0.2136']\n");
    Random random(501);
    const std::string gelu20 = problem("4, 40, 1", "'gelu'", drawn(random, 20, 4));
    for (const std::uint64_t seed : {1, 2, 3}) {
        check_arrives(tanh5, seed);
        check_arrives(gelu20, seed);
    }
    TrainOptions options = plain();
    options.steps = 20000;
    CHECK_FALSE(train(tanh5, "test", options).interpolates);
}

TEST_CASE("training arrives on ordinary networks of every kind, from every seed", "[train]") {
    Random random(502);
    for (const char* activation : {"tanh", "sigmoid", "softplus", "gelu", "sin", "relu"}) {
        const std::string a = std::string("'") + activation + "'";
        for (int t = 0; t < trials(2); ++t) {
            const auto seed = static_cast<std::uint64_t>(random.integer(1, 1000));
            check_arrives(problem("3, 20, 1", a, drawn(random, 8, 3)), seed);
            check_arrives(problem("2, 12, 9, 1", a, drawn(random, 8, 2)), seed);
            check_arrives(problem("4, 10, 8, 6, 1", a, drawn(random, 6, 4)), seed);
            check_arrives(problem("2, 50, 1", a, drawn(random, 14, 2)), seed);
            check_arrives(problem("1, 10, 1", a, drawn(random, 4, 1)), seed);
            check_arrives(problem("5, 3, 1", a, drawn(random, 3, 5)), seed);
        }
    }
    check_arrives(problem("6, 5, 1", "'linear'", drawn(random, 5, 6)), 3);
    check_arrives(problem("3, 9, 1", "'square'", drawn(random, 5, 3)), 4);
    check_arrives(problem("3, 9, 7, 1", "['tanh', 'relu']", drawn(random, 9, 3)), 5);
    check_arrives(problem("3, 30, 9, 1", "['relu', 'tanh']\nfrozen = [1]", drawn(random, 9, 3)), 6);
    check_arrives(problem("2, 30, 1", "'relu'\nfrozen = [1]", drawn(random, 7, 2)), 7);
    check_arrives(problem("2, 15, 1", "'tanh'\nbias = false", drawn(random, 6, 2)), 8);
}

TEST_CASE("the seed determines the weights", "[train]") {
    const Trained a = train(small_network, "test", {});
    CHECK(a.text == train(small_network, "test", {}).text);
    CHECK(a.interpolates);
    TrainOptions options;
    options.seed = 2;
    CHECK(train(small_network, "test", options).text != a.text);
    CHECK(train(small_network, "test", plain(3)).text == train(small_network, "test", plain(3)).text);
    // A relu network goes through several starts and stages.
    const std::string relu = problem("2, 7, 6, 1", "'relu'", "[data]\ninputs = [['1', '0.5'], ['0.9', '0.4'], ['-1', '0.3'], ['-0.2', '-0.8']]\ntargets = ['1', '-1', '1', '-1']\n");
    CHECK(train(relu, "test", options).text == train(relu, "test", options).text);
}

TEST_CASE("an honest no", "[train]") {
    // A composition of affine maps is affine: no weights interpolate these.
    const std::string bent = problem("1, 5, 1", "'linear'", "[data]\ninputs = [['0'], ['1'], ['2']]\ntargets = ['0', '1', '5']\n");
    const Trained no = train(bent, "test", {});
    CHECK_FALSE(no.interpolates);
    CHECK(no.loss == Approx(0.25));  // of the least squares line, which misses by 1/2, 1, 1/2
    CHECK_FALSE(no.text.empty());
    TrainOptions options;
    options.steps = 3;
    const Trained few = train(small_network, "test", options);
    CHECK_FALSE(few.interpolates);
    CHECK(few.steps == 3);
    CHECK_THROWS_AS(train("[gram]\nmatrix = [[1]]\n[training]\nlearning_rate = 1\n", "test", {}), InputError);
}

TEST_CASE("plain steps: what happened, and an end that rounding can reach", "[train]") {
    TrainOptions options = plain();
    options.steps = 10;
    const Trained few = train(small_network, "test", options);
    CHECK_FALSE(few.interpolates);
    CHECK(few.steps == 10);
    options = plain();
    options.full_batch = true;
    options.learning_rate = 1000;
    options.steps = 1000;
    CHECK(train(small_network, "test", options).diverged);
    const std::string wide = problem("1, 20, 1", "'tanh'", "[data]\ninputs = [['-1'], ['1/4'], ['1']]\ntargets = ['0.5', '-0.3', '0.8']\n");
    for (const std::uint64_t seed : {1, 2, 3})
        for (const double rate : {0.2, 0.02, 0.002}) {  // at small rates steps vanish in the rounding of the weights before the residuals do
            options = plain(seed);
            options.learning_rate = rate;
            const Trained trained = train(wide, "test", options);
            INFO("seed " << seed << " rate " << rate << ": " << trained.steps << " steps, loss " << trained.loss);
            CHECK(trained.interpolates);
            CHECK(trained.steps < options.steps);
            CHECK(parse_problem(trained.text, "test").minimum.proved);
        }
}

TEST_CASE("training from the weights in the file, which are replaced", "[train]") {
    const Trained first = train(small_network, "test", {});
    for (const TrainOptions& options : {TrainOptions(), plain()}) {
        const Trained again = train(first.text, "test", options);
        CHECK(again.interpolates);
        CHECK(again.text.find("[minimum]") == again.text.rfind("[minimum]"));
        CHECK_NOTHROW(parse_problem(again.text, "test"));
    }
    CHECK(train(first.text, "test", plain()).steps == 0);
}

TEST_CASE("values, gradients and rounding of a fit against MPFR", "[train]") {
    Random random(503);
    const std::vector<Activation> choice = {Activation::linear, Activation::tanh, Activation::sigmoid, Activation::softplus, Activation::gelu, Activation::sin, Activation::square,
                                            Activation::relu};
    constexpr long precision = 200;
    for (int t = 0; t < trials(100); ++t) {
        Network net;
        net.widths = {2, static_cast<std::size_t>(random.integer(1, 9)), static_cast<std::size_t>(random.integer(1, 9)), 1};
        for (int l = 0; l < 3; ++l) net.activations.push_back(choice[static_cast<std::size_t>(random.integer(0, static_cast<long>(choice.size()) - 1))]);
        net.frozen = {random.chance(0.3), random.chance(0.3), false};
        net.bias = random.chance(0.7);
        std::vector<double> w;
        std::vector<MpInterval> exact_w;
        for (std::size_t k = 0; k < net.weights(); ++k) {
            w.push_back(random.uniform(-1.5, 1.5) * (random.chance(0.1) ? 30.0 : 1.0));
            exact_w.emplace_back(w.back(), w.back(), precision);
        }
        const std::vector<double> y = {random.uniform(-2, 2), random.uniform(-2, 2)};
        const double z = random.uniform(-1, 1);
        Differential<MpInterval> exact;
        try {
            exact = differentiate(net, exact_w, {MpInterval(y[0], y[0], precision), MpInterval(y[1], y[1], precision)}, MpInterval(precision));
        } catch (const std::domain_error&) {  // at a kink
            continue;
        }
        const RoundNearest guard;
        const training::Fit fit = fit_of(net, {y}, {z});
        const Differential<double> h = fit.residual(w, 0);
        const double error = std::fabs((MpInterval(h.value, h.value, precision) - (exact.value - MpInterval(z, z, precision))).midpoint_double());
        const double rounding = fit.rounding(w, 0);
        INFO("error " << error << " rounding " << rounding);
        CHECK(error <= 4.0 * rounding);
        CHECK(rounding < 1e-10 * (1.0 + 1e4 * std::fabs(h.value) + 1e4));
        CHECK(fit.loss(w) == Approx(0.5 * h.value * h.value));
        REQUIRE(h.gradient.size() == exact.gradient.size());
        double size = 0.0;
        for (const MpInterval& g : exact.gradient) size = std::max(size, std::fabs(g.midpoint_double()));
        for (std::size_t p = 0; p < h.gradient.size(); ++p) CHECK(std::fabs(h.gradient[p] - exact.gradient[p].midpoint_double()) <= 1e-9 * (1.0 + size));
    }
}

TEST_CASE("steps of least norm against Cramer's rule", "[train]") {
    Random random(504);
    for (int t = 0; t < trials(100); ++t) {
        const auto n = static_cast<std::size_t>(random.integer(1, 4));
        const std::size_t d = n + static_cast<std::size_t>(random.integer(0, 5));
        const Matrix<Rational> j = random.rational_matrix(n, d, 9, 1);
        Matrix<Rational> square = j * j.transposed();
        const Rational damping = random.chance(0.3) ? Rational(0) : random.chance(0.5) ? Rational(1, 1 << 30) : Rational(random.integer(1, 50), 4);
        if (determinant(square).is_zero()) continue;
        for (std::size_t i = 0; i < n; ++i) square(i, i) += damping;
        std::vector<double> rows;
        std::vector<double> h;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t p = 0; p < d; ++p) rows.push_back(j(i, p).convert_to<double>());
            h.push_back(static_cast<double>(random.integer(-9, 9)));
        }
        std::vector<Rational> exact(d, Rational(0));
        for (std::size_t k = 0; k < n; ++k) {
            Matrix<Rational> replaced = square;
            for (std::size_t i = 0; i < n; ++i) replaced(i, k) = rational_from_double(h[i]);
            const Rational a = determinant(replaced) / determinant(square);
            for (std::size_t p = 0; p < d; ++p) exact[p] += j(k, p) * a;
        }
        const RoundNearest guard;
        const training::LeastNorm steps(rows, n, d);
        CHECK(steps.independence() > 0.0);
        const std::vector<double> found = steps.solve(h, damping.convert_to<double>());
        double size = 1.0;
        for (const Rational& x : exact) size = std::max(size, std::fabs(x.convert_to<double>()));
        for (std::size_t p = 0; p < d; ++p) CHECK(std::fabs(found[p] - exact[p].convert_to<double>()) <= 1e-9 * size);
    }
    // Dependent rows.
    const std::vector<double> rows = {1, 2, 3, 2, 4, 6};
    CHECK(training::LeastNorm(rows, 2, 3).independence() < 1e-14);
}
