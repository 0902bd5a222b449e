#include "lyapcert/numeric/mp_interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

using Function = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

long common_precision(const MpInterval& x, const MpInterval& y) { return std::max(x.precision(), y.precision()); }

// f nondecreasing on x.
MpInterval increasing(Function f, const MpInterval& x) {
    MpInterval result(x.precision());
    f(result.lower_ref(), x.lower(), MPFR_RNDD);
    f(result.upper_ref(), x.upper(), MPFR_RNDU);
    return result.check();
}

// f nonincreasing on x.
MpInterval decreasing(Function f, const MpInterval& x) {
    MpInterval result(x.precision());
    f(result.lower_ref(), x.upper(), MPFR_RNDD);
    f(result.upper_ref(), x.lower(), MPFR_RNDU);
    return result.check();
}

void demand(bool in_domain, const char* message) {
    if (!in_domain) throw std::domain_error(message);
}

// Could x meet the set {(2k + offset/2) pi : k integer}? Answers yes when in doubt.
bool may_meet_multiple(const MpInterval& x, long twice_offset) {
    // t = (x/pi - offset/2)/2 contains an integer?
    const long precision = x.precision() + 32;
    MpInterval t = x.with_precision(precision) / MpInterval::pi(precision);
    t = scale_by_power_of_two(t - MpInterval(Rational(twice_offset, 2), precision), -1);
    mpfr_t floor_upper;
    mpfr_t ceil_lower;
    mpfr_inits2(precision + 64, floor_upper, ceil_lower, static_cast<mpfr_ptr>(nullptr));
    mpfr_floor(floor_upper, t.upper());
    mpfr_ceil(ceil_lower, t.lower());
    const bool meets = mpfr_cmp(ceil_lower, floor_upper) <= 0;
    mpfr_clears(floor_upper, ceil_lower, static_cast<mpfr_ptr>(nullptr));
    return meets;
}

// sin and cos: the extremes are at the endpoints unless a crest or a trough lies inside. `crest` and `trough` give their
// places in units of pi/2, modulo 2 pi.
MpInterval wave(Function f, const MpInterval& x, long crest, long trough) {
    const long precision = x.precision();
    if (!mpfr_number_p(x.lower()) || !mpfr_number_p(x.upper())) return MpInterval(Rational(-1), Rational(1), precision);
    // Beyond 2^precision the quotient x/pi has no reliable integer part.
    if (std::max(mpfr_zero_p(x.lower()) ? 0 : mpfr_get_exp(x.lower()), mpfr_zero_p(x.upper()) ? 0 : mpfr_get_exp(x.upper())) > precision)
        return MpInterval(Rational(-1), Rational(1), precision);
    MpInterval a(precision);
    f(a.lower_ref(), x.lower(), MPFR_RNDD);
    f(a.upper_ref(), x.lower(), MPFR_RNDU);
    MpInterval b(precision);
    f(b.lower_ref(), x.upper(), MPFR_RNDD);
    f(b.upper_ref(), x.upper(), MPFR_RNDU);
    MpInterval result = hull(a, b);
    if (!mpfr_equal_p(x.lower(), x.upper())) {
        if (may_meet_multiple(x, crest)) mpfr_set_si(result.upper_ref(), 1, MPFR_RNDN);
        if (may_meet_multiple(x, trough)) mpfr_set_si(result.lower_ref(), -1, MPFR_RNDN);
    }
    return result.check();
}

}  // namespace

MpInterval::MpInterval(long precision) {
    mpfr_init2(lower_, precision);
    mpfr_init2(upper_, precision);
    mpfr_set_zero(lower_, 1);
    mpfr_set_zero(upper_, 1);
}

MpInterval::MpInterval(const Rational& x, long precision) : MpInterval(x, x, precision) {}

MpInterval::MpInterval(const Rational& lower, const Rational& upper, long precision) {
    demand(lower <= upper, "interval with lower > upper");
    mpfr_init2(lower_, precision);
    mpfr_init2(upper_, precision);
    mpfr_set_q(lower_, lower.backend().data(), MPFR_RNDD);
    mpfr_set_q(upper_, upper.backend().data(), MPFR_RNDU);
}

// MPFR converts doubles with floating-point instructions: a caller's denormals-are-zero flag would turn subnormal
// endpoints into zero, so conversions both ways run under a guard.
MpInterval::MpInterval(double lower, double upper, long precision) {
    const RoundNearest guard;
    demand(lower <= upper, "interval with lower > upper or NaN");
    mpfr_init2(lower_, precision);
    mpfr_init2(upper_, precision);
    mpfr_set_d(lower_, lower, MPFR_RNDD);
    mpfr_set_d(upper_, upper, MPFR_RNDU);
}

MpInterval::MpInterval(const MpInterval& other) {
    mpfr_init2(lower_, mpfr_get_prec(other.lower_));
    mpfr_init2(upper_, mpfr_get_prec(other.upper_));
    mpfr_set(lower_, other.lower_, MPFR_RNDD);
    mpfr_set(upper_, other.upper_, MPFR_RNDU);
}

MpInterval::MpInterval(MpInterval&& other) noexcept : MpInterval(static_cast<long>(MPFR_PREC_MIN)) { *this = std::move(other); }

MpInterval& MpInterval::operator=(const MpInterval& other) {
    if (this != &other) {
        mpfr_set_prec(lower_, mpfr_get_prec(other.lower_));
        mpfr_set_prec(upper_, mpfr_get_prec(other.upper_));
        mpfr_set(lower_, other.lower_, MPFR_RNDD);
        mpfr_set(upper_, other.upper_, MPFR_RNDU);
    }
    return *this;
}

MpInterval& MpInterval::operator=(MpInterval&& other) noexcept {
    mpfr_swap(lower_, other.lower_);
    mpfr_swap(upper_, other.upper_);
    return *this;
}

MpInterval::~MpInterval() {
    mpfr_clear(lower_);
    mpfr_clear(upper_);
}

MpInterval MpInterval::pi(long precision) {
    MpInterval result(precision);
    mpfr_const_pi(result.lower_, MPFR_RNDD);
    mpfr_const_pi(result.upper_, MPFR_RNDU);
    return result;
}

MpInterval MpInterval::minus_infinity(long precision) {
    MpInterval result(precision);
    mpfr_set_inf(result.lower_, -1);
    mpfr_set_inf(result.upper_, -1);
    return result;
}

MpInterval MpInterval::everything(long precision) {
    MpInterval result(precision);
    mpfr_set_inf(result.lower_, -1);
    mpfr_set_inf(result.upper_, 1);
    return result;
}

const MpInterval& MpInterval::check() const {
    demand(!mpfr_nan_p(lower_) && !mpfr_nan_p(upper_) && mpfr_lessequal_p(lower_, upper_), "interval operation gave NaN or an empty set");
    return *this;
}

double MpInterval::lower_double() const noexcept {
    const RoundNearest guard;
    return mpfr_get_d(lower_, MPFR_RNDD);
}
double MpInterval::upper_double() const noexcept {
    const RoundNearest guard;
    return mpfr_get_d(upper_, MPFR_RNDU);
}

double MpInterval::midpoint_double() const noexcept {
    const RoundNearest guard;
    const double low = mpfr_get_d(lower_, MPFR_RNDN);
    const double high = mpfr_get_d(upper_, MPFR_RNDN);
    return std::clamp(0.5 * low + 0.5 * high, low, high);  // halves of subnormal numbers may round
}

double MpInterval::width_double() const noexcept {
    if (!mpfr_number_p(lower_) || !mpfr_number_p(upper_))
        return mpfr_equal_p(lower_, upper_) ? 0.0 : std::numeric_limits<double>::infinity();
    mpfr_t width;
    mpfr_init2(width, mpfr_get_prec(lower_));
    mpfr_sub(width, upper_, lower_, MPFR_RNDU);
    const RoundNearest guard;
    const double result = mpfr_get_d(width, MPFR_RNDU);
    mpfr_clear(width);
    return result;
}

MpInterval MpInterval::with_precision(long precision) const {
    MpInterval result(precision);
    mpfr_set(result.lower_, lower_, MPFR_RNDD);
    mpfr_set(result.upper_, upper_, MPFR_RNDU);
    return result;
}

MpInterval operator-(const MpInterval& x) {
    MpInterval result(x.precision());
    mpfr_neg(result.lower_, x.upper_, MPFR_RNDD);
    mpfr_neg(result.upper_, x.lower_, MPFR_RNDU);
    return result;
}

MpInterval operator+(const MpInterval& x, const MpInterval& y) {
    MpInterval result(common_precision(x, y));
    mpfr_add(result.lower_, x.lower_, y.lower_, MPFR_RNDD);
    mpfr_add(result.upper_, x.upper_, y.upper_, MPFR_RNDU);
    return result.check();
}

MpInterval operator-(const MpInterval& x, const MpInterval& y) {
    MpInterval result(common_precision(x, y));
    mpfr_sub(result.lower_, x.lower_, y.upper_, MPFR_RNDD);
    mpfr_sub(result.upper_, x.upper_, y.lower_, MPFR_RNDU);
    return result.check();
}

namespace {

// Product of endpoints with 0 * inf = 0: the endpoint stands for arbitrarily large finite numbers, whose products with
// zero are zero.
void endpoint_product(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t direction) {
    if (mpfr_zero_p(a) || mpfr_zero_p(b))
        mpfr_set_zero(result, 1);
    else
        mpfr_mul(result, a, b, direction);
}

}  // namespace

MpInterval operator*(const MpInterval& x, const MpInterval& y) {
    const long precision = common_precision(x, y);
    MpInterval result(precision);
    const bool x_nonnegative = mpfr_sgn(x.lower_) >= 0;
    const bool y_nonnegative = mpfr_sgn(y.lower_) >= 0;
    if (x_nonnegative && y_nonnegative) {
        endpoint_product(result.lower_, x.lower_, y.lower_, MPFR_RNDD);
        endpoint_product(result.upper_, x.upper_, y.upper_, MPFR_RNDU);
        return result.check();
    }
    mpfr_t product;
    mpfr_init2(product, precision);
    bool first = true;
    for (mpfr_srcptr a : {static_cast<mpfr_srcptr>(x.lower_), static_cast<mpfr_srcptr>(x.upper_)})
        for (mpfr_srcptr b : {static_cast<mpfr_srcptr>(y.lower_), static_cast<mpfr_srcptr>(y.upper_)}) {
            endpoint_product(product, a, b, MPFR_RNDD);
            if (first || mpfr_less_p(product, result.lower_)) mpfr_set(result.lower_, product, MPFR_RNDD);
            endpoint_product(product, a, b, MPFR_RNDU);
            if (first || mpfr_greater_p(product, result.upper_)) mpfr_set(result.upper_, product, MPFR_RNDU);
            first = false;
        }
    mpfr_clear(product);
    return result.check();
}

MpInterval operator/(const MpInterval& x, const MpInterval& y) {
    demand(!contains_zero(y), "division by an interval that contains zero");
    if (mpfr_sgn(y.upper_) < 0) return (-x) / (-y);
    MpInterval result(common_precision(x, y));
    mpfr_div(result.lower_, x.lower_, mpfr_sgn(x.lower_) >= 0 ? y.upper_ : y.lower_, MPFR_RNDD);
    mpfr_div(result.upper_, x.upper_, mpfr_sgn(x.upper_) >= 0 ? y.lower_ : y.upper_, MPFR_RNDU);
    return result.check();
}

MpInterval scale_by_power_of_two(const MpInterval& x, long k) {
    MpInterval result(x.precision());
    mpfr_mul_2si(result.lower_ref(), x.lower(), k, MPFR_RNDD);
    mpfr_mul_2si(result.upper_ref(), x.upper(), k, MPFR_RNDU);
    return result;
}

MpInterval abs(const MpInterval& x) {
    if (mpfr_sgn(x.lower()) >= 0) return x;
    if (mpfr_sgn(x.upper()) <= 0) return -x;
    MpInterval result = max(x, -x);
    mpfr_set_zero(result.lower_ref(), 1);
    return result;
}

MpInterval square(const MpInterval& x) {
    const MpInterval a = abs(x);
    return a * a;
}

MpInterval pow(const MpInterval& x, long n) {
    if (n < 0) {
        demand(!contains_zero(x), "negative power of an interval that contains zero");
        return MpInterval(Rational(1), x.precision()) / pow(x.with_precision(x.precision() + 32), -n).with_precision(x.precision());
    }
    if (n == 0) return MpInterval(Rational(1), x.precision());
    const MpInterval base = n % 2 == 0 ? abs(x) : x;
    MpInterval result(x.precision());
    mpfr_pow_si(result.lower_ref(), base.lower(), n, MPFR_RNDD);
    mpfr_pow_si(result.upper_ref(), base.upper(), n, MPFR_RNDU);
    return result.check();
}

MpInterval sqrt(const MpInterval& x) {
    demand(mpfr_sgn(x.lower()) >= 0, "square root of an interval that meets the negative numbers");
    return increasing(mpfr_sqrt, x);
}

MpInterval exp(const MpInterval& x) { return increasing(mpfr_exp, x); }

MpInterval log(const MpInterval& x) {
    demand(mpfr_sgn(x.lower()) >= 0, "logarithm of an interval that meets the negative numbers");
    return increasing(mpfr_log, x);
}

MpInterval sin(const MpInterval& x) { return wave(mpfr_sin, x, 1, 3); }
MpInterval cos(const MpInterval& x) { return wave(mpfr_cos, x, 0, 2); }

MpInterval tan(const MpInterval& x) {
    demand(mpfr_number_p(x.lower()) && mpfr_number_p(x.upper()), "tangent of an unbounded interval");
    demand(x.width_double() < 3.0 && !may_meet_multiple(x, 1) && !may_meet_multiple(x, 3), "tangent of an interval that may contain a pole");
    return increasing(mpfr_tan, x);
}

MpInterval asin(const MpInterval& x) {
    demand(mpfr_cmp_si(x.lower(), -1) >= 0 && mpfr_cmp_si(x.upper(), 1) <= 0, "asin outside [-1, 1]");
    return increasing(mpfr_asin, x);
}
MpInterval acos(const MpInterval& x) {
    demand(mpfr_cmp_si(x.lower(), -1) >= 0 && mpfr_cmp_si(x.upper(), 1) <= 0, "acos outside [-1, 1]");
    return decreasing(mpfr_acos, x);
}
MpInterval atan(const MpInterval& x) { return increasing(mpfr_atan, x); }
MpInterval sinh(const MpInterval& x) { return increasing(mpfr_sinh, x); }
MpInterval cosh(const MpInterval& x) { return increasing(mpfr_cosh, abs(x)); }
MpInterval tanh(const MpInterval& x) { return increasing(mpfr_tanh, x); }
MpInterval asinh(const MpInterval& x) { return increasing(mpfr_asinh, x); }
MpInterval acosh(const MpInterval& x) {
    demand(mpfr_cmp_si(x.lower(), 1) >= 0, "acosh below 1");
    return increasing(mpfr_acosh, x);
}
MpInterval atanh(const MpInterval& x) {
    demand(mpfr_cmp_si(x.lower(), -1) >= 0 && mpfr_cmp_si(x.upper(), 1) <= 0, "atanh outside [-1, 1]");
    return increasing(mpfr_atanh, x);
}
MpInterval erf(const MpInterval& x) { return increasing(mpfr_erf, x); }

MpInterval min(const MpInterval& x, const MpInterval& y) {
    MpInterval result(common_precision(x, y));
    mpfr_min(result.lower_ref(), x.lower(), y.lower(), MPFR_RNDD);
    mpfr_min(result.upper_ref(), x.upper(), y.upper(), MPFR_RNDU);
    return result;
}

MpInterval max(const MpInterval& x, const MpInterval& y) {
    MpInterval result(common_precision(x, y));
    mpfr_max(result.lower_ref(), x.lower(), y.lower(), MPFR_RNDD);
    mpfr_max(result.upper_ref(), x.upper(), y.upper(), MPFR_RNDU);
    return result;
}

MpInterval hull(const MpInterval& x, const MpInterval& y) {
    MpInterval result(common_precision(x, y));
    mpfr_min(result.lower_ref(), x.lower(), y.lower(), MPFR_RNDD);
    mpfr_max(result.upper_ref(), x.upper(), y.upper(), MPFR_RNDU);
    return result;
}

MpInterval intersect(const MpInterval& x, const MpInterval& y) {
    MpInterval result(common_precision(x, y));
    mpfr_max(result.lower_ref(), x.lower(), y.lower(), MPFR_RNDD);
    mpfr_min(result.upper_ref(), x.upper(), y.upper(), MPFR_RNDU);
    if (!mpfr_lessequal_p(result.lower(), result.upper()))
        throw std::logic_error("two enclosures of one number are disjoint: one of them is wrong");
    return result;
}

bool contains(const MpInterval& x, const Rational& point) {
    // mpfr_cmp_q is exact; it returns the sign of x - point.
    return mpfr_cmp_q(x.lower(), point.backend().data()) <= 0 && mpfr_cmp_q(x.upper(), point.backend().data()) >= 0;
}
bool contains_zero(const MpInterval& x) { return mpfr_sgn(x.lower()) <= 0 && mpfr_sgn(x.upper()) >= 0; }
bool is_zero(const MpInterval& x) { return mpfr_zero_p(x.lower()) && mpfr_zero_p(x.upper()); }
bool certainly_positive(const MpInterval& x) { return mpfr_sgn(x.lower()) > 0; }
bool certainly_negative(const MpInterval& x) { return mpfr_sgn(x.upper()) < 0; }
bool certainly_less(const MpInterval& x, const MpInterval& y) { return mpfr_less_p(x.upper(), y.lower()) != 0; }
bool is_subset(const MpInterval& x, const MpInterval& y) {
    return mpfr_lessequal_p(y.lower(), x.lower()) && mpfr_lessequal_p(x.upper(), y.upper());
}
Ternary less(const MpInterval& x, const MpInterval& y) {
    if (certainly_less(x, y)) return Ternary::yes;
    return mpfr_greaterequal_p(x.lower(), y.upper()) ? Ternary::no : Ternary::undecided;
}

}  // namespace lyapcert
