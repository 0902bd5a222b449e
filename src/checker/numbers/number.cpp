#include "checker/numbers/number.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace lyapcert::checker {

namespace {

constexpr long most_digits = 1000000;  // of a literal, and of its exponent's power
constexpr long most_exponent = 1L << 24;  // of an end that becomes rational: MPFR goes up to 2^(2^30)
constexpr long most_turns = 1L << 17;     // the exponent up to which arguments of sine are reduced

// The schoolbook cost of bits, in units of WorkLimit.
double cost(long bits, double scale) { return 100.0 + static_cast<double>(bits) * std::sqrt(static_cast<double>(bits)) * scale; }

[[noreturn]] void not_a_number(std::string_view text) {
    throw Refused("'" + std::string(text.substr(0, 40)) + "' is not a number");
}

Rational power(unsigned base, long exponent) {
    if (exponent > most_digits || exponent < -most_digits) throw Refused("an exponent is too large");
    mpz_class p;
    mpz_ui_pow_ui(p.get_mpz_t(), base, static_cast<unsigned long>(exponent < 0 ? -exponent : exponent));
    return exponent < 0 ? Rational(1, p) : Rational(p);
}

// An unsigned decimal or hexadecimal literal.
Rational parse_literal(std::string_view text) {
    const std::string_view all = text;
    const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (hex) text.remove_prefix(2);
    std::string digits;
    long places = 0;
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c == '.' && !point) {
            point = true;
        } else if (hex ? std::isxdigit(c) != 0 : std::isdigit(c) != 0) {
            digits += static_cast<char>(c);
            places += point ? 1 : 0;
        } else {
            break;
        }
    }
    if (digits.empty() || static_cast<long>(digits.size()) > most_digits) not_a_number(all);
    long exponent = 0;
    if (at < text.size()) {
        const int mark = std::tolower(static_cast<unsigned char>(text[at++]));
        if (mark != (hex ? 'p' : 'e')) not_a_number(all);
        const bool negative = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        if (at == text.size() || text.size() - at > 9) not_a_number(all);
        for (; at < text.size(); ++at) {
            if (std::isdigit(static_cast<unsigned char>(text[at])) == 0) not_a_number(all);
            exponent = 10 * exponent + (text[at] - '0');
        }
        if (negative) exponent = -exponent;
    }
    const Rational mantissa(mpz_class(digits, hex ? 16 : 10));
    return hex ? mantissa * power(2, exponent - 4 * places) : mantissa * power(10, exponent - places);
}

}  // namespace

thread_local double WorkLimit::left_ = std::numeric_limits<double>::infinity();

void charge(double units) {
    if ((WorkLimit::left_ -= units) < 0.0) throw Refused("the certificate asks for too much work");
}

std::size_t size_in_bits(const Rational& x) { return mpz_sizeinbase(x.get_num_mpz_t(), 2) + mpz_sizeinbase(x.get_den_mpz_t(), 2); }

void charge(const Rational& x, const Rational& y) { charge(cost(static_cast<long>(size_in_bits(x) + size_in_bits(y)), 0.1)); }

Rational parse_rational(std::string_view text) {
    const std::string_view all = text;
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    const std::size_t slash = text.find('/');
    Rational x = parse_literal(text.substr(0, slash));
    if (slash != std::string_view::npos) {
        const Rational divisor = parse_literal(text.substr(slash + 1));
        if (sgn(divisor) == 0) not_a_number(all);
        x /= divisor;
    }
    return negative ? Rational(-x) : x;
}

Enclosure::Enclosure(long bits) {
    mpfr_inits2(bits, lower_, upper_, static_cast<mpfr_ptr>(nullptr));
    mpfr_set_zero(lower_, 1);
    mpfr_set_zero(upper_, 1);
}

Enclosure::Enclosure(const Rational& lower, const Rational& upper, long bits) : Enclosure(bits) {
    mpfr_set_q(lower_, lower.get_mpq_t(), MPFR_RNDD);
    mpfr_set_q(upper_, upper.get_mpq_t(), MPFR_RNDU);
}

Enclosure::Enclosure(const Enclosure& other) : Enclosure(other.bits()) {
    mpfr_set(lower_, other.lower_, MPFR_RNDD);
    mpfr_set(upper_, other.upper_, MPFR_RNDU);
}

Enclosure& Enclosure::operator=(const Enclosure& other) {
    if (this == &other) return *this;
    mpfr_set_prec(lower_, other.bits());
    mpfr_set_prec(upper_, other.bits());
    mpfr_set(lower_, other.lower_, MPFR_RNDD);
    mpfr_set(upper_, other.upper_, MPFR_RNDU);
    return *this;
}

Enclosure::~Enclosure() { mpfr_clears(lower_, upper_, static_cast<mpfr_ptr>(nullptr)); }

int Enclosure::sign() const { return mpfr_sgn(lower_) > 0 ? 1 : mpfr_sgn(upper_) < 0 ? -1 : 0; }

const Enclosure& Enclosure::valid() const {
    if (mpfr_nan_p(lower_) || mpfr_nan_p(upper_)) throw Refused("an operation has no real result");
    return *this;
}

namespace {

Enclosure result_of(const Enclosure& x, const Enclosure& y) {
    const long bits = std::max(x.bits(), y.bits());
    charge(cost(bits, 0.03));
    return Enclosure(bits);
}

}  // namespace

Enclosure operator+(const Enclosure& x, const Enclosure& y) {
    Enclosure r = result_of(x, y);
    mpfr_add(r.lower_end(), x.lower(), y.lower(), MPFR_RNDD);
    mpfr_add(r.upper_end(), x.upper(), y.upper(), MPFR_RNDU);
    return r.valid();
}

Enclosure operator-(const Enclosure& x, const Enclosure& y) {
    Enclosure r = result_of(x, y);
    mpfr_sub(r.lower_end(), x.lower(), y.upper(), MPFR_RNDD);
    mpfr_sub(r.upper_end(), x.upper(), y.lower(), MPFR_RNDU);
    return r.valid();
}

Enclosure operator-(const Enclosure& x) {
    Enclosure r(x.bits());
    mpfr_neg(r.lower_end(), x.upper(), MPFR_RNDD);
    mpfr_neg(r.upper_end(), x.lower(), MPFR_RNDU);
    return r;
}

Enclosure operator*(const Enclosure& x, const Enclosure& y) {
    Enclosure r = result_of(x, y);
    Enclosure candidate(r.bits());
    bool first = true;
    for (mpfr_srcptr a : {x.lower(), x.upper()})
        for (mpfr_srcptr b : {y.lower(), y.upper()}) {
            mpfr_mul(candidate.lower_end(), a, b, MPFR_RNDD);
            mpfr_mul(candidate.upper_end(), a, b, MPFR_RNDU);
            candidate.valid();
            if (first || mpfr_less_p(candidate.lower(), r.lower())) mpfr_set(r.lower_end(), candidate.lower(), MPFR_RNDD);
            if (first || mpfr_greater_p(candidate.upper(), r.upper())) mpfr_set(r.upper_end(), candidate.upper(), MPFR_RNDU);
            first = false;
        }
    return r;
}

Enclosure operator/(const Enclosure& x, const Enclosure& y) {
    if (y.contains_zero()) throw Refused("a divisor is not proved to be non-zero");
    Enclosure inverse(y.bits());
    mpfr_ui_div(inverse.lower_end(), 1, y.upper(), MPFR_RNDD);
    mpfr_ui_div(inverse.upper_end(), 1, y.lower(), MPFR_RNDU);
    return x * inverse;
}

Enclosure abs(const Enclosure& x) {
    if (mpfr_sgn(x.lower()) >= 0) return x;
    if (mpfr_sgn(x.upper()) <= 0) return -x;
    Enclosure r = -x;
    if (mpfr_greater_p(x.upper(), r.upper())) mpfr_set(r.upper_end(), x.upper(), MPFR_RNDU);
    mpfr_set_zero(r.lower_end(), 1);
    return r;
}

Enclosure increasing(MpfrFunction* f, const Enclosure& x) {
    const auto bits = static_cast<double>(x.bits());
    charge(f == mpfr_erf ? 1000.0 + bits * bits / 5.0 : cost(x.bits(), 1.0));
    Enclosure r(x.bits());
    f(r.lower_end(), x.lower(), MPFR_RNDD);
    f(r.upper_end(), x.upper(), MPFR_RNDU);
    return r.valid();
}

Enclosure exp(const Enclosure& x) { return increasing(mpfr_exp, x); }
Enclosure log(const Enclosure& x) { return increasing(mpfr_log, x); }

Enclosure pi(long bits) {
    Enclosure r(bits);
    mpfr_const_pi(r.lower_end(), MPFR_RNDD);
    mpfr_const_pi(r.upper_end(), MPFR_RNDU);
    return r;
}

// sin x lies within |x - m| of sin m.
Enclosure sine(const Enclosure& x, bool cosine) {
    charge(cost(x.bits(), 1.0));
    if (mpfr_number_p(x.lower()) && !mpfr_zero_p(x.lower()) && mpfr_get_exp(x.lower()) > most_turns) return Enclosure(-1, 1, x.bits());
    Enclosure m(x.bits());
    mpfr_set(m.lower_end(), x.lower(), MPFR_RNDD);
    mpfr_set(m.upper_end(), x.lower(), MPFR_RNDU);
    Enclosure r(x.bits());
    (cosine ? mpfr_cos : mpfr_sin)(r.lower_end(), x.lower(), MPFR_RNDD);
    (cosine ? mpfr_cos : mpfr_sin)(r.upper_end(), x.lower(), MPFR_RNDU);
    const Enclosure spread = x - m;
    return r.valid() + Enclosure(-1, 1, x.bits()) * spread;
}

Rational exactly(mpfr_srcptr x) {
    if (!mpfr_number_p(x)) throw Refused("a finite number was expected");
    if (!mpfr_zero_p(x) && (mpfr_get_exp(x) > most_exponent || mpfr_get_exp(x) < -most_exponent)) throw Refused("a number is too large or too close to zero");
    Rational q;
    mpfr_get_q(q.get_mpq_t(), x);
    return q;
}

bool at_most(const Rational& x, const Enclosure& y) { return mpfr_cmp_q(y.lower(), x.get_mpq_t()) >= 0; }
bool at_least(const Rational& x, const Enclosure& y) { return mpfr_cmp_q(y.upper(), x.get_mpq_t()) <= 0; }

Rational exp_below(const Rational& x, long bits) { return exactly(exp(Enclosure(x, bits)).lower()); }
Rational exp_above(const Rational& x, long bits) { return exactly(exp(Enclosure(x, bits)).upper()); }

}  // namespace lyapcert::checker
