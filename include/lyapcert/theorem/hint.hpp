// Advice where the sign of an exponent is not proved. Never a claim.
#pragma once

#include <string>

namespace lyapcert {

struct Certification;
struct Problem;

// One or two sentences: how far the enclosure of lambda (or mu) is from a sign, which bounds gave it, and what would help; empty where both signs are proved
// or zero.
std::string hint_for(const Problem& problem, const Certification& certification);

}  // namespace lyapcert
