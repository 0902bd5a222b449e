#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/invariant_cone.hpp"

namespace lyapcert::certificate {

namespace {

std::string signs(const std::vector<int>& list) {
    std::string text;
    for (const int s : list) text += s < 0 ? '-' : '+';
    return text;
}

Json written(const InvariantConeEvidence& evidence) {
    Json result{{"factors", signs(evidence.cone.factor)}};
    if (evidence.cone.signs.empty()) result["basis"] = hexadecimal(evidence.cone.basis.entries());
    else result["signs"] = signs(evidence.cone.signs);
    result["functionals"] = hexadecimal(evidence.functionals.entries());
    result["weights"] = hexadecimal(evidence.weights);
    result["threshold"] = hexadecimal(evidence.threshold);
    return result;
}

}  // namespace

Proof encode(const std::shared_ptr<const InvariantConeEvidence>& evidence, const Claimed& claimed) {
    return Json{{"rule", "invariant cone"}, {"cone", claimed.lists.index_of("cones", evidence, written)}};
}

}  // namespace lyapcert::certificate
