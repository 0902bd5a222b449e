// Containment in the manner of Arb, one body over the engines: draw an enclosure, pick an exact point inside, compute with the point exactly
// or with 100 more bits, demand containment; again with aliased arguments.
#include <catch2/catch.hpp>

#include "lyapcert/numeric/decimal.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

template <class T>
struct Drawn {
    T enclosure;
    Rational point;
};

Rational exactly(mpfr_srcptr x) {
    Rational q;
    mpfr_get_q(q.backend().data(), x);
    return q;
}

// The three engines behind one seam.
template <class T>
struct Engine;

template <>
struct Engine<Rational> {
    static Drawn<Rational> draw(Random& random) {
        const Rational x = random.chance(0.1) ? Rational(0) : random.rational(1000, 99);
        return {x, x};
    }
    static bool holds(const Rational& x, const Rational& point) { return x == point; }
    static Rational squared(const Rational& x) { return x * x; }
    static bool may_vanish(const Rational& x) { return is_zero(x); }
    static bool equal(const Rational& x, const Rational& y) { return x == y; }
};

template <>
struct Engine<Interval> {
    static Drawn<Interval> draw(Random& random) {
        const Interval x = random.chance(0.5) ? random.interval() : random.moderate_interval(10.0);
        return {x, random.inside(x)};
    }
    static bool holds(const Interval& x, const Rational& point) { return contains(x, point); }
    static Interval squared(const Interval& x) { return square(x); }
    static bool may_vanish(const Interval& x) { return contains_zero(x); }
    static bool equal(const Interval& x, const Interval& y) { return test::same(x, y); }
};

template <>
struct Engine<MpInterval> {
    static Drawn<MpInterval> draw(Random& random) {
        const long precision = random.integer(2, 200);
        const Interval d = random.chance(0.5) ? random.interval() : random.moderate_interval(10.0);
        return {to_mp(d, precision), random.inside(d)};
    }
    static bool holds(const MpInterval& x, const Rational& point) { return contains(x, point); }
    static MpInterval squared(const MpInterval& x) { return square(x); }
    static bool may_vanish(const MpInterval& x) { return contains_zero(x); }
    static bool equal(const MpInterval& x, const MpInterval& y) { return is_subset(x, y) && is_subset(y, x); }
};

std::size_t size(const Rational& x) { return mpz_sizeinbase(mpq_numref(x.backend().data()), 2) + mpz_sizeinbase(mpq_denref(x.backend().data()), 2); }

}  // namespace

TEMPLATE_TEST_CASE("random programs enclose the exact values", "", Rational, Interval, MpInterval) {
    using E = Engine<TestType>;
    Random random(51);
    for (int trial = 0; trial < trials(1500); ++trial) {
        std::vector<Drawn<TestType>> values;
        for (int k = 0; k < 3; ++k) values.push_back(E::draw(random));
        for (int step = 0; step < 10; ++step) {
            const Drawn<TestType> a = values[static_cast<std::size_t>(random.integer(0, static_cast<long>(values.size()) - 1))];
            const Drawn<TestType> b = random.chance(0.2) ? a : values[static_cast<std::size_t>(random.integer(0, static_cast<long>(values.size()) - 1))];
            if (size(a.point) + size(b.point) > 30000) continue;
            if (b.point.is_zero()) CHECK(E::may_vanish(b.enclosure));
            TestType z = a.enclosure;  // for the assigning forms
            Rational p;
            TestType r = a.enclosure;
            const long op = random.integer(0, 5);
            if (op == 3 && E::may_vanish(b.enclosure)) continue;
            switch (op) {
                case 0: r = a.enclosure + b.enclosure, z += b.enclosure, p = a.point + b.point; break;
                case 1: r = a.enclosure - b.enclosure, z -= b.enclosure, p = a.point - b.point; break;
                case 2: r = a.enclosure * b.enclosure, z *= b.enclosure, p = a.point * b.point; break;
                case 3: r = a.enclosure / b.enclosure, z /= b.enclosure, p = a.point / b.point; break;
                case 4: r = -a.enclosure, z = -z, p = -a.point; break;
                default: r = E::squared(a.enclosure), z = E::squared(z), p = a.point * a.point;
            }
            INFO("operation " << op);
            CHECK(E::holds(r, p));
            CHECK(E::equal(r, z));
            values.push_back({r, p});
        }
    }
}

TEMPLATE_TEST_CASE("an object that is its own operand", "", Rational, Interval, MpInterval) {
    using E = Engine<TestType>;
    Random random(52);
    for (int trial = 0; trial < trials(1000); ++trial) {
        const Drawn<TestType> a = E::draw(random);
        const Rational& p = a.point;
        TestType x = a.enclosure;
        x += x;
        CHECK(E::holds(x, p + p));
        x = a.enclosure;
        const TestType& alias = x;
        x -= alias;
        CHECK(E::holds(x, 0));
        x = a.enclosure;
        x *= x;
        CHECK(E::holds(x, p * p));
        if (!E::may_vanish(a.enclosure)) {
            x = a.enclosure;
            x /= alias;
            CHECK(E::holds(x, 1));
        }
        x = a.enclosure;
        x = alias;
        CHECK(E::equal(x, a.enclosure));
    }
}

TEST_CASE("intervals and plain doubles mix") {
    Random random(53);
    for (int trial = 0; trial < trials(2000); ++trial) {
        const Drawn<Interval> a = Engine<Interval>::draw(random);
        const double d = random.finite();
        const Rational q = rational_from_double(d);
        CHECK(contains(a.enclosure + d, a.point + q));
        CHECK(contains(d + a.enclosure, a.point + q));
        CHECK(contains(a.enclosure - d, a.point - q));
        CHECK(contains(d - a.enclosure, q - a.point));
        CHECK(contains(a.enclosure * d, a.point * q));
        CHECK(contains(d * a.enclosure, a.point * q));
        if (d != 0.0) CHECK(contains(a.enclosure / d, a.point / q));
        if (!a.point.is_zero() && !is_zero(a.enclosure)) CHECK(contains(d / a.enclosure, q / a.point));
        CHECK(contains(to_interval(a.point), a.point));
        CHECK(contains(to_interval(MpInterval(a.point, random.integer(2, 100))), a.point));
        CHECK(contains(to_mp(a.enclosure, random.integer(2, 100)), a.point));
    }
}

namespace {

struct Function {
    const char* name;
    Interval (*of_interval)(const Interval&);  // null: only at many digits
    MpInterval (*of_mp)(const MpInterval&);
    int (*point)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    double lower;  // the domain
    double upper;
};

const Function functions[] = {
    {"sqrt", &sqrt, &sqrt, mpfr_sqrt, 0, INFINITY},
    {"square", &square, &square, mpfr_sqr, -INFINITY, INFINITY},
    {"exp", &exp, &exp, mpfr_exp, -INFINITY, INFINITY},
    {"log", &log, &log, mpfr_log, 0, INFINITY},
    {"sin", &sin, &sin, mpfr_sin, -INFINITY, INFINITY},
    {"cos", &cos, &cos, mpfr_cos, -INFINITY, INFINITY},
    {"tanh", &tanh, &tanh, mpfr_tanh, -INFINITY, INFINITY},
    {"atanh", &atanh, &atanh, mpfr_atanh, -1, 1},
    {"erf", &erf, &erf, mpfr_erf, -INFINITY, INFINITY},
    {"abs", nullptr, &abs, mpfr_abs, -INFINITY, INFINITY},
    {"asin", nullptr, &asin, mpfr_asin, -1, 1},
    {"acos", nullptr, &acos, mpfr_acos, -1, 1},
    {"atan", nullptr, &atan, mpfr_atan, -INFINITY, INFINITY},
    {"sinh", nullptr, &sinh, mpfr_sinh, -INFINITY, INFINITY},
    {"cosh", nullptr, &cosh, mpfr_cosh, -INFINITY, INFINITY},
    {"asinh", nullptr, &asinh, mpfr_asinh, -INFINITY, INFINITY},
    {"acosh", nullptr, &acosh, mpfr_acosh, 1, INFINITY},
};

Interval draw_argument(Random& random, const Function& f) {
    switch (random.integer(0, 4)) {
        case 0: return random.interval();
        case 1: return random.moderate_interval(1.0);
        case 2: {  // near the crests and zeros of the waves
            const double centre = static_cast<double>(random.integer(-50, 50)) * 1.5707963267948966;
            const double radius = random.chance(0.3) ? 0.0 : std::ldexp(1.0, -static_cast<int>(random.integer(-1, 60)));
            return Interval(centre - radius, centre + radius);
        }
        case 3: {  // at the edge of the domain
            const double edge = std::isfinite(f.lower) ? (random.chance(0.5) && std::isfinite(f.upper) ? f.upper : f.lower) : 0.0;
            const double other = edge + random.uniform(-1.0, 2.0) * std::ldexp(1.0, -static_cast<int>(random.integer(0, 60)));
            return Interval(std::min(edge, other), std::max(edge, other));
        }
        default: return random.moderate_interval(700.0);
    }
}

// A number of x at so many bits; an infinite end is taken for 2^1100.
void pick(mpfr_ptr result, Random& random, const MpInterval& x) {
    mpfr_t low;
    mpfr_t high;
    mpfr_inits2(mpfr_get_prec(result), low, high, static_cast<mpfr_ptr>(nullptr));
    mpfr_set(low, x.lower(), MPFR_RNDN);
    mpfr_set(high, x.upper(), MPFR_RNDN);
    if (mpfr_inf_p(low)) mpfr_set_si_2exp(low, -1, 1100, MPFR_RNDN);
    if (mpfr_inf_p(high)) mpfr_set_si_2exp(high, 1, 1100, MPFR_RNDN);
    mpfr_sub(result, high, low, MPFR_RNDN);
    mpfr_mul_d(result, result, random.chance(0.3) ? static_cast<double>(random.integer(0, 1)) : random.uniform(0.0, 1.0), MPFR_RNDN);
    mpfr_add(result, result, low, MPFR_RNDN);
    if (mpfr_less_p(result, low)) mpfr_set(result, low, MPFR_RNDN);
    if (mpfr_greater_p(result, high)) mpfr_set(result, high, MPFR_RNDN);
    mpfr_clears(low, high, static_cast<mpfr_ptr>(nullptr));
}

template <class T>
void check_function(Random& random, const Function& f, T (*function)(const T&), const T& x, const MpInterval& arguments) {
    INFO(f.name << " of [" << arguments.lower_double() << ", " << arguments.upper_double() << "] at " << arguments.precision() << " bits");
    if (mpfr_cmp_d(arguments.lower(), f.lower) < 0 || mpfr_cmp_d(arguments.upper(), f.upper) > 0) {
        CHECK_THROWS_AS(function(x), std::domain_error);
        return;
    }
    const T y = function(x);
    T aliased = x;
    aliased = function(aliased);
    CHECK(Engine<T>::equal(aliased, y));
    MpInterval image(2);
    if constexpr (std::is_same_v<T, Interval>) image = to_mp(y);
    else image = y;
    const long more = std::max(arguments.precision(), 53L) + 100;
    mpfr_t point;
    mpfr_init2(point, more);
    for (int k = 0; k < 3; ++k) {
        pick(point, random, arguments);
        MpInterval value(more);
        f.point(value.lower_ref(), point, MPFR_RNDD);
        f.point(value.upper_ref(), point, MPFR_RNDU);
        CHECK(is_subset(value, image));
    }
    mpfr_clear(point);
}

}  // namespace

TEST_CASE("elementary functions of both interval engines contain the values at 100 more bits, or refuse") {
    Random random(54);
    for (int trial = 0; trial < trials(800); ++trial)
        for (const Function& f : functions) {
            const Interval x = draw_argument(random, f);
            if (f.of_interval != nullptr) check_function<Interval>(random, f, f.of_interval, x, to_mp(x));
            const MpInterval z = to_mp(x, random.integer(2, 200));
            check_function<MpInterval>(random, f, f.of_mp, z, z);
        }
}

TEST_CASE("powers, scaling, hulls and intersections at many digits") {
    Random random(55);
    for (int trial = 0; trial < trials(2000); ++trial) {
        const Drawn<MpInterval> a = Engine<MpInterval>::draw(random);
        const Drawn<MpInterval> b = Engine<MpInterval>::draw(random);
        const long n = random.integer(-7, 7);
        if (n >= 0 || !contains_zero(a.enclosure)) {
            Rational power = 1;
            for (long k = 0; k < std::abs(n); ++k) power *= a.point;
            CHECK(contains(pow(a.enclosure, n), n < 0 ? Rational(1 / power) : power));
        } else {
            CHECK_THROWS_AS(pow(a.enclosure, n), std::domain_error);
        }
        const long k = random.integer(-300, 300);
        const Integer two = pow(Integer(2), static_cast<unsigned>(std::abs(k)));
        CHECK(contains(scale_by_power_of_two(a.enclosure, k), k >= 0 ? Rational(a.point * two) : Rational(a.point / two)));
        CHECK(contains(min(a.enclosure, b.enclosure), std::min(a.point, b.point)));
        CHECK(contains(max(a.enclosure, b.enclosure), std::max(a.point, b.point)));
        CHECK(contains(hull(a.enclosure, b.enclosure), a.point));
        CHECK(contains(hull(a.enclosure, b.enclosure), b.point));
        const MpInterval other = hull(b.enclosure, MpInterval(a.point, 40));
        CHECK(contains(intersect(a.enclosure, other), a.point));
        CHECK(contains(a.enclosure.with_precision(random.integer(2, 300)), a.point));
        const bool disjoint = certainly_less(a.enclosure, b.enclosure) || certainly_less(b.enclosure, a.enclosure);
        if (disjoint) CHECK_THROWS_AS(intersect(a.enclosure, b.enclosure), std::logic_error);
        else CHECK_NOTHROW(intersect(a.enclosure, b.enclosure));
    }
    const MpInterval largest = scale_by_power_of_two(MpInterval(1.0, 1.0, 53), mpfr_get_emax() - 1);
    const MpInterval beyond = scale_by_power_of_two(largest, 10);
    CHECK(mpfr_number_p(beyond.lower()));
    CHECK(mpfr_inf_p(beyond.upper()));
    const MpInterval vanishing = scale_by_power_of_two(MpInterval(1.0, 1.0, 53), mpfr_get_emin() - 10);
    CHECK(mpfr_zero_p(vanishing.lower()));
    CHECK(certainly_positive(scale_by_power_of_two(MpInterval(1.0, 1.0, 53), mpfr_get_emin() + 10)));
    CHECK(!mpfr_zero_p(vanishing.upper()));
}

TEST_CASE("pi at every precision") {
    for (long precision = 2; precision < 400; ++precision) {
        const MpInterval pi = MpInterval::pi(precision);
        CHECK(is_subset(MpInterval::pi(precision + 100), pi));
        CHECK(pi.precision() == precision);
        MpInterval next(precision);  // one step wide
        mpfr_set(next.lower_ref(), pi.lower(), MPFR_RNDD);
        mpfr_set(next.upper_ref(), pi.lower(), MPFR_RNDD);
        mpfr_nextabove(next.upper_ref());
        CHECK(is_subset(pi, next));
    }
}

TEST_CASE("sizes at many digits are rounded the right way") {
    Random random(56);
    for (int trial = 0; trial < trials(2000); ++trial) {
        const MpInterval x = Engine<MpInterval>::draw(random).enclosure;
        CHECK(mpfr_cmp_d(x.lower(), x.lower_double()) >= 0);
        CHECK(mpfr_cmp_d(x.upper(), x.upper_double()) <= 0);
        if (!mpfr_number_p(x.lower()) || !mpfr_number_p(x.upper())) {
            CHECK(x.width_double() == INFINITY);
            continue;
        }
        const Rational low = exactly(x.lower());
        const Rational high = exactly(x.upper());
        CHECK(x.lower_double() == test::round_down(low));
        CHECK(x.upper_double() == test::round_up(high));
        if (std::isfinite(x.width_double())) CHECK(rational_from_double(x.width_double()) >= high - low);
        if (x.precision() >= 53) CHECK(x.width_double() <= 1.001 * test::round_up(high - low));
        CHECK(x.midpoint_double() >= x.lower_double());
        CHECK(x.midpoint_double() <= x.upper_double());
    }
}

namespace {

template <class T>
void check_predicates(const T& x, const Rational& xl, const Rational& xu, const T& y, const Rational& yl, const Rational& yu) {
    CHECK(contains_zero(x) == (xl <= 0 && xu >= 0));
    CHECK(is_zero(x) == (xl == 0 && xu == 0));
    CHECK(certainly_positive(x) == (xl > 0));
    CHECK(certainly_negative(x) == (xu < 0));
    CHECK(certainly_less(x, y) == (xu < yl));
    CHECK(less(x, y) == (xu < yl ? Ternary::yes : xl >= yu ? Ternary::no : Ternary::undecided));
    for (const Rational& p : {xl, xu, yl, yu, Rational((xl + xu) / 2), Rational(0)}) CHECK(contains(x, p) == (xl <= p && p <= xu));
}

}  // namespace

TEST_CASE("predicates say what the ends say") {
    Random random(57);
    for (int trial = 0; trial < trials(3000); ++trial) {
        const Interval x = random.interval();
        const Interval y = random.chance(0.3) ? Interval(x.upper(), std::max(x.upper(), random.finite())) : random.interval();
        bool finite = true;
        for (const double end : {x.lower(), x.upper(), y.lower(), y.upper()}) finite = finite && std::isfinite(end);
        if (!finite) continue;
        check_predicates(x, rational_from_double(x.lower()), rational_from_double(x.upper()), y, rational_from_double(y.lower()), rational_from_double(y.upper()));
        const MpInterval u = to_mp(x, random.integer(2, 80));
        const MpInterval v = to_mp(y, random.integer(2, 80));
        check_predicates(u, exactly(u.lower()), exactly(u.upper()), v, exactly(v.lower()), exactly(v.upper()));
        CHECK(is_subset(u, v) == (exactly(v.lower()) <= exactly(u.lower()) && exactly(u.upper()) <= exactly(v.upper())));
    }
}

TEST_CASE("three-valued logic") {
    const Ternary all[] = {Ternary::no, Ternary::undecided, Ternary::yes};
    // What a value stands for: a set of truth values.
    const auto may = [](Ternary t, bool truth) { return t == Ternary::undecided || (t == Ternary::yes) == truth; };
    CHECK(ternary(true) == Ternary::yes);
    CHECK(ternary(false) == Ternary::no);
    for (const Ternary a : all) {
        for (const bool p : {false, true})
            if (may(a, p)) CHECK(may(negate(a), !p));
        CHECK(negate(negate(a)) == a);
        for (const Ternary b : all) {
            for (const bool p : {false, true})
                for (const bool q : {false, true})
                    if (may(a, p) && may(b, q)) {
                        CHECK(may(both(a, b), p && q));
                        CHECK(may(either(a, b), p || q));
                    }
            CHECK(both(a, b) == negate(either(negate(a), negate(b))));
        }
    }
}

TEST_CASE("doubles as rationals and as ordered integers") {
    Random random(58);
    for (int trial = 0; trial < trials(3000); ++trial) {
        const double a = random.finite();
        const double b = random.chance(0.2) ? std::nextafter(a, random.finite()) : random.finite();
        if (!std::isfinite(b)) continue;
        int exponent = 0;
        const double mantissa = std::frexp(a, &exponent);
        Rational expected(static_cast<long>(std::ldexp(mantissa, 53)));
        const Integer power = pow(Integer(2), static_cast<unsigned>(std::abs(exponent - 53)));
        expected = exponent >= 53 ? Rational(expected * power) : Rational(expected / power);
        CHECK(rational_from_double(a) == expected);
        CHECK(sign(rational_from_double(a)) == (a > 0 ? 1 : a < 0 ? -1 : 0));
        CHECK((detail::order_key(a) < detail::order_key(b)) == (a < b));
        CHECK((detail::order_key(a) == detail::order_key(b)) == (a == b));
    }
    CHECK(detail::order_key(-0.0) == detail::order_key(0.0));
    CHECK(detail::order_key(-INFINITY) < detail::order_key(-std::numeric_limits<double>::max()));
}
