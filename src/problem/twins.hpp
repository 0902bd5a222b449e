// Data points with equal inputs.
#pragma once

#include <cstddef>
#include <vector>

#include "problem/document.hpp"

namespace lyapcert {

// For each data point the first one that has its inputs: itself, where there is none before it. Inputs count as equal where they are equal rational
// numbers or are written alike. Throws InputError where two targets of equal inputs are proved to differ: then there is no minimum.
std::vector<std::size_t> first_with_equal_inputs(const Document& document);

}  // namespace lyapcert
