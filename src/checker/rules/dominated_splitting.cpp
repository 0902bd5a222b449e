#include "checker/rules/dominated_splitting.hpp"
#include "checker/rules/rules.hpp"

#include <algorithm>

namespace lyapcert::checker {

namespace {

std::vector<Enclosure> parse_weights(const std::string& text, std::size_t n, long bits) {
    charge(64.0 * static_cast<double>(text.size()));
    std::vector<Enclosure> weights;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const Rational w = parse_rational(std::string_view(text).substr(at, end - at));
        if (weights.size() == n) throw Refused("splitting: there are more weights than coordinates");
        if (sgn(w) <= 0) throw Refused("splitting: a weight is not positive");
        weights.emplace_back(w, bits);
        at = end + 1;
    }
    if (weights.size() != n) throw Refused("splitting: there are fewer weights than coordinates");
    return weights;
}

// A matrix B_k without its unit rows.
struct Rows {
    std::vector<std::size_t> indices;
    std::vector<std::vector<Enclosure>> moduli;  // |b_il|
};

// Of (I - K e_i e_i^T)^T: row i, e_i - K e_i.
Rows row_of_single_sample(const Matrix& k, std::size_t i, long bits) {
    charge(300.0 * static_cast<double>(k.rows));
    Rows rows{{i}, {{}}};
    for (std::size_t l = 0; l < k.rows; ++l) {
        const Enclosure x = k(l, i).enclosure(bits);
        rows.moduli.front().push_back(abs(l == i ? Enclosure(Rational(1), bits) - x : x));
    }
    return rows;
}

Rows rows_of(const Matrix& a, bool transposed, long bits) {
    const std::size_t n = a.rows;
    charge(10.0 * static_cast<double>(n * n));
    Rows rows;
    for (std::size_t i = 0; i < n; ++i) {
        const auto entry = [&](std::size_t l) -> const Value& { return transposed ? a(l, i) : a(i, l); };
        bool unit = true;
        for (std::size_t l = 0; l < n && unit; ++l) unit = entry(l).is(i == l ? 1 : 0);
        if (unit) continue;
        charge(300.0 * static_cast<double>(n));
        rows.indices.push_back(i);
        rows.moduli.emplace_back();
        for (std::size_t l = 0; l < n; ++l) rows.moduli.back().push_back(abs(entry(l).enclosure(bits)));
    }
    return rows;
}

bool certainly_at_least(const Enclosure& x, const Enclosure& y) { return mpfr_greaterequal_p(x.lower(), y.upper()) != 0; }

}  // namespace

std::string check_splitting(const Product& product, const nlohmann::json& proof, const Rational& claim, long bits) {
    const std::size_t n = product.dimension();
    const bool transposed = proof.at("transposed").get<bool>();
    const nlohmann::json& lists = proof.at("weights");
    if (!lists.is_array() || lists.empty()) throw Refused("splitting: there are no weights");
    std::vector<std::vector<Enclosure>> weights;
    for (const nlohmann::json& list : lists) weights.push_back(parse_weights(list.get_ref<const std::string&>(), n, bits));
    std::vector<bool> expands(n, false);
    const nlohmann::json& expanding = proof.at("expanding");
    if (!expanding.is_array()) throw Refused("splitting: the expanding coordinates are no list");
    for (const nlohmann::json& index : expanding) {
        const std::size_t i = index.is_number_unsigned() ? index.get<std::size_t>() : n;
        if (i >= n || expands[i]) throw Refused("splitting: the expanding coordinates are no set of indices");
        expands[i] = true;
    }
    if (expanding.empty()) throw Refused("splitting: no coordinate expands");
    const Enclosure one(Rational(1), bits);
    Enclosure sum(bits);
    if (product.is_single_sample_gram() && !transposed) return "a large family is split transposed";
    const std::size_t count = product.is_single_sample_gram() ? n : product.matrices.size();
    for (std::size_t k = 0; k < count; ++k) {
        const Rows rows = product.is_single_sample_gram() ? row_of_single_sample(product.single_sample, k, bits) : rows_of(product.matrices[k], transposed, bits);
        std::vector<bool> among(n);  // S_k and C
        for (std::size_t l = 0; l < n; ++l) among[l] = !expands[l];
        for (const std::size_t i : rows.indices) among[i] = true;
        Enclosure best(bits);
        for (const std::vector<Enclosure>& w : weights) {
            Enclosure logs(bits);
            for (std::size_t r = 0; r < rows.indices.size(); ++r) {
                const std::size_t i = rows.indices[r];
                const std::vector<Enclosure>& b = rows.moduli[r];
                charge(1000.0 * static_cast<double>(n));
                Enclosure others(bits);
                Enclosure among_others(bits);
                for (std::size_t l = 0; l < n; ++l) {
                    if (l == i || mpfr_zero_p(b[l].upper())) continue;
                    const Enclosure term = b[l] * w[l];
                    others = others + term;
                    if (among[l]) among_others = among_others + term;
                }
                const Enclosure own = b[i] * w[i];
                if (expands[i] ? !certainly_at_least(own - others, w[i]) : !certainly_at_least(w[i], own + others))
                    return "row " + std::to_string(i) + " of matrix " + std::to_string(k) + " violates the splitting";
                if (!expands[i]) continue;
                const Enclosure g = b[i] - among_others / w[i];
                // g >= 1 by (1), of which enclosures may fall short.
                if (certainly_at_least(g, one)) logs = logs + log(g);
            }
            if (mpfr_greater_p(logs.lower(), best.lower())) best = logs;
        }
        sum = sum + Enclosure(product.is_single_sample_gram() ? Rational(1, static_cast<unsigned long>(n)) : product.probabilities[k], bits) * best;
    }
    const Rational size(static_cast<unsigned long>(expanding.size()));
    return at_most(claim * size, sum) ? "" : "the inequality is not proved";
}

namespace {

// T70 (b): no b_ii of an expanding coordinate changes its sign, and the same rows are unit rows.
bool keeps_signs(const Product& from, const Product& to, const nlohmann::json& proof) {
    const bool transposed = proof.at("transposed").get<bool>();
    const auto sign = [](const Matrix& a, std::size_t i) { return a(i, i).sign(); };
    for (const nlohmann::json& index : proof.at("expanding")) {
        const auto i = index.get<std::size_t>();
        if (from.is_single_sample_gram()) {
            const auto one_minus = [i](const Product& p) { return (Value(Rational(1)) - p.single_sample(i, i)).sign(); };
            if (one_minus(from) == 0 || one_minus(from) != one_minus(to)) return false;
        }
        for (std::size_t k = 0; k < from.matrices.size(); ++k)
            if (sign(from.matrices[k], i) == 0 || sign(from.matrices[k], i) != sign(to.matrices[k], i)) return false;
    }
    for (std::size_t k = 0; k < from.matrices.size(); ++k)
        if (rows_of(from.matrices[k], transposed, 64).indices != rows_of(to.matrices[k], transposed, 64).indices) return false;
    return true;
}

}  // namespace

std::string check_dominated_splitting(const LambdaClaim& claim) {
    const std::string reason = check_splitting(claim.product, claim.proof, claim.end.value, claim.bits());
    if (!reason.empty() || claim.far == nullptr) return reason;
    if (claim.proof.at("weights").size() != 1) return "along an interval one vector of weights is expected";
    if (!keeps_signs(claim.product, claim.far->product, claim.proof)) return "an expanding entry is not proved to keep its sign";
    return check_splitting(claim.far->product, claim.proof, claim.end.value, claim.bits());
}

}  // namespace lyapcert::checker
