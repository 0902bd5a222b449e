// A family that waits, with probability of the identity (= T4).
#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

// Without the identity, lambda / weight <= or >= claim / weight.
std::string check_waiting(const LambdaClaim& claim) {
    const Product& product = claim.product;
    Product moving;
    Rational weight = 0;
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix& a = product.matrices[k];
        bool identity = true;
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.rows; ++j) identity = identity && a(i, j).is(i == j ? 1 : 0);
        if (identity) continue;
        append(moving, a, product.probabilities[k]);
        weight += product.probabilities[k];
    }
    if (moving.matrices.empty()) return "every matrix is the identity";
    for (Rational& p : moving.probabilities) p /= weight;
    End scaled = claim.end;
    scaled.value /= weight;
    return check_lambda(claim.within(moving, scaled, claim.proof.at("proof")));
}

}  // namespace lyapcert::checker
