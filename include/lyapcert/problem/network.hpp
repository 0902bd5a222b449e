// Dense networks with one output: their shape, and their value and gradient at a point or over a box.
//
// Layer l maps u to s(W u + b), W of size widths[l] x widths[l-1]; s acts on each component. The parameters are numbered layer by layer: the
// rows of W, then b. Those of frozen layers are constants: they have weights but no part in the gradient.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lyapcert/numeric/mp_interval.hpp"
#include "lyapcert/numeric/rational.hpp"

namespace lyapcert {

// gelu is u (1 + erf(u / sqrt 2)) / 2, square is u^2. All but relu are real-analytic on R.
enum class Activation { linear, tanh, sigmoid, softplus, gelu, sin, square, relu };
const char* name(Activation a);
const std::vector<std::string>& activation_names();  // in the order of the enumeration

struct Network {
    std::vector<std::size_t> widths;      // of the input, of each layer; the last is 1
    std::vector<Activation> activations;  // one for each layer
    std::vector<bool> frozen;             // likewise
    bool bias = true;

    std::size_t layers() const { return activations.size(); }
    std::size_t layer_size(std::size_t layer) const { return widths[layer + 1] * (widths[layer] + (bias ? 1 : 0)); }
    std::size_t weights() const;     // all of them
    std::size_t parameters() const;  // D: those that are not frozen
    bool is_free(std::size_t weight) const;
    std::vector<std::size_t> free_weights() const;  // the weights that are parameters, in order
    // F is affine in the parameters, with gradients that do not depend on them: only the last layer is free, and it is linear.
    bool is_linear() const;
};

// s(u) and s'(u). For intervals both enclose the values at every point of u.
template <class T>
struct Activated {
    T value;
    T slope;
};
Activated<double> activate(Activation a, double u);
// Throws std::domain_error where relu is not smooth, or may not be.
Activated<MpInterval> activate(Activation a, const MpInterval& u);
// Throws std::domain_error also where the value is not rational.
Activated<Rational> activate(Activation a, const Rational& u);

template <class T>
struct Differential {
    T value;
    std::vector<T> gradient;
};

// F(x, y) and its gradient in the free weights, forward and reverse; `zero` is the number 0 in the arithmetic of T. In intervals both
// enclose the true values for every choice of x and y in the boxes.
// Proof: s(W u + b) layer by layer, and with v_l = dF/d(pre-activation of layer l): v_L = s'_L, v_{l-1} = s'_{l-1} * (W_l^T v_l), dF/dW_l =
// v_l u_{l-1}^T, dF/db_l = v_l; every operation encloses.
template <class T>
Differential<T> differentiate(const Network& network, const std::vector<T>& weights, const std::vector<T>& input, const T& zero, bool gradient = true) {
    std::vector<std::vector<T>> outputs{input};  // of each layer
    std::vector<std::vector<T>> slopes;
    std::size_t first = 0;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        const std::size_t rows = network.widths[l + 1];
        const std::size_t columns = network.widths[l];
        const std::vector<T>& u = outputs.back();
        std::vector<T> value;
        std::vector<T> slope;
        for (std::size_t i = 0; i < rows; ++i) {
            T sum = network.bias ? weights[first + rows * columns + i] : zero;
            for (std::size_t j = 0; j < columns; ++j) sum += weights[first + i * columns + j] * u[j];
            Activated<T> s = activate(network.activations[l], sum);
            value.push_back(std::move(s.value));
            slope.push_back(std::move(s.slope));
        }
        outputs.push_back(std::move(value));
        slopes.push_back(std::move(slope));
        first += network.layer_size(l);
    }
    Differential<T> result{outputs.back().front(), {}};
    if (!gradient) return result;
    std::vector<std::vector<T>> parts(network.layers());
    std::vector<T> v = slopes.back();
    for (std::size_t l = network.layers(); l-- > 0;) {
        const std::size_t rows = network.widths[l + 1];
        const std::size_t columns = network.widths[l];
        first -= network.layer_size(l);
        if (!network.frozen[l]) {
            for (std::size_t i = 0; i < rows; ++i)
                for (std::size_t j = 0; j < columns; ++j) parts[l].push_back(v[i] * outputs[l][j]);
            if (network.bias) parts[l].insert(parts[l].end(), v.begin(), v.end());
        }
        if (l == 0) break;
        std::vector<T> below;
        for (std::size_t j = 0; j < columns; ++j) {
            T sum = zero;
            for (std::size_t i = 0; i < rows; ++i) sum += weights[first + i * columns + j] * v[i];
            below.push_back(sum * slopes[l - 1][j]);
        }
        v = std::move(below);
    }
    for (std::vector<T>& part : parts)
        for (T& x : part) result.gradient.push_back(std::move(x));
    return result;
}

}  // namespace lyapcert
