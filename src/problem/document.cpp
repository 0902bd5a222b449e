#include "problem/document.hpp"

#include <algorithm>

#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

void Document::fail(const std::string& key, const std::string& message) const {
    std::string place = file;
    for (std::string prefix = key; !prefix.empty();) {
        if (const auto known = lines.find(prefix); known != lines.end()) {
            place += ":" + std::to_string(known->second);
            break;
        }
        const std::size_t cut = prefix.find_last_of(".[");
        prefix.resize(cut == std::string::npos ? 0 : cut);
    }
    throw InputError(one_line(place, 1000) + ": " + one_line((key.empty() ? "" : key + ": ") + message));
}

namespace {

using Read = void (*)(const Fields& fields, bool untrained);

void read_expression_model(const Fields& fields, bool) {
    read_model_table(fields);
    read_data_table(fields);
    read_minimum_table(fields);
    read_training_table(fields);
}

void read_network(const Fields& fields, bool untrained) {
    read_network_table(fields);
    read_data_table(fields);
    constexpr std::size_t most_entries = 1000000;
    const std::size_t weights = fields.document().network->weights();
    const std::size_t data_points = fields.document().data_inputs.size();
    if (weights * data_points > most_entries)
        fields.fail("network.layers", "has " + std::to_string(weights) + " weights for " + std::to_string(data_points) + " data points; expected a product of at most " +
                                          std::to_string(most_entries));
    const bool trained = fields.root().get("minimum") != nullptr;
    if (!untrained && !trained) fields.fail("network", "the network has no [minimum] yet; expected its weights there (lyapcert train finds some)");
    if (trained) read_minimum_table(fields);
    read_training_table(fields);
}

void read_gradients(const Fields& fields, bool) {
    read_gradients_table(fields);
    read_training_table(fields);
}

void read_gram(const Fields& fields, bool) {
    read_gram_table(fields);
    read_training_table(fields);
}

void read_product(const Fields& fields, bool) { read_product_table(fields); }

// What a file may be about: the table that says so, and those that may stand beside it.
struct Kind {
    const char* table;
    Problem::Kind kind;
    std::vector<std::string> beside;
    Read read;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> list = {{"model", Problem::Kind::model, {"data", "minimum", "training"}, read_expression_model},
                                           {"network", Problem::Kind::model, {"data", "minimum", "training"}, read_network},
                                           {"gradients", Problem::Kind::gradients, {"training"}, read_gradients},
                                           {"gram", Problem::Kind::gram, {"training"}, read_gram},
                                           {"product", Problem::Kind::product, {}, read_product}};
    return list;
}

const Kind& kind_of(const Fields& fields) {
    const Kind* found = nullptr;
    for (const Kind& kind : kinds()) {
        const TomlNode* node = fields.root().get(kind.table);
        if (node == nullptr) continue;
        fields.note(kind.table, *node);
        if (found != nullptr)
            fields.fail(kind.table, std::string("the file has [") + found->table + "] already; expected exactly one of [model], [network], [gradients], [gram], [product]");
        found = &kind;
    }
    if (found == nullptr) fields.fail("", "nothing to certify; expected exactly one of the tables [model], [network], [gradients], [gram], [product]");
    return *found;
}

// Refuses tables that mean nothing beside the kind of problem at hand.
void require_meaning(const Fields& fields, const Kind& kind) {
    for (const TomlNode::Entry& entry : *fields.root().table()) {
        const bool known = entry.key == "title" || entry.key == kind.table || std::find(kind.beside.begin(), kind.beside.end(), entry.key) != kind.beside.end();
        if (known) continue;
        fields.note(entry.key, entry.value);
        fields.fail(entry.key, "[" + entry.key + "] has no meaning beside [" + kind.table + "]; expected it to be left out");
    }
}

}  // namespace

Document read_document(const std::string& text, const std::string& file, bool untrained) {
    Document document;
    document.file = file;
    const TomlNode root = parse_toml(text, file);
    const Fields fields(root, document);
    fields.expect_keys("", root, {"title", "model", "network", "data", "minimum", "training", "gradients", "gram", "product"});
    if (const TomlNode* node = root.get("title")) document.title = fields.string("title", *node, "a string");
    const Kind& kind = kind_of(fields);
    document.kind = kind.kind;
    require_meaning(fields, kind);
    kind.read(fields, untrained);
    return document;
}

}  // namespace lyapcert
