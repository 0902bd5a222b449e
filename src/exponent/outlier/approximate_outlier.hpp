// Which gradient stands out, and how much of it lies in the span of the others. Search only: no guarantee.
#pragma once

#include <optional>

#include "lyapcert/exponent/outlier.hpp"

namespace lyapcert::outlier {

// Nothing unless exactly one eta ||g_i||^2 may exceed 2, and N >= 2.
std::optional<OutlierEvidence> approximate_outlier(const Matrix<Real>& scaled_gram);

}  // namespace lyapcert::outlier
