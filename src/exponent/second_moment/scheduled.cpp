#include "exponent/second_moment/scheduled.hpp"

#include "lyapcert/exponent/second_moment.hpp"

namespace lyapcert::schedule::second_moment {

bool applies(const Task&) { return true; }

Bound run(const Task& task, long, Deadline deadline) {
    constexpr long precision = 64;
    return second_moment_bound(task.lambda2() ? *task.lambda2() : second_moment_exponent(task.product(), precision, part_of(deadline, 0.25)));
}

}  // namespace lyapcert::schedule::second_moment
