// Invariant cones, in floating point. Search only: no guarantee.
#pragma once

#include <vector>

#include "lyapcert/exponent/invariant_cone.hpp"

namespace lyapcert::invariant_cone {

// The most promising first; often none.
std::vector<InvariantCone> approximate_cones(const RandomProduct& product);

}  // namespace lyapcert::invariant_cone
