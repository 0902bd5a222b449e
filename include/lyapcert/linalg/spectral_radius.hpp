// The spectral radius of one real matrix of moderate size, from both sides, to any number of bits.
//
// Lemma. For a real d x d matrix T and all m, j >= 1:  (|tr T^(mj)| / d)^(1/(mj)) <= rho(T) <= ||T^m||_inf^(1/m).
//   Proof: the trace is the sum of d numbers of modulus at most rho^(mj); rho(T)^m = rho(T^m) <= ||T^m||.
// Sharpness: some j <= d has |tr T^(mj)| >= rho^(mj) (Turan's power sums; Cassels 1956. Trying j = 1 alone fails for a
// permutation of order 3.), and ||T^m|| <= c m^(d-1) rho^m, so the gap between the logarithms is O(log m / m): with
// m = 2^k by repeated squaring, about one bit per squaring. (In interval arithmetic a defective dominant eigenvalue costs a
// factor m of accuracy per squaring; then 10 to 20 digits remain.) Powers of two are split off exactly before each squaring.
#pragma once

#include <functional>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

// Encloses log rho(T), in [-inf, inf), of every matrix T that all the enclosures matrix_at(p) contain. The width is about
// 2^-precision max(1, |log rho|) where the enclosures allow it. -inf exactly when a computed power vanishes.
MpInterval log_spectral_radius(const std::function<Matrix<MpInterval>(long precision)>& matrix_at, long precision);

}  // namespace lyapcert
