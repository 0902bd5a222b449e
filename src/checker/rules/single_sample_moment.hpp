// Lambda_2 of a large family of single samples, A_i = I - K e_i e_i^T, i = 1..N (= T32).
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

// log rho(L) <= claim (upper) or >= claim (lower), for K. `solution`: {"c": number, "x": the lower triangle of X, row by row, separated by blanks}; a
// number is what was read, 0 below 2^-100.
std::string check_solution(const Matrix& k, Side side, const End& claim, const nlohmann::json& solution, long bits);

}  // namespace lyapcert::checker
