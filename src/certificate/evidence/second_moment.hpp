// Proofs of Lambda_2 itself; lambda <= Lambda_2 / 2 is in encodings.hpp.
#pragma once

#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/bound.hpp"

namespace lyapcert::certificate {

// {"matrix"}, {"solution"} or {"word"}: of one end of Lambda_2 of claimed.product. Nothing where the checker has no proof.
Proof encode_lambda2(const End& end, const Claimed& claimed);

}  // namespace lyapcert::certificate
