#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

std::vector<std::vector<Expression>> numbers_in_file(const Fields& fields, const std::string& key, const TomlNode& node, bool column) {
    fields.note(key, node);
    fields.expect_keys(key, node, {"file", "array"});
    const DataArray array = read_file_array(fields, key, node, column);
    std::vector<std::vector<Expression>> rows(array.shape[0]);
    for (std::size_t k = 0; k < array.size(); ++k) rows[k / array.shape[1]].push_back(Expression::number(array.at(k)));
    return rows;
}

// One row for each data point.
std::vector<std::vector<Expression>> read_inputs(const Fields& fields, const TomlNode& node) {
    const Document& document = fields.document();
    const std::string key = "data.inputs";
    const std::size_t columns = document.network ? document.network->widths.front() : document.inputs.size();
    const std::string width = counted(columns, "number", "numbers");
    const std::string expected = width + ", one for each input of the " + (document.network ? "network" : "model");
    std::vector<std::vector<Expression>> rows;
    if (node.table() != nullptr) {
        rows = numbers_in_file(fields, key, node, columns == 1);
        for (const std::vector<Expression>& row : rows)
            if (row.size() != columns) fields.fail(key, "its file has " + counted(row.size(), "column", "columns") + "; expected " + expected);
        return rows;
    }
    for (const TomlNode& row : fields.array(key, node, "one row of " + width + " per data point")) {
        const std::string place = key + index(rows.size());
        rows.push_back(fields.numbers(place, row, "an array of " + width));
        if (rows.back().size() != columns) fields.fail(place, "has " + counted(rows.back().size(), "number", "numbers") + "; expected " + expected);
    }
    return rows;
}

// Nothing: they are the model's own.
std::optional<std::vector<Expression>> read_targets(const Fields& fields, const TomlNode& node, std::size_t data_points) {
    const std::string key = "data.targets";
    const std::string expected = "an array of numbers, or \"model\"";
    fields.note(key, node);
    if (node.string() != nullptr) {
        if (*node.string() != "model") fields.fail(key, "is a string; expected " + expected);
        return std::nullopt;
    }
    std::vector<Expression> targets;
    if (node.table() != nullptr) {
        for (const std::vector<Expression>& row : numbers_in_file(fields, key, node, true)) {
            if (row.size() != 1) fields.fail(key, "its file has " + counted(row.size(), "column", "columns") + "; expected one");
            targets.push_back(row[0]);
        }
    } else {
        targets = fields.numbers(key, node, expected);
    }
    if (targets.size() != data_points)
        fields.fail(key, "has " + counted(targets.size(), "number", "numbers") + "; expected " + std::to_string(data_points) + ", one for each data point");
    return targets;
}

}  // namespace

void read_data_table(const Fields& fields) {
    Document& document = fields.document();
    const TomlNode& table = fields.table("data", {"inputs", "targets"});
    document.data_inputs = read_inputs(fields, fields.required(table, "data", "inputs", "an array of rows of numbers"));
    document.targets = read_targets(fields, fields.required(table, "data", "targets", "an array of numbers, or \"model\""), document.data_inputs.size());
}

}  // namespace lyapcert
