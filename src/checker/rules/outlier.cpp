// The outlier bound, on the scaled Gram matrix of single-sample SGD (= T27).
#include "checker/rules/definite.hpp"
#include "checker/rules/rules.hpp"

namespace lyapcert::checker {

// "index": o, "span": q.
std::string check_outlier(const LambdaClaim& claim) {
    const Problem& problem = claim.context.problem;
    const nlohmann::json& proof = claim.proof;
    const long bits = claim.bits();
    if (!problem.is_single_sample() || !claim.context.gram_rank()) return not_proved;
    const std::size_t n = problem.data_points;
    const nlohmann::json& index = proof.at("index");
    const std::size_t o = index.is_number_unsigned() ? index.get<std::size_t>() : n;
    if (o >= n) throw Refused("outlier: there is no such index");
    const Rational q = parse_rational(proof.at("span").get_ref<const std::string&>());
    if (q < 0 || q > 2) throw Refused("outlier: the part in the span is not between 0 and 2");
    const Value two = Rational(2);
    for (std::size_t j = 0; j < n; ++j) {
        const Value slack = two - problem.scaled_gram(j, j);
        if (j != o && slack.sign() <= 0 && !slack.is(0)) return not_proved;
    }
    Matrix replaced = problem.scaled_gram;
    replaced(o, o) = Value(q);
    if (problem.product.is_single_sample_gram()) {
        if (!exceeds(replaced, 0, bits)) return not_proved;
    } else {
        const Inertia sign = inertia(std::move(replaced), 0, bits);
        if (!sign.known || sign.negative > 0) return not_proved;
    }
    const auto number = [bits](const Rational& x) { return Enclosure(x, bits); };
    const Enclosure p = problem.scaled_gram(o, o).enclosure(bits) - number(q);
    const Enclosure b = p - number(2);
    const Enclosure discriminant = b * b - number(4) * p * number(q);
    if (b.sign() <= 0 || discriminant.sign() <= 0) return not_proved;
    const Enclosure growth = number(1) + (b + increasing(mpfr_sqrt, discriminant)) * number(Rational(1, 2));
    return verdict(at_most(claim.end.value * static_cast<unsigned long>(n), log(growth)));
}

}  // namespace lyapcert::checker
