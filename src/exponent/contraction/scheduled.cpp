#include "exponent/contraction/scheduled.hpp"

#include "lyapcert/exponent/contraction.hpp"

namespace lyapcert::schedule::contraction {

bool applies(const Task& task) { return task.single_sample_minimum() != nullptr; }

Bound run(const Task& task, long precision, Deadline) { return contraction_bound(*task.single_sample_minimum(), precision); }

}  // namespace lyapcert::schedule::contraction
