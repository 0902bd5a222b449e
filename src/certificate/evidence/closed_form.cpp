#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/closed_form.hpp"
#include "certificate/evidence/resolvent_proof.hpp"

namespace lyapcert::certificate {

Proof encode(const DimensionOneEvidence&, const Claimed&) { return Json{{"rule", "dimension 1"}}; }

Proof encode(const RankOneEvidence&, const Claimed&) { return Json{{"rule", "rank 1"}}; }

Proof encode(const MonomialEvidence&, const Claimed&) { return Json{{"rule", "monomial"}}; }

Proof encode(const std::shared_ptr<const VanishingWordEvidence>& evidence, const Claimed&) { return Json{{"rule", "word"}, {"word", evidence->word}}; }

Proof encode(const std::shared_ptr<const SpectralRadiusEvidence>& evidence, const Claimed& claimed) {
    const auto matrix = resolvent_proof(claimed.product, evidence->lambda2, claimed.side, 2, claimed.bound);
    if (!matrix) return std::nullopt;
    return Json{{"rule", "spectral radius"}, {"matrix", *matrix}};
}

}  // namespace lyapcert::certificate
