#include "exponent/outlier/approximate_outlier.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert::outlier {

namespace {

// What of the gradient o lies in the span of the others, and a little more. NaN or negative when that makes no sense.
double approximate_part_in_span(const Matrix<Interval>& k, std::size_t o) {
    const RoundNearest guard;
    const auto n = static_cast<Eigen::Index>(k.rows());
    Eigen::MatrixXd others(n - 1, n - 1);
    Eigen::VectorXd coupling(n - 1);
    const auto index = [&](Eigen::Index i) { return static_cast<std::size_t>(i) + (static_cast<std::size_t>(i) >= o ? 1U : 0U); };
    double width = 0.0;
    for (Eigen::Index i = 0; i + 1 < n; ++i) {
        coupling(i) = boost::numeric::median(k(index(i), o));
        for (Eigen::Index j = 0; j + 1 < n; ++j) others(i, j) = boost::numeric::median(k(index(i), index(j)));
    }
    const Eigen::VectorXd y = others.llt().solve(coupling);
    for (Eigen::Index i = 0; i + 1 < n; ++i) {
        width += 2.0 * std::fabs(y(i)) * boost::numeric::width(k(index(i), o));
        for (Eigen::Index j = 0; j + 1 < n; ++j) width += std::fabs(y(i) * y(j)) * boost::numeric::width(k(index(i), index(j)));
    }
    return coupling.dot(y) * (1.0 + 1e-8) + 2.0 * width + 1e-9;
}

}  // namespace

std::optional<OutlierEvidence> approximate_outlier(const Matrix<Real>& scaled_gram) {
    const std::size_t n = scaled_gram.rows();
    std::optional<std::size_t> o;
    for (std::size_t i = 0; i < n; ++i) {
        if (!(scaled_gram(i, i).interval().upper() > 2.0)) continue;
        if (o) return std::nullopt;
        o = i;
    }
    if (!o || n < 2) return std::nullopt;
    return OutlierEvidence{*o, approximate_part_in_span(to_intervals(scaled_gram), *o)};
}

}  // namespace lyapcert::outlier
