// Sums c_1 log|a_1| + ... + c_m log|a_m| with exact coefficients: what every closed form ends in.
// = T12, T64 of proofs/THEOREMS.md.
//
// Lemma (exact zero test). Let the |a_k| be positive rationals, and b_1, ..., b_s > 1 pairwise coprime integers of which
// every numerator and denominator is a product of powers. The log b_j are linearly independent over the rationals, so the
// sum is zero iff for every j the exponents of b_j add up to zero with weights c_k.
//   Proof: prod b_j^{e_j} = 1 with integers e_j, not all zero, contradicts unique factorisation.
// Such b_j come from gcds alone: no factorisation into primes is needed.
#pragma once

#include <vector>

#include "lyapcert/numeric/real.hpp"

namespace lyapcert {

struct LogTerm {
    Rational coefficient;
    Real argument;
};

// Encloses the sum. Zero coefficients are dropped; a known zero argument gives -inf exactly (coefficients of such terms must be
// positive, else std::domain_error). Rational sums that are exactly zero give exactly [0, 0], all others to `precision`
// bits of relative accuracy, however much cancels.
MpInterval log_sum(const std::vector<LogTerm>& terms, long precision);

// The exact test of the lemma, for non-zero rationals.
bool log_sum_is_zero(const std::vector<Rational>& coefficients, const std::vector<Rational>& arguments);

}  // namespace lyapcert
