#include "lyapcert/numeric/rounding.hpp"

#include <limits>
#include <stdexcept>
#include <string>

namespace lyapcert {

namespace {

void demand(bool ok, const char* what) {
    if (!ok) {
        throw std::runtime_error(std::string("directed rounding is not honoured here (") + what +
                                 "): refusing to compute; emulators such as valgrind do this");
    }
}

}  // namespace

void self_test_rounding() {
    using limits = std::numeric_limits<double>;
    const double eps = limits::epsilon();
    const double tiny = limits::denorm_min();
    const double huge = limits::max();
    const RoundUpward upward;

    demand(directed::add_up(1.0, tiny) == 1.0 + eps, "addition upward");
    demand(directed::add_down(1.0, tiny) == 1.0, "addition downward");
    demand(directed::sub_up(1.0, tiny) == 1.0, "subtraction upward");
    demand(directed::sub_down(1.0, tiny) == 1.0 - eps / 2, "subtraction downward");
    demand(directed::mul_up(1.0 + eps, 1.0 + eps) == 1.0 + 3 * eps, "multiplication upward");
    demand(directed::mul_down(1.0 + eps, 1.0 + eps) == 1.0 + 2 * eps, "multiplication downward");
    demand(directed::div_up(1.0, 3.0) > directed::div_down(1.0, 3.0), "division");
    demand(directed::mul_up(directed::div_down(1.0, 3.0), 3.0) <= 1.0, "division downward");
    demand(directed::mul_down(directed::div_up(1.0, 3.0), 3.0) >= 1.0, "division upward");
    demand(directed::sqrt_up(2.0) > directed::sqrt_down(2.0), "square root");
    demand(directed::mul_up(tiny, 0.5) == tiny && directed::mul_down(tiny, 0.5) == 0.0, "gradual underflow");
    demand(directed::add_up(huge, huge) == limits::infinity() && directed::add_down(huge, huge) == huge, "overflow");
    {
        const RoundNearest nearest;
        demand(directed::add_up(1.0, eps / 4) == 1.0 && directed::sub_up(1.0, eps / 8) == 1.0, "round to nearest");
    }
    demand(directed::add_up(1.0, eps / 4) == 1.0 + eps, "restoring the mode");
}

}  // namespace lyapcert
