// Claims on the hypotheses of Theorems A and B (T20).
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// Why the claim {"about": H1 | H3 | regular(i) | regular(ii) | minimum, "status": proved | refuted} is not proved, or nothing.
std::string check_hypothesis(const Context& context, const nlohmann::json& claim);
// The same of an upper bound for the distance between x* and the weights that the problem gives (T41).
std::string check_distance(const Context& context, Side side, const End& claim);

// F is seen to be real-analytic in x on all of R^D (T20 (e)).
bool is_analytic(const Context& context);

}  // namespace lyapcert::checker
