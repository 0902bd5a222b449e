// The same family in another basis (= T73).
#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

// "basis": B, row by row; "proof": of the claim about the family B^{-1} A_k B.
std::string check_basis(const LambdaClaim& claim) {
    const Product& product = claim.product;
    const std::size_t n = product.dimension();
    const nlohmann::json& rows = claim.proof.at("basis");
    if (!rows.is_array() || rows.size() != n) throw Refused("basis: it has the wrong size");
    Matrix basis(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        if (!rows[i].is_array() || rows[i].size() != n) throw Refused("basis: it has the wrong size");
        for (std::size_t j = 0; j < n; ++j) basis(i, j) = parse_rational(rows[i][j].get_ref<const std::string&>());
    }
    Product moved;
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        Matrix b = product.matrices[k] * basis;
        if (solve(basis, b).sign() == 0) throw Refused("basis: it is singular");
        append(moved, std::move(b), product.probabilities[k]);
    }
    return check_lambda(claim.within(moved, claim.end, claim.proof.at("proof")));
}

}  // namespace lyapcert::checker
