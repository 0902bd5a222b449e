// Intervals with MPFR endpoints at any precision.
//
// Inclusion: every function returns an interval that contains f(x) for every point x of its arguments at which f is
// defined; the lower endpoint is rounded toward -infinity and the upper one toward +infinity. An argument that leaves
// the domain of a function (log of an interval that meets the negative axis, division by an interval that contains
// zero) raises std::domain_error; NaN raises it too, so that neither NaN nor the empty set ever travels on.
//
// Endpoints may be infinite. The result of an operation has the larger of its arguments' precisions, in bits.
#pragma once

#include <mpfr.h>

#include "lyapcert/numeric/rational.hpp"
#include "lyapcert/numeric/ternary.hpp"

namespace lyapcert {

class MpInterval {
  public:
    static constexpr long default_precision = 128;

    // [0, 0].
    explicit MpInterval(long precision = default_precision);
    // The tightest interval of this precision around an exact number.
    MpInterval(const Rational& x, long precision);
    MpInterval(const Rational& lower, const Rational& upper, long precision);
    // Doubles are taken as exactly themselves; throws std::domain_error on NaN or lower > upper.
    MpInterval(double lower, double upper, long precision = default_precision);

    MpInterval(const MpInterval& other);
    MpInterval(MpInterval&& other) noexcept;
    MpInterval& operator=(const MpInterval& other);
    MpInterval& operator=(MpInterval&& other) noexcept;
    ~MpInterval();

    static MpInterval pi(long precision);
    static MpInterval minus_infinity(long precision = default_precision);  // the point [-inf, -inf]
    static MpInterval everything(long precision = default_precision);      // [-inf, +inf]

    long precision() const noexcept { return mpfr_get_prec(lower_); }
    mpfr_srcptr lower() const noexcept { return lower_; }
    mpfr_srcptr upper() const noexcept { return upper_; }
    // For the implementers of functions: endpoints to write to, rounded by the writer. `check` throws on NaN or lower > upper.
    mpfr_ptr lower_ref() noexcept { return lower_; }
    mpfr_ptr upper_ref() noexcept { return upper_; }
    const MpInterval& check() const;

    double lower_double() const noexcept;  // rounded down
    double upper_double() const noexcept;  // rounded up
    double midpoint_double() const noexcept;  // approximate
    double width_double() const noexcept;  // rounded up; +inf for an unbounded interval

    MpInterval with_precision(long precision) const;  // rounded outward when the precision is smaller

    friend MpInterval operator-(const MpInterval& x);
    friend MpInterval operator+(const MpInterval& x, const MpInterval& y);
    friend MpInterval operator-(const MpInterval& x, const MpInterval& y);
    friend MpInterval operator*(const MpInterval& x, const MpInterval& y);
    friend MpInterval operator/(const MpInterval& x, const MpInterval& y);
    MpInterval& operator+=(const MpInterval& y) { return *this = *this + y; }
    MpInterval& operator-=(const MpInterval& y) { return *this = *this - y; }
    MpInterval& operator*=(const MpInterval& y) { return *this = *this * y; }
    MpInterval& operator/=(const MpInterval& y) { return *this = *this / y; }

  private:
    mpfr_t lower_;
    mpfr_t upper_;
};

// Multiplication by 2^k, exact up to overflow.
MpInterval scale_by_power_of_two(const MpInterval& x, long k);

MpInterval abs(const MpInterval& x);
MpInterval square(const MpInterval& x);
MpInterval pow(const MpInterval& x, long n);  // n of any sign
MpInterval sqrt(const MpInterval& x);
MpInterval exp(const MpInterval& x);
MpInterval log(const MpInterval& x);  // log [0, b] has lower endpoint -inf
MpInterval sin(const MpInterval& x);
MpInterval cos(const MpInterval& x);
MpInterval tan(const MpInterval& x);
MpInterval asin(const MpInterval& x);
MpInterval acos(const MpInterval& x);
MpInterval atan(const MpInterval& x);
MpInterval sinh(const MpInterval& x);
MpInterval cosh(const MpInterval& x);
MpInterval tanh(const MpInterval& x);
MpInterval asinh(const MpInterval& x);
MpInterval acosh(const MpInterval& x);
MpInterval atanh(const MpInterval& x);
MpInterval erf(const MpInterval& x);
MpInterval min(const MpInterval& x, const MpInterval& y);
MpInterval max(const MpInterval& x, const MpInterval& y);
MpInterval hull(const MpInterval& x, const MpInterval& y);
// Throws std::logic_error when they are disjoint: two enclosures of one number never are.
MpInterval intersect(const MpInterval& x, const MpInterval& y);

bool contains(const MpInterval& x, const Rational& point);
bool contains_zero(const MpInterval& x);
bool is_zero(const MpInterval& x);              // exactly [0, 0]
bool certainly_positive(const MpInterval& x);   // lower > 0
bool certainly_negative(const MpInterval& x);
bool certainly_less(const MpInterval& x, const MpInterval& y);
bool is_subset(const MpInterval& x, const MpInterval& y);
Ternary less(const MpInterval& x, const MpInterval& y);

}  // namespace lyapcert
