// Floating-point search for f: an approximate solution of Poisson's equation on the vertices of a fan.
//
// With F = log f at the vertices and f linear on the leaves, the operator T F(v) = sum_k p_k log f(A_k v) is monotone and commutes
// with adding constants; wanted is T F = F + const. The interpolation stencil (leaf and barycentric coordinates of every A_k v) is
// assembled once per mesh. Newton's method linearises T into a sparse stochastic matrix P; the linear systems (I - P) x = r,
// modulo constants, are solved by BiCGSTAB, and a few plain iterations F <- T F smooth before and after.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "exponent/polyhedral/cell_bounds.hpp"
#include "exponent/polyhedral/fan.hpp"

namespace lyapcert::polyhedral {

// S: double, or AlongOf<double> for a segment of families; then f(A v) stands for its mean over both ends, which is positive where the image at one of them vanishes.
template <class S, int N>
class ApproximatePoisson {
  public:
    ApproximatePoisson(const Fan<N>& fan, const MapFamily<S, N>& family) : maps_(family.maps.size()), size_(fan.vertices().size()) {
        for (const auto& map : family.maps) probability_.push_back(at_end(map.probability, 0));
        stencil_.resize(size_ * maps_);
        for_each_vertex([&](std::size_t v) {
            for (std::size_t k = 0; k < maps_; ++k)
                for (int e = 0; e < ends; ++e) {
                    std::array<double, N> w{};
                    for (int i = 0; i < N; ++i)
                        for (int j = 0; j < N; ++j) w[i] += at_end(family.maps[k].a[i][j], e) * fan.vertices()[v][j];
                    Stencil& s = stencil_[v * maps_ + k];
                    std::array<double, N> weight{};
                    const std::int32_t leaf = fan.approximate_locate(w, weight);
                    if (leaf < 0) continue;  // w = 0: weights stay zero
                    for (int i = 0; i < N; ++i) {
                        s.vertex[e * N + i] = fan.leaves()[static_cast<std::size_t>(leaf)].generators[i].vertex();
                        s.weight[e * N + i] = weight[i] / ends;
                    }
                }
        });
    }

    // Improves `values` (f > 0 at the vertices) until T F - F varies by at most `tolerance` or the deadline passes. Returns the
    // midrange of T F - F, an estimate of lambda; `oscillation` receives its range.
    double solve(std::vector<double>& values, double tolerance, std::chrono::steady_clock::time_point deadline, double& oscillation) {
        std::vector<double> residual(size_);
        double exponent = defect(values, residual, oscillation);
        const auto late = [&] { return std::chrono::steady_clock::now() > deadline; };
        for (int round = 0; round < 60 && oscillation > tolerance && !late(); ++round) {
            const int smoothing = round == 0 ? 12 : 3;
            for (int i = 0; i < smoothing && oscillation > tolerance; ++i) {
                step(values, residual, exponent);
                exponent = defect(values, residual, oscillation);
            }
            if (oscillation <= tolerance || late()) break;
            std::vector<double> correction = linear_solve(values, residual, std::max(0.02, 0.3 * tolerance / oscillation), late);
            std::vector<double> trial(size_);
            double trial_oscillation = 0.0;
            double trial_exponent = 0.0;
            bool improved = false;
            for (double damping = 1.0; damping > 0.2 && !improved; damping *= 0.5) {
                for_each_vertex([&](std::size_t v) { trial[v] = values[v] * std::exp(std::clamp(damping * correction[v], -30.0, 30.0)); });
                trial_exponent = defect(trial, residual, trial_oscillation);
                improved = trial_oscillation < 0.9 * oscillation;
            }
            if (improved) {
                values.swap(trial);
                oscillation = trial_oscillation;
                exponent = trial_exponent;
            } else {
                exponent = defect(values, residual, oscillation);
                for (int i = 0; i < 30 && oscillation > tolerance && !late(); ++i) {
                    step(values, residual, exponent);
                    exponent = defect(values, residual, oscillation);
                }
            }
        }
        normalise(values);
        return exponent;
    }

    // Stencil, and the vectors of one solve.
    std::size_t bytes() const { return stencil_.capacity() * sizeof(Stencil) + 7 * size_ * sizeof(double); }

  private:
    static constexpr int ends = end_count<S>;
    static constexpr int points = ends * N;
    struct Stencil {
        std::array<std::int32_t, points> vertex{};
        std::array<double, points> weight{};
    };
    static constexpr double smallest_image = 1e-30;  // stands for log f(0)

    template <class Body>
    void for_each_vertex(Body body) const {
        tbb::parallel_for(tbb::blocked_range<std::size_t>(0, size_, 2048), [&](const tbb::blocked_range<std::size_t>& range) {
            const RoundNearest guard;
            for (std::size_t v = range.begin(); v < range.end(); ++v) body(v);
        });
    }

    // residual = T F - F.
    double defect(const std::vector<double>& values, std::vector<double>& residual, double& oscillation) const {
        for_each_vertex([&](std::size_t v) {
            double change = 0.0;
            for (std::size_t k = 0; k < maps_; ++k) {
                const Stencil& s = stencil_[v * maps_ + k];
                double image = 0.0;
                for (int i = 0; i < points; ++i) image += s.weight[i] * values[static_cast<std::size_t>(s.vertex[i])];
                change += probability_[k] * std::log(std::max(image, smallest_image) / values[v]);
            }
            residual[v] = change;
        });
        const auto [low, high] = std::minmax_element(residual.begin(), residual.end());
        oscillation = *high - *low;
        return 0.5 * (*high + *low);
    }

    void step(std::vector<double>& values, const std::vector<double>& residual, double exponent) const {
        for_each_vertex([&](std::size_t v) { values[v] *= std::exp(std::clamp(residual[v] - exponent, -30.0, 30.0)); });
    }

    // out = (I - P) x minus its value at vertex 0.
    void apply(const std::vector<double>& values, const std::vector<double>& x, std::vector<double>& out) const {
        for_each_vertex([&](std::size_t v) {
            double y_v = x[v];
            for (std::size_t k = 0; k < maps_; ++k) {
                const Stencil& s = stencil_[v * maps_ + k];
                double image = 0.0;
                double weighted = 0.0;
                for (int i = 0; i < points; ++i) {
                    const auto u = static_cast<std::size_t>(s.vertex[i]);
                    const double y = s.weight[i] * values[u];
                    image += y;
                    weighted += y * x[u];
                }
                y_v -= probability_[k] * weighted / std::max(image, smallest_image);
            }
            out[v] = y_v;
        });
        const double reference = out[0];
        for (double& y : out) y -= reference;
    }

    template <class Term>
    double sum(Term term) const {
        double total = 0.0;
        for (std::size_t v = 0; v < size_; ++v) total += term(v);
        return total;
    }

    // BiCGSTAB (van der Vorst 1992) for (I - P) x = r modulo constants, x = 0 at vertex 0. Its shadow vector is r itself.
    template <class Late>
    std::vector<double> linear_solve(const std::vector<double>& values, const std::vector<double>& r, double reduction, Late late) const {
        std::vector<double> x(size_, 0.0);
        std::vector<double> residual(size_);
        for (std::size_t v = 0; v < size_; ++v) residual[v] = r[v] - r[0];
        std::vector<double> direction = residual;
        std::vector<double> image(size_);
        std::vector<double> second(size_);
        const auto shadow_dot = [&](const std::vector<double>& y) { return sum([&](std::size_t v) { return (r[v] - r[0]) * y[v]; }); };
        double rho = shadow_dot(residual);
        const double goal = reduction * reduction * rho;
        for (int iteration = 0; iteration < 60 && !late(); ++iteration) {
            apply(values, direction, image);
            const double slope = shadow_dot(image);
            if (slope == 0.0 || rho == 0.0) break;
            const double alpha = rho / slope;
            for (std::size_t v = 0; v < size_; ++v) residual[v] -= alpha * image[v];
            apply(values, residual, second);
            const double norm = sum([&](std::size_t v) { return second[v] * second[v]; });
            const double omega = norm > 0.0 ? sum([&](std::size_t v) { return second[v] * residual[v]; }) / norm : 0.0;
            for (std::size_t v = 0; v < size_; ++v) {
                x[v] += alpha * direction[v] + omega * residual[v];
                residual[v] -= omega * second[v];
            }
            if (omega == 0.0 || sum([&](std::size_t v) { return residual[v] * residual[v]; }) <= goal) break;
            const double next = shadow_dot(residual);
            const double beta = next / rho * (alpha / omega);
            rho = next;
            for (std::size_t v = 0; v < size_; ++v) direction[v] = residual[v] + beta * (direction[v] - omega * image[v]);
        }
        for (double& y : x)
            if (!std::isfinite(y)) y = 0.0;
        return x;
    }

    static void normalise(std::vector<double>& values) {
        double largest = 0.0;
        for (double f : values) largest = std::max(largest, f);
        if (!(largest > 0.0) || !std::isfinite(largest)) {
            std::fill(values.begin(), values.end(), 1.0);
            return;
        }
        for (double& f : values) f = std::max(f / largest, 1e-200);
    }

    std::size_t maps_;
    std::size_t size_;
    std::vector<double> probability_;
    std::vector<Stencil> stencil_;
};

}  // namespace lyapcert::polyhedral
