#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

// As a person wrote it, for reports.
std::string written(const TomlNode& node) {
    if (node.integer() != nullptr) return std::to_string(*node.integer());
    return one_line(node.string() != nullptr ? *node.string() : "");
}

void read_learning_rate(const Fields& fields, const TomlNode& node) {
    Document& document = fields.document();
    const std::string key = "training.learning_rate";
    if (node.array() == nullptr) {
        document.learning_rate = {fields.number(key, node)};
        document.learning_rate_text = written(node);
        return;
    }
    document.learning_rate = fields.numbers(key, node, "a number, or an array of two numbers");
    if (document.learning_rate.size() != 2)
        fields.fail(key, "has " + counted(document.learning_rate.size(), "entry", "entries") + "; expected two numbers, lower and upper end");
    document.learning_rate_text = "[" + written((*node.array())[0]) + ", " + written((*node.array())[1]) + "]";
}

// In small letters, without blanks around it.
std::string initial_law(const Fields& fields, const TomlNode& node) {
    const std::string key = "training.initialisation";
    std::string word = one_line(fields.string(key, node, "a name in quotes, such as \"gaussian\""), 200);
    const std::size_t first = word.find_first_not_of(' ');
    if (first == std::string::npos) fields.fail(key, "is empty; expected the law of the initial point, such as \"gaussian\"");
    word = word.substr(first, word.find_last_not_of(' ') - first + 1);
    for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return word;
}

}  // namespace

void read_training_table(const Fields& fields) {
    Document& document = fields.document();
    const TomlNode& training = fields.table("training", {"learning_rate", "batch_size", "initialisation"});
    read_learning_rate(fields, fields.required(training, "training", "learning_rate", "a number in quotes, or an array of two"));
    if (const TomlNode* batch = training.get("batch_size")) {
        fields.note("training.batch_size", *batch);
        if (batch->integer() == nullptr) fields.fail("training.batch_size", std::string("is ") + batch->described() + "; expected an integer");
        document.batch_size = *batch->integer();
    }
    if (const TomlNode* initialisation = training.get("initialisation")) document.initialisation = initial_law(fields, *initialisation);
}

}  // namespace lyapcert
