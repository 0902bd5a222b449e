#include "problem/reader/tables.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

void read_product_table(const Fields& fields) {
    Document& document = fields.document();
    const TomlNode& table = fields.table("product", {"matrices", "probabilities"});
    const std::string key = "product.matrices";
    const std::string expected = "an array of square matrices";
    const auto shape = [](std::size_t rows, std::size_t columns) { return std::to_string(rows) + " x " + std::to_string(columns); };
    for (const TomlNode& node : fields.array(key, fields.required(table, "product", "matrices", expected), expected)) {
        const std::string place = key + index(document.matrices.size());
        document.matrices.push_back(fields.matrix(place, node, "the rows of a square matrix"));
        const std::size_t rows = document.matrices.back().size();
        const std::size_t columns = document.matrices.back().front().size();
        if (rows != columns) fields.fail(place, "is " + shape(rows, columns) + "; expected a square matrix");
        const std::size_t first = document.matrices.front().size();
        if (rows != first) fields.fail(place, "is " + shape(rows, rows) + "; expected " + shape(first, first) + " as the first matrix");
    }
    if (const TomlNode* node = table.get("probabilities")) {
        document.probabilities = fields.numbers("product.probabilities", *node, "an array of numbers, one for each matrix");
        if (document.probabilities.size() != document.matrices.size())
            fields.fail("product.probabilities", "has " + counted(document.probabilities.size(), "number", "numbers") + "; expected " +
                                                     std::to_string(document.matrices.size()) + ", one for each matrix");
    }
}

}  // namespace lyapcert
