// The row of log_quadratic in the schedule (exponent/driver/schedule.cpp).
#pragma once

#include "exponent/task.hpp"

namespace lyapcert::schedule::log_quadratic {

bool applies(const Task& task);
Found run(const Task& task, const SearchControl& control);

}  // namespace lyapcert::schedule::log_quadratic
