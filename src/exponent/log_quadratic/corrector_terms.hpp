// The terms of the corrector's lemma (corrector.hpp) for one box: in intervals for the proof, in doubles for the search.
#pragma once

#include <algorithm>
#include <cmath>

#include "exponent/log_quadratic/corrector.hpp"

namespace lyapcert::log_quadratic {

inline double low(double x) { return x; }
inline double high(double x) { return x; }
inline double low(const Interval& x) { return x.lower(); }
inline double high(const Interval& x) { return x.upper(); }
inline double modulus(double x) { return std::fabs(x); }
inline Interval modulus(const Interval& x) { return abs(x); }

// z(h) = centre + slope h for the image of one box.
template <class S>
struct BoxImage {
    std::array<S, log_quadratic_max_dimension> centre;
    std::array<std::array<S, most_free>, log_quadratic_max_dimension> slope;

    BoxImage(const BoxTree& boxes, std::size_t b, const ImageMap& map) {
        const int n = boxes.dimension();
        const int f = boxes.face(b);
        const auto entry = [&](int i, int j) {
            if constexpr (std::is_same_v<S, double>) return map.entries[i][j];
            else return Interval(map.entries[i][j]) + Interval(-map.error, map.error);
        };
        for (int i = 0; i < n; ++i) {
            centre[i] = entry(i, f);
            for (int j = 0, at = 0; j < n; ++j) {
                if (j == f) continue;
                slope[i][at] = entry(i, j);
                centre[i] += slope[i][at] * S(boxes.box(b).centre[at]);
                ++at;
            }
        }
    }
};

template <class S>
class CorrectorTerms {
  public:
    CorrectorTerms(const BoxCorrector& corrector, std::size_t box, const ImageMap& map)
        : corrector_(corrector), box_(box), n_(corrector.boxes.dimension()), image_(corrector.boxes, box, map) {
        std::array<double, log_quadratic_max_dimension> y{};
        double size = 0.0;
        for (int i = 0; i < n_; ++i) {
            y[i] = 0.5 * low(image_.centre[i]) + 0.5 * high(image_.centre[i]);
            size = std::max(size, std::fabs(y[i]));
        }
        // A little off the centre: on the border of two boxes roundings would decide, and search and proof differ.
        for (int i = 0; i < n_; ++i) y[i] += 0x1p-30 * (i + 1) * size;
        std::array<double, most_free> unused;
        main_ = corrector.boxes.approximate_locate(y, unused);
        const Projection& p = projection(corrector.boxes.face(main_));
        if (!p.known) return;
        const double* g = slope_of(main_);
        for (int i = 0; i < n_ - 1; ++i)
            for (int j = 0; j < n_ - 1; ++j) common_[j] += g[i] * (0.5 * low(p.derivative[i][j]) + 0.5 * high(p.derivative[i][j]));
        for (double& x : common_)
            if (!std::isfinite(x)) x = 0.0;  // any G is right
    }

    // G.
    const std::array<double, most_free>& common() const { return common_; }

    // A lower bound of phi_t - V_t - G . h where z(h) is in the target t.
    double kappa(std::size_t t) const {
        const int free = n_ - 1;
        const Box box = corrector_.boxes.box(box_);
        const Box target = corrector_.boxes.box(t);
        const double* g = slope_of(t);
        S crude(0.0);
        for (int j = 0; j < free; ++j) crude -= S(std::fabs(g[j])) * S(target.radius[j]) + S(std::fabs(common_[j])) * S(box.radius[j]);
        const int face = corrector_.boxes.face(t);
        const Projection& p = projection(face);
        if (!p.known) return low(crude);
        // On another face than that of the main target, g* = 0 or g_t: take the target's own slope, d then plays no part.
        const double* star = corrector_.boxes.face(main_) == face ? slope_of(main_) : g;
        S value(0.0);
        std::array<S, most_free> gradient;
        gradient.fill(S(0.0));
        for (int i = 0; i < free; ++i) {
            const S offset = p.value[i] - S(target.centre[i]);
            S reach(0.0);
            for (int j = 0; j < free; ++j) {
                reach += modulus(p.derivative[i][j]) * S(box.radius[j]);
                gradient[j] += S(star[i]) * p.derivative[i][j];
            }
            const S rest = reach * p.tail;
            const double most = high(reach + rest);
            const double from = std::max(low(S(-target.radius[i]) - offset), -most);
            const double to = std::min(high(S(target.radius[i]) - offset), most);
            const S difference = S(g[i]) - S(star[i]);
            value += S(g[i]) * offset - S(std::fabs(star[i])) * rest;
            // Where the two ranges do not meet there is no such h.
            value += S(std::min(low(difference * S(from)), low(difference * S(to))));
        }
        for (int j = 0; j < free; ++j) value -= modulus(gradient[j] - S(common_[j])) * S(box.radius[j]);
        // A comparison that is false for NaN.
        return low(value) > low(crude) ? low(value) : low(crude);
    }

  private:
    // w(0) and J on one face.
    struct Projection {
        bool asked = false;
        bool known = false;
        std::array<S, most_free> value;
        std::array<std::array<S, most_free>, most_free> derivative;
        S tail;  // rho / (1 - rho)
    };

    const double* slope_of(std::size_t b) const { return &corrector_.slopes[b * static_cast<std::size_t>(n_ - 1)]; }

    // Most targets lie on the same face.
    const Projection& projection(int face) const {
        constexpr double largest_rho = 0.9;
        Projection& p = projections_[static_cast<std::size_t>(face)];
        if (p.asked) return p;
        p.asked = true;
        const S& divisor = image_.centre[face];
        if (!(low(divisor) > 0x1p-60 || high(divisor) < -0x1p-60)) return p;
        S rho(0.0);
        for (int j = 0; j < n_ - 1; ++j) rho += modulus(image_.slope[face][j] / divisor) * S(corrector_.boxes.radius(box_, static_cast<std::size_t>(j)));
        if (!(high(rho) < largest_rho)) return p;
        p.known = true;
        p.tail = rho / (S(1.0) - rho);
        for (int i = 0, at = 0; i < n_; ++i) {
            if (i == face) continue;
            p.value[at] = image_.centre[i] / divisor;
            for (int j = 0; j < n_ - 1; ++j) p.derivative[at][j] = (image_.slope[i][j] - p.value[at] * image_.slope[face][j]) / divisor;
            ++at;
        }
        return p;
    }

    const BoxCorrector& corrector_;
    std::size_t box_;
    int n_;
    BoxImage<S> image_;
    mutable std::array<Projection, log_quadratic_max_dimension> projections_;
    std::size_t main_ = 0;
    std::array<double, most_free> common_{};
};

}  // namespace lyapcert::log_quadratic
