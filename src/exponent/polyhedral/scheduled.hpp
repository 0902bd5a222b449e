// The row of polyhedral in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::polyhedral {

bool applies(const Task& task);
Found run(const Task& task, const SearchControl& control);

}  // namespace lyapcert::schedule::polyhedral
