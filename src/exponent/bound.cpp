#include "lyapcert/exponent/bound.hpp"

namespace lyapcert {

Bound Bound::between(const MpInterval& x, End end) {
    Bound result{x, {}, {}};
    if (!(mpfr_inf_p(x.lower()) != 0 && mpfr_sgn(x.lower()) < 0) || !(mpfr_inf_p(x.upper()) != 0 && mpfr_sgn(x.upper()) > 0)) {
        result.lower = end;
        result.upper = std::move(end);
    }
    return result;
}

Bound Bound::at_least(const MpInterval& x, End end) {
    Bound result{x, std::move(end), {}};
    mpfr_set_inf(result.enclosure.upper_ref(), 1);
    return result;
}

Bound Bound::at_most(const MpInterval& x, End end) {
    Bound result{x, {}, std::move(end)};
    mpfr_set_inf(result.enclosure.lower_ref(), -1);
    return result;
}

void Bound::improve(const Bound& other) {
    if (mpfr_greater_p(other.enclosure.lower(), enclosure.lower())) lower = other.lower;
    if (mpfr_less_p(other.enclosure.upper(), enclosure.upper())) upper = other.upper;
    enclosure = intersect(enclosure, other.enclosure);
}

Bound Bound::times(const Rational& weight) const {
    if (weight == 1) return *this;
    return Bound{enclosure * MpInterval(weight, enclosure.precision()), lower, upper};
}

Bound Bound::largest(const Bound& x, const Bound& y) {
    return Bound{max(x.enclosure, y.enclosure), mpfr_greater_p(y.enclosure.lower(), x.enclosure.lower()) ? y.lower : x.lower,
                 mpfr_greater_p(y.enclosure.upper(), x.enclosure.upper()) ? y.upper : x.upper};
}

}  // namespace lyapcert
