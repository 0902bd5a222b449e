// Random products whose exponent has a formula, evaluated to any number of bits.
// (1) = T8, (2) = T9, (3) = T10, (4) = T11 of proofs/THEOREMS.md.
//
// (1) Dimension 1: lambda = sum_k p_k log|a_k|.
//
// (2) Rational matrices of rank at most 1, A_k = u_k v_k^T: lambda = sum_{j,k} p_j p_k log|v_j^T u_k|, and -inf when a matrix is zero.
//     Proof: A_m...A_1 = u_m (v_m^T u_{m-1}) ... (v_2^T u_1) v_1^T; consecutive pairs are independent. A pair with v_j^T u_k = 0 is a
//     word that vanishes.
//
// (3) At most one entry of each column is not known to be zero (or of each row: transposition changes no exponent). A_k maps
//     e_j to a_{k,j} e_{s_k(j)}, so a basis vector moves as a Markov chain on the indices; a zero column kills it. With C
//     running through the closed classes of the chain (none of whose columns can be killed) and pi its stationary law on C,
//         lambda = max_C sum_{j in C} pi_j sum_k p_k log|a_{k,j}|,   -inf when there is no closed class.
//     Proof: (1/m) log||A_m...A_1 e_j|| is an average of log|a| along the chain, which almost surely ends in a closed class
//     (ergodic theorem there) or is killed; the norm of a word is comparable to that of its largest column, and (1/m)
//     log||A_m...A_1|| -> lambda almost surely. An interval entry that contains 0 gives the lower endpoint -inf, which stays right
//     should it be 0.
//
// (4) A finite word that vanishes: lambda = -inf, since it occurs with probability one. Search over the subspaces
//     A_w R^n of a rational family, breadth first within each dimension, bounded in number and in the length of their entries.
//     When the orbits are finite and exhausted no word vanishes; that is not used.
//
// (5) One matrix: lambda = log rho(A).
#pragma once

#include <optional>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// k_1, ..., k_m with A_{k_m} ... A_{k_1} = 0.
struct VanishingWordEvidence {
    std::vector<std::size_t> word;
};

// Of a single matrix: Lambda_2 = 2 lambda, both ends.
struct SpectralRadiusEvidence {
    MpInterval lambda2;
};

// Indices k_1, ..., k_m with A_{k_m} ... A_{k_1} = 0, by the search of (4); nothing when none is found.
std::optional<std::vector<std::size_t>> vanishing_word(const RandomProduct& product);

// Nothing when no formula applies. Reduce the product first (reduction.hpp): formulas apply to more pieces than products.
std::optional<Bound> closed_form(const RandomProduct& product, long precision);

}  // namespace lyapcert
