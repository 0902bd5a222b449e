// A network at the minimum that is proved to exist near the given weights.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/existence.hpp"
#include "problem/model.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t largest_exact_problem = 200000;  // multiplications of rational numbers

struct NetworkData {
    Network network;
    std::vector<std::size_t> free;
    std::vector<Rational> weights;
    std::vector<std::vector<Expression>> inputs;
    std::optional<std::vector<Expression>> targets;
};

std::vector<MpInterval> enclosed(const std::vector<Expression>& numbers, long precision) {
    std::vector<MpInterval> result;
    for (const Expression& e : numbers) result.push_back(enclose(e, precision));
    return result;
}

// The given weights with the free ones replaced by a box.
std::vector<MpInterval> completed(const NetworkData& data, const std::vector<MpInterval>& box) {
    std::vector<MpInterval> all;
    const long precision = box.front().precision();
    std::size_t next = 0;
    for (std::size_t k = 0; k < data.weights.size(); ++k) {
        const bool is_free = next < data.free.size() && data.free[next] == k;
        all.push_back(is_free ? box[next++] : MpInterval(data.weights[k], precision));
    }
    return all;
}

ResidualMap residual_map(std::shared_ptr<const NetworkData> data) {
    ResidualMap map;
    map.data_points = data->inputs.size();
    map.parameters = data->free.size();
    map.enclose = [data](std::size_t i, const std::vector<MpInterval>& box, bool gradient) {
        const long precision = box.front().precision();
        Differential<MpInterval> f = differentiate(data->network, completed(*data, box), enclosed(data->inputs[i], precision), MpInterval(precision), gradient);
        if (data->targets) f.value -= enclose((*data->targets)[i], precision);
        return f;
    };
    std::vector<double> weights;
    for (const Rational& w : data->weights) weights.push_back(w.convert_to<double>());
    std::vector<std::vector<double>> inputs;
    std::vector<double> targets;
    for (std::size_t i = 0; i < map.data_points; ++i) {
        inputs.emplace_back();
        for (const MpInterval& y : enclosed(data->inputs[i], 64)) inputs.back().push_back(y.midpoint_double());
        targets.push_back(data->targets ? enclose((*data->targets)[i], 64).midpoint_double() : 0.0);
    }
    map.approximate = [data, weights, inputs, targets](std::size_t i, const std::vector<double>& x) {
        std::vector<double> all = weights;
        for (std::size_t k = 0; k < x.size(); ++k) all[data->free[k]] = x[k];
        Differential<double> f = differentiate(data->network, all, inputs[i], 0.0);
        f.value -= targets[i];
        return f;
    };
    return map;
}

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

// G from enclosures of the whole matrix; `whole` is asked for one precision once.
template <class Whole>
Matrix<Real> gram_of(std::size_t n, Whole whole) {
    const Matrix<MpInterval> first = whole(128);
    Matrix<Real> g(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            g(i, j) = g(j, i) = is_zero(first(i, j)) ? Real(0) : Real::from_rule([whole, i, j](long precision) { return whole(precision)(i, j).with_precision(precision); });
    return g;
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

Finding analytic_network(const Network& network) {
    std::vector<std::string> used;
    bool free = false;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        free = free || !network.frozen[l];
        if (!free) continue;  // a function of the inputs alone
        const std::string word = name(network.activations[l]);
        if (network.activations[l] == Activation::relu) return {Ternary::undecided, "relu is not differentiable at 0, so F is not analytic in x on all of R^D"};
        if (network.activations[l] != Activation::linear && std::find(used.begin(), used.end(), word) == used.end()) used.push_back(word);
    }
    std::string list;
    for (const std::string& word : used) list += ", " + word;
    return {Ternary::yes, "F is composed of sums, products" + list};
}

// Weights that are far from every minimum would be led to one anyway: say so instead.
void require_interpolation(const Document& document, const std::string& key, const ResidualMap& map, const std::vector<Rational>& given) {
    constexpr double small = 0.01;
    const auto n = static_cast<double>(map.data_points);
    std::vector<double> x;
    for (const Rational& w : given) x.push_back(w.convert_to<double>());
    double loss = 0.0;
    double reference = 0.0;  // of F = 0
    for (std::size_t i = 0; i < map.data_points; ++i) {
        const double h = map.approximate(i, x).value;
        const double z = enclose((*document.targets)[i], 64).midpoint_double();
        loss += h * h / (2.0 * n);
        reference += z * z / (2.0 * n);
    }
    if (!(loss <= small * reference + 1e-6))
        document.fail(key, fmt::format("{} does not interpolate the data: its loss is {:.3g}, that of F = 0 is {:.3g}; expected nearly 0{}",
                                       document.network ? "the network" : "the model", loss, reference,
                                       document.network ? " (train it further, for example with lyapcert train)" : ""));
}

// Fills minimum and gram.
void prove_near(const Document& document, const std::string& key, const ResidualMap& map, const std::vector<Rational>& given, Problem& problem) {
    constexpr std::size_t most_data_points = 300;  // the proof takes N^3 operations at a few hundred bits
    if (map.data_points > most_data_points)
        document.fail("data.inputs", "has " + std::to_string(map.data_points) + " data points; expected at most " + std::to_string(most_data_points) + " where the minimum must be proved");
    try {
        require_interpolation(document, key, map, given);
        const auto near = std::make_shared<const NearMinimum>(map, given);
        const std::string distance = upper_decimal(MpInterval(near->distance(), near->distance()).upper(), 3);
        problem.minimum = {Minimum::Kind::near, true,
                           fmt::format("a true minimum exists within {} of the given {} (Krawczyk; the only one on the slice w + J^T c there{})", distance,
                                       document.network ? "weights" : "values", near->polished() ? ", w being the given ones after Gauss-Newton steps" : ""),
                           distance, [near](long precision) { return near->centre(precision); }, document.weights_from_file};
        problem.gram = gram_of(problem.data_points, [near](long precision) { return near->gram(precision); });
    } catch (const NoMinimum& error) {
        document.fail(key, error.what());
    } catch (const std::domain_error& error) {
        document.fail(key, std::string("no minimum is proved: ") + error.what());
    }
}

void refuse_twins(const Document& document) {
    const auto& inputs = document.data_inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            bool same = true;
            for (std::size_t k = 0; k < inputs[i].size() && same; ++k) same = compare(inputs[i][k], inputs[j][k]) == 0;
            if (same)
                document.fail("data.inputs[" + std::to_string(i) + "]", "is data point " + std::to_string(j + 1) +
                                                                           " again: the gradients of the two are equal, and H1 fails; expected distinct data points");
        }
}

}  // namespace

void read_network(const Document& document, Problem& problem) {
    refuse_twins(document);
    const auto data = std::make_shared<const NetworkData>(
        NetworkData{*document.network, document.network->free_weights(), document.weights, document.data_inputs, document.targets});
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
    problem.analytic = analytic_network(data->network);
    if (data->network.is_linear() && is_positive_definite(problem.gram) == Ternary::yes)
        problem.independent_everywhere = Finding{Ternary::yes, "F is linear in the parameters: the gradients are constant, and their Gram matrix is positive definite",
                                                 {"last layer"}, {}};
    else
        problem.independent_everywhere = Finding{Ternary::undecided, "assumed on M away from x*; true for generic targets (Cooper 2021)"};
}

void near_model(const Document& document, const ModelAtMinimum& model, const Finding& analytic, Problem& problem) {
    if (analytic.answer != Ternary::yes)
        document.fail("model.output", "is not seen to be analytic in the parameters on all of R^D (" + analytic.reason + "); expected that beside an approximate minimum");
    ResidualMap map;
    map.data_points = document.data_inputs.size();
    map.parameters = document.parameters.size();
    map.enclose = [output = *document.output, derivatives = model.derivatives, inputs = document.data_inputs, targets = *document.targets](
                      std::size_t i, const std::vector<MpInterval>& box, bool gradient) {
        const long precision = box.front().precision();
        std::vector<MpInterval> symbols = box;
        for (MpInterval& y : enclosed(inputs[i], precision)) symbols.push_back(std::move(y));
        Differential<MpInterval> f{enclose(output, precision, symbols) - enclose(targets[i], precision), {}};
        for (std::size_t p = 0; p < derivatives.size() && gradient; ++p) f.gradient.push_back(enclose(derivatives[p], precision, symbols));
        return f;
    };
    map.approximate = [enclose_at = map.enclose](std::size_t i, const std::vector<double>& x) {
        std::vector<MpInterval> point;
        for (const double v : x) {
            if (!std::isfinite(v)) throw NoMinimum("the search for a minimum leaves the range of numbers");
            point.emplace_back(v, v, 64);
        }
        const Differential<MpInterval> f = enclose_at(i, point, true);
        Differential<double> result{f.value.midpoint_double(), {}};
        for (const MpInterval& g : f.gradient) result.gradient.push_back(g.midpoint_double());
        return result;
    };
    std::vector<Rational> given;
    for (const Expression& e : document.minimum) given.push_back(e.value());
    prove_near(document, "minimum.values", map, given, problem);
}

Problem gram_at_weights(const Document& document, double& loss) {
    const auto data = std::make_shared<const NetworkData>(
        NetworkData{*document.network, document.network->free_weights(), document.weights, document.data_inputs, document.targets});
    Problem problem;
    problem.kind = Problem::Kind::gram;
    problem.title = document.title;
    problem.data_points = document.data_inputs.size();
    problem.parameters = data->free.size();
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
