// Contraction and expansion, on the scaled Gram matrix of single-sample SGD (= T7).
#include <algorithm>

#include "checker/rules/definite.hpp"
#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

std::string check_contraction(const LambdaClaim& lambda) {
    const Context& context = lambda.context;
    const Problem& problem = context.problem;
    const End& claim = lambda.end;
    if (!problem.is_single_sample()) return not_proved;
    const std::optional<std::size_t> rank = context.gram_rank();
    if (!rank) return not_proved;
    const std::size_t n = problem.data_points;
    const Value two = Rational(2);
    bool contracting = true;
    bool expanding = true;
    Rational c = 2;  // at most 2 - d_i for every i
    for (std::size_t i = 0; i < n; ++i) {
        const Value& d = problem.scaled_gram(i, i);
        const Value slack = two - d;
        contracting = contracting && (slack.sign() > 0 || slack.is(0));
        expanding = expanding && (d.is(0) || slack.sign() < 0 || slack.is(0));
        if (d.sign() <= 0) c = 0;
        else c = std::min(c, exactly(slack.enclosure(context.bits).lower()));
    }
    if (lambda.side == Side::lower) return verdict(expanding && sgn(claim.value) <= 0);
    if (!contracting) return not_proved;
    if (sgn(claim.value) >= 0) return "";
    if (c <= 0) return not_proved;
    // 1 - c kappa / N <= e^{2 claim} for the smallest positive kappa: all positive kappa are >= (1 - e^{2 claim}) N / c.
    const Rational bound = (1 - exp_below(2 * claim.value, context.bits)) * Rational(static_cast<unsigned long>(n)) / c;
    if (problem.product.is_single_sample_gram()) return verdict(exceeds(problem.scaled_gram, bound, context.bits));
    const Inertia below = inertia(problem.scaled_gram, bound, context.bits);
    return verdict(below.known && below.negative == n - *rank);
}

}  // namespace lyapcert::checker
