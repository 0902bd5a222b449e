// The row of determinant in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::determinant {

bool applies(const Task& task);
Bound run(const Task& task, long precision, Deadline deadline);

}  // namespace lyapcert::schedule::determinant
