#include "lyapcert/exponent/bound.hpp"

#include <utility>

namespace lyapcert {

Bound Bound::at_least(const MpInterval& x, std::string method_name) {
    Bound result{x, std::move(method_name)};
    mpfr_set_inf(result.enclosure.upper_ref(), 1);
    return result;
}

Bound Bound::at_most(const MpInterval& x, std::string method_name) {
    Bound result{x, std::move(method_name)};
    mpfr_set_inf(result.enclosure.lower_ref(), -1);
    return result;
}

}  // namespace lyapcert
