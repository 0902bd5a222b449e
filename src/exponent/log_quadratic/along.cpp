// A log-quadratic function, with or without a corrector, for all families on a segment (T73 (d)).
#include <cmath>
#include <stdexcept>

#include "exponent/log_quadratic/corrector.hpp"
#include "exponent/log_quadratic/proof.hpp"

namespace lyapcert {

namespace log_quadratic {
namespace {

constexpr long precision = MpInterval::default_precision;
constexpr double infinity = std::numeric_limits<double>::infinity();

MpInterval exactly(double x) { return MpInterval(x, x, precision); }

// An upper bound of (1/8) sum_k p_k sum_j |a_j| (rho_kj / (1 - rho_kj / 2))^2, rho_kj^2 >= the largest q_j(Delta y) / q_j(B y), B in the middle and Delta = B(1) - B(0);
// infinite where none is proved.
double curvature_loss(const Segment& segment, const LogQuadraticEvidence& evidence, const std::vector<Matrix<MpInterval>>& from, const std::vector<Matrix<MpInterval>>& to) {
    const std::size_t n = evidence.basis.rows();
    const MpInterval half(Rational(1, 2), precision);
    MpInterval sum(precision);
    for (std::size_t k = 0; k < from.size(); ++k) {
        Matrix<MpInterval> middle = from[k];
        Matrix<MpInterval> difference = to[k];
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                middle(i, j) = (from[k](i, j) + to[k](i, j)) * half;
                difference(i, j) = to[k](i, j) - from[k](i, j);
            }
        const auto relative = solve(middle.transposed(), difference.transposed());  // (Delta B^{-1})^T
        if (!relative) return infinity;
        for (std::size_t j = 0; j < evidence.forms.size(); ++j) {
            const Matrix<MpInterval> q = evidence.forms[j].map(exactly);
            const auto conjugate = solve(q, *relative * (q * relative->transposed()));
            if (!conjugate) return infinity;
            MpInterval trace(precision);
            for (std::size_t i = 0; i < n; ++i) trace += (*conjugate)(i, i);
            const MpInterval rho = sqrt(max(trace, MpInterval(precision)));
            const MpInterval room = MpInterval(Rational(1), precision) - rho * half;
            if (!(room.lower_double() > 0.25)) return infinity;
            sum += MpInterval(segment.middle.probabilities()[k], precision) * abs(exactly(evidence.weights[j])) * square(rho / room);
        }
    }
    return scale_by_power_of_two(sum, -3).upper_double();
}

// Enclosures of both ends at once: between them the entries lie between theirs.
std::vector<ImageMap> image_maps(const std::vector<Matrix<MpInterval>>& from, const std::vector<Matrix<MpInterval>>& to) {
    std::vector<ImageMap> maps;
    for (std::size_t k = 0; k < from.size(); ++k) {
        Matrix<double> middle(from[k].rows(), from[k].columns());
        double error = 0.0;
        for (std::size_t i = 0; i < from[k].rows(); ++i)
            for (std::size_t j = 0; j < from[k].columns(); ++j) {
                const MpInterval range = hull(from[k](i, j), to[k](i, j));
                middle(i, j) = range.midpoint_double();
                error = std::max(error, abs(range - exactly(middle(i, j))).upper_double());
            }
        maps.emplace_back(middle, error);
    }
    return maps;
}

BoxCorrector read(const BoxCorrectorEvidence& evidence, int dimension, double sign) {
    BoxCorrector result{BoxTree(dimension), {}, {}};
    std::vector<std::size_t> order;
    std::size_t at = 0;
    for (int face = 0; face < dimension; ++face) {
        std::vector<std::size_t> open{static_cast<std::size_t>(face)};
        while (!open.empty()) {
            if (at == evidence.bisections.size()) throw std::invalid_argument("log-quadratic: the bisections of a corrector end early");
            const std::int8_t axis = evidence.bisections[at++];
            const std::size_t box = open.back();
            open.pop_back();
            if (axis < 0) {
                order.push_back(box);
                continue;
            }
            if (axis >= dimension - 1) throw std::invalid_argument("log-quadratic: a bisection of no coordinate");
            result.boxes.bisect(box, axis);
            open.push_back(result.boxes.size() - 1);
            open.push_back(box);  // the lower part first
        }
    }
    const auto free = static_cast<std::size_t>(dimension - 1);
    if (at != evidence.bisections.size() || evidence.values.size() != order.size() || evidence.slopes.size() != order.size() * free)
        throw std::invalid_argument("log-quadratic: the parts of a corrector do not fit together");
    result.values.resize(order.size());
    result.slopes.resize(order.size() * free);
    for (std::size_t b = 0; b < order.size(); ++b) {
        result.values[order[b]] = sign * evidence.values[b];
        for (std::size_t j = 0; j < free; ++j) result.slopes[order[b] * free + j] = sign * evidence.slopes[b * free + j];
    }
    return result;
}

// degree * lambda >= level (<= level) for every family on the segment; infinite where nothing is proved.
struct Proved {
    double level;
    Interval degree;
};

Proved proved_along(const Segment& segment, const LogQuadraticEvidence& evidence, Side side, double enough, Deadline deadline) {
    const double sign = sign_of(side);
    const Proved nothing{-sign * infinity, Interval(1.0)};
    if (evidence.steps != 1) return nothing;
    const auto from = in_basis(segment.from, evidence.basis, precision);
    const auto to = in_basis(segment.to, evidence.basis, precision);
    if (!from || !to) return nothing;
    const double loss = curvature_loss(segment, evidence, *from, *to);
    if (!std::isfinite(loss)) return nothing;
    const std::vector<ImageMap> maps = image_maps(*from, *to);
    double level = infinity;  // times sign
    Interval degree(1.0);
    for (const RandomProduct* end : {&segment.from, &segment.to}) {
        const auto table = make_forms(*end, evidence);
        if (!table) return nothing;
        degree = table->degree_interval;
        if (evidence.corrector) {
            const BoxCorrector corrector = read(*evidence.corrector, table->dimension, sign);
            level = std::min(level, sign * prove_corrected(*table, maps, segment.middle.probabilities(), side, corrector));
        } else {
            const double wanted = enough * table->degree + sign * loss * 1.0001;
            ProofLimits limits;
            limits.deadline = deadline;
            limits.violations = 1;
            if (!prove(*table, side, wanted, limits).proved) return nothing;
            level = std::min(level, sign * wanted);
        }
    }
    if (!(level > -infinity)) return nothing;
    const Interval safe = Interval(sign * level) - Interval(sign) * Interval(loss);
    return {side == Side::lower ? safe.lower() : safe.upper(), degree};
}

}  // namespace
}  // namespace log_quadratic

Bound log_quadratic_bound(const Segment& segment, const std::shared_ptr<const LogQuadraticEvidence>& evidence, Side side, double enough, Deadline deadline) {
    const RoundNearest guard;
    const log_quadratic::Proved proved = log_quadratic::proved_along(segment, *evidence, side, enough, deadline);
    if (!std::isfinite(proved.level)) return Bound::nothing();
    const RoundUpward upward;
    const Interval exponent = Interval(proved.level) / proved.degree;
    const End end{Method::log_quadratic, evidence, {}};
    const MpInterval enclosure(exponent.lower(), exponent.upper());
    return side == Side::lower ? Bound::at_least(enclosure, end) : Bound::at_most(enclosure, end);
}

}  // namespace lyapcert
