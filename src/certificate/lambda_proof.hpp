// The proof of one end of lambda, from the evidence of the components or of the whole.
#pragma once

#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/lyapunov.hpp"

namespace lyapcert::certificate {

// Of claimed.product, whose exponent `lambda` encloses.
Proof lambda_proof(const LyapunovExponent& lambda, const Claimed& claimed);

}  // namespace lyapcert::certificate
