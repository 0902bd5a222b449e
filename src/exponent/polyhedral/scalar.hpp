// The two scalars the polyhedral code runs on: `Interval` proves, `double` guides the search.
#pragma once

#include "lyapcert/numeric/interval.hpp"

namespace lyapcert::polyhedral {

inline double lower_end(double x) { return x; }
inline double upper_end(double x) { return x; }
inline double lower_end(const Interval& x) { return x.lower(); }
inline double upper_end(const Interval& x) { return x.upper(); }

// Exact but for overflow, which has a direction too.
inline double doubled(double x) { return 2.0 * x; }
inline Interval doubled(const Interval& x) { return x + x; }
inline void negate_in_place(double& x) { x = -x; }
inline void negate_in_place(Interval& x) { x.assign(-x.upper(), -x.lower()); }

// x, read as exactly this double.
template <class S>
S exactly(double x) {
    return S(x);
}

}  // namespace lyapcert::polyhedral
