// (Stochastic) gradient descent at a fixed rate, and nothing else: x - (rate/B) sum_{i in S} h_i g_i with S a uniform subset of size B.
#pragma once

#include <functional>
#include <vector>

#include "problem/train/approximate_fit.hpp"
#include "problem/train/random.hpp"

namespace lyapcert::training {

struct Descent {
    std::vector<double> weights;
    double loss = 0.0;
    long steps = 0;
    bool diverged = false;
    bool interpolates = false;
};

// At most `most_steps` steps. Ends early where every residual is as good as zero, where the loss has stopped falling although the residuals are near
// enough (rounding holds them up), and where it diverges.
Descent descend(const Fit& fit, std::vector<double> weights, double rate, std::size_t batch, long most_steps, Random& random,
                const std::function<void(const std::vector<double>&)>& after_step);

}  // namespace lyapcert::training
