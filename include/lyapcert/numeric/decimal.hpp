// Decimals in and out: exact reading, outward printing.
#pragma once

#include <string>
#include <string_view>

#include "lyapcert/numeric/interval.hpp"
#include "lyapcert/numeric/mp_interval.hpp"
#include "lyapcert/numeric/rational.hpp"

namespace lyapcert {

// Reads an unsigned or signed numeric literal exactly: integers "12", decimals "0.1" "-1.5e-3", C99 hex floats "0x1.8p-3".
// Throws std::invalid_argument with a reason for anything else (including "nan", "inf", a lone point, blanks, an
// exponent beyond +-100000).
Rational parse_literal(std::string_view text);

// The same plus one division bar: "1/3", "-0.2/7". Throws std::invalid_argument.
Rational parse_rational(std::string_view text);

// Decimal strings with `digits` significant digits, rounded toward -infinity / +infinity: they read back to a number
// not above / not below x. Infinite values print as "inf" / "-inf".
std::string lower_decimal(mpfr_srcptr x, int digits);
std::string upper_decimal(mpfr_srcptr x, int digits);
// With enough digits that rounding outward widens the interval by no more than about a hundredth of its width, at least
// `min_digits`, at most `max_digits`.
struct DecimalInterval {
    std::string lower;
    std::string upper;
};
DecimalInterval outward_decimals(const MpInterval& x, int min_digits, int max_digits);

// The decimal that is exactly x, whose denominator has no other prime factors than 2 and 5. Throws std::invalid_argument for others.
std::string exact_decimal(const Rational& x);

// Number of significant decimal digits in which both endpoints agree after outward rounding (0 when none).
int agreed_digits(const MpInterval& x);

}  // namespace lyapcert
