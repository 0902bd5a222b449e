#include "problem/gram.hpp"
#include "problem/kinds.hpp"
#include "problem/model.hpp"
#include "problem/training.hpp"
#include "problem/twins.hpp"

namespace lyapcert {

void read_model_problem(const Document& document, Problem& problem) {
    problem.data_points = document.data_inputs.size();
    problem.parameters = document.parameters.size();
    require_few_data_points(document, problem.data_points);
    const std::optional<GiNaC::ex> rate = read_training(document, problem);
    first_with_equal_inputs(document);
    problem.equal_to = equal_data_points(document);
    const ModelAtMinimum model = read_model(document, problem.minimum);
    problem.analytic = is_analytic(document);
    if (document.near) {
        near_model(document, model, *problem.analytic, problem);
        scale_gram(problem);
    } else {
        fill_gram_of_gradients(document, "model.output", problem, rate, model.gradients);
    }
    problem.independent_everywhere = independent_everywhere(document, model, problem.gram, *problem.analytic);
    problem.jacobian_invertible_somewhere = jacobian_search(document, model, problem);
}

}  // namespace lyapcert
