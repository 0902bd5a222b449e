// What the bench programs measure with. They print finished Markdown rows, which tables.sh puts into README.md; they assert nothing.
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

namespace lyapcert::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Of all threads of this process.
inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// The upper one of two.
inline double median(std::vector<double> x) {
    if (x.empty()) return 0.0;
    std::sort(x.begin(), x.end());
    return x[x.size() / 2];
}

}  // namespace lyapcert::bench
