// The rules: each proves claims on lambda in one way, or says why not. A rule may throw Refused where its proof is malformed.
#pragma once

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

std::string check_blocks(const LambdaClaim& claim);
std::string check_waiting(const LambdaClaim& claim);
std::string check_steps(const LambdaClaim& claim);
std::string check_dimension_one(const LambdaClaim& claim);
std::string check_rank_one(const LambdaClaim& claim);
std::string check_monomial(const LambdaClaim& claim);
std::string check_vanishing_word(const LambdaClaim& claim);
std::string check_invariant_form(const LambdaClaim& claim);
std::string check_basis(const LambdaClaim& claim);
std::string check_determinant(const LambdaClaim& claim);
std::string check_contraction(const LambdaClaim& claim);
std::string check_outlier(const LambdaClaim& claim);
std::string check_dominated_splitting(const LambdaClaim& claim);
std::string check_second_moment(const LambdaClaim& claim);
std::string check_weighted_moment(const LambdaClaim& claim);
std::string check_invariant_cone(const LambdaClaim& claim);
std::string check_polyhedral(const LambdaClaim& claim);
std::string check_log_quadratic(const LambdaClaim& claim);

}  // namespace lyapcert::checker
