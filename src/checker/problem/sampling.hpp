// How the steps of SGD make a family of matrices (= T2).
#pragma once

#include "checker/problem/problem.hpp"

namespace lyapcert::checker {

constexpr std::size_t most_matrices = 20000;

// Fills problem.product: I - (1/B) M[J,S] T[S,:] for every S of size B, J the `basis` (empty: all indices). Throws Refused.
void sample(Problem& problem, const std::vector<std::size_t>& basis);

}  // namespace lyapcert::checker
