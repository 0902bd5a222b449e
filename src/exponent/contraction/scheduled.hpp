// The row of contraction in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::contraction {

bool applies(const Task& task);
Bound run(const Task& task, long precision, Deadline deadline);

}  // namespace lyapcert::schedule::contraction
