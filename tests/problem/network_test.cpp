// Networks against exact rationals, against the expression route and against themselves at many more bits; Krawczyk's proof against minima
// that are known exactly.
#include "lyapcert/problem/network.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "lyapcert/linalg/dot.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/existence.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/problem/train.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

Network random_network(Random& random, const std::vector<Activation>& choice, std::size_t inputs) {
    Network net;
    net.widths = {inputs};
    const long hidden = random.integer(0, 3);
    for (long l = 0; l < hidden; ++l) net.widths.push_back(static_cast<std::size_t>(random.integer(1, 4)));
    net.widths.push_back(1);
    for (std::size_t l = 0; l + 1 < net.widths.size(); ++l)
        net.activations.push_back(choice[static_cast<std::size_t>(random.integer(0, static_cast<long>(choice.size()) - 1))]);
    net.frozen.assign(net.activations.size(), false);
    if (net.layers() > 1 && random.chance(0.3)) net.frozen[0] = true;
    net.bias = random.chance(0.7);
    return net;
}

std::vector<Rational> rationals(Random& random, std::size_t n) {
    std::vector<Rational> x;
    for (std::size_t k = 0; k < n; ++k) x.push_back(random.rational(30, 20));
    return x;
}

MpInterval around(Random& random, const Rational& x, long precision) {
    if (random.chance(0.3)) return MpInterval(x, precision);
    return MpInterval(x - Rational(random.integer(0, 9), 1000), x + Rational(random.integer(0, 9), 1000), precision);
}

const std::vector<Activation> smooth = {Activation::linear, Activation::tanh, Activation::sigmoid, Activation::softplus, Activation::gelu, Activation::sin, Activation::square};

// The network as an expression in w0, w1, ... and y0, y1, ...
std::string expression_of(const Network& net) {
    std::vector<std::string> u;
    for (std::size_t j = 0; j < net.widths[0]; ++j) u.push_back("y" + std::to_string(j));
    std::size_t first = 0;
    for (std::size_t l = 0; l < net.layers(); ++l) {
        std::vector<std::string> next;
        for (std::size_t i = 0; i < net.widths[l + 1]; ++i) {
            std::string sum = net.bias ? "w" + std::to_string(first + net.widths[l + 1] * net.widths[l] + i) : "0";
            for (std::size_t j = 0; j < net.widths[l]; ++j) sum += "+w" + std::to_string(first + i * net.widths[l] + j) + "*" + u[j];
            switch (net.activations[l]) {
                case Activation::linear: next.push_back("(" + sum + ")"); break;
                case Activation::square: next.push_back("(" + sum + ")^2"); break;
                case Activation::gelu: next.push_back("(" + sum + ")*(1+erf((" + sum + ")/sqrt(2)))/2"); break;
                default: next.push_back(std::string(name(net.activations[l])) + "(" + sum + ")");
            }
        }
        u = next;
        first += net.layer_size(l);
    }
    return u[0];
}

// Interpolates sum_p x_p Y_ip = z_i.
ResidualMap linear_residuals(const Matrix<Rational>& y, const std::vector<Rational>& z) {
    ResidualMap map;
    map.data_points = y.rows();
    map.parameters = y.columns();
    map.enclose = [y, z](std::size_t i, const std::vector<MpInterval>& x, bool) {
        const long p = x.front().precision();
        Differential<MpInterval> f{-MpInterval(z[i], p), {}};
        for (std::size_t k = 0; k < x.size(); ++k) {
            f.value += MpInterval(y(i, k), p) * x[k];
            f.gradient.emplace_back(y(i, k), p);
        }
        return f;
    };
    map.approximate = [y, z](std::size_t i, const std::vector<double>& x) {
        Differential<double> f{-z[i].convert_to<double>(), {}};
        for (std::size_t k = 0; k < x.size(); ++k) {
            f.value += y(i, k).convert_to<double>() * x[k];
            f.gradient.push_back(y(i, k).convert_to<double>());
        }
        return f;
    };
    return map;
}

const std::string small_network =
    "[network]\nlayers = [1, 4, 1]\nactivation = 'tanh'\n[data]\ninputs = [['1'], ['-1/2'], ['1/3']]\ntargets = ['0.3', '-0.2', '0.1']\n[training]\nlearning_rate = '1/5'\n"
    "initialisation = 'gaussian'\n";

std::string trained_text(const std::string& text, std::uint64_t seed = 1) {
    TrainOptions options;
    options.seed = seed;
    const Trained trained = train(text, "test", options);
    REQUIRE(trained.interpolates);
    return trained.text;
}

}  // namespace

TEST_CASE("scalar products of interval vectors contain the exact ones") {
    Random random(301);
    for (int t = 0; t < trials(200); ++t) {
        const long precision = random.integer(20, 200);
        const auto n = static_cast<std::size_t>(random.integer(1, 20));
        std::vector<MpInterval> x;
        std::vector<MpInterval> y;
        std::vector<double> d;
        Rational exact = 0;
        Rational exact_d = 0;
        for (std::size_t k = 0; k < n; ++k) {
            const Rational a = random.rational();
            const Rational b = random.rational() * (random.chance(0.2) ? Rational(1, 1000003) : Rational(1));
            x.push_back(around(random, a, precision));
            y.push_back(around(random, b, precision));
            d.push_back(random.uniform(-3, 3));
            const Rational in = random.chance(0.5) ? a : random.between(a - Rational(0), a);
            exact += in * b;
            exact_d += a * rational_from_double(d.back());
        }
        const CentredVector cx(x, precision);
        CHECK(contains(dot(cx, CentredVector(y, precision)), exact));
        CHECK(contains(dot(cx, CentredVector(d, precision)), exact_d));
        // At the ends of all components at once.
        Rational ends = 0;
        for (std::size_t k = 0; k < n; ++k) {
            Rational a;
            Rational b;
            mpfr_get_q(a.backend().data(), x[k].upper());
            mpfr_get_q(b.backend().data(), random.chance(0.5) ? y[k].lower() : y[k].upper());
            ends += a * b;
        }
        CHECK(contains(dot(cx, CentredVector(y, precision)), ends));
    }
    CHECK_THROWS(dot(CentredVector(std::vector<double>{1.0}, 53), CentredVector(std::vector<double>{1.0, 2.0}, 53)));
}

TEST_CASE("values and gradients of piecewise polynomial networks contain the exact ones") {
    Random random(302);
    int compared = 0;
    for (int t = 0; t < trials(300); ++t) {
        const Network net = random_network(random, {Activation::linear, Activation::square, Activation::relu}, 2);
        const std::vector<Rational> weights = rationals(random, net.weights());
        const std::vector<Rational> input = rationals(random, 2);
        std::optional<Differential<Rational>> exact;
        try {
            exact = differentiate(net, weights, input, Rational(0));
        } catch (const std::domain_error&) {
            continue;
        }
        REQUIRE(exact->gradient.size() == net.parameters());
        std::vector<MpInterval> box;
        std::vector<MpInterval> y;
        for (const Rational& w : weights) box.push_back(around(random, w, 80));
        for (const Rational& v : input) y.emplace_back(v, 80);
        try {
            const Differential<MpInterval> f = differentiate(net, box, y, MpInterval(80));
            CHECK(contains(f.value, exact->value));
            for (std::size_t p = 0; p < exact->gradient.size(); ++p) CHECK(contains(f.gradient[p], exact->gradient[p]));
            ++compared;
        } catch (const std::domain_error&) {  // a relu whose sign is open over the box
        }
        // And the gradient is that of F: along a line a polynomial of degree 2^layers at most, differenced exactly.
        const std::vector<std::size_t> free = net.free_weights();
        const auto p = static_cast<std::size_t>(random.integer(0, static_cast<long>(free.size()) - 1));
        const auto shifted = [&](const Rational& h) {
            std::vector<Rational> w = weights;
            w[free[p]] += h;
            return differentiate(net, w, input, Rational(0), false).value;
        };
        const Rational h(1, 1000000000);
        try {
            const Rational slope = (shifted(h) - shifted(-h)) / (2 * h);
            const Rational error = abs(Rational(slope - exact->gradient[p]));
            const Rational size = 1 + abs(exact->gradient[p]);
            CHECK(error < size / 100);
        } catch (const std::domain_error&) {
        }
    }
    CHECK(compared > trials(300) / 3);
}

TEST_CASE("smooth networks: boxes contain points at many more bits, and the mean value theorem holds") {
    Random random(303);
    for (int t = 0; t < trials(60); ++t) {
        const Network net = random_network(random, smooth, 2);
        const std::vector<Rational> a = rationals(random, net.weights());
        std::vector<Rational> b = a;
        for (const std::size_t k : net.free_weights()) b[k] += Rational(random.integer(-20, 20), 500);
        const std::vector<Rational> input = rationals(random, 2);
        const auto at = [&](const std::vector<Rational>& w, long precision) {
            std::vector<MpInterval> x;
            std::vector<MpInterval> y;
            for (const Rational& v : w) x.emplace_back(v, precision);
            for (const Rational& v : input) y.emplace_back(v, precision);
            return differentiate(net, x, y, MpInterval(precision));
        };
        std::vector<MpInterval> box;
        std::vector<MpInterval> y;
        for (std::size_t k = 0; k < a.size(); ++k) box.push_back(hull(MpInterval(a[k], 64), MpInterval(b[k], 64)));
        for (const Rational& v : input) y.emplace_back(v, 64);
        const Differential<MpInterval> over = differentiate(net, box, y, MpInterval(64));
        const Differential<MpInterval> first = at(a, 300);
        const Differential<MpInterval> last = at(b, 300);
        CHECK(is_subset(first.value, over.value));
        CHECK(is_subset(last.value, over.value));
        MpInterval change(300);
        const std::vector<std::size_t> free = net.free_weights();
        for (std::size_t p = 0; p < free.size(); ++p) {
            CHECK(is_subset(first.gradient[p], over.gradient[p]));
            change += over.gradient[p] * MpInterval(b[free[p]] - a[free[p]], 300);
        }
        CHECK(is_subset(last.value - first.value, change + MpInterval(-1e-60, 1e-60, 300)));
        CHECK(first.value.width_double() < 1e-60);
    }
}

TEST_CASE("networks agree with the expression route") {
    Random random(304);
    for (int t = 0; t < trials(12); ++t) {
        Network net;
        do net = random_network(random, smooth, 2);
        while (net.weights() > 16 || net.parameters() < 2 || net.parameters() != net.weights());
        const std::vector<Rational> w = rationals(random, net.weights());
        std::string layers;
        std::string activations;
        for (const std::size_t width : net.widths) layers += (layers.empty() ? "" : ", ") + std::to_string(width);
        for (const Activation a : net.activations) activations += (activations.empty() ? "'" : ", '") + std::string(name(a)) + "'";
        std::string weights;
        std::size_t k = 0;
        for (std::size_t l = 0; l < net.layers(); ++l) {
            weights += "[";
            for (std::size_t i = 0; i < net.widths[l + 1]; ++i) {
                weights += "[";
                for (std::size_t j = 0; j < net.widths[l]; ++j) weights += "'" + w[k++].str() + "', ";
                weights += "], ";
            }
            weights += "],\n";
            if (!net.bias) continue;
            weights += "[";
            for (std::size_t i = 0; i < net.widths[l + 1]; ++i) weights += "'" + w[k++].str() + "', ";
            weights += "],\n";
        }
        const std::string rest = "[data]\ninputs = [['1/2', '-1/3'], ['2/3', '1']]\ntargets = 'model'\n[training]\nlearning_rate = '1/10'\n";
        const Problem network = parse_problem("[network]\nlayers = [" + layers + "]\nactivation = [" + activations + "]\nbias = " + (net.bias ? "true" : "false") +
                                                  "\n[minimum]\nweights = [" + weights + "]\n" + rest,
                                              "network");
        std::string names;
        std::string values;
        for (std::size_t p = 0; p < w.size(); ++p) {
            names += (p > 0 ? ", 'w" : "'w") + std::to_string(p) + "'";
            values += (p > 0 ? ", w" : "w") + std::to_string(p) + " = '" + w[p].str() + "'";
        }
        const Problem model = parse_problem("[model]\nparameters = [" + names + "]\ninputs = ['y0', 'y1']\noutput = '" + expression_of(net) + "'\n[minimum]\nvalues = {" + values + "}\n" + rest, "model");
        CHECK(network.minimum.proved);
        CHECK(network.minimum.kind == Minimum::Kind::exact);
        CHECK(network.parameters == model.parameters);
        CHECK(network.analytic->answer == model.analytic->answer);
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t j = 0; j < 2; ++j) {
                const MpInterval difference = network.gram(i, j).at(200) - model.gram(i, j).at(200);
                CHECK(contains_zero(difference));
                CHECK(difference.width_double() < 1e-40 * (1 + std::fabs(model.gram(i, j).at(64).midpoint_double())));
                CHECK(network.gram(i, j).is_rational() == (model.gram(i, j).is_rational() && network.gram(i, j).is_rational()));
            }
    }
}

TEST_CASE("Krawczyk: linear residuals, where the minimum on the slice is the projection") {
    Random random(305);
    for (int t = 0; t < trials(40); ++t) {
        const auto n = static_cast<std::size_t>(random.integer(1, 4));
        const std::size_t d = n + static_cast<std::size_t>(random.integer(0, 3));
        // Doubles, so that the slice J = Y is exactly that of the program.
        Matrix<Rational> y = random.rational_matrix(n, d, 9, 1);
        if (determinant(y * y.transposed()).is_zero()) continue;
        const std::vector<Rational> z = rationals(random, n);
        std::vector<Rational> w;
        for (std::size_t p = 0; p < d; ++p) w.push_back(rational_from_double(random.uniform(-2, 2)));
        const NearMinimum near(linear_residuals(y, z), w);
        CHECK_FALSE(near.polished());
        // c = (Y Y^T)^{-1} (z - Y w) by Cramer's rule.
        const Matrix<Rational> square = y * y.transposed();
        std::vector<Rational> x = w;
        for (std::size_t j = 0; j < n; ++j) {
            Matrix<Rational> replaced = square;
            for (std::size_t i = 0; i < n; ++i) {
                replaced(i, j) = z[i];
                for (std::size_t p = 0; p < d; ++p) replaced(i, j) -= y(i, p) * w[p];
            }
            const Rational c = determinant(replaced) / determinant(square);
            for (std::size_t p = 0; p < d; ++p) x[p] += y(j, p) * c;
        }
        Rational squared = 0;
        for (const long precision : {100L, 400L}) {
            const std::vector<MpInterval> box = near.position(precision);
            for (std::size_t p = 0; p < d; ++p) {
                CHECK(contains(box[p], x[p]));
                CHECK(box[p].width_double() < std::ldexp(1.0, -static_cast<int>(precision)) * 1e6);
            }
            const Matrix<MpInterval> g = near.gram(precision);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) CHECK(contains(g(i, j), square(i, j)));
        }
        for (std::size_t p = 0; p < d; ++p) squared += (x[p] - w[p]) * (x[p] - w[p]);
        const Rational bound = rational_from_double(near.distance());
        CHECK(bound * bound >= squared);
        CHECK(bound * bound <= squared * Rational(1001, 1000) + Rational(1, 1000000000));
    }
}

TEST_CASE("Krawczyk: a hyperbola, with the root of the quadratic equation on the slice") {
    // F = a b at y = 1, z = 1; from (2, 0.46875) along t (0.46875, 2): (2 + q t)(q + 2 t) = 1.
    ResidualMap map;
    map.data_points = 1;
    map.parameters = 2;
    map.enclose = [](std::size_t, const std::vector<MpInterval>& x, bool) {
        return Differential<MpInterval>{x[0] * x[1] - MpInterval(1.0, 1.0, x[0].precision()), {x[1], x[0]}};
    };
    map.approximate = [](std::size_t, const std::vector<double>& x) { return Differential<double>{x[0] * x[1] - 1.0, {x[1], x[0]}}; };
    const Rational q(15, 32);
    const NearMinimum near(map, {Rational(2), q});
    CHECK_FALSE(near.polished());
    const long p = 2000;
    const MpInterval a(2 * q, p);
    const MpInterval b(Rational(4) + q * q, p);
    const MpInterval c(2 * q - 1, p);
    const MpInterval t = (-b + sqrt(square(b) - MpInterval(4.0, 4.0, p) * a * c)) / (MpInterval(2.0, 2.0, p) * a);
    const MpInterval first = MpInterval(2.0, 2.0, p) + MpInterval(q, p) * t;
    for (const long precision : {64L, 192L, 500L}) {
        const MpInterval x = near.position(precision)[0];
        CHECK(is_subset(first, x));
        CHECK(x.width_double() < std::ldexp(1.0, -static_cast<int>(precision)));
    }
    // Rough weights need Gauss-Newton; the result is a point of the hyperbola all the same.
    const NearMinimum rough(map, {Rational(3), Rational(-1, 2)});
    const std::vector<MpInterval> x = rough.position(128);
    CHECK(contains(x[0] * x[1], Rational(1)));
    CHECK(rough.distance() > 0.1);
}

TEST_CASE("Krawczyk proves nothing where there is nothing") {
    const auto map_of = [](double shift) {  // x^2 + shift, one parameter
        ResidualMap map;
        map.data_points = map.parameters = 1;
        map.enclose = [shift](std::size_t, const std::vector<MpInterval>& x, bool) {
            const long p = x[0].precision();
            return Differential<MpInterval>{square(x[0]) + MpInterval(shift, shift, p), {MpInterval(2.0, 2.0, p) * x[0]}};
        };
        map.approximate = [shift](std::size_t, const std::vector<double>& x) { return Differential<double>{x[0] * x[0] + shift, {2.0 * x[0]}}; };
        return map;
    };
    CHECK_THROWS_AS(NearMinimum(map_of(1.0), {Rational(1, 2)}), NoMinimum);
    CHECK_THROWS_AS(NearMinimum(map_of(1e-30), {Rational(1, 1000)}), NoMinimum);   // no root, though the loss falls to nothing
    CHECK_THROWS_AS(NearMinimum(map_of(0.0), {Rational(1, 1000)}), NoMinimum);     // a double root: the gradient vanishes there
    CHECK_NOTHROW(NearMinimum(map_of(-1e-30), {Rational(1, 1000000)}));
}

TEST_CASE("a trained network: one theorem at every precision") {
    const Problem p = parse_problem(trained_text(small_network), "test");
    CHECK(p.minimum.kind == Minimum::Kind::near);
    CHECK(p.minimum.proved);
    CHECK(p.parameters == 13U);
    CHECK(parse_rational(*p.minimum.distance) < Rational(1, 100000000));
    CHECK(p.minimum.centre(128).size() == 13);
    CHECK(p.analytic->answer == Ternary::yes);
    CHECK(p.jacobian_invertible_somewhere(std::nullopt).answer == Ternary::yes);
    CHECK(p.jacobian_invertible_somewhere(2).answer == Ternary::yes);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            const MpInterval fine = p.gram(i, j).at(700);
            const MpInterval coarse = p.gram(i, j).at(128);
            CHECK(fine.width_double() < 1e-200);
            CHECK(coarse.width_double() < 1e-36);
            CHECK_FALSE(certainly_less(fine, coarse));
            CHECK_FALSE(certainly_less(coarse, fine));
        }
}

TEST_CASE("frozen features make a linear model, for which H1 holds everywhere") {
    const std::string text = "[network]\nlayers = [2, 6, 1]\nactivation = 'relu'\nfrozen = [1]\n[data]\ninputs = [['1', '1/2'], ['-1/2', '1'], ['1/3', '-1']]\n"
                             "targets = ['1', '-1', '1/2']\n[training]\nlearning_rate = '1/5'\n";
    const Problem p = parse_problem(trained_text(text), "test");
    CHECK(p.parameters == 7U);
    CHECK(p.independent_everywhere->answer == Ternary::yes);
    CHECK(p.analytic->answer == Ternary::yes);
}

TEST_CASE("deep linear networks at an exact minimum are rational") {
    const Problem p = parse_problem("[network]\nlayers = [1, 2, 1]\nactivation = 'linear'\nbias = false\n[data]\ninputs = [['2']]\ntargets = ['7']\n[minimum]\n"
                                    "weights = [[[1], [2]], [['1/2', 1.5]]]\n[training]\nlearning_rate = '1/10'\n",
                                    "test");
    CHECK(p.minimum.kind == Minimum::Kind::exact);
    CHECK(p.minimum.proved);
    // Gradient in W1: y W2 = (1, 3); in W2: y W1 = (2, 4).
    CHECK(p.gram(0, 0).rational() == 30);
}

TEST_CASE("bad networks have one clear line") {
    const std::vector<std::string> valid = {"[network]",                    // 1
                                            "layers = [1, 2, 1]",           // 2
                                            "activation = 'tanh'",          // 3
                                            "bias = false",                 // 4
                                            "frozen = [1]",                 // 5
                                            "[data]",                       // 6
                                            "inputs = [['1'], ['2']]",      // 7
                                            "targets = ['0.5', '0.75']",    // 8
                                            "[minimum]",                    // 9
                                            "weights = [[[0.5], [1.5]], [[-0.3, 1]]]",  // 10
                                            "[training]",                   // 11
                                            "learning_rate = '1/5'"};       // 12
    const auto message = [&](std::size_t number, const std::string& line) {
        std::string text;
        for (std::size_t k = 1; k <= valid.size(); ++k) text += (k == number ? line : valid[k - 1]) + "\n";
        try {
            parse_problem(text, "file.toml");
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    const auto refused = [&](std::size_t number, const std::string& line, const std::string& words) {
        const std::string m = message(number, line);
        CAPTURE(line, m);
        CHECK(m.rfind("file.toml:" + std::to_string(number) + ": ", 0) == 0);
        CHECK(m.find(words) != std::string::npos);
        CHECK(m.find('\n') == std::string::npos);
    };
    refused(2, "layers = [1, 2, 2]", "expected 1");
    refused(2, "layers = [1]", "expected the widths");
    refused(2, "layers = [1, 0, 1]", "from 1 to");
    refused(2, "layers = ['1', 1]", "expected an integer");
    refused(2, "layers = [1, 100000, 3, 1]", "weights");
    refused(3, "activation = 'tan'", "expected one of linear, tanh");
    refused(3, "activation = ['tanh', 'linear', 'tanh']", "has 3 entries");
    refused(3, "activation = 3", "expected the name");
    refused(4, "bias = 1", "true or false");
    refused(5, "frozen = [3]", "from 1 to 2");
    refused(5, "frozen = [1, 2]", "parameters to train");
    refused(5, "momentum = 1", "unknown key");
    refused(7, "inputs = [['1'], ['2', '3']]", "expected 1 number");
    CHECK(message(7, "inputs = [['1'], ['1']]").find("file.toml:8: data.targets[1]: data point 2 has the inputs of data point 1 but another target") == 0);
    refused(10, "weights = [[[0.5], [1.5]]]", "has 1 entry; expected 2");
    refused(10, "weights = [[[0.5], [1.5]], [[1.0]]]", "expected 1 rows of 2");
    refused(10, "weights = [[[0.5]], [[-0.3, 1]]]", "expected 2 rows of 1");
    refused(10, "weights = [[[nan], [1.5]], [[-0.3, 1]]]", "not a finite number");
    refused(10, "weights = [[['x'], [1.5]], [[-0.3, 1]]]", "not a finite number");
    refused(10, "weights = [[['1e400'], [1.5]], [[-0.3, 1]]]", "");
    refused(10, "weights = [[[0.5], [1.5]], [['-1e400', 1]]]", "");
    refused(10, "weights = [[[0.5], [1.5]], [[-0.3, 7]]]", "does not interpolate the data: its loss is");
    refused(10, "values = {a = 1}", "unknown key");
    CHECK(message(2, "layers = [2, 2, 1]").find("data.inputs[0]: has 1 number; expected 2 numbers, one for each input of the network") != std::string::npos);
    CHECK(message(7, "inputs = [['1'], ['2'], ['3']]").find("data.targets") != std::string::npos);
    CHECK(message(2, "layers = [1, 1, 1]") != "accepted");  // fewer parameters than data points
    // Nothing wrong with it but that the relu units are dead.
    const std::string dead = "[network]\nlayers = [1, 2, 1]\nactivation = 'relu'\nbias = false\n[data]\ninputs = [['1'], ['2']]\ntargets = ['0', '0']\n[minimum]\n"
                             "weights = [[[-0.5], [-1.5]], [[-0.3, 1]]]\n[training]\nlearning_rate = '1/5'\n";
    CHECK_THROWS_AS(parse_problem(dead, "test"), InputError);
}
