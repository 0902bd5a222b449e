#include "lyapcert/certificate/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "certificate/claims.hpp"
#include "certificate/encoding.hpp"
#include "certificate/evidence/large_family.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/product/sgd_product.hpp"

namespace lyapcert {

namespace certificate {
namespace {

constexpr int most_attempts = 5;

// What stands before the evidence and the claims.
Json head(const Problem& problem, const RandomProduct& product, const NormalSpace* space, int digits) {
    Json result{{"format", "lyapcert certificate"}, {"version", 1}, {"problem", problem.text}};
    if (!problem.data.empty()) result["data"] = Json::array();
    const bool large = is_large_family(product);
    if (space != nullptr && space->is_singular() && !large) result["basis"] = space->basis();
    if (problem.minimum.centre) {
        // Of more digits than the claims: the checker's slice has a direction of its own, and meets the minima elsewhere by as much as it starts off them.
        std::string text;
        for (const Rational& w : problem.minimum.centre(static_cast<long>(digits * 3.33) + 64)) text += (text.empty() ? "" : " ") + dyadic(w);
        result["centre"] = text;
    }
    for (const DataSource& source : problem.data) result["data"].push_back(Json{{"key", source.key}, {"format", source.format}, {"bytes", hexadecimal(source.bytes)}});
    if (!large) result["family"] = family(product);
    return result;
}

std::string document(const Json& head, const EvidenceLists& lists, const std::vector<Claim>& claims) {
    Json result = head;
    for (const char* list : {"fans", "quadratics", "moments", "cones", "solutions"}) {
        const auto found = lists.lists().find(list);
        if (found != lists.lists().end()) result[list] = found->second;
    }
    result["claims"] = Json::array();
    for (const Claim& claim : claims) result["claims"].push_back(*claim.json);
    return result.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

checker::CheckResult check(const std::string& text) {
    try {
        return checker::check(text);
    } catch (const checker::Refused& error) {
        throw std::logic_error(std::string("the checker cannot read the certificate: ") + error.what());
    }
}

// Does a verdict depend on this end?
bool decides(const Claim& claim) {
    if (claim.decides) return true;
    if (!claim.enclosure || claim.name.rfind("lambda2", 0) == 0) return false;
    return claim.side == Side::lower ? mpfr_sgn(claim.enclosure->lower()) > 0 : mpfr_sgn(claim.enclosure->upper()) < 0;
}

bool claims_sign(const Json& claim, Side side) {
    const std::string bound = claim.at("bound");
    if (bound == "-inf") return side == Side::upper;
    return side == Side::lower ? parse_rational(bound) > 0 : parse_rational(bound) < 0;
}

// "lambda, lower bound: weaker than what was proved by 0.012, 13 % of the width".
std::string loss_of(const Claim& claim) {
    const MpInterval& x = *claim.enclosure;
    const std::string bound = claim.json->at("bound");
    const MpInterval claimed(parse_rational(bound), x.precision());
    MpInterval loss(x.precision());
    if (claim.side == Side::lower) mpfr_sub(loss.upper_ref(), x.lower(), claimed.lower(), MPFR_RNDU);
    else mpfr_sub(loss.upper_ref(), claimed.upper(), x.upper(), MPFR_RNDU);
    std::string text = claim.name + ": weaker than what was proved by " + upper_decimal(loss.upper(), 2);
    const double width = x.width_double();
    if (std::isfinite(width) && width > 1e-300) text += fmt::format(", {:.3g} % of the width", 100.0 * loss.upper_double() / width);
    return text;
}

// The claims that the checker proves, each as strong as it does.
Certificate settled(const Json& first, const EvidenceLists& lists, std::vector<Claim> claims) {
    std::vector<std::string> omitted;
    bool keeps_signs = true;
    for (Claim& claim : claims) claim.json = claim.make(0);
    for (;;) {
        claims.erase(std::remove_if(claims.begin(), claims.end(), [&](const Claim& c) {
            if (c.json) return false;
            omitted.push_back(c.name);
            keeps_signs = keeps_signs && !decides(c);
            return true;
        }), claims.end());
        const std::string text = document(first, lists, claims);
        const checker::CheckResult result = certificate::check(text);
        if (claims.empty() || result.accepted()) {
            Certificate made{text, {}, omitted, {}, keeps_signs};
            for (const checker::ClaimResult& c : result.claims) made.claims.push_back(c.claim);
            for (const Claim& claim : claims) {
                if (claim.enclosure && claim.attempt > 0) made.weaker.push_back(loss_of(claim));
                if (claim.enclosure && decides(claim)) made.keeps_signs = made.keeps_signs && claims_sign(*claim.json, claim.side);
            }
            return made;
        }
        for (const checker::ClaimResult& c : result.claims) {
            if (c.proved) continue;
            Claim& claim = claims[c.index];
            claim.json = ++claim.attempt < most_attempts ? claim.make(claim.attempt) : std::nullopt;
        }
    }
}

}  // namespace
}  // namespace certificate

Certificate make_certificate(const Problem& problem, const Certification& certification, int digits) {
    using namespace certificate;
    if (!certification.product) throw std::invalid_argument("make_certificate: the certification holds no product");
    digits = std::max(digits, 6);
    EvidenceLists lists;
    std::vector<Claim> claims = claims_of(problem, certification, digits, lists);
    return settled(head(problem, *certification.product, certification.normal_space.get(), digits), lists, std::move(claims));
}

Certificate make_certificate(const Problem& problem, const Threshold& threshold) {
    using namespace certificate;
    constexpr int digits = 17;
    const NormalSpace space(problem.gram, problem.scaled_gram, rank_bound(problem));
    EvidenceLists lists;
    std::vector<Claim> claims = claims_of(problem, space, threshold, lists);
    return settled(head(problem, sgd_product(space, problem.sampling), &space, digits), lists, std::move(claims));
}

}  // namespace lyapcert
