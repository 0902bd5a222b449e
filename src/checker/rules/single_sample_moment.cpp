#include "checker/rules/single_sample_moment.hpp"

#include <cmath>

#include "checker/numbers/doubles.hpp"
#include "checker/rules/definite.hpp"

namespace lyapcert::checker {

namespace {

double upper_root(const Outward& x) { return Outward::up(std::sqrt(std::max(x.hi, 0.0))); }

}  // namespace

std::string check_solution(const Matrix& matrix, Side side, const End& claim, const nlohmann::json& solution, long bits) {
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
            middle[i * n + j] = middle[j * n + i] = std::fabs(m) < smallest_double ? 0.0 : m;
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
