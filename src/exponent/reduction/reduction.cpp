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
    const Matrix<Real>* gram = product.scaled_gram();
    const auto may_lead = [&](std::size_t i, std::size_t j) {
        if (gram != nullptr) return !(*gram)(i, j).known_zero();
        return std::any_of(product.matrices().begin(), product.matrices().end(), [&](const Matrix<Real>& a) { return !a(i, j).known_zero(); });
    };
    std::vector<std::vector<std::size_t>> successors(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            if (may_lead(i, j)) successors[i].push_back(j);
    std::vector<ReducedProduct> result;
    for (std::vector<std::size_t>& component : strong_components(successors)) {
        const std::size_t m = component.size();
        const bool idle = gram != nullptr && m == 1 && (*gram)(component[0], component[0]).known_zero();
        if (gram != nullptr && m < n && !idle) {  // the steps of the other indices wait
            const Rational weight(static_cast<unsigned long>(m), static_cast<unsigned long>(n));
            RandomProduct block = RandomProduct::single_sample(gram->principal(component));
            result.push_back({weight, std::move(block), std::move(component)});
        } else if (gram != nullptr && m == n) {
            result.push_back({Rational(1), product, std::move(component)});
        } else {
            const RandomProduct restricted = m == n ? product : product.restricted_to(component);
            result.push_back(without_waiting(restricted, std::move(component)));
        }
    }
    return result;
}

}  // namespace lyapcert
