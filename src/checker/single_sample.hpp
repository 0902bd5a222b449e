// Families of single samples that are too large to be written out, A_i = I - K e_i e_i^T, i = 1..N: T30 (data), T31 (mu), T32 (Lambda_2).
#pragma once

#include "checker/exponents.hpp"

namespace lyapcert::checker {

// Proved: every member of m - shift I is positive definite; of shift I - m.
bool exceeds(const Matrix& m, const Rational& shift, long bits);
bool is_exceeded(const Matrix& m, const Rational& shift, long bits);

// T31. `proof` of a lower claim: {"vector": numbers separated by blanks}.
std::string check_large_mu(const Problem& problem, Side side, const End& claim, const nlohmann::json& proof, long bits);

// T32: log rho(L) <= claim (upper) or >= claim (lower), for K. `solution`: {"c": number, "x": the lower triangle of X, row by row, separated by blanks}; a
// number is what was read, 0 below 2^-100.
std::string check_solution(const Matrix& k, Side side, const End& claim, const nlohmann::json& solution, long bits);

}  // namespace lyapcert::checker
