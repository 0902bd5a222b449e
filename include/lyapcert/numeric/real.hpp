// `Real`: one real number (or one unknown number in a given interval) that can be enclosed as tightly as asked for.
//
// A Real is a rational number while it can be, and otherwise a rule that encloses it at any working precision. Floors
// above store their exact input this way: matrices of Reals become rational, double-interval or MPFR-interval matrices
// without a decision having been taken too early.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "lyapcert/numeric/interval.hpp"
#include "lyapcert/numeric/mp_interval.hpp"
#include "lyapcert/numeric/rational.hpp"

namespace lyapcert {

class Real {
  public:
    // Encloses the number at a working precision in bits; successive calls enclose the same number.
    using Rule = std::function<MpInterval(long precision)>;

    Real() : rational_(Rational(0)) {}
    Real(Rational x) : rational_(std::move(x)) {}  // NOLINT: an exact number is a Real
    Real(int x) : rational_(Rational(x)) {}        // NOLINT
    static Real from_rule(Rule rule);
    // A number of which only lower <= x <= upper is known (a learning rate given as an interval). Equal ends give a rational.
    static Real between(const Rational& lower, const Rational& upper);

    bool is_rational() const { return rational_.has_value(); }
    const Rational& rational() const { return rational_.value(); }

    MpInterval at(long precision) const;
    Interval interval() const;  // the enclosure at 128 bits, rounded outward to doubles

    // Exact for rationals; otherwise enclosures of growing precision, up to `max_precision` bits, try to decide.
    Ternary is_zero(long max_precision = 512) const;
    Ternary is_positive(long max_precision = 512) const;
    bool known_zero() const;  // rational and zero: the only zero a Real can prove
    bool known_one() const;

    friend Real operator-(const Real& x);
    friend Real operator+(const Real& x, const Real& y);
    friend Real operator-(const Real& x, const Real& y);
    friend Real operator*(const Real& x, const Real& y);  // an exactly zero factor gives exactly zero
    friend Real operator/(const Real& x, const Real& y);
    Real& operator+=(const Real& y) { return *this = *this + y; }
    Real& operator-=(const Real& y) { return *this = *this - y; }
    Real& operator*=(const Real& y) { return *this = *this * y; }

  private:
    std::optional<Rational> rational_;
    std::shared_ptr<const Rule> rule_;
};

Ternary less(const Real& x, const Real& y, long max_precision = 512);
// True only where both are rational and equal.
bool known_equal(const Real& x, const Real& y);

}  // namespace lyapcert
