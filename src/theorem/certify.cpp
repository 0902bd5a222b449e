#include "lyapcert/theorem/certify.hpp"

#include <fmt/format.h>

#include <cmath>

#include "lyapcert/exponent/gd_exponent.hpp"
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

}  // namespace

Certification certify(const Problem& problem, const CertifyOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    SearchControl control;
    control.deadline = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(options.seconds));
    control.progress = options.progress;
    control.keep_evidence = options.keep_evidence;
    const long precision = std::max(MpInterval::default_precision, static_cast<long>(std::ceil(options.digits * 3.3219281)) + 32);

    Certification result;
    const bool is_product = problem.kind == Problem::Kind::product;
    try {
        if (!is_product) result.normal_space = std::make_shared<const NormalSpace>(problem.gram, problem.scaled_gram);
        result.product = is_product ? RandomProduct(problem.matrices, problem.probabilities) : sgd_product(*result.normal_space, problem.sampling);
    } catch (const std::invalid_argument& error) {
        throw InputError(problem.file + ": " + error.what());
    }
    result.dimension = is_product ? result.product->dimension() : problem.data_points;
    if (!is_product) {
        result.mu = gd_exponent(*result.normal_space, precision, control.deadline);
        result.gd = verdict_of(result.mu->enclosure);
        if (problem.sampling.is_single_sample()) result.slowest = slowest_direction(*result.normal_space, *result.mu, control.deadline);
    }
    const Bound second_moment = second_moment_exponent(*result.product, precision, part_of(control.deadline, 0.8));
    result.lambda = lyapunov_exponent(Subject{*result.product, result.normal_space.get(), problem.sampling}, second_moment, options.goal, control, precision);
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
