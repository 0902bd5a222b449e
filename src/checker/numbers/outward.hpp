// Intervals of doubles, right under any rounding mode and with or without subnormal numbers (T19).
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

namespace lyapcert::checker {

static_assert(FLT_EVAL_METHOD == 0 && std::numeric_limits<double>::is_iec559, "IEEE double arithmetic without excess precision is required");
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "compile the checker without -ffast-math"
#endif

// Every operation moves its result outward by more than all errors that a rounding mode can cause, provided operands stay below 2^500
// in modulus: T19 (e) shows that they do.
struct Outward {
    double lo = 0.0;
    double hi = 0.0;

    Outward() = default;
    Outward(double x) : lo(x), hi(x) {}
    Outward(double l, double h) : lo(l), hi(h) {}

    static double down(double x) { return x - (std::fabs(x) * 0x1.1p-51 + 0x1p-500); }
    static double up(double x) { return x + (std::fabs(x) * 0x1.1p-51 + 0x1p-500); }
};

inline Outward operator+(const Outward& x, const Outward& y) { return {Outward::down(x.lo + y.lo), Outward::up(x.hi + y.hi)}; }
inline Outward operator-(const Outward& x, const Outward& y) { return {Outward::down(x.lo - y.hi), Outward::up(x.hi - y.lo)}; }
inline Outward operator*(const Outward& x, const Outward& y) {
    const double a = x.lo * y.lo;
    const double b = x.lo * y.hi;
    const double c = x.hi * y.lo;
    const double d = x.hi * y.hi;
    return {Outward::down(std::min(std::min(a, b), std::min(c, d))), Outward::up(std::max(std::max(a, b), std::max(c, d)))};
}
// y > 0, at least 2^-200.
inline Outward operator/(const Outward& x, const Outward& y) {
    return {Outward::down(std::min(x.lo / y.lo, x.lo / y.hi)), Outward::up(std::max(x.hi / y.lo, x.hi / y.hi))};
}

}  // namespace lyapcert::checker
