// The determinant bound (= T5).
#include "checker/rules/rules.hpp"
#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

namespace {

constexpr std::size_t largest_exact_determinant = 40;

}  // namespace

std::string check_determinant(const LambdaClaim& claim) {
    const Product& product = claim.product;
    const Rational n(static_cast<unsigned long>(product.dimension()));
    std::vector<LogTerm> terms;
    const Matrix& gram = product.single_sample;  // det (I - K e_i e_i^T) = 1 - K_ii
    for (std::size_t i = 0; i < gram.rows; ++i) terms.push_back({1 / (n * n), Value(Rational(1)) - gram(i, i)});
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix& a = product.matrices[k];
        Matrix nothing(a.rows, 0);
        terms.push_back({product.probabilities[k] / n, solve(a.rows <= largest_exact_determinant ? a : rounded(a, claim.bits()), nothing)});
    }
    return verdict(sum_of_logs(terms, claim.side, claim.end, claim.bits()));
}

}  // namespace lyapcert::checker
