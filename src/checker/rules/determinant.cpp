// The determinant bound (= T5).
#include <algorithm>
#include <optional>

#include "checker/rules/definite.hpp"
#include "checker/rules/rules.hpp"
#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

namespace {

constexpr std::size_t largest_exact_determinant = 40;

// A matrix I - k e_c^T, whose determinant is 1 - k_c: k_c. Nothing for others.
std::optional<Value> single_column(const Matrix& a) {
    std::size_t column = a.rows;
    for (std::size_t i = 0; i < a.rows; ++i)
        for (std::size_t j = 0; j < a.rows; ++j) {
            if (j == column || a(i, j).is(i == j ? 1 : 0)) continue;
            if (column != a.rows) return std::nullopt;
            column = j;
        }
    if (column == a.rows) return std::nullopt;
    return Value(Rational(1)) - a(column, column);
}

// The k_c of all matrices of a family of single samples; nothing for others.
std::optional<std::vector<Value>> diagonal(const Product& product) {
    std::vector<Value> result;
    for (std::size_t i = 0; i < product.single_sample.rows; ++i) result.push_back(product.single_sample(i, i));
    for (const Matrix& a : product.matrices) {
        std::optional<Value> k = single_column(a);
        if (!k) return std::nullopt;
        result.push_back(std::move(*k));
    }
    return result;
}

int sign_of_one_minus(const Value& k) { return (Value(Rational(1)) - k).sign(); }

bool proved_at(const LambdaClaim& claim, const Product& product) {
    const Rational n(static_cast<unsigned long>(product.dimension()));
    std::vector<LogTerm> terms;
    const Matrix& gram = product.single_sample;  // det (I - K e_i e_i^T) = 1 - K_ii
    for (std::size_t i = 0; i < gram.rows; ++i) terms.push_back({1 / (n * n), Value(Rational(1)) - gram(i, i)});
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix& a = product.matrices[k];
        Matrix nothing(a.rows, 0);
        terms.push_back({product.probabilities[k] / n, solve(a.rows <= largest_exact_determinant ? a : rounded(a, claim.bits()), nothing)});
    }
    return sum_of_logs(terms, claim.side, claim.end, claim.bits());
}

}  // namespace

std::string check_determinant(const LambdaClaim& claim) {
    if (claim.and_beyond) {  // T71 (c)
        const std::optional<std::vector<Value>> k = diagonal(claim.product);
        const Problem& problem = claim.context.problem;
        const bool increases = k ? std::all_of(k->begin(), k->end(), [](const Value& x) { return sign_of_one_minus(x) < 0; })
                                 : exceeds(problem.scaled_gram, Rational(static_cast<unsigned long>(problem.batch_size)), claim.bits());
        if (!increases) return "the determinants are not proved to increase";
    }
    if (claim.far != nullptr) {  // T70 (a)
        const std::optional<std::vector<Value>> from = diagonal(claim.product);
        const std::optional<std::vector<Value>> to = diagonal(claim.far->product);
        if (!from || !to) return "the rule along an interval is for single samples";
        for (std::size_t i = 0; i < from->size(); ++i) {
            const int sign = sign_of_one_minus((*from)[i]);
            if (sign == 0 || sign != sign_of_one_minus((*to)[i])) return "a determinant is not proved to keep its sign";
        }
        if (!proved_at(claim, claim.far->product)) return not_proved;
    }
    return verdict(proved_at(claim, claim.product));
}

}  // namespace lyapcert::checker
