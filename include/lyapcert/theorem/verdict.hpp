// What the sign of an exponent says.
#pragma once

#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

enum class Verdict {
    stable,     // proved < 0
    unstable,   // proved > 0
    neutral,    // proved = 0: no theorem speaks of it
    undecided,  // none of these is proved
};
const char* to_string(Verdict verdict);

Verdict verdict_of(const MpInterval& exponent);

}  // namespace lyapcert
