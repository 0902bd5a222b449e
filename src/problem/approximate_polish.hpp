// Gauss-Newton steps of minimum norm to an interpolating point, in floating point. Guarantees nothing.
#pragma once

#include <vector>

#include "lyapcert/problem/existence.hpp"

namespace lyapcert::approximate {

struct Polished {
    std::vector<double> x;
    double loss_before = 0.0;  // (1/N) sum_i h_i^2 / 2
    double loss = 0.0;
    bool interpolates = false;  // as far as doubles show
};

Polished gauss_newton(const ResidualMap& residuals, std::vector<double> x);

}  // namespace lyapcert::approximate
