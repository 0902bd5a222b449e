#include "lyapcert/numeric/interval.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lyapcert {

namespace {

constexpr long double_precision = 53;

Interval through_mp(MpInterval (*f)(const MpInterval&), const Interval& x) {
    const RoundNearest guard;  // MPFR's heuristics (not its results) are written for this mode
    return to_interval(f(to_mp(x, double_precision)));
}

}  // namespace

// mpfr_get_d rounds a second time in the subnormal range only, in the same direction: the result stays outward.
Interval to_interval(const MpInterval& x) { return Interval(x.lower_double(), x.upper_double()); }
Interval to_interval(const Rational& x) {
    // Most entries of data files are doubles.
    mpq_srcptr q = x.backend().data();
    mpz_srcptr p = mpq_numref(q);
    mpz_srcptr d = mpq_denref(q);
    const std::size_t bits = mpz_sizeinbase(d, 2);
    if (mpz_sizeinbase(p, 2) <= 53 && bits <= 900 && mpz_popcount(d) == 1) return Interval(std::ldexp(mpz_get_d(p), 1 - static_cast<int>(bits)));
    return to_interval(MpInterval(x, double_precision));
}

MpInterval to_mp(const Interval& x, long precision) { return MpInterval(x.lower(), x.upper(), precision); }

Interval sqrt(const Interval& x) {
    const RoundUpward guard;
    if (!(x.lower() >= 0.0)) throw std::domain_error("square root of an interval that meets the negative numbers");
    return Interval(directed::sqrt_down(x.lower()), directed::sqrt_up(x.upper()));
}

// Not through Boost's abs: it compares endpoints outside any guard.
Interval square(const Interval& x) {
    const bool meets_zero = contains_zero(x);
    const RoundUpward guard;
    const double upper = std::max(directed::mul_up(x.lower(), x.lower()), directed::mul_up(x.upper(), x.upper()));
    if (meets_zero) return Interval(0.0, upper);
    return Interval(std::min(directed::mul_down(x.lower(), x.lower()), directed::mul_down(x.upper(), x.upper())), upper);
}

Interval exp(const Interval& x) { return through_mp(&exp, x); }
Interval log(const Interval& x) { return through_mp(&log, x); }
Interval sin(const Interval& x) { return through_mp(&sin, x); }
Interval cos(const Interval& x) { return through_mp(&cos, x); }
Interval tanh(const Interval& x) { return through_mp(&tanh, x); }
Interval atanh(const Interval& x) { return through_mp(&atanh, x); }
Interval erf(const Interval& x) { return through_mp(&erf, x); }

bool contains(const Interval& x, const Rational& point) { return contains(to_mp(x), point); }

Ternary less(const Interval& x, const Interval& y) {
    if (detail::order_key(x.upper()) < detail::order_key(y.lower())) return Ternary::yes;
    return detail::order_key(x.lower()) >= detail::order_key(y.upper()) ? Ternary::no : Ternary::undecided;
}

}  // namespace lyapcert
