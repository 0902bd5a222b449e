// A TOML file as a tree whose nodes know their lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lyapcert {

class TomlNode {
  public:
    struct Entry;  // of a table
    using Table = std::vector<Entry>;  // ordered by key
    using Array = std::vector<TomlNode>;
    struct Date {};
    using Value = std::variant<Table, Array, std::string, std::int64_t, double, bool, Date>;

    TomlNode(Value value, std::size_t line);

    std::size_t line() const { return line_; }  // from 1; 0: a table without a line of its own
    const Table* table() const { return std::get_if<Table>(&value_); }  // these are null for nodes of another type
    const Array* array() const { return std::get_if<Array>(&value_); }
    const std::string* string() const { return std::get_if<std::string>(&value_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
    const double* floating() const { return std::get_if<double>(&value_); }
    const bool* boolean() const { return std::get_if<bool>(&value_); }
    const char* described() const;  // "a table", "an integer", ...

    // The value at a key of a table, or null.
    const TomlNode* get(const std::string& key) const;

  private:
    Value value_;
    std::size_t line_;
};

struct TomlNode::Entry {
    std::string key;
    std::size_t line;  // of the key
    TomlNode value;
};

// The root, a table. Throws InputError "file:line: not valid TOML ...".
TomlNode parse_toml(const std::string& text, const std::string& file);

}  // namespace lyapcert
