// A function f for which D is nearly constant, in floating point. Search only: no guarantee.
#pragma once

#include <cstddef>
#include <vector>

#include "exponent/invariant_cone/cone_maps.hpp"

namespace lyapcert::invariant_cone {

struct ApproximateFunction {
    Matrix<double> functionals;
    std::vector<double> weights;
};

// With about `count` functionals.
ApproximateFunction approximate_function(const ConeMaps& family, std::size_t count);

}  // namespace lyapcert::invariant_cone
