// The recursion over words: from bounds on the cones C_w to a bound of the mean.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "exponent/invariant_cone/cone_table.hpp"

namespace lyapcert::invariant_cone {

struct Mean {
    double lower = 0.0;
    double upper = 0.0;
    std::uint64_t words = 0;  // looked at
};

// An enclosure of the mean of D - K0. A word is extended while p_w times the width of its bound exceeds `threshold` and roundings are not all that is left. Nothing
// when that takes more than `most_words`, or longer than until `deadline`. The same for any number of threads.
std::optional<Mean> mean_over_words(const ConeTable& table, double threshold, std::uint64_t most_words, std::chrono::steady_clock::time_point deadline);

}  // namespace lyapcert::invariant_cone
