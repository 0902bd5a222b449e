// The decimal that stands in a claim.
#pragma once

#include <optional>
#include <string>

#include "certificate/evidence/encodings.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert::certificate {

struct Rounding {
    int digits = 17;          // significant digits where a formula exists
    bool is_refined = false;  // the end comes from a refinement in double precision: rounded by a hundredth of the width of the enclosure
};

// The end of x on this side, rounded outward, weaker with each attempt: by a factor of 6 where it is refined, of 10 elsewhere. "-inf" for an
// upper end of that value; nothing for an end that bounds nothing.
std::optional<std::string> claimed_end(const MpInterval& x, Side side, Rounding rounding, int attempt);

}  // namespace lyapcert::certificate
