// The dominated splitting (T26).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// Proves claim <= lambda from T26. `proof` holds
//   "transposed"  whether B_k is A_k^T      "expanding"  the indices of E      "weights"  W, a list: of each w its numbers, separated by blanks
// Throws Refused when it is malformed. Returns the reason of failure, empty when proved.
std::string check_splitting(const Product& product, const nlohmann::json& proof, const Rational& claim, long bits);

}  // namespace lyapcert::checker
