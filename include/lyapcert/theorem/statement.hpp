// What Theorems A and B of Chemnitz & Engel (2025) say of a minimum, as sentences that can be read alone.
#pragma once

#include <optional>
#include <string>

#include "lyapcert/problem/problem.hpp"
#include "lyapcert/theorem/hypotheses.hpp"
#include "lyapcert/theorem/verdict.hpp"

namespace lyapcert {

// What one theorem says of the minimum. The status is one of
//   "applies"                                      every hypothesis is proved, or declared by the problem (H2)
//   "applies (stable half, section 3.6)"           x* is not known to be regular, which the proof of the stable half does not use
//   "assumes H1 and H3", "assumes H1 (stable half, section 3.6)"   the sentence begins with "Granting"
//   "fails: H2 is refuted", "fails: F is not smooth"
//   "silent: lambda = 0"                           the exponent is zero, of which the theorem says nothing
//   "undecided: H3", "undecided: the sign of lambda"
//   "not claimed: mini-batches of 2", "not claimed: F is not known to be smooth", "not claimed: a general product"
struct TheoremStatus {
    std::string status;
    std::string statement;  // empty for a general product
};

// Without a verdict: the hypotheses alone, no sentence.
TheoremStatus theorem_a(const Problem& problem, const Hypotheses& hypotheses, std::optional<Verdict> gd);
TheoremStatus theorem_b(const Problem& problem, const Hypotheses& hypotheses, std::optional<Verdict> sgd);

}  // namespace lyapcert
