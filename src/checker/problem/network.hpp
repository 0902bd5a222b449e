// Dense networks: the minimum near given weights is proved to exist, and the Gram matrix enclosed there (T40, T41).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checker/numbers/value.hpp"

namespace lyapcert::checker {

struct Network {
    std::vector<std::size_t> widths;
    std::vector<std::string> activations;  // one for each layer
    std::vector<bool> frozen;
    bool bias = true;
    std::vector<Rational> weights;  // as the problem gives them: layer by layer, the rows of W, then b
    bool weights_in_file = false;   // then they are not known here, and no layer is frozen
    std::vector<std::vector<Value>> inputs;
    std::vector<Value> targets;
    bool own_targets = false;

    std::size_t layer_size(std::size_t l) const { return widths[l + 1] * (widths[l] + (bias ? 1 : 0)); }
    bool analytic() const;  // in the parameters, on all of R^D
    bool linear() const;    // affine in them, with constant gradients
};

bool is_activation(const std::string& name);

// What a minimum leads to.
struct AtMinimum {
    Matrix gram;
    std::size_t parameters = 0;
    std::vector<Value> residuals;      // at the weights, where these are the minimum
    std::optional<Enclosure> distance;  // of the minimum to the weights; set when the minimum has been proved to exist near them
};

struct Derivative {
    Value value;
    std::vector<Value> gradient;
};
// F(x, y_i) - z_i and its gradient, enclosed over a box; Refused unless F is seen to be continuously differentiable near it.
using ResidualMap = std::function<Derivative(std::size_t i, const std::vector<Enclosure>& box, bool gradient)>;

// For each data point the first one with the same inputs, which are exact then.
std::vector<std::size_t> first_with_equal_inputs(const std::vector<std::vector<Value>>& inputs);

// The minimum that T41 proves near the centre, and its distance to the parameters given. Data points whose inputs (`equal_to`) and targets are equal count
// once (T41 (e)). Throws Refused.
AtMinimum minimum_near(const ResidualMap& residuals, const std::vector<std::size_t>& equal_to, const std::vector<Value>& targets, const std::vector<Rational>& centre,
                       const std::vector<Value>& given, long bits);

// Without a centre x* is given by the weights; with one (the parameters that are not frozen) it is the minimum that T41 proves near the centre.
// Throws Refused.
AtMinimum network_minimum(const Network& network, const std::optional<std::vector<Rational>>& centre, long bits);

}  // namespace lyapcert::checker
