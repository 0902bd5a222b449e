// The evidence of a bound, written down as a rule of the checker: the table of all kinds of evidence.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certificate/encoding.hpp"
#include "lyapcert/exponent/evidence.hpp"

namespace lyapcert::certificate {

// Evidence that is too large to stand in a claim: lists of the certificate's head ("fans", ...), each piece once.
class EvidenceLists {
  public:
    // The place of this piece in the list of that name; write(*piece) is called where it is new.
    template <class E, class Write>
    std::size_t index_of(const char* list, const std::shared_ptr<const E>& piece, Write&& write) {
        const auto known = places_.find(piece.get());
        if (known != places_.end()) return known->second;
        Json& entries = lists_[list];
        entries.push_back(write(*piece));
        return places_[piece.get()] = entries.size() - 1;
    }
    const std::map<std::string, Json>& lists() const { return lists_; }

  private:
    std::map<std::string, Json> lists_;
    std::map<const void*, std::size_t> places_;
};

// What is to be proved: an end of the exponent of this product, as claimed.
struct Claimed {
    const RandomProduct& product;
    Side side;
    std::string bound;  // a decimal, a fraction or "-inf"
    EvidenceLists& lists;
};

// {"rule": ..., ...}, or nothing where the checker has no proof. The rules: proofs/FORMATS.md.
using Proof = std::optional<Json>;
Proof encode(const DimensionOneEvidence& evidence, const Claimed& claimed);
Proof encode(const RankOneEvidence& evidence, const Claimed& claimed);
Proof encode(const MonomialEvidence& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const VanishingWordEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const SpectralRadiusEvidence>& evidence, const Claimed& claimed);
Proof encode(const DeterminantEvidence& evidence, const Claimed& claimed);
Proof encode(const ContractionEvidence& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const SplittingEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const OutlierEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const SecondMomentEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const WeightedMomentEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const InvariantConeEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const FanEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const LogQuadraticEvidence>& evidence, const Claimed& claimed);

Proof encode(const std::shared_ptr<const InvariantFormEvidence>& evidence, const Claimed& claimed);
Proof encode(const std::shared_ptr<const InvariantSubspaceEvidence>& evidence, const Claimed& claimed);

// Of mu, or none at all: not evidence for an exponent of a random product.
inline Proof encode(std::monostate, const Claimed&) { return std::nullopt; }
inline Proof encode(const std::shared_ptr<const ExtremeEigenvalues>&, const Claimed&) { return std::nullopt; }

// Whatever kind it is; a kind without an encoding does not compile.
Proof encode(const Evidence& evidence, const Claimed& claimed);

}  // namespace lyapcert::certificate
