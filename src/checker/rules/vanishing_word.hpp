// A finite word that vanishes (= T11).
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// The word [k_1, ..., k_m]: A_{k_m} ... A_{k_1} = 0, exactly.
bool vanishes(const Product& product, const nlohmann::json& indices);

}  // namespace lyapcert::checker
