// [training]: the learning rate and how steps are drawn.
#pragma once

#include <ginac/ginac.h>

#include <optional>

#include "problem/document.hpp"

namespace lyapcert {

// Fills the learning rate, the batch size and the initial law; needs problem.data_points. Returns the learning rate as a term, where it is a point.
std::optional<GiNaC::ex> read_training(const Document& document, Problem& problem);

}  // namespace lyapcert
