// What proves one end of an enclosure: the table of all methods and of all kinds of evidence.
//
// A new bound adds a line to each of the three lists below, and does not compile until the certificate floor knows how to write its evidence
// down (certificate/evidence/encodings.hpp, by std::visit).
#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

// Which end of an enclosure.
enum class Side { lower, upper };

// Where an end comes from.
enum class Method {
    none,  // nothing was proved: the end is infinite
    // Exponents of a random product.
    dimension_one,
    rank_one,
    monomial,
    vanishing_word,
    invariant_form,
    spectral_radius,
    determinant,
    contraction,
    expansion,
    reflections,
    dominated_splitting,
    outlier,
    second_moment,
    weighted_moment,
    invariant_cone,
    polyhedral,
    log_quadratic,
    // mu alone.
    diagonal_gram,
    rank_one_gram,
    gram_of_dimension_two,
    multiple_of_projection,
    top_eigenvalue,
    eigenvalues,
    extreme_eigenvalues,
};

// As reports print it: "weighted second moment"; empty for none.
const char* to_string(Method method);

// Does the method refine in double precision until the goal is reached? Then the enclosure has a width that more work would shrink, and a claim in a
// certificate is rounded by a part of it.
bool is_refined(Method method);

// Evidence that is the family itself: the checker computes the bound again.
struct DimensionOneEvidence {};
struct RankOneEvidence {};
struct MonomialEvidence {};
struct DeterminantEvidence {};
struct ContractionEvidence {};

struct VanishingWordEvidence;    // closed_form.hpp
struct InvariantFormEvidence;    // invariant_form.hpp
struct InvariantSubspaceEvidence;  // invariant_subspace.hpp
struct SplittingEvidence;        // dominated_splitting.hpp
struct OutlierEvidence;          // outlier.hpp
struct SpectralRadiusEvidence;   // closed_form.hpp
struct SecondMomentEvidence;     // second_moment.hpp
struct WeightedMomentEvidence;   // weighted_moment.hpp
struct InvariantConeEvidence;    // invariant_cone.hpp
struct FanEvidence;              // polyhedral.hpp
struct LogQuadraticEvidence;     // log_quadratic.hpp

// std::monostate: nothing is proved, nothing was kept (SearchControl::keep_evidence), or the checker needs no more than the claim.
using Evidence = std::variant<std::monostate, DimensionOneEvidence, RankOneEvidence, MonomialEvidence, std::shared_ptr<const VanishingWordEvidence>,
                              std::shared_ptr<const SpectralRadiusEvidence>, DeterminantEvidence, ContractionEvidence, std::shared_ptr<const SplittingEvidence>,
                              std::shared_ptr<const OutlierEvidence>, std::shared_ptr<const SecondMomentEvidence>, std::shared_ptr<const WeightedMomentEvidence>,
                              std::shared_ptr<const InvariantConeEvidence>, std::shared_ptr<const FanEvidence>, std::shared_ptr<const LogQuadraticEvidence>,
                              std::shared_ptr<const ExtremeEigenvalues>,
                              std::shared_ptr<const InvariantFormEvidence>, std::shared_ptr<const InvariantSubspaceEvidence>>;

// What a proof took; zero where a method does not count that.
struct Effort {
    std::size_t leaves = 0;  // of the fan
    std::size_t boxes = 0;   // of a branch and bound, and of a corrector
    std::size_t words = 0;   // of the latest factors, on an invariant cone
    std::size_t states = 0;  // of the automaton of a weighted second moment

    // Of several proofs: boxes add up, of the others the largest counts.
    void include(const Effort& other);
};

// The evidence of this kind, null where it is of another.
template <class E>
std::shared_ptr<const E> evidence_as(const Evidence& evidence) {
    const auto* pointer = std::get_if<std::shared_ptr<const E>>(&evidence);
    return pointer != nullptr ? *pointer : nullptr;
}

// The pointer as evidence, or nothing where it is null.
template <class E>
Evidence evidence_of(std::shared_ptr<const E> pointer) {
    return pointer ? Evidence(std::move(pointer)) : Evidence();
}

}  // namespace lyapcert
