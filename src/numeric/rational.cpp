#include "lyapcert/numeric/rational.hpp"

#include <gmp.h>

#include <cmath>
#include <stdexcept>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

Rational rational_from_double(double x) {
    if (!std::isfinite(x)) throw std::invalid_argument("not a finite number");
    const RoundNearest guard;  // GMP works with floating-point instructions here
    Rational result;
    mpq_set_d(result.backend().data(), x);  // exact
    return result;
}

}  // namespace lyapcert
