#include "exponent/invariant_cone/approximate_cone.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

namespace lyapcert::invariant_cone {

namespace {

using Eigen::MatrixXd;
using Eigen::RowVectorXd;
using Eigen::VectorXd;

constexpr int most_turns = 24;
constexpr std::size_t most_cubes = 6;

// Signs s of the coordinates and e of the matrices with s_k s_l e_i (A_i)_kl >= 0: linear equations modulo 2.
std::optional<InvariantCone> orthant(const RandomProduct& product) {
    const std::size_t n = product.dimension();
    const std::size_t unknowns = n + product.size();
    std::vector<std::vector<bool>> rows;      // reduced, with the right-hand side last
    std::vector<std::size_t> leading;
    for (std::size_t i = 0; i < product.size(); ++i)
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t l = 0; l < n; ++l) {
                const Real& x = product.matrices()[i](k, l);
                if (x.known_zero()) continue;
                const Interval value = x.interval();
                if (value.lower() < 0.0 && value.upper() > 0.0) return std::nullopt;
                std::vector<bool> row(unknowns + 1, false);
                row[k] = !row[k];
                row[l] = !row[l];
                row[n + i] = true;
                row[unknowns] = value.lower() < 0.0;
                const auto subtract = [&](std::vector<bool>& from, const std::vector<bool>& what) {
                    for (std::size_t c = 0; c <= unknowns; ++c) from[c] = from[c] != what[c];
                };
                for (std::size_t r = 0; r < rows.size(); ++r)
                    if (row[leading[r]]) subtract(row, rows[r]);
                const auto first = static_cast<std::size_t>(std::find(row.begin(), row.end(), true) - row.begin());
                if (first > unknowns) continue;
                if (first == unknowns) return std::nullopt;
                for (std::vector<bool>& other : rows)
                    if (other[first]) subtract(other, row);
                rows.push_back(std::move(row));
                leading.push_back(first);
            }
    InvariantCone cone{std::vector<int>(n, 1), {}, std::vector<int>(product.size(), 1)};
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r][unknowns]) (leading[r] < n ? cone.signs[leading[r]] : cone.factor[leading[r] - n]) = -1;
    return cone;
}

// A cube around the attractor of directions, where the sign-aligned directions have one that lies in a half-space.
class CubeSearch {
  public:
    explicit CubeSearch(const RandomProduct& product) : n_(static_cast<Eigen::Index>(product.dimension())) {
        for (std::size_t i = 0; i < product.size(); ++i) {
            MatrixXd a(n_, n_);
            for (Eigen::Index k = 0; k < n_; ++k)
                for (Eigen::Index l = 0; l < n_; ++l) {
                    const Interval x = product.matrices()[i](static_cast<std::size_t>(k), static_cast<std::size_t>(l)).interval();
                    a(k, l) = 0.5 * (x.lower() + x.upper());
                }
            maps_.push_back(std::move(a));
            probabilities_.push_back(product.probabilities()[i].convert_to<double>());
        }
    }

    // The cubes whose images are smallest come first.
    std::vector<InvariantCone> find() {
        if (!align()) return {};
        whiten();
        std::vector<Found> found;
        std::mt19937_64 engine(5);
        std::normal_distribution<double> normal;
        for (int turn = 0; turn < most_turns && found.size() < most_cubes; ++turn) {
            MatrixXd random(n_ - 1, n_ - 1);
            for (double& x : random.reshaped()) x = normal(engine);
            const MatrixXd rotation = turn == 0 ? MatrixXd(MatrixXd::Identity(n_ - 1, n_ - 1)) : MatrixXd(random.householderQr().householderQ());
            for (const double inflation : {1.05, 2.0})
                if (auto cube = close(axes_ * rotation, inflation)) found.push_back(std::move(*cube));
        }
        std::stable_sort(found.begin(), found.end(), [](const Found& x, const Found& y) { return x.reach < y.reach; });
        std::vector<InvariantCone> cones;
        for (Found& f : found) cones.push_back(std::move(f.cone));
        return cones;
    }

  private:
    struct Found {
        InvariantCone cone;
        double reach;  // the largest coordinate of an image
    };

    // Mean direction of an orbit under these maps, signs aligned with each other.
    std::vector<VectorXd> orbit(bool transposed, std::size_t length) const {
        std::mt19937_64 engine(77);
        std::discrete_distribution<std::size_t> symbol(probabilities_.begin(), probabilities_.end());
        std::normal_distribution<double> normal;
        VectorXd x(n_);
        for (Eigen::Index k = 0; k < n_; ++k) x(k) = normal(engine);
        std::vector<VectorXd> points;
        for (std::size_t step = 0; step < length + 100; ++step) {
            const MatrixXd& a = maps_[symbol(engine)];
            x = transposed ? VectorXd(a.transpose() * x) : VectorXd(a * x);
            const double norm = x.norm();
            if (!(norm > 0.0) || !std::isfinite(norm)) return {};
            x /= norm;
            if (step >= 100) points.push_back(x);
        }
        VectorXd mean = points.front();
        for (int round = 0; round < 3; ++round) {
            VectorXd total = VectorXd::Zero(n_);
            for (VectorXd& p : points) {
                if (p.dot(mean) < 0.0) p = -p;
                total += p;
            }
            mean = total.normalized();
        }
        return points;
    }

    bool align() {
        points_ = orbit(false, 2000);
        const std::vector<VectorXd> dual = orbit(true, 500);
        if (points_.empty() || dual.empty()) return false;
        height_ = RowVectorXd::Zero(n_);
        for (const VectorXd& l : dual) height_ += l.transpose();
        double sign = 0.0;
        for (const VectorXd& x : points_) sign += height_ * x > 0.0 ? 1.0 : -1.0;
        if (sign < 0.0) height_ = -height_;
        for (VectorXd& x : points_) {
            const double h = height_ * x;
            if (h == 0.0) return false;
            x /= h;
            if (x.lpNorm<Eigen::Infinity>() > 1e6 * points_.front().lpNorm<Eigen::Infinity>()) return false;
        }
        for (MatrixXd& a : maps_) {
            const int s = height_ * (a * points_.front()) > 0.0 ? 1 : -1;
            factor_.push_back(s);
            a *= s;
            for (const VectorXd& x : points_)
                if (!(height_ * (a * x) > 0.0)) return false;
        }
        return true;
    }

    // Principal axes of the orbit in the section <height, x> = 1, each as long as its standard deviation.
    void whiten() {
        centre_ = VectorXd::Zero(n_);
        for (const VectorXd& x : points_) centre_ += x / static_cast<double>(points_.size());
        // An orthonormal basis of the plane <height, x> = 0.
        MatrixXd frame(n_, n_);
        frame.col(0) = height_.transpose();
        Eigen::Index peak = 0;
        height_.cwiseAbs().maxCoeff(&peak);
        for (Eigen::Index k = 0, to = 1; k < n_; ++k)
            if (k != peak) frame.col(to++) = VectorXd::Unit(n_, k);
        const MatrixXd plane = MatrixXd(frame.householderQr().householderQ()).rightCols(n_ - 1);
        MatrixXd covariance = MatrixXd::Zero(n_ - 1, n_ - 1);
        for (const VectorXd& x : points_) {
            const VectorXd y = plane.transpose() * (x - centre_);
            covariance += y * y.transpose() / static_cast<double>(points_.size());
        }
        const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance);
        const double least = 1e-4 * std::max(1e-3 * centre_.norm(), std::sqrt(std::max(0.0, solver.eigenvalues().maxCoeff())));
        axes_ = plane * solver.eigenvectors() * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().cwiseMax(least).asDiagonal();
    }

    // Grows a box with these axes until its images are inside.
    std::optional<Found> close(const MatrixXd& axes, double inflation) const {
        const Eigen::CompleteOrthogonalDecomposition<MatrixXd> coordinates(axes);
        VectorXd low = VectorXd::Zero(n_ - 1), high = VectorXd::Zero(n_ - 1);
        for (const VectorXd& x : points_) {
            const VectorXd y = coordinates.solve(x - centre_);
            low = low.cwiseMin(y);
            high = high.cwiseMax(y);
        }
        constexpr double least_radius = 1e-2;
        for (int round = 0; round < 40; ++round) {
            const VectorXd middle = 0.5 * (low + high);
            const VectorXd radius = (0.5 * inflation * (high - low)).cwiseMax(least_radius);
            MatrixXd basis(n_, n_);
            basis.col(0) = centre_ + axes * middle;
            for (Eigen::Index k = 1; k < n_; ++k) basis.col(k) = axes.col(k - 1) * radius(k - 1);
            const Eigen::PartialPivLU<MatrixXd> lu(basis);
            double reach = 0.0;
            VectorXd new_low = low, new_high = high;
            for (const MatrixXd& a : maps_) {
                const MatrixXd b = lu.solve(a * basis);
                if (!b.allFinite() || !(b(0, 0) > b.row(0).tail(n_ - 1).lpNorm<1>())) return std::nullopt;
                for (Eigen::Index k = 1; k < n_; ++k) {
                    const double most = extreme(b, k, 1.0);
                    const double least = -extreme(b, k, -1.0);
                    reach = std::max(reach, std::max(most, -least));
                    new_high(k - 1) = std::max(new_high(k - 1), middle(k - 1) + most * radius(k - 1));
                    new_low(k - 1) = std::min(new_low(k - 1), middle(k - 1) + least * radius(k - 1));
                }
            }
            if (reach < 1.0 - 1e-9) {
                InvariantCone cone{{}, Matrix<double>(static_cast<std::size_t>(n_), static_cast<std::size_t>(n_), 0.0), factor_};
                for (Eigen::Index k = 0; k < n_; ++k)
                    for (Eigen::Index l = 0; l < n_; ++l) cone.basis(static_cast<std::size_t>(k), static_cast<std::size_t>(l)) = basis(k, l);
                return Found{std::move(cone), reach};
            }
            low = new_low;
            high = new_high;
        }
        return std::nullopt;
    }

    // The largest value of sign (row k of b) t / (row 0 of b) t over the cube t_0 = 1, |t_l| <= 1, the denominator being positive: Dinkelbach's iteration.
    double extreme(const MatrixXd& b, Eigen::Index k, double sign) const {
        double value = sign * b(k, 0) / b(0, 0);
        for (int step = 0; step < 20; ++step) {
            VectorXd t = VectorXd::Ones(n_);
            for (Eigen::Index l = 1; l < n_; ++l) t(l) = sign * b(k, l) - value * b(0, l) > 0.0 ? 1.0 : -1.0;
            const double next = sign * b.row(k).dot(t) / b.row(0).dot(t);
            if (!(next > value)) break;
            value = next;
        }
        return value;
    }

    Eigen::Index n_;
    std::vector<MatrixXd> maps_;
    std::vector<double> probabilities_;
    std::vector<VectorXd> points_;
    RowVectorXd height_;
    VectorXd centre_;
    MatrixXd axes_;
    std::vector<int> factor_;
};

}  // namespace

std::vector<InvariantCone> approximate_cones(const RandomProduct& product) {
    if (const auto cone = orthant(product)) return {*cone};
    if (product.dimension() < 2) return {};
    return CubeSearch(product).find();
}

}  // namespace lyapcert::invariant_cone
