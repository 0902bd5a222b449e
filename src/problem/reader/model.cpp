#include <set>

#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

std::vector<std::string> names(const Fields& fields, const std::string& key, const TomlNode& node, std::set<std::string>& taken) {
    std::vector<std::string> result;
    for (const TomlNode& element : fields.array(key, node, "a non-empty array of names")) {
        const std::string place = key + index(result.size());
        const std::string& word = fields.string(place, element, "a name in quotes");
        const std::string shown = "'" + one_line(word, 60) + "' ";
        if (!is_identifier(word)) fields.fail(place, shown + "is not a name; expected letters, digits and _, not starting with a digit");
        if (is_reserved_name(word)) fields.fail(place, shown + "is the name of a function or constant; expected another name");
        if (!taken.insert(word).second) fields.fail(place, shown + "is used twice; expected distinct names for parameters and inputs");
        result.push_back(word);
    }
    return result;
}

}  // namespace

void read_model_table(const Fields& fields) {
    Document& document = fields.document();
    const TomlNode& model = fields.table("model", {"parameters", "inputs", "output"});
    std::set<std::string> taken;
    document.parameters = names(fields, "model.parameters", fields.required(model, "model", "parameters", "an array of names"), taken);
    document.inputs = names(fields, "model.inputs", fields.required(model, "model", "inputs", "an array of names"), taken);
    std::vector<std::string> identifiers = document.parameters;
    identifiers.insert(identifiers.end(), document.inputs.begin(), document.inputs.end());
    document.output = fields.expression("model.output", fields.required(model, "model", "output", "an expression in the parameters and inputs"), identifiers);
}

}  // namespace lyapcert
