// The polyhedral certificate (T14-T18, T50): a fan given by bisection bits, f by its values at the vertices, K by one bit per leaf.
#pragma once

#include <nlohmann/json.hpp>

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// Proves claim <= lambda (side lower) or lambda <= claim (upper) for the product, or says why not. `evidence` holds
//   "dimension"  n, 2..6
//   "bisection"  one bit per node of the 2^(n-1) trees in depth-first order, 1: bisected, 0: a leaf; hexadecimal, first bit highest
//   "cone"       one bit per leaf in the same order, 1: in K; or the string "all"
//   "values"     f at the vertices in the order of their first appearance, hexadecimal floats separated by blanks
//   "corrector"  optional: W of T50 for each leaf in K, in the order of the leaves; 1 where it is absent
// Throws Refused when it is malformed. Returns the reason of failure, empty when proved.
std::string check_fan(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim);

}  // namespace lyapcert::checker
