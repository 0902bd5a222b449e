// What is known of the Gram matrix of a minimum and of its rank: found once, passed on to whoever needs it.
//
// The normal space span{g_i} is isomorphic to range(G), G the Gram matrix; the steps of SGD and GD act on it. Its dimension is the rank of G. A singular G
// can only be recognised where G (or M = eta G) is rational and of moderate size, or where its gradients must be dependent: more of them than parameters,
// or equal ones. A regular one is proved regular by a Cholesky factorisation.
// Otherwise a product in all N residual coordinates also acts on R^N / range(G), as the identity there, and its exponent is
// max(exponent, 0): the exponent itself where that is positive, and an upper bound always.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"
#include "lyapcert/problem/problem.hpp"

namespace lyapcert {

// What is known of the gradients however their scalar products are written.
struct RankBound {
    std::optional<std::size_t> parameters = {};  // they lie in R^D
    std::vector<std::size_t> equal_to = {};      // for each the first one that it equals; empty: none is known

    std::vector<std::size_t> distinct(std::size_t n) const;  // the indices of those that equal none before them
    std::size_t most(std::size_t n) const;                   // no more of n gradients are independent
};
RankBound rank_bound(const Problem& problem);

class NormalSpace {
  public:
    // G and M = eta G, N x N, symmetric and positive semidefinite on the caller's word. Throws std::invalid_argument when they differ in size, are not
    // symmetric, or are rational and zero.
    NormalSpace(Matrix<Real> gram, Matrix<Real> scaled_gram, const RankBound& bound = {});
    // M alone, G = M.
    NormalSpace(const Matrix<Real>& scaled_gram) : NormalSpace(scaled_gram, scaled_gram) {}

    // The same minimum at another learning rate, eta > 0.
    NormalSpace at(const Real& learning_rate) const;

    const Matrix<Real>& gram() const { return gram_; }
    const Matrix<Real>& scaled_gram() const { return scaled_gram_; }
    std::size_t data_points() const { return gram_.rows(); }

    // The rank, N where it is not known.
    std::size_t rank() const { return basis_.size(); }
    bool may_be_singular() const { return may_be_singular_; }
    bool is_singular() const { return rank() < data_points(); }  // proved
    // J, |J| = rank, increasing, with G[J, J] regular: the residuals with these indices are coordinates of the normal space.
    const std::vector<std::size_t>& basis() const { return basis_; }
    // T, N x rank, where the Gram matrix is singular: r = T r_J on range(G).
    const Matrix<Real>& extension() const { return extension_; }

  private:
    bool has_basis_of(std::size_t size, const RankBound& bound);

    Matrix<Real> gram_;
    Matrix<Real> scaled_gram_;
    bool may_be_singular_ = false;
    std::vector<std::size_t> basis_;
    Matrix<Real> extension_;
};

}  // namespace lyapcert
