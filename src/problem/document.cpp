#include "problem/document.hpp"

#include <algorithm>
#include <set>

// The parser asserts what malformed keys violate (toml++ 3.3: a control character where a key should begin); this is its
// only translation unit, so that the assertions can be turned into exceptions.
namespace {
struct ParserConfused {};
[[noreturn]] void parser_confused() { throw ParserConfused(); }
}  // namespace
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(condition) (static_cast<bool>(condition) ? static_cast<void>(0) : parser_confused())
#include <toml++/toml.h>

#include "problem/spelling.hpp"

namespace lyapcert {

std::string one_line(const std::string& text, std::size_t limit) {
    std::string result = text.size() <= limit ? text : text.substr(0, limit);
    if (text.size() > limit) {
        // Not in the middle of a UTF-8 sequence.
        while (!result.empty() && (static_cast<unsigned char>(text[result.size()]) & 0xC0U) == 0x80U) result.pop_back();
        result += "...";
    }
    for (char& c : result) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7F) c = ' ';
    }
    return result;
}

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

std::string index(std::size_t i) { return "[" + std::to_string(i) + "]"; }

const char* described(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "an array";
        case toml::node_type::string: return "a string";
        case toml::node_type::integer: return "an integer";
        case toml::node_type::floating_point: return "a float";
        case toml::node_type::boolean: return "a boolean";
        default: return "a date or time";
    }
}

// The end of the shortest run of first lines that confuses the parser.
std::size_t confusing_line(const std::string& text) {
    std::vector<std::size_t> ends;
    for (std::size_t k = 0; k < text.size(); ++k)
        if (text[k] == '\n') ends.push_back(k + 1);
    ends.push_back(text.size());
    const auto end = std::partition_point(ends.begin(), ends.end(), [&](std::size_t length) {
        try {
            static_cast<void>(toml::parse(std::string_view(text).substr(0, length)));
        } catch (const ParserConfused&) {
            return false;
        } catch (const std::exception&) {  // an incomplete file
        }
        return true;
    });
    return std::min(static_cast<std::size_t>(end - ends.begin()) + 1, ends.size());
}

class Reader {
  public:
    Reader(const std::string& text, const std::string& file) {
        document_.file = file;
        try {
            root_ = toml::parse(text, file);
        } catch (const toml::parse_error& error) {
            const auto& where = error.source().begin;
            throw InputError(one_line(file, 900) + ":" + std::to_string(where.line) + ": not valid TOML (column " +
                             std::to_string(where.column) + "): " + one_line(std::string(error.description())));
        } catch (const ParserConfused&) {
            throw InputError(one_line(file, 900) + ":" + std::to_string(confusing_line(text)) +
                             ": not valid TOML: unexpected character; expected a key");
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception& error) {
            throw InputError(one_line(file, 900) + ":1: not valid TOML: " + one_line(error.what()));
        }
    }

    Document run() {
        note("", root_);
        expect_keys("", root_, {"title", "model", "network", "data", "minimum", "training", "gradients", "gram", "product"});
        if (const toml::node* node = root_.get("title")) document_.title = string("title", *node, "a string");
        switch (document_.kind = kind()) {
            case Problem::Kind::model:
                only({"model", "data", "minimum", "training"});
                read_model();
                read_data();
                read_minimum();
                read_training();
                break;
            case Problem::Kind::gradients:
                only({"gradients", "training"});
                read_rows("gradients", "rows", "the gradients, one row per data point");
                read_training();
                break;
            case Problem::Kind::gram:
                only({"gram", "training"});
                read_rows("gram", "matrix", "the rows of the Gram matrix");
                read_training();
                break;
            case Problem::Kind::product:
                only({"product"});
                read_product();
                break;
        }
        return std::move(document_);
    }

  private:
    [[noreturn]] void fail(const std::string& key, const std::string& message) const { document_.fail(key, message); }

    void note(const std::string& key, const toml::node& node) {
        if (node.source().begin.line != 0) document_.lines[key] = node.source().begin.line;
    }

    Problem::Kind kind() {
        static const std::vector<std::pair<std::string, Problem::Kind>> kinds = {{"model", Problem::Kind::model},
                                                                                 {"gradients", Problem::Kind::gradients},
                                                                                 {"gram", Problem::Kind::gram},
                                                                                 {"product", Problem::Kind::product}};
        if (const toml::node* network = root_.get("network")) {
            note("network", *network);
            fail("network", "network files are not available yet; expected [model], [gradients], [gram] or [product]");
        }
        std::optional<std::pair<std::string, Problem::Kind>> found;
        for (const auto& entry : kinds) {
            const toml::node* node = root_.get(entry.first);
            if (node == nullptr) continue;
            note(entry.first, *node);
            if (found)
                fail(entry.first,
                     "the file has [" + found->first + "] already; expected exactly one of [model], [gradients], [gram], [product]");
            found = entry;
        }
        if (!found) fail("", "nothing to certify; expected exactly one of the tables [model], [gradients], [gram], [product]");
        return found->second;
    }

    // Refuses tables that mean nothing beside the kind of problem at hand.
    void only(const std::vector<std::string>& tables) {
        for (const auto& [key, node] : root_) {
            const std::string name(key.str());
            if (name == "title" || std::find(tables.begin(), tables.end(), name) != tables.end()) continue;
            note(name, node);
            fail(name, "[" + name + "] has no meaning beside [" + tables.front() + "]; expected it to be left out");
        }
    }

    void expect_keys(const std::string& path, const toml::table& table, const std::vector<std::string>& known) {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            const std::string full = path.empty() ? name : path + "." + name;
            if (std::find(known.begin(), known.end(), name) != known.end()) {
                note(full, node);
                continue;
            }
            const std::size_t line = key.source().begin.line != 0 ? key.source().begin.line : node.source().begin.line;
            const std::string where = path.empty() ? "" : " in [" + path + "]";
            const std::string near = nearest_name(name, known);
            std::string expected;
            for (const std::string& k : known) expected += (expected.empty() ? "" : ", ") + k;
            const std::string shown = one_line(name, 60);
            const std::string hint = near.empty() ? "expected one of " + expected : "did you mean '" + near + "'?";
            throw InputError(one_line(document_.file, 900) + ":" + std::to_string(line) + ": unknown key '" + shown + "'" + where + "; " +
                             hint);
        }
    }

    const toml::table& table(const std::string& name, const std::vector<std::string>& keys) {
        const toml::node* node = root_.get(name);
        if (node == nullptr) fail("", "the table [" + name + "] is missing");
        if (!node->is_table()) fail(name, std::string("is ") + described(*node) + "; expected a table [" + name + "]");
        expect_keys(name, *node->as_table(), keys);
        return *node->as_table();
    }

    const toml::node& required(const toml::table& table, const std::string& path, const std::string& key, const std::string& expected) {
        const toml::node* node = table.get(key);
        if (node == nullptr) fail(path, "the key '" + key + "' is missing; expected " + expected);
        return *node;
    }

    std::string string(const std::string& key, const toml::node& node, const std::string& expected) {
        note(key, node);
        if (!node.is_string()) fail(key, std::string("is ") + described(node) + "; expected " + expected);
        return node.as_string()->get();
    }

    const toml::array& array(const std::string& key, const toml::node& node, const std::string& expected) {
        note(key, node);
        if (!node.is_array()) fail(key, std::string("is ") + described(node) + "; expected " + expected);
        if (node.as_array()->empty()) fail(key, "is empty; expected " + expected);
        return *node.as_array();
    }

    Expression expression(const std::string& key, const toml::node& node, const std::vector<std::string>& identifiers) {
        note(key, node);
        if (node.is_integer()) return Expression::number(Rational(node.as_integer()->get()));
        if (node.is_floating_point())
            fail(key, "a bare float is not exact; expected it in quotes, for example \"0.1\", which is read as 1/10");
        const std::string text =
            string(key, node, identifiers.empty() ? "a number in quotes, such as \"1/3\" or \"sqrt(2)\"" : "an expression in quotes");
        try {
            return parse_expression(text, identifiers);
        } catch (const ExpressionError& error) {
            fail(key, "\"" + one_line(text, 60) + "\": " + error.what());
        }
    }

    Expression number(const std::string& key, const toml::node& node) { return expression(key, node, {}); }

    std::vector<Expression> numbers(const std::string& key, const toml::node& node, const std::string& expected) {
        std::vector<Expression> result;
        for (const toml::node& element : array(key, node, expected)) result.push_back(number(key + index(result.size()), element));
        return result;
    }

    std::vector<std::vector<Expression>> matrix(const std::string& key, const toml::node& node, const std::string& expected) {
        std::vector<std::vector<Expression>> rows;
        for (const toml::node& row : array(key, node, expected)) {
            const std::string place = key + index(rows.size());
            rows.push_back(numbers(place, row, "an array of numbers"));
            if (rows.back().size() != rows.front().size())
                fail(place, "has " + count(rows.back().size(), "entry", "entries") + "; expected " + std::to_string(rows.front().size()) +
                                " as in the first row");
        }
        return rows;
    }

    static std::string count(std::size_t n, const std::string& one, const std::string& many) {
        return std::to_string(n) + " " + (n == 1 ? one : many);
    }

    std::vector<std::string> names(const std::string& key, const toml::node& node, std::set<std::string>& taken) {
        std::vector<std::string> result;
        for (const toml::node& element : array(key, node, "a non-empty array of names")) {
            const std::string place = key + index(result.size());
            const std::string word = string(place, element, "a name in quotes");
            const std::string shown = "'" + one_line(word, 60) + "' ";
            if (!is_identifier(word)) fail(place, shown + "is not a name; expected letters, digits and _, not starting with a digit");
            if (is_reserved_name(word)) fail(place, shown + "is the name of a function or constant; expected another name");
            if (!taken.insert(word).second) fail(place, shown + "is used twice; expected distinct names for parameters and inputs");
            result.push_back(word);
        }
        return result;
    }

    void read_model() {
        const toml::table& model = table("model", {"parameters", "inputs", "output"});
        std::set<std::string> taken;
        document_.parameters = names("model.parameters", required(model, "model", "parameters", "an array of names"), taken);
        document_.inputs = names("model.inputs", required(model, "model", "inputs", "an array of names"), taken);
        std::vector<std::string> identifiers = document_.parameters;
        identifiers.insert(identifiers.end(), document_.inputs.begin(), document_.inputs.end());
        document_.output =
            expression("model.output", required(model, "model", "output", "an expression in the parameters and inputs"), identifiers);
    }

    void read_data() {
        const toml::table& data = table("data", {"inputs", "targets"});
        const std::string width = count(document_.inputs.size(), "number", "numbers");
        const std::string key = "data.inputs";
        for (const toml::node& row :
             array(key, required(data, "data", "inputs", "an array of rows of numbers"), "one row of " + width + " per data point")) {
            const std::string place = key + index(document_.data_inputs.size());
            document_.data_inputs.push_back(numbers(place, row, "an array of " + width));
            if (document_.data_inputs.back().size() != document_.inputs.size())
                fail(place, "has " + count(document_.data_inputs.back().size(), "number", "numbers") + "; expected " + width +
                                ", one for each input of the model");
        }
        const toml::node& targets = required(data, "data", "targets", "an array of numbers, or \"model\"");
        note("data.targets", targets);
        if (targets.is_string()) {
            if (targets.as_string()->get() != "model") fail("data.targets", "is a string; expected an array of numbers, or \"model\"");
            return;
        }
        document_.targets = numbers("data.targets", targets, "an array of numbers, or \"model\"");
        if (document_.targets->size() != document_.data_inputs.size())
            fail("data.targets", "has " + count(document_.targets->size(), "number", "numbers") + "; expected " +
                                     std::to_string(document_.data_inputs.size()) + ", one for each data point");
    }

    void read_minimum() {
        const toml::table& minimum = table("minimum", {"values", "kind"});
        if (const toml::node* node = minimum.get("kind")) {
            const std::string kind = string("minimum.kind", *node, "\"exact\"");
            if (kind == "near") fail("minimum.kind", "\"near\" is not available yet; expected \"exact\"");
            if (kind != "exact") fail("minimum.kind", "\"" + one_line(kind, 60) + "\" is unknown; expected \"exact\"");
        }
        const toml::node& values = required(minimum, "minimum", "values", "a table that gives every parameter its value");
        if (!values.is_table())
            fail("minimum.values", std::string("is ") + described(values) + "; expected a table { parameter = \"number\", ... }");
        expect_keys("minimum.values", *values.as_table(), document_.parameters);
        for (const std::string& parameter : document_.parameters) {
            const toml::node* node = values.as_table()->get(parameter);
            if (node == nullptr) fail("minimum.values", "the parameter '" + parameter + "' has no value; expected one for each parameter");
            document_.minimum.push_back(number("minimum.values." + parameter, *node));
        }
    }

    // As a person wrote it, for reports.
    static std::string written(const toml::node& node) {
        if (node.is_integer()) return std::to_string(node.as_integer()->get());
        return one_line(node.is_string() ? node.as_string()->get() : "");
    }

    void read_training() {
        const toml::table& training = table("training", {"learning_rate", "batch_size", "initialisation"});
        const toml::node& rate = required(training, "training", "learning_rate", "a number in quotes, or an array of two");
        const std::string key = "training.learning_rate";
        if (rate.is_array()) {
            document_.learning_rate = numbers(key, rate, "a number, or an array of two numbers");
            if (document_.learning_rate.size() != 2)
                fail(key,
                     "has " + count(document_.learning_rate.size(), "entry", "entries") + "; expected two numbers, lower and upper end");
            document_.learning_rate_text = "[" + written((*rate.as_array())[0]) + ", " + written((*rate.as_array())[1]) + "]";
        } else {
            document_.learning_rate = {number(key, rate)};
            document_.learning_rate_text = written(rate);
        }
        if (const toml::node* batch = training.get("batch_size")) {
            note("training.batch_size", *batch);
            if (!batch->is_integer()) fail("training.batch_size", std::string("is ") + described(*batch) + "; expected an integer");
            document_.batch_size = batch->as_integer()->get();
        }
        if (const toml::node* initialisation = training.get("initialisation")) {
            std::string word = string("training.initialisation", *initialisation, "a name in quotes, such as \"gaussian\"");
            word = one_line(word, 200);
            const std::size_t first = word.find_first_not_of(' ');
            if (first == std::string::npos)
                fail("training.initialisation", "is empty; expected the law of the initial point, such as \"gaussian\"");
            word = word.substr(first, word.find_last_not_of(' ') - first + 1);
            for (char& c : word)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            document_.initialisation = word;
        }
    }

    void read_rows(const std::string& name, const std::string& key, const std::string& expected) {
        const toml::table& node = table(name, {key});
        document_.rows = matrix(name + "." + key, required(node, name, key, expected), expected);
    }

    void read_product() {
        const toml::table& product = table("product", {"matrices", "probabilities"});
        const std::string key = "product.matrices";
        for (const toml::node& node :
             array(key, required(product, "product", "matrices", "an array of square matrices"), "an array of square matrices")) {
            const std::string place = key + index(document_.matrices.size());
            document_.matrices.push_back(matrix(place, node, "the rows of a square matrix"));
            const std::size_t rows = document_.matrices.back().size();
            const std::size_t columns = document_.matrices.back().front().size();
            if (rows != columns) fail(place, "is " + std::to_string(rows) + " x " + std::to_string(columns) + "; expected a square matrix");
            const std::size_t first = document_.matrices.front().size();
            if (rows != first)
                fail(place, "is " + std::to_string(rows) + " x " + std::to_string(rows) + "; expected " + std::to_string(first) + " x " +
                                std::to_string(first) + " as the first matrix");
        }
        if (const toml::node* node = product.get("probabilities")) {
            document_.probabilities = numbers("product.probabilities", *node, "an array of numbers, one for each matrix");
            if (document_.probabilities.size() != document_.matrices.size())
                fail("product.probabilities", "has " + count(document_.probabilities.size(), "number", "numbers") + "; expected " +
                                                  std::to_string(document_.matrices.size()) + ", one for each matrix");
        }
    }

    Document document_;
    toml::table root_;
};

}  // namespace

Document read_document(const std::string& text, const std::string& file) { return Reader(text, file).run(); }

}  // namespace lyapcert
