#include "certificate/evidence/encodings.hpp"
#include "certificate/evidence/large_family.hpp"
#include "certificate/evidence/resolvent_proof.hpp"
#include "certificate/evidence/second_moment.hpp"
#include "lyapcert/exponent/second_moment.hpp"

namespace lyapcert::certificate {

namespace {

Json written(const SingleSampleMomentEvidence& evidence) {
    return Json{{"c", hexadecimal(evidence.c)}, {"x", hexadecimal(lower_triangle(evidence.x))}};
}

// {"matrix"} or {"solution"} for Lambda_2 <= or >= factor * bound.
Proof proof_of(const SecondMomentEvidence& evidence, const Claimed& claimed, int factor) {
    if (is_large_family(claimed.product)) {
        if (!evidence.solution) return std::nullopt;
        return Json{{"solution", claimed.lists.index_of("solutions", evidence.solution, written)}};
    }
    const auto matrix = resolvent_proof(claimed.product, evidence.lambda2, claimed.side, factor, claimed.bound);
    if (!matrix) return std::nullopt;
    return Json{{"matrix", *matrix}};
}

}  // namespace

Proof encode(const std::shared_ptr<const SecondMomentEvidence>& evidence, const Claimed& claimed) {
    const Proof proof = proof_of(*evidence, claimed, 2);
    if (!proof) return std::nullopt;
    Json result{{"rule", "second moment"}};
    result.update(*proof);
    return result;
}

Proof encode_lambda2(const End& end, const Claimed& claimed) {
    // A nilpotent matrix: its n-th power is the word that vanishes.
    if (claimed.bound == "-inf" && claimed.product.size() == 1) return Json{{"word", std::vector<std::size_t>(claimed.product.dimension(), 0)}};
    const auto evidence = evidence_as<SecondMomentEvidence>(end.evidence);
    return evidence ? proof_of(*evidence, claimed, 1) : std::nullopt;
}

}  // namespace lyapcert::certificate
