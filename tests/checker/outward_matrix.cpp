// The checker's doubles in a translation unit of their own, against exact rationals, under every rounding mode with and without subnormal
// numbers: tests/numeric/optimisation_levels.sh compiles it at every optimisation level with every compiler. Exit status 1: something fails.
#include <gmpxx.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>

#include "../../src/checker/numbers/outward.hpp"

using lyapcert::checker::Outward;

namespace {

unsigned read_mxcsr() {
    unsigned value = 0;
    asm volatile("stmxcsr %0" : "=m"(value) : : "memory");
    return value;
}
void write_mxcsr(unsigned value) { asm volatile("ldmxcsr %0" : : "m"(value) : "memory"); }

std::mt19937_64 engine(1);

// Below 2^500, often subnormal, zero or of few bits.
double draw(bool positive) {
    std::uint64_t bits = engine() & ((std::uint64_t{1} << 52) - 1);
    if (engine() % 4 == 0) bits &= ~((std::uint64_t{1} << 45) - 1);
    const std::uint64_t exponent = positive ? 1023 - 190 + engine() % 500 : engine() % 3 == 0 ? engine() % 60 : engine() % 3 == 0 ? 1000 + engine() % 60 : engine() % (1023 + 499);
    const std::uint64_t all = bits | (exponent << 52) | (positive ? 0 : (engine() & (std::uint64_t{1} << 63)));
    double x = 0;
    std::memcpy(&x, &all, sizeof x);
    return x;
}

Outward draw_interval(bool positive) {
    const double a = draw(positive);
    const double b = engine() % 2 == 0 ? a : draw(positive);
    return a <= b ? Outward(a, b) : Outward(b, a);
}

bool encloses(const Outward& z, const mpq_class& x) {
    if (std::isnan(z.lo) || std::isnan(z.hi)) return false;
    return (std::isinf(z.lo) ? z.lo < 0 : mpq_class(z.lo) <= x) && (std::isinf(z.hi) ? z.hi > 0 : mpq_class(z.hi) >= x);
}

}  // namespace

int main() {
    const unsigned clean = read_mxcsr();
    int failures = 0;
    for (int k = 0; k < 20000; ++k) {
        Outward x = draw_interval(false);
        Outward y = draw_interval(false);
        Outward d = draw_interval(true);
        const unsigned mode = (clean & ~0xE040U) | static_cast<unsigned>(engine() % 4) << 13 | (engine() % 2 == 0 ? 0x8000U : 0U) | (engine() % 2 == 0 ? 0x0040U : 0U);
        write_mxcsr(mode);
        // Keeps the operations between the two modes.
        asm volatile("" : "+m"(x), "+m"(y), "+m"(d) : : "memory");
        Outward z[4] = {x + y, x - y, x * y, x / d};
        asm volatile("" : "+m"(z) : : "memory");
        write_mxcsr(clean);
        for (const double a : {x.lo, x.hi}) {
            const mpq_class p(a);
            for (const double b : {y.lo, y.hi}) {
                const mpq_class q(b);
                failures += encloses(z[0], p + q) && encloses(z[1], p - q) && encloses(z[2], p * q) ? 0 : 1;
            }
            for (const double b : {d.lo, d.hi}) failures += encloses(z[3], p / mpq_class(b)) ? 0 : 1;
        }
    }
    if (failures > 0) std::printf("outward: %d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
