// Doubles of a proof.
#pragma once

#include <string>
#include <vector>

namespace lyapcert::checker {

inline constexpr double largest_double = 0x1p40;
inline constexpr double smallest_double = 0x1p-100;

// Separated by blanks; each stands for the double that was read, and for 0 below `smallest_double` in modulus. Throws Refused, with `name`, where one is
// larger than `largest_double` and where there are not `count` of them.
std::vector<double> parse_doubles(const std::string& text, std::size_t count, const std::string& name);

}  // namespace lyapcert::checker
