#include "exponent/invariant_cone/approximate_function.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <random>

namespace lyapcert::invariant_cone {

namespace {

using Eigen::MatrixXd;
using Eigen::RowVectorXd;
using Eigen::VectorXd;

constexpr double most_weight = 4.0;  // sum |c_a|: the remainder of the Taylor model grows with it

class Search {
  public:
    explicit Search(const ConeMaps& family) : cube_(family.cube), n_(static_cast<Eigen::Index>(family.dimension)) {
        for (std::size_t i = 0; i < family.maps.size(); ++i) {
            MatrixXd b(n_, n_);
            for (Eigen::Index k = 0; k < n_; ++k)
                for (Eigen::Index j = 0; j < n_; ++j) {
                    const Interval& x = family.maps[i](static_cast<std::size_t>(k), static_cast<std::size_t>(j));
                    b(k, j) = 0.5 * (x.lower() + x.upper());
                }
            mean_ = i == 0 ? MatrixXd(family.probabilities[i].convert_to<double>() * b) : MatrixXd(mean_ + family.probabilities[i].convert_to<double>() * b);
            maps_.push_back(std::move(b));
            probabilities_.push_back(family.probabilities[i].convert_to<double>());
        }
        inner_ = cube_ ? VectorXd(VectorXd::Unit(n_, 0)) : VectorXd(VectorXd::Ones(n_));
        for (int step = 0; step < 30; ++step) inner_ = scaled(mean_ * inner_ + 1e-9 * inner_);
        first_ = (cube_ ? VectorXd(VectorXd::Unit(n_, 0)) : VectorXd(VectorXd::Ones(n_))).transpose();
        first_ /= first_ * inner_;
        for (int step = 0; step < 30; ++step) first_ = normalised(first_ * mean_ + 1e-9 * first_);
        first_ = inside(first_);
    }

    ApproximateFunction find(std::size_t count) {
        grow(count);
        draw_points(4 * words_.size() + 100);
        const auto rows = static_cast<Eigen::Index>(points_.size());
        const auto columns = static_cast<Eigen::Index>(words_.size());
        // D of each functional alone at the points, less its mean.
        MatrixXd d(rows, columns);
        for (Eigen::Index s = 0; s < rows; ++s) {
            const VectorXd& x = points_[static_cast<std::size_t>(s)];
            d.row(s).setZero();
            MatrixXd images(n_, static_cast<Eigen::Index>(maps_.size()));
            for (std::size_t i = 0; i < maps_.size(); ++i) images.col(static_cast<Eigen::Index>(i)) = maps_[i] * x;
            for (Eigen::Index a = 0; a < columns; ++a) {
                const RowVectorXd& l = words_[static_cast<std::size_t>(a)].l;
                double value = -std::log(l * x);
                for (std::size_t i = 0; i < maps_.size(); ++i) value += probabilities_[i] * std::log(l * images.col(static_cast<Eigen::Index>(i)));
                d(s, a) = std::isfinite(value) ? value : 0.0;
            }
        }
        d.rowwise() -= RowVectorXd(d.colwise().mean());
        // Near the weights p_w, which solve Poisson's equation ever better as words grow: c = p + q - mean q.
        VectorXd p(columns);
        for (Eigen::Index a = 0; a < columns; ++a) p(a) = words_[static_cast<std::size_t>(a)].probability;
        const VectorXd rest = d * p;
        VectorXd weights = p;
        if (columns > 1 && rows >= columns) {
            const MatrixXd centred = d.colwise() - VectorXd(d.rowwise().mean());
            const Eigen::HouseholderQR<MatrixXd> factors(centred);
            const MatrixXd triangle = factors.matrixQR().topRows(columns).triangularView<Eigen::Upper>();
            MatrixXd system(2 * columns, columns);
            system.topRows(columns) = triangle;
            VectorXd target = VectorXd::Zero(2 * columns);
            target.head(columns) = -(factors.householderQ().transpose() * rest).head(columns);
            const double size = std::max(1e-300, triangle.colwise().norm().maxCoeff());
            for (double penalty = 1e-12; penalty < 1.0; penalty *= 10.0) {
                system.bottomRows(columns) = penalty * size * MatrixXd::Identity(columns, columns);
                VectorXd q = system.householderQr().solve(target);
                q.array() -= q.mean();
                if (q.allFinite() && (p + q).lpNorm<1>() <= most_weight) {
                    weights = p + q;
                    break;
                }
            }
        }
        ApproximateFunction f{Matrix<double>(words_.size(), static_cast<std::size_t>(n_), 0.0), {}};
        for (std::size_t a = 0; a < words_.size(); ++a) {
            for (Eigen::Index k = 0; k < n_; ++k) f.functionals(a, static_cast<std::size_t>(k)) = words_[a].l(k);
            f.weights.push_back(weights(static_cast<Eigen::Index>(a)));
        }
        return f;
    }

  private:
    struct Word {
        MatrixXd product;  // B_{w_k} ... B_{w_1}, the first factor being w_1
        RowVectorXd l;     // first_ * product
        double probability = 1.0;
        double priority = 0.0;
    };

    VectorXd scaled(const VectorXd& x) const { return x / x.lpNorm<Eigen::Infinity>(); }
    RowVectorXd normalised(const RowVectorXd& l) const { return l / (l * inner_); }
    // Away from the boundary of the dual cone.
    RowVectorXd inside(RowVectorXd l) const {
        l = normalised(l);
        if (cube_) {
            const double others = l.tail(n_ - 1).lpNorm<1>();
            if (others > 0.95 * l(0)) l(0) = others / 0.95;
        } else {
            l += 1e-3 * l.maxCoeff() * RowVectorXd::Ones(n_) * (l.minCoeff() < 1e-3 * l.maxCoeff() ? 1.0 : 0.0);
        }
        return normalised(l);
    }

    // Splits the word whose later factors matter most.
    void grow(std::size_t count) {
        words_.assign(1, Word{MatrixXd::Identity(n_, n_), first_, 1.0, 1.0});
        while (words_.size() + maps_.size() - 1 <= count) {
            const auto widest = std::max_element(words_.begin(), words_.end(), [](const Word& a, const Word& b) { return a.priority < b.priority; });
            const Word parent = *widest;
            words_.erase(widest);
            for (std::size_t i = 0; i < maps_.size(); ++i) {
                Word child{maps_[i] * parent.product, {}, parent.probability * probabilities_[i], 0.0};
                child.product /= child.product.lpNorm<Eigen::Infinity>();
                child.l = inside(first_ * child.product);
                child.priority = child.probability * ((child.l - parent.l).array().abs() * inner_.transpose().array().abs()).sum();
                words_.push_back(std::move(child));
            }
        }
    }

    // Points of the cones of random words.
    void draw_points(std::size_t count) {
        std::mt19937_64 engine(20260517);
        std::discrete_distribution<std::size_t> symbol(probabilities_.begin(), probabilities_.end());
        std::uniform_real_distribution<double> uniform(0.0, 1.0);
        points_.clear();
        for (std::size_t s = 0; points_.size() < count && s < 4 * count; ++s) {
            VectorXd x(n_);
            for (Eigen::Index k = 0; k < n_; ++k) x(k) = cube_ ? 2.0 * uniform(engine) - 1.0 : std::pow(uniform(engine), 3.0);
            if (cube_) x(0) = 1.0;
            for (std::size_t length = 2 + s % 6; length > 0; --length) x = scaled(maps_[symbol(engine)] * x);
            const double height = first_ * x;
            if (height > 0.0 && std::isfinite(height)) points_.push_back(x / height);
        }
    }

    bool cube_;
    Eigen::Index n_;
    std::vector<MatrixXd> maps_;
    std::vector<double> probabilities_;
    MatrixXd mean_;
    VectorXd inner_;
    RowVectorXd first_;
    std::vector<Word> words_;
    std::vector<VectorXd> points_;
};

}  // namespace

ApproximateFunction approximate_function(const ConeMaps& family, std::size_t count) { return Search(family).find(count); }

}  // namespace lyapcert::invariant_cone
