// Strongly connected components of a directed graph (zero patterns of matrices, Markov chains).
#pragma once

#include <cstddef>
#include <vector>

namespace lyapcert {

// Each component ascending; the components by their smallest member.
std::vector<std::vector<std::size_t>> strong_components(const std::vector<std::vector<std::size_t>>& successors);

}  // namespace lyapcert
