// Exact values for the tests of the bounds that are formulas.
#pragma once

#include <catch2/catch.hpp>

#include "lyapcert/exponent/raise_precision.hpp"
#include "products.hpp"

namespace lyapcert::test {

using Rows = std::vector<std::vector<Rational>>;

inline const Rational half(1, 2);

inline bool is_exactly_zero(const MpInterval& x) { return is_zero(x); }
inline bool is_minus_infinity(const MpInterval& x) { return mpfr_inf_p(x.lower()) && mpfr_inf_p(x.upper()) && mpfr_sgn(x.upper()) < 0; }

// The enclosures meet, and x is sharp to `precision` bits.
inline void check_value(const MpInterval& x, const MpInterval& expected, long precision) {
    CHECK_NOTHROW(intersect(x, expected));
    CHECK(is_sharp(x, precision - 4));
}

inline MpInterval log_of(const Rational& x) { return log(MpInterval(x, 400)); }
inline MpInterval times(const Rational& c, const MpInterval& x) { return MpInterval(c, 400) * x; }

}  // namespace lyapcert::test
