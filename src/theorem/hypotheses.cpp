#include "lyapcert/theorem/hypotheses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>
#include <stdexcept>

#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

namespace {

// Why the gradients cannot be independent, whatever the Gram matrix is; the same sentence for every kind of problem.
std::string dependence(const Problem& problem) {
    for (std::size_t i = 0; i < problem.equal_to.size(); ++i)
        if (problem.equal_to[i] != i) return fmt::format("data point {} is data point {} again: their gradients are equal", i + 1, problem.equal_to[i] + 1);
    if (problem.parameters && *problem.parameters < problem.data_points)
        return fmt::format("{} gradients in dimension {} are linearly dependent", problem.data_points, *problem.parameters);
    return "";
}

Hypothesis independent_gradients(const Problem& problem) {
    if (const std::string why = dependence(problem); !why.empty()) return {"H1", Status::refuted, why};
    switch (is_positive_definite(problem.gram)) {
        case Ternary::no: return {"H1", Status::refuted, "the Gram matrix is not positive definite: the gradients at x* are linearly dependent"};
        case Ternary::undecided: return {"H1", Status::undecided, "whether the Gram matrix is positive definite could not be decided"};
        case Ternary::yes: break;
    }
    const std::string here = "at x* proved (the Gram matrix is positive definite); ";
    if (!problem.independent_everywhere) return {"H1", Status::assumed, here + "assumed on the rest of M: no model is given"};
    const Finding& everywhere = *problem.independent_everywhere;
    const Status status = everywhere.answer == Ternary::yes ? Status::proved : everywhere.answer == Ternary::no ? Status::refuted : Status::assumed;
    return {"H1", status, here + everywhere.reason};
}

// The laws with a density that is positive everywhere, by the names that people give them; whole names only: a word in a longer description may mean
// its opposite.
struct NamedLaw {
    std::vector<const char*> names;
    const char* meaning;
};

const std::vector<NamedLaw>& laws_with_positive_density() {
    static const std::vector<NamedLaw> list{
        {{"gaussian", "normal"}, "that is Gaussian of full rank"},
        {{"standard gaussian", "standard normal"}, "that is standard Gaussian on R^D"},
        {{"isotropic gaussian"}, "that is Gaussian with a covariance matrix c I, c > 0"},
        {{"laplace"}, "with independent Laplace coordinates"},
        {{"cauchy"}, "with independent Cauchy coordinates"},
        {{"logistic"}, "with independent logistic coordinates"},
    };
    return list;
}

Hypothesis equivalent_initial_law(const Problem& problem, std::string& initial_law) {
    std::string law = problem.initialisation;
    std::replace(law.begin(), law.end(), '_', ' ');
    if (law.empty()) return {"H2", Status::assumed, "the problem file declares no initial law (a Gaussian one of full rank would do)"};
    static const std::array<const char*, 12> not_equivalent = {"uniform",        "uniform on a box", "xavier uniform",     "glorot uniform",   "kaiming uniform", "he uniform",
                                                               "truncated normal", "truncated gaussian", "zero", "zeros", "constant", "orthogonal"};
    const std::string declared = fmt::format("declared: {}; ", problem.initialisation);
    if (std::find(not_equivalent.begin(), not_equivalent.end(), law) != not_equivalent.end())
        return {"H2", Status::refuted, declared + "such a law is not equivalent to Lebesgue measure on R^D"};
    for (const NamedLaw& named : laws_with_positive_density())
        if (std::find(named.names.begin(), named.names.end(), law) != named.names.end()) {
            initial_law = named.meaning;
            return {"H2", Status::declared, declared + fmt::format("for an initial law {}", named.meaning)};
        }
    return {"H2", Status::assumed, declared + "not a law this program knows by that name"};
}

Hypothesis non_singular_maps(const Problem& problem) {
    if (!problem.analytic || !problem.jacobian_invertible_somewhere)
        return {"H3", Status::assumed, "no model is given (it holds if F is analytic in x and the Jacobians at x* are invertible)"};
    if (problem.analytic->answer != Ternary::yes) return {"H3", Status::assumed, "not proved: " + problem.analytic->reason};
    const auto somewhere = [&](std::optional<std::size_t> sample, const std::string& name) -> std::optional<Hypothesis> {
        const Finding finding = problem.jacobian_invertible_somewhere(sample);
        if (finding.answer == Ternary::yes) return std::nullopt;
        return Hypothesis{"H3", Status::undecided, fmt::format("no point was found where the Jacobian of {} is proved invertible: {}", name, finding.reason)};
    };
    if (auto failure = somewhere(std::nullopt, "x - eta grad L(x)")) return *failure;
    for (std::size_t i = 0; i < problem.data_points; ++i)
        if (auto failure = somewhere(i, fmt::format("x - eta grad L_{}(x)", i + 1))) return *failure;
    return {"H3", Status::proved,
            fmt::format("F is analytic in x ({}) and every Jacobian (square loss) is invertible at one point, hence almost everywhere", problem.analytic->reason)};
}

Hypothesis exceptional_norms(const Problem& problem, bool& steps_invertible) {
    steps_invertible = true;
    std::string refuted;
    std::string open;
    for (std::size_t i = 0; i < problem.data_points; ++i)
        for (const int value : {1, 2}) {
            const Ternary equal = (problem.scaled_gram(i, i) - Real(value)).is_zero();
            if (equal == Ternary::no) continue;
            if (value == 1) steps_invertible = false;
            std::string& list = equal == Ternary::yes ? refuted : open;
            list += fmt::format("{}||g_{}||^2 {} {}/eta", list.empty() ? "" : ", ", i + 1, equal == Ternary::yes ? "=" : "may be", value);
        }
    if (!refuted.empty()) return {"regular(i)", Status::refuted, refuted};
    if (!open.empty()) return {"regular(i)", Status::undecided, open};
    return {"regular(i)", Status::proved, "eta ||g_i||^2 is neither 1 nor 2, for every i"};
}

// The part of {0..n-1} that is connected to 0 in the graph of the pairs that `joined` accepts.
template <class Joined>
std::vector<bool> component_of_first(std::size_t n, Joined joined) {
    std::vector<bool> reached(n, false);
    std::vector<std::size_t> stack{0};
    reached[0] = true;
    while (!stack.empty()) {
        const std::size_t i = stack.back();
        stack.pop_back();
        for (std::size_t j = 0; j < n; ++j)
            if (!reached[j] && joined(i, j)) {
                reached[j] = true;
                stack.push_back(j);
            }
    }
    return reached;
}

Hypothesis connected_gradients(const Problem& problem) {
    const std::size_t n = problem.data_points;
    if (n == 1) return {"regular(ii)", Status::proved, "N = 1: there is nothing to split"};
    const auto possibly = component_of_first(n, [&](std::size_t i, std::size_t j) { return !problem.gram(i, j).known_zero(); });
    if (std::find(possibly.begin(), possibly.end(), false) != possibly.end()) {
        std::string block;
        for (std::size_t i = 0; i < n; ++i)
            if (possibly[i]) block += fmt::format("{}{}", block.empty() ? "" : ", ", i + 1);
        return {"regular(ii)", Status::refuted, fmt::format("the gradients {{{}}} are orthogonal to all others", block)};
    }
    const auto certainly = component_of_first(n, [&](std::size_t i, std::size_t j) { return problem.gram(i, j).is_zero() == Ternary::no; });
    if (std::find(certainly.begin(), certainly.end(), false) == certainly.end())
        return {"regular(ii)", Status::proved, "the graph of the proved <g_i, g_j> != 0 is connected"};
    return {"regular(ii)", Status::undecided, "some <g_i, g_j> could not be told from zero"};
}

}  // namespace

const char* to_string(Status status) {
    switch (status) {
        case Status::proved: return "proved";
        case Status::refuted: return "refuted";
        case Status::declared: return "declared";
        case Status::assumed: return "assumed";
        case Status::undecided: break;
    }
    return "undecided";
}

const Hypothesis& Hypotheses::operator[](const std::string& id) const {
    for (const Hypothesis& hypothesis : list)
        if (hypothesis.id == id) return hypothesis;
    throw std::out_of_range("no hypothesis " + id);
}

Hypotheses check_hypotheses(const Problem& problem) {
    if (problem.kind == Problem::Kind::product) throw std::invalid_argument("a general product has no hypotheses");
    Hypotheses result;
    result.list = {independent_gradients(problem), equivalent_initial_law(problem, result.initial_law), non_singular_maps(problem),
                   exceptional_norms(problem, result.steps_invertible), connected_gradients(problem)};
    return result;
}

}  // namespace lyapcert
