// Lambda_2, and lambda <= Lambda_2 / 2 (= T6).
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// A claim on Lambda_2 of the whole family: {"matrix"}, {"solution"} or {"word"}.
std::string check_lambda2(const Context& context, Side side, const End& claim, const nlohmann::json& proof);

}  // namespace lyapcert::checker
