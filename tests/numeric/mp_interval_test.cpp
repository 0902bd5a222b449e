#include "lyapcert/numeric/mp_interval.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "lyapcert/numeric/interval.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

using PointFunction = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

struct Function {
    const char* name;
    MpInterval (*interval)(const MpInterval&);
    PointFunction point;
    double lower;
    double upper;
};

const Function functions[] = {
    {"sqrt", &lyapcert::sqrt, mpfr_sqrt, 0, 1e9},    {"exp", &lyapcert::exp, mpfr_exp, -1e3, 1e3},
    {"log", &lyapcert::log, mpfr_log, 0, 1e9},       {"sin", &lyapcert::sin, mpfr_sin, -1e9, 1e9},
    {"cos", &lyapcert::cos, mpfr_cos, -1e9, 1e9},    {"asin", &lyapcert::asin, mpfr_asin, -1, 1},
    {"acos", &lyapcert::acos, mpfr_acos, -1, 1},     {"atan", &lyapcert::atan, mpfr_atan, -1e9, 1e9},
    {"sinh", &lyapcert::sinh, mpfr_sinh, -1e3, 1e3}, {"cosh", &lyapcert::cosh, mpfr_cosh, -1e3, 1e3},
    {"tanh", &lyapcert::tanh, mpfr_tanh, -1e3, 1e3}, {"asinh", &lyapcert::asinh, mpfr_asinh, -1e9, 1e9},
    {"acosh", &lyapcert::acosh, mpfr_acosh, 1, 1e9}, {"atanh", &lyapcert::atanh, mpfr_atanh, -1, 1},
    {"erf", &lyapcert::erf, mpfr_erf, -1e3, 1e3},    {"square", &lyapcert::square, mpfr_sqr, -1e9, 1e9},
};

// A double or a short rational interval of a random precision.
MpInterval random_interval(Random& random, double lower, double upper, long precision) {
    const auto draw = [&] {
        const double scale = std::exp(random.uniform(-30.0, 0.0));
        const double centre = random.chance(0.2) ? lower : random.chance(0.2) ? upper : 0.0;
        double x = random.chance(0.5) ? random.uniform(lower, upper) : centre + scale * random.uniform(-3.0, 3.0);
        if (random.chance(0.05)) x = std::floor(x);
        return std::clamp(x, lower, upper);
    };
    const double a = draw();
    const double b = random.chance(0.3) ? a : random.chance(0.5) ? std::min(upper, a + std::abs(a) * 1e-9) : draw();
    return MpInterval(rational_from_double(std::min(a, b)), rational_from_double(std::max(a, b)), precision);
}

// Some number in x, at 1100 bits.
struct Point {
    mpfr_t value;
    Point(Random& random, const MpInterval& x) {
        mpfr_init2(value, 1100);
        mpfr_sub(value, x.upper(), x.lower(), MPFR_RNDD);
        mpfr_mul_d(value, value, random.chance(0.2) ? 0.0 : random.chance(0.2) ? 1.0 : random.uniform(0.0, 1.0), MPFR_RNDD);
        mpfr_add(value, value, x.lower(), MPFR_RNDD);
        if (mpfr_greater_p(value, x.upper())) mpfr_set(value, x.upper(), MPFR_RNDN);
    }
    ~Point() { mpfr_clear(value); }
    Point(const Point&) = delete;
    Point& operator=(const Point&) = delete;
};

// The tightest interval of the precision around f(value).
MpInterval evaluate(PointFunction f, mpfr_srcptr value, long precision) {
    MpInterval result(precision);
    f(result.lower_ref(), value, MPFR_RNDD);
    f(result.upper_ref(), value, MPFR_RNDU);
    return result;
}

Rational exactly(mpfr_srcptr x) {
    Rational q;
    mpfr_get_q(q.backend().data(), x);
    return q;
}

bool equal(const MpInterval& x, const MpInterval& y) { return is_subset(x, y) && is_subset(y, x); }

}  // namespace

TEST_CASE("multiprecision arithmetic against exact rationals: contained and tight") {
    Random random(11);
    for (int trial = 0; trial < trials(4000); ++trial) {
        const long precision = random.integer(2, 300);
        const auto draw = [&](long p) {
            const Rational a = random.rational(1000, 999);
            const Rational b = random.chance(0.3) ? a : random.chance(0.3) ? Rational(a + Rational(1, 1L << 40)) : random.rational(1000, 999);
            return MpInterval(std::min(a, b), std::max(a, b), p);
        };
        const MpInterval x = draw(precision);
        const MpInterval y = draw(random.chance(0.5) ? precision : random.integer(2, 300));
        const long expected_precision = std::max(x.precision(), y.precision());
        const Rational xl = exactly(x.lower());
        const Rational xu = exactly(x.upper());
        const Rational yl = exactly(y.lower());
        const Rational yu = exactly(y.upper());
        CHECK(equal(x + y, MpInterval(xl + yl, xu + yu, expected_precision)));
        CHECK(equal(x - y, MpInterval(xl - yu, xu - yl, expected_precision)));
        const auto products = std::minmax({Rational(xl * yl), Rational(xl * yu), Rational(xu * yl), Rational(xu * yu)});
        CHECK(equal(x * y, MpInterval(products.first, products.second, expected_precision)));
        if (!contains_zero(y)) {
            const auto quotients = std::minmax({Rational(xl / yl), Rational(xl / yu), Rational(xu / yl), Rational(xu / yu)});
            CHECK(equal(x / y, MpInterval(quotients.first, quotients.second, expected_precision)));
        }
        CHECK(equal(-(-x), x));
        CHECK(equal(scale_by_power_of_two(scale_by_power_of_two(x, 77), -77), x));
        const Rational p = random.between(xl, xu);
        for (long n : {-3L, -2L, -1L, 0L, 1L, 2L, 3L, 6L}) {
            if (n < 0 && contains_zero(x)) continue;
            Rational power(1);
            for (long k = 0; k < std::abs(n); ++k) power *= p;
            CHECK(contains(pow(x, n), n < 0 ? Rational(1 / power) : power));
        }
        CHECK(contains(square(x), p * p));
        CHECK(contains(abs(x), p < 0 ? Rational(-p) : p));
        const Rational q = random.between(yl, yu);
        CHECK(contains(min(x, y), std::min(p, q)));
        CHECK(contains(max(x, y), std::max(p, q)));
        CHECK(contains(hull(x, y), p));
        CHECK(contains(hull(x, y), q));
        CHECK(contains(x.with_precision(random.integer(2, 100)), p));
    }
}

TEST_CASE("multiprecision elementary functions: contained, tight at points") {
    Random random(12);
    for (int trial = 0; trial < trials(700); ++trial)
        for (const Function& f : functions) {
            const long precision = random.integer(2, 200);
            const double bound = random.chance(0.5) ? 4.0 : 1e9;
            MpInterval x = random_interval(random, std::max(f.lower, -bound), std::min(f.upper, bound), precision);
            // Outward rounding at two or three bits may leave the domain.
            if (mpfr_cmp_d(x.lower(), f.lower) < 0 || mpfr_cmp_d(x.upper(), f.upper) > 0) continue;
            const MpInterval y = f.interval(x);
            CHECK(y.precision() == precision);
            for (int k = 0; k < 3; ++k) {
                const Point point(random, x);
                INFO(f.name << " at " << mpfr_get_d(point.value, MPFR_RNDN) << ", precision " << precision);
                CHECK(is_subset(evaluate(f.point, point.value, 300), y));
            }
            INFO(f.name << " at " << x.lower_double() << ", precision " << precision << " gave " << y.lower_double() << ", " << y.upper_double());
            // Beyond 2^precision sine and cosine settle for [-1, 1].
            if (mpfr_equal_p(x.lower(), x.upper()) &&
                (y.width_double() < 1.99 || std::abs(x.upper_double()) < std::ldexp(1.0, static_cast<int>(precision))))
                CHECK(equal(y, evaluate(f.point, x.lower(), precision)));
        }
}

TEST_CASE("tangent between its poles") {
    Random random(13);
    for (int trial = 0; trial < trials(1000); ++trial) {
        const MpInterval x = random_interval(random, -20.0, 20.0, random.integer(20, 200));
        MpInterval y;
        try {
            y = tan(x);
        } catch (const std::domain_error&) {
            continue;
        }
        for (int k = 0; k < 3; ++k) {
            const Point point(random, x);
            CHECK(is_subset(evaluate(mpfr_tan, point.value, 300), y));
        }
    }
    CHECK_THROWS_AS(tan(MpInterval(1.0, 2.0)), std::domain_error);
    CHECK_THROWS_AS(tan(MpInterval(0.0, 4.0)), std::domain_error);
    CHECK_NOTHROW(tan(MpInterval(-1.4, 1.4)));
    CHECK_NOTHROW(tan(MpInterval(1.6, 4.5)));
}

TEST_CASE("sine and cosine on wide intervals and at huge arguments") {
    Random random(14);
    for (int trial = 0; trial < trials(1000); ++trial) {
        const double a = random.uniform(-50.0, 50.0);
        const double b = a + random.uniform(0.0, 8.0);
        const MpInterval x(a, b, 60);
        const MpInterval s = sin(x);
        const MpInterval c = cos(x);
        double low = 2.0;
        double high = -2.0;
        for (int k = 0; k <= 100; ++k) {
            const double t = a + (b - a) * k / 100.0;
            low = std::min(low, std::sin(t));
            high = std::max(high, std::sin(t));
            CHECK(s.lower_double() <= std::sin(t) + 1e-15);
            CHECK(s.upper_double() >= std::sin(t) - 1e-15);
            CHECK(c.lower_double() <= std::cos(t) + 1e-15);
            CHECK(c.upper_double() >= std::cos(t) - 1e-15);
        }
        CHECK(s.lower_double() > low - 0.01);  // and not much too wide
        CHECK(s.upper_double() < high + 0.01);
    }
    const MpInterval huge(1e300, 1e300, 53);
    const MpInterval s = sin(huge);
    const Rational reference = rational_from_double(std::sin(1e300));
    CHECK(s.lower_double() >= -1.0);
    CHECK(s.upper_double() <= 1.0);
    CHECK(
        (s.width_double() > 1.0 || contains(hull(s - MpInterval(Rational(1, 1L << 40), 53), s + MpInterval(Rational(1, 1L << 40), 53)), reference)));
}

TEST_CASE("multiprecision: infinities, domains, NaN") {
    const MpInterval everything = MpInterval::everything();
    CHECK(is_zero(everything * MpInterval()));
    CHECK(is_zero(MpInterval() * everything));
    const MpInterval half = log(MpInterval(0.0, 1.0));
    CHECK(mpfr_inf_p(half.lower()));
    CHECK(mpfr_zero_p(half.upper()));
    CHECK(mpfr_inf_p((half + MpInterval(1.0, 2.0)).lower()));
    CHECK(exp(everything).lower_double() == 0.0);
    CHECK(exp(MpInterval::minus_infinity()).upper_double() == 0.0);
    CHECK(erf(everything).upper_double() == 1.0);
    const MpInterval beyond_one = exp(log(MpInterval(1.0, INFINITY)));
    CHECK(mpfr_zero_p((MpInterval(1.0, 2.0) / beyond_one).lower()));
    CHECK((MpInterval(1.0, 2.0) / beyond_one).upper_double() == 2.0);
    CHECK(mpfr_inf_p((beyond_one / beyond_one).upper()));
    CHECK(everything.width_double() == INFINITY);
    CHECK(MpInterval::minus_infinity().width_double() == 0.0);
    CHECK_THROWS_AS(MpInterval(NAN, 1.0), std::domain_error);
    CHECK_THROWS_AS(MpInterval(0.0, NAN), std::domain_error);
    CHECK_THROWS_AS(MpInterval(1.0, 0.0), std::domain_error);
    CHECK_THROWS_AS(MpInterval::minus_infinity() - MpInterval::minus_infinity(), std::domain_error);
    CHECK_THROWS_AS(MpInterval(1.0, 2.0) / MpInterval(-1.0, 1.0), std::domain_error);
    CHECK_THROWS_AS(MpInterval(1.0, 2.0) / MpInterval(0.0, 1.0), std::domain_error);
    CHECK_THROWS_AS(sqrt(MpInterval(-1.0, 1.0)), std::domain_error);
    CHECK_THROWS_AS(log(MpInterval(-1.0, 1.0)), std::domain_error);
    CHECK_THROWS_AS(asin(MpInterval(0.0, 1.5)), std::domain_error);
    CHECK_THROWS_AS(acos(MpInterval(-1.5, 0.0)), std::domain_error);
    CHECK_THROWS_AS(acosh(MpInterval(0.5, 2.0)), std::domain_error);
    CHECK_THROWS_AS(atanh(MpInterval(0.5, 2.0)), std::domain_error);
    CHECK_THROWS_AS(pow(MpInterval(-1.0, 2.0), -1), std::domain_error);
    CHECK_THROWS_AS(intersect(MpInterval(0.0, 1.0), MpInterval(2.0, 3.0)), std::logic_error);
}

TEST_CASE("multiprecision: aliasing and copies") {
    Random random(15);
    for (int trial = 0; trial < trials(500); ++trial) {
        const MpInterval x = random_interval(random, -10.0, 10.0, random.integer(2, 200));
        MpInterval y = x;
        const MpInterval& self = y;
        y += y;
        CHECK(equal(y, x + x));
        y = x;
        y *= y;
        CHECK(equal(y, x * x));
        y = x;
        y -= self;
        CHECK(contains_zero(y));
        y = self;
        CHECK(contains_zero(y));
        MpInterval moved = std::move(y);
        y = x;
        CHECK(equal(y, x));
        CHECK(contains_zero(moved));
    }
}

TEST_CASE("conversion to doubles and back is outward") {
    Random random(16);
    for (int trial = 0; trial < trials(2000); ++trial) {
        const Interval x = random.interval();
        CHECK(test::same(to_interval(to_mp(x)), x));
        CHECK(is_subset(MpInterval(x.lower(), x.upper(), 10), MpInterval::everything(10)));
        CHECK(is_subset(to_mp(x), to_mp(x, 10)));
        const Rational q = random.between(Rational(-3), Rational(5));
        const MpInterval y(q, 200);
        CHECK(y.lower_double() == test::round_down(q));
        CHECK(y.upper_double() == test::round_up(q));
        const Rational tiny = q / pow(Integer(2), 1070);
        CHECK(MpInterval(tiny, 200).lower_double() == test::round_down(tiny));
        CHECK(MpInterval(tiny, 200).upper_double() == test::round_up(tiny));
    }
}

TEST_CASE("MPFR is built for threads") { CHECK(mpfr_buildopt_tls_p() != 0); }
