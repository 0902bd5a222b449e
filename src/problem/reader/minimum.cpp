#include <filesystem>

#include "problem/reader/tables.hpp"
#include "problem/weights_file.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

// The values of a model's parameters.
void read_values(const Fields& fields) {
    Document& document = fields.document();
    const TomlNode& minimum = fields.table("minimum", {"values", "kind"});
    if (const TomlNode* node = minimum.get("kind")) {
        const std::string& kind = fields.string("minimum.kind", *node, "\"exact\" or \"near\"");
        document.near = kind == "near";
        if (kind != "exact" && kind != "near") fields.fail("minimum.kind", "\"" + one_line(kind, 60) + "\" is unknown; expected \"exact\" or \"near\"");
        if (document.near && !document.targets) fields.fail("minimum.kind", "is \"near\", but the targets are the model's own; expected \"exact\"");
    }
    const std::string key = "minimum.values";
    const TomlNode& values = fields.required(minimum, "minimum", "values", "a table that gives every parameter its value");
    if (values.table() == nullptr) fields.fail(key, std::string("is ") + values.described() + "; expected a table { parameter = \"number\", ... }");
    fields.expect_keys(key, values, document.parameters);
    for (const std::string& parameter : document.parameters) {
        const TomlNode* node = values.get(parameter);
        if (node == nullptr) fields.fail(key, "the parameter '" + parameter + "' has no value; expected one for each parameter");
        const std::string place = key + "." + parameter;
        document.minimum.push_back(document.near ? Expression::number(fields.weight(place, *node)) : fields.number(place, *node));
    }
}

// Arrays of the given shapes, appended to the weights.
class WeightsHere {
  public:
    explicit WeightsHere(const Fields& fields) : fields_(fields) {}

    void matrix(const std::string& key, const TomlNode& node, std::size_t rows, std::size_t columns) {
        const std::string shape = std::to_string(rows) + " rows of " + counted(columns, "number", "numbers");
        std::size_t i = 0;
        for (const TomlNode& row : sized(key, node, rows, shape)) {
            const std::string place = key + index(i++);
            append(place, sized(place, row, columns, shape));
        }
    }
    void vector(const std::string& key, const TomlNode& node, std::size_t size) { append(key, sized(key, node, size, counted(size, "number", "numbers"))); }

  private:
    const TomlNode::Array& sized(const std::string& key, const TomlNode& node, std::size_t size, const std::string& shape) const {
        const TomlNode::Array& array = fields_.array(key, node, shape);
        if (array.size() != size) fields_.fail(key, "has " + counted(array.size(), "entry", "entries") + "; expected " + shape);
        return array;
    }
    void append(const std::string& key, const TomlNode::Array& array) {
        std::size_t j = 0;
        for (const TomlNode& entry : array) fields_.document().weights.push_back(fields_.weight(key + index(j++), entry));
    }

    const Fields& fields_;
};

void read_weights_file(const Fields& fields, const std::string& key, const TomlNode& node) {
    Document& document = fields.document();
    fields.note(key, node);
    fields.expect_keys(key, node, {"file", "arrays"});
    const std::string& name = fields.string(key + ".file", fields.required(node, key, "file", "the name of a file"), "the name of a .npz, .safetensors or .json file");
    for (const bool frozen : document.network->frozen)
        if (frozen) fields.fail(key, "stands in a file, but layers are frozen; expected the weights here, for the model depends on them");
    if (!document.targets) fields.fail(key, "stands in a file, but the targets are the network's own; expected the weights here, for the targets depend on them");
    if (const TomlNode* arrays = node.get("arrays")) {
        const std::string place = key + ".arrays";
        for (const TomlNode& element : fields.array(place, *arrays, "names of arrays in the file"))
            document.weight_arrays.push_back(fields.string(place + index(document.weight_arrays.size()), element, "the name of an array in quotes"));
    }
    try {
        document.weights = weights_in_file((std::filesystem::path(document.file).parent_path() / name).string(), *document.network, document.weight_arrays);
    } catch (const InputError& error) {
        fields.fail(key + ".file", error.what());
    }
    document.weights_from_file = true;
}

// The weights of a network.
void read_weights(const Fields& fields) {
    const Network& network = *fields.document().network;
    const std::string key = "minimum.weights";
    const std::string expected = network.bias ? "a list of W1, b1, W2, b2, ..." : "a list of W1, W2, ...";
    const std::size_t blocks = network.layers() * (network.bias ? 2 : 1);
    const TomlNode& node = fields.required(fields.table("minimum", {"weights"}), "minimum", "weights", expected);
    if (node.table() != nullptr) return read_weights_file(fields, key, node);
    const TomlNode::Array& list = fields.array(key, node, expected);
    if (list.size() != blocks) fields.fail(key, "has " + counted(list.size(), "entry", "entries") + "; expected " + std::to_string(blocks) + ": " + expected);
    WeightsHere here(fields);
    std::size_t k = 0;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        here.matrix(key + index(k), list[k], network.widths[l + 1], network.widths[l]);
        ++k;
        if (!network.bias) continue;
        here.vector(key + index(k), list[k], network.widths[l + 1]);
        ++k;
    }
}

}  // namespace

void read_minimum_table(const Fields& fields) { fields.document().network ? read_weights(fields) : read_values(fields); }

}  // namespace lyapcert
