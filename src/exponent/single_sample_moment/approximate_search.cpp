#include "exponent/single_sample_moment/approximate_search.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "linalg/plain_product.hpp"
#include "lyapcert/linalg/approximate_eigen.hpp"
#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

using Vector = std::vector<double>;

double dot(const Vector& x, const Vector& y) {
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
}

}  // namespace

struct ApproximateMoment::State {
    std::size_t n = 0;
    Vector v;  // eigenvectors in columns, row-major
    Vector vt;
    Vector s;  // eigenvalues, ascending
    Vector u;
    double c = 0.0;
    double slope = 0.0;    // -d log(Perron root)/dc
    double highest = 0.0;  // of (M u)_i / u_i
    double lowest = 0.0;
    bool found = false;
    Deadline deadline = no_deadline;

    // V^T diag(w) V
    Vector rotated(const Vector& w) const {
        Vector scaled(n * n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t b = 0; b < n; ++b) scaled[i * n + b] = w[i] * v[i * n + b];
        return plain_product(vt, scaled, n);
    }
    // M w, given Q = V^T diag(w) V.
    Vector product(double at, Vector q) const {
        for (std::size_t a = 0; a < n; ++a)
            for (std::size_t b = 0; b < n; ++b) q[a * n + b] *= s[a] * s[b] / (at + s[a] + s[b]);
        const Vector vq = plain_product(v, q, n);
        Vector p(n, 0.0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t b = 0; b < n; ++b) p[i] += vq[i * n + b] * v[i * n + b];
        return p;
    }

    // sum_ab Q_ab^2 s_a s_b / (c + s_a + s_b)^power
    double form(double at, const Vector& q, int power) const {
        double sum = 0.0;
        for (std::size_t a = 0; a < n; ++a)
            for (std::size_t b = 0; b < n; ++b) {
                const double denominator = at + s[a] + s[b];
                const double term = q[a * n + b] * q[a * n + b] * s[a] * s[b] / denominator;
                sum += power == 1 ? term : term / denominator;
            }
        return sum;
    }
    // The c at which w^T M w = |w|^2: the form decreases from infinity to 0.
    double root(const Vector& w, const Vector& q) const {
        const double target = dot(w, w);
        const double start = -2.0 * s.front();
        const double scale = std::max(s.back(), 1e-300);
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
    Vector improved(double at, const Vector& w, std::size_t steps) const {
        std::vector<Vector> basis;
        Vector diagonal;
        Vector off;
        Vector next = w;
        double norm = std::sqrt(dot(w, w));
        while (basis.size() < steps && (basis.empty() || !is_over(deadline))) {
            for (double& x : next) x /= norm;
            basis.push_back(next);
            next = product(at, rotated(next));
            diagonal.push_back(dot(basis.back(), next));
            for (int pass = 0; pass < 2; ++pass)
                for (const Vector& b : basis) {
                    const double h = dot(b, next);
                    for (std::size_t i = 0; i < n; ++i) next[i] -= h * b[i];
                }
            norm = std::sqrt(dot(next, next));
            if (!(norm > 1e-13 * diagonal.front())) break;
            off.push_back(norm);
        }
        const auto used = static_cast<Eigen::Index>(basis.size());
        Eigen::MatrixXd top = Eigen::MatrixXd::Zero(used, used);
        for (Eigen::Index k = 0; k < used; ++k) top(k, k) = diagonal[static_cast<std::size_t>(k)];
        for (Eigen::Index k = 0; k + 1 < used; ++k) top(k + 1, k) = top(k, k + 1) = off[static_cast<std::size_t>(k)];
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(top);
        Vector result(n, 0.0);
        for (std::size_t k = 0; k < basis.size(); ++k)
            for (std::size_t i = 0; i < n; ++i) result[i] += solver.eigenvectors()(static_cast<Eigen::Index>(k), used - 1) * basis[k][i];
        // The Perron vector is positive; what noise made negative is small.
        double largest = 0.0;
        for (double& x : result) largest = std::max(largest, x = std::fabs(x));
        for (double& x : result) x = std::max(x, 1e-12 * largest);
        return result;
    }

    void search() {
        u.assign(n, 1.0);
        const double tolerance = n > 300 ? 1e-8 : 1e-11;
        constexpr std::size_t most_rounds = 24;
        double spread = 0.0;
        for (std::size_t round = 0;; ++round) {
            Vector q = rotated(u);
            c = root(u, q);
            if (!std::isfinite(c)) return;
            if (round > 0) {
                const Vector p = product(c, q);
                const double before = spread;
                highest = 0.0;
                lowest = std::numeric_limits<double>::infinity();
                for (std::size_t i = 0; i < n; ++i) {
                    highest = std::max(highest, p[i] / u[i]);
                    lowest = std::min(lowest, p[i] / u[i]);
                }
                spread = highest - lowest;
                slope = form(c, q, 2) / form(c, q, 1);
                found = std::isfinite(spread) && slope > 0.0 && lowest > 0.0;
                if (!found || spread < tolerance || (spread < 1e-6 && spread > 0.5 * before) || round + 1 == most_rounds || is_over(deadline)) return;
                u = p;
            }
            u = product(c, rotated(improved(c, u, round == 0 ? 4 : 12)));
            const double largest = *std::max_element(u.begin(), u.end());
            for (double& x : u) x /= largest;
            if (!(*std::min_element(u.begin(), u.end()) > 0.0)) return;
        }
    }
};

ApproximateMoment::ApproximateMoment(const Matrix<double>& k, Deadline deadline) : state_(std::make_unique<State>()) {
    const RoundNearest guard;
    state_->deadline = deadline;
    for (const double x : k.entries())
        if (!std::isfinite(x)) return;
    const ApproximateEigen eigen = approximate_symmetric_eigen(k);
    for (const double x : eigen.vectors.entries())
        if (!std::isfinite(x)) return;
    State& state = *state_;
    state.n = k.rows();
    state.v = eigen.vectors.entries();
    state.vt = eigen.vectors.transposed().entries();
    for (const double x : eigen.values) state.s.push_back(std::max(x, 0.0));
    state.search();
}

ApproximateMoment::~ApproximateMoment() = default;

bool ApproximateMoment::found() const { return state_->found; }

double ApproximateMoment::shifted(double margin, bool upper) const {
    const State& s = *state_;
    if (upper) return s.c + (std::max(s.highest - 1.0, 0.0) + margin) / s.slope;
    const double start = -2.0 * s.s.front();
    return std::max(s.c - (std::max(1.0 - s.lowest, 0.0) + margin) / s.slope, start + 0.5 * (s.c - start));
}

Matrix<double> ApproximateMoment::solution(double c) const {
    const RoundNearest guard;
    const State& s = *state_;
    Vector q = s.rotated(s.u);
    for (std::size_t a = 0; a < s.n; ++a)
        for (std::size_t b = 0; b < s.n; ++b) q[a * s.n + b] /= c + s.s[a] + s.s[b];
    const Vector x = plain_product(plain_product(s.v, q, s.n), s.vt, s.n);
    Matrix<double> result(s.n, s.n);
    for (std::size_t i = 0; i < s.n; ++i)
        for (std::size_t j = 0; j <= i; ++j) result(i, j) = result(j, i) = x[i * s.n + j];
    return result;
}

}  // namespace lyapcert
