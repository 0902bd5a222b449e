#include "checker/rules/learning_rates.hpp"

#include "checker/rules/mu.hpp"
#include "checker/rules/second_moment.hpp"
#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

using nlohmann::json;

Rates parse_rates(const json& ends) {
    if (!ends.is_array() || ends.size() != 2) throw Refused("learning_rate: two ends are expected");
    Rates rates{parse_rational(ends[0].get_ref<const std::string&>()), std::nullopt};
    const std::string& upper = ends[1].get_ref<const std::string&>();
    if (upper != "inf") rates.upper = parse_rational(upper);
    if (rates.lower < 0 || (rates.upper && (*rates.upper <= 0 || *rates.upper < rates.lower))) throw Refused("learning_rate: the ends are in the wrong order, or negative");
    if (rates.lower == 0 && !rates.upper) throw Refused("learning_rate: one of the ends must be a number");
    return rates;
}

namespace {

std::string check_status(const Context& context, const Rates& rates, const json& claim) {
    const auto about = claim.at("about").get<std::string>();
    const auto status = claim.at("status").get<std::string>();
    const bool stable = status == "stable";
    if (!stable && status != "unstable") throw Refused("learning_rate: the status is neither stable nor unstable");
    if (stable ? rates.lower != 0 : rates.upper.has_value()) return "a status is claimed from 0 on, or to infinity";
    const Side side = stable ? Side::upper : Side::lower;
    const End end = parse_end(claim.at("bound"));
    if (stable ? !end.minus_infinity && sgn(end.value) >= 0 : end.minus_infinity || sgn(end.value) <= 0) return "the bound does not have the sign of the status";
    const Problem problem = at_rate(context.problem, stable ? *rates.upper : rates.lower);
    const Context here(problem, context.bits, context.certificate());
    static const json nothing = json::object();
    const json& proof = claim.contains("proof") ? claim.at("proof") : nothing;
    if (about == "mu") return check_mu(here, side, end, proof);
    if (about == "lambda2" || (about == "lambda" && stable)) return check_lambda2(here, side, end, proof);
    if (about != "lambda") throw Refused("the claim about '" + about.substr(0, 40) + "' is unknown");
    LambdaClaim lambda{here, problem.product, side, end, proof};
    lambda.and_beyond = true;
    return check_lambda(lambda);
}

// T71 (a): the upper end is the larger one of both ends; below, an eigenvalue that is large enough at the smaller rate, or small enough at the larger one, is so throughout.
std::string check_mu_along(const Context& from, const Context& to, Side side, const End& end) {
    static const json nothing = json::object();
    if (from.problem.product.is_single_sample_gram()) return "the family is too large for this claim";
    if (side == Side::upper) {
        const std::string reason = check_mu(from, side, end, nothing);
        return reason.empty() ? check_mu(to, side, end, nothing) : reason;
    }
    if (end.minus_infinity) return "";
    const std::optional<std::size_t> rank = from.gram_rank();
    if (!rank || *rank == 0) return "the rank of the Gram matrix is not known";
    const Rational n(static_cast<unsigned long>(from.problem.data_points));
    const std::size_t zeros = from.problem.data_points - *rank;
    const Rational r = exp_of(end, false, from.bits);
    const Inertia high = inertia(from.problem.scaled_gram, n * (1 + r), from.bits);
    if (high.known && high.positive + high.zero > 0) return "";
    if (r >= 1) return not_proved;
    const Inertia low = inertia(to.problem.scaled_gram, n * (1 - r), to.bits);
    return verdict(low.known && low.negative + low.zero > zeros);
}

}  // namespace

std::string check_learning_rates(const Context& context, const json& claim) {
    if (!context.problem.is_minimum) return "a general product has no learning rate";
    const Rates rates = parse_rates(claim.at("learning_rate"));
    if (claim.contains("status")) return check_status(context, rates, claim);
    if (rates.lower == 0 || !rates.upper) return "a bound is claimed for an interval with two positive ends";
    const auto side = claim.at("side").get<std::string>();
    if (side != "lower" && side != "upper") throw Refused("a side is neither lower nor upper");
    const Problem from = at_rate(context.problem, rates.lower);
    const Problem to = at_rate(context.problem, *rates.upper);
    const Context at_from(from, context.bits, context.certificate());
    const Context at_to(to, context.bits, context.certificate());
    const Side which = side == "lower" ? Side::lower : Side::upper;
    const End end = parse_end(claim.at("bound"));
    if (claim.at("about") == "mu") return check_mu_along(at_from, at_to, which, end);
    if (claim.at("about") != "lambda") return "bounds along an interval are for mu and lambda";
    // One allowance for the whole certificate.
    at_from.quadratic_work = context.quadratic_work;
    const Far far{at_to, to.product};
    LambdaClaim lambda{at_from, from.product, which, end, claim.at("proof")};
    lambda.far = &far;
    const std::string reason = check_lambda(lambda);
    context.quadratic_work = at_from.quadratic_work;
    return reason;
}

}  // namespace lyapcert::checker
