// A log-quadratic function, with or without a corrector, for all families on a segment (T70 (d)).
#include <cmath>
#include <stdexcept>

#include "exponent/log_quadratic/corrector.hpp"
#include "exponent/log_quadratic/ends.hpp"
#include "exponent/log_quadratic/proof.hpp"

namespace lyapcert {

namespace log_quadratic {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

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
    const std::optional<Ends> ends = ends_of(segment, evidence);
    const auto maps = image_maps(segment, evidence.basis);
    if (!ends || !maps) return nothing;
    double level = infinity;  // times sign
    for (const FormTable& table : ends->tables) {
        if (evidence.corrector) {
            const BoxCorrector corrector = read(*evidence.corrector, table.dimension, sign);
            level = std::min(level, sign * prove_corrected(table, *maps, segment.middle.probabilities(), side, corrector, deadline));
        } else {
            const double wanted = enough * table.degree + sign * ends->loss * 1.0001;
            ProofLimits limits;
            limits.deadline = deadline;
            limits.violations = 1;
            if (!prove(table, side, wanted, limits).proved) return nothing;
            level = std::min(level, sign * wanted);
        }
    }
    if (!(level > -infinity)) return nothing;
    const Interval safe = Interval(sign * level) - Interval(sign) * Interval(ends->loss);
    return {side == Side::lower ? safe.lower() : safe.upper(), ends->tables.front().degree_interval};
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
