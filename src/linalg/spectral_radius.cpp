#include "lyapcert/linalg/spectral_radius.hpp"

#include <algorithm>

namespace lyapcert {

namespace {

using Mp = MpInterval;

Mp log2_enclosure(long precision) { return log(Mp(Rational(2), precision)); }

Mp inf_norm(const Matrix<Mp>& t) {
    Mp norm(t(0, 0).precision());
    for (std::size_t i = 0; i < t.rows(); ++i) {
        Mp sum(norm.precision());
        for (std::size_t j = 0; j < t.columns(); ++j) sum += abs(t(i, j));
        norm = max(norm, sum);
    }
    return norm;
}

Mp trace(const Matrix<Mp>& t) {
    Mp sum(t(0, 0).precision());
    for (std::size_t i = 0; i < t.rows(); ++i) sum += t(i, i);
    return sum;
}

// T^m = 2^scale power.
struct Power {
    Matrix<Mp> power;
    Integer scale = 0;
    Integer m = 1;
};

void split_off_power_of_two(Power& p, const Mp& norm) {
    if (!mpfr_regular_p(norm.upper())) return;
    const long k = mpfr_get_exp(norm.upper());
    p.power = p.power.map([k](const Mp& x) { return scale_by_power_of_two(x, -k); });
    p.scale += k;
}

// (log x + scale log 2) / m.
Mp root(const Mp& x, const Integer& scale, const Integer& m, long precision) {
    return (log(x) + Mp(Rational(scale), precision) * log2_enclosure(precision)) / Mp(Rational(m), precision);
}

class Squaring {
  public:
    Squaring(Matrix<Mp> t, long precision) : precision_(precision), best_(Mp::everything(precision)) {
        p_.power = std::move(t);
        use_norm();
        use_trace(p_.power, 1);
    }

    bool usable() const { return usable_; }
    bool vanished() const { return vanished_; }
    const Mp& best() const { return best_; }

    void square() {
        Power next{p_.power * p_.power, p_.scale * 2, p_.m * 2};
        std::swap(p_, next);
        use_norm();
        if (usable_) use_trace(p_.power, 1);
        if (!usable_) std::swap(p_, next);  // the last power that says something
    }

    void use_more_traces() {
        Matrix<Mp> t = p_.power;
        for (std::size_t j = 2; j <= p_.power.rows(); ++j) {
            t = t * p_.power;
            use_trace(t, j);
        }
    }

  private:
    void use_norm() {
        const Mp norm = inf_norm(p_.power);
        vanished_ = is_zero(norm);
        usable_ = !vanished_ && mpfr_number_p(norm.upper()) != 0;
        if (!usable_) return;
        Mp above = root(norm, p_.scale, p_.m, precision_);
        mpfr_set_inf(above.lower_ref(), -1);
        best_ = intersect(best_, above);
        // With relative errors beyond 1 / 4 further squarings say nothing more.
        usable_ = norm.width_double() < 0.25 * norm.upper_double();
        split_off_power_of_two(p_, norm);
    }

    void use_trace(const Matrix<Mp>& t, std::size_t j) {
        const Mp size = abs(trace(t)) / Mp(Rational(t.rows()), precision_);
        if (!certainly_positive(size) || !mpfr_number_p(size.upper())) return;
        Mp below = root(size, p_.scale * Integer(j), p_.m * Integer(j), precision_);
        mpfr_set_inf(below.upper_ref(), 1);
        best_ = intersect(best_, below);
    }

    long precision_;
    Mp best_;
    Power p_;
    bool usable_ = true;
    bool vanished_ = false;
};

}  // namespace

MpInterval log_spectral_radius(const std::function<Matrix<MpInterval>(long)>& matrix_at, long precision) {
    const long squarings = precision + 16;
    Mp best = Mp::everything(precision);
    Mp previous = best;
    for (long working = precision + 3 * squarings / 2 + 64, attempt = 0; attempt < 4; working *= 2, ++attempt) {
        const Matrix<Mp> t = matrix_at(working).map([working](const Mp& x) { return x.with_precision(working); });
        if (t.rows() != t.columns() || t.rows() == 0) throw std::invalid_argument("spectral radius of a matrix that is not square");
        Squaring s(t, working);
        for (long k = 0; k < squarings && s.usable(); ++k) s.square();
        if (s.vanished()) return Mp::minus_infinity(precision);
        s.use_more_traces();
        best = intersect(best, s.best()).with_precision(precision + 16);
        if (s.usable()) break;
        // Inexact input: more digits do not help.
        if (attempt > 0 && !(best.width_double() < 0.5 * previous.width_double())) break;
        previous = best;
    }
    return best.with_precision(precision);
}

}  // namespace lyapcert
