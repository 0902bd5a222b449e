// What a bound is asked about.
#pragma once

#include <optional>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/invariant_cone.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/product/normal_space.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// One random product: the whole, or a component of its reduction. It must outlive the task.
class Task {
  public:
    // `lambda2` of this product where it is known already; `minimum` where the product is that of single-sample SGD at this very minimum.
    explicit Task(const RandomProduct& product, std::optional<Bound> lambda2 = {}, const NormalSpace* minimum = nullptr)
        : product_(product), lambda2_(std::move(lambda2)), minimum_(minimum) {}

    const RandomProduct& product() const { return product_; }
    std::size_t dimension() const { return product_.dimension(); }

    const NormalSpace* single_sample_minimum() const { return minimum_; }
    const std::optional<Bound>& lambda2() const { return lambda2_; }
    bool has_invariant_cone() const {
        if (!has_cone_) has_cone_ = lyapcert::has_invariant_cone(product_);
        return *has_cone_;
    }

  private:
    const RandomProduct& product_;
    std::optional<Bound> lambda2_;
    const NormalSpace* minimum_;
    mutable std::optional<bool> has_cone_;
};

// What a search returns: its bound, and what it took whether or not that is of use.
struct Found {
    Bound bound;
    Effort effort;
};

}  // namespace lyapcert
