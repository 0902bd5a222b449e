// Families and evidence for the tests of the log-quadratic certificate, and D by its definition: with rationals, only the logarithms in MPFR.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "random.hpp"

namespace lyapcert::test {

inline constexpr long fine = 256;
using Point = std::vector<Rational>;

struct Rationals {
    std::vector<Matrix<Rational>> matrices;
    std::vector<Rational> probabilities;

    RandomProduct product() const {
        std::vector<Matrix<Real>> real;
        for (const Matrix<Rational>& a : matrices) real.push_back(a.map([](const Rational& x) { return Real(x); }));
        return RandomProduct(std::move(real), probabilities);
    }
};

inline Point times(const Matrix<Rational>& a, const Point& x) {
    Point y(a.rows(), Rational(0));
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.columns(); ++j) y[i] += a(i, j) * x[j];
    return y;
}

inline Matrix<Rational> exact(const Matrix<double>& a) {
    return a.map([](double x) { return rational_from_double(x); });
}

// Gauss-Jordan; the matrix must be regular.
inline Point solved(Matrix<Rational> a, Point b) {
    const std::size_t n = a.rows();
    for (std::size_t p = 0; p < n; ++p) {
        std::size_t pivot = p;
        while (a(pivot, p).is_zero()) ++pivot;
        for (std::size_t j = 0; j < n; ++j) std::swap(a(p, j), a(pivot, j));
        std::swap(b[p], b[pivot]);
        for (std::size_t i = 0; i < n; ++i) {
            if (i == p) continue;
            const Rational factor = a(i, p) / a(p, p);
            for (std::size_t j = p; j < n; ++j) a(i, j) -= factor * a(p, j);
            b[i] -= factor * b[p];
        }
    }
    for (std::size_t i = 0; i < n; ++i) b[i] /= a(i, i);
    return b;
}

// log f(C y), nothing when y = 0.
inline std::optional<MpInterval> log_f(const LogQuadraticEvidence& evidence, const Point& y) {
    if (std::all_of(y.begin(), y.end(), [](const Rational& x) { return x.is_zero(); })) return std::nullopt;
    MpInterval sum(fine);
    for (std::size_t j = 0; j < evidence.forms.size(); ++j) {
        const Point qy = times(exact(evidence.forms[j]), y);
        Rational q = 0;
        for (std::size_t i = 0; i < y.size(); ++i) q += y[i] * qy[i];
        sum += MpInterval(rational_from_double(evidence.weights[j]) / 2, fine) * log(MpInterval(q, fine));
    }
    return sum;
}

// D(y) by its definition, nothing when it is infinite.
inline std::optional<MpInterval> d_at(const Rationals& family, const LogQuadraticEvidence& evidence, const Point& y) {
    MpInterval sum = -*log_f(evidence, y);
    const Matrix<Rational> c = exact(evidence.basis);
    for (std::size_t k = 0; k < family.matrices.size(); ++k) {
        const auto image = log_f(evidence, solved(c, times(family.matrices[k], times(c, y))));
        if (!image) return std::nullopt;
        sum += MpInterval(family.probabilities[k], fine) * *image;
    }
    return sum;
}

inline bool at_most(double x, const MpInterval& y) { return mpfr_cmp_d(y.upper(), x) >= 0; }
inline bool at_least(double x, const MpInterval& y) { return mpfr_cmp_d(y.lower(), x) <= 0; }

inline Rationals random_family(Random& random, std::size_t n) {
    Rationals family;
    const long count = random.integer(1, 4);
    const int kind = static_cast<int>(random.integer(0, 5));
    Rational left = 1;
    for (long k = 0; k < count; ++k) {
        Matrix<Rational> a = random.rational_matrix(n, n, 9, 5);
        if (kind == 0) {  // nearly singular, by 2^-20 ... 2^-40
            for (std::size_t j = 0; j < n; ++j) a(n - 1, j) = a(0, j) * 2 + a(n - 1, j) * Rational(1, Integer(1) << static_cast<unsigned>(random.integer(20, 40)));
        } else if (kind == 1 && k == 0) {  // singular
            for (std::size_t j = 0; j < n; ++j) a(n - 1, j) = a(0, j);
        } else if (kind == 2) {  // near the identity
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) a(i, j) = a(i, j) / 50 + (i == j ? 1 : 0);
        }
        const Rational p = k + 1 == count ? left : left * Rational(random.integer(1, 5), 7);
        left -= p;
        family.matrices.push_back(std::move(a));
        family.probabilities.push_back(p);
    }
    return family;
}

inline LogQuadraticEvidence random_evidence(Random& random, std::size_t n) {
    LogQuadraticEvidence evidence;
    evidence.basis = Matrix<double>(n, n);
    const bool plain = random.chance(0.3);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) evidence.basis(i, j) = plain ? (i == j ? 1.0 : 0.0) : random.uniform(-1.0, 1.0) + (i == j ? 1.5 : 0.0);
    const long count = random.integer(1, 5);
    const double thin = random.chance(0.3) ? std::ldexp(1.0, static_cast<int>(-random.integer(5, 24))) : 0.3;
    const double scale = random.chance(0.3) ? std::ldexp(1.0, static_cast<int>(random.integer(-20, 20))) : 1.0;
    double sum = 0.0;
    for (long j = 0; j < count; ++j) {
        Matrix<double> b(n, n);
        for (std::size_t r = 0; r < n; ++r)
            for (std::size_t c = 0; c < n; ++c) b(r, c) = random.uniform(-1.0, 1.0) * (c + 1 == n ? thin : 1.0);
        Matrix<double> q = b * b.transposed();
        for (std::size_t r = 0; r < n; ++r) {
            q(r, r) += thin * thin * 0.1;
            for (std::size_t c = 0; c < r; ++c) q(r, c) = q(c, r);
        }
        evidence.forms.push_back(q.map([&](double x) { return scale * x; }));
        evidence.weights.push_back(random.uniform(-1.0, 1.0));
        sum += evidence.weights.back();
    }
    if (sum < 0.05) evidence.weights[0] += 0.3 - sum;
    if (random.chance(0.1)) evidence.weights.push_back(0.0), evidence.forms.push_back(evidence.forms[0]);
    return evidence;
}

struct RandomBox {
    std::vector<double> centre;
    std::vector<double> radius;
};

inline RandomBox random_box(Random& random, std::size_t d) {
    RandomBox box;
    const long size = random.integer(0, 14);
    for (std::size_t i = 0; i < d; ++i) {
        const double r = std::ldexp(1.0, static_cast<int>(-std::min(40L, random.chance(0.2) ? random.integer(0, 40) : size + random.integer(0, 2))));
        const long cells = std::lround(1.0 / r) - 1;
        const long at = random.chance(0.2) ? (random.chance(0.5) ? 0 : cells) : random.integer(0, cells);
        box.radius.push_back(r);
        box.centre.push_back(-1.0 + r * static_cast<double>(2 * at + 1));
    }
    return box;
}

// h in the box, often at its boundary.
inline Point random_displacement(Random& random, const RandomBox& box) {
    Point h;
    for (const double r : box.radius) h.push_back(rational_from_double(r) * (random.chance(0.5) ? Rational(random.chance(0.5) ? 1 : -1) : Rational(random.integer(-64, 64), 64)));
    return h;
}

inline Point on_face(const RandomBox& box, const Point& h, std::size_t face) {
    Point y;
    for (std::size_t i = 0; i < h.size(); ++i) y.push_back(rational_from_double(box.centre[i]) + h[i]);
    y.insert(y.begin() + static_cast<std::ptrdiff_t>(face), Rational(1));
    return y;
}

}  // namespace lyapcert::test
