#include "exponent/dominated_splitting/scheduled.hpp"

#include "lyapcert/exponent/dominated_splitting.hpp"

namespace lyapcert::schedule::dominated_splitting {

// In dimension 2 the fan is sharper, and quick.
bool applies(const Task& task) { return task.dimension() > 2; }

Bound run(const Task& task, long, Deadline) { return dominated_splitting_bound(task.product()); }

}  // namespace lyapcert::schedule::dominated_splitting
