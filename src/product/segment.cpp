#include "lyapcert/product/segment.hpp"

#include <stdexcept>
#include <utility>

#include "lyapcert/product/sgd_product.hpp"

namespace lyapcert {

Segment::Segment(RandomProduct at_0, RandomProduct at_half, RandomProduct at_1) : from(std::move(at_0)), middle(std::move(at_half)), to(std::move(at_1)) {
    for (const RandomProduct* end : {&from, &to})
        if (end->dimension() != middle.dimension() || end->probabilities() != middle.probabilities()) throw std::invalid_argument("the families of a segment differ in shape");
}

Segment sgd_segment(const NormalSpace& space, const Sampling& sampling, const Rational& from, const Rational& to) {
    const auto at = [&](const Rational& eta) { return sgd_product(space.at(Real(eta)), sampling); };
    return Segment(at(from), at((from + to) / 2), at(to));
}

}  // namespace lyapcert
