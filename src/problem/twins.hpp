// Data points with equal inputs.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "problem/document.hpp"

namespace lyapcert {

// For each data point the first one that has its inputs: itself, where there is none before it. Inputs count as equal where they are equal rational
// numbers or are written alike. Throws InputError where two targets of equal inputs are proved to differ: then there is no minimum.
std::vector<std::size_t> first_with_equal_inputs(const Document& document);

// The same of those whose inputs are equal rational numbers, whatever their targets; empty where all differ.
std::vector<std::size_t> equal_data_points(const Document& document);

// The data points i that first[i] = i leaves, where the targets of the others are known to be equal to theirs too; nothing otherwise. `first` as above.
std::optional<std::vector<std::size_t>> distinct_data_points(const Document& document, const std::vector<std::size_t>& first);

}  // namespace lyapcert
