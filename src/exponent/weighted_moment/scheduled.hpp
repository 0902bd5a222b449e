// The row of weighted_moment in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::weighted_moment {

bool applies(const Task& task);
Found run(const Task& task, const SearchControl& control);

}  // namespace lyapcert::schedule::weighted_moment
