#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"

namespace lyapcert::certificate {

Proof encode(const std::shared_ptr<const SplittingEvidence>& evidence, const Claimed&) {
    Json proof{{"rule", "dominated splitting"}, {"transposed", evidence->transposed}, {"expanding", evidence->expanding}, {"weights", Json::array()}};
    for (const std::vector<double>& w : evidence->weights) proof["weights"].push_back(hexadecimal(w));
    return proof;
}

}  // namespace lyapcert::certificate
