// Exact rational numbers (GMP through Boost.Multiprecision, without expression templates so that `auto` is safe).
#pragma once

#include <boost/multiprecision/gmp.hpp>

namespace lyapcert {

using Integer = boost::multiprecision::number<boost::multiprecision::gmp_int, boost::multiprecision::et_off>;
using Rational = boost::multiprecision::number<boost::multiprecision::gmp_rational, boost::multiprecision::et_off>;

// The double itself, exactly; throws std::invalid_argument when it is not finite.
Rational rational_from_double(double x);

inline bool is_zero(const Rational& x) { return x.is_zero(); }
inline int sign(const Rational& x) { return x.sign(); }

}  // namespace lyapcert
