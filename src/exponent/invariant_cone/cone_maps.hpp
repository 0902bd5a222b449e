// A family in the coordinates of a cone that it leaves invariant.
#pragma once

#include <optional>
#include <vector>

#include "lyapcert/exponent/invariant_cone.hpp"

namespace lyapcert::invariant_cone {

struct ConeMaps {
    bool cube = false;  // {|x_k| <= x_0}; otherwise {x >= 0}
    std::size_t dimension = 0;
    std::vector<Matrix<Interval>> maps;  // B_i
    std::vector<Rational> probabilities;
};

// Nothing unless B_i K in K is proved for all i (for a cube: with its interior). The cone is untrusted.
//   The cube: B maps it into itself iff for all k >= 1, all signs s and all |t_l| <= 1, (row 0 + s row k of B) (1, t) >= 0; a linear form in t is
//   smallest at a corner: b_00 + s b_k0 >= sum_l |b_0l + s b_kl|. No corner needs to be looked at.
std::optional<ConeMaps> family_in(const RandomProduct& product, const InvariantCone& cone);

}  // namespace lyapcert::invariant_cone
