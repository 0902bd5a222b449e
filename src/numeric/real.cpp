#include "lyapcert/numeric/real.hpp"

#include <optional>
#include <stdexcept>

namespace lyapcert {

namespace {

constexpr long guard_bits = 16;

template <class Operation>
Real combine(const Real& x, const Real& y, Operation operation) {
    return Real::from_rule([x, y, operation](long precision) {
        return operation(x.at(precision + guard_bits), y.at(precision + guard_bits)).with_precision(precision);
    });
}

// Nothing when this precision cannot tell a divisor or an argument from the edge of its domain: a higher one may.
std::optional<MpInterval> where_defined(const Real& x, long precision) {
    try {
        return x.at(precision);
    } catch (const std::domain_error&) {
        return std::nullopt;
    }
}

}  // namespace

Real Real::from_rule(Rule rule) {
    Real result;
    result.rational_.reset();
    result.rule_ = std::make_shared<const Rule>(std::move(rule));
    return result;
}

Real Real::between(const Rational& lower, const Rational& upper) {
    if (lower == upper) return Real(lower);
    if (lower > upper) throw std::invalid_argument("interval with lower > upper");
    return from_rule([lower, upper](long precision) { return MpInterval(lower, upper, precision); });
}

MpInterval Real::at(long precision) const { return rational_ ? MpInterval(*rational_, precision) : (*rule_)(precision); }

Interval Real::interval() const { return rational_ ? to_interval(*rational_) : to_interval(at(128)); }

Ternary Real::is_zero(long max_precision) const {
    if (rational_) return ternary(rational_->is_zero());
    for (long precision = 64; precision <= max_precision; precision *= 2) {
        const std::optional<MpInterval> x = where_defined(*this, precision);
        if (x && !contains_zero(*x)) return Ternary::no;
    }
    return Ternary::undecided;
}

Ternary Real::is_positive(long max_precision) const {
    if (rational_) return ternary(rational_->sign() > 0);
    for (long precision = 64; precision <= max_precision; precision *= 2) {
        const std::optional<MpInterval> x = where_defined(*this, precision);
        if (x && certainly_positive(*x)) return Ternary::yes;
        if (x && mpfr_sgn(x->upper()) <= 0) return Ternary::no;
    }
    return Ternary::undecided;
}

bool Real::known_zero() const { return rational_ && rational_->is_zero(); }
bool Real::known_one() const { return rational_ && *rational_ == 1; }

Real operator-(const Real& x) {
    if (x.is_rational()) return Real(Rational(-x.rational()));
    return Real::from_rule([x](long precision) { return -x.at(precision); });
}

Real operator+(const Real& x, const Real& y) {
    if (x.is_rational() && y.is_rational()) return Real(Rational(x.rational() + y.rational()));
    if (x.known_zero()) return y;
    if (y.known_zero()) return x;
    return combine(x, y, [](const MpInterval& a, const MpInterval& b) { return a + b; });
}

Real operator-(const Real& x, const Real& y) {
    if (x.is_rational() && y.is_rational()) return Real(Rational(x.rational() - y.rational()));
    if (y.known_zero()) return x;
    return combine(x, y, [](const MpInterval& a, const MpInterval& b) { return a - b; });
}

Real operator*(const Real& x, const Real& y) {
    if (x.is_rational() && y.is_rational()) return Real(Rational(x.rational() * y.rational()));
    if (x.known_zero() || y.known_zero()) return Real(0);
    if (x.known_one()) return y;
    if (y.known_one()) return x;
    return combine(x, y, [](const MpInterval& a, const MpInterval& b) { return a * b; });
}

Real operator/(const Real& x, const Real& y) {
    if (y.known_zero()) throw std::domain_error("division by zero");
    if (x.is_rational() && y.is_rational()) return Real(Rational(x.rational() / y.rational()));
    if (x.known_zero()) return Real(0);
    return combine(x, y, [](const MpInterval& a, const MpInterval& b) { return a / b; });
}

Ternary less(const Real& x, const Real& y, long max_precision) { return (y - x).is_positive(max_precision); }

bool known_equal(const Real& x, const Real& y) { return x.is_rational() && y.is_rational() && x.rational() == y.rational(); }

}  // namespace lyapcert
