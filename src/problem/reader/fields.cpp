#include "problem/reader/fields.hpp"

#include <algorithm>
#include <stdexcept>

#include "lyapcert/numeric/decimal.hpp"
#include "problem/spelling.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

void Fields::unexpected(const std::string& key, const TomlNode& node, const std::string& expected) const {
    fail(key, std::string("is ") + node.described() + "; expected " + expected);
}

void Fields::note(const std::string& key, const TomlNode& node) const {
    if (node.line() != 0) document_.lines[key] = node.line();
}

void Fields::expect_keys(const std::string& path, const TomlNode& table, const std::vector<std::string>& known) const {
    for (const TomlNode::Entry& entry : *table.table()) {
        if (std::find(known.begin(), known.end(), entry.key) != known.end()) {
            note(path.empty() ? entry.key : path + "." + entry.key, entry.value);
            continue;
        }
        const std::size_t line = entry.line != 0 ? entry.line : entry.value.line();
        const std::string near = nearest_name(entry.key, known);
        throw InputError(one_line(document_.file, 900) + ":" + std::to_string(line) + ": unknown key '" + one_line(entry.key, 60) + "'" +
                         (path.empty() ? "" : " in [" + path + "]") + "; " + (near.empty() ? "expected one of " + listed(known) : "did you mean '" + near + "'?"));
    }
}

const TomlNode& Fields::table(const std::string& name, const std::vector<std::string>& keys) const {
    const TomlNode* node = root_.get(name);
    if (node == nullptr) fail("", "the table [" + name + "] is missing");
    if (node->table() == nullptr) unexpected(name, *node, "a table [" + name + "]");
    expect_keys(name, *node, keys);
    return *node;
}

const TomlNode& Fields::required(const TomlNode& table, const std::string& path, const std::string& key, const std::string& expected) const {
    const TomlNode* node = table.get(key);
    if (node == nullptr) fail(path, "the key '" + key + "' is missing; expected " + expected);
    return *node;
}

const std::string& Fields::string(const std::string& key, const TomlNode& node, const std::string& expected) const {
    note(key, node);
    if (node.string() == nullptr) unexpected(key, node, expected);
    return *node.string();
}

const TomlNode::Array& Fields::array(const std::string& key, const TomlNode& node, const std::string& expected) const {
    note(key, node);
    if (node.array() == nullptr) unexpected(key, node, expected);
    if (node.array()->empty()) fail(key, "is empty; expected " + expected);
    return *node.array();
}

bool Fields::boolean(const std::string& key, const TomlNode& node) const {
    note(key, node);
    if (node.boolean() == nullptr) unexpected(key, node, "true or false");
    return *node.boolean();
}

std::size_t Fields::integer(const std::string& key, const TomlNode& node, long long most) const {
    note(key, node);
    const std::string expected = "an integer from 1 to " + std::to_string(most);
    if (node.integer() == nullptr) unexpected(key, node, expected);
    if (*node.integer() < 1 || *node.integer() > most) fail(key, "is " + std::to_string(*node.integer()) + "; expected " + expected);
    return static_cast<std::size_t>(*node.integer());
}

std::size_t Fields::one_of(const std::string& key, const TomlNode& node, const std::string& what, const std::vector<std::string>& names) const {
    const std::string& word = string(key, node, "the name of an " + what);
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end()) fail(key, "'" + one_line(word, 40) + "' is no " + what + "; expected one of " + listed(names));
    return static_cast<std::size_t>(at - names.begin());
}

Expression Fields::expression(const std::string& key, const TomlNode& node, const std::vector<std::string>& identifiers) const {
    note(key, node);
    if (node.integer() != nullptr) return Expression::number(Rational(*node.integer()));
    if (node.floating() != nullptr) fail(key, "a bare float is not exact; expected it in quotes, for example \"0.1\", which is read as 1/10");
    const std::string& text = string(key, node, identifiers.empty() ? "a number in quotes, such as \"1/3\" or \"sqrt(2)\"" : "an expression in quotes");
    try {
        return parse_expression(text, identifiers);
    } catch (const ExpressionError& error) {
        fail(key, "\"" + one_line(text, 60) + "\": " + error.what());
    }
}

std::vector<Expression> Fields::numbers(const std::string& key, const TomlNode& node, const std::string& expected) const {
    std::vector<Expression> result;
    for (const TomlNode& element : array(key, node, expected)) result.push_back(number(key + index(result.size()), element));
    return result;
}

std::vector<std::vector<Expression>> Fields::matrix(const std::string& key, const TomlNode& node, const std::string& expected) const {
    std::vector<std::vector<Expression>> rows;
    for (const TomlNode& row : array(key, node, expected)) {
        const std::string place = key + index(rows.size());
        rows.push_back(numbers(place, row, "an array of numbers"));
        if (rows.back().size() != rows.front().size())
            fail(place, "has " + counted(rows.back().size(), "entry", "entries") + "; expected " + std::to_string(rows.front().size()) + " as in the first row");
    }
    return rows;
}

Rational Fields::weight(const std::string& key, const TomlNode& node) const {
    note(key, node);
    if (node.integer() != nullptr) return Rational(*node.integer());
    try {
        if (node.floating() != nullptr) return rational_from_double(*node.floating());
        return parse_rational(string(key, node, "a number"));
    } catch (const std::invalid_argument&) {
        fail(key, "is not a finite number; expected one such as 0.25, \"1/4\" or \"0x1p-2\"");
    }
}

}  // namespace lyapcert
