// What a bound on an exponent returns: an enclosure, and for each of its ends where it comes from.
#pragma once

#include <utility>

#include "lyapcert/exponent/evidence.hpp"
#include "lyapcert/numeric/mp_interval.hpp"
#include "lyapcert/numeric/rational.hpp"

namespace lyapcert {

// How one end of an enclosure was proved.
struct End {
    Method method = Method::none;
    Evidence evidence = {};
    Effort effort = {};
};

// A proved enclosure of one exponent in [-inf, +inf]; what is not bounded is infinite, with Method::none.
struct Bound {
    MpInterval enclosure = MpInterval::everything();
    End lower = {};
    End upper = {};

    static Bound nothing() { return {}; }
    // x itself, by one proof; an end that is infinite and says nothing has no method.
    static Bound between(const MpInterval& x, End end);
    // [x, +inf] and [-inf, x].
    static Bound at_least(const MpInterval& x, End end);
    static Bound at_most(const MpInterval& x, End end);

    // Intersects with a further proved enclosure of the same number: the better ends, with all that belongs to them.
    void improve(const Bound& other);
    // Of weight times the number, weight > 0.
    Bound times(const Rational& weight) const;
    // Of the maximum of the two numbers.
    static Bound largest(const Bound& x, const Bound& y);
};

}  // namespace lyapcert
