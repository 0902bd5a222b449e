// Until when something may go on. What is looked at between two steps of a computation: a step that has begun is finished.
#pragma once

#include <chrono>

namespace lyapcert {

using Deadline = std::chrono::steady_clock::time_point;

inline constexpr Deadline no_deadline = Deadline::max();

inline bool is_over(Deadline deadline) { return deadline != no_deadline && std::chrono::steady_clock::now() >= deadline; }

// When this part of the time that is left will have passed.
inline Deadline part_of(Deadline deadline, double part) {
    if (deadline == no_deadline) return deadline;
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return deadline;
    return now + std::chrono::duration_cast<Deadline::duration>(std::chrono::duration<double>(deadline - now) * part);
}

}  // namespace lyapcert
