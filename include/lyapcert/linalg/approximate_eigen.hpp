// Floating-point eigenvectors and factors: search only, no guarantee whatever. Everything that comes from here is
// checked by interval arithmetic before anything is claimed.
#pragma once

#include <optional>
#include <vector>

#include "lyapcert/linalg/approximate_float.hpp"
#include "lyapcert/linalg/matrix.hpp"

namespace lyapcert {

// Eigenvectors (columns, orthonormal up to rounding) of a symmetric matrix, eigenvalues ascending. Uses the lower triangle.
struct ApproximateEigen {
    std::vector<double> values;
    Matrix<double> vectors;
};
ApproximateEigen approximate_symmetric_eigen(const Matrix<double>& a);

// Upper triangular R with R^T R close to a; nothing when a is not positive definite to working precision.
std::optional<Matrix<double>> approximate_cholesky(const Matrix<double>& a);

// Improves v (columns: approximate eigenvectors of a) by cyclic Jacobi rotations of v^T a v at the precision of a.
Matrix<ApproximateFloat> approximate_jacobi(const Matrix<ApproximateFloat>& a, const Matrix<ApproximateFloat>& v);

}  // namespace lyapcert
