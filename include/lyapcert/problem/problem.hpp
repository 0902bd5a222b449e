// A problem as read from its file: a global minimum of an overparameterised network, reduced to what the exponents
// depend on (Chemnitz & Engel 2025, section 2.5: the Gram matrix of the gradients and the learning rate), or a general
// i.i.d. product of matrices.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"
#include "lyapcert/problem/input_error.hpp"
#include "lyapcert/problem/sampling.hpp"

namespace lyapcert {

// What is known of the claim "F(x*, y_i) = z_i for all i".
struct Minimum {
    enum class Kind { given, exact, near };  // given: gradients or a Gram matrix were supplied, there is no model to check
    Kind kind = Kind::given;
    bool proved = false;
    std::string reason;                 // one line: how it was proved, or what is missing with the residual enclosures
    std::optional<std::string> distance;  // upper bound for the distance of the given point to the minimum, decimal
    // near: a point as close to the minimum as a number of bits allows, for whoever proves it again: dyadic numbers. Empty otherwise.
    std::function<std::vector<Rational>(long precision)> centre = {};
    bool given_in_file = false;  // the problem's text does not hold the given point
};

// A statement with a one-line reason.
struct Finding {
    Ternary answer = Ternary::undecided;
    std::string reason;
    // What a certificate needs to prove it again: parameters that F is affine in, or weights w with sum w_p x_p dF/dx_p = F.
    std::vector<std::string> linear_parameters = {};
    std::vector<std::pair<std::string, Rational>> weights = {};
};

// The bytes of a data file that the problem names, for its certificate: what a problem says depends on them.
struct DataSource {
    std::string key;     // where the problem names it: "gram", "gradients", "data.inputs", "data.targets"
    std::string format;  // "csv", "json" or "npy"
    std::string bytes;
};

struct Problem {
    enum class Kind { model, gradients, gram, product };

    std::string file;   // as given on the command line
    std::string text;   // the file's content, verbatim
    std::vector<DataSource> data;
    std::string title;  // may be empty
    Kind kind = Kind::gram;

    // A minimum (every kind but product).
    std::size_t data_points = 0;                // N
    std::optional<std::size_t> parameters;      // D, unknown for a bare Gram matrix
    std::vector<std::size_t> equal_to;          // for each data point the first one with equal inputs, so equal gradients; empty: all differ, as far as is known
    std::optional<Real> learning_rate;          // eta > 0; an interval when is_point is false
    std::optional<std::pair<Rational, Rational>> learning_rates;  // the ends, where eta is an interval
    std::string learning_rate_text;             // as written, for reports: "1/5" or "[0.1, 0.2]"
    Sampling sampling;                          // how the samples of a step are drawn
    std::string initialisation;                 // lower case, as declared; empty when not declared
    Matrix<Real> gram;                          // N x N, symmetric, positive semidefinite as far as is known
    Matrix<Real> scaled_gram;                   // eta * gram, simplified exactly where possible
    Minimum minimum;

    // Facts about the model that the hypotheses need; unset where there is no model.
    std::optional<Finding> independent_everywhere;  // H1 on all of M, where the model allows a proof
    std::optional<Finding> analytic;                // F is real-analytic in the parameters on all of R^D
    // Is there a point where the Jacobian of x -> x - eta grad L_i(x) is invertible? (no index: of x -> x - eta grad L(x));
    // answers yes or undecided. Empty function where there is no model.
    std::function<Finding(std::optional<std::size_t> sample)> jacobian_invertible_somewhere;

    // A general product.
    std::vector<Matrix<Real>> matrices;       // square, of one size
    std::vector<Rational> probabilities;      // positive, sum 1
};

// Reads a problem file (TOML). Throws InputError.
Problem read_problem(const std::string& path);
// The file's content. Throws InputError.
std::string read_problem_text(const std::string& path);
// The same from text; `name` stands for the file in messages.
Problem parse_problem(const std::string& text, const std::string& name);

}  // namespace lyapcert
