// Refutations of H1: a global minimum at which the gradients are linearly dependent.
#pragma once

#include <optional>
#include <string>

#include "problem/model.hpp"

namespace lyapcert {

// A rational point of M, made of coordinates of x* and zeros, at which the Gram matrix is singular, proved exactly: a one-line reason, or nothing.
std::optional<std::string> dependent_gradients_somewhere(const Document& document, const ModelAtMinimum& model);

}  // namespace lyapcert
