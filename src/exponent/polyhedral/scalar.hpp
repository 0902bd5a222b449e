// The scalars the polyhedral code runs on: `Interval` proves, `double` guides the search, `Blurred` lets the search foresee which signs the
// proof will not know.
#pragma once

#include "lyapcert/numeric/interval.hpp"

namespace lyapcert::polyhedral {

inline double lower_end(double x) { return x; }
inline double upper_end(double x) { return x; }
inline double lower_end(const Interval& x) { return x.lower(); }
inline double upper_end(const Interval& x) { return x.upper(); }

// [low, high] without outward rounding: as wide as the data make it, and no wider where they are exact.
struct Blurred {
    double low = 0.0;
    double high = 0.0;
    Blurred() = default;
    explicit Blurred(double x) : low(x), high(x) {}
    Blurred(double l, double h) : low(l), high(h) {}
    double centre() const { return 0.5 * (low + high); }
    Blurred& operator+=(const Blurred& x) { return *this = Blurred(low + x.low, high + x.high); }
};
inline Blurred operator+(const Blurred& x, const Blurred& y) { return {x.low + y.low, x.high + y.high}; }
inline Blurred operator-(const Blurred& x, const Blurred& y) { return {x.low - y.high, x.high - y.low}; }
inline Blurred operator*(const Blurred& a, const Blurred& x) {  // x a point
    return x.low >= 0.0 ? Blurred(a.low * x.low, a.high * x.low) : Blurred(a.high * x.low, a.low * x.low);
}
inline double lower_end(const Blurred& x) { return x.low; }
inline double upper_end(const Blurred& x) { return x.high; }
inline Blurred doubled(const Blurred& x) { return {2.0 * x.low, 2.0 * x.high}; }
inline void negate_in_place(Blurred& x) { x = Blurred(-x.high, -x.low); }

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
