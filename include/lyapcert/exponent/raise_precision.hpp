// Asking again with more bits until the answer is sharp.
#pragma once

#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

// Relative width at most 2^-precision; points (also infinite ones) are sharp.
inline bool is_sharp(const MpInterval& x, long precision) {
    if (mpfr_equal_p(x.lower(), x.upper())) return true;
    if (!mpfr_number_p(x.lower()) || !mpfr_number_p(x.upper()) || contains_zero(x)) return false;
    const MpInterval size = abs(x);
    MpInterval width(x.precision());
    mpfr_sub(width.upper_ref(), x.upper(), x.lower(), MPFR_RNDU);
    return mpfr_lessequal_p(scale_by_power_of_two(width, precision).upper(), size.lower()) != 0;
}

// Calls evaluate(working precision), which must enclose one fixed number each time, with growing precision until the
// enclosure is sharp, stops improving (the data are intervals) or the limit of about eight times the precision is
// reached (the number may be zero). Returns the intersection, rounded outward to `precision` bits.
template <class Evaluate>
MpInterval raise_precision_until_sharp(Evaluate&& evaluate, long precision) {
    constexpr long guard_bits = 32;
    MpInterval best = MpInterval::everything(precision);
    const long limit = 8 * precision + 512;
    for (long working = precision + guard_bits; working <= limit; working *= 2) {
        const MpInterval next = intersect(best, evaluate(working));
        const bool improved = !(next.width_double() >= 0.5 * best.width_double()) || best.width_double() > 1e300;
        best = next;
        if (is_sharp(best, precision + guard_bits / 2) || !improved) break;
    }
    return best.with_precision(precision);
}

}  // namespace lyapcert
