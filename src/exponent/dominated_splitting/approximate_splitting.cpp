#include "exponent/dominated_splitting/approximate_splitting.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lyapcert::dominated_splitting {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double spare = 1e-9;  // room for the rounding errors of the proof
constexpr double negligible = 1e-60;
constexpr std::size_t most_work = 10000000;
constexpr double infinity = std::numeric_limits<double>::infinity();

bool positive(const VectorXd& x) { return x.allFinite() && (x.array() > 0.0).all(); }

}  // namespace

std::optional<SplittingEvidence> approximate_splitting(const Rows& rows) {
    // The worst row of each index: its distance from modulus 1 on the diagonal, and the couplings.
    const auto n = static_cast<Eigen::Index>(rows.dimension);
    VectorXd smallest = VectorXd::Constant(n, infinity);
    VectorXd largest = VectorXd::Zero(n);
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
    // H w >= 0, H with the gaps on the diagonal and minus the couplings off it. For each index of E the w with equality in the other rows.
    std::vector<Eigen::Index> moving = e;
    moving.insert(moving.end(), c.begin(), c.end());
    const auto size = static_cast<Eigen::Index>(moving.size());
    MatrixXd h = -coupling(moving, moving);
    for (Eigen::Index i = 0; i < size; ++i) {
        const Eigen::Index at = moving[static_cast<std::size_t>(i)];
        h(i, i) = (1.0 - spare) * (i < static_cast<Eigen::Index>(e.size()) ? smallest(at) - 1.0 : 1.0 - largest(at));
    }
    const Eigen::PartialPivLU<MatrixXd> lu(h);
    // H w > 0 for a w > 0 makes H an M-matrix, and its inverse non-negative.
    const VectorXd everything = lu.solve(VectorXd(h.diagonal()));
    if (!positive(everything)) return std::nullopt;
    SplittingEvidence evidence;
    for (const Eigen::Index i : e) evidence.expanding.push_back(static_cast<std::size_t>(i));
    std::sort(evidence.expanding.begin(), evidence.expanding.end());
    const auto add = [&](VectorXd w) {
        w /= w.maxCoeff();
        std::vector<double> weights(rows.dimension, negligible);
        for (Eigen::Index i = 0; i < size; ++i) weights[static_cast<std::size_t>(moving[static_cast<std::size_t>(i)])] = w(i);
        evidence.weights.push_back(std::move(weights));
    };
    if (rows.list.size() * rows.dimension * e.size() > most_work) {
        add(everything);
        return evidence;
    }
    for (Eigen::Index i = 0; i < static_cast<Eigen::Index>(e.size()); ++i) {
        const VectorXd column = lu.solve(VectorXd(VectorXd::Unit(size, i)));
        add(column.cwiseMax(0.0) + 1e-10 * column(i) / everything.maxCoeff() * everything);
    }
    return evidence;
}

}  // namespace lyapcert::dominated_splitting
