// Sums of logarithms against a claim (T12).
#pragma once

#include <vector>

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

struct LogTerm {
    Rational coefficient;  // > 0
    Value argument;
};

// T12: sum c_k log|a_k| >= claim, or <=.
bool sum_of_logs(const std::vector<LogTerm>& terms, Side side, const End& claim, long bits);

// A rational number that is at most (at least) e^end.
Rational exp_of(const End& end, bool below, long bits);

}  // namespace lyapcert::checker
