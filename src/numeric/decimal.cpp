#include "lyapcert/numeric/decimal.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace lyapcert {

namespace {

constexpr long max_exponent = 100000;  // a larger one is a typing error, and 10^(10^9) would fill the memory

[[noreturn]] void refuse(std::string_view text, const char* why) {
    throw std::invalid_argument("'" + std::string(text.substr(0, 60)) + "' " + why);
}

struct Cursor {
    std::string_view text;
    std::size_t at = 0;
    bool done() const { return at == text.size(); }
    char peek() const { return done() ? '\0' : text[at]; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at;
        return true;
    }
};

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

Integer integer_from_digits(const std::string& digits, int base) {
    Integer value;
    if (mpz_set_str(value.backend().data(), digits.c_str(), base) != 0) throw std::logic_error("digits");
    return value;
}

Integer integer_power(unsigned long base, unsigned long exponent) {
    Integer value;
    mpz_ui_pow_ui(value.backend().data(), base, exponent);
    return value;
}

// mantissa * base^exponent
Rational scaled(const Integer& mantissa, unsigned long base, long exponent) {
    const Integer power = integer_power(base, static_cast<unsigned long>(std::labs(exponent)));
    return exponent >= 0 ? Rational(mantissa * power) : Rational(mantissa, power);
}

std::string plain_or_scientific(bool negative, const std::string& digits, long point) {
    // value = 0.d1d2d3... * 10^point
    const long count = static_cast<long>(digits.size());
    std::string text;
    if (point > -5 && point <= 0) {
        text = "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    } else if (point > 0 && point <= 21) {
        if (point >= count)
            text = digits + std::string(static_cast<std::size_t>(point - count), '0');
        else
            text = digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
    } else {
        text = digits.substr(0, 1);
        if (count > 1) text += "." + digits.substr(1);
        text += "e" + std::to_string(point - 1);
    }
    return negative ? "-" + text : text;
}

std::string decimal(mpfr_srcptr x, int digits, mpfr_rnd_t direction) {
    if (mpfr_nan_p(x)) throw std::domain_error("NaN cannot be printed");
    if (mpfr_inf_p(x)) return mpfr_sgn(x) > 0 ? "inf" : "-inf";
    if (mpfr_zero_p(x)) return "0";
    mpfr_exp_t point = 0;
    char* raw = mpfr_get_str(nullptr, &point, 10, static_cast<std::size_t>(std::max(digits, 2)), x, direction);
    std::string text(raw);
    mpfr_free_str(raw);
    const bool negative = text[0] == '-';
    if (negative) text.erase(0, 1);
    // Trailing zeros carry no information here: the value is exactly what is printed.
    const std::size_t last = text.find_last_not_of('0');
    text.erase(last + 1);
    return plain_or_scientific(negative, text, point);
}

}  // namespace

Rational parse_literal(std::string_view text) {
    Cursor cursor{text};
    const bool negative = cursor.take('-') || (cursor.take('+') && false);
    int base = 10;
    if (cursor.peek() == '0' && cursor.at + 1 < text.size() && (text[cursor.at + 1] == 'x' || text[cursor.at + 1] == 'X')) {
        base = 16;
        cursor.at += 2;
    }
    std::string digits;
    long exponent = 0;
    bool point_seen = false;
    for (; !cursor.done(); ++cursor.at) {
        const char c = cursor.peek();
        if (c == '.' && !point_seen) {
            point_seen = true;
        } else if (digit_value(c) < base) {
            digits += c;
            if (point_seen) --exponent;
        } else {
            break;
        }
    }
    if (digits.empty()) refuse(text, "is not a number");
    if (base == 16) exponent *= 4;
    const char marker = static_cast<char>(std::tolower(static_cast<unsigned char>(cursor.peek())));
    if (marker == (base == 10 ? 'e' : 'p')) {
        ++cursor.at;
        const bool exponent_negative = cursor.take('-') || (cursor.take('+') && false);
        if (digit_value(cursor.peek()) > 9) refuse(text, "has an exponent without digits");
        long value = 0;
        for (; digit_value(cursor.peek()) <= 9; ++cursor.at) {
            value = 10 * value + digit_value(cursor.peek());
            if (value > max_exponent) refuse(text, "has an exponent beyond 100000");
        }
        exponent += exponent_negative ? -value : value;
    }
    if (!cursor.done()) refuse(text, "is not a number");
    const Integer mantissa = integer_from_digits(digits, base);
    const Rational value = scaled(mantissa, base == 10 ? 10 : 2, exponent);
    return negative ? Rational(-value) : value;
}

Rational parse_rational(std::string_view text) {
    const std::size_t bar = text.find('/');
    if (bar == std::string_view::npos) return parse_literal(text);
    const Rational numerator = parse_literal(text.substr(0, bar));
    const Rational denominator = parse_literal(text.substr(bar + 1));
    if (denominator.is_zero()) refuse(text, "divides by zero");
    return numerator / denominator;
}

std::string lower_decimal(mpfr_srcptr x, int digits) { return decimal(x, digits, MPFR_RNDD); }
std::string upper_decimal(mpfr_srcptr x, int digits) { return decimal(x, digits, MPFR_RNDU); }

DecimalInterval outward_decimals(const MpInterval& x, int min_digits, int max_digits) {
    int digits = max_digits;
    const double width = x.width_double();
    const double size = std::max(std::fabs(x.lower_double()), std::fabs(x.upper_double()));
    if (std::isfinite(width) && width > 0 && std::isfinite(size) && size > 0)
        digits = static_cast<int>(std::ceil(std::log10(size / width))) + 3;
    digits = std::clamp(digits, min_digits, max_digits);
    return {lower_decimal(x.lower(), digits), upper_decimal(x.upper(), digits)};
}

int agreed_digits(const MpInterval& x) {
    if (!mpfr_number_p(x.lower()) || !mpfr_number_p(x.upper()) || contains_zero(x)) return is_zero(x) ? 1000000 : 0;
    mpfr_t ratio;
    mpfr_init2(ratio, 64);
    mpfr_sub(ratio, x.upper(), x.lower(), MPFR_RNDU);
    if (mpfr_zero_p(ratio)) {
        mpfr_clear(ratio);
        return static_cast<int>(static_cast<double>(x.precision()) * 0.30102);
    }
    mpfr_div(ratio, ratio, mpfr_sgn(x.lower()) > 0 ? x.lower() : x.upper(), MPFR_RNDU);
    mpfr_abs(ratio, ratio, MPFR_RNDU);
    mpfr_log10(ratio, ratio, MPFR_RNDU);
    const double digits = -mpfr_get_d(ratio, MPFR_RNDU);
    mpfr_clear(ratio);
    return digits > 0 ? static_cast<int>(digits) : 0;
}

std::string exact_decimal(const Rational& x) {
    Integer denominator = boost::multiprecision::denominator(x);
    long twos = 0;
    long fives = 0;
    while (denominator % 2 == 0) denominator /= 2, ++twos;
    while (denominator % 5 == 0) denominator /= 5, ++fives;
    if (denominator != 1) throw std::invalid_argument("not a decimal: " + x.str());
    const auto places = static_cast<std::size_t>(std::max(twos, fives));
    Integer scaled = abs(boost::multiprecision::numerator(x));
    for (long k = twos; k < static_cast<long>(places); ++k) scaled *= 2;
    for (long k = fives; k < static_cast<long>(places); ++k) scaled *= 5;
    std::string digits = scaled.str();
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    if (places > 0) digits.insert(digits.size() - places, ".");
    return (x < 0 ? "-" : "") + digits;
}

}  // namespace lyapcert
