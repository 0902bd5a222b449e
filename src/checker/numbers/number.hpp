// The checker's numbers: rationals (GMP) and enclosures at any precision (MPFR, one correctly rounded operation per end).
#pragma once

#include <gmpxx.h>
#include <mpfr.h>

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "lyapcert/checker/checker.hpp"

namespace lyapcert::checker {

using Rational = mpq_class;

// A limit to the work of this thread while the object lives, in units of roughly a nanosecond: a text of a few bytes can ask for hours. Loops
// announce what they are about to do with charge(), which throws Refused once the limit is reached.
class WorkLimit {
  public:
    explicit WorkLimit(double units) : outer_(left_) { left_ = units; }
    ~WorkLimit() { left_ = outer_; }
    WorkLimit(const WorkLimit&) = delete;
    WorkLimit& operator=(const WorkLimit&) = delete;

  private:
    friend void charge(double units);
    static thread_local double left_;
    double outer_;
};
void charge(double units);
std::size_t size_in_bits(const Rational& x);
// For an exact operation on these numbers.
void charge(const Rational& x, const Rational& y);

// "-12", "1/3", "0.25e-3", "0x1.8p-3", signs allowed: exactly. Throws Refused.
Rational parse_rational(std::string_view text);

// A closed interval [lower, upper]; the ends may be infinite. Operations enclose the exact result and throw Refused where it is undefined (T19 (h)).
class Enclosure {
  public:
    explicit Enclosure(long bits);  // [0, 0]
    Enclosure(const Rational& lower, const Rational& upper, long bits);
    Enclosure(const Rational& x, long bits) : Enclosure(x, x, bits) {}
    Enclosure(const Enclosure& other);
    Enclosure& operator=(const Enclosure& other);
    ~Enclosure();

    long bits() const { return static_cast<long>(mpfr_get_prec(lower_)); }
    mpfr_srcptr lower() const { return lower_; }
    mpfr_srcptr upper() const { return upper_; }
    mpfr_ptr lower_end() { return lower_; }
    mpfr_ptr upper_end() { return upper_; }
    int sign() const;  // +1 or -1 when every member has that sign, else 0
    bool contains_zero() const { return mpfr_sgn(lower_) <= 0 && mpfr_sgn(upper_) >= 0; }
    const Enclosure& valid() const;  // *this; throws Refused for a NaN

  private:
    mpfr_t lower_;
    mpfr_t upper_;
};

Enclosure operator+(const Enclosure& x, const Enclosure& y);
Enclosure operator-(const Enclosure& x, const Enclosure& y);
Enclosure operator*(const Enclosure& x, const Enclosure& y);
Enclosure operator/(const Enclosure& x, const Enclosure& y);
Enclosure operator-(const Enclosure& x);
Enclosure abs(const Enclosure& x);
Enclosure exp(const Enclosure& x);
Enclosure log(const Enclosure& x);  // log [0, y] = [-inf, log y]; Refused when a member is negative
Enclosure sine(const Enclosure& x, bool cosine);
Enclosure pi(long bits);
// A function that MPFR provides and that increases on its domain; Refused outside it.
using MpfrFunction = int(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
Enclosure increasing(MpfrFunction* f, const Enclosure& x);

// An exact end; the end must be finite, and of a size that can be written out.
Rational exactly(mpfr_srcptr x);
// x <= every member, x >= every member.
bool at_most(const Rational& x, const Enclosure& y);
bool at_least(const Rational& x, const Enclosure& y);
// A rational number below (above) e^x.
Rational exp_below(const Rational& x, long bits);
Rational exp_above(const Rational& x, long bits);

}  // namespace lyapcert::checker
