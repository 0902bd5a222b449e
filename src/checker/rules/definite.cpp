#include "checker/rules/definite.hpp"

#include <cmath>

#include "checker/numbers/doubles.hpp"
#include "checker/rules/weighted_moment.hpp"

namespace lyapcert::checker {

Outward enclosed(const Enclosure& e) {
    const auto end = [](mpfr_srcptr y, mpfr_rnd_t direction) {
        const double d = mpfr_get_d(y, direction);
        if (!(std::fabs(d) <= largest_double)) throw Refused("an entry of the Gram matrix is larger than 2^40");
        if (mpfr_zero_p(y) != 0 || std::fabs(d) >= smallest_double) return d;
        const int sign = mpfr_sgn(y);
        return direction == MPFR_RNDD ? (sign > 0 ? 0.0 : -smallest_double) : (sign < 0 ? 0.0 : smallest_double);
    };
    return {end(e.lower(), MPFR_RNDD), end(e.upper(), MPFR_RNDU)};
}

std::vector<Outward> enclosed(const Matrix& m, long bits) {
    charge(500.0 * static_cast<double>(m.entries.size()));
    std::vector<Outward> result;
    for (const Value& x : m.entries) result.push_back(enclosed(x.enclosure(bits)));
    return result;
}

namespace {

// sign m + shift I > 0
bool definite(const Matrix& m, double sign, const Rational& shift, long bits) {
    const std::size_t n = m.rows;
    charge(2.0 * static_cast<double>(n) * static_cast<double>(n * n) + 1000.0 * static_cast<double>(n * n));
    const Outward s = enclosed(Enclosure(shift, bits));
    std::vector<double> lower;
    std::vector<double> upper;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Outward x = enclosed(m(i, j).enclosure(bits));
            if (sign < 0) x = Outward(-x.hi, -x.lo);
            if (i == j) x = x + s;
            lower.push_back(x.lo);
            upper.push_back(x.hi);
        }
    return proves_positive_definite(lower, upper, n);
}

}  // namespace

bool exceeds(const Matrix& m, const Rational& shift, long bits) { return definite(m, 1.0, -shift, bits); }
bool is_exceeded(const Matrix& m, const Rational& shift, long bits) { return definite(m, -1.0, shift, bits); }

}  // namespace lyapcert::checker
