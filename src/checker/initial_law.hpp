// The initial laws that a problem may declare (H2).
#pragma once

#include <string>

namespace lyapcert::checker {

struct InitialLaw {
    enum class Density { positive, not_everywhere, unknown };
    Density density = Density::unknown;
    std::string meaning;  // "that is Gaussian of full rank", where the density is positive everywhere
};

// By the names that people give them; whole names only.
InitialLaw initial_law(const std::string& declared);

}  // namespace lyapcert::checker
