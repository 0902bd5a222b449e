// Which bounds are tried, in which order, and with how much of the time: the tables of schedule.cpp.
#pragma once

#include <set>
#include <vector>

#include "exponent/task.hpp"

namespace lyapcert::schedule {

// A bound that costs next to nothing.
struct FreeBound {
    Method method;
    enum class Of { component, whole, both } of;  // each component of the reduced product, or the whole
    bool (*applies)(const Task& task);
    Bound (*run)(const Task& task, long precision, Deadline deadline);
};
const std::vector<FreeBound>& free_bounds();

// Methods that were tried without any result.
using Fruitless = std::set<Method>;

// A bound that searches. Rows are tried from top to bottom until the goal is reached.
struct Search {
    Method method;
    bool (*applies)(const Task& task);
    bool (*when)(const Task& task, const Fruitless& fruitless);  // and this too
    double share;    // of the time that is left
    double reserve;  // seconds that must be left for the row to be tried; negative: also when the time is over
    Found (*run)(const Task& task, const SearchControl& control);
};
const std::vector<Search>& searches();

}  // namespace lyapcert::schedule
