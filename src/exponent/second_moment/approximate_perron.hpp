// Floating-point Perron eigenmatrices of a positive operator on symmetric matrices. Search only: no guarantee.
#pragma once

#include <functional>

#include "lyapcert/linalg/approximate_float.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/deadline.hpp"

namespace lyapcert {

// The eigenvector of the d x d matrix t for its largest real eigenvalue, by repeated squaring of t + shift, applied to
// `start`, at the precision of t. Good when that eigenvalue is simple.
std::vector<ApproximateFloat> approximate_dominant_vector(Matrix<ApproximateFloat> t, const std::vector<ApproximateFloat>& start);

// Restarted Arnoldi iteration from the identity, in doubles.
struct ApproximatePerron {
    double value = 0.0;
    Matrix<double> matrix;
};
ApproximatePerron approximate_perron(const std::function<Matrix<double>(const Matrix<double>&)>& apply, std::size_t n, Deadline deadline = no_deadline);

}  // namespace lyapcert
