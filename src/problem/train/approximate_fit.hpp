// A network and the data that it is to interpolate, in floating point.
//
// All sums run in an order of their own, whatever the processor: the same weights lead to the same numbers wherever the C library gives the same
// elementary functions.
#pragma once

#include <cstddef>
#include <vector>

#include "lyapcert/problem/network.hpp"

namespace lyapcert::training {

// The residuals h_i = F(w, y_i) - z_i, their gradients in the free weights as rows one after the other, and the loss (1/N) sum_i h_i^2 / 2.
struct Linearised {
    std::vector<double> residuals;
    std::vector<double> rows;
    double loss = 0.0;
};

struct Fit {
    Network network;
    std::vector<std::size_t> free;  // the weights that are trained
    std::vector<std::vector<double>> inputs;
    std::vector<double> targets;
    double softness = 0.0;  // s > 0: relu is replaced by s log(1 + exp(u / s)), which is smooth and within s of it

    std::size_t data_points() const { return inputs.size(); }
    Differential<double> residual(const std::vector<double>& w, std::size_t i) const;
    Linearised at(const std::vector<double>& w) const;
    double loss(const std::vector<double>& w) const;
    double reference_loss() const;  // of F = 0

    // About how far h_i as computed in doubles may be from h_i.
    double rounding(const std::vector<double>& w, std::size_t i) const;
    // Every residual is as good as zero: at most a few times its rounding, and small against the targets.
    bool vanishes(const std::vector<double>& w) const;
    // Every residual is a million times its rounding at most, and below a billionth of the largest target; or as good as zero.
    bool nearly_vanishes(const std::vector<double>& w) const;
    // The least |u| of a relu unit's argument u at a data point, over the sum of the moduli that make it; 1 where there are none.
    double distance_to_kinks(const std::vector<double>& w) const;
};

double dot(const double* x, const double* y, std::size_t n);
// J^T a, for N rows of d numbers.
std::vector<double> combined(const std::vector<double>& rows, const std::vector<double>& a, std::size_t d);

}  // namespace lyapcert::training
