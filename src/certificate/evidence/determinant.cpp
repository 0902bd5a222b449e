#include "certificate/evidence/encodings.hpp"

namespace lyapcert::certificate {

Proof encode(const DeterminantEvidence&, const Claimed&) { return Json{{"rule", "determinant"}}; }

}  // namespace lyapcert::certificate
