// The numeric floor in one translation unit, against exact rationals and MPFR: tests/numeric/optimisation_levels.sh compiles it at every
// optimisation level with every compiler. Prints what fails; exit status 1.
#include <cfenv>
#include <cstdio>
#include <random>

#include "../../src/numeric/interval.cpp"
#include "../../src/numeric/mp_interval.cpp"
#include "../../src/numeric/rational.cpp"
#include "../../src/numeric/rounding.cpp"

using namespace lyapcert;

namespace {

int failures = 0;
void expect(bool ok, const char* what) {
    if (ok) return;
    if (++failures <= 20) std::printf("%s fails\n", what);
}

std::mt19937_64 engine(1);

// Any finite double; the shape of its exponent varies.
double draw() {
    const auto bits = static_cast<std::uint64_t>(engine());
    const std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
    std::uint64_t exponent = 0;
    switch (engine() % 4) {
        case 0: exponent = 0; break;
        case 1: exponent = 2046; break;
        case 2: exponent = engine() % 2047; break;
        default: exponent = 1000 + engine() % 46;
    }
    const std::uint64_t all = (bits & (std::uint64_t{1} << 63)) | (exponent << 52) | (engine() % 8 == 0 ? 0 : mantissa);
    double x = 0;
    std::memcpy(&x, &all, sizeof x);
    return x;
}

// By integers, under no rounding mode: mpfr_get_d would trust the mode.
bool at_most(double x, const Rational& y) {
    if (x == -std::numeric_limits<double>::infinity()) return true;
    if (x == std::numeric_limits<double>::infinity()) return false;
    return rational_from_double(x) <= y;
}
double next(double x, double toward) { return std::nextafter(x, toward); }
bool is_floor(double x, const Rational& y) { return at_most(x, y) && !at_most(next(x, std::numeric_limits<double>::infinity()), y); }
bool is_ceiling(double x, const Rational& y) { return is_floor(-x, -y); }

void primitives() {
    for (int k = 0; k < 4000; ++k) {
        const double a = draw();
        const double b = draw();
        double r[10];
        {
            const RoundUpward guard;
            r[0] = directed::add_down(a, b);
            r[1] = directed::add_up(a, b);
            r[2] = directed::sub_down(a, b);
            r[3] = directed::sub_up(a, b);
            r[4] = directed::mul_down(a, b);
            r[5] = directed::mul_up(a, b);
            r[6] = directed::div_down(a, b);
            r[7] = directed::div_up(a, b);
            r[8] = directed::sqrt_down(std::fabs(a));
            r[9] = directed::sqrt_up(std::fabs(a));
        }
        const Rational x = rational_from_double(a);
        const Rational y = rational_from_double(b);
        expect(is_floor(r[0], x + y), "add_down");
        expect(is_ceiling(r[1], x + y), "add_up");
        expect(is_floor(r[2], x - y), "sub_down");
        expect(is_ceiling(r[3], x - y), "sub_up");
        expect(is_floor(r[4], x * y), "mul_down");
        expect(is_ceiling(r[5], x * y), "mul_up");
        if (b != 0.0) expect(is_floor(r[6], x / y), "div_down");
        if (b != 0.0) expect(is_ceiling(r[7], x / y), "div_up");
        const Rational size = x < 0 ? Rational(-x) : x;
        const Rational low = rational_from_double(r[8]);
        const Rational high = rational_from_double(r[9]);
        expect(low * low <= size && high * high >= size && (r[8] == r[9] ? low * low == size : next(r[8], r[9]) == r[9]), "sqrt");
    }
}

// Operations on constants that a compiler would love to fold, and on the same operands under changing modes.
void folding() {
    const Interval one(1.0);
    const Interval three(3.0);
    const Interval third = one / three;
    expect(third.lower() < third.upper(), "1/3 has a width");
    expect(contains(third, Rational(1, 3)), "1/3");
    expect(contains(Interval(1.0) / Interval(5.0) * Interval(5.0) - Interval(1.0), Rational(0)), "1/5*5-1");
    const double up = [] { const RoundUpward guard; return directed::div_up(1.0, 10.0); }();
    const double down = [] { const RoundUpward guard; return directed::div_down(1.0, 10.0); }();
    const double near = [] { const RoundNearest guard; return directed::div_up(1.0, 10.0); }();
    expect(down < up && (near == up || near == down), "1/10 three ways");
    expect(sqrt(Interval(2.0)).lower() < sqrt(Interval(2.0)).upper(), "sqrt(2) has a width");
    Interval sum(0.0);
    for (int k = 0; k < 1000; ++k) sum += Interval(1.0) / Interval(10.0);
    expect(contains(sum, Rational(100)), "a sum in a loop");
}

Interval draw_interval() {
    const double a = draw();
    const double b = engine() % 2 == 0 ? a : draw();
    return a <= b ? Interval(a, b) : Interval(b, a);
}

// Every operation and function, also with the caller's mode in any state; a hostile mode must be there again afterwards.
void intervals() {
    using Function = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    const struct {
        const char* name;
        Interval (*f)(const Interval&);
        MpInterval (*g)(const MpInterval&);
        Function point;
        double lower;
        double upper;
    } functions[] = {{"sqrt", &sqrt, &sqrt, mpfr_sqrt, 0, INFINITY},       {"square", &square, &square, mpfr_sqr, -INFINITY, INFINITY},
                     {"exp", &exp, &exp, mpfr_exp, -INFINITY, INFINITY},   {"log", &log, &log, mpfr_log, 0, INFINITY},
                     {"sin", &sin, &sin, mpfr_sin, -INFINITY, INFINITY},   {"cos", &cos, &cos, mpfr_cos, -INFINITY, INFINITY},
                     {"tanh", &tanh, &tanh, mpfr_tanh, -INFINITY, INFINITY}, {"atanh", &atanh, &atanh, mpfr_atanh, -1, 1},
                     {"erf", &erf, &erf, mpfr_erf, -INFINITY, INFINITY}};
    for (int k = 0; k < 1500; ++k) {
        const Interval x = draw_interval();
        const Interval y = draw_interval();
        const bool divide = !contains_zero(y) && std::fpclassify(y.lower()) != FP_SUBNORMAL && std::fpclassify(y.upper()) != FP_SUBNORMAL;
        const unsigned mode = 0x1F80U | static_cast<unsigned>(engine() % 4) << 13 | (engine() % 2 == 0 ? 0x8040U : 0U);
        detail::write_mxcsr(mode);
        const Interval sum = x + y;
        const Interval difference = x - y;
        const Interval product = x * y;
        const Interval quotient = divide ? x / y : Interval(0.0);
        const Interval negative = -x;
        const Interval image[] = {sqrt(square(x)), square(x)};
        const unsigned left = detail::read_mxcsr();
        detail::write_mxcsr(detail::mxcsr_nearest);
        expect((left & detail::mxcsr_control_mask) == (mode & detail::mxcsr_control_mask), "the mode comes back");
        for (const double a : {x.lower(), x.upper()}) {
            const Rational p = rational_from_double(a);
            expect(contains(negative, -p), "negation");
            expect(contains(image[0], p < 0 ? Rational(-p) : p), "sqrt of square");
            expect(contains(image[1], p * p), "square");
            for (const double b : {y.lower(), y.upper()}) {
                const Rational q = rational_from_double(b);
                expect(contains(sum, p + q), "sum");
                expect(contains(difference, p - q), "difference");
                expect(contains(product, p * q), "product");
                if (divide) expect(contains(quotient, p / q), "quotient");
                const MpInterval u = to_mp(x, 53);
                const MpInterval v = to_mp(y, 53);
                expect(contains(u + v, p + q) && contains(u - v, p - q) && contains(u * v, p * q), "MPFR arithmetic");
                if (divide) expect(contains(u / v, p / q), "MPFR division");
            }
        }
        mpfr_t t;
        mpfr_init2(t, 53);
        for (const auto& f : functions) {
            if (!(x.lower() >= f.lower && x.upper() <= f.upper)) continue;
            if (k % 16 != 0) continue;
            detail::write_mxcsr(mode);
            const Interval z = f.f(x);
            detail::write_mxcsr(detail::mxcsr_nearest);
            const MpInterval w = f.g(to_mp(x, 53));
            for (const double a : {x.lower(), x.upper()}) {
                MpInterval value(153);
                mpfr_set_d(t, a, MPFR_RNDN);
                f.point(value.lower_ref(), t, MPFR_RNDD);
                f.point(value.upper_ref(), t, MPFR_RNDU);
                expect(is_subset(value, to_mp(z, 153)), f.name);
                expect(is_subset(value, w), f.name);
            }
        }
        mpfr_clear(t);
    }
}

}  // namespace

int main() {
    self_test_rounding();
    primitives();
    folding();
    intervals();
    if (failures > 0) std::printf("%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
