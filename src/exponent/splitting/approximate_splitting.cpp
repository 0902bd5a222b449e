#include "exponent/splitting/approximate_splitting.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lyapcert::splitting {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double spare = 1e-9;  // room for the rounding errors of the proof
constexpr double negligible = 1e-60;
constexpr double infinity = std::numeric_limits<double>::infinity();

bool positive(const VectorXd& x) { return x.allFinite() && (x.array() > 0.0).all(); }

}  // namespace

std::optional<SplittingEvidence> approximate_splitting(const Rows& rows) {
    // The worst row of each index: its distance from modulus 1 on the diagonal, and the couplings.
    const auto n = static_cast<Eigen::Index>(rows.dimension);
    VectorXd smallest = VectorXd::Constant(n, infinity);
    VectorXd largest = VectorXd::Zero(n);
    VectorXd rate = VectorXd::Zero(n);
    MatrixXd coupling = MatrixXd::Zero(n, n);
    for (const Row& row : rows.list) {
        const auto i = static_cast<Eigen::Index>(row.index);
        for (Eigen::Index l = 0; l < n; ++l) {
            const Interval x = abs(row.entries[static_cast<std::size_t>(l)]);
            if (l != i) {
                coupling(i, l) = std::max(coupling(i, l), x.upper());
                continue;
            }
            smallest(i) = std::min(smallest(i), x.lower());
            largest(i) = std::max(largest(i), x.upper());
        }
        rate(i) += rows.probabilities[row.matrix];
    }
    std::vector<Eigen::Index> e;
    std::vector<Eigen::Index> c;
    for (Eigen::Index i = 0; i < n; ++i) {
        if (smallest(i) == infinity) smallest(i) = largest(i) = 1.0;  // never moves
        if (smallest(i) > 1.0) e.push_back(i);
        else if (largest(i) == 1.0 && coupling.row(i).maxCoeff() == 0.0) continue;  // contracting in the wide sense, and with any weight
        else if (largest(i) <= 1.0) c.push_back(i);
        else return std::nullopt;
    }
    if (e.empty() || static_cast<Eigen::Index>(e.size()) == n) return std::nullopt;  // nothing expands, or the determinant is better
    const auto k = static_cast<Eigen::Index>(e.size());

    // H w >= 0: given the weights of E, the least ones of C solve a linear system; what remains is a system for E.
    MatrixXd contraction = -coupling(c, c);
    VectorXd gap_c(c.size());
    for (std::size_t j = 0; j < c.size(); ++j) {
        const auto row = static_cast<Eigen::Index>(j);
        gap_c(row) = 1.0 - largest(c[j]);
        contraction(row, row) = (1.0 - spare) * gap_c(row);
    }
    const Eigen::PartialPivLU<MatrixXd> lu(contraction);
    const MatrixXd response = lu.solve(MatrixXd(coupling(c, e)));
    const VectorXd floor = lu.solve(VectorXd(gap_c)) * 1e-12;
    if (!response.allFinite() || (response.array() < 0.0).any() || !positive(floor)) return std::nullopt;
    const MatrixXd back = coupling(e, c) * response;
    MatrixXd expansion = -coupling(e, e) - back;
    VectorXd gap_e(k);
    for (Eigen::Index i = 0; i < k; ++i) {
        gap_e(i) = smallest(e[static_cast<std::size_t>(i)]) - 1.0;
        expansion(i, i) += gap_e(i);
    }
    VectorXd rhs(k);
    for (Eigen::Index i = 0; i < k; ++i) rhs(i) = gap_e(i) / std::sqrt(1.0 + smallest(e[static_cast<std::size_t>(i)]));
    const VectorXd feasible = MatrixXd(expansion).partialPivLu().solve(rhs);
    if (!positive(feasible)) return std::nullopt;
    const auto is_feasible = [&](const VectorXd& w) { return positive(w) && ((expansion * w).array() >= spare * gap_e.array() * w.array()).all(); };

    // The loss is about sum_i rate_i back_ij w_j / (w_i |b_ii|): least where the matrix is balanced (Osborne 1960).
    MatrixXd loss = back;
    for (Eigen::Index i = 0; i < k; ++i) loss.row(i) *= rate(e[static_cast<std::size_t>(i)]) / smallest(e[static_cast<std::size_t>(i)]);
    VectorXd balanced = feasible;
    for (int sweep = 0; sweep < 30; ++sweep)
        for (Eigen::Index i = 0; i < k; ++i) {
            double out = 0.0;
            double in = 0.0;
            for (Eigen::Index j = 0; j < k; ++j) {
                if (j == i) continue;
                out += loss(i, j) * balanced(j) / balanced(i);
                in += loss(j, i) * balanced(i) / balanced(j);
            }
            if (out > 0.0 && in > 0.0) balanced(i) *= std::sqrt(out / in);
        }
    // Feasible weights form a convex set in their logarithms: walk towards the best ones as far as it reaches.
    VectorXd w = feasible;
    double reached = 0.0;
    double beyond = 1.0;
    for (int step = 0; step < 20; ++step) {
        const double t = step == 0 ? 1.0 : 0.5 * (reached + beyond);
        const VectorXd trial = (feasible.array().log() * (1.0 - t) + balanced.array().log() * t).exp();
        if (is_feasible(trial)) {
            w = trial;
            reached = t;
            if (t == 1.0) break;
        } else {
            beyond = t;
        }
    }
    const VectorXd w_c = response * w + floor * w.minCoeff();
    SplittingEvidence evidence;
    evidence.weights.assign(rows.dimension, negligible * w.minCoeff());
    for (std::size_t i = 0; i < e.size(); ++i) {
        evidence.expanding.push_back(static_cast<std::size_t>(e[i]));
        evidence.weights[static_cast<std::size_t>(e[i])] = w(static_cast<Eigen::Index>(i));
    }
    for (std::size_t j = 0; j < c.size(); ++j) evidence.weights[static_cast<std::size_t>(c[j])] = w_c(static_cast<Eigen::Index>(j));
    return evidence;
}

}  // namespace lyapcert::splitting
