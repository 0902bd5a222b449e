#include "lyapcert/exponent/reduction.hpp"

#include <algorithm>

#include "lyapcert/linalg/strong_components.hpp"

namespace lyapcert {

namespace {

bool is_identity(const Matrix<Real>& a) {
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.columns(); ++j)
            if (i == j ? !a(i, j).known_one() : !a(i, j).known_zero()) return false;
    return true;
}

// Lemma 2.
ReducedProduct without_waiting(const RandomProduct& product, std::vector<std::size_t> indices) {
    Rational waiting(0);
    std::vector<Matrix<Real>> matrices;
    std::vector<Rational> probabilities;
    for (std::size_t k = 0; k < product.size(); ++k) {
        if (is_identity(product.matrices()[k])) {
            waiting += product.probabilities()[k];
        } else {
            matrices.push_back(product.matrices()[k]);
            probabilities.push_back(product.probabilities()[k]);
        }
    }
    if (matrices.empty() || waiting.is_zero()) return {Rational(1), product, std::move(indices)};
    const Rational weight = 1 - waiting;
    for (Rational& p : probabilities) p /= weight;
    return {weight, RandomProduct(std::move(matrices), std::move(probabilities)), std::move(indices)};
}

}  // namespace

std::vector<ReducedProduct> reduce(const RandomProduct& product) {
    const std::size_t n = product.dimension();
    std::vector<std::vector<std::size_t>> successors(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            if (std::any_of(product.matrices().begin(), product.matrices().end(), [&](const Matrix<Real>& a) { return !a(i, j).known_zero(); }))
                successors[i].push_back(j);
    std::vector<ReducedProduct> result;
    for (std::vector<std::size_t>& component : strong_components(successors)) {
        RandomProduct restricted = component.size() == n ? product : product.restricted_to(component);
        result.push_back(without_waiting(restricted, std::move(component)));
    }
    return result;
}

}  // namespace lyapcert
