#include "lyapcert/product/normal_space.hpp"

#include <numeric>
#include <stdexcept>
#include <utility>

#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

NormalSpace::NormalSpace(Matrix<Real> gram, Matrix<Real> scaled_gram) : gram_(std::move(gram)), scaled_gram_(std::move(scaled_gram)) {
    require_symmetric(scaled_gram_);
    if (gram_.rows() != scaled_gram_.rows() || gram_.columns() != scaled_gram_.columns()) throw std::invalid_argument("the two Gram matrices differ in size");
    const std::size_t n = gram_.rows();
    basis_.resize(n);
    std::iota(basis_.begin(), basis_.end(), std::size_t(0));
    // M = eta G is positive definite if and only if G is; whichever is rational tells the rank.
    const Matrix<Real>& shape = is_rational(gram_) ? gram_ : scaled_gram_;
    if (is_positive_definite(shape) == Ternary::yes) return;
    if (!is_rational(shape) || n > largest_exact_elimination) {
        may_be_singular_ = &shape == &gram_ || is_positive_definite(gram_) != Ternary::yes;
        return;
    }
    const Matrix<Rational> exact = to_rational(shape);
    basis_ = independent_indices(exact);
    if (basis_.empty()) throw std::invalid_argument("the Gram matrix is zero: there is nothing to linearise");
    if (basis_.size() == n) return;
    Matrix<Rational> rows(basis_.size(), n);
    for (std::size_t i = 0; i < basis_.size(); ++i)
        for (std::size_t j = 0; j < n; ++j) rows(i, j) = exact(basis_[i], j);
    extension_ = to_reals(solve(exact.principal(basis_), rows).value().transposed());
}

NormalSpace NormalSpace::at(const Real& learning_rate) const {
    NormalSpace result = *this;
    result.scaled_gram_ = gram_.map([&](const Real& x) { return learning_rate * x; });
    return result;
}

}  // namespace lyapcert
