// Every kind of evidence makes a rule that the checker knows.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>

#include "certificate/evidence/encodings.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"
#include "lyapcert/exponent/invariant_cone.hpp"
#include "lyapcert/exponent/invariant_form.hpp"
#include "lyapcert/exponent/invariant_subspace.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"
#include "lyapcert/exponent/outlier.hpp"
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"

using namespace lyapcert;

namespace {

template <class E>
Evidence some() {
    return std::make_shared<const E>();
}

// One piece of evidence of the kind at each index of the variant.
template <std::size_t... k>
std::vector<Evidence> one_of_each(std::index_sequence<k...>) {
    const auto make = [](auto kind) -> Evidence {
        using Kind = typename decltype(kind)::type;
        if constexpr (std::is_same_v<Kind, std::shared_ptr<const SecondMomentEvidence>>)
            return std::make_shared<const SecondMomentEvidence>(SecondMomentEvidence{MpInterval(-1.0, -0.5), nullptr});
        else if constexpr (std::is_same_v<Kind, std::shared_ptr<const SpectralRadiusEvidence>>)
            return std::make_shared<const SpectralRadiusEvidence>(SpectralRadiusEvidence{MpInterval(-1.0, -0.5)});
        else if constexpr (std::is_default_constructible_v<Kind> && std::is_empty_v<Kind>)
            return Kind{};
        else
            return some<std::remove_const_t<typename Kind::element_type>>();
    };
    return {make(std::common_type<std::variant_alternative_t<k, Evidence>>{})...};
}

void collect(const nlohmann::ordered_json& proof, std::set<std::string>& names) {
    if (proof.contains("rule")) names.insert(proof["rule"].get<std::string>());
    for (const auto& part : proof)
        if (part.is_object()) collect(part, names);
}

}  // namespace

TEST_CASE("every kind of evidence makes a rule that the checker knows") {
    std::set<std::string> known;
    for (const checker::RuleDescription& rule : checker::rules()) {
        CHECK(known.insert(rule.name).second);
        CHECK(rule.theorem.front() == 'T');
        CHECK((rule.sides == "lower" || rule.sides == "upper" || rule.sides == "both"));
    }
    Matrix<Real> half(1, 1);
    half(0, 0) = Real(Rational(1, 2));
    const RandomProduct product({half}, {Rational(1)});
    std::set<std::string> made;
    for (const Evidence& evidence : one_of_each(std::make_index_sequence<std::variant_size_v<Evidence>>())) {
        INFO("kind " << evidence.index());
        certificate::EvidenceLists lists;
        const certificate::Proof proof = certificate::encode(evidence, {product, Side::upper, "-0.1", lists});
        const bool has_none = std::holds_alternative<std::monostate>(evidence) || std::holds_alternative<std::shared_ptr<const ExtremeEigenvalues>>(evidence);
        CHECK(proof.has_value() == !has_none);
        if (!proof) continue;
        std::set<std::string> names;
        collect(*proof, names);
        CHECK(!names.empty());
        for (const std::string& name : names) CHECK(known.count(name) == 1);
        made.insert(names.begin(), names.end());
    }
    // What the checker knows and no evidence makes: the reductions, which are written beside it.
    for (const std::string& name : known) CHECK(made.count(name) + std::set<std::string>{"blocks", "waiting", "steps"}.count(name) == 1);
}

TEST_CASE("every method has a name of its own") {
    std::set<std::string> names;
    for (int m = static_cast<int>(Method::none) + 1; m <= static_cast<int>(Method::extreme_eigenvalues); ++m) {
        const std::string name = to_string(static_cast<Method>(m));
        CHECK(!name.empty());
        CHECK(names.insert(name).second);
    }
}
