// Which coordinates expand, and with which weights. Search only: no guarantee.
#pragma once

#include <optional>

#include "exponent/dominated_splitting/rows.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"

namespace lyapcert::dominated_splitting {

// Nothing when the rows do not sort the coordinates into expanding and contracting ones, or when no weights exist.
std::optional<SplittingEvidence> approximate_splitting(const Rows& rows);

}  // namespace lyapcert::dominated_splitting
