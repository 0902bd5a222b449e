// The log-quadratic certificate (T22, T23): log f(C y) = sum_j a_j (1/2) log(y^T Q_j y).
#pragma once

#include <nlohmann/json.hpp>

#include "checker/family.hpp"

namespace lyapcert::checker {

// Proves claim <= lambda (side lower) or lambda <= claim (upper) for the product, or says why not. `evidence` holds
//   "dimension"  n, 2..6
//   "basis"      C in rows       "forms"  the lower triangles of the Q_j, row by row       "weights"  a_j
// each a list of numbers separated by blanks. The boxes are not stored: the inequality is proved here by branch and bound of its own.
// Throws Refused when it is malformed. Returns the reason of failure, empty when proved.
std::string check_quadratic(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim);

}  // namespace lyapcert::checker
