#include "checker/rules/second_moment.hpp"

#include "checker/rules/rules.hpp"
#include "checker/rules/single_sample_moment.hpp"
#include "checker/rules/sum_of_logs.hpp"
#include "checker/rules/vanishing_word.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

constexpr std::size_t largest_exact_moment = 8;

Matrix symmetric(const json& rows, std::size_t n) {
    Matrix p(n, n);
    if (!rows.is_array() || rows.size() != n) throw Refused("a matrix of the proof has the wrong size");
    for (std::size_t i = 0; i < n; ++i) {
        if (!rows[i].is_array() || rows[i].size() != i + 1) throw Refused("a matrix of the proof is not given by its lower triangle");
        for (std::size_t j = 0; j <= i; ++j) p(i, j) = p(j, i) = parse_rational(rows[i][j].get_ref<const std::string&>());
    }
    return p;
}

// T6: rho(L) <= c (upper) or >= c (lower) from the matrix of the proof.
bool moment_bound(const Product& product, Side side, const Rational& c, const json& rows, long bits) {
    const std::size_t n = product.dimension();
    const Matrix p = symmetric(rows, n);
    const Inertia own = inertia(p);
    if (side == Side::upper ? own.positive != n : own.positive == 0) return false;
    Matrix difference(n, n);  // E[A^T P A] - c P
    for (std::size_t e = 0; e < n * n; ++e) difference.entries[e] = Value(-c) * p.entries[e];
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix a = n <= largest_exact_moment ? product.matrices[k] : rounded(product.matrices[k], bits);
        const Matrix pa = p * a;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                Value sum;
                for (std::size_t l = 0; l < n; ++l) sum = sum + a(l, i) * pa(l, j);
                difference(i, j) = difference(j, i) = difference(i, j) + Value(product.probabilities[k]) * sum;
            }
    }
    const Inertia sign = inertia(std::move(difference));
    return sign.known && (side == Side::upper ? sign.positive == 0 : sign.negative == 0);
}

// T32, for the whole family.
std::string by_solution(const Context& context, const Product& product, Side side, const End& claim, const json& index) {
    return check_solution(product.single_sample, side, claim, context.evidence("solutions", index), context.bits);
}

}  // namespace

std::string check_lambda2(const Context& context, Side side, const End& claim, const json& proof) {
    const Product& product = context.problem.product;
    if (product.is_single_sample_gram()) return by_solution(context, product, side, claim, proof.at("solution"));
    if (side == Side::upper && claim.minus_infinity) return verdict(vanishes(product, proof.at("word")) && product.matrices.size() == 1);
    if (claim.minus_infinity) return "";
    return verdict(moment_bound(product, side, exp_of(claim, side == Side::upper, context.bits), proof.at("matrix"), context.bits));
}

// T6 (d): lambda <= Lambda_2 / 2, with equality for a single matrix.
std::string check_second_moment(const LambdaClaim& claim) {
    const End doubled{false, 2 * claim.end.value};
    if (claim.product.is_single_sample_gram()) {
        if (claim.side == Side::lower) return "a finite upper bound is expected";
        return by_solution(claim.context, claim.product, claim.side, doubled, claim.proof.at("solution"));
    }
    if (claim.side == Side::lower && claim.product.matrices.size() != 1) return "there is more than one matrix";
    return verdict(moment_bound(claim.product, claim.side, exp_of(doubled, claim.side == Side::upper, claim.bits()), claim.proof.at("matrix"), claim.bits()));
}

}  // namespace lyapcert::checker
