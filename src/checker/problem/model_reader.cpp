#include "checker/problem/model_reader.hpp"

#include <algorithm>

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_parameters = 2000;
constexpr std::size_t most_network_weights = 200000;
constexpr std::size_t most_network_entries = 1000000;  // of the Jacobian
constexpr std::size_t most_layers = 65;

}  // namespace

void read_model(const toml::table& root, Problem& problem, long bits, const std::vector<Data>& files, const std::optional<std::vector<Rational>>& centre) {
    problem.has_model = true;
    const toml::table& model = table(root, "model", {"parameters", "inputs", "output"});
    for (const toml::node& name : array(get(model, "parameters"))) problem.names.push_back(string(name));
    const toml::table& minimum = table(root, "minimum", {"values", "kind"});
    bool near = false;
    if (const toml::node* kind = minimum.get("kind")) {
        near = string(*kind) == "near";
        if (!near && string(*kind) != "exact") throw Refused("problem: minimum.kind is neither \"exact\" nor \"near\"");
    }
    if (near != centre.has_value()) throw Refused("centre: it belongs to minimum.kind = \"near\", and only there");
    const toml::table& values = table(minimum, "values", problem.names);
    const toml::table& data = table(root, "data", {"inputs", "targets"});
    std::vector<Dual> point;
    const std::size_t d = problem.parameters = problem.names.size();
    if (d > most_parameters) throw Refused("problem: too many parameters");
    std::vector<std::string> symbols = problem.names;
    for (const toml::node& name : array(get(model, "inputs"))) symbols.push_back(string(name));
    if (symbols.size() > 2 * most_parameters) throw Refused("problem: too many inputs");
    for (std::size_t i = 0; i < symbols.size(); ++i)
        if (std::count(symbols.begin(), symbols.end(), symbols[i]) > 1) throw Refused("problem: the name '" + symbols[i] + "' is used twice");
    for (std::size_t p = 0; p < d; ++p) {
        const toml::node& node = get(values, problem.names[p].c_str());
        Dual x{near ? Value(weight(node)) : number(node, bits), std::vector<Value>(d), true};
        x.gradient[p] = Rational(1);
        point.push_back(std::move(x));
    }
    problem.output = parse_expression(string(get(model, "output")), symbols);
    const toml::node& inputs = get(data, "inputs");
    if (inputs.is_table()) problem.inputs = rows_in_file(inputs, "data.inputs", files, symbols.size() == d + 1);
    else
        for (const toml::node& row : array(inputs)) problem.inputs.push_back(numbers(row, bits));
    for (const std::vector<Value>& row : problem.inputs)
        if (row.size() != symbols.size() - d) throw Refused("problem: a data point has the wrong number of inputs");
    problem.data_points = problem.inputs.size();
    if (problem.data_points > most_data_points) throw Refused("problem: too many data points");
    const toml::node& targets = get(data, "targets");
    problem.own_targets = targets.is_string();
    if (problem.own_targets && string(targets) != "model") throw Refused("problem: data.targets is neither an array nor \"model\"");
    if (targets.is_table()) {
        for (const std::vector<Value>& row : rows_in_file(targets, "data.targets", files, true)) {
            if (row.size() != 1) throw Refused("problem: one target per data point is expected");
            problem.targets.push_back(row[0]);
        }
    } else if (!problem.own_targets) {
        problem.targets = numbers(targets, bits);
    }
    if (!problem.own_targets && problem.targets.size() != problem.data_points) throw Refused("problem: one target per data point is expected");
    problem.equal_to = first_with_equal_inputs(problem.inputs);
    if (near) {
        if (problem.own_targets) throw Refused("problem: the model's own targets make its minimum exact");
        std::vector<Value> given;
        for (const Dual& x : point) given.push_back(x.value);
        const ResidualMap residuals = [&](std::size_t i, const std::vector<Enclosure>& box, bool) {
            std::vector<Dual> at = point;
            for (std::size_t p = 0; p < d; ++p) at[p].value = box[p];
            for (const Value& y : problem.inputs[i]) at.push_back(Dual{y, std::vector<Value>(d), false});
            const Dual f = evaluate(problem.output, at, d, bits);
            return Derivative{f.value - problem.targets[i], f.gradient};
        };
        for (const std::vector<Value>& y : problem.inputs)
            if (!Syntax(d, y, bits).analytic(problem.output)) throw Refused("problem: a model with an approximate minimum must be seen to be analytic everywhere");
        AtMinimum found = minimum_near(residuals, problem.equal_to, problem.targets, *centre, given, bits);
        problem.gram = std::move(found.gram);
        problem.distance = std::move(found.distance);
        // T20 (f) reads partial derivatives that do not depend on x.
        for (std::size_t i = 0; i < problem.data_points; ++i) {
            std::vector<Dual> at = point;
            for (const Value& y : problem.inputs[i]) at.push_back(Dual{y, std::vector<Value>(d), false});
            problem.gradients.push_back(evaluate(problem.output, at, d, bits).gradient);
        }
        return;
    }
    for (std::size_t i = 0; i < problem.data_points; ++i) {
        std::vector<Dual> at = point;
        for (const Value& y : problem.inputs[i]) at.push_back(Dual{y, std::vector<Value>(d), false});
        const Dual f = evaluate(problem.output, at, d, bits);
        problem.gradients.push_back(f.gradient);
        if (problem.own_targets) problem.targets.push_back(f.value);
        problem.residuals.push_back(problem.own_targets ? Value() : f.value - problem.targets[i]);
    }
}

namespace {

std::size_t count(const toml::node& node, std::size_t most) {
    if (!node.is_integer() || node.as_integer()->get() < 1 || node.as_integer()->get() > static_cast<long>(most)) throw Refused("problem: an integer is missing or out of range");
    return static_cast<std::size_t>(node.as_integer()->get());
}

const toml::array& array_of(const toml::node& node, std::size_t size) {
    if (array(node).size() != size) throw Refused("problem: an array of weights has the wrong size");
    return *node.as_array();
}

void read_weights(const toml::array& list, Network& net) {
    std::size_t k = 0;
    for (std::size_t l = 0; l < net.activations.size(); ++l) {
        for (const toml::node& row : array_of(list[k], net.widths[l + 1]))
            for (const toml::node& x : array_of(row, net.widths[l])) net.weights.push_back(weight(x));
        ++k;
        if (!net.bias) continue;
        for (const toml::node& x : array_of(list[k], net.widths[l + 1])) net.weights.push_back(weight(x));
        ++k;
    }
}

}  // namespace

void read_network(const toml::table& root, Problem& problem, long bits, const std::vector<Data>& files, const std::optional<std::vector<Rational>>& centre) {
    problem.has_model = true;
    Network net;
    const toml::table& shape = table(root, "network", {"layers", "activation", "bias", "frozen"});
    for (const toml::node& width : array(get(shape, "layers"))) net.widths.push_back(count(width, most_network_weights));
    if (net.widths.size() < 2 || net.widths.size() > most_layers || net.widths.back() != 1) throw Refused("problem: the layers of the network are not as expected");
    const std::size_t layers = net.widths.size() - 1;
    const toml::node& activation = get(shape, "activation");
    if (activation.is_array()) {
        for (const toml::node& name : array(activation)) net.activations.push_back(string(name));
        if (net.activations.size() + 1 == layers) net.activations.emplace_back("linear");
    } else {
        net.activations.assign(layers, string(activation));
        net.activations.back() = "linear";
    }
    if (net.activations.size() != layers || !std::all_of(net.activations.begin(), net.activations.end(), is_activation)) throw Refused("problem: the activations are not as expected");
    if (!activation.is_array() && !is_activation(string(activation))) throw Refused("problem: the activations are not as expected");
    if (const toml::node* bias = shape.get("bias")) {
        if (!bias->is_boolean()) throw Refused("problem: network.bias is neither true nor false");
        net.bias = bias->as_boolean()->get();
    }
    net.frozen.assign(layers, false);
    if (const toml::node* frozen = shape.get("frozen"))
        for (const toml::node& layer : array(*frozen)) net.frozen[count(layer, layers) - 1] = true;
    if (std::count(net.frozen.begin(), net.frozen.end(), false) == 0) throw Refused("problem: every layer is frozen");
    std::size_t total = 0;
    for (std::size_t l = 0; l < layers; ++l) total += net.layer_size(l);
    if (total > most_network_weights) throw Refused("problem: too many weights");

    const toml::node& weights = get(table(root, "minimum", {"weights"}), "weights");
    if (weights.is_table()) {
        // The weights in a file are only where the search began; nothing here depends on them.
        only(*weights.as_table(), {"file", "arrays"});
        if (!centre) throw Refused("centre: it is missing, and the weights are in a file");
        if (std::count(net.frozen.begin(), net.frozen.end(), true) != 0) throw Refused("problem: the weights of frozen layers are in a file");
        net.weights_in_file = true;
    } else {
        read_weights(array_of(weights, layers * (net.bias ? 2 : 1)), net);
    }

    const toml::table& data = table(root, "data", {"inputs", "targets"});
    const toml::node& inputs = get(data, "inputs");
    if (inputs.is_table()) net.inputs = rows_in_file(inputs, "data.inputs", files, net.widths[0] == 1);
    else for (const toml::node& row : array(inputs)) net.inputs.push_back(numbers(row, bits));
    for (const std::vector<Value>& row : net.inputs)
        if (row.size() != net.widths[0]) throw Refused("problem: a data point has the wrong number of inputs");
    problem.data_points = net.inputs.size();
    if (problem.data_points == 0 || problem.data_points > most_data_points) throw Refused("problem: too many data points, or none");
    const toml::node& targets = get(data, "targets");
    net.own_targets = targets.is_string();
    if (net.own_targets && string(targets) != "model") throw Refused("problem: data.targets is neither an array nor \"model\"");
    if (targets.is_table()) {
        for (const std::vector<Value>& row : rows_in_file(targets, "data.targets", files, true)) {
            if (row.size() != 1) throw Refused("problem: one target per data point is expected");
            net.targets.push_back(row[0]);
        }
    } else if (!net.own_targets) {
        net.targets = numbers(targets, bits);
    }
    if (!net.own_targets && net.targets.size() != problem.data_points) throw Refused("problem: one target per data point is expected");
    if (problem.data_points * total > most_network_entries) throw Refused("problem: too many weights for as many data points");

    problem.equal_to = first_with_equal_inputs(net.inputs);
    AtMinimum minimum = network_minimum(net, centre, bits);
    problem.parameters = minimum.parameters;
    problem.gram = std::move(minimum.gram);
    problem.residuals = std::move(minimum.residuals);
    problem.distance = std::move(minimum.distance);
    problem.own_targets = net.own_targets;
    problem.network = std::move(net);
}

}  // namespace lyapcert::checker
