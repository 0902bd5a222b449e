#include "lyapcert/numeric/rounding.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::round_down;
using test::round_up;
using test::trials;

TEST_CASE("the start-up self-test passes and leaves the mode alone") {
    const unsigned before = detail::read_mxcsr() & detail::mxcsr_control_mask;
    self_test_rounding();
    CHECK((detail::read_mxcsr() & detail::mxcsr_control_mask) == before);
}

TEST_CASE("the primitives are correctly rounded in both directions") {
    Random random(1);
    for (int trial = 0; trial < trials(20000); ++trial) {
        const double a = random.finite();
        const double b = random.finite();
        const Rational x = rational_from_double(a);
        const Rational y = rational_from_double(b);
        double results[8];
        {
            const RoundUpward guard;
            results[0] = directed::add_up(a, b);
            results[1] = directed::add_down(a, b);
            results[2] = directed::sub_up(a, b);
            results[3] = directed::sub_down(a, b);
            results[4] = directed::mul_up(a, b);
            results[5] = directed::mul_down(a, b);
            results[6] = directed::div_up(a, b);
            results[7] = directed::div_down(a, b);
        }
        CHECK(results[0] == round_up(x + y));
        CHECK(results[1] == round_down(x + y));
        CHECK(results[2] == round_up(x - y));
        CHECK(results[3] == round_down(x - y));
        CHECK(results[4] == round_up(x * y));
        CHECK(results[5] == round_down(x * y));
        if (b != 0.0) {
            CHECK(results[6] == round_up(x / y));
            CHECK(results[7] == round_down(x / y));
        }
    }
}

TEST_CASE("square roots are correctly rounded in both directions") {
    Random random(2);
    for (int trial = 0; trial < trials(5000); ++trial) {
        const double a = std::abs(random.finite());
        double up = 0.0;
        double down = 0.0;
        {
            const RoundUpward guard;
            up = directed::sqrt_up(a);
            down = directed::sqrt_down(a);
        }
        const Rational x = rational_from_double(a);
        const auto squared = [](double r) { return Rational(rational_from_double(r) * rational_from_double(r)); };
        CHECK(squared(down) <= x);
        CHECK(squared(up) >= x);
        if (squared(down) == x)
            CHECK(up == down);
        else
            CHECK(up == std::nextafter(down, INFINITY));
    }
}

TEST_CASE("guards nest and restore what they found") {
    for (unsigned found : {detail::mxcsr_nearest, detail::mxcsr_downward, detail::mxcsr_upward, 0x7F80U, 0x9FC0U}) {
        detail::write_mxcsr(found);
        unsigned inner = 0;
        unsigned innermost = 0;
        {
            const RoundUpward a;
            const RoundUpward b;
            inner = detail::read_mxcsr();
            {
                const RoundNearest c;
                innermost = detail::read_mxcsr();
            }
        }
        const unsigned after = detail::read_mxcsr();
        detail::write_mxcsr(detail::mxcsr_nearest);
        CHECK((inner & detail::mxcsr_control_mask) == detail::mxcsr_upward);
        CHECK((innermost & detail::mxcsr_control_mask) == detail::mxcsr_nearest);
        CHECK((after & detail::mxcsr_control_mask) == (found & detail::mxcsr_control_mask));
    }
}

TEST_CASE("the mode belongs to the thread") {
    const RoundUpward guard;
    unsigned other = 0;
    std::thread([&other] {
        const RoundNearest nearest;
        other = detail::read_mxcsr();
    }).join();
    CHECK((other & detail::mxcsr_control_mask) == detail::mxcsr_nearest);
    CHECK((detail::read_mxcsr() & detail::mxcsr_control_mask) == detail::mxcsr_upward);
}
