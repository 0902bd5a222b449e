// From a product in all residual coordinates to the normal space, where the Gram matrix may be singular without our knowing.
#pragma once

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/product/normal_space.hpp"

namespace lyapcert {

// `bound` encloses max(exponent, 0) where space.may_be_singular() (product/normal_space.hpp): a lower end that is not positive says nothing
// then, and is dropped. Unchanged otherwise.
inline Bound on_normal_space(const NormalSpace& space, Bound bound) {
    if (space.may_be_singular() && !certainly_positive(bound.enclosure)) {
        mpfr_set_inf(bound.enclosure.lower_ref(), -1);
        bound.lower = {};
    }
    return bound;
}

}  // namespace lyapcert
