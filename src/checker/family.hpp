// From the text of the problem to the family of matrices, all over again.
#pragma once

#include <nlohmann/json.hpp>

#include "checker/data.hpp"
#include "checker/expression.hpp"
#include "checker/network.hpp"

namespace lyapcert::checker {

enum class Side { lower, upper };

// An i.i.d. product: matrix k with probability p_k > 0, sum 1. A large family of single samples is given by its scaled Gram matrix K instead:
// A_i = I - K e_i e_i^T, each of probability 1/N; then there are no matrices, and rules that need them do not apply.
struct Product {
    std::vector<Matrix> matrices;
    std::vector<Rational> probabilities;
    Matrix single_sample = {};  // K; empty for all other families
    bool is_large() const { return matrices.empty(); }
    std::size_t dimension() const { return is_large() ? single_sample.rows : matrices.front().rows; }
};
constexpr std::size_t largest_written_family = 128;

// Appends a matrix, or adds to the probability of an equal exact one.
void append(Product& product, Matrix a, const Rational& p);

struct Problem {
    std::string title;
    bool is_minimum = false;  // false: a general product, no theorem
    bool has_model = false;
    bool semidefinite_given = false;  // a Gram matrix of gradients needs no proof that it is one
    std::size_t data_points = 0;
    std::size_t parameters = 0;
    std::size_t batch_size = 1;
    std::string initialisation;
    Matrix gram;
    Matrix scaled_gram;  // M = eta G
    Product product;

    // A model.
    std::vector<std::string> names;  // of the parameters
    Formula output;
    std::vector<std::vector<Value>> inputs;
    std::vector<Value> targets;
    std::vector<std::vector<Value>> gradients;
    bool own_targets = false;  // targets = "model"
    std::vector<Value> residuals;

    // A network.
    std::optional<Network> network;
    std::optional<Enclosure> distance;  // set when a minimum is proved to exist near the weights (T41)
};

// `basis`: the index set J of T2 when the Gram matrix is singular, otherwise empty. `data`: what the files hold that the text names. `centre`: of T41,
// for approximate minima. Evaluates at `bits` bits. Throws Refused.
Problem derive(const std::string& text, const std::vector<std::size_t>& basis, long bits, const std::vector<Data>& data = {},
               const std::optional<std::vector<Rational>>& centre = {});

}  // namespace lyapcert::checker
