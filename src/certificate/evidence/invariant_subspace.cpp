#include "lyapcert/exponent/invariant_subspace.hpp"

#include "certificate/evidence/encodings.hpp"
#include "certificate/lambda_proof.hpp"

namespace lyapcert::certificate {

Proof encode(const std::shared_ptr<const InvariantSubspaceEvidence>& evidence, const Claimed& claimed) {
    Json proof{{"rule", "basis"}, {"basis", Json::array()}};
    const Matrix<Rational>& b = evidence->basis;
    for (std::size_t i = 0; i < b.rows(); ++i) {
        Json row = Json::array();
        for (std::size_t j = 0; j < b.columns(); ++j) row.push_back(b(i, j).str());
        proof["basis"].push_back(std::move(row));
    }
    if (!evidence->exponent || !evidence->product) return proof;  // nothing was kept of what stands in that basis
    const Proof inner = lambda_proof(*evidence->exponent, Claimed{*evidence->product, claimed.side, claimed.bound, claimed.lists});
    if (!inner) return std::nullopt;
    proof["proof"] = *inner;
    return proof;
}

}  // namespace lyapcert::certificate
