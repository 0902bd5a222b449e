// From the text of the problem to the family of matrices, all over again.
#pragma once

#include <optional>

#include "checker/problem/data.hpp"
#include "checker/problem/expression.hpp"
#include "checker/problem/network.hpp"
#include "checker/problem/product.hpp"

namespace lyapcert::checker {

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
    std::vector<std::size_t> basis;  // J of T2, where the Gram matrix is singular
    std::vector<std::size_t> equal_to;  // for each data point the first one with the same inputs (T2 (e)); empty: there is no model
    std::optional<std::size_t> rank;    // of the Gram matrix, where T2 (e) tells it
    Product product;

    // No more gradients are linearly independent: they lie in R^D, and equal data points have equal ones.
    std::size_t most_independent() const;

    // Single-sample SGD at a minimum: the rules on the Gram matrix are for it.
    bool is_single_sample() const { return is_minimum && batch_size == 1; }

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

// The same minimum at another learning rate, > 0.
Problem at_rate(const Problem& problem, const Rational& learning_rate);

}  // namespace lyapcert::checker
