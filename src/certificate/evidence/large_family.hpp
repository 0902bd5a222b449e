// Families that a certificate does not write out.
#pragma once

#include "lyapcert/product/random_product.hpp"

namespace lyapcert::certificate {

// Single samples of more data points than the checker forms matrices for (T2, T31, T32 of proofs/THEOREMS.md): K stands for the family.
inline bool is_large_family(const RandomProduct& product) {
    constexpr std::size_t largest_written_family = 128;  // the checker's
    return product.scaled_gram() != nullptr && product.dimension() > largest_written_family;
}

}  // namespace lyapcert::certificate
