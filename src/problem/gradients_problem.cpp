#include <algorithm>

#include "problem/constants.hpp"
#include "problem/gram.hpp"
#include "problem/kinds.hpp"
#include "problem/training.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

using GiNaC::ex;

void read_gradients_problem(const Document& document, Problem& problem) {
    const std::optional<RationalTable> rational = rational_table(document);
    const std::string key = document.file_rows ? "gradients.file" : "gradients.rows";
    problem.data_points = rational ? rational->rows : document.rows.size();
    problem.parameters = rational ? rational->columns : document.rows.front().size();
    require_few_data_points(document, problem.data_points);
    const std::optional<ex> rate = read_training(document, problem);
    if (rational) {
        if (std::all_of(rational->values.begin(), rational->values.end(), [](const Rational& x) { return x.is_zero(); }) && rational->radius.is_zero())
            document.fail(key, "all gradients vanish: every exponent is 0 and no theorem applies; expected a non-zero gradient");
        problem.minimum.reason = "the gradients are given: there is no model to check";
        fill_gram(problem, gram_of_gradients(*rational));
        return;
    }
    std::vector<std::vector<ex>> gradients;
    for (std::size_t i = 0; i < document.rows.size(); ++i) {
        gradients.emplace_back();
        for (std::size_t p = 0; p < document.rows[i].size(); ++p)
            gradients.back().push_back(constant_term(document, key + index(i) + index(p), document.rows[i][p]));
    }
    problem.minimum.reason = "the gradients are given: there is no model to check";
    fill_gram_of_gradients(document, key, problem, rate, gradients);
}

}  // namespace lyapcert
