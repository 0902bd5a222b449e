#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <sstream>

#include "lyapcert/problem/problem.hpp"

using namespace lyapcert;

namespace {

struct ModelText {
    std::string parameters, inputs, output, data, targets, values, rate = "\"1/10\"";
    std::string str() const {
        return "[model]\nparameters = " + parameters + "\ninputs = " + inputs + "\noutput = \"" + output + "\"\n[data]\ninputs = " + data +
               "\ntargets = " + targets + "\n[minimum]\nvalues = {" + values + "}\n[training]\nlearning_rate = " + rate + "\n";
    }
};

Problem read(const ModelText& text) { return parse_problem(text.str(), "test"); }

Matrix<Rational> rationals(const Matrix<Real>& a) {
    return a.map([](const Real& x) {
        REQUIRE(x.is_rational());
        return x.rational();
    });
}

void check_equal(const Matrix<Real>& a, const std::vector<Rational>& expected) { CHECK(rationals(a).entries() == expected); }

const ModelText factorisation{"['a', 'b']", "['y']", "a*b*y", "[['1']]", "['1']", "a = '2', b = '1/2'", "'1/5'"};

}  // namespace

TEST_CASE("the scalar factorisation") {
    const Problem p = read(factorisation);
    CHECK(p.kind == Problem::Kind::model);
    CHECK(p.data_points == 1);
    CHECK(p.parameters == 2U);
    CHECK(p.sampling.batch_size == 1);
    CHECK(p.learning_rate->rational() == Rational(1, 5));
    CHECK(p.learning_rate_text == "1/5");
    check_equal(p.gram, {Rational(17, 4)});
    check_equal(p.scaled_gram, {Rational(17, 20)});
    CHECK(p.minimum.kind == Minimum::Kind::exact);
    CHECK(p.minimum.proved);
    CHECK(p.analytic->answer == Ternary::yes);
    CHECK(p.independent_everywhere->answer == Ternary::yes);
    CHECK(p.independent_everywhere->reason.find("a dF/da = F") != std::string::npos);
    CHECK(p.jacobian_invertible_somewhere(0).answer == Ternary::yes);
    CHECK(p.jacobian_invertible_somewhere(0).reason == "at x*: 1 - eta ||g_1||^2 = 3/20");
    CHECK(p.jacobian_invertible_somewhere(std::nullopt).answer == Ternary::yes);
    CHECK_THROWS(p.jacobian_invertible_somewhere(1));
    CHECK(p.title.empty());
    CHECK(p.initialisation.empty());
}

TEST_CASE("optional keys") {
    const Problem p = parse_problem(
        "title = 'A title'\n[gram]\nmatrix = [[5, '-4'], [-4, '5']]\n[training]\nlearning_rate = 1\nbatch_size = 2\n"
        "initialisation = ' Gaussian '\n",
        "name");
    CHECK(p.title == "A title");
    CHECK(p.file == "name");
    CHECK(p.sampling.batch_size == 2);
    CHECK(p.initialisation == "gaussian");
    CHECK(p.learning_rate_text == "1");
    CHECK_FALSE(p.parameters);
    CHECK(p.minimum.kind == Minimum::Kind::given);
    CHECK_FALSE(p.analytic);
    CHECK_FALSE(p.jacobian_invertible_somewhere);
    check_equal(p.gram, {5, -4, -4, 5});
}

TEST_CASE("gradients give their Gram matrix exactly") {
    const Problem p = parse_problem(
        "[gradients]\nrows = [['1', '-2', 'sqrt(2)'], ['2', '-1', 'sqrt(2)/2']]\n[training]\nlearning_rate = '0.1'\n", "test");
    CHECK(p.parameters == 3U);
    check_equal(p.gram, {7, 5, 5, Rational(11, 2)});
    check_equal(p.scaled_gram, {Rational(7, 10), Rational(1, 2), Rational(1, 2), Rational(11, 20)});
}

TEST_CASE("orthogonality is exact where algebra proves it") {
    const Problem p =
        parse_problem("[gradients]\nrows = [['sin(1)', 'cos(1)'], ['-cos(1)', 'sin(1)']]\n[training]\nlearning_rate = 'exp(1)'\n", "test");
    check_equal(p.gram, {1, 0, 0, 1});
    CHECK(p.scaled_gram(0, 1).known_zero());
    CHECK_FALSE(p.scaled_gram(0, 0).is_rational());
}

TEST_CASE("learning rate times Gram matrix is simplified as a product") {
    ModelText text{"['a']", "['y']", "a*tanh(y)", "[['1']]", "['3*tanh(1)']", "a = '3'", "'1/tanh(1)^2'"};
    const Problem p = read(text);
    CHECK(p.minimum.proved);
    CHECK_FALSE(p.gram(0, 0).is_rational());
    CHECK(p.scaled_gram(0, 0).known_one());
    text.rate = "'2/tanh(1)^2'";
    CHECK(read(text).scaled_gram(0, 0).rational() == 2);
    text.rate = "'2/tanh(1)^2 + 1/10^50'";
    CHECK_FALSE(read(text).scaled_gram(0, 0).is_rational());
}

TEST_CASE("a learning-rate interval") {
    ModelText text = factorisation;
    text.rate = "['0.1', '0.2']";
    const Problem p = read(text);
    CHECK(p.learning_rate_text == "[0.1, 0.2]");
    CHECK_FALSE(p.learning_rate->is_rational());
    const MpInterval eta = p.learning_rate->at(128);
    CHECK(contains(eta, Rational(1, 10)));
    CHECK(contains(eta, Rational(1, 5)));
    const MpInterval entry = p.scaled_gram(0, 0).at(128);
    CHECK(contains(entry, Rational(17, 40)));
    CHECK(contains(entry, Rational(17, 20)));
    CHECK(p.jacobian_invertible_somewhere(0).answer == Ternary::yes);

    text.rate = "['0.2', '1/5']";
    CHECK(read(text).learning_rate->is_rational());
    text.rate = "['1/sqrt(2)', 'sqrt(2)/2']";
    CHECK(read(text).learning_rate->at(128).width_double() < 1e-30);
    text.rate = "['sqrt(2)', 'sqrt(3)']";
    const MpInterval irrational = read(text).learning_rate->at(128);
    CHECK(contains(square(irrational), 2));
    CHECK(contains(square(irrational), 3));
    CHECK(irrational.width_double() == Approx(std::sqrt(3.0) - std::sqrt(2.0)));
    // 4/17 lies inside: 1 - eta ||g||^2 vanishes for one learning rate, so x* proves nothing.
    text.rate = "['0.2', '0.3']";
    CHECK(read(text).jacobian_invertible_somewhere(0).reason.find("at x*") == std::string::npos);
}

TEST_CASE("the minimum: proved, refuted or open") {
    ModelText text{"['a', 'b']", "['y']", "a*tanh(b*y)", "[['1'], ['2']]", "'model'", "a = '3', b = 'atanh(1/2)'"};
    CHECK(read(text).minimum.proved);
    CHECK(read(text).minimum.reason.find("by construction") != std::string::npos);
    text.targets = "['3/2', '3*tanh(2*atanh(1/2))']";
    CHECK(read(text).minimum.proved);
    CHECK(read(text).minimum.distance == "0");
    // tanh(2 atanh(1/2)) = 4/5
    text.targets = "['3/2', '12/5']";
    CHECK(read(text).minimum.proved);
    text.targets = "['3/2', '12/5 + 1/10^30']";
    CHECK_THROWS_AS(read(text), InputError);
    text.targets = "['3/2', '12/5 + sin(2) - 2*sin(1)*cos(1)']";
    const Minimum open = read(text).minimum;
    CHECK_FALSE(open.proved);
    CHECK(open.reason.find("data point 2") != std::string::npos);
    CHECK(open.reason.find("[") != std::string::npos);
    CHECK_FALSE(open.distance);
}

TEST_CASE("inputs in exponents") {
    const Problem p = read({"['a', 'b']", "['y']", "a*(b-1/2)^y", "[['1'], ['2']]", "'model'", "a = '3', b = '1/2'"});
    check_equal(p.gram, {9, 0, 0, 0});
}

TEST_CASE("a product with default probabilities") {
    const Problem p =
        parse_problem("[product]\nmatrices = [[['2','1'],['1','1']],[['3','1'],['2','1/3']],[[0,1],[1,'sqrt(2)']]]\n", "test");
    CHECK(p.kind == Problem::Kind::product);
    REQUIRE(p.matrices.size() == 3);
    CHECK(p.probabilities == std::vector<Rational>(3, Rational(1, 3)));
    check_equal(p.matrices[1], {3, 1, 2, Rational(1, 3)});
    CHECK_FALSE(p.matrices[2](1, 1).is_rational());
    CHECK_FALSE(p.learning_rate);
    const Problem q = parse_problem("[product]\nmatrices = [[[2]],[[3]]]\nprobabilities = ['sin(1)^2+cos(1)^2-2/3', '2/3']\n", "test");
    CHECK(q.probabilities == std::vector<Rational>{Rational(1, 3), Rational(2, 3)});
}

TEST_CASE("Gram matrices of random polynomials equal those computed term by term") {
    std::mt19937_64 generator(21);
    const auto small = [&](int low, int high) { return low + static_cast<int>(generator() % static_cast<unsigned>(high - low + 1)); };
    for (int round = 0; round < 60; ++round) {
        const std::size_t d = static_cast<std::size_t>(small(1, 4));
        const std::size_t n = static_cast<std::size_t>(small(1, static_cast<int>(d)));
        // Symbols: d parameters, one input.
        std::vector<std::pair<Rational, std::vector<int>>> polynomial;
        std::ostringstream text, names, values, data;
        for (int t = 0; t < 6; ++t) {
            polynomial.emplace_back(Rational(small(-9, 9), small(1, 5)), std::vector<int>());
            text << (t == 0 ? "" : " + ") << "(" << polynomial.back().first << ")";
            for (std::size_t k = 0; k <= d; ++k) {
                polynomial.back().second.push_back(small(0, 3));
                text << "*" << (k == d ? "y" : "x" + std::to_string(k)) << "^" << polynomial.back().second.back();
            }
        }
        std::vector<Rational> point;
        for (std::size_t k = 0; k < d; ++k) {
            point.emplace_back(small(-7, 7), small(1, 4));
            names << (k == 0 ? "[" : ", ") << "'x" << k << "'";
            values << (k == 0 ? "" : ", ") << "x" << k << " = '" << point.back() << "'";
        }
        std::vector<Rational> inputs;
        for (std::size_t i = 0; i < n; ++i) {
            inputs.emplace_back(small(-5, 5), small(1, 3));
            data << (i == 0 ? "[" : ", ") << "['" << inputs.back() << "']";
        }
        const auto power = [](const Rational& x, int e) {
            Rational result = 1;
            for (int k = 0; k < e; ++k) result *= x;
            return result;
        };
        const auto derivative = [&](std::size_t p, const Rational& y) {
            Rational total = 0;
            for (const auto& [coefficient, exponents] : polynomial) {
                if (exponents[p] == 0) continue;
                Rational term = coefficient * exponents[p] * power(y, exponents[d]);
                for (std::size_t k = 0; k < d; ++k) term *= power(point[k], exponents[k] - (k == p ? 1 : 0));
                total += term;
            }
            return total;
        };
        std::vector<Rational> expected;
        bool vanish = true;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                Rational sum = 0;
                for (std::size_t p = 0; p < d; ++p) sum += derivative(p, inputs[i]) * derivative(p, inputs[j]);
                vanish = vanish && sum.is_zero();
                expected.push_back(sum);
            }
        const ModelText model{names.str() + "]", "['y']", text.str(), data.str() + "]", "'model'", values.str(), "'3/7'"};
        CAPTURE(model.str());
        if (vanish) {
            CHECK_THROWS_AS(read(model), InputError);
            continue;
        }
        const Problem problem = read(model);
        check_equal(problem.gram, expected);
        for (Rational& x : expected) x *= Rational(3, 7);
        check_equal(problem.scaled_gram, expected);
    }
}

TEST_CASE("gradients of transcendental models agree with numerical differentiation at high precision") {
    // F = f(a y + b) c with an independent evaluation of f.
    using F = std::function<void(mpfr_ptr, mpfr_srcptr)>;
    const auto wrap = [](int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)) -> F {
        return [f](mpfr_ptr y, mpfr_srcptr x) { f(y, x, MPFR_RNDN); };
    };
    const std::map<std::string, F> functions = {
        {"exp", wrap(mpfr_exp)},
        {"log", wrap(mpfr_log)},
        {"sqrt", wrap(mpfr_sqrt)},
        {"sin", wrap(mpfr_sin)},
        {"cos", wrap(mpfr_cos)},
        {"tan", wrap(mpfr_tan)},
        {"asin", wrap(mpfr_asin)},
        {"acos", wrap(mpfr_acos)},
        {"atan", wrap(mpfr_atan)},
        {"sinh", wrap(mpfr_sinh)},
        {"cosh", wrap(mpfr_cosh)},
        {"tanh", wrap(mpfr_tanh)},
        {"asinh", wrap(mpfr_asinh)},
        {"atanh", wrap(mpfr_atanh)},
        {"erf", wrap(mpfr_erf)},
        {"sigmoid",
         [](mpfr_ptr y, mpfr_srcptr x) {
             mpfr_neg(y, x, MPFR_RNDN);
             mpfr_exp(y, y, MPFR_RNDN);
             mpfr_add_ui(y, y, 1, MPFR_RNDN);
             mpfr_ui_div(y, 1, y, MPFR_RNDN);
         }},
        {"softplus",
         [](mpfr_ptr y, mpfr_srcptr x) {
             mpfr_exp(y, x, MPFR_RNDN);
             mpfr_log1p(y, y, MPFR_RNDN);
         }},
        {"acosh(2+",
         [](mpfr_ptr y, mpfr_srcptr x) {
             mpfr_add_ui(y, x, 2, MPFR_RNDN);
             mpfr_acosh(y, y, MPFR_RNDN);
         }},
        {"2^(", [](mpfr_ptr y, mpfr_srcptr x) { mpfr_exp2(y, x, MPFR_RNDN); }},
    };
    constexpr mpfr_prec_t precision = 700;
    mpfr_t x, h, up, down, g[2][3], c;
    mpfr_inits2(precision, x, h, up, down, c, g[0][0], g[0][1], g[0][2], g[1][0], g[1][1], g[1][2], static_cast<mpfr_ptr>(nullptr));
    for (const auto& [name, f] : functions) {
        const std::string call = name.find('(') == std::string::npos ? name + "(" : name;
        const Problem problem =
            read({"['a', 'b', 'c']", "['y']", call + "a*y + b)*c", "[['1'], ['2']]", "'model'", "a = '1/4', b = '3/8', c = '5/2'"});
        CAPTURE(name);
        for (int i = 0; i < 2; ++i) {
            // a y + b = 5/8 and 7/8; dF/db = c f', dF/da = y c f', dF/dc = f.
            mpfr_set_d(x, i == 0 ? 0.625 : 0.875, MPFR_RNDN);
            mpfr_set_ui_2exp(h, 1, -150, MPFR_RNDN);
            mpfr_add(up, x, h, MPFR_RNDN);
            mpfr_sub(down, x, h, MPFR_RNDN);
            f(g[i][1], up);
            f(c, down);
            mpfr_sub(g[i][1], g[i][1], c, MPFR_RNDN);
            mpfr_div(g[i][1], g[i][1], h, MPFR_RNDN);
            mpfr_mul_d(g[i][1], g[i][1], 1.25, MPFR_RNDN);
            mpfr_mul_ui(g[i][0], g[i][1], static_cast<unsigned long>(i) + 1, MPFR_RNDN);
            f(g[i][2], x);
        }
        for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 2; ++j) {
                mpfr_set_zero(c, 1);
                for (int p = 0; p < 3; ++p) {
                    mpfr_mul(up, g[i][p], g[j][p], MPFR_RNDN);
                    mpfr_add(c, c, up, MPFR_RNDN);
                }
                const MpInterval entry = problem.gram(static_cast<std::size_t>(i), static_cast<std::size_t>(j)).at(400);
                mpfr_sub(down, c, entry.lower(), MPFR_RNDN);
                CHECK(std::abs(mpfr_get_d(down, MPFR_RNDN)) < 1e-70);
                CHECK(entry.width_double() < 1e-90);
            }
    }
    mpfr_clears(x, h, up, down, c, g[0][0], g[0][1], g[0][2], g[1][0], g[1][1], g[1][2], static_cast<mpfr_ptr>(nullptr));
}

TEST_CASE("which models are proved analytic") {
    const auto analytic = [](const std::string& output) {
        return read({"['a', 'b']", "['y']", output, "[['1']]", "'model'", "a = '2', b = '1/3'"}).analytic.value();
    };
    for (const char* output :
         {"a*b*y", "a*tanh(b*y)", "sin(a)*exp(b)*erf(a*b)", "a/(1+b^2)", "log(1+exp(a*b))", "sqrt(1+a^2)*b", "1/(1+exp(-a*y)) + b",
          "a*log(y+2)", "a/cosh(b)", "atanh(tanh(a)/2)", "exp(a)/exp(b)", "(2+sin(a))^b", "acosh(2+a^2)*b", "tan(atan(b)/2)+a",
          "softplus(a)^(1/2)*b", "log(softplus(a)*exp(b))", "1/(exp(a)+b^2)", "a*b^(2*y)"}) {
        const Finding f = analytic(output);
        CAPTURE(output, f.reason);
        CHECK(f.answer == Ternary::yes);
    }
    // Where a point is known at which F is not defined, or near which it is unbounded, that is a refutation.
    const struct {
        const char* output;
        Ternary answer;
        const char* word;
    } others[] = {{"a/b*y", Ternary::no, "is unbounded near a = 1, b = 0"},
                  {"log(a)*b", Ternary::no, "is not defined at a = -1"},
                  {"sqrt(a*b)", Ternary::no, "is not defined at a = -1, b = 1"},
                  {"asin(b)*a", Ternary::no, "is not defined at a = 1, b = 2"},
                  {"acosh(a)*b", Ternary::no, "is not defined at a = -1"},
                  {"atanh(2*tanh(b))*a", Ternary::no, "is not defined at a = 1, b = 1"},
                  {"asin(tanh(b)-1/2)*a", Ternary::no, "is not defined at a = -1, b = -1"},
                  {"log(exp(a)-1)*b", Ternary::no, "is not defined at a = -1"},
                  {"b^(-2)*a", Ternary::no, "is unbounded near a = 1, b = 0"},
                  {"tan(b)*a", Ternary::undecided, "tan"},
                  {"a^b", Ternary::undecided, "power"},
                  {"b^(1/3)*a", Ternary::undecided, "power"},
                  {"b^(-y)*a", Ternary::undecided, "quotient"},
                  {"b^(y/2)*a", Ternary::undecided, "power"},
                  {"a*b/a", Ternary::undecided, "quotient"},
                  {"a/(1+sin(b))", Ternary::undecided, "quotient"}};
    for (const auto& [output, answer, word] : others) {
        const Finding f = analytic(output);
        CAPTURE(output, f.reason);
        CHECK(f.answer == answer);
        CHECK(f.reason.find(word) != std::string::npos);
    }
}

TEST_CASE("independence of the gradients on all of M") {
    const auto finding = [](const ModelText& text) { return read(text).independent_everywhere.value(); };
    const auto single = [&](const std::string& output, const std::string& targets = "'model'") {
        return finding({"['a', 'b']", "['y']", output, "[['1']]", targets, "a = '2', b = '1/2'"}).answer;
    };
    CHECK(single("a*b*y") == Ternary::yes);
    CHECK(single("a*tanh(b*y)") == Ternary::yes);
    CHECK(single("a^2*b^3") == Ternary::yes);
    CHECK(single("a^3 + a*b^2") == Ternary::yes);
    CHECK(single("a^2 + b^3") == Ternary::yes);  // weights 1/2 and 1/3
    CHECK(single("tanh(a*y) + b") == Ternary::yes);
    CHECK(single("exp(a) + b^3") == Ternary::yes);
    CHECK(single("a*b*y - 1", "[0]") == Ternary::undecided);
    CHECK(single("a^2 + a") == Ternary::undecided);
    CHECK(single("(a - 2)*(b + 1)", "[0]") == Ternary::undecided);  // M meets the singular point (2, -1)
    CHECK(single("tanh(a)*tanh(b)") == Ternary::undecided);
    // M = {a b = 0} contains the origin, where the gradient vanishes.
    CHECK(finding({"['a', 'b']", "['y']", "a*b*y", "[['1']]", "['0']", "a = '2', b = 0"}).answer == Ternary::no);
    CHECK(single("a/b*y") == Ternary::undecided);  // not defined everywhere

    // Linear in all parameters: the answer is that at x*.
    ModelText linear{"['a', 'b']", "['y']", "a + b*y", "[['1'], ['2']]", "'model'", "a = '2', b = '1/2'"};
    CHECK(finding(linear).answer == Ternary::yes);
    linear.data = "[['1'], ['1']]";
    CHECK(finding(linear).answer == Ternary::no);
    linear.output = "a*exp(y) + b*exp(2*y)";
    linear.data = "[['1'], ['sqrt(2)']]";
    CHECK(finding(linear).answer == Ternary::yes);
    linear.output = "a*exp(y) + b*exp(2*y)";
    linear.data = "[['1'], ['exp(1)*exp(-1)']]";
    CHECK(finding(linear).answer != Ternary::yes);

    // Linear in enough of them.
    CHECK(finding({"['a', 'b', 'c']", "['y']", "a + b*y + sin(c)*y^2", "[['1'], ['2']]", "'model'", "a = 0, b = 0, c = 0"}).answer ==
          Ternary::yes);
    CHECK(finding({"['a', 'b', 'c']", "['y']", "a + sin(b*y) + sin(c)*y^2", "[['1'], ['2']]", "'model'", "a = 0, b = 0, c = 0"}).answer ==
          Ternary::undecided);
    CHECK(finding({"['a', 'b']", "['y']", "a*b*y", "[['1'], ['2']]", "'model'", "a = '1', b = '1'"}).answer == Ternary::no);
}

TEST_CASE("a point with an invertible Jacobian") {
    // eta ||g||^2 = 1 at x*, so another point has to serve: at (1, 0) the Jacobian of x - eta (a b - 1)(b, a) is
    // I - 4/17 ((0, 1)(0, 1)^T - (0 1; 1 0)) = (1 4/17; 4/17 13/17).
    ModelText text = factorisation;
    text.rate = "'4/17'";
    const Problem p = read(text);
    CHECK(p.scaled_gram(0, 0).known_one());
    const Finding at_sample = p.jacobian_invertible_somewhere(0);
    CHECK(at_sample.answer == Ternary::yes);
    CHECK(at_sample.reason == "at (1, 0): the Jacobian's determinant = 205/289");
    CHECK(p.jacobian_invertible_somewhere(std::nullopt).answer == Ternary::yes);

    // The same with a transcendental model, decided by intervals: eta ||g||^2 = 1 at x* = (2, 0), where g = (0, 2).
    const Problem q = read({"['a', 'b']", "['y']", "a*tanh(b*y)", "[['1']]", "'model'", "a = '2', b = '0'", "'1/4'"});
    CHECK(q.scaled_gram(0, 0).known_one());
    CHECK(q.jacobian_invertible_somewhere(0).answer == Ternary::yes);

    // Linear F with eta ||g||^2 = 1: the Jacobian is singular everywhere, and no point may be claimed.
    const Problem r = read({"['a', 'b']", "['y']", "a + 2*b*y", "[['1']]", "'model'", "a = '2', b = '0'", "'1/5'"});
    CHECK(r.jacobian_invertible_somewhere(0).answer == Ternary::undecided);
    const Problem s = read({"['a', 'b']", "['y']", "a*exp(y)", "[['1']]", "'model'", "a = '2', b = '0'", "'exp(-2)'"});
    CHECK(s.scaled_gram(0, 0).known_one());
    CHECK(s.jacobian_invertible_somewhere(0).answer == Ternary::undecided);

    const Problem one = read({"['a']", "['y']", "a*exp(y)", "[['1']]", "'model'", "a = '2'", "'exp(-2)'"});
    CHECK(one.jacobian_invertible_somewhere(0).answer == Ternary::undecided);

    // Full batch: eta/2 times the eigenvalue of G is 1, while no single sample is degenerate.
    const Problem t = read({"['a', 'b']", "['y', 'z']", "a*y + b*z", "[['1', '0'], ['0', '2']]", "'model'", "a = 0, b = 0", "'2'"});
    CHECK(t.jacobian_invertible_somewhere(0).answer == Ternary::yes);
    CHECK(t.jacobian_invertible_somewhere(1).answer == Ternary::yes);
    CHECK(t.jacobian_invertible_somewhere(std::nullopt).answer == Ternary::undecided);
}

TEST_CASE("duplicate data are allowed") {
    const Problem p = read({"['a', 'b']", "['y']", "a*b*y", "[['1'], ['1']]", "['1', '1']", "a = '2', b = '1/2'"});
    check_equal(p.gram, std::vector<Rational>(4, Rational(17, 4)));
}
