// The proof: takes f, however it was found, and shows D >= level (or <= level) on every ray, by branch and bound.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "exponent/log_quadratic/forms.hpp"
#include "exponent/log_quadratic/kernel.hpp"

namespace lyapcert::log_quadratic {

struct ProofLimits {
    std::size_t boxes = std::size_t{1} << 40;
    std::size_t violations = 1;  // a failed proof may go on until it has found so many
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct Proof {
    bool proved = false;
    // Points y at which D lies on the wrong side of the level, or where the boxes became too small: for the search to learn from.
    std::vector<std::vector<double>> violations;
    std::size_t boxes = 0;
};

// The answer does not depend on the number of threads (unless the deadline cuts it short).
Proof prove(const FormTable& table, Side side, double level, const ProofLimits& limits);

// Bounds of D over one box of a face, -inf and inf where the kernel's conditions fail; `split` is the direction to bisect.
struct BoxBounds {
    double lower;
    double upper;
    double centre_lower;  // of D at the centre
    double centre_upper;
    int split;
    double remainder;  // for the heuristics: what bisection shrinks fast, and the directions' shares in it
    std::array<double, 5> spread;
};
BoxBounds bound_box(const FormTable& table, std::size_t face, const double* centre, const double* radius, Kernel kernel = nullptr /* the fastest */);

// |D(c + h) - value - gradient . h - sum_i curvature_i h_i^2| <= rest for all h in the box.
struct BoxModel {
    double value;
    std::array<double, 5> gradient;
    std::array<double, 5> curvature;
    double rest;  // infinite where the kernel's conditions fail

    // A lower bound of sign * D(c + h) + tilt . h; n - 1 numbers each.
    double lowest(double sign, const double* tilt, const double* radius, int free) const;
};
BoxModel model_box(const FormTable& table, std::size_t face, const double* centre, const double* radius);

// What the kernel's lemma allows for, whatever the box.
double slack(const FormTable& table);

}  // namespace lyapcert::log_quadratic
