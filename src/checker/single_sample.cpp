#include "checker/single_sample.hpp"

#include <cmath>

#include "checker/doubles.hpp"
#include "checker/outward.hpp"
#include "checker/weighted_moment.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

constexpr double largest = largest_double;
constexpr double smallest = smallest_double;
const std::string not_proved = "the inequality is not proved";

// Ends that are 0, or between `smallest` and `largest` in modulus.
Outward enclosed(const Enclosure& e) {
    const auto end = [](mpfr_srcptr y, mpfr_rnd_t direction) {
        const double d = mpfr_get_d(y, direction);
        if (!(std::fabs(d) <= largest)) throw Refused("an entry of the Gram matrix is larger than 2^40");
        if (mpfr_zero_p(y) != 0 || std::fabs(d) >= smallest) return d;
        const int sign = mpfr_sgn(y);
        return direction == MPFR_RNDD ? (sign > 0 ? 0.0 : -smallest) : (sign < 0 ? 0.0 : smallest);
    };
    return {end(e.lower(), MPFR_RNDD), end(e.upper(), MPFR_RNDU)};
}

std::vector<Outward> enclosed(const Matrix& m, long bits) {
    charge(500.0 * static_cast<double>(m.entries.size()));
    std::vector<Outward> result;
    for (const Value& x : m.entries) result.push_back(enclosed(x.enclosure(bits)));
    return result;
}

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

double upper_root(const Outward& x) { return Outward::up(std::sqrt(std::max(x.hi, 0.0))); }

}  // namespace

bool exceeds(const Matrix& m, const Rational& shift, long bits) { return definite(m, 1.0, -shift, bits); }
bool is_exceeded(const Matrix& m, const Rational& shift, long bits) { return definite(m, -1.0, shift, bits); }

std::string check_large_mu(const Problem& problem, Side side, const End& claim, const json& proof, long bits) {
    const Matrix& m = problem.scaled_gram;
    const std::size_t count = problem.data_points;
    const Rational n(static_cast<unsigned long>(count));
    if (claim.minus_infinity) return side == Side::lower ? "" : not_proved;
    if (side == Side::upper) {
        const Rational r = exp_below(claim.value, bits);
        if (!is_exceeded(m, n * (1 + r), bits)) return not_proved;
        return r >= 1 || exceeds(m, n * (1 - r), bits) ? "" : not_proved;
    }
    const Rational r = exp_above(claim.value, bits);
    const std::vector<double> v = parse_doubles(proof.at("vector").get_ref<const std::string&>(), count, "the vector of a proof");
    const std::vector<Outward> entries = enclosed(m, bits);
    Outward form;
    Outward norm;
    for (std::size_t i = 0; i < count; ++i) {
        Outward row;
        for (std::size_t j = 0; j < count; ++j) row = row + entries[i * count + j] * Outward(v[j]);
        form = form + row * Outward(v[i]);
        norm = norm + Outward(v[i]) * Outward(v[i]);
    }
    if (!(norm.lo > 0.0)) return "the vector is zero";
    if ((form - enclosed(Enclosure(n * (1 + r), bits)) * norm).lo >= 0.0) return "";
    if (r >= 1 || (enclosed(Enclosure(n * (1 - r), bits)) * norm - form).lo < 0.0) return not_proved;
    return exceeds(m, 0, bits) ? "" : "the Gram matrix is not proved positive definite";
}

std::string check_solution(const Matrix& matrix, Side side, const End& claim, const json& solution, long bits) {
    const std::size_t n = matrix.rows;
    const double size = static_cast<double>(n);
    if (claim.minus_infinity) return side == Side::lower ? "" : not_proved;
    const double c = parse_doubles(solution.at("c").get_ref<const std::string&>(), 1, "the c of a solution")[0];
    const Rational radius = 1 + Rational(c) / Rational(static_cast<unsigned long>(n));
    if (side == Side::upper ? radius > exp_below(claim.value, bits) : radius < exp_above(claim.value, bits)) return "the solution is of another radius";
    const std::vector<double> triangle = parse_doubles(solution.at("x").get_ref<const std::string&>(), n * (n + 1) / 2, "the x of a solution");
    const std::vector<Outward> k = enclosed(matrix, bits);
    charge(3.0 * size * size * size + 500.0 * size * size);
    std::vector<double> x(n * n);
    std::vector<double> middle(n * n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            x[i * n + j] = x[j * n + i] = triangle[i * (i + 1) / 2 + j];
            const double m = 0.5 * k[i * n + j].lo + 0.5 * k[i * n + j].hi;
            middle[i * n + j] = middle[j * n + i] = std::fabs(m) < smallest ? 0.0 : m;
        }
    std::vector<double> y(n * n, 0.0);  // about X K
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t l = 0; l < n; ++l)
            for (std::size_t j = 0; j < n; ++j) y[i * n + j] += x[i * n + l] * middle[l * n + j];
    // |(X K)_ij - y_ij| <= |X_i| slack_j.
    std::vector<Outward> norm(n);
    std::vector<Outward> slack(n);
    const Outward g = Outward(1.01) * Outward(static_cast<double>(n + 2)) * Outward(0x1p-52);
    for (std::size_t i = 0; i < n; ++i) {
        Outward own;
        Outward other;
        Outward radii;
        for (std::size_t j = 0; j < n; ++j) {
            const double m = middle[i * n + j];
            const Outward& e = j <= i ? k[i * n + j] : k[j * n + i];
            const double r = std::max({(Outward(e.hi) - Outward(m)).hi, (Outward(m) - Outward(e.lo)).hi, 0.0});
            own = own + Outward(x[i * n + j]) * Outward(x[i * n + j]);
            other = other + Outward(m) * Outward(m);
            radii = radii + Outward(r) * Outward(r);
        }
        norm[i] = Outward(upper_root(own));
        slack[i] = g * Outward(upper_root(other)) + Outward(upper_root(radii));
    }
    const auto product = [&](std::size_t i, std::size_t j) {  // (X K)_ij
        const double e = (norm[i] * slack[j]).hi;
        return Outward(y[i * n + j]) + Outward(-e, e);
    };
    std::vector<Outward> d(n);
    std::vector<Outward> q(n);
    std::vector<Outward> others(n);
    std::vector<double> w(n);
    for (std::size_t i = 0; i < n; ++i) {
        d[i] = Outward(c) * Outward(x[i * n + i]) + Outward(2.0) * product(i, i);
        if (!(d[i].lo > 0x1p-150) || !(d[i].hi < 0x1p150)) return "D is not proved positive definite";
        w[i] = 1.0 / std::sqrt(d[i].hi);
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            q[i] = q[i] + (j <= i ? k[i * n + j] : k[j * n + i]) * product(j, i);
            if (j >= i) continue;
            const Outward entry = Outward(c) * Outward(x[i * n + j]) + product(i, j) + product(j, i);
            const Outward magnitude(std::max(-entry.lo, entry.hi));
            others[i] = others[i] + Outward(w[j]) * magnitude;
            others[j] = others[j] + Outward(w[i]) * magnitude;
        }
    for (std::size_t i = 0; i < n; ++i) {
        if (!((Outward(w[i]) * d[i]).lo > others[i].hi)) return "D is not proved positive definite";
        const Outward difference = side == Side::upper ? d[i] - q[i] : q[i] - d[i];
        if (!((Outward(w[i]) * difference).lo > others[i].hi)) return not_proved;
    }
    return exceeds(matrix, Rational(-c) / 2, bits) ? "" : "c I + 2 K is not proved positive definite";
}

}  // namespace lyapcert::checker
