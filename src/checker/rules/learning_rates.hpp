// Claims about all learning rates of an interval (T70, T71).
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// (0, upper], [lower, upper] or [lower, infinity).
struct Rates {
    Rational lower;              // 0: not included
    std::optional<Rational> upper;
};
// Of "learning_rate": ["0.1", "0.2"], "0" and "inf" at the ends. Throws Refused.
Rates parse_rates(const nlohmann::json& ends);

// Why the claim with a "learning_rate" is not proved, or nothing:
//   {"about": "lambda", "learning_rate": [a, b], "side", "bound", "proof"}   the bound for every learning rate in [a, b]
//   {"about": "mu" | "lambda" | "lambda2", "learning_rate": ["0", b], "status": "stable", "bound", "proof"}   the exponent is negative on (0, b]; for lambda the proof is of lambda2
//   {..., "learning_rate": [a, "inf"], "status": "unstable", "bound", "proof"}   it is positive on [a, infinity)
// where "bound" is that at the finite end.
std::string check_learning_rates(const Context& context, const nlohmann::json& claim);

}  // namespace lyapcert::checker
