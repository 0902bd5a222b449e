#include "checker/hypotheses.hpp"

#include <algorithm>

#include "checker/rules/definite.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

// T20 (j), T41 (a).
bool is_minimum(const Problem& problem) {
    if (problem.distance) return true;
    return problem.has_model && std::all_of(problem.residuals.begin(), problem.residuals.end(), [](const Value& r) { return r.is(0); });
}

// T20 (f), away from x*.
std::string independent_everywhere(const Context& context, const json& proof) {
    const Problem& problem = context.problem;
    if (!is_analytic(context)) return "F is not seen to be analytic on all of R^D";
    if (problem.network) return problem.network->linear() ? "" : "the network is not linear in its parameters";
    const std::size_t d = problem.parameters;
    const std::size_t n = problem.data_points;
    const auto index = [&](const std::string& name) {
        const auto at = std::find(problem.names.begin(), problem.names.end(), name);
        if (at == problem.names.end()) throw Refused("H1: there is no parameter '" + name.substr(0, 40) + "'");
        return static_cast<std::size_t>(at - problem.names.begin());
    };
    if (proof.contains("linear")) {
        std::vector<bool> chosen(d, false);
        for (const json& name : proof.at("linear")) chosen[index(name.get<std::string>())] = true;
        if (!Syntax(d, problem.inputs[0], context.bits).affine(problem.output, chosen)) return "F is not seen to be affine in the parameters named";
        std::vector<std::vector<Value>> partial(n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t p = 0; p < d; ++p)
                if (chosen[p]) partial[i].push_back(problem.gradients[i][p]);
        const Inertia all = inertia(gram_matrix(partial), 0, context.bits);
        return all.known && all.positive == n ? "" : "the partial gradients are not proved independent";
    }
    std::vector<Rational> weights(d, Rational(0));
    for (const auto& [name, weight] : proof.at("weights").items()) weights[index(name)] = parse_rational(weight.get<std::string>());
    if (n != 1) return "the homogeneity argument is for one data point";
    const std::optional<Rational> degree = Syntax(d, problem.inputs[0], context.bits).degree(problem.output, weights);
    if (!degree || *degree != 1) return "F is not seen to be homogeneous with these weights";
    return problem.targets[0].sign() != 0 ? "" : "the target is not proved to be non-zero";
}

std::string check_h1(const Context& context, bool proved, const json& claim) {
    if (!proved && context.problem.semidefinite_given && context.problem.most_independent() < context.problem.data_points) return "";
    if (context.problem.product.is_single_sample_gram() && context.problem.is_minimum) {
        if (!proved || !exceeds(context.problem.gram, 0, context.bits)) return "the Gram matrix is not proved definite or singular";
        return context.problem.has_model ? independent_everywhere(context, claim.at("proof")) : "no model is given: nothing is known away from x*";
    }
    const Inertia all = inertia(context.problem.gram, 0, context.bits);
    const std::size_t n = context.problem.data_points;
    if (!all.known) return "the Gram matrix is not proved definite or singular";
    if (!proved) return all.positive < n ? "" : "the Gram matrix is positive definite";
    if (all.positive < n) return "the Gram matrix is not positive definite";
    if (!context.problem.has_model) return "no model is given: nothing is known away from x*";
    return independent_everywhere(context, claim.at("proof"));
}

// T20 (h).
std::string check_h3(const Context& context) {
    const Problem& problem = context.problem;
    if (!is_minimum(problem)) return "that x* is a minimum is not proved exactly";
    if (!is_analytic(context)) return "F is not seen to be analytic on all of R^D";
    for (std::size_t i = 0; i < problem.data_points; ++i)
        if ((problem.scaled_gram(i, i) - Value(Rational(1))).sign() == 0) return "a sample map may be singular at x*";
    if (problem.product.is_single_sample_gram()) {
        const Rational n(static_cast<unsigned long>(problem.data_points));
        return is_exceeded(problem.scaled_gram, n, context.bits) || exceeds(problem.scaled_gram, n, context.bits) ? "" : "the map of gradient descent may be singular at x*";
    }
    const Inertia descent = inertia(problem.scaled_gram, Rational(static_cast<unsigned long>(problem.data_points)), context.bits);
    return descent.known && descent.zero == 0 ? "" : "the map of gradient descent may be singular at x*";
}

// T20 (i).
std::string check_norms(const Problem& problem, bool proved) {
    bool exceptional = false;
    bool open = false;
    for (std::size_t i = 0; i < problem.data_points; ++i)
        for (const long value : {1L, 2L}) {
            const Value difference = problem.scaled_gram(i, i) - Value(Rational(value));
            exceptional = exceptional || difference.is(0);
            open = open || difference.sign() == 0;
        }
    return (proved ? !open : exceptional) ? "" : "whether some eta ||g_i||^2 is 1 or 2 is not decided as claimed";
}

std::string check_connected(const Problem& problem, bool proved) {
    const std::size_t n = problem.data_points;
    std::vector<bool> reached(n, false);
    std::vector<std::size_t> stack{0};
    reached[0] = true;
    while (!stack.empty()) {
        const std::size_t i = stack.back();
        stack.pop_back();
        for (std::size_t j = 0; j < n; ++j) {
            // Proved: edges that certainly exist. Refuted: edges that may.
            const bool edge = proved ? problem.gram(i, j).sign() != 0 : !problem.gram(i, j).is(0);
            if (reached[j] || !edge) continue;
            reached[j] = true;
            stack.push_back(j);
        }
    }
    const bool connected = std::find(reached.begin(), reached.end(), false) == reached.end();
    return connected == proved ? "" : "the graph <g_i, g_j> != 0 is not decided as claimed";
}

}  // namespace

// T20 (e): F(., y_i) for every i.
bool is_analytic(const Context& context) {
    const Problem& problem = context.problem;
    if (problem.network) return problem.network->analytic();
    return problem.has_model && std::all_of(problem.inputs.begin(), problem.inputs.end(), [&](const std::vector<Value>& y) {
        return Syntax(problem.parameters, y, context.bits).analytic(problem.output);
    });
}

// T41 (d).
std::string check_distance(const Context& context, Side side, const End& claim) {
    if (side != Side::upper || claim.minus_infinity) throw Refused("a distance is claimed from above");
    if (context.problem.network && context.problem.network->weights_in_file) return "the weights are in a file";
    if (!context.problem.distance) return "no minimum has been proved near the weights";
    return at_least(claim.value, *context.problem.distance) ? "" : "the distance of the minimum is not proved to be as small";
}

std::string check_hypothesis(const Context& context, const json& claim) {
    if (!context.problem.is_minimum) return "a general product has no hypotheses";
    const auto about = claim.at("about").get<std::string>();
    const auto status = claim.at("status").get<std::string>();
    const bool proved = status == "proved";
    if (!proved && status != "refuted") throw Refused("the status '" + status.substr(0, 40) + "' is unknown");
    if (about == "regular(i)") return check_norms(context.problem, proved);
    if (about == "regular(ii)") return check_connected(context.problem, proved);
    if (about == "H1") return check_h1(context, proved, claim);
    if (!proved) throw Refused(about.substr(0, 40) + " cannot be claimed to be refuted");
    if (about == "minimum") return is_minimum(context.problem) ? "" : "F(x*, y_i) = z_i is not proved exactly";
    if (about == "H3") return check_h3(context);
    throw Refused("the claim about '" + about.substr(0, 40) + "' is unknown");
}

}  // namespace lyapcert::checker
