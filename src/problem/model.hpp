// An expression model at its minimum: residuals, gradients, Gram matrix, and the facts that the hypotheses need.
#pragma once

#include "lyapcert/problem/problem.hpp"
#include "problem/document.hpp"
#include "problem/symbolic.hpp"

namespace lyapcert {

// Everything exact about a model at its minimum. Contains GiNaC terms: see AlgebraLock.
struct ModelAtMinimum {
    std::vector<GiNaC::symbol> symbols;             // of the parameters, then of the inputs
    GiNaC::ex output;                               // F in these symbols
    std::vector<Expression> derivatives;            // dF/dp, one per parameter
    std::vector<GiNaC::ex> values;                  // x*
    std::vector<std::vector<GiNaC::ex>> inputs;     // y_i
    std::vector<GiNaC::ex> targets;                 // z_i
    std::vector<std::vector<GiNaC::ex>> gradients;  // g_i = grad F(x*, y_i)
};

// Throws InputError (through the document) where F is not defined and smooth at (x*, y_i), or where a residual is
// proved not to vanish. Fills minimum.
ModelAtMinimum read_model(const Document& document, Minimum& minimum);

// F(., y_i) is real-analytic on all of R^D for every data point i: yes; it is not even smooth there (smoothness.hpp): no; or undecided.
Finding is_analytic(const Document& document);

// H1 on all of M = {F(., y_i) = z_i for all i}. `gram` is the Gram matrix at x*.
Finding independent_everywhere(const Document& document, const ModelAtMinimum& model, const Matrix<Real>& gram, const Finding& analytic);

// Is the Jacobian invertible at a proved minimum, for every learning rate where that is an interval? Reads gram, scaled_gram and learning_rate. Nothing when
// that is not seen.
struct StepAtMinimum {
    Matrix<Real> gram;
    Matrix<Real> scaled_gram;
    Real learning_rate;
};
std::optional<Finding> jacobian_at_minimum(const StepAtMinimum& step, std::optional<std::size_t> sample);

// An approximate minimum of a model that is analytic everywhere: proves that there is one near it; fills minimum and gram. Throws InputError.
void near_model(const Document& document, const ModelAtMinimum& model, const Finding& analytic, Problem& problem);

// A network: fills minimum, gram, analytic, independent_everywhere. Throws InputError where no minimum is proved.
void read_network(const Document& document, Problem& problem);

// The Gram matrix of a network at its weights, whatever they are, and the loss in floating point. Throws InputError.
Problem gram_at_weights(const Document& document, double& loss);

// See Problem::jacobian_invertible_somewhere. Reads learning_rate, scaled_gram and minimum of the problem.
std::function<Finding(std::optional<std::size_t>)> jacobian_search(const Document& document, const ModelAtMinimum& model,
                                                                   const Problem& problem);

}  // namespace lyapcert
