#include "exponent/log_quadratic/scheduled.hpp"

#include "lyapcert/exponent/log_quadratic.hpp"

namespace lyapcert::schedule::log_quadratic {

bool applies(const Task& task) { return task.dimension() >= log_quadratic_min_dimension && task.dimension() <= log_quadratic_max_dimension; }

Found run(const Task& task, const SearchControl& control) {
    LogQuadraticResult found = log_quadratic_bound(task.product(), control);
    return {std::move(found.bound), {0, found.boxes + found.corrector_boxes, 0, 0}};
}

}  // namespace lyapcert::schedule::log_quadratic
