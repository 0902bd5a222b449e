// A network at its weights, or at the minimum that is proved to exist near them.
#include <algorithm>
#include <map>
#include <mutex>

#include "lyapcert/linalg/positive_definite.hpp"
#include "problem/gram.hpp"
#include "problem/kinds.hpp"
#include "problem/model.hpp"
#include "problem/smoothness.hpp"
#include "problem/near_minimum.hpp"
#include "problem/network_residuals.hpp"
#include "problem/training.hpp"
#include "problem/twins.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t largest_exact_problem = 200000;  // multiplications of rational numbers

// Values and gradients in rational numbers, where they are rational and not too many.
std::optional<std::vector<Differential<Rational>>> exact_values(const NetworkData& data) {
    if (data.weights.size() * data.inputs.size() > largest_exact_problem) return std::nullopt;
    std::vector<Differential<Rational>> result;
    try {
        for (const std::vector<Expression>& row : data.inputs) {
            std::vector<Rational> input;
            for (const Expression& e : row) {
                const std::optional<Rational> y = evaluate(e, {});
                if (!y) return std::nullopt;
                input.push_back(*y);
            }
            result.push_back(differentiate(data.network, data.weights, input, Rational(0)));
        }
    } catch (const std::domain_error&) {
        return std::nullopt;
    }
    return result;
}

bool vanish_exactly(const NetworkData& data, const std::vector<Differential<Rational>>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::optional<Rational> target = evaluate((*data.targets)[i], {});
        if (!target || *target != values[i].value) return false;
    }
    return true;
}

// G at a point that is known exactly.
class GramAtPoint {
  public:
    explicit GramAtPoint(std::shared_ptr<const NetworkData> data) : data_(std::move(data)), map_(residual_map(data_)) {}

    Matrix<MpInterval> operator()(long precision) {
        const std::lock_guard<std::mutex> guard(mutex_);
        long bits = 192;
        while (bits < precision) bits *= 2;
        if (const auto known = known_.find(bits); known != known_.end()) return known->second;
        std::vector<MpInterval> x;
        for (const std::size_t k : data_->free) x.emplace_back(data_->weights[k], bits + 32);
        const std::size_t n = map_.data_points;
        std::vector<CentredVector> gradients;
        for (std::size_t i = 0; i < n; ++i) gradients.emplace_back(map_.enclose(i, x, true).gradient, bits + 32);
        return known_.emplace(bits, gram_matrix(gradients, bits)).first->second;
    }

  private:
    std::shared_ptr<const NetworkData> data_;
    ResidualMap map_;
    std::mutex mutex_;
    std::map<long, Matrix<MpInterval>> known_;
};

Finding analytic_network(const Network& network, bool some_input_is_not_zero) {
    std::vector<std::string> used;
    bool free = false;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        free = free || !network.frozen[l];
        if (!free) continue;  // a function of the inputs alone
        const std::string word = name(network.activations[l]);
        if (network.activations[l] == Activation::relu) {
            if (const auto reason = not_smooth(network, some_input_is_not_zero)) return {Ternary::no, *reason};
            return {Ternary::undecided, "relu is not differentiable at 0, so F need not be smooth in x on all of R^D"};
        }
        if (network.activations[l] != Activation::linear && std::find(used.begin(), used.end(), word) == used.end()) used.push_back(word);
    }
    std::string list;
    for (const std::string& word : used) list += ", " + word;
    return {Ternary::yes, "F is composed of sums, products" + list};
}

}  // namespace

void read_network(const Document& document, Problem& problem) {
    const auto data = network_data(document);
    const std::size_t n = problem.data_points;
    std::optional<std::vector<Differential<Rational>>> exact;
    if (!document.weights_from_file) exact = exact_values(*data);
    if (!data->targets || (exact && vanish_exactly(*data, *exact))) {
        problem.minimum = {Minimum::Kind::exact, true,
                           data->targets ? "F(x*, y_i) - z_i vanishes exactly for every i" : "by construction: the targets are the network's own outputs at x*", "0"};
        if (exact) {
            problem.gram = Matrix<Real>(n, n);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j <= i; ++j) {
                    Rational sum = 0;
                    for (std::size_t p = 0; p < data->free.size(); ++p) sum += (*exact)[i].gradient[p] * (*exact)[j].gradient[p];
                    problem.gram(i, j) = problem.gram(j, i) = sum;
                }
        } else {
            const auto at_point = std::make_shared<GramAtPoint>(data);
            try {
                (*at_point)(1);
            } catch (const std::domain_error& error) {
                document.fail("network.activation", std::string("the network is not proved smooth at the weights: ") + error.what());
            }
            problem.gram = gram_of(n, [at_point](long precision) { return (*at_point)(precision); });
        }
    } else {
        std::vector<Rational> given;
        for (const std::size_t k : data->free) given.push_back(data->weights[k]);
        prove_near(document, "minimum.weights", residual_map(data), given, problem);
    }
    bool vanish = true;
    for (const Real& x : problem.gram.entries()) vanish = vanish && x.known_zero();
    if (vanish) document.fail("minimum.weights", "all gradients vanish: every exponent is 0 and no theorem applies; expected a non-zero gradient");
    const bool some_input_is_not_zero = std::any_of(data->inputs.begin(), data->inputs.end(), [](const auto& y) {
        return std::any_of(y.begin(), y.end(), [](const Expression& x) {
            const std::optional<Rational> value = evaluate(x, {});
            return value && !value->is_zero();
        });
    });
    problem.analytic = analytic_network(data->network, some_input_is_not_zero);
    if (data->network.is_linear() && is_positive_definite(problem.gram) == Ternary::yes)
        problem.independent_everywhere = Finding{Ternary::yes, "F is linear in the parameters: the gradients are constant, and their Gram matrix is positive definite",
                                                 {"last layer"}, {}};
    else
        problem.independent_everywhere = Finding{Ternary::undecided, "assumed on the rest of M: true for almost every target vector (Sard's theorem; Cooper 2021), nothing is known for this one"};
}

void read_network_problem(const Document& document, Problem& problem) {
    problem.data_points = document.data_inputs.size();
    problem.parameters = document.network->parameters();
    require_few_data_points(document, problem.data_points);
    first_with_equal_inputs(document);
    problem.equal_to = equal_data_points(document);
    read_training(document, problem);
    read_network(document, problem);
    scale_gram(problem);
    problem.jacobian_invertible_somewhere = [step = StepAtMinimum{problem.gram, problem.scaled_gram, *problem.learning_rate}](std::optional<std::size_t> sample) {
        if (sample && *sample >= step.gram.rows()) throw std::out_of_range("jacobian_invertible_somewhere: no such data point");
        const std::optional<Finding> found = jacobian_at_minimum(step, sample);
        return found ? *found : Finding{Ternary::undecided, "it is not proved invertible at x*"};
    };
}

Problem gram_at_weights(const Document& document, double& loss) {
    const auto data = network_data(document);
    Problem problem;
    problem.kind = Problem::Kind::gram;
    problem.title = document.title;
    problem.data_points = document.data_inputs.size();
    problem.parameters = data->free.size();
    problem.equal_to = equal_data_points(document);
    problem.minimum.reason = "a checkpoint, which need not be a minimum";
    const ResidualMap map = residual_map(data);
    std::vector<double> x;
    for (const std::size_t k : data->free) x.push_back(data->weights[k].convert_to<double>());
    loss = 0.0;
    for (std::size_t i = 0; i < map.data_points; ++i) {
        const double h = map.approximate(i, x).value;
        loss += h * h / (2.0 * static_cast<double>(map.data_points));
    }
    const auto at_point = std::make_shared<GramAtPoint>(data);
    try {
        problem.gram = gram_of(problem.data_points, [at_point](long precision) { return (*at_point)(precision); });
    } catch (const std::domain_error& error) {
        document.fail("network.activation", std::string("the network is not proved smooth at the weights: ") + error.what());
    }
    return problem;
}

}  // namespace lyapcert
