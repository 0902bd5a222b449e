// Products that leave a cone invariant (T28).
#pragma once

#include <nlohmann/json.hpp>

#include "checker/rules/context.hpp"
#include "checker/numbers/outward.hpp"

namespace lyapcert::checker {

// Proves claim <= lambda (side lower) or lambda <= claim (upper) from T28, or says why not. `evidence` holds
//   "factors"      a sign, + or -, for each matrix: B_i = factor_i A_i
//   "signs"        of an orthant: a sign for each coordinate; or
//   "basis"        of a cube: C in rows, n^2 numbers separated by blanks
//   "functionals"  the l_a in the coordinates of the cone, one after the other, separated by blanks
//   "weights"      the c_a
//   "threshold"    words are extended while p_w times the width of their bound exceeds it
// Throws Refused when it is malformed. Returns the reason of failure, empty when proved.
std::string check_invariant_cone(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, long bits);

// For tests: what T28 (d) gives for D on the cone of one word; nothing where it gives no bound.
std::optional<Outward> invariant_cone_bound(const Product& product, const nlohmann::json& evidence, const std::vector<std::size_t>& word, long bits);

}  // namespace lyapcert::checker
