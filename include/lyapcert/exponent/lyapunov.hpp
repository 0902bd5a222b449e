// The Lyapunov exponent lambda of a random product: reduces it, runs the bounds of the schedule (exponent/driver/schedule.hpp), combines what they prove.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/problem/sampling.hpp"
#include "lyapcert/product/normal_space.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

// When an enclosure of lambda is good enough. Default: the sign, then width 1e-4.
struct Goal {
    bool sign = true;
    std::optional<double> width = 1e-4;
    // In place of sign and width, where one of them is set: a lower end of at least this, or an upper end of at most that.
    std::optional<double> at_least = {};
    std::optional<double> at_most = {};

    // The sign counts as known for lower > 0, upper < 0 and lower = upper = 0. Of what was proved, from the enclosure itself: an exponent of size 1e-400
    // has a sign, which doubles do not see.
    bool reached(const MpInterval& enclosure) const;
    // What a search in doubles may count on.
    bool reached(double lower, double upper) const;
};

// The product whose exponent is wanted, and the minimum that it comes from. What is pointed to must outlive it.
struct Subject {
    const RandomProduct& product;
    const NormalSpace* normal_space = nullptr;  // null for a general product
    Sampling sampling = {};
};

// One component of the reduction (reduction.hpp), in the order that makes every matrix block lower triangular, and what was proved of it.
struct LyapunovPart {
    Rational weight;
    std::vector<std::size_t> indices;
    RandomProduct product;
    Bound bound;  // of weight * lambda(product)
};

struct LyapunovExponent : Bound {
    bool goal_reached = false;
    std::vector<LyapunovPart> parts;
    Effort effort;  // of all searches, whether or not they were of use

    std::string method() const;  // of both ends, in a few words
};

// `second_moment` encloses the exponent Lambda_2 of the same product (lambda <= Lambda_2 / 2). `precision` in bits is used where a formula can use it.
// `control.satisfied` is ignored: `goal` takes its place. Where the Gram matrix may be singular without our knowing, a lower end that is not
// positive is dropped (product/normal_space.hpp).
LyapunovExponent lyapunov_exponent(const Subject& subject, const Bound& second_moment, const Goal& goal, SearchControl control, long precision);

}  // namespace lyapcert
