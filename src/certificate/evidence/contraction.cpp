#include "certificate/evidence/encodings.hpp"

namespace lyapcert::certificate {

Proof encode(const ContractionEvidence&, const Claimed&) { return Json{{"rule", "contraction"}}; }

}  // namespace lyapcert::certificate
