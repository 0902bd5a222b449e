#include "lyapcert/theorem/verdict.hpp"

namespace lyapcert {

const char* to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::stable: return "stable";
        case Verdict::unstable: return "unstable";
        case Verdict::neutral: return "neutral";
        case Verdict::undecided: break;
    }
    return "undecided";
}

Verdict verdict_of(const MpInterval& exponent) {
    if (certainly_negative(exponent)) return Verdict::stable;
    if (certainly_positive(exponent)) return Verdict::unstable;
    return is_zero(exponent) ? Verdict::neutral : Verdict::undecided;
}

}  // namespace lyapcert
