#include "lyapcert/numeric/interval.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <thread>
#include <vector>

#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::round_down;
using test::round_up;
using test::same;
using test::trials;

namespace {

struct Operation {
    const char* name;
    Interval (*interval)(const Interval&, const Interval&);
    Rational (*exact)(const Rational&, const Rational&);
};

const Operation operations[] = {
    {"+", [](const Interval& x, const Interval& y) { return x + y; }, [](const Rational& x, const Rational& y) { return Rational(x + y); }},
    {"-", [](const Interval& x, const Interval& y) { return x - y; }, [](const Rational& x, const Rational& y) { return Rational(x - y); }},
    {"*", [](const Interval& x, const Interval& y) { return x * y; }, [](const Rational& x, const Rational& y) { return Rational(x * y); }},
    {"/", [](const Interval& x, const Interval& y) { return x / y; }, [](const Rational& x, const Rational& y) { return Rational(x / y); }},
};

bool finite(const Interval& x) { return std::isfinite(x.lower()) && std::isfinite(x.upper()); }
bool has_nan(const Interval& x) { return std::isnan(x.lower()) || std::isnan(x.upper()); }

struct Function {
    const char* name;
    Interval (*interval)(const Interval&);
    int (*point)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    double lower;  // the domain, as far as the test goes
    double upper;
};

const Function functions[] = {
    {"sqrt", &lyapcert::sqrt, mpfr_sqrt, 0.0, INFINITY},
    {"exp", &lyapcert::exp, mpfr_exp, -INFINITY, INFINITY},
    {"log", &lyapcert::log, mpfr_log, 0.0, INFINITY},
    {"sin", &lyapcert::sin, mpfr_sin, -1e6, 1e6},
    {"cos", &lyapcert::cos, mpfr_cos, -1e6, 1e6},
    {"tanh", &lyapcert::tanh, mpfr_tanh, -INFINITY, INFINITY},
    {"atanh", &lyapcert::atanh, mpfr_atanh, -1.0, 1.0},
    {"erf", &lyapcert::erf, mpfr_erf, -INFINITY, INFINITY},
    {"square", &lyapcert::square, mpfr_sqr, -INFINITY, INFINITY},
};

// f(point) lies in [y.lower, y.upper] and, for a point argument, y is the tightest such interval.
void check_point(const Function& f, const Interval& y, double point, bool tight) {
    mpfr_t t;
    mpfr_init2(t, 1100);
    mpfr_set_d(t, point, MPFR_RNDN);
    mpfr_t low;
    mpfr_t high;
    mpfr_inits2(300, low, high, static_cast<mpfr_ptr>(nullptr));
    f.point(low, t, MPFR_RNDD);
    f.point(high, t, MPFR_RNDU);
    INFO(f.name << "(" << point << ") in [" << y.lower() << ", " << y.upper() << "]");
    CHECK(mpfr_cmp_d(high, y.lower()) >= 0);
    CHECK(mpfr_cmp_d(low, y.upper()) <= 0);
    CHECK(mpfr_cmp_d(low, y.lower()) >= 0);
    CHECK(mpfr_cmp_d(high, y.upper()) <= 0);
    if (tight) {
        CHECK(y.lower() == mpfr_get_d(low, MPFR_RNDD));
        CHECK(y.upper() == mpfr_get_d(high, MPFR_RNDU));
    }
    mpfr_clears(t, low, high, static_cast<mpfr_ptr>(nullptr));
}

// Boost looks for zero in a divisor before any guard of ours is open: under denormals-are-zero a subnormal divisor makes it
// answer with a larger interval or throw.
bool is_plain_divisor(const Interval& y) {
    return !contains_zero(y) && std::fpclassify(y.lower()) != FP_SUBNORMAL && std::fpclassify(y.upper()) != FP_SUBNORMAL;
}

// Everything the type can do, on awkward arguments.
std::vector<Interval> sample_results() {
    Random random(77);
    std::vector<Interval> results;
    for (int trial = 0; trial < 300; ++trial) {
        const Interval x = random.interval();
        const Interval y = random.interval();
        for (const Operation& op : operations)
            if (op.name[0] != '/' || is_plain_divisor(y)) results.push_back(op.interval(x, y));
        for (const Function& f : functions)
            if (x.lower() >= f.lower && x.upper() <= f.upper) results.push_back(f.interval(x));
        results.push_back(to_interval(Rational(random.integer(-100, 100), random.integer(1, 100))));
        results.push_back(to_interval(to_mp(x) * to_mp(y)));
    }
    return results;
}

}  // namespace

TEST_CASE("interval arithmetic contains every exact result") {
    Random random(3);
    for (int trial = 0; trial < trials(5000); ++trial) {
        const Interval x = random.interval();
        const Interval y = random.interval();
        for (const Operation& op : operations) {
            const bool division = op.name[0] == '/';
            if (division && is_zero(y)) continue;
            const Interval z = op.interval(x, y);
            INFO("[" << x.lower() << ", " << x.upper() << "] " << op.name << " [" << y.lower() << ", " << y.upper() << "]");
            REQUIRE(!has_nan(z));
            for (int k = 0; k < 4; ++k) {
                const Rational p = random.inside(x);
                const Rational q = random.inside(y);
                if (division && q.is_zero()) continue;
                CHECK(contains(z, op.exact(p, q)));
            }
        }
    }
}

TEST_CASE("interval arithmetic is tight") {
    Random random(4);
    for (int trial = 0; trial < trials(5000); ++trial) {
        const Interval x = random.interval();
        const Interval y = random.interval();
        if (!finite(x) || !finite(y)) continue;
        for (const Operation& op : operations) {
            if (op.name[0] == '/' && contains_zero(y)) continue;
            const Interval z = op.interval(x, y);
            std::vector<Rational> corners;
            for (double a : {x.lower(), x.upper()})
                for (double b : {y.lower(), y.upper()}) corners.push_back(op.exact(rational_from_double(a), rational_from_double(b)));
            const auto [low, high] = std::minmax_element(corners.begin(), corners.end());
            INFO("[" << x.lower() << ", " << x.upper() << "] " << op.name << " [" << y.lower() << ", " << y.upper() << "]");
            CHECK(z.lower() == round_down(*low));
            CHECK(z.upper() == round_up(*high));
        }
    }
}

TEST_CASE("aliased arguments change nothing") {
    Random random(5);
    for (int trial = 0; trial < trials(1000); ++trial) {
        const Interval x = random.interval();
        for (const Operation& op : operations) {
            if (op.name[0] == '/' && contains_zero(x)) continue;
            const Interval copy = x;
            CHECK(same(op.interval(x, x), op.interval(x, copy)));
        }
        Interval y = x;
        const Interval& alias = y;
        y += y;
        CHECK(same(y, x + x));
        y = x;
        y *= y;
        CHECK(same(y, x * x));
        y = x;
        y -= alias;
        CHECK(same(y, x - x));
    }
}

TEST_CASE("elementary functions contain the values at all points and are tight at single ones") {
    Random random(6);
    for (int trial = 0; trial < trials(1500); ++trial)
        for (const Function& f : functions) {
            Interval x = trial % 3 == 0 ? random.interval() : random.moderate_interval(trial % 3 == 1 ? 1.0 : 30.0);
            if (f.lower == 0.0) x = boost::numeric::abs(x);
            if (!(x.lower() >= f.lower && x.upper() <= f.upper)) continue;
            const Interval y = f.interval(x);
            REQUIRE(!has_nan(y));
            for (int k = 0; k < 3; ++k) {
                const double p = test::round_down(random.inside(x));
                if (p >= x.lower() && p <= x.upper() && std::isfinite(p)) check_point(f, y, p, x.lower() == x.upper());
            }
        }
}

TEST_CASE("sine and cosine find their extremes") {
    const double pi = 3.141592653589793;
    for (int k = -40; k <= 40; ++k) {
        const Interval around_zero(k * pi - 0.25, k * pi + 0.25);
        const Interval around_crest(k * pi + pi / 2 - 0.25, k * pi + pi / 2 + 0.25);
        const double sign = k % 2 == 0 ? 1.0 : -1.0;
        CHECK(contains(cos(around_zero), Rational(static_cast<int>(sign))));
        CHECK(contains(sin(around_crest), Rational(static_cast<int>(sign))));
        CHECK(contains(sin(around_zero), Rational(0)));
        CHECK(sin(around_zero).upper() < 0.3);
        CHECK(sin(around_zero).lower() > -0.3);
    }
    CHECK(sin(Interval(0.0, 7.0)).lower() == -1.0);
    CHECK(sin(Interval(0.0, 7.0)).upper() == 1.0);
    CHECK(cos(Interval(-1e300, 1e300)).lower() == -1.0);
}

TEST_CASE("leaving the domain throws") {
    CHECK_THROWS_AS(sqrt(Interval(-1.0, 4.0)), std::domain_error);
    CHECK_THROWS_AS(log(Interval(-1.0, 4.0)), std::domain_error);
    CHECK_THROWS_AS(atanh(Interval(0.0, 1.5)), std::domain_error);
    CHECK(log(Interval(0.0, 1.0)).lower() == -INFINITY);
}

TEST_CASE("NaN never enters") {
    CHECK_THROWS(Interval(NAN));
    CHECK_THROWS(Interval(NAN, 1.0));
    CHECK_THROWS(Interval(0.0, NAN));
    CHECK_THROWS(Interval(2.0, 1.0));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS(Interval(1.0) + nan);
    CHECK_THROWS(Interval(1.0) * nan);
    CHECK_THROWS_AS(rational_from_double(NAN), std::invalid_argument);
    CHECK_THROWS_AS(rational_from_double(INFINITY), std::invalid_argument);
}

TEST_CASE("zero times infinity is zero") {
    const Interval everything(-INFINITY, INFINITY);
    CHECK(is_zero(everything * Interval(0.0)));
    CHECK(is_zero(Interval(0.0) * everything));
    const Interval z = Interval(0.0, 1.0) * Interval(1.0, INFINITY);
    CHECK(z.lower() == 0.0);
    CHECK(z.upper() == INFINITY);
}

TEST_CASE("predicates") {
    CHECK(less(Interval(0, 1), Interval(2, 3)) == Ternary::yes);
    CHECK(less(Interval(2, 3), Interval(0, 1)) == Ternary::no);
    CHECK(less(Interval(1, 2), Interval(0, 1)) == Ternary::no);
    CHECK(less(Interval(0, 1), Interval(1, 2)) == Ternary::undecided);
    CHECK(contains(Interval(0.1), rational_from_double(0.1)));
    CHECK(!contains(Interval(0.1), Rational(1, 10)));
    CHECK(contains(to_interval(Rational(1, 10)), Rational(1, 10)));
    CHECK(to_interval(Rational(1, 10)).lower() < to_interval(Rational(1, 10)).upper());
}

TEST_CASE("the mode found on entry changes no result") {
    const std::vector<Interval> expected = sample_results();
    const unsigned ftz_daz = 0x8040U;
    for (unsigned direction : {0x1F80U, 0x3F80U, 0x5F80U, 0x7F80U})
        for (unsigned flush : {0U, ftz_daz}) {
            // Draw the arguments in the ordinary mode, compute in the strange one.
            Random random(77);
            std::size_t index = 0;
            int wrong = 0;
            for (int trial = 0; trial < 300; ++trial) {
                const Interval x = random.interval();
                const Interval y = random.interval();
                const bool divide = is_plain_divisor(y);
                const Rational q(random.integer(-100, 100), random.integer(1, 100));
                std::vector<Interval> results;
                std::vector<bool> in_domain;
                for (const Function& f : functions) in_domain.push_back(x.lower() >= f.lower && x.upper() <= f.upper);
                detail::write_mxcsr(direction | flush);
                for (const Operation& op : operations)
                    if (op.name[0] != '/' || divide) results.push_back(op.interval(x, y));
                std::size_t i = 0;
                for (const Function& f : functions)
                    if (in_domain[i++]) results.push_back(f.interval(x));
                results.push_back(to_interval(q));
                results.push_back(to_interval(to_mp(x) * to_mp(y)));
                const unsigned left = detail::read_mxcsr();
                detail::write_mxcsr(detail::mxcsr_nearest);
                if ((left & detail::mxcsr_control_mask) != ((direction | flush) & detail::mxcsr_control_mask)) ++wrong;
                for (const Interval& r : results)
                    if (!same(r, expected.at(index++))) {
                        ++wrong;
                        UNSCOPED_INFO("mode " << std::hex << (direction | flush) << " x = [" << std::hexfloat << x.lower() << ", " << x.upper()
                                              << "], y = [" << y.lower() << ", " << y.upper() << "]: result " << (&r - results.data()) << " ["
                                              << r.lower() << ", " << r.upper() << "], expected [" << expected[index - 1].lower() << ", "
                                              << expected[index - 1].upper() << "]");
                    }
            }
            CHECK(wrong == 0);
        }
}

TEST_CASE("a rational becomes the tightest interval, a double itself") {
    Random random(61);
    for (int trial = 0; trial < trials(3000); ++trial) {
        const long bits = random.integer(1, 60);
        const long scale = random.integer(-100, 1100);
        const Rational odd = Rational(2 * random.integer(0, (1L << (bits - 1)) - 1) + 1);
        const Rational power = Rational(Integer(1) << static_cast<unsigned>(std::labs(scale)));
        const Rational x = (random.chance(0.5) ? odd : Rational(-odd)) * (scale < 0 ? power : Rational(1 / power)) / (random.chance(0.2) ? 3 : 1);
        const Interval found = to_interval(x);
        REQUIRE(contains(found, x));
        REQUIRE((found.lower() == found.upper() || std::nextafter(found.lower(), INFINITY) == found.upper()));
        if (found.lower() == found.upper()) REQUIRE(rational_from_double(found.lower()) == x);
        else REQUIRE_FALSE((x == rational_from_double(found.lower()) || x == rational_from_double(found.upper())));
    }
    CHECK(same(to_interval(Rational(0)), Interval(0.0)));
}

TEST_CASE("predicates see subnormal numbers in every mode") {
    const Interval tiny(std::numeric_limits<double>::denorm_min());
    const Interval larger(4 * std::numeric_limits<double>::denorm_min());
    detail::write_mxcsr(0x9FC0U);
    const bool zero = is_zero(tiny);
    const Ternary order = less(larger, tiny);
    const Ternary opposite = less(tiny, larger);
    const bool holds_zero = contains_zero(tiny);
    const bool point = contains(tiny, Rational(0));
    detail::write_mxcsr(detail::mxcsr_nearest);
    CHECK(!zero);
    CHECK(order == Ternary::no);
    CHECK(opposite != Ternary::no);
    CHECK(!holds_zero);
    CHECK(!point);
}

TEST_CASE("several threads at once, each in its own mode") {
    const std::vector<Interval> expected = sample_results();
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    const unsigned modes[] = {detail::mxcsr_nearest, detail::mxcsr_downward, detail::mxcsr_upward, 0x7F80U};
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            // std::uniform_real_distribution is itself floating point: draw first.
            Random random(5 + t);
            std::vector<std::pair<Interval, Interval>> arguments;
            for (int k = 0; k < 2000; ++k) {
                const Interval x = random.interval();
                arguments.emplace_back(x, random.interval());
            }
            std::vector<Interval> reference;
            for (const auto& [x, y] : arguments) reference.push_back(x * y + x);
            detail::write_mxcsr(modes[t]);
            for (int repeat = 0; repeat < 10; ++repeat)
                for (std::size_t k = 0; k < arguments.size(); ++k) {
                    const Interval z = arguments[k].first * arguments[k].second + arguments[k].first;
                    if (z.lower() != reference[k].lower() || z.upper() != reference[k].upper()) ++wrong[t];
                }
            detail::write_mxcsr(detail::mxcsr_nearest);
        });
    for (std::thread& t : threads) t.join();
    CHECK(wrong == std::vector<int>(4, 0));
    const std::vector<Interval> again = sample_results();
    REQUIRE(again.size() == expected.size());
    bool equal = true;
    for (std::size_t k = 0; k < again.size(); ++k) equal = equal && same(again[k], expected[k]);
    CHECK(equal);
}
