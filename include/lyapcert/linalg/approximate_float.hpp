// A floating-point number of any precision, rounded to nearest: for search at high precision. Carries no guarantee.
#pragma once

#include <mpfr.h>

#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

class ApproximateFloat {
  public:
    explicit ApproximateFloat(double x = 0.0, long precision = 64) {
        mpfr_init2(x_, precision);
        mpfr_set_d(x_, x, MPFR_RNDN);
    }
    // The midpoint.
    explicit ApproximateFloat(const MpInterval& x) {
        mpfr_init2(x_, x.precision());
        mpfr_add(x_, x.lower(), x.upper(), MPFR_RNDN);
        mpfr_div_2ui(x_, x_, 1, MPFR_RNDN);
    }
    ApproximateFloat(const ApproximateFloat& y) {
        mpfr_init2(x_, mpfr_get_prec(y.x_));
        mpfr_set(x_, y.x_, MPFR_RNDN);
    }
    ApproximateFloat& operator=(const ApproximateFloat& y) {
        if (this != &y) {
            mpfr_set_prec(x_, mpfr_get_prec(y.x_));
            mpfr_set(x_, y.x_, MPFR_RNDN);
        }
        return *this;
    }
    ~ApproximateFloat() { mpfr_clear(x_); }

    long precision() const { return mpfr_get_prec(x_); }
    double to_double() const { return mpfr_get_d(x_, MPFR_RNDN); }
    long exponent() const { return mpfr_regular_p(x_) ? mpfr_get_exp(x_) : mpfr_get_emin(); }
    bool is_finite() const { return mpfr_number_p(x_) != 0; }
    bool is_zero() const { return mpfr_zero_p(x_) != 0; }
    // The interval [x, x]: the number itself, exactly. Throws std::domain_error on NaN.
    MpInterval exactly() const;

    friend ApproximateFloat operator+(const ApproximateFloat& a, const ApproximateFloat& b) { return apply(mpfr_add, a, b); }
    friend ApproximateFloat operator-(const ApproximateFloat& a, const ApproximateFloat& b) { return apply(mpfr_sub, a, b); }
    friend ApproximateFloat operator*(const ApproximateFloat& a, const ApproximateFloat& b) { return apply(mpfr_mul, a, b); }
    friend ApproximateFloat operator/(const ApproximateFloat& a, const ApproximateFloat& b) { return apply(mpfr_div, a, b); }
    ApproximateFloat& operator+=(const ApproximateFloat& b) {
        mpfr_add(x_, x_, b.x_, MPFR_RNDN);
        return *this;
    }
    friend ApproximateFloat sqrt(const ApproximateFloat& a) {
        ApproximateFloat r(0.0, a.precision());
        mpfr_sqrt(r.x_, a.x_, MPFR_RNDN);
        return r;
    }
    friend ApproximateFloat scale_by_power_of_two(const ApproximateFloat& a, long k) {
        ApproximateFloat r(a);
        mpfr_mul_2si(r.x_, r.x_, k, MPFR_RNDN);
        return r;
    }
    int sign() const { return mpfr_sgn(x_); }

  private:
    template <class F>
    static ApproximateFloat apply(F f, const ApproximateFloat& a, const ApproximateFloat& b) {
        ApproximateFloat r(0.0, a.precision() < b.precision() ? b.precision() : a.precision());
        f(r.x_, a.x_, b.x_, MPFR_RNDN);
        return r;
    }
    mpfr_t x_;
};

}  // namespace lyapcert
