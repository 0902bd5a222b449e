#include <algorithm>
#include <filesystem>

#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

// Of the array that is meant.
std::string chosen_name(const Fields& fields, const std::string& key, const TomlNode& table, const std::string& file, const DataFile& data) {
    constexpr std::size_t most_shown = 10;
    const std::vector<std::string> names = data.names();
    const TomlNode* array = table.get("array");
    const std::string chosen = array != nullptr ? fields.string(key + ".array", *array, "the name of an array in quotes") : names.size() == 1 ? names.front() : "";
    if (data.has(chosen)) return chosen;
    if (names.size() == 1 && names.front().empty()) fields.fail(key + ".array", file + " holds one array without a name; expected 'array' to be left out");
    const std::string known = listed(names, most_shown);
    if (array == nullptr) fields.fail(key + ".file", file + " holds " + counted(names.size(), "array", "arrays") + "; expected array = \"...\" beside it, one of: " + known);
    fields.fail(key + ".array", file + " has no array '" + one_line(chosen, 60) + "'; expected one of: " + known);
}

}  // namespace

DataArray read_file_array(const Fields& fields, const std::string& key, const TomlNode& table, bool column) {
    const std::string place = key + ".file";
    const std::string name = fields.string(place, fields.required(table, key, "file", "the name of a data file"), "the name of a data file in quotes");
    const std::string shown = one_line(name, 200);
    const auto of_file = [&](auto&& read) {
        try {
            return read();
        } catch (const InputError& error) {
            fields.fail(place, error.what());
        }
    };
    const DataFile data = of_file([&] { return DataFile::read((std::filesystem::path(fields.document().file).parent_path() / name).string()); });
    const std::string chosen = chosen_name(fields, key, table, shown, data);
    DataArray array = of_file([&] { return data.array(chosen); });
    if (array.shape.size() > 2) fields.fail(place, shown + " holds an array of dimension " + std::to_string(array.shape.size()) + "; expected one or two");
    if (array.shape.empty()) array.shape = {1};
    if (array.shape.size() == 1) array.shape.insert(column ? array.shape.end() : array.shape.begin(), 1);
    auto [format, bytes] = of_file([&] { return data.source(chosen); });
    fields.document().data.push_back(DataSource{key, std::move(format), std::move(bytes)});
    return array;
}

}  // namespace lyapcert
