#include "problem/approximate_polish.hpp"

#include <Eigen/QR>
#include <cmath>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::approximate {

namespace {

constexpr int most_steps = 200;
constexpr int most_halvings = 12;
constexpr double interpolating = 1e-7;  // largest residual that the proof may still repair

struct State {
    Eigen::VectorXd residual;
    Eigen::MatrixXd jacobian;
    double loss = 0.0;
};

State at(const ResidualMap& residuals, const std::vector<double>& x) {
    const auto n = static_cast<Eigen::Index>(residuals.data_points);
    State s{Eigen::VectorXd(n), Eigen::MatrixXd(n, static_cast<Eigen::Index>(residuals.parameters)), 0.0};
    for (Eigen::Index i = 0; i < n; ++i) {
        const Differential<double> h = residuals.approximate(static_cast<std::size_t>(i), x);
        s.residual(i) = h.value;
        for (Eigen::Index p = 0; p < s.jacobian.cols(); ++p) s.jacobian(i, p) = h.gradient[static_cast<std::size_t>(p)];
    }
    s.loss = s.residual.squaredNorm() / (2.0 * static_cast<double>(n));
    return s;
}

}  // namespace

Polished gauss_newton(const ResidualMap& residuals, std::vector<double> x) {
    const RoundNearest guard;
    State state = at(residuals, x);
    Polished result{{}, state.loss, state.loss, false};
    for (int step = 0; step < most_steps && state.residual.allFinite() && state.jacobian.allFinite(); ++step) {
        const Eigen::VectorXd move = state.jacobian.completeOrthogonalDecomposition().solve(state.residual);
        double length = 1.0;
        bool better = false;
        for (int halving = 0; halving < most_halvings && !better; ++halving, length *= 0.5) {
            std::vector<double> trial = x;
            for (std::size_t p = 0; p < x.size(); ++p) trial[p] -= length * move(static_cast<Eigen::Index>(p));
            State next = at(residuals, trial);
            better = next.loss < state.loss;
            if (!better) continue;
            x = std::move(trial);
            state = std::move(next);
        }
        if (!better) break;
    }
    result.x = std::move(x);
    result.loss = state.loss;
    result.interpolates = state.residual.allFinite() && state.residual.cwiseAbs().maxCoeff() <= interpolating;
    return result;
}

}  // namespace lyapcert::approximate
