// GD, and the mean square: one threshold each, found in floating point and proved at a point on either side.
#include <cmath>

#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/on_normal_space.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "theorem/threshold/partition.hpp"

namespace lyapcert::thresholds {

namespace {

constexpr long precision = MpInterval::default_precision;

RatePiece stable_up_to(const Rational& b, RateProof proof) { return RatePiece{std::nullopt, b, Verdict::stable, proof}; }
RatePiece unstable_from(const Rational& a, RateProof proof) { return RatePiece{a, std::nullopt, Verdict::unstable, proof}; }

}  // namespace

std::vector<RatePiece> gd_pieces(const NormalSpace& space, Deadline deadline) {
    Partition partition;
    const Interval kappa = extreme_eigenvalues(to_intervals(space.gram()), deadline).largest;
    if (!std::isfinite(kappa.upper()) || !(kappa.lower() > 0.0)) return partition.pieces();
    const double twice = 2.0 * static_cast<double>(space.data_points());
    const auto verdict_at = [&](const Rational& eta) { return verdict_of(gd_exponent(space.at(Real(eta)), precision, deadline).enclosure); };
    for (const Verdict wanted : {Verdict::stable, Verdict::unstable}) {
        const double sign = wanted == Verdict::stable ? -1.0 : 1.0;
        const double edge = wanted == Verdict::stable ? twice / kappa.upper() : twice / kappa.lower();
        for (double margin = 1e-13; margin < 0.1 && !is_over(deadline); margin *= 10.0) {
            const double far = edge * (1.0 + sign * 2.0 * margin);
            const Rational eta = short_between(rational_from_double(std::min(edge, far)), rational_from_double(std::max(edge, far)), edge * (1.0 + sign * margin));
            if (verdict_at(eta) != wanted) continue;
            partition.put(wanted == Verdict::stable ? stable_up_to(eta, RateProof::gd_point) : unstable_from(eta, RateProof::gd_point));
            break;
        }
    }
    return partition.pieces();
}

std::vector<RatePiece> mean_square_pieces(const NormalSpace& space, const Sampling& sampling, const ThresholdOptions& options, Deadline deadline) {
    Partition partition;
    double most = 0.0;
    for (std::size_t i = 0; i < space.data_points(); ++i) most = std::max(most, space.gram()(i, i).interval().upper());
    if (!(most > 0.0) || !std::isfinite(most)) return partition.pieces();
    const auto verdict_at = [&](const Rational& eta) {
        const NormalSpace at = space.at(Real(eta));
        return verdict_of(on_normal_space(at, second_moment_exponent(sgd_product(at, sampling), 64, deadline)).enclosure);
    };
    // Where every step contracts in norm, and where none of them can: brackets for the bisection.
    Rational stable = rational_from_double(0x1p-30 / most);
    Rational unstable = 0;
    bool has_stable = false;
    const double finest = 1.0 + std::min(1e-9, 1e-3 * (options.ratio - 1.0));
    double low = 1.0 / most;
    double high = 0.0;
    for (int step = 0; step < 200 && !is_over(deadline); ++step) {
        if (high > 0.0 && high / low < finest) break;
        const double x = high > 0.0 ? std::sqrt(low * high) : step == 0 ? low : 2.0 * low;
        const double gap = high > 0.0 ? high - low : 0.5 * x;
        const Rational eta = short_between(rational_from_double(x - 0.25 * gap), rational_from_double(x + 0.25 * gap), x);
        const Verdict verdict = verdict_at(eta);
        if (verdict == Verdict::stable) {
            low = eta.convert_to<double>();
            stable = eta;
            has_stable = true;
        } else if (verdict == Verdict::unstable) {
            high = eta.convert_to<double>();
            unstable = eta;
            if (!has_stable) low = std::min(low, 0.25 * high);
        } else {  // at the threshold, or too near for a proof: from a little further off, on both sides
            for (double margin = 1e-9; margin < 0.1 && !is_over(deadline); margin *= 10.0) {
                const auto beside = [&](double sign) {
                    const double near = x * (1.0 + sign * margin);
                    return short_between(rational_from_double(x * (1.0 + sign * (sign > 0.0 ? 0.5 : 2.0) * margin)), rational_from_double(x * (1.0 + sign * (sign > 0.0 ? 2.0 : 0.5) * margin)), near);
                };
                const Rational below = beside(-1.0);
                const Rational above = beside(1.0);
                const bool stable_below = verdict_at(below) == Verdict::stable;
                const bool unstable_above = verdict_at(above) == Verdict::unstable;
                if (stable_below && (!has_stable || below > stable)) stable = below, has_stable = true;
                if (unstable_above && (unstable == 0 || above < unstable)) unstable = above;
                if (stable_below && unstable_above) break;
            }
            break;
        }
    }
    if (has_stable) partition.put(stable_up_to(stable, RateProof::mean_square_point));
    if (unstable > 0) partition.put(unstable_from(unstable, RateProof::mean_square_point));
    return partition.pieces();
}

}  // namespace lyapcert::thresholds
