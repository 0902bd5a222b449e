#include "exponent/second_moment/approximate_perron.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

long largest_exponent(const std::vector<ApproximateFloat>& entries) {
    long exponent = entries.front().exponent();
    for (const ApproximateFloat& x : entries) exponent = std::max(exponent, x.exponent());
    return exponent;
}

Eigen::VectorXd flatten(const Matrix<double>& m) {
    return Eigen::Map<const Eigen::VectorXd>(m.entries().data(), static_cast<Eigen::Index>(m.entries().size()));
}

Matrix<double> unflatten_symmetric(const Eigen::VectorXd& v, std::size_t n) {
    Matrix<double> m(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) m(i, j) = 0.5 * (v(static_cast<Eigen::Index>(i * n + j)) + v(static_cast<Eigen::Index>(j * n + i)));
    return m;
}

}  // namespace

std::vector<ApproximateFloat> approximate_dominant_vector(Matrix<ApproximateFloat> t, const std::vector<ApproximateFloat>& start) {
    const std::size_t d = t.rows();
    const long precision = t(0, 0).precision();
    // The shift makes the largest real eigenvalue the only one of largest modulus.
    const long size = largest_exponent(t.entries());
    for (std::size_t i = 0; i < d; ++i)
        t(i, i) += ApproximateFloat(std::ldexp(1.0, -2), precision) * scale_by_power_of_two(ApproximateFloat(1.0, precision), size);
    std::vector<ApproximateFloat> v = start;
    for (int k = 0; k < 64; ++k) {
        std::vector<ApproximateFloat> next(d, ApproximateFloat(0.0, precision));
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < d; ++j) next[i] += t(i, j) * v[j];
        const long e = largest_exponent(next);
        for (ApproximateFloat& x : next) x = scale_by_power_of_two(x, -e);
        std::vector<ApproximateFloat> change;
        std::size_t top = 0;
        for (std::size_t i = 0; i < d; ++i)
            if (next[i].exponent() > next[top].exponent()) top = i;
        const bool comparable = !v[top].is_zero() && !next[top].is_zero();
        for (std::size_t i = 0; comparable && i < d; ++i) change.push_back(next[i] / next[top] - v[i] / v[top]);
        v = std::move(next);
        if (comparable && largest_exponent(change) < 8 - precision) break;
        t = t * t;
        const long s = largest_exponent(t.entries());
        t = t.map([s](const ApproximateFloat& x) { return scale_by_power_of_two(x, -s); });
    }
    return v;
}

ApproximatePerron approximate_perron(const std::function<Matrix<double>(const Matrix<double>&)>& apply, std::size_t n, Deadline deadline) {
    const RoundNearest guard;
    const Eigen::Index size = static_cast<Eigen::Index>(n * n);
    const Eigen::Index krylov = std::min<Eigen::Index>(60, static_cast<Eigen::Index>(n * (n + 1) / 2));
    Eigen::VectorXd v = flatten(Matrix<double>::identity(n, 1.0, 0.0));
    v /= v.norm();
    const double work_per_restart = 240.0 * std::pow(static_cast<double>(n), 3);  // for single-sample SGD
    const int restarts = static_cast<int>(std::clamp(3e9 / work_per_restart, 5.0, 40.0));
    ApproximatePerron best;
    double best_residual = INFINITY;
    for (int restart = 0, idle = 0; restart < restarts && idle < 3 && (restart == 0 || !is_over(deadline)); ++restart) {
        Eigen::MatrixXd q(size, krylov + 1);
        Eigen::MatrixXd h = Eigen::MatrixXd::Zero(krylov + 1, krylov);
        q.col(0) = v;
        Eigen::Index m = 0;
        while (m < krylov && (m == 0 || !is_over(deadline))) {
            Eigen::VectorXd w = flatten(apply(unflatten_symmetric(q.col(m), n)));
            for (int pass = 0; pass < 2; ++pass) {  // twice is enough to stay orthogonal
                const Eigen::VectorXd c = q.leftCols(m + 1).transpose() * w;
                w -= q.leftCols(m + 1) * c;
                h.col(m).head(m + 1) += c;
            }
            h(m + 1, m) = w.norm();
            ++m;
            if (!(h(m, m - 1) > 1e-15 * h.topLeftCorner(m, m).norm())) break;
            q.col(m) = w / h(m, m - 1);
        }
        const Eigen::EigenSolver<Eigen::MatrixXd> solver(h.topLeftCorner(m, m));
        Eigen::Index top = 0;
        for (Eigen::Index i = 1; i < m; ++i)
            if (solver.eigenvalues()(i).real() > solver.eigenvalues()(top).real()) top = i;
        Eigen::VectorXd ritz = q.leftCols(m) * solver.eigenvectors().col(top).real();
        ritz /= ritz.norm();
        Matrix<double> p = unflatten_symmetric(ritz, n);
        double trace = 0.0;
        for (std::size_t i = 0; i < n; ++i) trace += p(i, i);
        if (trace < 0.0) p = p.map([](double x) { return -x; });
        v = flatten(p);
        const double value = solver.eigenvalues()(top).real();
        const double residual = (flatten(apply(p)) - value * v).norm();
        if (!std::isfinite(residual)) break;
        idle = residual < 0.5 * best_residual ? 0 : idle + 1;
        if (residual < best_residual) {
            best_residual = residual;
            best.value = value;
            best.matrix = std::move(p);
        }
        if (best_residual <= 1e-15 * std::abs(value)) break;
    }
    return best;
}

}  // namespace lyapcert
