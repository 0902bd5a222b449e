// [gradients] and [gram]: rows of numbers, here or in a file.
#include "problem/reader/tables.hpp"

namespace lyapcert {

namespace {

void read_rows(const Fields& fields, const std::string& name, const std::string& key, const std::string& expected) {
    Document& document = fields.document();
    const TomlNode& table = fields.table(name, {key, "file", "array", "radius"});
    if (table.get("file") == nullptr) {
        for (const char* beside : {"array", "radius"})
            if (table.get(beside) != nullptr) fields.fail(name + "." + beside, "has no meaning without 'file'; expected it to be left out");
        document.rows = fields.matrix(name + "." + key, fields.required(table, name, key, expected + ", or 'file'"), expected);
        return;
    }
    if (table.get(key) != nullptr) fields.fail(name + "." + key, "stands beside 'file'; expected one of the two");
    document.file_rows = read_file_array(fields, name, table, false);
    if (const TomlNode* radius = table.get("radius")) {
        const std::string place = name + ".radius";
        const std::optional<Rational> value = evaluate(fields.number(place, *radius), {});
        if (!value || value->sign() < 0) fields.fail(place, "is no rational number >= 0; expected one such as \"1e-9\"");
        if (value->sign() > 0) document.radius = value;
    }
}

}  // namespace

void read_gradients_table(const Fields& fields) { read_rows(fields, "gradients", "rows", "the gradients, one row per data point"); }
void read_gram_table(const Fields& fields) { read_rows(fields, "gram", "matrix", "the rows of the Gram matrix"); }

}  // namespace lyapcert
