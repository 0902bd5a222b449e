// Global facts about a model: real-analyticity, and independence of the gradients on all of M.
#include <algorithm>
#include <set>

#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "problem/dependent_gradients.hpp"
#include "problem/model.hpp"
#include "problem/smoothness.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

using GiNaC::ex;
using GiNaC::ex_to;
using GiNaC::is_a;
using namespace symbolic;

constexpr long working_precision = 128;

// The whole parameter space times one data point.
std::vector<MpInterval> everywhere(std::size_t parameters, const std::vector<Expression>& inputs) {
    std::vector<MpInterval> box(parameters, MpInterval::everything(working_precision));
    for (const Expression& input : inputs) box.push_back(enclose(input, working_precision));
    return box;
}

std::optional<MpInterval> range(const Expression& e, const std::vector<MpInterval>& box) {
    try {
        return enclose(e, working_precision, box);
    } catch (const std::domain_error&) {
        return std::nullopt;
    }
}

// e has no zero on the box; positive where `positive`. Products and exponentials are looked into, because their
// enclosures touch zero at infinity.
bool nonzero(const Expression& e, const std::vector<MpInterval>& box, bool positive) {
    const std::vector<Expression>& operands = e.operands();
    switch (e.kind()) {
        case Expression::Kind::product:
            if (std::all_of(operands.begin(), operands.end(), [&](const Expression& x) { return nonzero(x, box, positive); })) return true;
            break;
        case Expression::Kind::power:
            if (nonzero(operands[0], box, positive)) return true;
            break;
        case Expression::Kind::sum: {
            // One positive term and the rest non-negative.
            bool strict = false;
            const bool all = std::all_of(operands.begin(), operands.end(), [&](const Expression& x) {
                if (nonzero(x, box, true)) return strict = true;
                const std::optional<MpInterval> r = range(x, box);
                return r && mpfr_sgn(r->lower()) >= 0;
            });
            if (all && strict) return true;
            break;
        }
        case Expression::Kind::call:
            if (e.function() == Function::exp || e.function() == Function::cosh || e.function() == Function::sigmoid ||
                e.function() == Function::softplus)
                return true;
            if (e.function() == Function::sqrt && nonzero(operands[0], box, true)) return true;
            break;
        default: break;
    }
    const std::optional<MpInterval> r = range(e, box);
    return r && (certainly_positive(*r) || (!positive && certainly_negative(*r)));
}

bool inside_unit_interval(const Expression& e, const std::vector<MpInterval>& box) {
    const MpInterval one(Rational(1), working_precision);
    const std::optional<MpInterval> r = range(e, box);
    return r && certainly_less(*r, one) && certainly_less(-one, *r);
}

// Walks F and stops at the first place where the argument of a function is not proved to stay inside its domain.
class AnalyticWalk {
  public:
    // `inputs` holds the data point exactly where it is rational.
    AnalyticWalk(std::size_t parameters, const std::vector<MpInterval>& box, std::optional<std::vector<Rational>> inputs)
        : parameters_(parameters), box_(box), inputs_(std::move(inputs)) {}

    // What is in the way; nothing when F is analytic.
    std::optional<std::string> obstacle(const Expression& e) {
        if (!e.depends_on(0, parameters_) || !seen_.insert(e.identity()).second) return std::nullopt;
        for (const Expression& operand : e.operands())
            if (std::optional<std::string> inner = obstacle(operand)) return inner;
        if (e.kind() == Expression::Kind::power) return power_obstacle(e.operands()[0], e.operands()[1]);
        if (e.kind() == Expression::Kind::call) return call_obstacle(e.function(), e.operands()[0]);
        return std::nullopt;
    }
    const std::set<std::string>& functions() const { return functions_; }

  private:
    std::optional<std::string> power_obstacle(const Expression& base, const Expression& exponent) {
        const std::optional<Rational> q = fixed_value(exponent);
        const bool integer = q && denominator(*q) == 1;
        if (integer && *q >= 0) return std::nullopt;
        functions_.insert(integer ? "division" : "powers");
        if (nonzero(base, box_, !integer)) return std::nullopt;
        return integer ? "the quotient in F is analytic only where its divisor does not vanish, which is not proved for all parameters"
                       : "the non-integer power in F is analytic only where its base is positive, which is not proved for all parameters";
    }

    // The value of an exponent that no parameter enters.
    std::optional<Rational> fixed_value(const Expression& exponent) const {
        if (exponent.kind() == Expression::Kind::number) return exponent.value();
        if (!inputs_ || exponent.depends_on(0, parameters_)) return std::nullopt;
        std::vector<Rational> symbols(parameters_, Rational(0));
        symbols.insert(symbols.end(), inputs_->begin(), inputs_->end());
        return evaluate(exponent, symbols);
    }

    std::optional<std::string> call_obstacle(Function f, const Expression& u) {
        functions_.insert(name(f));
        bool inside = true;
        switch (f) {
            case Function::log:
            case Function::sqrt: inside = nonzero(u, box_, true); break;
            case Function::asin:
            case Function::acos:
            case Function::atanh: inside = inside_unit_interval(u, box_); break;
            case Function::acosh: {
                const std::optional<MpInterval> r = range(u, box_);
                inside = r && certainly_less(MpInterval(Rational(1), working_precision), *r);
                break;
            }
            case Function::tan: inside = nonzero(Expression::call(Function::cos, u), box_, false); break;
            default: break;
        }
        if (inside) return std::nullopt;
        return std::string("the function ") + name(f) +
               " in F is analytic only inside its domain, and its argument is not proved to stay there for all parameters";
    }

    std::size_t parameters_;
    const std::vector<MpInterval>& box_;
    std::optional<std::vector<Rational>> inputs_;
    std::set<const void*> seen_;
    std::set<std::string> functions_;
};

}  // namespace

Finding is_analytic(const Document& document) {
    std::set<std::string> functions;
    for (std::size_t i = 0; i < document.data_inputs.size(); ++i) {
        std::vector<MpInterval> box;
        try {
            box = everywhere(document.parameters.size(), document.data_inputs[i]);
        } catch (const std::domain_error&) {
            return {Ternary::undecided, "the inputs could not be enclosed"};
        }
        std::optional<std::vector<Rational>> inputs(std::in_place);
        for (const Expression& y : document.data_inputs[i]) {
            const std::optional<Rational> x = evaluate(y, {});
            if (x && inputs) inputs->push_back(*x);
            else inputs.reset();
        }
        AnalyticWalk walk(document.parameters.size(), box, std::move(inputs));
        if (const std::optional<std::string> obstacle = walk.obstacle(*document.output)) {
            if (const std::optional<std::string> reason = not_smooth(document)) return {Ternary::no, *reason};
            return {Ternary::undecided, *obstacle};
        }
        functions.insert(walk.functions().begin(), walk.functions().end());
    }
    if (functions.empty()) return {Ternary::yes, "F is a polynomial in the parameters"};
    std::string list;
    for (const std::string& f : functions) list += ", " + f;
    return {Ternary::yes, "F is composed of functions that are analytic where they are used: polynomials" + list};
}

namespace {

// The Gram matrix of the partial gradients in these parameters, at x*.
Matrix<Real> partial_gram(const ModelAtMinimum& model, const std::vector<std::size_t>& parameters) {
    const std::size_t n = model.gradients.size();
    Matrix<Real> gram(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            ex entry = 0;
            for (const std::size_t p : parameters) entry += model.gradients[i][p] * model.gradients[j][p];
            gram(i, j) = gram(j, i) = to_real(entry);
        }
    return gram;
}

// Weights w with sum_p w_p x_p dF/dx_p = F on all of R^D (Euler), F given at one data point; parameters that occur
// otherwise than as a factor x_p^m of a term get none.
std::optional<std::vector<Rational>> euler_weights(const ex& output, const std::vector<GiNaC::symbol>& symbols, std::size_t parameters) {
    const ex expanded = expanded_if_short(output);
    std::vector<ex> terms;
    if (is_a<GiNaC::add>(expanded)) terms.assign(expanded.begin(), expanded.end());
    else terms.push_back(expanded);

    std::vector<bool> clean(parameters, true);
    Matrix<Rational> exponents(terms.size(), parameters, Rational(0));
    for (std::size_t t = 0; t < terms.size(); ++t) {
        const std::vector<ex> factors =
            is_a<GiNaC::mul>(terms[t]) ? std::vector<ex>(terms[t].begin(), terms[t].end()) : std::vector<ex>{terms[t]};
        for (const ex& factor : factors) {
            const bool is_power = is_a<GiNaC::power>(factor) && is_a<GiNaC::numeric>(factor.op(1));
            const ex base = is_power ? factor.op(0) : factor;
            for (std::size_t p = 0; p < parameters; ++p) {
                if (base.is_equal(symbols[p])) exponents(t, p) += is_power ? to_rational(ex_to<GiNaC::numeric>(factor.op(1))) : Rational(1);
                else if (factor.has(symbols[p])) clean[p] = false;
            }
        }
    }

    // Elimination on [exponents | 1] over the clean parameters.
    std::vector<std::size_t> columns;
    for (std::size_t p = 0; p < parameters; ++p)
        if (clean[p]) columns.push_back(p);
    Matrix<Rational> system(terms.size(), columns.size() + 1, Rational(1));
    for (std::size_t t = 0; t < terms.size(); ++t)
        for (std::size_t c = 0; c < columns.size(); ++c) system(t, c) = exponents(t, columns[c]);
    const Matrix<Rational> reduced = row_space(system);
    std::vector<Rational> weights(parameters, Rational(0));
    for (std::size_t r = 0; r < reduced.rows(); ++r) {
        std::size_t pivot = 0;
        while (reduced(r, pivot).is_zero()) ++pivot;
        if (pivot == columns.size()) return std::nullopt;  // 0 = 1
        weights[columns[pivot]] = reduced(r, columns.size());
    }
    ex difference = -output;
    for (std::size_t p = 0; p < parameters; ++p) difference += to_numeric(weights[p]) * symbols[p] * output.diff(symbols[p]);
    if (!expanded_if_short(difference).is_zero()) return std::nullopt;
    return weights;
}

}  // namespace

Finding independent_everywhere(const Document& document, const ModelAtMinimum& model, const Matrix<Real>& gram, const Finding& analytic) {
    const Finding open = {Ternary::undecided, "assumed on the rest of M: true for almost every target vector (Sard's theorem; Cooper 2021), nothing is known for this one"};
    if (const auto reason = dependent_gradients_somewhere(document, model)) return {Ternary::no, *reason};
    if (analytic.answer != Ternary::yes) return open;
    const std::size_t d = document.parameters.size();

    // Parameters that enter linearly with coefficients free of parameters: their part of the gradients is the same everywhere.
    std::vector<std::size_t> linear;
    std::vector<std::string> names;
    for (std::size_t p = 0; p < d; ++p) {
        const ex derivative = expanded_if_short(model.output.diff(model.symbols[p]));
        if (std::any_of(model.symbols.begin(), model.symbols.begin() + static_cast<std::ptrdiff_t>(d),
                        [&](const GiNaC::symbol& s) { return derivative.has(s); }))
            continue;
        linear.push_back(p);
        names.push_back(document.parameters[p]);
    }
    if (linear.size() == d) {
        const Ternary definite = is_positive_definite(gram);
        if (definite == Ternary::yes)
            return {Ternary::yes, "F is linear in the parameters: the gradients are constant, and their Gram matrix is positive definite", names, {}};
        if (definite == Ternary::no)
            return {Ternary::no, "F is linear in the parameters: the gradients are constant, and they are linearly dependent"};
        return {Ternary::undecided, "F is linear in the parameters, but their Gram matrix is not proved to be positive definite"};
    }
    if (!linear.empty() && is_positive_definite(partial_gram(model, linear)) == Ternary::yes)
        return {Ternary::yes, "F is linear in " + listed(names) + ", and the gradients in " + (names.size() == 1 ? "it" : "these") +
                                  " are constant and linearly independent", names, {}};

    if (model.inputs.size() != 1) return open;
    std::vector<ex> point(model.symbols.begin(), model.symbols.begin() + static_cast<std::ptrdiff_t>(d));
    point.insert(point.end(), model.inputs[0].begin(), model.inputs[0].end());
    const ex output = to_term(*document.output, point);
    const std::optional<int> target_sign = sign_of(model.targets[0]);
    if (target_sign && *target_sign != 0) {
        if (const auto weights = euler_weights(output, model.symbols, d)) {
            std::string identity;
            std::vector<std::pair<std::string, Rational>> used;
            for (std::size_t p = 0; p < d; ++p) {
                if ((*weights)[p].is_zero()) continue;
                used.emplace_back(document.parameters[p], (*weights)[p]);
                const std::string factor = (*weights)[p] == 1 ? "" : "(" + (*weights)[p].str() + ") ";
                identity += (identity.empty() ? "" : " + ") + factor + document.parameters[p] + " dF/d" + document.parameters[p];
            }
            return {Ternary::yes, "N = 1 and " + identity + " = F, which is z_1, not zero, on M: the gradient does not vanish there", {}, std::move(used)};
        }
    }
    try {
        const std::vector<MpInterval> box = everywhere(d, document.data_inputs[0]);
        for (std::size_t p = 0; p < d; ++p)
            if (nonzero(model.derivatives[p], box, false))
                return {Ternary::yes, "N = 1 and dF/d" + document.parameters[p] + " vanishes nowhere"};
    } catch (const std::domain_error&) {  // the inputs resist enclosure: no proof this way
    }
    return open;
}

}  // namespace lyapcert
