#include "exponent/weighted_moment/approximate_quasi_newton.hpp"

#include <cmath>
#include <numeric>

namespace lyapcert::weighted_moment {

double inner_product(const std::vector<double>& a, const std::vector<double>& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

std::vector<double> LimitedMemory::scaled(std::vector<double> g) const {
    for (std::size_t e = 0; e < g.size(); ++e) g[e] *= metric_[e];
    return g;
}

std::vector<double> LimitedMemory::direction(const std::vector<double>& gradient) {
    std::vector<double> result = gradient;
    std::vector<double> along;
    for (auto it = pairs_.rbegin(); it != pairs_.rend(); ++it) {
        along.push_back(inner_product(it->first, result) / inner_product(it->first, it->second));
        for (std::size_t e = 0; e < result.size(); ++e) result[e] -= along.back() * it->second[e];
    }
    result = scaled(std::move(result));
    if (!pairs_.empty()) {
        const auto& [s, y] = pairs_.back();
        const double factor = inner_product(s, y) / inner_product(y, scaled(y));
        for (double& x : result) x *= factor;
    }
    auto back = along.rbegin();
    for (const auto& [s, y] : pairs_) {
        const double b = *back++ - inner_product(y, result) / inner_product(s, y);
        for (std::size_t e = 0; e < result.size(); ++e) result[e] += b * s[e];
    }
    if (inner_product(gradient, result) > 0.0) return result;
    forget();
    return scaled(gradient);
}

void LimitedMemory::remember(std::vector<double> s, std::vector<double> y) {
    constexpr std::size_t most_pairs = 12;
    if (inner_product(s, y) > 1e-12 * std::sqrt(inner_product(s, s) * inner_product(y, y))) pairs_.emplace_back(std::move(s), std::move(y));
    if (pairs_.size() > most_pairs) pairs_.pop_front();
}

}  // namespace lyapcert::weighted_moment
