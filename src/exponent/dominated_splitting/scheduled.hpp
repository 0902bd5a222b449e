// The row of dominated_splitting in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::dominated_splitting {

bool applies(const Task& task);
Bound run(const Task& task, long precision, Deadline deadline);

}  // namespace lyapcert::schedule::dominated_splitting
