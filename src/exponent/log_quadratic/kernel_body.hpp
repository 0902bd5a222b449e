// The body of the kernel, compiled once for each instruction set into the namespace LYAPCERT_KERNEL_TARGET. It calls no inline function
// of any library: such a function, compiled here for a newer processor, could be the copy that the whole program uses.
#include "exponent/log_quadratic/kernel.hpp"

namespace lyapcert::log_quadratic::LYAPCERT_KERNEL_TARGET {

namespace {

constexpr int lanes = 8;
using Vector = double __attribute__((vector_size(64)));
using Bits = long long __attribute__((vector_size(64)));

// log x for positive normal x: x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = (m - 1)/(m + 1), log m = 2 s (1 + s^2/3 + ... + s^18/19)
// up to 2 s^21 / (21 (1 - s^2)) < 2^-56.
#define LYAPCERT_LOG(x, result)                                                                                \
    do {                                                                                                       \
        const Bits bits_ = (Bits)(x);                                                                          \
        const Bits k_ = (bits_ - 0x3FE6A09E667F3BCDLL) >> 52;                                                  \
        const Vector m_ = (Vector)(bits_ - (k_ << 52));                                                        \
        const Vector kd_ = (Vector)(k_ + 0x4338000000000000LL) - 0x1.8p52;                                     \
        const Vector s_ = (m_ - 1.0) / (m_ + 1.0);                                                             \
        const Vector z_ = s_ * s_;                                                                             \
        Vector p_ = z_ * (1.0 / 19.0) + (1.0 / 17.0);                                                          \
        p_ = p_ * z_ + (1.0 / 15.0);                                                                           \
        p_ = p_ * z_ + (1.0 / 13.0);                                                                           \
        p_ = p_ * z_ + (1.0 / 11.0);                                                                           \
        p_ = p_ * z_ + (1.0 / 9.0);                                                                            \
        p_ = p_ * z_ + (1.0 / 7.0);                                                                            \
        p_ = p_ * z_ + (1.0 / 5.0);                                                                            \
        p_ = p_ * z_ + (1.0 / 3.0);                                                                            \
        (result) = kd_ * 0x1.62e42fefa39efp-1 + 2.0 * (s_ + s_ * z_ * p_);                                     \
    } while (false)

double sum(const Vector& x) {
    double total = 0.0;
    for (int l = 0; l < lanes; ++l) total += x[l];
    return total;
}

template <int N>
void evaluate(const KernelInput& in, KernelOutput& out) {
    constexpr int D = N - 1;
    constexpr int second = D * (D + 1) / 2;
    const double* c = in.centre;
    const double* r = in.radius;
    Vector value{};
    Vector gradient[D]{};
    Vector hessian[second]{};
    Vector outer[D * second]{};
    Vector remainder{};
    Vector error{};
    Vector spread[D]{};
    Bits bad{};
    const Vector zero{};
    for (std::size_t m = 0; m < in.count; m += lanes) {
        const auto load = [m](const double* from) __attribute__((always_inline)) {
            Vector loaded;
            __builtin_memcpy(&loaded, from + m, sizeof loaded);
            return loaded;
        };
        Vector s[N * (N + 1) / 2];
        for (int e = 0; e < N * (N + 1) / 2; ++e) s[e] = load(in.entries + (std::size_t)e * in.count);
        Vector a[N];
        for (int i = 0; i < N; ++i) {
            Vector w = i == D ? s[D * (D + 1) / 2 + D] : s[D * (D + 1) / 2 + i];
            for (int j = 0; j < D; ++j) w += s[i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i] * c[j];
            a[i] = w;
        }
        Vector q = a[D];
        for (int i = 0; i < D; ++i) q += a[i] * c[i];
        bad |= ~((q >= 0x1p-60) & (q <= 0x1p60));
        const Vector inverse = 1.0 / q;
        const Vector b = load(in.weights);
        const Vector size = load(in.sizes);
        const Vector rho = load(in.errors) * inverse;
        bad |= ~(rho <= 0x1p-12);
        error += size * rho;
        Vector log_q;
        LYAPCERT_LOG(q, log_q);
        value += b * (0.5 * log_q);
        for (int i = 0; i < D; ++i) a[i] *= inverse;
        Vector share[D];
        Vector squared = 8.0 * rho;
        for (int i = 0; i < D; ++i) {
            share[i] = zero;
            for (int j = 0; j <= i; ++j) {
                Vector& x = s[i * (i + 1) / 2 + j];
                x *= inverse;
                const Vector modulus = (Vector)((Bits)x & 0x7FFFFFFFFFFFFFFFLL);
                if (i == j) {
                    const Vector t = modulus * (r[i] * r[i]);
                    share[i] += t;
                    squared += t;
                } else {
                    const Vector t = modulus * (r[i] * r[j]);
                    share[i] += t;
                    share[j] += t;
                    squared += t + t;
                }
            }
        }
        // sqrt by its exponent, one mean of Heron's: at least the root.
        const Vector guess = (Vector)(((Bits)squared >> 1) + 0x1FF7A3BEA91D9B1BLL);
        const Vector delta = 0.5 * (squared / guess + guess);
        const Vector tail = (squared * squared) * (0.25 / (1.0 - delta));
        // The deviation (*), where it is smaller, or the model is not good for anything.
        const Vector half = 0.5 * log_q;
        Vector rise = load(in.highest) - half;
        rise = rise < delta ? rise : delta;
        Vector range = half - load(in.lowest);
        range = range > rise ? range : rise;
        const Bits modelled = (delta <= 0.9) & (tail <= range);
        remainder += size * (modelled ? tail : range);
        const Vector weight = squared < 4.0 ? size * squared : size * 4.0;
        for (int i = 0; i < D; ++i) spread[i] += weight * share[i];

        const Vector bm = modelled ? b : zero;
        // -a beta + (4/3) a^3 = (alpha . h) (h^T (4/3 alpha alpha^T - S) h), gathered without symmetrising.
        for (int i = 0; i < D; ++i) {
            const Vector ba = bm * a[i];
            gradient[i] += ba;
            for (int j = 0; j <= i; ++j) {
                const int e = i * (i + 1) / 2 + j;
                const Vector u = ba * a[j];
                const Vector w = bm * s[e];
                hessian[e] += 0.5 * w - u;
                const Vector v = (4.0 / 3.0) * u - w;
                for (int k = 0; k < D; ++k) outer[k * second + e] += a[k] * v;
            }
        }
    }
    out.value = sum(value);
    for (int i = 0; i < D; ++i) out.gradient[i] = sum(gradient[i]);
    double third[D * second];
    for (int e = 0; e < D * second; ++e) third[e] = sum(outer[e]);
    const auto at = [&third](int k, int i, int j) { return third[k * second + (i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i)]; };
    int monomial = 0;
    for (int i = 0; i < D; ++i)
        for (int j = 0; j <= i; ++j) {
            out.hessian[i * (i + 1) / 2 + j] = (i == j ? 1.0 : 2.0) * sum(hessian[i * (i + 1) / 2 + j]);
            for (int k = 0; k <= j; ++k) {
                double& x = out.cubic[monomial++];
                if (i == j && j == k) x = at(i, i, i);
                else if (i == j) x = at(k, i, i) + 2.0 * at(i, i, k);
                else if (j == k) x = at(i, j, j) + 2.0 * at(j, i, j);
                else x = 2.0 * (at(i, j, k) + at(j, i, k) + at(k, i, j));
            }
        }
    out.remainder = sum(remainder);
    out.error = sum(error);
    for (int i = 0; i < D; ++i) out.spread[i] = sum(spread[i]);
    bool valid = out.remainder <= 1e100 && out.value >= -1e100 && out.value <= 1e100;
    for (int l = 0; l < lanes; ++l) valid = valid && bad[l] == 0;
    out.valid = valid;
}

// A block of 4 x 4 scalar products, or of what is left at the edge.
void gram_block(const double* columns, std::size_t rows, std::size_t count, std::size_t i, std::size_t j, double* out) {
    Vector sums[4][4]{};
    const double* left[4];
    const double* right[4];
    for (std::size_t l = 0; l < 4; ++l) {
        left[l] = columns + rows * (i + l < count ? i + l : i);
        right[l] = columns + rows * (j + l < count ? j + l : j);
    }
    for (std::size_t r = 0; r < rows; r += lanes) {
        Vector x[4];
        for (int l = 0; l < 4; ++l) __builtin_memcpy(&x[l], left[l] + r, sizeof x[l]);
        for (int m = 0; m < 4; ++m) {
            Vector y;
            __builtin_memcpy(&y, right[m] + r, sizeof y);
            for (int l = 0; l < 4; ++l) sums[l][m] += x[l] * y;
        }
    }
    for (std::size_t l = 0; l < 4 && i + l < count; ++l)
        for (std::size_t m = 0; m < 4 && j + m < count; ++m) out[(j + m) * count + i + l] = sum(sums[l][m]);
}

void gram(const double* columns, std::size_t rows, std::size_t count, double* out) {
    for (std::size_t i = 0; i < count; i += 4)
        for (std::size_t j = 0; j <= i; j += 4) gram_block(columns, rows, count, i, j, out);
}

}  // namespace

GramKernel gram_kernel() { return &gram; }

Kernel kernel_for(int dimension) {
    switch (dimension) {
        case 2: return &evaluate<2>;
        case 3: return &evaluate<3>;
        case 4: return &evaluate<4>;
        case 5: return &evaluate<5>;
        case 6: return &evaluate<6>;
        default: return nullptr;
    }
}

}  // namespace lyapcert::log_quadratic::LYAPCERT_KERNEL_TARGET
