#include "lyapcert/exponent/outlier.hpp"

#include <algorithm>
#include <cmath>

#include "exponent/outlier/approximate_outlier.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

Bound outlier_bound(const Matrix<Real>& scaled_gram) {
    const auto evidence = outlier::approximate_outlier(scaled_gram);
    return evidence ? outlier_bound(scaled_gram, *evidence) : Bound::nothing();
}

std::optional<std::pair<double, double>> outlier_shortfall(const Matrix<Real>& scaled_gram) {
    const RoundNearest guard;
    const auto evidence = outlier::approximate_outlier(scaled_gram);
    if (!evidence || !(evidence->in_the_span >= 0.0)) return std::nullopt;
    const double p = scaled_gram(evidence->index, evidence->index).at(64).midpoint_double() - evidence->in_the_span;
    const double needed = 2.0 * std::sqrt(std::max(p, 0.0) * evidence->in_the_span);
    if (!(p - 2.0 < needed)) return std::nullopt;
    return std::pair(p - 2.0, needed);
}

Bound outlier_bound(const Matrix<Real>& scaled_gram, const OutlierEvidence& evidence) {
    const std::size_t n = scaled_gram.rows();
    const double q = evidence.in_the_span;
    if (evidence.index >= n || !(q >= 0.0 && q <= 2.0)) return Bound::nothing();
    const RoundUpward guard;
    Matrix<Interval> k = to_intervals(scaled_gram);
    for (std::size_t j = 0; j < n; ++j)
        if (j != evidence.index && !(k(j, j).upper() <= 2.0)) return Bound::nothing();
    const Interval p = k(evidence.index, evidence.index) - q;
    const Interval b = p - 2.0;
    const Interval discriminant = square(b) - 4.0 * p * q;
    if (!certainly_positive(b) || !certainly_positive(discriminant)) return Bound::nothing();
    k(evidence.index, evidence.index) = Interval(q);
    if (is_positive_definite(k) != Ternary::yes) return Bound::nothing();
    const Interval growth = log(1.0 + (b + sqrt(discriminant)) / 2.0) / static_cast<double>(n);
    return Bound::at_least(MpInterval(growth.lower(), growth.lower(), MpInterval::default_precision),
                           {Method::outlier, std::make_shared<const OutlierEvidence>(evidence), {}});
}

Bound outlier_bound(const Matrix<Real>& from, const Matrix<Real>& to, const OutlierEvidence& evidence) {
    if (evidence.index >= from.rows() || from.rows() != to.rows()) return Bound::nothing();
    // What of the gradient lies in the span of the others grows with the learning rate.
    const RoundNearest guard;
    const double low = from(evidence.index, evidence.index).at(64).midpoint_double();
    const double high = to(evidence.index, evidence.index).at(64).midpoint_double();
    const OutlierEvidence larger{evidence.index, evidence.in_the_span * (2.0 * high / (low + high)) * (1.0 + 1e-9) + 1e-9};
    const Bound at_0 = outlier_bound(from, larger);
    const Bound at_1 = outlier_bound(to, larger);
    if (at_0.lower.method == Method::none || at_1.lower.method == Method::none) return Bound::nothing();
    return Bound::at_least(min(at_0.enclosure, at_1.enclosure), at_0.lower);
}

}  // namespace lyapcert
