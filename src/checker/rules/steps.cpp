// The words of several matrices (= T24).
#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_steps = 16;
constexpr std::size_t most_words = 4000;

}  // namespace

// Of the words of L matrices, whose exponent is L lambda.
std::string check_steps(const LambdaClaim& claim) {
    const Product& product = claim.product;
    const auto steps = claim.proof.at("steps").get<std::size_t>();
    if (steps < 1 || steps > most_steps) throw Refused("steps: their number is out of range");
    Product words = product;
    for (std::size_t l = 1; l < steps; ++l) {
        if (words.matrices.size() * product.matrices.size() > most_words) throw Refused("steps: there are too many words");
        Product longer;
        for (std::size_t w = 0; w < words.matrices.size(); ++w)
            for (std::size_t k = 0; k < product.matrices.size(); ++k) append(longer, product.matrices[k] * words.matrices[w], words.probabilities[w] * product.probabilities[k]);
        words = std::move(longer);
    }
    End scaled = claim.end;
    scaled.value *= static_cast<unsigned long>(steps);
    return check_lambda(claim.within(words, scaled, claim.proof.at("proof")));
}

}  // namespace lyapcert::checker
