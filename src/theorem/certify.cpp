#include "lyapcert/theorem/certify.hpp"

#include <fmt/format.h>

#include <cmath>

#include "lyapcert/exponent/along.hpp"
#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/near_identity.hpp"
#include "lyapcert/exponent/on_normal_space.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "lyapcert/theorem/hint.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t largest_small_family = 6;  // above, lambda is quoted per epoch as well

// -kappa_min of M, where N is large and the Gram matrix proved regular.
std::optional<Interval> slowest_direction(const NormalSpace& space, const Bound& mu, Deadline deadline) {
    if (space.may_be_singular() || space.is_singular() || space.data_points() <= largest_small_family) return std::nullopt;
    const auto known = evidence_as<ExtremeEigenvalues>(mu.lower.evidence);
    const Interval smallest = known ? known->smallest : extreme_eigenvalues(to_intervals(space.scaled_gram()), deadline).smallest;
    if (!std::isfinite(smallest.lower()) || !std::isfinite(smallest.upper())) return std::nullopt;
    return -smallest;
}

// The hull over equal pieces of the interval, twice as many each time as long as that helps and there is time.
void improve_along(const Problem& problem, const CertifyOptions& options, const SearchControl& control, Certification& result) {
    if (!problem.learning_rates || result.normal_space->may_be_singular()) return;
    const auto& [from, to] = *problem.learning_rates;
    constexpr int most_pieces = 64;
    for (int pieces = 1; pieces <= most_pieces && !is_over(control.deadline) && !result.lambda.goal_reached; pieces *= 2) {
        std::vector<RateInterval> along;
        Bound hull;
        for (int k = 0; k < pieces; ++k) {
            const Rational a = from + (to - from) * k / pieces;
            const Rational b = from + (to - from) * (k + 1) / pieces;
            const Segment segment = sgd_segment(*result.normal_space, problem.sampling, a, b);
            SearchControl own = control;
            own.deadline = part_of(control.deadline, 0.5 / (pieces - k));
            auto lambda = std::make_shared<const LyapunovExponent>(exponent_along(segment, options.goal, own));
            hull = k == 0 ? Bound(*lambda) : Bound{lyapcert::hull(hull.enclosure, lambda->enclosure), hull.lower, hull.upper};
            along.push_back(RateInterval{a, b, std::make_shared<const RandomProduct>(segment.middle), std::move(lambda)});
        }
        const double before = result.lambda.enclosure.width_double();
        Bound improved = result.lambda;
        improved.improve(hull);
        if (!(improved.enclosure.width_double() < 0.9 * before) && pieces > 1) break;
        if (!(improved.enclosure.width_double() < before)) continue;
        static_cast<Bound&>(result.lambda) = std::move(improved);
        result.lambda.goal_reached = options.goal.reached(result.lambda.enclosure);
        result.along = std::move(along);
    }
}

}  // namespace

Certification certify(const Problem& problem, const CertifyOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    SearchControl control;
    control.deadline = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(options.seconds));
    control.progress = options.progress;
    control.keep_evidence = options.keep_evidence;
    long precision = std::max(MpInterval::default_precision, static_cast<long>(std::ceil(options.digits * 3.3219281)) + 32);

    Certification result;
    const bool is_product = problem.kind == Problem::Kind::product;
    try {
        if (!is_product) result.normal_space = std::make_shared<const NormalSpace>(problem.gram, problem.scaled_gram, rank_bound(problem));
        result.product = is_product ? RandomProduct(problem.matrices, problem.probabilities) : sgd_product(*result.normal_space, problem.sampling);
    } catch (const std::invalid_argument& error) {
        throw InputError(problem.file + ": " + error.what());
    }
    // The digits of log|1 - x| are those of x. Of steps that are smaller than this the sign may stay open, at no cost.
    constexpr long most_lost = 2048;
    if (const long lost = bits_near_identity(*result.product); lost > most_bits_of_doubles / 2 && lost <= most_lost) precision += lost;
    result.dimension = is_product ? result.product->dimension() : problem.data_points;
    if (!is_product) {
        result.mu = gd_exponent(*result.normal_space, precision, control.deadline);
        if (problem.learning_rates) result.mu->improve(gd_exponent_along(*result.normal_space, problem.learning_rates->first, problem.learning_rates->second, precision, control.deadline));
        result.gd = verdict_of(result.mu->enclosure);
        if (problem.sampling.is_single_sample()) result.slowest = slowest_direction(*result.normal_space, *result.mu, control.deadline);
    }
    const Bound second_moment = second_moment_exponent(*result.product, precision, part_of(control.deadline, 0.8));
    SearchControl first = control;
    // What knows of the interval only that it is one is worth little time.
    if (!is_product && problem.learning_rates) first.deadline = part_of(control.deadline, 0.05);
    result.lambda = lyapunov_exponent(Subject{*result.product, result.normal_space.get(), problem.sampling}, second_moment, options.goal, first, precision);
    if (!is_product) improve_along(problem, options, control, result);
    result.lambda2 = is_product ? second_moment : on_normal_space(*result.normal_space, second_moment);
    result.sgd = verdict_of(result.lambda.enclosure);
    if (is_product) {
        result.theorem_a = result.theorem_b = {"not claimed: a general product", ""};
    } else {
        result.hypotheses = check_hypotheses(problem);
        result.theorem_a = theorem_a(problem, *result.hypotheses, result.gd);
        result.theorem_b = theorem_b(problem, *result.hypotheses, result.sgd);
    }
    result.hint = hint_for(problem, result);
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace lyapcert
