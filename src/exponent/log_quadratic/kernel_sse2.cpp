// Compiled for sse2, see CMakeLists.txt.
#define LYAPCERT_KERNEL_TARGET sse2
#include "exponent/log_quadratic/kernel_body.hpp"
