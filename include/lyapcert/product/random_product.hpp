// An i.i.d. product of random matrices: a finite family with exact probabilities.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"

namespace lyapcert {

// The law of a random n x n matrix A that takes the value matrices()[k] with probability probabilities()[k]; its Lyapunov
// exponent is lambda = lim (1/m) E log ||A_m ... A_1||. Where an entry is an interval, every bound holds for every
// choice of a number in it (one choice, kept for all time).
class RandomProduct {
  public:
    // Throws std::invalid_argument unless the matrices are square of one size n >= 1, the probabilities positive with
    // sum 1 and as many as the matrices. Matrices that are known to be equal are merged.
    RandomProduct(std::vector<Matrix<Real>> matrices, std::vector<Rational> probabilities);

    // The n steps A_i = I - K e_i e_i^T of single-sample SGD, i uniform (sampling.hpp): only column i differs from I. K is symmetric.
    // What can use K does; the n matrices of n^2 entries each are formed when somebody asks for them.
    static RandomProduct single_sample(Matrix<Real> scaled_gram);

    std::size_t dimension() const { return dimension_; }
    std::size_t size() const { return probabilities_.size(); }
    const std::vector<Matrix<Real>>& matrices() const;
    const std::vector<Rational>& probabilities() const { return probabilities_; }
    // K of a product made by single_sample, otherwise nullptr.
    const Matrix<Real>* scaled_gram() const;

    bool is_rational() const;
    std::vector<Matrix<Rational>> rational() const;  // requires is_rational()
    std::vector<Matrix<Interval>> intervals() const;
    std::vector<Matrix<MpInterval>> at(long precision) const;

    // The law of A_m ... A_1: all words of `steps` matrices, equal ones merged. Its exponent is steps times lambda.
    RandomProduct power(int steps) const;
    // The product of the principal submatrices on these indices.
    RandomProduct restricted_to(const std::vector<std::size_t>& indices) const;

  private:
    struct Family;
    RandomProduct() = default;

    std::size_t dimension_ = 0;
    std::shared_ptr<Family> family_;  // shared by copies, constant but for the matrices formed late
    std::vector<Rational> probabilities_;
};

}  // namespace lyapcert
