// Definiteness of large matrices, by a Cholesky factorisation in doubles (T25 (d)).
#pragma once

#include <vector>

#include "checker/numbers/outward.hpp"
#include "checker/numbers/value.hpp"

namespace lyapcert::checker {

// Proved: every member of m - shift I is positive definite; of shift I - m.
bool exceeds(const Matrix& m, const Rational& shift, long bits);
bool is_exceeded(const Matrix& m, const Rational& shift, long bits);

// Enclosures whose ends are 0, or of moderate size (numbers/doubles.hpp). Throws Refused for larger ones.
Outward enclosed(const Enclosure& x);
std::vector<Outward> enclosed(const Matrix& m, long bits);

}  // namespace lyapcert::checker
