#include "exponent/polyhedral/scheduled.hpp"

#include "lyapcert/exponent/polyhedral.hpp"

namespace lyapcert::schedule::polyhedral {

bool applies(const Task& task) { return task.dimension() >= polyhedral_min_dimension && task.dimension() <= polyhedral_max_dimension; }

Found run(const Task& task, const SearchControl& control) {
    PolyhedralResult found = polyhedral_bound(task.product(), control);
    return {std::move(found.bound), {found.leaves, 0, 0, 0}};
}

}  // namespace lyapcert::schedule::polyhedral
