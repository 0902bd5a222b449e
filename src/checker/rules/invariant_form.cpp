// Families that preserve a quadratic form up to factors (= T72).
#include "checker/rules/rules.hpp"
#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

// "form": the lower triangle of P.
std::string check_invariant_form(const LambdaClaim& claim) {
    const Product& product = claim.product;
    const std::size_t n = product.dimension();
    const nlohmann::json& rows = claim.proof.at("form");
    if (!rows.is_array() || rows.size() != n) throw Refused("invariant form: it has the wrong size");
    Matrix p(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        if (!rows[i].is_array() || rows[i].size() != i + 1) throw Refused("invariant form: it is not given by its lower triangle");
        for (std::size_t j = 0; j <= i; ++j) p(i, j) = p(j, i) = parse_rational(rows[i][j].get_ref<const std::string&>());
    }
    if (inertia(p).positive != n) return "the form is not positive definite";
    std::vector<LogTerm> terms;
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix& a = product.matrices[k];
        const Matrix pa = p * a;
        Matrix image(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                for (std::size_t l = 0; l < n; ++l) image(i, j) = image(i, j) + a(l, i) * pa(l, j);
        const Value c = image(0, 0) / p(0, 0);
        if (c.exact() == nullptr || c.sign() <= 0) return "a factor is not an exact positive number";
        for (std::size_t e = 0; e < n * n; ++e)
            if (!(image.entries[e] - c * p.entries[e]).is(0)) return "the form is not preserved up to a factor, exactly";
        terms.push_back({product.probabilities[k] / 2, c});
    }
    return verdict(sum_of_logs(terms, claim.side, claim.end, claim.bits()));
}

}  // namespace lyapcert::checker
