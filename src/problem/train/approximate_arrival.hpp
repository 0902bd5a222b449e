// From initial weights to weights that interpolate: gradient descent at a rate that the Gram matrix chooses, then Gauss-Newton steps of least norm.
//
// Descent: x - (rate/N) J^T h, rate = N / kappa with kappa the largest eigenvalue of the Gram matrix J J^T where it stands, half of what would be
// unstable; the first steps are shorter. Gauss-Newton: damped as Levenberg and Marquardt do it, the damping going to zero as the steps keep their
// promise. A network with relu units is first fitted with soft ones, less and less soft: so kinks move past data points, which they otherwise do not.
#pragma once

#include <functional>
#include <vector>

#include "problem/train/approximate_fit.hpp"

namespace lyapcert::training {

struct Arrival {
    std::vector<double> weights;
    double loss = 0.0;
    bool interpolates = false;
    bool in_general_position = false;  // no gradients that are nearly linearly dependent, no relu unit near its kink: a minimum can be proved there
    long descent_steps = 0;
    long newton_steps = 0;
};

struct Allowance {
    long steps = 0;
    double work = 0.0;  // multiplications, roughly; counted down
};

// Stops where no step helps any more, or the allowance is used up. `after_step` sees the weights after each step.
Arrival arrive(const Fit& fit, std::vector<double> weights, Allowance& allowance, const std::function<void(const std::vector<double>&)>& after_step);

}  // namespace lyapcert::training
