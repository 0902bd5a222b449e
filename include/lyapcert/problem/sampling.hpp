// How the samples of a training step are drawn.
#pragma once

#include <cstddef>
#include <string>

namespace lyapcert {

// Mini-batches of one size, uniform over all subsets of that size, independent from step to step (Chemnitz & Engel 2025, section 2.2).
// What a scheme means for the family of matrices is in product/sgd_product.hpp; the theorems that hold for it, in theorem/.
struct Sampling {
    std::size_t batch_size = 1;  // 1 <= B <= N

    // One sample a step: the setting of Theorem B, and of the bounds that know A_i = I - K e_i e_i^T.
    bool is_single_sample() const { return batch_size == 1; }
};

}  // namespace lyapcert
