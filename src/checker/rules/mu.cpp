#include "checker/rules/mu.hpp"

#include "checker/numbers/doubles.hpp"
#include "checker/rules/definite.hpp"
#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

namespace {

// T31.
std::string of_large_gram(const Problem& problem, Side side, const End& claim, const nlohmann::json& proof, long bits) {
    const Matrix& m = problem.scaled_gram;
    const std::size_t count = problem.data_points;
    const Rational n(static_cast<unsigned long>(count));
    if (claim.minus_infinity) return side == Side::lower ? "" : not_proved;
    if (side == Side::upper) {
        const Rational r = exp_below(claim.value, bits);
        if (!is_exceeded(m, n * (1 + r), bits)) return not_proved;
        return r >= 1 || exceeds(m, n * (1 - r), bits) ? "" : not_proved;
    }
    const Rational r = exp_above(claim.value, bits);
    const std::vector<double> v = parse_doubles(proof.at("vector").get_ref<const std::string&>(), count, "the vector of a proof");
    const std::vector<Outward> entries = enclosed(m, bits);
    Outward form;
    Outward norm;
    for (std::size_t i = 0; i < count; ++i) {
        Outward row;
        for (std::size_t j = 0; j < count; ++j) row = row + entries[i * count + j] * Outward(v[j]);
        form = form + row * Outward(v[i]);
        norm = norm + Outward(v[i]) * Outward(v[i]);
    }
    if (!(norm.lo > 0.0)) return "the vector is zero";
    if ((form - enclosed(Enclosure(n * (1 + r), bits)) * norm).lo >= 0.0) return "";
    if (r >= 1 || (enclosed(Enclosure(n * (1 - r), bits)) * norm - form).lo < 0.0) return not_proved;
    return exceeds(m, 0, bits) ? "" : "the Gram matrix is not proved positive definite";
}

}  // namespace

std::string check_mu(const Context& context, Side side, const End& claim, const nlohmann::json& proof) {
    const Problem& problem = context.problem;
    if (!problem.is_minimum) return "a general product has no mu";
    if (problem.product.is_single_sample_gram()) return of_large_gram(problem, side, claim, proof, context.bits);
    const std::optional<std::size_t> rank = context.gram_rank();
    if (!rank || *rank == 0) return "the rank of the Gram matrix is not known";
    const Rational n(static_cast<unsigned long>(problem.data_points));
    const std::size_t zeros = problem.data_points - *rank;
    const Rational r = exp_of(claim, side == Side::upper, context.bits);
    const auto count = [&](const Rational& shift) { return inertia(problem.scaled_gram, shift, context.bits); };
    if (side == Side::upper) {
        if (r < 1) {
            const Inertia low = count(n * (1 - r));
            if (!low.known || low.negative != zeros) return not_proved;
        }
        const Inertia high = count(n * (1 + r));
        return verdict(high.known && high.positive == 0);
    }
    if (claim.minus_infinity) return "";
    const Inertia high = count(n * (1 + r));
    if (high.known && high.positive + high.zero > 0) return "";
    if (r >= 1) return not_proved;
    const Inertia low = count(n * (1 - r));
    return verdict(low.known && low.negative + low.zero > zeros);
}

}  // namespace lyapcert::checker
