// The row of second_moment in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::second_moment {

bool applies(const Task& task);
Bound run(const Task& task, long precision, Deadline deadline);

}  // namespace lyapcert::schedule::second_moment
