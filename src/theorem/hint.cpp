#include "lyapcert/theorem/hint.hpp"

#include <fmt/format.h>

#include <cmath>

#include "lyapcert/exponent/outlier.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/theorem/certify.hpp"

namespace lyapcert {

namespace {

bool is_undecided(const MpInterval& x) { return verdict_of(x) == Verdict::undecided; }

// "lambda is 0.004 from being proved negative and 0.1 from being proved positive (upper end: determinant, lower end: none)".
std::string distance(const char* name, const Bound& bound) {
    const double lower = bound.enclosure.lower_double();
    const double upper = bound.enclosure.upper_double();
    const auto method = [](const End& end) { return end.method == Method::none ? "none" : to_string(end.method); };
    std::string text = fmt::format("the sign of {} is open: ", name);
    // In decimals of their own: ends of size 1e-400 are not zero.
    if (std::isfinite(upper)) text += fmt::format("the upper end is {} ({})", upper_decimal(bound.enclosure.upper(), 3), method(bound.upper));
    else text += "there is no upper end";
    if (std::isfinite(lower)) text += fmt::format(", the lower end {} ({})", lower_decimal(bound.enclosure.lower(), 3), method(bound.lower));
    else text += ", there is no lower end";
    return text;
}

bool is_interval(const Problem& problem) { return !problem.learning_rate_text.empty() && problem.learning_rate_text.front() == '['; }

std::string advice(const Problem& problem, const Certification& c) {
    const MpInterval& lambda = c.lambda.enclosure;
    if (std::fabs(lambda.lower_double()) < 1e-9 && std::fabs(lambda.upper_double()) < 1e-9)
        return "it may be zero exactly, which only a closed form could prove";
    if (is_interval(problem)) return "a narrower interval of learning rates would help, or single ones";
    if (c.normal_space && c.normal_space->may_be_singular())
        return "the Gram matrix is not proved regular, so that a lower end counts only where it is positive: exact data, or data within a smaller radius, would help";
    if (const auto shortfall = c.normal_space && problem.sampling.is_single_sample() ? outlier_shortfall(c.normal_space->scaled_gram()) : std::nullopt; shortfall)
        return fmt::format("one gradient expands; the outlier bound needs p - 2 >= 2 sqrt(p q) and has {:.3g} against {:.3g}", shortfall->first, shortfall->second);
    constexpr std::size_t largest_searched = 6;
    if (c.product && c.product->dimension() > largest_searched)
        return "more --time may bring the upper end down; no method is known to prove instability for strongly correlated gradients with several eta ||g_i||^2 > 2 beyond dimension 6";
    return "more --time narrows the enclosure";
}

}  // namespace

std::string hint_for(const Problem& problem, const Certification& certification) {
    std::string text;
    if (is_undecided(certification.lambda.enclosure)) text = distance("lambda", certification.lambda) + "; " + advice(problem, certification);
    if (certification.mu && is_undecided(certification.mu->enclosure)) {
        text += (text.empty() ? "" : ". ") + distance("mu", *certification.mu);
        if (is_interval(problem)) text += "; a narrower interval of learning rates would help";
    }
    return text;
}

}  // namespace lyapcert
