#include "lyapcert/numeric/rational.hpp"

#include <gmp.h>

#include <cmath>
#include <stdexcept>

namespace lyapcert {

Rational rational_from_double(double x) {
    if (!std::isfinite(x)) throw std::invalid_argument("not a finite number");
    Rational result;
    mpq_set_d(result.backend().data(), x);  // exact
    return result;
}

}  // namespace lyapcert
