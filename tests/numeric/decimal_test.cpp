#include "lyapcert/numeric/decimal.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

TEST_CASE("literals are read exactly") {
    CHECK(parse_literal("12") == 12);
    CHECK(parse_literal("-12") == -12);
    CHECK(parse_literal("+7") == 7);
    CHECK(parse_literal("0") == 0);
    CHECK(parse_literal("0.1") == Rational(1, 10));
    CHECK(parse_literal("-1.5e-3") == Rational(-3, 2000));
    CHECK(parse_literal("1E2") == 100);
    CHECK(parse_literal("007") == 7);
    CHECK(parse_literal("0x1.8p-3") == Rational(3, 16));
    CHECK(parse_literal("-0xFFp0") == -255);
    CHECK(parse_literal("0x.8") == Rational(1, 2));
    CHECK(parse_literal("100000000000000000000000000000000000000001") == Rational(Integer("100000000000000000000000000000000000000001")));
    CHECK(parse_rational("1/3") == Rational(1, 3));
    CHECK(parse_rational("-0.2/7") == Rational(-1, 35));
    CHECK(parse_rational("2") == 2);
    Integer huge = pow(Integer(10), 5000);
    CHECK(parse_literal("1e5000") == Rational(huge));
    CHECK(parse_literal("1e-5000") == Rational(Integer(1), huge));
}

TEST_CASE("anything else is refused") {
    for (const char* text : {"",
                             " ",
                             ".",
                             "-",
                             "+",
                             "e5",
                             "1e",
                             "1e+",
                             "nan",
                             "inf",
                             "-inf",
                             "1 ",
                             " 1",
                             "1..2",
                             "1.2.3",
                             "0x",
                             "0xp1",
                             "1e5.5",
                             "--1",
                             "+-1",
                             "1,5",
                             "1e100001",
                             "1e-999999999999",
                             "0x1p100001",
                             "1f",
                             "one",
                             "1e5e5",
                             "\xff"})
        CHECK_THROWS_AS(parse_literal(text), std::invalid_argument);
    for (const char* text : {"1/0", "1/", "/2", "1/2/3", "1/0.0", "/", "1 / 2"}) CHECK_THROWS_AS(parse_rational(text), std::invalid_argument);
    CHECK_THROWS_AS(parse_literal("1/2"), std::invalid_argument);
}

TEST_CASE("random decimals agree with integer arithmetic") {
    Random random(21);
    for (int trial = 0; trial < trials(2000); ++trial) {
        const long digits_before = random.integer(0, 30);
        const long digits_after = random.integer(digits_before == 0 ? 1 : 0, 30);
        std::string before;
        std::string after;
        for (long k = 0; k < digits_before; ++k) before += static_cast<char>('0' + random.integer(0, 9));
        for (long k = 0; k < digits_after; ++k) after += static_cast<char>('0' + random.integer(0, 9));
        const long exponent = random.integer(-40, 40);
        const bool negative = random.chance(0.5);
        // Read digit by digit: "0..." would be octal to a constructor from strings.
        Integer mantissa = 0;
        for (char c : before + after) mantissa = mantissa * 10 + (c - '0');
        Rational expected(mantissa);
        for (long k = 0; k < std::abs(exponent - digits_after); ++k) {
            if (exponent - digits_after > 0)
                expected *= 10;
            else
                expected /= 10;
        }
        if (negative) expected = -expected;
        const std::string text =
            (negative ? "-" : "") + before + (digits_after > 0 || random.chance(0.1) ? "." : "") + after + "e" + std::to_string(exponent);
        INFO(text);
        CHECK(parse_literal(text) == expected);
    }
}

TEST_CASE("hexadecimal floats read back to the double") {
    Random random(22);
    for (int trial = 0; trial < trials(1000); ++trial) {
        const double x = random.finite();
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, "%a", x);
        CHECK(parse_literal(buffer) == rational_from_double(x));
    }
}

TEST_CASE("printing is outward and sharp") {
    Random random(23);
    for (int trial = 0; trial < trials(2000); ++trial) {
        const Interval d = random.interval();
        const MpInterval x = trial % 2 == 0 ? to_mp(d) : MpInterval(random.rational(1000000, 999), random.integer(10, 300));
        const int digits = static_cast<int>(random.integer(2, 60));
        const std::string low = lower_decimal(x.lower(), digits);
        const std::string high = upper_decimal(x.upper(), digits);
        INFO(low << " .. " << high);
        if (mpfr_inf_p(x.lower())) {
            CHECK(low == "-inf");
        } else {
            const Rational value = parse_literal(low);
            CHECK(mpfr_cmp_q(x.lower(), value.backend().data()) >= 0);
            const Rational other = parse_literal(upper_decimal(x.lower(), digits));  // the next number with so many digits, or the same
            CHECK(mpfr_cmp_q(x.lower(), other.backend().data()) <= 0);
            const Rational size = value < 0 ? Rational(-value) : value;
            CHECK(other - value <= size * 10 / Rational(pow(Integer(10), static_cast<unsigned>(digits - 1))));
        }
        if (mpfr_inf_p(x.upper()))
            CHECK(high == "inf");
        else
            CHECK(mpfr_cmp_q(x.upper(), parse_literal(high).backend().data()) <= 0);
        const DecimalInterval both = outward_decimals(x, 3, 40);
        if (!mpfr_inf_p(x.lower())) CHECK(mpfr_cmp_q(x.lower(), parse_literal(both.lower).backend().data()) >= 0);
        if (!mpfr_inf_p(x.upper())) CHECK(mpfr_cmp_q(x.upper(), parse_literal(both.upper).backend().data()) <= 0);
    }
}

TEST_CASE("outward decimals widen little") {
    Random random(24);
    for (int trial = 0; trial < trials(500); ++trial) {
        const Rational centre = random.rational(1000, 7) + Rational(1, 3);
        const Rational width = Rational(1) / Rational(pow(Integer(10), static_cast<unsigned>(random.integer(1, 25))));
        const MpInterval x(centre, centre + width, 200);
        const DecimalInterval d = outward_decimals(x, 2, 60);
        const Rational printed = parse_literal(d.upper) - parse_literal(d.lower);
        CHECK(printed >= width);
        CHECK(printed <= width * Rational(103, 100));
    }
}

TEST_CASE("special values print") {
    CHECK(lower_decimal(MpInterval().lower(), 10) == "0");
    CHECK(lower_decimal(MpInterval::everything().lower(), 10) == "-inf");
    CHECK(upper_decimal(MpInterval::everything().upper(), 10) == "inf");
    CHECK(lower_decimal(MpInterval(Rational(1, 2), 53).lower(), 10) == "0.5");
    CHECK(upper_decimal(MpInterval(Rational(1, 3), 53).upper(), 3) == "0.334");
    CHECK(lower_decimal(MpInterval(Rational(-1, 3), 53).lower(), 3) == "-0.334");
    CHECK(lower_decimal(MpInterval(Rational(1000), 53).lower(), 5) == "1000");
}

TEST_CASE("agreed digits are not overstated") {
    Random random(25);
    for (int trial = 0; trial < trials(500); ++trial) {
        const Rational x = random.rational(1000, 7);
        if (x.is_zero()) continue;
        const Rational width = Rational(1) / Rational(pow(Integer(10), static_cast<unsigned>(random.integer(1, 25))));
        const MpInterval enclosure(x, x + width, 200);
        const int digits = agreed_digits(enclosure);
        const Rational size = x < 0 ? Rational(-x) : x;
        if (digits > 0) CHECK(width <= (size + width) / Rational(pow(Integer(10), static_cast<unsigned>(digits))) * Rational(1001, 1000));
    }
    CHECK(agreed_digits(MpInterval(-1.0, 1.0)) == 0);
    CHECK(agreed_digits(MpInterval::everything()) == 0);
}
