#include "exponent/log_quadratic/kernel.hpp"

namespace lyapcert::log_quadratic {

namespace {

enum class Target { sse2, avx2, avx512 };

Target target() {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return Target::avx512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Target::avx2 : Target::sse2;
}

}  // namespace

Kernel kernel_for(int dimension) {
    switch (target()) {
        case Target::avx512: return avx512::kernel_for(dimension);
        case Target::avx2: return avx2::kernel_for(dimension);
        default: return sse2::kernel_for(dimension);
    }
}

GramKernel gram_kernel() {
    switch (target()) {
        case Target::avx512: return avx512::gram_kernel();
        case Target::avx2: return avx2::gram_kernel();
        default: return sse2::gram_kernel();
    }
}

}  // namespace lyapcert::log_quadratic
