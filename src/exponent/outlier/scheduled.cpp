#include "exponent/outlier/scheduled.hpp"

#include "lyapcert/exponent/outlier.hpp"

namespace lyapcert::schedule::outlier {

bool applies(const Task& task) { return task.single_sample_minimum() != nullptr; }

Bound run(const Task& task, long, Deadline) { return outlier_bound(task.single_sample_minimum()->scaled_gram()); }

}  // namespace lyapcert::schedule::outlier
