// Random numbers, points and enclosures for the tests. LYAPCERT_TEST_MULTIPLIER scales the number of trials (default 1),
// LYAPCERT_TEST_SEED changes them.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"

namespace lyapcert::test {

inline double environment_number(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtod(text, nullptr);
}

inline int trials(int base) {
    static const double multiplier = environment_number("LYAPCERT_TEST_MULTIPLIER", 1.0);
    return std::max(1, static_cast<int>(base * multiplier));
}

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed + 1000003U * static_cast<std::uint64_t>(environment_number("LYAPCERT_TEST_SEED", 0.0))) {}

    // lo <= result <= hi.
    long integer(long lo, long hi) { return std::uniform_int_distribution<long>(lo, hi)(engine_); }
    bool chance(double p) { return uniform(0.0, 1.0) < p; }
    double uniform(double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(engine_); }

    // Any finite double, the extremes and the integers more often than they deserve.
    double finite() {
        switch (integer(0, 9)) {
            case 0: return std::copysign(0.0, sign());
            case 1: return sign() * static_cast<double>(integer(0, 20));
            case 2: return sign() * std::ldexp(static_cast<double>(integer(1, 1000)), -1074);  // subnormal
            case 3: return sign() * std::ldexp(uniform(1.0, 2.0), static_cast<int>(integer(1000, 1023)));
            case 4: return sign() * std::numeric_limits<double>::max();
            case 5: return sign() * std::ldexp(uniform(1.0, 2.0), static_cast<int>(integer(-1074, 1023)));
            default: return sign() * std::ldexp(uniform(1.0, 2.0), static_cast<int>(integer(-60, 60)));
        }
    }

    // Endpoints anywhere, infinite ones included; thin and point intervals often.
    Interval interval() {
        double a = finite();
        double b = chance(0.3) ? a : chance(0.4) ? nearby(a) : finite();
        if (chance(0.05)) b = std::numeric_limits<double>::infinity();
        if (chance(0.05)) a = -std::numeric_limits<double>::infinity();
        return a <= b ? Interval(a, b) : Interval(b, a);
    }
    // Within moderate exponents, for functions that overflow.
    Interval moderate_interval(double bound) {
        const double a = uniform(-bound, bound);
        const double b = chance(0.3) ? a : chance(0.5) ? a + uniform(0.0, 1e-6) : uniform(-bound, bound);
        return a <= b ? Interval(a, b) : Interval(b, a);
    }

    // A rational in x; an infinite endpoint is taken for 2^1100.
    Rational inside(const Interval& x) { return between(endpoint(x.lower()), endpoint(x.upper())); }
    Rational between(const Rational& lo, const Rational& hi) {
        switch (integer(0, 4)) {
            case 0: return lo;
            case 1: return hi;
            default: return lo + (hi - lo) * Rational(integer(0, 1L << 40), 1L << 40);
        }
    }

    Rational rational(long numerator_bound = 50, long denominator_bound = 20) {
        return Rational(integer(-numerator_bound, numerator_bound), integer(1, denominator_bound));
    }

    Matrix<Rational> rational_matrix(std::size_t rows, std::size_t columns, long numerator_bound = 9, long denominator_bound = 5) {
        Matrix<Rational> m(rows, columns);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < columns; ++j) m(i, j) = rational(numerator_bound, denominator_bound);
        return m;
    }
    // B B^T with B n x rank: positive semidefinite of (nearly always) that rank.
    Matrix<Rational> gram(std::size_t n, std::size_t rank, long numerator_bound = 5, long denominator_bound = 4) {
        const Matrix<Rational> b = rational_matrix(n, rank, numerator_bound, denominator_bound);
        return b * b.transposed();
    }

    std::mt19937_64& engine() { return engine_; }

  private:
    double sign() { return integer(0, 1) == 0 ? -1.0 : 1.0; }
    double nearby(double a) {
        for (long k = integer(0, 3); k > 0; --k) a = std::nextafter(a, std::numeric_limits<double>::infinity());
        return std::isfinite(a) ? a : std::numeric_limits<double>::max();
    }
    static Rational endpoint(double x) {
        if (std::isfinite(x)) return rational_from_double(x);
        Integer big = 1;
        big <<= 1100;
        return x > 0 ? Rational(big) : Rational(-big);
    }
    std::mt19937_64 engine_;
};

// The largest double not above x, the smallest not below (infinite on overflow).
inline double round_down(const Rational& x) {
    mpfr_t t;
    mpfr_init2(t, 64);  // rounding down twice is rounding down once
    mpfr_set_q(t, x.backend().data(), MPFR_RNDD);
    const double result = mpfr_get_d(t, MPFR_RNDD);
    mpfr_clear(t);
    return result;
}
inline double round_up(const Rational& x) { return -round_down(-x); }

// The number of eigenvalues of a below c, by the exact inertia of a - c I; nothing when elimination meets a zero pivot.
inline std::optional<std::size_t> count_below(Matrix<Rational> a, const Rational& c) {
    const std::size_t n = a.rows();
    for (std::size_t i = 0; i < n; ++i) a(i, i) -= c;
    std::size_t negative = 0;
    for (std::size_t k = 0; k < n; ++k) {
        if (a(k, k).is_zero()) return std::nullopt;
        if (a(k, k) < 0) ++negative;
        for (std::size_t i = k + 1; i < n; ++i) {
            const Rational factor = a(i, k) / a(k, k);
            for (std::size_t j = k + 1; j < n; ++j) a(i, j) -= factor * a(k, j);
        }
    }
    return negative;
}

inline bool same_bits(double x, double y) { return std::memcmp(&x, &y, sizeof x) == 0; }
// -0 and +0 are one endpoint.
inline bool same(const Interval& x, const Interval& y) {
    return same_bits(x.lower() + 0.0, y.lower() + 0.0) && same_bits(x.upper() + 0.0, y.upper() + 0.0);
}

}  // namespace lyapcert::test
