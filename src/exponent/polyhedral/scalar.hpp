// The scalars the polyhedral code runs on: `Interval` proves, `Along` proves for all families on a segment, `double` guides the search, `Blurred`
// lets the search foresee which signs the proof will not know.
#pragma once

#include <algorithm>

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

// A quantity that is affine in t on [0, 1], by its values at t = 0 and t = 1 (lyapcert/exponent/along.hpp). Products and quotients are for factors that do not
// depend on t: they are taken end by end. Its range is the hull of the two.
struct Along {
    Interval from;
    Interval to;
    Along() = default;
    explicit Along(double x) : from(x), to(x) {}
    Along(const Interval& a, const Interval& b) : from(a), to(b) {}
    Along& operator+=(const Along& x) { return *this = Along(from + x.from, to + x.to); }
};
inline Along operator+(const Along& x, const Along& y) { return {x.from + y.from, x.to + y.to}; }
inline Along operator-(const Along& x, const Along& y) { return {x.from - y.from, x.to - y.to}; }
inline Along operator*(const Along& x, const Along& y) { return {x.from * y.from, x.to * y.to}; }
inline Along operator/(const Along& x, const Along& y) { return {x.from / y.from, x.to / y.to}; }
inline double lower_end(const Along& x) { return std::min(x.from.lower(), x.to.lower()); }
inline double upper_end(const Along& x) { return std::max(x.from.upper(), x.to.upper()); }
inline Along doubled(const Along& x) { return {x.from + x.from, x.to + x.to}; }
inline void negate_in_place(Along& x) { x = Along(-x.from, -x.to); }

// The values of t at which bounds are evaluated, and a scalar at one of them.
template <class S>
inline constexpr int end_count = 1;
template <>
inline constexpr int end_count<Along> = 2;
template <class S>
const S& at_end(const S& x, int) { return x; }
inline const Interval& at_end(const Along& x, int end) { return end == 0 ? x.from : x.to; }

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
