#include "lyapcert/linalg/approximate_eigen.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

Eigen::MatrixXd to_eigen(const Matrix<double>& a) {
    Eigen::MatrixXd result(static_cast<Eigen::Index>(a.rows()), static_cast<Eigen::Index>(a.columns()));
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.columns(); ++j) result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = a(i, j);
    return result;
}

Matrix<double> from_eigen(const Eigen::MatrixXd& a) {
    Matrix<double> result(static_cast<std::size_t>(a.rows()), static_cast<std::size_t>(a.cols()));
    for (std::size_t i = 0; i < result.rows(); ++i)
        for (std::size_t j = 0; j < result.columns(); ++j) result(i, j) = a(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    return result;
}

// Gram-Schmidt on the columns, twice.
Matrix<ApproximateFloat> orthonormalised(Matrix<ApproximateFloat> v) {
    const std::size_t n = v.rows();
    const ApproximateFloat zero(0.0, v(0, 0).precision());
    const auto dot = [&](std::size_t i, std::size_t j) {
        ApproximateFloat sum = zero;
        for (std::size_t k = 0; k < n; ++k) sum += v(k, i) * v(k, j);
        return sum;
    };
    for (std::size_t j = 0; j < n; ++j) {
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t i = 0; i < j; ++i) {
                const ApproximateFloat c = zero - dot(i, j);
                for (std::size_t k = 0; k < n; ++k) v(k, j) += c * v(k, i);
            }
        const ApproximateFloat norm = sqrt(dot(j, j));
        for (std::size_t k = 0; k < n; ++k) v(k, j) = v(k, j) / norm;
    }
    return v;
}

}  // namespace

ApproximateEigen approximate_symmetric_eigen(const Matrix<double>& a) {
    const RoundNearest guard;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(to_eigen(a));
    ApproximateEigen result;
    result.values.assign(solver.eigenvalues().data(), solver.eigenvalues().data() + solver.eigenvalues().size());
    result.vectors = from_eigen(solver.eigenvectors());
    return result;
}

std::optional<Matrix<double>> approximate_cholesky(const Matrix<double>& a) {
    const RoundNearest guard;
    const Eigen::LLT<Eigen::MatrixXd> solver(to_eigen(a));
    if (solver.info() != Eigen::Success) return std::nullopt;
    return from_eigen(solver.matrixU());
}

Matrix<ApproximateFloat> approximate_jacobi(const Matrix<ApproximateFloat>& a, const Matrix<ApproximateFloat>& v) {
    const std::size_t n = a.rows();
    const long precision = a(0, 0).precision();
    const ApproximateFloat one(1.0, precision);
    Matrix<ApproximateFloat> vectors = orthonormalised(v);
    Matrix<ApproximateFloat> m = vectors.transposed() * (a * vectors);
    for (int sweep = 0; sweep < 40; ++sweep) {
        bool rotated = false;
        for (std::size_t p = 0; p + 1 < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                // Below the rounding noise of the larger diagonal entry a rotation changes nothing.
                const long scale = std::max(m(p, p).exponent(), m(q, q).exponent());
                if (m(p, q).is_zero() || !m(p, q).is_finite() || m(p, q).exponent() < scale - precision + 2) continue;
                rotated = true;
                const ApproximateFloat tau = (m(q, q) - m(p, p)) / scale_by_power_of_two(m(p, q), 1);
                const ApproximateFloat root = sqrt(one + tau * tau);
                const ApproximateFloat t = one / (tau.sign() >= 0 ? tau + root : tau - root);
                const ApproximateFloat c = one / sqrt(one + t * t);
                const ApproximateFloat s = t * c;
                for (std::size_t k = 0; k < n; ++k) {
                    const ApproximateFloat x = m(k, p);
                    const ApproximateFloat y = m(k, q);
                    m(k, p) = c * x - s * y;
                    m(k, q) = s * x + c * y;
                }
                for (std::size_t k = 0; k < n; ++k) {
                    const ApproximateFloat x = m(p, k);
                    const ApproximateFloat y = m(q, k);
                    m(p, k) = c * x - s * y;
                    m(q, k) = s * x + c * y;
                    const ApproximateFloat vx = vectors(k, p);
                    const ApproximateFloat vy = vectors(k, q);
                    vectors(k, p) = c * vx - s * vy;
                    vectors(k, q) = s * vx + c * vy;
                }
            }
        if (!rotated) break;
    }
    return vectors;
}

}  // namespace lyapcert
