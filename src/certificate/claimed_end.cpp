#include "certificate/claimed_end.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert::certificate {

std::optional<std::string> claimed_end(const MpInterval& x, Side side, Rounding rounding, int attempt) {
    const bool infinite = side == Side::lower ? mpfr_inf_p(x.lower()) != 0 : mpfr_inf_p(x.upper()) != 0;
    if (infinite) {
        const bool minus_infinity = side == Side::upper && mpfr_sgn(x.upper()) < 0;
        return minus_infinity ? std::optional<std::string>("-inf") : std::nullopt;
    }
    MpInterval wide = x;
    const double size = std::max(std::fabs(side == Side::lower ? x.lower_double() : x.upper_double()), 1e-300);
    double pad = 0.0;
    if (rounding.is_refined) {
        const double width = x.width_double();
        pad = (std::isfinite(width) ? 0.01 * width : 0.0) + 4e-16 * std::max(size, 1.0);
        pad *= std::pow(6.0, attempt);
    }
    const long precision = x.precision();
    MpInterval slack(pad, pad, precision);
    if (!rounding.is_refined && attempt > 0) {
        slack = MpInterval(parse_rational(fmt::format("1e{}", attempt - rounding.digits)), precision);
        // Ends that doubles do not hold count by their own size too.
        if (size > 1e-299) slack = slack * MpInterval(size, size, precision);
        else if (!is_zero(x)) slack = slack * abs(x);
    }
    if (side == Side::lower) wide = x - slack;
    else wide = x + slack;
    int digits = rounding.digits;
    if (rounding.is_refined) {
        const double room = std::isfinite(x.width_double()) && x.width_double() > 0 ? x.width_double() : 1e-16 * size;
        digits = std::clamp(static_cast<int>(std::ceil(std::log10(size / room))) + 3, 3, 17);
    }
    return side == Side::lower ? lower_decimal(wide.lower(), digits) : upper_decimal(wide.upper(), digits);
}

}  // namespace lyapcert::certificate
