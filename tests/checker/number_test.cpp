// The checker's numbers against exact rationals and against MPFR at much higher precision.
#include "checker/numbers/number.hpp"

#include <catch2/catch.hpp>
#include <cfenv>

#include "checker/numbers/outward.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "random.hpp"

using lyapcert::checker::Enclosure;
using lyapcert::checker::Outward;
using lyapcert::checker::Refused;
using Exact = lyapcert::checker::Rational;
namespace checker = lyapcert::checker;
using lyapcert::test::Random;
using lyapcert::test::trials;

namespace {

Exact exact(double x) { return Exact(x); }  // GMP converts doubles exactly
Exact exact(const lyapcert::Rational& x) { return Exact(x.str()); }

}  // namespace

TEST_CASE("literals mean what they say") {
    CHECK(checker::parse_rational("-12") == -12);
    CHECK(checker::parse_rational("+1/3") == Exact(1, 3));
    CHECK(checker::parse_rational("0.25e-3") == Exact(1, 4000));
    CHECK(checker::parse_rational("-0x1.8p-3") == Exact(-3, 16));
    CHECK(checker::parse_rational("1.5/0.25") == 6);
    CHECK(checker::parse_rational(".5") == Exact(1, 2));
    for (const char* bad : {"", "-", "--1", "1/", "/2", "1/0", "1/0x0", "1.2.3", "0x", "0xg", "1e", "1e+", "p1", "nan", "inf", "1 ", " 1", "1,5", "1/2/3", "1e9999999", "1e99999999999999999999", "0x1p", "1f"})
        CHECK_THROWS_AS(checker::parse_rational(bad), Refused);
    // The reader of the other floors is another piece of code.
    Random random(1);
    static const std::string alphabet = "0123456789.+-/eExXpPaf ";
    for (int trial = 0; trial < trials(20000); ++trial) {
        std::string text;
        for (long n = random.integer(1, 9); n > 0; --n) text += alphabet[static_cast<std::size_t>(random.integer(0, static_cast<long>(alphabet.size()) - 1))];
        Exact x;
        try {
            x = checker::parse_rational(text);
        } catch (const Refused&) {
            continue;
        }
        INFO(text);
        Exact other;
        try {
            other = exact(lyapcert::parse_rational(text));
        } catch (const std::exception&) {
            continue;  // narrower there: not a disagreement about the value
        }
        CHECK(other == x);
    }
}

namespace {

enum class Op { add, subtract, multiply, divide };

[[gnu::noinline]] Outward apply(Op op, const Outward& x, const Outward& y) {
    switch (op) {
        case Op::add: return x + y;
        case Op::subtract: return x - y;
        case Op::multiply: return x * y;
        default: return x / y;
    }
}

Exact apply(Op op, const Exact& x, const Exact& y) {
    switch (op) {
        case Op::add: return x + y;
        case Op::subtract: return x - y;
        case Op::multiply: return x * y;
        default: return x / y;
    }
}

// Anything below 2^500, often with few or no bits in common, subnormal or zero.
double operand(Random& random) {
    switch (random.integer(0, 6)) {
        case 0: return 0.0;
        case 1: return std::ldexp(static_cast<double>(random.integer(-1000, 1000)), -1074);
        case 2: return std::ldexp(random.uniform(-1.0, 1.0), 499);
        case 3: return static_cast<double>(random.integer(-9, 9));
        case 4: return std::ldexp(random.uniform(-1.0, 1.0), static_cast<int>(random.integer(-1074, 499)));
        default: return std::ldexp(random.uniform(-1.0, 1.0), static_cast<int>(random.integer(-40, 40)));
    }
}

Outward thin_or_wide(Random& random) {
    const double a = operand(random);
    const double b = random.chance(0.5) ? a : operand(random);
    return a <= b ? Outward(a, b) : Outward(b, a);
}

}  // namespace

TEST_CASE("outward arithmetic encloses in every rounding mode, with and without subnormal numbers") {
    constexpr unsigned flush_to_zero = 0x8000U;
    constexpr unsigned denormals_are_zero = 0x0040U;
    Random random(2);
    const unsigned before = lyapcert::detail::read_mxcsr();
    int failures = 0;
    for (int trial = 0; trial < trials(100000); ++trial) {
        const auto op = static_cast<Op>(random.integer(0, 3));
        const Outward x = thin_or_wide(random);
        Outward y = thin_or_wide(random);
        if (op == Op::divide) y = {std::ldexp(random.uniform(1.0, 2.0), static_cast<int>(random.integer(-199, 400))), 0.0}, y.hi = y.lo * random.uniform(1.0, 2.0);
        unsigned mode = before & ~0xE040U;
        mode |= static_cast<unsigned>(random.integer(0, 3)) << 13;
        if (random.chance(0.5)) mode |= flush_to_zero;
        if (random.chance(0.5)) mode |= denormals_are_zero;
        lyapcert::detail::write_mxcsr(mode);
        const Outward z = apply(op, x, y);
        lyapcert::detail::write_mxcsr(before);
        for (const double a : {x.lo, x.hi})
            for (const double b : {y.lo, y.hi}) {
                const Exact truth = apply(op, exact(a), exact(b));
                if (std::isfinite(z.lo) && exact(z.lo) > truth) ++failures;
                if (std::isfinite(z.hi) && exact(z.hi) < truth) ++failures;
                if (std::isnan(z.lo) || std::isnan(z.hi)) ++failures;
            }
    }
    CHECK(failures == 0);
}

namespace {

using Unary = Enclosure (*)(const Enclosure&);
struct Named {
    const char* name;
    Unary of_enclosure;
    int (*reference)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    double lo;
    double hi;
};

const Named unary[] = {
    {"exp", [](const Enclosure& x) { return checker::exp(x); }, mpfr_exp, -50.0, 50.0},
    {"log", [](const Enclosure& x) { return checker::log(x); }, mpfr_log, 1e-9, 1e6},
    {"sin", [](const Enclosure& x) { return checker::sine(x, false); }, mpfr_sin, -40.0, 40.0},
    {"cos", [](const Enclosure& x) { return checker::sine(x, true); }, mpfr_cos, -40.0, 40.0},
    {"atan", [](const Enclosure& x) { return checker::increasing(mpfr_atan, x); }, mpfr_atan, -40.0, 40.0},
    {"tanh", [](const Enclosure& x) { return checker::increasing(mpfr_tanh, x); }, mpfr_tanh, -40.0, 40.0},
    {"erf", [](const Enclosure& x) { return checker::increasing(mpfr_erf, x); }, mpfr_erf, -5.0, 5.0},
    {"abs", [](const Enclosure& x) { return checker::abs(x); }, mpfr_abs, -4.0, 4.0},
    {"sqrt", [](const Enclosure& x) { return checker::increasing(mpfr_sqrt, x); }, mpfr_sqrt, 0.0, 1e6},
    {"asin", [](const Enclosure& x) { return checker::increasing(mpfr_asin, x); }, mpfr_asin, -0.5, 0.5},
    {"sinh", [](const Enclosure& x) { return checker::increasing(mpfr_sinh, x); }, mpfr_sinh, -40.0, 40.0},
    {"asinh", [](const Enclosure& x) { return checker::increasing(mpfr_asinh, x); }, mpfr_asinh, -40.0, 40.0},
    {"acosh", [](const Enclosure& x) { return checker::increasing(mpfr_acosh, x); }, mpfr_acosh, 2.0, 1e6},
    {"atanh", [](const Enclosure& x) { return checker::increasing(mpfr_atanh, x); }, mpfr_atanh, -0.5, 0.5},
    {"log1p", [](const Enclosure& x) { return checker::increasing(mpfr_log1p, x); }, mpfr_log1p, -0.4, 1e6},
    {"negation", [](const Enclosure& x) { return -x; }, mpfr_neg, -40.0, 40.0},
    {"far sin", [](const Enclosure& x) { return checker::sine(x, false); }, mpfr_sin, -1e300, 1e300},
    {"far cos", [](const Enclosure& x) { return checker::sine(x, true); }, mpfr_cos, -1e300, 1e300},
};

// A random enclosure of this precision and a point of it.
std::pair<Enclosure, Exact> around(Random& random, double lo, double hi, long bits) {
    const double a = random.uniform(lo, hi);
    const double b = random.chance(0.4) ? a : random.chance(0.5) ? std::min(hi, a + std::ldexp(1.0, -static_cast<int>(random.integer(5, 50)))) : random.uniform(lo, hi);
    const Exact low = exact(std::min(a, b));
    const Exact high = exact(std::max(a, b));
    const Exact weight(random.integer(0, 1000), 1000L);
    Exact point = low + (high - low) * weight;
    return {Enclosure(low, high, bits), point};
}

}  // namespace

TEST_CASE("enclosures of functions contain the values at much higher precision") {
    Random random(3);
    mpfr_t reference;
    mpfr_init2(reference, 700);
    for (int trial = 0; trial < trials(8000); ++trial) {
        const Named& f = unary[random.integer(0, static_cast<long>(std::size(unary)) - 1)];
        const long bits = random.integer(2, 300);
        const auto [x, point] = around(random, f.lo, f.hi, bits);
        INFO(f.name << " at " << bits << " bits");
        const Enclosure y = f.of_enclosure(x);
        Enclosure aliased = x;
        aliased = f.of_enclosure(aliased);
        CHECK(mpfr_equal_p(aliased.lower(), y.lower()) != 0);
        CHECK(mpfr_equal_p(aliased.upper(), y.upper()) != 0);
        mpfr_set_q(reference, point.get_mpq_t(), MPFR_RNDN);
        f.reference(reference, reference, MPFR_RNDN);
        // The reference is right to about 2^-600; the enclosure may be a point there.
        const Exact value = checker::exactly(reference);
        const Exact slack = abs(value) * Exact(1, mpz_class(1) << 600) + Exact(1, mpz_class(1) << 700);
        CHECK(mpfr_cmp_q(y.lower(), Exact(value + slack).get_mpq_t()) <= 0);
        CHECK(mpfr_cmp_q(y.upper(), Exact(value - slack).get_mpq_t()) >= 0);
    }
    mpfr_clear(reference);
}

TEST_CASE("arithmetic of enclosures contains the exact results") {
    Random random(4);
    for (int trial = 0; trial < trials(20000); ++trial) {
        const auto op = static_cast<Op>(random.integer(0, 3));
        const auto [x, a] = around(random, -9.0, 9.0, random.integer(2, 100));
        const auto [y, b] = around(random, -9.0, 9.0, random.integer(2, 100));
        if (op == Op::divide && y.contains_zero()) {
            CHECK_THROWS_AS(x / y, Refused);
            continue;
        }
        const Enclosure z = op == Op::add ? x + y : op == Op::subtract ? x - y : op == Op::multiply ? x * y : x / y;
        const Exact value = apply(op, a, b);
        CHECK(mpfr_cmp_q(z.lower(), value.get_mpq_t()) <= 0);
        CHECK(mpfr_cmp_q(z.upper(), value.get_mpq_t()) >= 0);
        CHECK(z.bits() == std::max(x.bits(), y.bits()));
    }
}

TEST_CASE("undefined operations are refused") {
    const Enclosure zero(64);
    const Enclosure negative(Exact(-1), 64);
    CHECK_THROWS_AS(checker::log(negative), Refused);
    CHECK_THROWS_AS(checker::increasing(mpfr_sqrt, negative), Refused);
    CHECK_THROWS_AS(checker::increasing(mpfr_atanh, Enclosure(Exact(2), 64)), Refused);
    CHECK_THROWS_AS(checker::log(zero) - checker::log(zero), Refused);
    CHECK_THROWS_AS(checker::exactly(checker::log(zero).lower()), Refused);
    CHECK_THROWS_AS(checker::exp_below(Exact("1000000000000000000000"), 64), Refused);
    CHECK_THROWS_AS(checker::exp_above(Exact("-1000000000000000000000"), 64), Refused);
    CHECK(mpfr_inf_p(checker::log(Enclosure(Exact(0), Exact(1), 64)).lower()) != 0);
}

TEST_CASE("rational bounds of the exponential") {
    Random random(5);
    for (int trial = 0; trial < trials(300); ++trial) {
        const Exact x(random.integer(-3000, 3000), random.integer(1, 300));
        const Exact below = checker::exp_below(x, 100);
        const Exact above = checker::exp_above(x, 100);
        const Enclosure tight = checker::exp(Enclosure(x, 900));
        CHECK(checker::at_most(below, tight));
        CHECK(checker::at_least(above, tight));
        CHECK((above - below) * (mpz_class(1) << 80) <= above);
    }
}

TEST_CASE("an enclosure that is its own operand") {
    Random random(6);
    for (int trial = 0; trial < trials(3000); ++trial) {
        const auto op = static_cast<Op>(random.integer(0, 3));
        const auto [x, a] = around(random, -9.0, 9.0, random.integer(2, 100));
        if (op == Op::divide && x.contains_zero()) continue;
        Enclosure y = x;
        y = op == Op::add ? y + y : op == Op::subtract ? y - y : op == Op::multiply ? y * y : y / y;
        const Exact value = apply(op, a, a);
        CHECK(checker::at_most(checker::exactly(y.lower()), Enclosure(value, 2000)));
        CHECK(mpfr_cmp_q(y.lower(), value.get_mpq_t()) <= 0);
        CHECK(mpfr_cmp_q(y.upper(), value.get_mpq_t()) >= 0);
        const Enclosure& alias = y;
        y = alias;
        CHECK(mpfr_cmp_q(y.lower(), value.get_mpq_t()) <= 0);
    }
}

TEST_CASE("enclosures compare with rationals, and print their ends, exactly") {
    Random random(7);
    for (int trial = 0; trial < trials(3000); ++trial) {
        const auto [x, a] = around(random, -9.0, 9.0, random.integer(2, 100));
        const Exact low = checker::exactly(x.lower());
        const Exact high = checker::exactly(x.upper());
        const auto [other, b] = around(random, -9.0, 9.0, 60);
        static_cast<void>(other);
        for (const Exact& q : {low, high, Exact(low - Exact(1, mpz_class(1) << 200)), Exact(high + Exact(1, mpz_class(1) << 200)), b}) {
            CHECK(checker::at_most(q, x) == (q <= low));
            CHECK(checker::at_least(q, x) == (q >= high));
        }
        CHECK(low <= a);
        CHECK(high >= a);
        CHECK(x.sign() == (low > 0 ? 1 : high < 0 ? -1 : 0));
        CHECK(x.contains_zero() == (low <= 0 && high >= 0));
    }
    for (long bits = 2; bits < 300; ++bits) {
        const Enclosure pi = checker::pi(bits);
        const Enclosure finer = checker::pi(bits + 100);
        CHECK(mpfr_lessequal_p(pi.lower(), finer.lower()) != 0);
        CHECK(mpfr_greaterequal_p(pi.upper(), finer.upper()) != 0);
    }
}
