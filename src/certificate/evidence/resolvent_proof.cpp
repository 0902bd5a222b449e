#include "certificate/evidence/resolvent_proof.hpp"

#include <algorithm>

#include "certificate/evidence/approximate_resolvent.hpp"
#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert::certificate {

std::optional<Json> resolvent_proof(const RandomProduct& product, const MpInterval& lambda2, Side side, int factor, const std::string& bound) {
    if (bound == "-inf") return std::nullopt;
    constexpr long guard = 96;
    constexpr long most_bits = 20000;
    const Rational claim = Rational(factor) * parse_rational(bound);
    const long precision = lambda2.precision() + guard;
    const MpInterval gap = abs(lambda2.with_precision(precision) - MpInterval(claim, precision));
    const long missing = mpfr_regular_p(gap.lower()) ? std::max(0L, -static_cast<long>(mpfr_get_exp(gap.lower()))) : lambda2.precision();
    const long bits = std::min(most_bits, guard + 2 * missing);
    const auto p = approximate_resolvent(product, exp(MpInterval(claim, bits)), side == Side::upper, bits);
    return p ? std::optional<Json>(lower_triangle(*p)) : std::nullopt;
}

}  // namespace lyapcert::certificate
