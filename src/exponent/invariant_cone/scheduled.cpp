#include "exponent/invariant_cone/scheduled.hpp"

#include "lyapcert/exponent/invariant_cone.hpp"

namespace lyapcert::schedule::invariant_cone {

bool applies(const Task& task) { return task.has_invariant_cone(); }

Found run(const Task& task, const SearchControl& control) {
    InvariantConeResult found = invariant_cone_bound(task.product(), control);
    return {std::move(found.bound), {0, 0, found.words, 0}};
}

}  // namespace lyapcert::schedule::invariant_cone
