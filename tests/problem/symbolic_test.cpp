#include <catch2/catch.hpp>

#include <random>
#include <thread>

#include "problem/symbolic.hpp"

using namespace lyapcert;
using namespace lyapcert::symbolic;

namespace {

Real number(const std::string& text) {
    const AlgebraLock lock;
    return to_real(value_at(parse_expression(text, {}), {}));
}

std::string error(const std::string& text) {
    try {
        number(text);
    } catch (const ExpressionError& e) {
        return e.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("closed forms with a rational value are recognised, with proof") {
    const std::pair<const char*, Rational> cases[] = {
        {"sqrt(2)^2", 2},
        {"sqrt(2)*sqrt(3) - sqrt(6)", 0},
        {"1/(1+sqrt(2)) - sqrt(2)", -1},
        {"sqrt(12)/sqrt(3)", 2},
        {"10^(1/2)*10^(1/2)", 10},
        {"3^(1/3)*9^(1/3)", 3},
        {"exp(1)*exp(-1)", 1},
        {"exp(2*log(3))", 9},
        {"tanh(1)^2/tanh(1)^2", 1},
        {"tanh(1)^2 + 1/cosh(1)^2", 1},
        {"tanh(2) - 2*tanh(1)/(1+tanh(1)^2)", 0},
        {"sinh(1)^2 - cosh(1)^2", -1},
        {"tanh(atanh(1/2))", Rational(1, 2)},
        {"atanh(1/2) - log(3)/2", 0},
        {"asinh(1) - log(1+sqrt(2))", 0},
        {"acosh(2) - log(2+sqrt(3))", 0},
        {"cosh(asinh(2)) - sqrt(5)", 0},
        {"sigmoid(2) + sigmoid(-2)", 1},
        {"sigmoid(log(2))", Rational(2, 3)},
        {"sigmoid(0)", Rational(1, 2)},
        {"softplus(1) - log(1+exp(1))", 0},
        {"softplus(1) - softplus(-1)", 1},
        {"erf(1) + erf(-1)", 0},
        {"sin(1)^2 + cos(1)^2", 1},
        {"tan(1)*cos(1)/sin(1)", 1},
        {"cos(pi/3)", Rational(1, 2)},
        {"log(6) - log(2) - log(3)", 0},
        {"log(sqrt(8)) - 3/2*log(2)", 0},
        {"sqrt(exp(1)*exp(-1) - 1)", 0},
        {"pi - pi", 0},
        {"0^(1/2)", 0},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        const Real x = number(text);
        REQUIRE(x.is_rational());
        CHECK(x.rational() == expected);
    }
}

TEST_CASE("near misses are not taken for rational numbers") {
    for (const char* text : {"sqrt(2)", "pi", "exp(1)/3", "tanh(1)^2 + 1/cosh(1)^2 + exp(-100)", "1 + exp(-200)", "sqrt(1+1/10^60)",
                             "sqrt(2)*sqrt(3) - sqrt(6) + 1/10^80*pi", "exp(pi*sqrt(163)) - 640320^3 - 744"}) {
        CAPTURE(text);
        CHECK_FALSE(number(text).is_rational());
    }
    // An enclosure that meets a simple rational is no proof.
    CHECK_FALSE(number("1 + exp(-100000)").is_rational());
    CHECK(number("exp(-100000)").is_zero(100) == Ternary::no);
    CHECK(number("exp(pi*sqrt(163)) - 640320^3 - 744").is_zero() == Ternary::no);
}

TEST_CASE("numbers that are not real are refused although algebra would hide it") {
    for (const char* text : {"sqrt(-1)", "sqrt(-1)^2", "log(-1)", "exp(log(-1))", "log(0)", "acosh(0)", "asin(2)", "acos(-2)", "atanh(1)",
                             "atanh(-3)", "tan(pi/2)", "(-2)^pi", "(1-2)^(1/3)", "0*log(-1)", "sqrt(-1) - sqrt(-1)", "(sqrt(2)-2)^(1/2)"}) {
        CAPTURE(text);
        CHECK(error(text).find("real number") != std::string::npos);
    }
    for (const char* text : {"1/(sqrt(2)^2-2)", "1/(exp(1)*exp(-1)-1)", "0/(tanh(1)^2+1/cosh(1)^2-1)", "sin(0)^(-1)"}) {
        CAPTURE(text);
        CHECK(error(text).find("division by zero") != std::string::npos);
    }
    CHECK(error("1/(sin(2)-2*sin(1)*cos(1))").find("cannot prove") != std::string::npos);
    CHECK(error("(sqrt(2)+1)^(10^7)").find("exponent is too large") != std::string::npos);
    CHECK(error("(2*sqrt(2))^(10^6)") == "accepted");
    CHECK(error("((10*sqrt(2))^(10^6))^(10^6)").find("too large") != std::string::npos);
}

TEST_CASE("interior points only where derivatives are taken") {
    const AlgebraLock lock;
    const std::vector<std::string> names{"a", "y"};
    const auto outcome = [&](const char* text, int a, int y) -> std::string {
        try {
            value_at(parse_expression(text, names), {a, y}, 1);
            return "accepted";
        } catch (const ExpressionError& e) {
            return e.what();
        }
    };
    CHECK(outcome("sqrt(a)", 0, 0).find("not differentiable") == 0);
    CHECK(outcome("sqrt(a)*sqrt(a)", 0, 0).find("not differentiable") == 0);
    CHECK(outcome("sqrt(y)*a", 0, 0) == "accepted");
    CHECK(outcome("asin(a)", 1, 0).find("not differentiable") == 0);
    CHECK(outcome("asin(y)*a", 1, 1) == "accepted");
    CHECK(outcome("acosh(a)", 1, 0).find("not differentiable") == 0);
    CHECK(outcome("(-2)^a", 2, 0).find("not a real number") == 0);
    CHECK(outcome("(-2)^y*a", 0, 2) == "accepted");
    CHECK(outcome("a^y", -2, 3) == "accepted");
}

TEST_CASE("terms are enclosed without floating-point evaluation") {
    const AlgebraLock lock;
    const GiNaC::symbol x("x");
    const GiNaC::ex term = GiNaC::pow(GiNaC::sin(x), 2) / 3 + GiNaC::exp(-x * x) * GiNaC::Pi + GiNaC::sqrt(1 + x * x);
    const MpInterval at_one = enclose(term, 200, {x}, {MpInterval(Rational(1), 200)});
    // sin(1)^2/3 + pi/e + sqrt(2), computed with 30 digits.
    CHECK(at_one.lower_double() == Approx(2.8059611));
    CHECK(at_one.width_double() < 1e-55);
    CHECK_THROWS_AS(enclose(GiNaC::ex(GiNaC::numeric(0.1)), 53), ExpressionError);
    CHECK_THROWS_AS(enclose(GiNaC::ex(GiNaC::I), 53), ExpressionError);
    CHECK_THROWS_AS(enclose(GiNaC::tgamma(x), 53, {x}, {MpInterval(Rational(1), 53)}), ExpressionError);
    CHECK_THROWS_AS(enclose(GiNaC::ex(GiNaC::symbol("unknown")), 53), ExpressionError);
    CHECK_THROWS_AS(enclose(GiNaC::ex(GiNaC::Euler), 53), ExpressionError);
}

TEST_CASE("rationals survive the way to GiNaC and back") {
    const AlgebraLock lock;
    std::mt19937_64 generator(5);
    for (int round = 0; round < 300; ++round) {
        Integer n = 1;
        Integer d = 1;
        for (std::size_t k = 0; k < generator() % 8; ++k) n = n * Integer(generator()) + 1;
        for (std::size_t k = 0; k < generator() % 8; ++k) d = d * Integer(generator()) + 1;
        const Rational x = Rational(generator() % 2 == 0 ? n : Integer(-n), d);
        REQUIRE(to_rational(to_numeric(x)) == x);
    }
    CHECK(to_rational(to_numeric(0)) == 0);
    CHECK(to_rational(to_numeric(Rational(-1, 3))) == Rational(-1, 3));
}

TEST_CASE("random identities: (sum of atoms)^2 expanded by hand is a proved zero, and nothing else is") {
    const AlgebraLock lock;
    const std::vector<std::string> atoms{"sqrt(2)", "exp(1)", "tanh(1/2)", "log(3)", "pi", "sin(1)", "sigmoid(1/3)", "erf(2)"};
    std::mt19937_64 generator(9);
    for (int round = 0; round < 100; ++round) {
        const std::string u = atoms[generator() % atoms.size()];
        const std::string v = atoms[generator() % atoms.size()];
        const std::string c = std::to_string(generator() % 7 + 1) + "/" + std::to_string(generator() % 5 + 1);
        const std::string identity =
            "(" + u + "+" + c + "*" + v + ")^2 - (" + u + ")^2 - 2*" + c + "*" + u + "*" + v + " - (" + c + ")^2*(" + v + ")^2";
        CAPTURE(identity);
        CHECK(proved_zero(value_at(parse_expression(identity, {}), {})));
        CHECK_FALSE(proved_zero(value_at(parse_expression(identity + " + 1/10^30", {}), {})));
        CHECK_FALSE(proved_zero(value_at(parse_expression(identity + " + exp(-100)", {}), {})));
    }
}

TEST_CASE("numbers are evaluated by several threads while others read") {
    const Real x = number("exp(sqrt(2)) + tanh(1/3)*pi");
    const MpInterval expected = x.at(256);
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (std::size_t t = 0; t < wrong.size(); ++t)
        threads.emplace_back([&, t] {
            for (int round = 0; round < 200; ++round) {
                const Real copy = t % 2 == 0 ? x : number("exp(sqrt(2)) + tanh(1/3)*pi");
                const MpInterval y = copy.at(256);
                if (!mpfr_equal_p(y.lower(), expected.lower()) || !mpfr_equal_p(y.upper(), expected.upper())) ++wrong[t];
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
}
