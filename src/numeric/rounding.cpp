#include "lyapcert/numeric/rounding.hpp"

#include <limits>
#include <stdexcept>
#include <string>

namespace lyapcert {

namespace {

void honour(bool ok, const char* what) {
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

    honour(directed::add_up(1.0, tiny) == 1.0 + eps, "addition upward");
    honour(directed::add_down(1.0, tiny) == 1.0, "addition downward");
    honour(directed::sub_up(1.0, tiny) == 1.0, "subtraction upward");
    honour(directed::sub_down(1.0, tiny) == 1.0 - eps / 2, "subtraction downward");
    honour(directed::mul_up(1.0 + eps, 1.0 + eps) == 1.0 + 3 * eps, "multiplication upward");
    honour(directed::mul_down(1.0 + eps, 1.0 + eps) == 1.0 + 2 * eps, "multiplication downward");
    honour(directed::div_up(1.0, 3.0) > directed::div_down(1.0, 3.0), "division");
    honour(directed::mul_up(directed::div_down(1.0, 3.0), 3.0) <= 1.0, "division downward");
    honour(directed::mul_down(directed::div_up(1.0, 3.0), 3.0) >= 1.0, "division upward");
    honour(directed::sqrt_up(2.0) > directed::sqrt_down(2.0), "square root");
    honour(directed::mul_up(tiny, 0.5) == tiny && directed::mul_down(tiny, 0.5) == 0.0, "gradual underflow");
    honour(directed::add_up(huge, huge) == limits::infinity() && directed::add_down(huge, huge) == huge, "overflow");
    {
        const RoundNearest nearest;
        honour(directed::add_up(1.0, eps / 4) == 1.0 && directed::sub_up(1.0, eps / 8) == 1.0, "round to nearest");
    }
    honour(directed::add_up(1.0, eps / 4) == 1.0 + eps, "restoring the mode");
}

}  // namespace lyapcert
