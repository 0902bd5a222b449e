// The exponent of gradient descent (= T13; of large families T31).
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// `proof` of a lower claim on a large family: {"vector": numbers separated by blanks}; nothing is needed otherwise.
std::string check_mu(const Context& context, Side side, const End& claim, const nlohmann::json& proof);

}  // namespace lyapcert::checker
