#include "certificate/lambda_proof.hpp"

#include <algorithm>
#include <set>

#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert::certificate {

namespace {

const End& end_of(const Bound& bound, Side side) { return side == Side::lower ? bound.lower : bound.upper; }

// Is the claim within what is proved of this part?
bool gives(const LyapunovPart& part, const Claimed& claimed) {
    const MpInterval& enclosure = part.bound.enclosure;
    if (claimed.bound == "-inf") return mpfr_inf_p(enclosure.upper()) != 0 && mpfr_sgn(enclosure.upper()) < 0;
    const MpInterval claim(parse_rational(claimed.bound), enclosure.precision() + 64);
    return claimed.side == Side::lower ? mpfr_lessequal_p(claim.lower(), enclosure.lower()) != 0 : mpfr_greaterequal_p(claim.upper(), enclosure.upper()) != 0;
}

Proof part_proof(const LyapunovPart& part, const Claimed& claimed) {
    std::string inner = claimed.bound;
    // The decimal is for what is made from it only: the checker divides exactly.
    if (part.weight != 1 && inner != "-inf") inner = Rational(parse_rational(inner) / part.weight).str();
    Proof proof = encode(end_of(part.bound, claimed.side).evidence, Claimed{part.product, claimed.side, inner, claimed.lists});
    if (proof && part.weight != 1) proof = Json{{"rule", "waiting"}, {"proof", *proof}};
    return proof;
}

// Blocks ordered by how many indices they lead to: i -> j, entry (i, j) not zero, never leads to a later block.
std::vector<std::size_t> triangular_order(const RandomProduct& product, const std::vector<LyapunovPart>& parts) {
    const std::size_t n = product.dimension();
    std::vector<std::vector<std::size_t>> successors(n);
    const Matrix<Real>* gram = product.scaled_gram();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            if (gram != nullptr) {
                if (!(*gram)(i, j).known_zero()) successors[i].push_back(j);
            } else for (const Matrix<Real>& a : product.matrices())
                if (!a(i, j).known_zero()) {
                    successors[i].push_back(j);
                    break;
                }
    std::vector<std::pair<std::size_t, std::size_t>> reach;
    for (std::size_t b = 0; b < parts.size(); ++b) {
        std::set<std::size_t> seen(parts[b].indices.begin(), parts[b].indices.end());
        std::vector<std::size_t> stack = parts[b].indices;
        while (!stack.empty()) {
            const std::size_t i = stack.back();
            stack.pop_back();
            for (const std::size_t j : successors[i])
                if (seen.insert(j).second) stack.push_back(j);
        }
        reach.emplace_back(seen.size(), b);
    }
    std::sort(reach.begin(), reach.end());
    std::vector<std::size_t> order;
    for (const auto& [size, b] : reach) order.push_back(b);
    return order;
}

}  // namespace

Proof lambda_proof(const LyapunovExponent& lambda, const Claimed& claimed) {
    const std::vector<LyapunovPart>& parts = lambda.parts;
    const auto suffices = [&](const LyapunovPart& part) { return gives(part, claimed); };
    const bool by_parts = claimed.side == Side::lower ? std::any_of(parts.begin(), parts.end(), suffices) : std::all_of(parts.begin(), parts.end(), suffices);
    if (!by_parts) return encode(end_of(lambda, claimed.side).evidence, claimed);  // a bound on the whole product did better
    if (parts.size() == 1) return part_proof(parts.front(), claimed);
    const std::vector<std::size_t> order = triangular_order(claimed.product, parts);
    Json result{{"rule", "blocks"}, {"blocks", Json::array()}, {"parts", Json::array()}};
    for (std::size_t b = 0; b < order.size(); ++b) {
        const LyapunovPart& part = parts[order[b]];
        result["blocks"].push_back(part.indices);
        if (claimed.side == Side::lower && (!result["parts"].empty() || !suffices(part))) continue;
        const Proof proof = part_proof(part, claimed);
        if (!proof) return std::nullopt;
        result["parts"].push_back(Json{{"block", b}, {"proof", *proof}});
    }
    return result;
}

}  // namespace lyapcert::certificate
