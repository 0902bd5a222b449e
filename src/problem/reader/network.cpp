#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

constexpr long long most_units = 100000;
constexpr std::size_t most_layers = 64;
constexpr std::size_t most_weights = 200000;

std::vector<std::size_t> widths(const Fields& fields, const TomlNode& table) {
    const std::string key = "network.layers";
    const std::string expected = "the widths of the input, the hidden layers and the output, such as [2, 16, 1]";
    std::vector<std::size_t> result;
    for (const TomlNode& width : fields.array(key, fields.required(table, "network", "layers", expected), expected))
        result.push_back(fields.integer(key + index(result.size()), width, most_units));
    if (result.size() < 2 || result.size() > most_layers + 1) fields.fail(key, "has " + counted(result.size(), "entry", "entries") + "; expected " + expected);
    if (result.back() != 1) fields.fail(key, "ends with " + std::to_string(result.back()) + "; expected 1: the theory is about one output");
    return result;
}

Activation activation(const Fields& fields, const std::string& key, const TomlNode& node) {
    return static_cast<Activation>(fields.one_of(key, node, "activation", activation_names()));
}

std::vector<Activation> activations(const Fields& fields, const TomlNode& node, std::size_t layers) {
    const std::string key = "network.activation";
    std::vector<Activation> result;
    if (node.array() == nullptr) {
        result.assign(layers, activation(fields, key, node));
        result.back() = Activation::linear;
        return result;
    }
    for (const TomlNode& element : fields.array(key, node, "names of activations")) result.push_back(activation(fields, key + index(result.size()), element));
    if (result.size() + 1 == layers) result.push_back(Activation::linear);
    if (result.size() != layers)
        fields.fail(key, "has " + counted(result.size(), "entry", "entries") + "; expected " + std::to_string(layers - 1) + ", one for each hidden layer, or " +
                             std::to_string(layers) + " with the output's");
    return result;
}

}  // namespace

void read_network_table(const Fields& fields) {
    const TomlNode& table = fields.table("network", {"layers", "activation", "bias", "frozen"});
    Network network;
    network.widths = widths(fields, table);
    const std::size_t layers = network.widths.size() - 1;
    network.activations = activations(fields, fields.required(table, "network", "activation", "a name, or one for each layer"), layers);
    if (const TomlNode* node = table.get("bias")) network.bias = fields.boolean("network.bias", *node);
    network.frozen.assign(layers, false);
    if (const TomlNode* node = table.get("frozen")) {
        std::size_t k = 0;
        for (const TomlNode& layer : fields.array("network.frozen", *node, "the numbers of the layers that are not trained, from 1"))
            network.frozen[fields.integer("network.frozen" + index(k++), layer, static_cast<long long>(layers)) - 1] = true;
    }
    if (network.weights() > most_weights)
        fields.fail("network.layers", "has " + std::to_string(network.weights()) + " weights; expected at most " + std::to_string(most_weights));
    if (network.parameters() == 0) fields.fail("network.frozen", "freezes every layer; expected parameters to train");
    fields.document().network = std::move(network);
}

}  // namespace lyapcert
