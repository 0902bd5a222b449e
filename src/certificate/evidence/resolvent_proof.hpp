// The matrix P of T6 that proves a bound on Lambda_2.
#pragma once

#include <optional>

#include "certificate/evidence/encodings.hpp"

namespace lyapcert::certificate {

// The lower triangle of P for Lambda_2 <= or >= factor * bound, where Lambda_2 is enclosed by `lambda2`; nothing in large dimension, or for bound = "-inf".
std::optional<Json> resolvent_proof(const RandomProduct& product, const MpInterval& lambda2, Side side, int factor, const std::string& bound);

}  // namespace lyapcert::certificate
