// Reducible families whose blocks are hidden by a change of basis: common eigenvectors, simultaneously triangular or diagonal matrices, direct sums.
// = T73 of proofs/THEOREMS.md.
//
// Lemma. Exponents do not change with the basis: for B regular the family B^{-1} A_k B has the exponent of A_k. If the first columns of B span a subspace that every A_k maps
//     into itself, it is block triangular (reduction.hpp).
// Common invariant subspaces are looked for as the MeatAxe does: an eigenvector of a random combination of the matrices and their products, for a rational eigenvalue, and
// the smallest invariant subspace that holds it; of the transposes as well, whose annihilators are invariant. What is not found is not there only if Norton's criterion says so, which is not
// asked: nothing is claimed of irreducibility.
#pragma once

#include <memory>
#include <optional>

#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

struct InvariantSubspaceEvidence {
    Matrix<Rational> basis;                            // B
    std::shared_ptr<const RandomProduct> product;      // B^{-1} A_k B
    std::shared_ptr<const LyapunovExponent> exponent;  // its own
};

// B, regular, such that B^{-1} A_k B are block triangular with more than one block; nothing where no invariant subspace is found. For rational families of moderate size.
std::optional<Matrix<Rational>> invariant_basis(const RandomProduct& product);

// B^{-1} A_k B.
RandomProduct in_basis(const RandomProduct& product, const Matrix<Rational>& basis);

}  // namespace lyapcert
