#include "exponent/log_quadratic/kernel.hpp"

namespace lyapcert::log_quadratic {

Kernel kernel_for(int dimension) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return avx512::kernel_for(dimension);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kernel_for(dimension);
    return sse2::kernel_for(dimension);
}

}  // namespace lyapcert::log_quadratic
