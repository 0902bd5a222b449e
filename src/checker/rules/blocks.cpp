// Reduction to blocks (= T3).
#include <algorithm>
#include <optional>

#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

using nlohmann::json;

namespace {

// The principal submatrices on these indices.
Product restriction(const Product& product, const std::vector<std::size_t>& block) {
    Product restricted;
    const std::size_t m = block.size();
    if (product.is_single_sample_gram()) {
        const std::size_t n = product.dimension();
        for (std::size_t s = 0; s <= m; ++s) {  // all others leave the block alone
            Matrix a(m, m);
            for (std::size_t i = 0; i < m; ++i) {
                a(i, i) = Rational(1);
                if (s < m) a(i, s) = a(i, s) - product.single_sample(block[i], block[s]);
            }
            const Rational p(static_cast<unsigned long>(s < m ? 1 : n - m), static_cast<unsigned long>(n));
            if (sgn(p) > 0) append(restricted, std::move(a), p);
        }
    }
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        Matrix a(m, m);
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < m; ++j) a(i, j) = product.matrices[k](block[i], block[j]);
        append(restricted, std::move(a), product.probabilities[k]);
    }
    return restricted;
}

}  // namespace

// "blocks": a partition of the indices in an order that makes every matrix block triangular.
std::string check_blocks(const LambdaClaim& claim) {
    const Product& product = claim.product;
    const json& proof = claim.proof;
    const std::size_t n = product.dimension();
    const auto blocks = proof.at("blocks").get<std::vector<std::vector<std::size_t>>>();
    std::vector<std::size_t> block_of(n, blocks.size());
    std::size_t count = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b)
        for (const std::size_t i : blocks[b]) {
            if (i >= n || block_of[i] != blocks.size()) throw Refused("blocks: not a partition of the indices");
            block_of[i] = b;
            ++count;
        }
    if (count != n || std::any_of(blocks.begin(), blocks.end(), [](const auto& b) { return b.empty(); })) throw Refused("blocks: not a partition of the indices");
    for (const Product* end : {&product, claim.far != nullptr ? &claim.far->product : nullptr}) {
        if (end == nullptr) continue;
        const std::vector<Matrix> whole(end->is_single_sample_gram() ? 1 : 0, end->single_sample);  // entry (i, j) of A_j is -K_ij
        for (const Matrix& a : end->is_single_sample_gram() ? whole : end->matrices)
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    if (block_of[i] < block_of[j] && !a(i, j).is(0)) return "the matrices are not block triangular in this order";
    }
    std::vector<bool> proved(blocks.size(), false);
    for (const json& part : proof.at("parts")) {
        const auto b = part.at("block").get<std::size_t>();
        if (b >= blocks.size()) throw Refused("blocks: no such block");
        if (product.is_single_sample_gram() && blocks[b].size() > largest_written_family) return "a block is too large";
        const Product restricted = restriction(product, blocks[b]);
        std::optional<Product> far_product;
        std::optional<Far> far;
        if (claim.far != nullptr) far.emplace(Far{claim.far->context, far_product.emplace(restriction(claim.far->product, blocks[b]))});
        const std::string reason = check_lambda(claim.within(restricted, claim.end, part.at("proof"), far ? &*far : nullptr));
        if (!reason.empty()) return "block " + std::to_string(b) + ": " + reason;
        proved[b] = true;
    }
    return verdict(claim.side == Side::upper ? std::find(proved.begin(), proved.end(), false) == proved.end() : std::find(proved.begin(), proved.end(), true) != proved.end());
}

}  // namespace lyapcert::checker
