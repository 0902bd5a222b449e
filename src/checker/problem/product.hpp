// The family of matrices of an i.i.d. product.
#pragma once

#include "checker/numbers/value.hpp"

namespace lyapcert::checker {

// Matrix k with probability p_k > 0, sum 1. Many single samples are given by their scaled Gram matrix K instead: A_i = I - K e_i e_i^T, each of
// probability 1/N; then there are no matrices, and rules that need them do not apply.
struct Product {
    std::vector<Matrix> matrices;
    std::vector<Rational> probabilities;
    Matrix single_sample = {};  // K; empty for all other families
    bool is_single_sample_gram() const { return matrices.empty(); }
    std::size_t dimension() const { return is_single_sample_gram() ? single_sample.rows : matrices.front().rows; }
};
constexpr std::size_t largest_written_family = 128;

// Appends a matrix, or adds to the probability of an equal exact one.
void append(Product& product, Matrix a, const Rational& p);

}  // namespace lyapcert::checker
