// What a bound on an exponent returns.
#pragma once

#include <string>

#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

// A proved enclosure of one exponent in [-inf, +inf]; what is not bounded by the method is infinite. `method` says in
// a few words where it comes from ("second moment", "closed form: 1 x 1", ...).
struct Bound {
    MpInterval enclosure = MpInterval::everything();
    std::string method;

    static Bound nothing(std::string method_name) { return Bound{MpInterval::everything(), std::move(method_name)}; }
    // [x, +inf] and [-inf, x].
    static Bound at_least(const MpInterval& x, std::string method_name);
    static Bound at_most(const MpInterval& x, std::string method_name);
};

}  // namespace lyapcert
