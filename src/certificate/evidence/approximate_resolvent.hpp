// Evidence for bounds on Lambda_2: P = +-(c - L)^{-1} I, approximately.
#pragma once

#include <optional>

#include "lyapcert/numeric/rational.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

inline constexpr std::size_t largest_moment_dimension = 24;

// An approximation of (c - L)^{-1} I (above) or (L - c)^{-1} I (not above) with L(P) = E[A^T P A], rounded to `precision` bits: by T6 (c)
// of proofs/THEOREMS.md the matrix that proves rho(L) <= c for c > rho(L), or rho(L) >= c for c < rho(L).
std::optional<Matrix<Rational>> approximate_resolvent(const RandomProduct& product, const MpInterval& c, bool above, long precision);

}  // namespace lyapcert
