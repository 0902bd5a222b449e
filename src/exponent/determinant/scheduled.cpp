#include "exponent/determinant/scheduled.hpp"

#include "lyapcert/exponent/determinant.hpp"

namespace lyapcert::schedule::determinant {

bool applies(const Task&) { return true; }

Bound run(const Task& task, long precision, Deadline) { return determinant_bound(task.product(), precision); }

}  // namespace lyapcert::schedule::determinant
