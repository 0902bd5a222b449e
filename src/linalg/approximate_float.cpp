#include "lyapcert/linalg/approximate_float.hpp"

namespace lyapcert {

MpInterval ApproximateFloat::exactly() const {
    MpInterval result(precision());
    mpfr_set(result.lower_ref(), x_, MPFR_RNDD);
    mpfr_set(result.upper_ref(), x_, MPFR_RNDU);
    result.check();
    return result;
}

}  // namespace lyapcert
