// How close the matrices of a product are to the identity: so many bits are lost where 1 and what is added to it meet.
#pragma once

#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// The largest b, at most 4096, such that |A_k - I| <= 2^-b entry by entry for all k, as far as is seen at little cost; 0 where all are the identity, and
// for large families. A choice of precision, not a proof.
long bits_near_identity(const RandomProduct& product);

// Beyond this doubles see nothing but the identity.
inline constexpr long most_bits_of_doubles = 60;

}  // namespace lyapcert
