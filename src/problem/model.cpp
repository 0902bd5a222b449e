#include "problem/model.hpp"

#include "lyapcert/numeric/decimal.hpp"
#include "problem/constants.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

using GiNaC::ex;
using namespace symbolic;

std::string bracketed(const MpInterval& x) {
    const DecimalInterval decimals = outward_decimals(x, 6, 40);
    return "[" + decimals.lower + ", " + decimals.upper + "]";
}

// F(x*, y_i) - z_i = 0 for each i: proved, refuted (an error), or left open with the residual that resists.
void verify(const Document& document, const std::vector<ex>& residuals, Minimum& minimum) {
    minimum.kind = Minimum::Kind::exact;
    minimum.proved = true;
    minimum.reason = residuals.size() == 1 ? "F(x*, y) - z vanishes exactly" : "F(x*, y_i) - z_i vanishes exactly for every i";
    for (std::size_t i = 0; i < residuals.size(); ++i) {
        const Real residual = real_constant(document, "model.output", residuals[i]);
        if (residual.known_zero()) continue;
        const std::string name = "the residual of data point " + std::to_string(i + 1);
        if (residual.is_zero(1024) == Ternary::no)
            document.fail("data.targets" + index(i),
                          "not a minimum: " + name + ", F(x*, y) - z, is " +
                              (residual.is_rational() ? residual.rational().str() : "in " + bracketed(residual.at(256))) +
                              "; expected zero");
        if (minimum.proved) minimum.reason = name + " is not proved to be zero: it lies in " + bracketed(residual.at(256));
        minimum.proved = false;
    }
    if (minimum.proved) minimum.distance = "0";
}

// grad F(x*, y_i). Derivatives that are singular at the point although F is smooth there (y x^(y-1) at x = 0 and y = 1,
// written x^y y / x) are taken again with the inputs put in first.
std::vector<ex> gradient(const Document& document, const ModelAtMinimum& model, const std::vector<ex>& point, std::size_t i) {
    try {
        return values_at(model.derivatives, point);
    } catch (const ExpressionError&) {
        const std::size_t d = document.parameters.size();
        std::vector<ex> terms(model.symbols.begin(), model.symbols.begin() + static_cast<std::ptrdiff_t>(d));
        terms.insert(terms.end(), model.inputs[i].begin(), model.inputs[i].end());
        const ex output = to_term(*document.output, terms);
        Translation translation(model.symbols);
        std::vector<Expression> derivatives;
        for (std::size_t p = 0; p < d; ++p) derivatives.push_back(translation(output.diff(model.symbols[p])));
        return values_at(derivatives, point);
    }
}

}  // namespace

ModelAtMinimum read_model(const Document& document, Minimum& minimum) {
    const std::size_t d = document.parameters.size();
    ModelAtMinimum model;
    std::vector<ex> variables;
    for (const auto* names : {&document.parameters, &document.inputs})
        for (const std::string& name : *names) {
            model.symbols.emplace_back(name);
            variables.push_back(model.symbols.back());
        }
    for (std::size_t p = 0; p < d; ++p)
        model.values.push_back(constant_term(document, "minimum.values." + document.parameters[p], document.minimum[p]));

    try {
        model.output = to_term(*document.output, variables);
        Translation translation(model.symbols);
        for (std::size_t p = 0; p < d; ++p) model.derivatives.push_back(translation(model.output.diff(model.symbols[p])));
    } catch (const ExpressionError& error) {
        document.fail("model.output", error.what());
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        document.fail("model.output", std::string("cannot be differentiated: ") + error.what());
    }

    std::vector<ex> residuals;
    for (std::size_t i = 0; i < document.data_inputs.size(); ++i) {
        std::vector<ex> point = model.values;
        for (std::size_t k = 0; k < document.inputs.size(); ++k)
            point.push_back(constant_term(document, "data.inputs" + index(i) + index(k), document.data_inputs[i][k]));
        model.inputs.emplace_back(point.begin() + static_cast<std::ptrdiff_t>(d), point.end());
        if (document.targets) model.targets.push_back(constant_term(document, "data.targets" + index(i), (*document.targets)[i]));
        try {
            const ex value = value_at(*document.output, point, d);
            if (document.targets) residuals.push_back(value - model.targets[i]);
            else model.targets.push_back(value);
            model.gradients.push_back(gradient(document, model, point, i));
        } catch (const ExpressionError& error) {
            document.fail("model.output", "at x* and data point " + std::to_string(i + 1) + ": " + error.what());
        }
    }
    if (document.near) return model;  // see near_model
    if (document.targets) {
        verify(document, residuals, minimum);
    } else {
        minimum.kind = Minimum::Kind::exact;
        minimum.proved = true;
        minimum.reason = "by construction: the targets are the model's own outputs at x*";
        minimum.distance = "0";
    }
    return model;
}

}  // namespace lyapcert
