// A family that waits, with probability of the identity (= T4).
#include "checker/rules/rules.hpp"

#include <optional>

namespace lyapcert::checker {

namespace {

// Without the identity, whose probability is 1 - weight; the probabilities are not yet those of a law.
Product moving_part(const Product& product, Rational& weight) {
    Product moving;
    weight = 0;
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix& a = product.matrices[k];
        bool identity = true;
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.rows; ++j) identity = identity && a(i, j).is(i == j ? 1 : 0);
        if (identity) continue;
        append(moving, a, product.probabilities[k]);
        weight += product.probabilities[k];
    }
    for (Rational& p : moving.probabilities) p /= weight;
    return moving;
}

}  // namespace

// Without the identity, lambda / weight <= or >= claim / weight.
std::string check_waiting(const LambdaClaim& claim) {
    Rational weight;
    const Product moving = moving_part(claim.product, weight);
    if (moving.matrices.empty()) return "every matrix is the identity";
    std::optional<Product> far_product;
    std::optional<Far> far;
    if (claim.far != nullptr) {
        Rational far_weight;
        far.emplace(Far{claim.far->context, far_product.emplace(moving_part(claim.far->product, far_weight))});
        if (far_weight != weight) return "the ends of the interval differ in shape";
    }
    End scaled = claim.end;
    scaled.value /= weight;
    return check_lambda(claim.within(moving, scaled, claim.proof.at("proof"), far ? &*far : nullptr));
}

}  // namespace lyapcert::checker
