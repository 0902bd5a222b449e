#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/outlier.hpp"

namespace lyapcert::certificate {

Proof encode(const std::shared_ptr<const OutlierEvidence>& evidence, const Claimed&) {
    return Json{{"rule", "outlier"}, {"index", evidence->index}, {"span", hexadecimal(evidence->in_the_span)}};
}

}  // namespace lyapcert::certificate
