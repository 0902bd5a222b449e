#include "lyapcert/exponent/invariant_form.hpp"

#include "certificate/evidence/encodings.hpp"

namespace lyapcert::certificate {

Proof encode(const std::shared_ptr<const InvariantFormEvidence>& evidence, const Claimed&) { return Json{{"rule", "invariant form"}, {"form", lower_triangle(evidence->form)}}; }

}  // namespace lyapcert::certificate
