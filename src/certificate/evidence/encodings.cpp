#include "certificate/evidence/encodings.hpp"

namespace lyapcert::certificate {

Proof encode(const Evidence& evidence, const Claimed& claimed) {
    return std::visit([&](const auto& kind) -> Proof { return encode(kind, claimed); }, evidence);
}

}  // namespace lyapcert::certificate
