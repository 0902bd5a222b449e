// What the readers of the tables share: nodes of the file become values of a kind, or one line that says where and what is expected instead.
//
// Every node that is looked at leaves its line in the document, under its key: "data.inputs[2][0]". Errors are InputErrors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "problem/document.hpp"
#include "problem/toml_node.hpp"

namespace lyapcert {

class Fields {
  public:
    Fields(const TomlNode& root, Document& document) : root_(root), document_(document) {}

    Document& document() const { return document_; }
    const TomlNode& root() const { return root_; }
    [[noreturn]] void fail(const std::string& key, const std::string& message) const { document_.fail(key, message); }
    void note(const std::string& key, const TomlNode& node) const;

    // Refuses a key that is not among `known`; `path` is empty for the root.
    void expect_keys(const std::string& path, const TomlNode& table, const std::vector<std::string>& known) const;
    // The table [name] of the root, with no other keys than these.
    const TomlNode& table(const std::string& name, const std::vector<std::string>& keys) const;
    const TomlNode& required(const TomlNode& table, const std::string& path, const std::string& key, const std::string& expected) const;

    const std::string& string(const std::string& key, const TomlNode& node, const std::string& expected) const;
    const TomlNode::Array& array(const std::string& key, const TomlNode& node, const std::string& expected) const;  // not empty
    bool boolean(const std::string& key, const TomlNode& node) const;
    std::size_t integer(const std::string& key, const TomlNode& node, long long most) const;  // from 1
    // The place in `names` of a word.
    std::size_t one_of(const std::string& key, const TomlNode& node, const std::string& what, const std::vector<std::string>& names) const;

    // A bare integer, or a string in the grammar of expressions.
    Expression expression(const std::string& key, const TomlNode& node, const std::vector<std::string>& identifiers) const;
    Expression number(const std::string& key, const TomlNode& node) const { return expression(key, node, {}); }
    std::vector<Expression> numbers(const std::string& key, const TomlNode& node, const std::string& expected) const;
    std::vector<std::vector<Expression>> matrix(const std::string& key, const TomlNode& node, const std::string& expected) const;
    // An exact number where floats have their place: a bare float is the double that it denotes.
    Rational weight(const std::string& key, const TomlNode& node) const;

  private:
    [[noreturn]] void unexpected(const std::string& key, const TomlNode& node, const std::string& expected) const;

    const TomlNode& root_;
    Document& document_;
};

}  // namespace lyapcert
