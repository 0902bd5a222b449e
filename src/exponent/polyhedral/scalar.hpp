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

// A quantity that is affine in t on [0, 1], by its values at t = 0 and t = 1 (lyapcert/exponent/along.hpp): of intervals it proves for all families on a segment, of doubles
// it guides the search. Products and quotients are for factors that do not depend on t: they are taken end by end. Its range is the hull of the two.
template <class T>
struct AlongOf {
    T from;
    T to;
    AlongOf() = default;
    explicit AlongOf(double x) : from(x), to(x) {}
    AlongOf(const T& a, const T& b) : from(a), to(b) {}
    AlongOf& operator+=(const AlongOf& x) { return *this = AlongOf(from + x.from, to + x.to); }
    friend AlongOf operator+(const AlongOf& x, const AlongOf& y) { return {x.from + y.from, x.to + y.to}; }
    friend AlongOf operator-(const AlongOf& x, const AlongOf& y) { return {x.from - y.from, x.to - y.to}; }
    friend AlongOf operator*(const AlongOf& x, const AlongOf& y) { return {x.from * y.from, x.to * y.to}; }
    friend AlongOf operator/(const AlongOf& x, const AlongOf& y) { return {x.from / y.from, x.to / y.to}; }
};
template <class T>
double lower_end(const AlongOf<T>& x) { return std::min(lower_end(x.from), lower_end(x.to)); }
template <class T>
double upper_end(const AlongOf<T>& x) { return std::max(upper_end(x.from), upper_end(x.to)); }
template <class T>
AlongOf<T> doubled(const AlongOf<T>& x) { return {x.from + x.from, x.to + x.to}; }
template <class T>
void negate_in_place(AlongOf<T>& x) { x = AlongOf<T>(-x.from, -x.to); }
using Along = AlongOf<Interval>;

// The values of t at which bounds are evaluated, and a scalar at one of them.
template <class S>
inline constexpr int end_count = 1;
template <class T>
inline constexpr int end_count<AlongOf<T>> = 2;
template <class S>
const S& at_end(const S& x, int) { return x; }
template <class T>
const T& at_end(const AlongOf<T>& x, int end) { return end == 0 ? x.from : x.to; }

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
