// Values and gradients of formulas against the expression floor, which has another parser, and derivatives by symbolic algebra.
#include "checker/problem/expression.hpp"

#include <catch2/catch.hpp>

#include "lyapcert/problem/expression.hpp"
#include "random.hpp"

namespace checker = lyapcert::checker;
using checker::Dual;
using checker::Rational;
using checker::Value;
using lyapcert::MpInterval;
using lyapcert::test::Random;
using lyapcert::test::trials;

namespace {

const std::vector<std::string> names = {"a", "b", "y"};
constexpr std::size_t parameters = 2;
constexpr long bits = 300;

std::string formula(Random& random, int depth) {
    static const char* functions[] = {"exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "sigmoid", "softplus"};
    if (depth == 0 || random.chance(0.1)) {
        switch (random.integer(0, 4)) {
            case 0: return names[0];
            case 1: return names[1];
            case 2: return names[2];
            case 3: return random.chance(0.2) ? "pi" : std::to_string(random.integer(0, 9));
            default: return std::to_string(random.integer(1, 9)) + "." + std::to_string(random.integer(0, 99));
        }
    }
    const auto sub = [&] { return formula(random, depth - 1); };
    switch (random.integer(0, 7)) {
        case 0: return sub() + " + " + sub();
        case 1: return sub() + " - " + sub();
        case 2: return "(" + sub() + ")*(" + sub() + ")";
        case 3: return "(" + sub() + ")/(" + sub() + ")";
        case 4: return "(" + sub() + ")^" + std::to_string(random.integer(0, 4));
        case 5: return random.chance(0.5) ? "-" + sub() : "(" + sub() + ")^(" + sub() + ")";
        case 6: return sub() + "*" + sub() + " + 1";
        default: return std::string(functions[random.integer(0, static_cast<long>(std::size(functions)) - 1)]) + "(" + sub() + ")";
    }
}

bool overlap(const Value& x, const MpInterval& y) {
    const checker::Enclosure e = x.enclosure(bits);
    return mpfr_lessequal_p(e.lower(), y.upper()) != 0 && mpfr_greaterequal_p(e.upper(), y.lower()) != 0;
}

std::vector<Dual> point(const std::vector<Rational>& x) {
    std::vector<Dual> symbols;
    for (std::size_t k = 0; k < x.size(); ++k) {
        Dual d{x[k], std::vector<Value>(parameters), k < parameters};
        if (k < parameters) d.gradient[k] = Rational(1);
        symbols.push_back(std::move(d));
    }
    return symbols;
}

}  // namespace

TEST_CASE("values agree with the other evaluator, gradients with difference quotients", "[T20]") {
    Random random(1);
    int compared = 0;
    for (int trial = 0; trial < trials(3000); ++trial) {
        const std::string text = formula(random, static_cast<int>(random.integer(1, 4)));
        INFO(text);
        std::vector<lyapcert::Rational> at;
        std::vector<Rational> own_at;
        for (int k = 0; k < 3; ++k) {
            at.push_back(random.rational(9, 7));
            own_at.emplace_back(at.back().str());
            own_at.back().canonicalize();
        }
        Dual own;
        try {
            own = checker::evaluate(checker::parse_expression(text, names), point(own_at), parameters, bits);
        } catch (const checker::Refused&) {
            continue;  // outside a domain, or at a place where the formula has no gradient
        }
        const lyapcert::Expression e = lyapcert::parse_expression(text, names);
        const auto other = [&](const std::vector<lyapcert::Rational>& x, long precision) {
            std::vector<MpInterval> symbols;
            for (const lyapcert::Rational& v : x) symbols.emplace_back(v, precision);
            return lyapcert::enclose(e, precision, symbols);
        };
        MpInterval value;
        try {
            value = other(at, bits);
        } catch (const std::domain_error&) {
            continue;  // 0^0 and the like: either may give up
        }
        ++compared;
        CHECK(overlap(own.value, value));
        if (const std::optional<lyapcert::Rational> exact = lyapcert::evaluate(e, at)) {
            REQUIRE(own.value.exact() != nullptr);
            CHECK(own.value.exact()->get_str() == exact->str());
        }
        // (F(x + h) - F(x - h)) / 2h with h = 2^-300: off by |F'''| h^2, far below 2^-200 here unless F is wild.
        for (std::size_t p = 0; p < parameters; ++p) {
            lyapcert::Integer power = 1;
            power <<= 300;
            const lyapcert::Rational h = lyapcert::Rational(1) / lyapcert::Rational(power);
            std::vector<lyapcert::Rational> right = at;
            std::vector<lyapcert::Rational> left = at;
            right[p] += h;
            left[p] -= h;
            try {
                const MpInterval quotient = (other(right, 2000) - other(left, 2000)) * MpInterval(lyapcert::Rational(power) / 2, 2000);
                const MpInterval tolerance = (abs(quotient) + MpInterval(lyapcert::Rational(1), 2000)) * MpInterval(lyapcert::Rational(-1, 1000000000), lyapcert::Rational(1, 1000000000), 2000);
                CHECK(overlap(own.gradient[p], quotient + tolerance));
            } catch (const std::domain_error&) {
                continue;  // at the edge of a domain
            }
        }
    }
    CHECK(compared > trials(3000) / 3);
}

TEST_CASE("no gradient where the formula has none, even if that of the operand vanishes", "[T20]") {
    const auto at_zero = [](const char* text) { return checker::evaluate(checker::parse_expression(text, names), point({0, 0, 1}), parameters, bits); };
    for (const char* text : {"sqrt(a^2)", "(a^2)^(1/2)", "sqrt(a)", "a^(3/2)", "a^pi", "acosh(1 + a^2)", "asin(1 - a^2)", "acos(a^4 - 1)", "(-1)^(a^2)", "0^(1 + a^2)", "sqrt(a*b)", "atanh(1 - a^2)"}) {
        INFO(text);
        CHECK_THROWS_AS(at_zero(text), checker::Refused);
    }
    for (const char* text : {"sqrt(1 + a^2)", "a^2", "a^1", "(1 + a^2)^(1/3)", "sqrt(0)*a", "0^(3/2) + a", "acosh(y)*a", "asin(y)*a", "2^(a^2)", "log(1 + a^2)"}) {
        INFO(text);
        CHECK_NOTHROW(at_zero(text));
    }
    CHECK_THROWS_AS(checker::constant("atanh(1)", bits), checker::Refused);
    CHECK_THROWS_AS(checker::constant("1/atanh(-1)", bits), checker::Refused);
    CHECK_THROWS_AS(checker::constant("tanh(atanh(1))", bits), checker::Refused);
}

TEST_CASE("garbage is refused, never a crash", "[T20]") {
    Random random(2);
    static const std::vector<std::string> pieces = {"a", "b", "y", "1", "0x1p", ".", "e", "(", ")", "+", "-", "*", "**", "/", "^", "exp", "sin(", "pi", " ", "foo", "1e5", ",", "\t", "\xc3"};
    for (int trial = 0; trial < trials(20000); ++trial) {
        std::string text;
        for (long n = random.integer(0, 8); n > 0; --n) text += pieces[static_cast<std::size_t>(random.integer(0, static_cast<long>(pieces.size()) - 1))];
        try {
            checker::parse_expression(text, names);
        } catch (const checker::Refused&) {
            continue;
        }
        INFO(text);
        std::string complaint;
        try {
            lyapcert::parse_expression(text, names);
        } catch (const lyapcert::ExpressionError& error) {
            complaint = error.what();
        }
        // There, powers of numbers are worked out while reading.
        CHECK((complaint.empty() || complaint.find("too large") != std::string::npos));
    }
    CHECK_THROWS_AS(checker::parse_expression(std::string(100000, '('), names), checker::Refused);
    CHECK_THROWS_AS(checker::parse_expression(std::string(100000, '-') + "1", names), checker::Refused);
    std::string chain = "a";
    for (int k = 0; k < 100000; ++k) chain += "+a";
    // Long chains are no deep trees, in either reader.
    std::vector<checker::Dual> symbols(names.size());
    for (checker::Dual& x : symbols) x.value = checker::Rational(1);
    CHECK(checker::evaluate(checker::parse_expression(chain, names), symbols, 0, 64).value.is(100001));
    CHECK(lyapcert::parse_expression(chain, names).kind() == lyapcert::Expression::Kind::sum);
    std::string quotients = "a";
    for (int k = 0; k < 1000; ++k) quotients += k % 2 == 0 ? "/2" : "*2";
    CHECK(checker::evaluate(checker::parse_expression(quotients, names), symbols, 0, 64).value.is(1));
    const std::string longest(1000001, '1');
    CHECK_THROWS_AS(checker::parse_expression(longest, names), checker::Refused);
    CHECK_THROWS_AS(lyapcert::parse_expression(longest, names), lyapcert::ExpressionError);
    std::string tower = "2";
    for (int k = 0; k < 50; ++k) tower = "(" + tower + ")^9";
    CHECK_THROWS_AS(checker::constant(tower, 128), checker::Refused);
}

namespace {

checker::Syntax syntax() { return checker::Syntax(parameters, {Value(Rational(1, 2))}, 128); }

bool analytic(const std::string& text) { return syntax().analytic(checker::parse_expression(text, names)); }

std::optional<Rational> degree(const std::string& text, const Rational& a, const Rational& b) { return syntax().degree(checker::parse_expression(text, names), {a, b}); }

bool affine_in_a(const std::string& text) { return syntax().affine(checker::parse_expression(text, names), {true, false}); }

}  // namespace

TEST_CASE("what is analytic on all of R^D", "[T20]") {
    for (const char* text : {"a*b*y", "tanh(a)*exp(b)", "1/(1 + a^2)", "sqrt(1 + a^2*b^4)", "log(2 + cosh(a))", "(1 + a^2)^(1/3)", "softplus(a)^(-1/2)", "a^3", "sqrt(y)*a", 
                             "1/(exp(a) + y)", "atan(a)/cosh(b)",
                             "1/(-(1 + a^2)*exp(b))", "sqrt((1 + a^2)/(2 + cosh(b)))", "1/(1 + a^2/(1 + b^2))", "log(1 + a^2*b^2)", "1/(-exp(a) - 1)"})
        CHECK(analytic(text));
    for (const char* text : {"1/a", "sqrt(a)", "sqrt(a^2)", "log(a)", "log(a^2)", "a^(1/3)", "tan(a)", "asin(a)", "atanh(a)", "1/sin(a)", "1/(a^2)", "1/(1 - a^2)", "a^b", "a^(-1)", "sqrt(1 + a)", "1/tanh(a)",
                             "1/(1 + (1 + b^2)/a^2)", "sqrt(a^2*exp(b))", "1/(1 - exp(a))", "1/(a^2*b^2)", "log(1 - a^2)", "sqrt(1 + a*b)", "1/(1 + a^2*(-exp(b)))"})
        CHECK(!analytic(text));
}

TEST_CASE("degrees of homogeneity", "[T20]") {
    CHECK(degree("a*b*y", 1, 2) == Rational(3));
    CHECK(degree("a^3/b + a*b", 1, 1) == Rational(2));
    CHECK(degree("a^2*tanh(b) + 3*a^2", 1, 0) == Rational(2));
    CHECK(degree("-(a^(3/2))", 2, 1) == Rational(3));
    CHECK(!degree("a + b", 1, 2));
    CHECK(!degree("exp(a)", 1, 0));
    CHECK(!degree("a + 1", 1, 0));
}

TEST_CASE("affine in the chosen parameters, with coefficients free of all parameters", "[T20]") {
    CHECK(affine_in_a("3*a*y + b^2 + exp(b)"));
    CHECK(affine_in_a("-(a - 2)/y + b"));
    CHECK(affine_in_a("sin(b)"));
    CHECK(!affine_in_a("a*b"));
    CHECK(!affine_in_a("a^2"));
    CHECK(!affine_in_a("a^1"));  // not seen
    CHECK(!affine_in_a("exp(a)"));
    CHECK(!affine_in_a("y/a"));
}
