// A guess at lambda by simulation: for searches and hints. Nothing is proved by it.
#pragma once

#include <cstdint>

#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

struct ApproximateExponent {
    double mean = 0.0;
    double standard_error = 0.0;  // of independent runs; what all of them miss alike (a start that is forgotten slowly) does not show
};

// Means of (1/m) log |A_m...A_1 x| over independent runs of `steps` steps in all, in the middle of the enclosures of the entries. The same for the same seed. Not finite where a
// path meets 0.
ApproximateExponent approximate_exponent(const RandomProduct& product, std::size_t steps, std::uint64_t seed = 1);

}  // namespace lyapcert
