// The factorisation of verified_cholesky.hpp in plain doubles, in a file of its own: no rounding mode is set or assumed here.
#pragma once

#include <cstddef>

namespace lyapcert {

// b: upper triangle in rows of length n (what is below is not read), overwritten. True if all radicands were positive.
bool plain_cholesky(double* b, std::size_t n);

}  // namespace lyapcert
