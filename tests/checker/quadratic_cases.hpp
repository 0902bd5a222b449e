// Log-quadratic evidence for the tests, and D in long double.
#pragma once

#include <cmath>
#include <cstdio>

#include "checker/rules/log_quadratic/log_quadratic.hpp"
#include "random.hpp"

namespace lyapcert::checker::cases {

using lyapcert::test::Random;
using lyapcert::test::trials;
using nlohmann::json;

using Vector = std::vector<long double>;
using Rows = std::vector<std::vector<double>>;  // exact doubles

inline std::string hexadecimal(double x) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", x);
    return text;
}

struct Evidence {
    Rows basis;
    std::vector<Rows> forms;
    std::vector<double> weights;

    json text() const {
        const auto join = [](const std::vector<double>& list) {
            std::string result;
            for (const double x : list) result += (result.empty() ? "" : " ") + hexadecimal(x);
            return result;
        };
        std::vector<double> c;
        std::vector<double> q;
        for (const auto& row : basis) c.insert(c.end(), row.begin(), row.end());
        for (const Rows& form : forms)
            for (std::size_t i = 0; i < form.size(); ++i) q.insert(q.end(), form[i].begin(), form[i].begin() + static_cast<std::ptrdiff_t>(i) + 1);
        return json{{"dimension", basis.size()}, {"basis", join(c)}, {"forms", join(q)}, {"weights", join(weights)}};
    }
};

inline Rows diagonal(const std::vector<double>& d) {
    Rows a(d.size(), std::vector<double>(d.size(), 0.0));
    for (std::size_t i = 0; i < d.size(); ++i) a[i][i] = d[i];
    return a;
}

inline Evidence euclidean(std::size_t n) { return {diagonal(std::vector<double>(n, 1.0)), {diagonal(std::vector<double>(n, 1.0))}, {1.0}}; }

inline Product product_of(const std::vector<Rows>& matrices, const std::vector<Rational>& probabilities) {
    Product product;
    for (std::size_t k = 0; k < matrices.size(); ++k) {
        Matrix a(matrices[k].size(), matrices[k].size());
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.rows; ++j) a(i, j) = Rational(matrices[k][i][j]);
        append(product, a, probabilities[k]);
    }
    return product;
}

inline Vector times(const Rows& a, const Vector& x) {
    Vector y(x.size(), 0.0L);
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t j = 0; j < x.size(); ++j) y[i] += static_cast<long double>(a[i][j]) * x[j];
    return y;
}

inline Vector solved(const Rows& c, Vector b) {
    const std::size_t n = b.size();
    std::vector<Vector> a;
    for (const auto& row : c) a.emplace_back(row.begin(), row.end());
    for (std::size_t p = 0; p < n; ++p) {
        std::size_t pivot = p;
        for (std::size_t i = p; i < n; ++i)
            if (std::fabs(a[i][p]) > std::fabs(a[pivot][p])) pivot = i;
        std::swap(a[p], a[pivot]);
        std::swap(b[p], b[pivot]);
        for (std::size_t i = 0; i < n; ++i) {
            if (i == p) continue;
            const long double factor = a[i][p] / a[p][p];
            for (std::size_t j = p; j < n; ++j) a[i][j] -= factor * a[p][j];
            b[i] -= factor * b[p];
        }
    }
    for (std::size_t i = 0; i < n; ++i) b[i] /= a[i][i];
    return b;
}

inline long double log_f(const Evidence& e, const Vector& y) {
    long double sum = 0.0L;
    for (std::size_t j = 0; j < e.forms.size(); ++j) {
        const Vector q = times(e.forms[j], y);
        long double value = 0.0L;
        for (std::size_t i = 0; i < y.size(); ++i) value += y[i] * q[i];
        sum += static_cast<long double>(e.weights[j]) / 2 * std::log(value);
    }
    return sum;
}

// D(y)/s by its definition.
inline long double d_at(const std::vector<Rows>& matrices, const std::vector<Rational>& probabilities, const Evidence& e, const Vector& y) {
    long double sum = -log_f(e, y);
    long double degree = 0.0L;
    for (const double a : e.weights) degree += a;
    for (std::size_t k = 0; k < matrices.size(); ++k) sum += static_cast<long double>(probabilities[k].get_d()) * log_f(e, solved(e.basis, times(matrices[k], times(e.basis, y))));
    return sum / degree;
}

struct Case {
    std::vector<Rows> matrices;
    std::vector<Rational> probabilities;
    Evidence evidence;
};

inline Case random_case(Random& random, std::size_t n) {
    Case c;
    const long count = random.integer(1, 3);
    for (long k = 0; k < count; ++k) {
        Rows a(n, std::vector<double>(n));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) a[i][j] = static_cast<double>(random.integer(-8, 8)) / 8 + (i == j ? 2.5 : 0.0);
        c.matrices.push_back(a);
    }
    c.probabilities = count == 1 ? std::vector<Rational>{1} : count == 2 ? std::vector<Rational>{Rational(1, 4), Rational(3, 4)} : std::vector<Rational>{Rational(1, 2), Rational(1, 3), Rational(1, 6)};
    c.evidence.basis = Rows(n, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) c.evidence.basis[i][j] = random.uniform(-0.4, 0.4) + (i == j ? 1.0 : 0.0);
    double sum = 0.0;
    for (long f = random.integer(1, 3); f > 0; --f) {
        Rows b(n, std::vector<double>(n));
        Rows q(n, std::vector<double>(n, 0.0));
        for (auto& row : b)
            for (double& x : row) x = random.uniform(-0.6, 0.6);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                for (std::size_t l = 0; l < n; ++l) q[i][j] += b[i][l] * b[j][l];
                if (i == j) q[i][i] += 0.4;
                q[j][i] = q[i][j];
            }
        c.evidence.forms.push_back(q);
        c.evidence.weights.push_back(random.uniform(-0.5, 1.0));
        sum += c.evidence.weights.back();
    }
    if (sum < 0.2) c.evidence.weights[0] += 0.5 - sum;
    return c;
}

}  // namespace lyapcert::checker::cases
