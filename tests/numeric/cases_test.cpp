// Both interval engines on the table of edge cases: the results are the tightest ones, in any mode of the caller.
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "numeric/interval_cases.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Ends;

namespace {

constexpr unsigned modes[] = {0x1F80U, 0x3F80U, 0x5F80U, 0x7F80U};

Interval interval(const Ends& e) { return Interval(e.lower, e.upper); }
bool throws(const Ends& e) { return std::isnan(e.lower); }

// The result, or nothing where it throws.
template <class F>
std::optional<Interval> attempt(const F& f) {
    try {
        return f();
    } catch (const std::domain_error&) {
    } catch (const std::runtime_error&) {  // Boost, of an empty interval
    }
    return std::nullopt;
}

void check(const std::optional<Interval>& result, const Ends& expected) {
    REQUIRE(result.has_value() == !throws(expected));
    if (!result) return;
    INFO("is [" << std::hexfloat << result->lower() << ", " << result->upper() << "], expected [" << expected.lower << ", " << expected.upper << "]");
    CHECK(test::same(*result, interval(expected)));
}

template <class T>
T apply(test::Binary operation, const T& x, const T& y) {
    switch (operation) {
        case test::add: return x + y;
        case test::sub: return x - y;
        case test::mul: return x * y;
        default: return x / y;
    }
}

}  // namespace

TEST_CASE("edge cases of arithmetic") {
    for (const test::BinaryCase& c : test::binary_cases) {
        INFO("operation " << c.operation << " on [" << c.x.lower << ", " << c.x.upper << "] and [" << c.y.lower << ", " << c.y.upper << "]");
        for (const unsigned mode : modes) {
            const Interval x = interval(c.x);
            const Interval y = interval(c.y);
            detail::write_mxcsr(mode);
            const std::optional<Interval> result = attempt([&] { return apply(c.operation, x, y); });
            detail::write_mxcsr(detail::mxcsr_nearest);
            check(result, c.result);
        }
        // At many digits a divisor that contains zero is refused.
        const bool divides_by_zero = c.operation == test::div && c.y.lower <= 0 && c.y.upper >= 0;
        check(attempt([&] { return to_interval(apply(c.operation, to_mp(interval(c.x)), to_mp(interval(c.y)))); }), divides_by_zero ? Ends{test::none, test::none} : c.result);
        if (c.operation == test::add) check(attempt([&] { return interval(c.y) + interval(c.x); }), c.result);
        if (c.operation == test::mul) check(attempt([&] { return interval(c.y) * interval(c.x); }), c.result);
    }
}

TEST_CASE("edge cases of functions") {
    using Double = Interval (*)(const Interval&);
    using Many = MpInterval (*)(const MpInterval&);
    const std::map<std::string, std::pair<Double, Many>> functions = {
        {"sqrt", {&sqrt, &sqrt}}, {"square", {&square, &square}}, {"exp", {&exp, &exp}},         {"log", {&log, &log}},         {"sin", {&sin, &sin}},
        {"cos", {&cos, &cos}},    {"tanh", {&tanh, &tanh}},       {"atanh", {&atanh, &atanh}},   {"erf", {&erf, &erf}},         {"abs", {nullptr, &abs}},
        {"asin", {nullptr, &asin}}, {"acos", {nullptr, &acos}},   {"atan", {nullptr, &atan}},    {"sinh", {nullptr, &sinh}},    {"cosh", {nullptr, &cosh}},
        {"asinh", {nullptr, &asinh}}, {"acosh", {nullptr, &acosh}}, {"tan", {nullptr, &tan}}};
    for (const test::UnaryCase& c : test::unary_cases) {
        INFO(c.function << " of [" << c.x.lower << ", " << c.x.upper << "]");
        const auto& [of_doubles, of_many] = functions.at(c.function);
        const Many many = of_many;
        check(attempt([&] { return to_interval(many(to_mp(interval(c.x)))); }), c.result);
        const Double doubles = of_doubles;
        if (doubles == nullptr) continue;
        for (const unsigned mode : modes) {
            const Interval x = interval(c.x);
            detail::write_mxcsr(mode);
            const std::optional<Interval> result = attempt([&] { return doubles(x); });
            detail::write_mxcsr(detail::mxcsr_nearest);
            check(result, c.result);
        }
    }
}

TEST_CASE("edge cases of negation, hulls and extremes") {
    const auto mp = [](double lower, double upper) { return MpInterval(lower, upper, 53); };
    const auto equal = [](const MpInterval& x, const MpInterval& y) { return is_subset(x, y) && is_subset(y, x); };
    for (const Ends& e : {Ends{1, 2}, Ends{-0.0, 0}, Ends{-test::inf, 3}, Ends{-test::inf, test::inf}, Ends{test::tiny, test::top}, Ends{-test::tiny, -0.0}}) {
        CHECK(test::same(-interval(e), Interval(-e.upper, -e.lower)));
        CHECK(equal(-mp(e.lower, e.upper), mp(-e.upper, -e.lower)));
        CHECK(equal(hull(mp(e.lower, e.upper), mp(e.lower, e.upper)), mp(e.lower, e.upper)));
        CHECK(equal(intersect(mp(e.lower, e.upper), MpInterval::everything(53)), mp(e.lower, e.upper)));
    }
    CHECK(equal(hull(mp(1, 2), mp(4, 5)), mp(1, 5)));
    CHECK(equal(hull(mp(-test::inf, -1), mp(1, test::inf)), MpInterval::everything(53)));
    CHECK(equal(intersect(mp(1, 4), mp(4, 5)), mp(4, 4)));
    CHECK(equal(min(mp(1, 4), mp(2, 3)), mp(1, 3)));
    CHECK(equal(max(mp(1, 4), mp(2, 3)), mp(2, 4)));
    CHECK(equal(max(mp(-test::inf, 0), mp(-1, test::inf)), mp(-1, test::inf)));
    CHECK(equal(pow(mp(-2, 3), 2), mp(0, 9)));
    CHECK(equal(pow(mp(-2, 3), 3), mp(-8, 27)));
    CHECK(equal(pow(mp(-4, -2), -2), mp(0.0625, 0.25)));
    CHECK(equal(pow(mp(-2, 3), 0), mp(1, 1)));
    CHECK(equal(pow(mp(2, test::inf), -1), mp(0, 0.5)));
    CHECK(equal(pow(MpInterval::everything(53), 2), mp(0, test::inf)));
}
