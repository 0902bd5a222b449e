// `Interval`: double-precision intervals on Boost.Interval with a rounding policy of our own.
//
// Arithmetic: each operation opens a RoundUpward guard, so it is sound whatever mode the caller left behind, and costs a
// register read when an enclosing kernel has opened one already. Elementary functions go through MPFR, which rounds
// correctly. Making an interval of NaN or of ends in the wrong order throws. Arithmetic on intervals with finite ends, and on
// what overflow turns them into, never produces NaN; infinite *points* [inf, inf] are not numbers and must not be put in.
// Dividing by an interval that contains zero gives an unbounded interval.
// Comparison operators are Boost's three-valued ones: they throw boost::numeric::interval_lib::comparison_error when
// the intervals overlap; use `less`, `certainly_positive`, ... to ask without risk.
#pragma once

#include <boost/numeric/interval/arith.hpp>
#include <boost/numeric/interval/checking.hpp>
#include <boost/numeric/interval/compare.hpp>
#include <boost/numeric/interval/interval.hpp>
#include <boost/numeric/interval/policies.hpp>
#include <boost/numeric/interval/utility.hpp>

#include "lyapcert/numeric/mp_interval.hpp"
#include "lyapcert/numeric/rational.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/numeric/ternary.hpp"

namespace lyapcert {

// Boost.Interval's rounding concept over `directed`. It is its own unprotected form: see RoundUpward.
struct IntervalRounding : RoundUpward {
    using unprotected_rounding = IntervalRounding;

    static double conv_down(double x) { return x; }
    static double conv_up(double x) { return x; }
    static double add_down(double x, double y) { return directed::add_down(x, y); }
    static double add_up(double x, double y) { return directed::add_up(x, y); }
    static double sub_down(double x, double y) { return directed::sub_down(x, y); }
    static double sub_up(double x, double y) { return directed::sub_up(x, y); }
    static double mul_down(double x, double y) { return directed::mul_down(x, y); }
    static double mul_up(double x, double y) { return directed::mul_up(x, y); }
    static double div_down(double x, double y) { return directed::div_down(x, y); }
    static double div_up(double x, double y) { return directed::div_up(x, y); }
    static double median(double x, double y) { return directed::mul_up(directed::add_up(x, y), 0.5); }
};

using Interval = boost::numeric::interval<
    double, boost::numeric::interval_lib::policies<
                IntervalRounding, boost::numeric::interval_lib::checking_catch_nan<
                                      double, boost::numeric::interval_lib::checking_no_empty<double>>>>;

Interval to_interval(const Rational& x);    // tightest
Interval to_interval(const MpInterval& x);  // tightest; infinite endpoints stay infinite
MpInterval to_mp(const Interval& x, long precision = 53);  // exact for precision >= 53

Interval sqrt(const Interval& x);
Interval square(const Interval& x);
Interval exp(const Interval& x);
Interval log(const Interval& x);
Interval sin(const Interval& x);
Interval cos(const Interval& x);
Interval tanh(const Interval& x);
Interval atanh(const Interval& x);
Interval erf(const Interval& x);

// Denormals-are-zero could turn these two into wrong theorems; the certainly_* it can only weaken.
inline bool contains_zero(const Interval& x) { return detail::order_key(x.lower()) <= 0 && detail::order_key(x.upper()) >= 0; }
inline bool is_zero(const Interval& x) { return detail::order_key(x.lower()) == 0 && detail::order_key(x.upper()) == 0; }
inline bool certainly_positive(const Interval& x) { return x.lower() > 0.0; }
inline bool certainly_negative(const Interval& x) { return x.upper() < 0.0; }
inline bool certainly_less(const Interval& x, const Interval& y) { return x.upper() < y.lower(); }
bool contains(const Interval& x, const Rational& point);
Ternary less(const Interval& x, const Interval& y);

}  // namespace lyapcert
