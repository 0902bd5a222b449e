#include "certificate/evidence/encodings.hpp"
#include <algorithm>

#include "lyapcert/exponent/polyhedral.hpp"

namespace lyapcert::certificate {

namespace {

Json written(const FanEvidence& fan) {
    const bool all = std::find(fan.in_cone.begin(), fan.in_cone.end(), false) == fan.in_cone.end();
    Json json{{"dimension", fan.dimension}, {"bisection", packed_bits(fan.bisected)}, {"cone", all ? "all" : packed_bits(fan.in_cone)}, {"values", hexadecimal(fan.values)}};
    if (!fan.corrector.empty()) json["corrector"] = hexadecimal(fan.corrector);
    return json;
}

}  // namespace

Proof encode(const std::shared_ptr<const FanEvidence>& evidence, const Claimed& claimed) {
    return Json{{"rule", "polyhedral"}, {"fan", claimed.lists.index_of("fans", evidence, written)}};
}

}  // namespace lyapcert::certificate
