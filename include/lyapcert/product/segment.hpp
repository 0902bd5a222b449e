// A family of random products along a segment: every matrix A_k(t) is an affine function of one parameter t in [0, 1].
//
// SGD at a minimum is of this kind in its learning rate: I - (eta / B) G D_S is affine in eta (sgd_product.hpp), t = (eta - eta_0) / (eta_1 - eta_0).
#pragma once

#include "lyapcert/problem/sampling.hpp"
#include "lyapcert/product/normal_space.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// A_k(0), A_k(1/2), A_k(1), k by k in the same order and with the same probabilities.
struct Segment {
    RandomProduct from;
    RandomProduct middle;
    RandomProduct to;

    // Throws std::invalid_argument unless the three agree in dimension, number and probabilities. That they are affine is on the caller's word.
    Segment(RandomProduct at_0, RandomProduct at_half, RandomProduct at_1);
};

// SGD at all learning rates in [from, to], 0 < from <= to. `space` gives G and its rank; its own learning rate plays no part.
Segment sgd_segment(const NormalSpace& space, const Sampling& sampling, const Rational& from, const Rational& to);

}  // namespace lyapcert
