// The row of invariant_cone in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::invariant_cone {

bool applies(const Task& task);
Found run(const Task& task, const SearchControl& control);

}  // namespace lyapcert::schedule::invariant_cone
