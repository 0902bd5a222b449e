// Compiled for avx2, see CMakeLists.txt.
#define LYAPCERT_KERNEL_TARGET avx2
#include "exponent/log_quadratic/kernel_body.hpp"
