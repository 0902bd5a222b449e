// The log-quadratic certificate (T22, T23): log f(C y) = sum_j a_j (1/2) log(y^T Q_j y).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// Proves claim <= lambda (side lower) or lambda <= claim (upper) for the product, or says why not. `evidence` holds
//   "dimension"  n, 2..6
//   "basis"      C in rows       "forms"  the lower triangles of the Q_j, row by row       "weights"  a_j
// each a list of numbers separated by blanks, all of them multiples of 2^-1100 of modulus at most 2^100. The boxes are not stored: the
// inequality is proved here by branch and bound of its own; unless there is a corrector, see corrector.hpp, then by T51.
// `work` is what that may still cost, for all claims of a certificate together: about 2^30 a second on one processor.
// Throws Refused when it is malformed. Returns the reason of failure, empty when proved.
std::string check_quadratic(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, std::uint64_t& work);

// For the tests: what T23 gives for D(y) + tilt . (y - centre) on one box of the face y_face = 1, centre and radius as there.
double quadratic_bound(const Product& product, const nlohmann::json& evidence, Side side, int face, const std::vector<double>& centre, const std::vector<double>& radius, const std::vector<double>& tilt = {});

}  // namespace lyapcert::checker
