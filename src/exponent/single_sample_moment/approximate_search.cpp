#include "exponent/single_sample_moment/approximate_search.hpp"

#include <tbb/parallel_for.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

using Dense = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr Eigen::Index block = 128;

template <class Body>
void by_blocks(Eigen::Index n, Body body) {
    tbb::parallel_for(Eigen::Index(0), (n + block - 1) / block, [&](Eigen::Index b) {
        const RoundNearest guard;
        body(b * block, std::min(block, n - b * block));
    });
}

}  // namespace

struct ApproximateMoment::State {
    Dense v;
    Vector s;
    Vector u;
    double c = 0.0;
    double slope = 0.0;    // -d log(Perron root)/dc
    double highest = 0.0;  // of (M u)_i / u_i
    double lowest = 0.0;
    bool found = false;

    Eigen::Index size() const { return s.size(); }

    // V^T diag(w) V
    Dense rotated(const Vector& w) const {
        Dense q(size(), size());
        by_blocks(size(), [&](Eigen::Index first, Eigen::Index count) {
            const Eigen::Index rows = size() - first;  // the lower triangle
            q.block(first, first, rows, count).noalias() = v.rightCols(rows).transpose() * (w.asDiagonal() * v.middleCols(first, count));
        });
        for (Eigen::Index b = 0; b < size(); ++b)
            for (Eigen::Index a = 0; a < b; ++a) q(a, b) = q(b, a);
        return q;
    }
    // M w, given Q = V^T diag(w) V.
    Vector product(double at, Dense q) const {
        for (Eigen::Index b = 0; b < size(); ++b) q.col(b).array() *= s.array() * s(b) / (at + s(b) + s.array());
        Vector p = Vector::Zero(size());
        Dense vq(size(), size());
        by_blocks(size(), [&](Eigen::Index first, Eigen::Index count) { vq.middleCols(first, count).noalias() = v * q.middleCols(first, count); });
        for (Eigen::Index b = 0; b < size(); ++b) p.array() += vq.col(b).array() * v.col(b).array();
        return p;
    }
    Vector product(double at, const Vector& w) const { return product(at, rotated(w)); }

    // sum_ab Q_ab^2 s_a s_b / (c + s_a + s_b)^power
    double form(double at, const Dense& q, int power) const {
        double sum = 0.0;
        for (Eigen::Index b = 0; b < size(); ++b) {
            const auto denominator = at + s(b) + s.array();
            const auto terms = q.col(b).array().square() * s.array() * s(b) / denominator;
            sum += power == 1 ? terms.sum() : (terms / denominator).sum();
        }
        return sum;
    }
    // The c at which w^T M w = |w|^2: the form decreases from infinity to 0.
    double root(const Vector& w, const Dense& q) const {
        const double target = w.squaredNorm();
        const double start = -2.0 * s.minCoeff();
        const double scale = std::max(s.maxCoeff(), 1e-300);
        double low = 0.0;  // above `start`
        double high = scale;
        while (form(start + high, q, 1) > target && high < 1e30 * scale) low = high, high *= 4.0;
        for (int k = 0; k < 60 && high - low > 1e-13 * high; ++k) {
            const double middle = low > 0.0 && high > 4.0 * low ? std::sqrt(low * high) : low > 0.0 ? 0.5 * (low + high) : 1e-3 * high;
            if (middle < 1e-30 * scale) break;
            (form(start + middle, q, 1) > target ? low : high) = middle;
        }
        return start + high;
    }

    // A Rayleigh-Ritz step for M(c) on a Krylov space.
    Vector improved(double at, const Vector& w, int steps) const {
        const Eigen::Index n = size();
        Dense basis(n, steps);
        Dense small = Dense::Zero(steps, steps);
        Vector next = w.normalized();
        int used = 0;
        for (int k = 0; k < steps; ++k) {
            basis.col(k) = next;
            used = k + 1;
            next = product(at, next);
            for (int pass = 0; pass < 2; ++pass) {
                const Vector h = basis.leftCols(used).transpose() * next;
                small.col(k).head(used) += h;
                next -= basis.leftCols(used) * h;
            }
            const double norm = next.norm();
            if (!(norm > 1e-13 * small(k, k))) break;
            next /= norm;
        }
        Dense top = Dense::Zero(used, used);  // tridiagonal, as M is symmetric
        for (int k = 0; k < used; ++k) top(k, k) = small(k, k);
        for (int k = 0; k + 1 < used; ++k) top(k + 1, k) = top(k, k + 1) = small(k, k + 1);
        const Eigen::SelfAdjointEigenSolver<Dense> solver(top);
        Vector result = basis.leftCols(used) * solver.eigenvectors().col(used - 1);
        if (result.sum() < 0.0) result = -result;
        // The Perron vector is positive; what noise made negative is small.
        return result.array().abs().max(1e-12 * result.cwiseAbs().maxCoeff()).matrix();
    }

    void search() {
        const Eigen::Index n = size();
        u = Vector::Ones(n);
        double spread = 0.0;
        for (int round = 0; round < 8; ++round) {
            Dense q = rotated(u);
            c = root(u, q);
            if (!std::isfinite(c)) return;
            if (round > 0) {
                const Vector p = product(c, q);
                const double before = spread;
                highest = (p.array() / u.array()).maxCoeff();
                lowest = (p.array() / u.array()).minCoeff();
                spread = highest - lowest;
                slope = form(c, q, 2) / form(c, q, 1);
                found = std::isfinite(spread) && slope > 0.0 && lowest > 0.0;
                if (!found || spread < 1e-10 || (round > 2 && spread > 0.5 * before)) return;
                u = p;
            }
            u = product(c, improved(c, u, n > 300 ? 6 : 10));
            u /= u.maxCoeff();
            if (!(u.minCoeff() > 0.0)) return;
        }
    }
};

ApproximateMoment::ApproximateMoment(const Matrix<double>& k) : state_(std::make_unique<State>()) {
    const RoundNearest guard;
    const auto n = static_cast<Eigen::Index>(k.rows());
    Dense m(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
        for (Eigen::Index j = 0; j < n; ++j) m(i, j) = k(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
    if (!m.allFinite()) return;
    const Eigen::SelfAdjointEigenSolver<Dense> solver(m);
    if (solver.info() != Eigen::Success) return;
    state_->v = solver.eigenvectors();
    state_->s = solver.eigenvalues().cwiseMax(0.0);
    state_->search();
}

ApproximateMoment::~ApproximateMoment() = default;

bool ApproximateMoment::found() const { return state_->found; }

double ApproximateMoment::shifted(double margin, bool upper) const {
    const State& s = *state_;
    if (upper) return s.c + (std::max(s.highest - 1.0, 0.0) + margin) / s.slope;
    const double start = -2.0 * s.s.minCoeff();
    return std::max(s.c - (std::max(1.0 - s.lowest, 0.0) + margin) / s.slope, start + 0.5 * (s.c - start));
}

Matrix<double> ApproximateMoment::solution(double c) const {
    const RoundNearest guard;
    const State& s = *state_;
    Dense q = s.rotated(s.u);
    for (Eigen::Index b = 0; b < s.size(); ++b) q.col(b).array() /= c + s.s(b) + s.s.array();
    Dense left(s.size(), s.size());
    by_blocks(s.size(), [&](Eigen::Index first, Eigen::Index count) { left.middleCols(first, count).noalias() = s.v * q.middleCols(first, count); });
    Dense x(s.size(), s.size());
    by_blocks(s.size(), [&](Eigen::Index first, Eigen::Index count) { x.middleCols(first, count).noalias() = left * s.v.middleRows(first, count).transpose(); });
    Matrix<double> result(static_cast<std::size_t>(s.size()), static_cast<std::size_t>(s.size()));
    for (std::size_t i = 0; i < result.rows(); ++i)
        for (std::size_t j = 0; j <= i; ++j) result(i, j) = result(j, i) = x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    return result;
}

}  // namespace lyapcert
