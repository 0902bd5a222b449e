#include "checker/rules/vanishing_word.hpp"

#include <algorithm>

#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

bool vanishes(const Product& product, const nlohmann::json& indices) {
    Matrix word;
    for (const nlohmann::json& index : indices) {
        const auto k = index.get<std::size_t>();
        if (k >= product.matrices.size()) return false;
        word = word.rows == 0 ? product.matrices[k] : product.matrices[k] * word;
    }
    return word.rows > 0 && std::all_of(word.entries.begin(), word.entries.end(), [](const Value& x) { return x.is(0); });
}

std::string check_vanishing_word(const LambdaClaim& claim) { return verdict(vanishes(claim.product, claim.proof.at("word"))); }

}  // namespace lyapcert::checker
