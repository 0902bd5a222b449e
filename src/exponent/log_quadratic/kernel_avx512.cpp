// Compiled for avx512, see CMakeLists.txt.
#define LYAPCERT_KERNEL_TARGET avx512
#include "exponent/log_quadratic/kernel_body.hpp"
