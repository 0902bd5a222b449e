// Directed rounding: the one place of this project that touches the floating-point mode.
//
// Every primitive is a single SSE2 instruction issued through a volatile asm statement. A compiler keeps volatile asm
// statements in program order and neither folds, duplicates, contracts nor removes them, so an operation can never
// drift across the instruction that sets the mode (GCC PR34678 and its clang twin), whatever the optimisation level.
//
// All arithmetic runs in one direction, upward; downward results come from negation, which is exact:
//     a + b rounded down = -((-a) + (-b) rounded up), likewise for products and quotients.
#pragma once

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "lyapcert needs IEEE 754 arithmetic: do not compile it with -ffast-math"
#endif
#if !defined(__x86_64__)
#error "lyapcert's directed rounding is written for x86-64 (SSE2, MXCSR)"
#endif

#include <cstdint>
#include <cstring>
#include <limits>

namespace lyapcert {

namespace detail {

// Control bits of MXCSR: all exceptions masked, flush-to-zero and denormals-are-zero off, and the direction.
inline constexpr unsigned mxcsr_nearest = 0x1F80U;
inline constexpr unsigned mxcsr_downward = 0x3F80U;
inline constexpr unsigned mxcsr_upward = 0x5F80U;
inline constexpr unsigned mxcsr_control_mask = 0xFFC0U;  // the remaining six bits are sticky exception flags

inline unsigned read_mxcsr() noexcept {
    unsigned value = 0;
    asm volatile("stmxcsr %0" : "=m"(value));
    return value;
}
inline void write_mxcsr(unsigned value) noexcept { asm volatile("ldmxcsr %0" : : "m"(value)); }

// Sets the given control word for its lifetime and restores the one it found. Costs one read when the word is
// already in place, so nested guards are cheap.
template <unsigned Control>
class RoundingGuard {
  public:
    RoundingGuard() noexcept : saved_(read_mxcsr()), changed_((saved_ & mxcsr_control_mask) != Control) {
        if (changed_) write_mxcsr(Control);
    }
    ~RoundingGuard() {
        if (changed_) write_mxcsr(saved_);
    }
    RoundingGuard(const RoundingGuard&) = delete;
    RoundingGuard& operator=(const RoundingGuard&) = delete;

  private:
    unsigned saved_;
    bool changed_;
};

// The order of doubles as an order of integers (-0 and +0 are one). A caller's denormals-are-zero flag makes a
// floating-point comparison take subnormal numbers for zero, and a guard does not help: the compiler may move an ordinary
// comparison across it. Not for NaN.
inline std::int64_t order_key(double x) noexcept {
    std::int64_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}

}  // namespace detail

// Round-upward mode, gradual underflow on, for the lifetime of the object and for this thread only. Every interval
// operation opens such a guard for itself; a kernel opens one around its loops so that they find the mode in place.
using RoundUpward = detail::RoundingGuard<detail::mxcsr_upward>;
// Round-to-nearest: for floating-point search code that may be called from anywhere.
using RoundNearest = detail::RoundingGuard<detail::mxcsr_nearest>;

// The primitives. They round upward only while a RoundUpward is alive in this thread. Each returns the smallest
// double not below the exact result (+infinity on overflow), and -- for the *_down forms -- the largest not above it.
namespace directed {

inline double add_up(double a, double b) noexcept {
    asm volatile("addsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double sub_up(double a, double b) noexcept {
    asm volatile("subsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double mul_up(double a, double b) noexcept {
    asm volatile("mulsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double div_up(double a, double b) noexcept {
    asm volatile("divsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double add_down(double a, double b) noexcept { return -add_up(-a, -b); }
inline double sub_down(double a, double b) noexcept { return -sub_up(b, a); }
inline double mul_down(double a, double b) noexcept { return -mul_up(-a, b); }
inline double div_down(double a, double b) noexcept { return -div_up(-a, b); }

inline double sqrt_up(double a) noexcept {
    asm volatile("sqrtsd %0, %0" : "+x"(a));
    return a;
}
// A square root has no negation trick: the direction is switched for the one instruction.
inline double sqrt_down(double a) noexcept {
    const detail::RoundingGuard<detail::mxcsr_downward> guard;
    asm volatile("sqrtsd %0, %0" : "+x"(a));
    return a;
}

}  // namespace directed

// Start-up self-test: computes operations whose correctly rounded results are known, in every direction, near 1, near
// overflow and in the subnormal range. Throws std::runtime_error when the environment does not honour the mode
// (valgrind and some emulators do not). The program runs it before anything else.
void self_test_rounding();

}  // namespace lyapcert
