// The weighted second moment of single-sample products (T25).
#pragma once

#include <nlohmann/json.hpp>

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// Proves lambda <= claim for a product of n matrices A_i = I - k_i e_i^T, each of probability 1/n, or says why not. `evidence` holds
//   "dimension"  n           "states"  S           "next"  next(s, i), s by s
//   "basis"      the lower triangle of T, row by row
//   "forms"      the lower triangles of the P_s    "weights"  c_{s,i}, s by s
// each of the last four a list of numbers separated by blanks. Any doubles will do: a number is what was read, and 0 below 2^-100.
// Throws Refused when it is malformed. Returns the reason of failure, empty when proved.
std::string check_weighted_moment(const Product& product, const nlohmann::json& evidence, const Rational& claim, long bits);

// For the tests: T25 (d) for the symmetric matrix with these lower and upper ends (lower triangles, row by row).
bool proves_positive_definite(const std::vector<double>& lower, const std::vector<double>& upper, std::size_t n);

}  // namespace lyapcert::checker
