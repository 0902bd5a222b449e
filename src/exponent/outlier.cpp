#include "lyapcert/exponent/outlier.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "lyapcert/linalg/convert.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

namespace {

const std::string method = "outlier";

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

OutlierResult outlier_bound(const Matrix<Real>& scaled_gram) {
    const std::size_t n = scaled_gram.rows();
    OutlierResult result{Bound::nothing(method), std::nullopt};
    std::size_t o = n;
    for (std::size_t i = 0; i < n; ++i) {
        if (!(scaled_gram(i, i).interval().upper() > 2.0)) continue;
        if (o != n) return result;
        o = i;
    }
    if (o == n || n < 2) return result;
    const OutlierEvidence evidence{o, approximate_part_in_span(to_intervals(scaled_gram), o)};
    result.bound = outlier_bound(scaled_gram, evidence);
    if (mpfr_number_p(result.bound.enclosure.lower())) result.evidence = evidence;
    return result;
}

Bound outlier_bound(const Matrix<Real>& scaled_gram, const OutlierEvidence& evidence) {
    const std::size_t n = scaled_gram.rows();
    const double q = evidence.in_the_span;
    if (evidence.index >= n || !(q >= 0.0 && q <= 2.0)) return Bound::nothing(method);
    const RoundUpward guard;
    Matrix<Interval> k = to_intervals(scaled_gram);
    for (std::size_t j = 0; j < n; ++j)
        if (j != evidence.index && !(k(j, j).upper() <= 2.0)) return Bound::nothing(method);
    const Interval p = k(evidence.index, evidence.index) - q;
    const Interval b = p - 2.0;
    const Interval discriminant = square(b) - 4.0 * p * q;
    if (!certainly_positive(b) || !certainly_positive(discriminant)) return Bound::nothing(method);
    k(evidence.index, evidence.index) = Interval(q);
    if (is_positive_definite(k) != Ternary::yes) return Bound::nothing(method);
    const Interval growth = log(1.0 + (b + sqrt(discriminant)) / 2.0) / static_cast<double>(n);
    return Bound::at_least(MpInterval(growth.lower(), growth.lower(), MpInterval::default_precision), method);
}

}  // namespace lyapcert
