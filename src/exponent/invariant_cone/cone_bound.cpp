#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "exponent/invariant_cone/cone_table.hpp"

namespace lyapcert::invariant_cone {

namespace {

constexpr double u = 0x1p-52;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Range everything{-infinity, infinity, 0.0};
constexpr double largest_delta = 0.5;
using Lanes = double __attribute__((vector_size(32)));
using Words = long long __attribute__((vector_size(32)));

inline double sum(const Lanes& x) { return (x[0] + x[1]) + (x[2] + x[3]); }
inline double largest(const Lanes& x) { return std::max(std::max(x[0], x[1]), std::max(x[2], x[3])); }
inline void load(const double* from, Lanes& to) { std::memcpy(&to, from, sizeof to); }

// q = 2^k x with x in [2/3, 4/3): k log 2 + log x, off by at most u `size`, size = 5 |log x| + 2 |k|.
//   log x = 2 artanh t, t = (x - 1)/(x + 1), |t| <= 1/5; after t^25 less than 2^-60 |t| is left. x - 1 is exact, t is off by 2u|t|, t^3 (1/3 + ...), at most t/70, by less than
//   u|t|/4, their sum by u|t| more: 3.3u |log x|. The constant log 2 is off by u/4, its product with k by 0.7u |k|, and the last sum by u |log q| <= u (|log x| + 0.7 |k|).
inline void logarithm(const Lanes& q, Lanes& value, Lanes& size) {
    const Words exponent = ((Words)q >> 52) - 1022;
    Lanes x = (Lanes)((Words)q - (exponent << 52));
    Lanes k = (Lanes)(exponent + 0x4338000000000000LL) - 0x1.8p52;
    const Words small = x < 2.0 / 3.0;
    x = small ? x + x : x;
    k = small ? k - 1.0 : k;
    const Lanes t = (x - 1.0) / (x + 1.0);
    const Lanes t2 = t * t;
    Lanes series = t2 * (1.0 / 25.0) + 1.0 / 23.0;
    for (const double term : {1.0 / 21.0, 1.0 / 19.0, 1.0 / 17.0, 1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0}) series = series * t2 + term;
    const Lanes mantissa = 2.0 * (t + t * t2 * series);
    const Lanes zero{};
    value = k * 0x1.62e42fefa39efp-1 + mantissa;
    size = 5.0 * (mantissa < zero ? -mantissa : mantissa) + 2.0 * (k < zero ? -k : k);
}

double logarithm(double q) {
    const Lanes x = {q, 1.0, 1.0, 1.0};
    Lanes value{};
    Lanes size{};
    logarithm(x, value, size);
    return value[0];
}

inline Lanes modulus(const Lanes& x) {
    const Lanes zero{};
    return x < zero ? -x : x;
}

}  // namespace

// The Taylor model of one cone C_w, made in the order of the members below.
struct ConeTable::Model {
    // The u_j, enclosed; those of an orthant that are exactly zero are left out.
    std::size_t count = 0;
    std::array<double, largest_dimension * largest_dimension> low, high;  // [j][i]
    // The centre c, and the d_j within rho of d.
    std::array<double, largest_dimension> c{};
    std::array<double, largest_dimension * largest_dimension> d, rho;  // [j][i]
    // First order.
    alignas(32) std::array<double, most_rows> inverse;  // 1/q_b
    std::array<double, largest_dimension> gradient{}, gradient_moduli{};
    double value = 0.0;        // sum_b beta_b log q_b
    double value_error = 0.0;  // of it, with `loss`
    double zeta = 0.0;         // error of the z_bj, the same for all b
    double theta = 0.0;        // times omega_b: error of the q_b
    // Second order.
    std::array<double, largest_dimension*(largest_dimension + 1) / 2> products{};  // h_jk, k <= j
    double delta = 0.0;  // the largest Delta_b
    double cubes = 0.0;  // sum |beta_b| Delta_b^3

    double product(std::size_t j, std::size_t k) const { return products[j * (j + 1) / 2 + k]; }
};

bool ConeTable::add_generators(const Columns& p, Model& m) const {
    using namespace directed;
    double sigma = 0.0;
    for (std::size_t j = 0; j < n_; ++j) {
        const double* from_low = &p.lower[j * n_];
        const double* from_high = &p.upper[j * n_];
        bool zero = !cube_;
        for (std::size_t k = 0; k < n_ && zero; ++k) zero = is_exact_zero(from_low[k], from_high[k]);
        if (zero) continue;
        if (!cube_ || j == 0) {
            double height = 0.0;
            for (std::size_t k = 0; k < n_; ++k) height += l_[k * rows_] * (0.5 * (from_low[k] + from_high[k]));
            if (!(height >= 0x1p-200 && height <= 0x1p200)) return false;
            sigma = 1.0 / height;
        }
        for (std::size_t k = 0; k < n_; ++k) {
            m.low[m.count * n_ + k] = mul_down(from_low[k], sigma);
            m.high[m.count * n_ + k] = mul_up(from_high[k], sigma);
        }
        ++m.count;
    }
    return m.count > 0;  // else C_w is empty
}

bool ConeTable::add_centre(Model& m) const {
    using namespace directed;
    const std::size_t averaged = cube_ ? 1 : m.count;
    for (std::size_t k = 0; k < n_; ++k) {
        for (std::size_t j = 0; j < averaged; ++j) m.c[k] += 0.5 * (m.low[j * n_ + k] + m.high[j * n_ + k]);
        m.c[k] /= static_cast<double>(averaged);
        if (!(cube_ ? std::fabs(m.c[k]) <= m.c[0] : m.c[k] >= 0.0)) return false;
    }
    std::array<double, largest_dimension> along{};  // r_j
    double stretch = 1.0;
    if (cube_) {
        double moduli = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            for (std::size_t k = 0; k < n_; ++k) along[j] += l_[k * rows_] * (0.5 * (m.low[j * n_ + k] + m.high[j * n_ + k]));
            if (j == 0) along[j] = 1.0;  // the centre is u_0
            else moduli = add_up(moduli, std::fabs(along[j]));
        }
        if (!(moduli < 1.0)) return false;
        stretch = div_up(1.0, sub_down(1.0, moduli));
    }
    for (std::size_t j = 0; j < m.count; ++j)
        for (std::size_t k = 0; k < n_; ++k) {
            double from = sub_down(m.low[j * n_ + k], cube_ ? mul_up(along[j], m.c[k]) : m.c[k]);
            double to = sub_up(m.high[j * n_ + k], cube_ ? mul_down(along[j], m.c[k]) : m.c[k]);
            if (cube_) from = mul_down(from, stretch), to = mul_up(to, stretch);
            const double middle = 0.5 * (from + to);
            m.d[j * n_ + k] = middle;
            m.rho[j * n_ + k] = std::max(sub_up(to, middle), sub_up(middle, from));
            if (!(std::fabs(middle) <= 0x1p100 && m.rho[j * n_ + k] <= 0x1p100)) return false;
        }
    return true;
}

bool ConeTable::add_first_order(Model& m) const {
    Lanes value{}, moduli{}, log_errors{};
    std::array<Lanes, largest_dimension> gradient{}, gradient_moduli{}, peaks{};
    Words bad{};
    for (std::size_t b = 0; b < rows_; b += lanes) {
        Lanes q{}, beta, l;
        for (std::size_t k = 0; k < n_; ++k) {
            load(&l_[k * rows_ + b], l);
            q += l * m.c[k];
        }
        bad |= ~((q >= 0x1p-60) & (q <= 0x1p60));
        load(&beta_[b], beta);
        Lanes log_q, log_size;
        logarithm(q, log_q, log_size);
        const Lanes term = beta * log_q;
        value += term;
        moduli += modulus(term);
        log_errors += modulus(beta) * log_size;
        const Lanes inverse = 1.0 / q;
        std::memcpy(&m.inverse[b], &inverse, sizeof inverse);
        const Lanes ratio = beta * inverse;
        for (std::size_t k = 0; k < n_; ++k) {
            load(&l_[k * rows_ + b], l);
            const Lanes g = ratio * l;
            gradient[k] += g;
            gradient_moduli[k] += modulus(g);
            const Lanes peak = inverse * modulus(l);
            peaks[k] = peaks[k] > peak ? peaks[k] : peak;
        }
    }
    if ((bad[0] | bad[1] | bad[2] | bad[3]) != 0) return false;
    const double unit = static_cast<double>(n_);
    for (std::size_t j = 0; j < m.count; ++j) {
        double error = 0.0;
        for (std::size_t k = 0; k < n_; ++k) error += largest(peaks[k]) * (m.rho[j * n_ + k] + (unit + 4.0) * u * (std::fabs(m.d[j * n_ + k]) + m.rho[j * n_ + k]));
        m.zeta = std::max(m.zeta, 1.01 * error);
    }
    m.theta = 1.01 * (unit + 1.0) * u;
    m.value = sum(value);
    m.value_error = loss_ + 1.01 * u * (sum(log_errors) + (lane_terms() + 8.0) * sum(moduli));
    for (std::size_t k = 0; k < n_; ++k) {
        m.gradient[k] = sum(gradient[k]);
        m.gradient_moduli[k] = sum(gradient_moduli[k]);
    }
    return true;
}

void ConeTable::add_second_order(Model& m) const {
    const Lanes zero{};
    std::array<Lanes, largest_dimension> z;
    std::array<Lanes, largest_dimension*(largest_dimension + 1) / 2> products{};
    Lanes cubes{}, delta_most{};
    const double spread = cube_ ? static_cast<double>(m.count) * m.zeta : m.zeta;
    for (std::size_t b = 0; b < rows_; b += lanes) {
        Lanes inverse, beta, l, delta{};
        load(&m.inverse[b], inverse);
        load(&beta_[b], beta);
        for (std::size_t j = 0; j < m.count; ++j) z[j] = zero;
        for (std::size_t k = 0; k < n_; ++k) {
            load(&l_[k * rows_ + b], l);
            l *= inverse;
            for (std::size_t j = 0; j < m.count; ++j) z[j] += l * m.d[j * n_ + k];
        }
        for (std::size_t j = 0; j < m.count; ++j) {
            const Lanes size = modulus(z[j]);
            if (cube_) delta += size;
            else delta = delta > size ? delta : size;
        }
        delta += spread;
        delta_most = delta_most > delta ? delta_most : delta;
        cubes += modulus(beta) * (delta * delta * delta);
        std::size_t at = 0;
        for (std::size_t j = 0; j < m.count; ++j) {
            const Lanes weighted = beta * z[j];
            for (std::size_t k = 0; k <= j; ++k) products[at++] += weighted * z[k];
        }
    }
    m.delta = 1.01 * largest(delta_most);
    m.cubes = sum(cubes);
    for (std::size_t at = 0; at < m.count * (m.count + 1) / 2; ++at) m.products[at] = sum(products[at]);
}

Range ConeTable::taylor_range(const Model& m) const {
    using namespace directed;
    const double unit = static_cast<double>(n_);
    double most_slope = 0.0, most_product = 0.0, slope_error = 0.0;
    std::array<double, largest_dimension> slope{};
    for (std::size_t j = 0; j < m.count; ++j) {
        double error = 0.0;
        for (std::size_t k = 0; k < n_; ++k) {
            const double g = m.gradient[k];
            const double size = std::fabs(m.d[j * n_ + k]);
            slope[j] += g * m.d[j * n_ + k];
            error += (lane_terms() + 8.0) * u * m.gradient_moduli[k] * (size + m.rho[j * n_ + k]) + std::fabs(g) * (m.rho[j * n_ + k] + (unit + 1.0) * u * size);
        }
        slope_error = cube_ ? slope_error + error : std::max(slope_error, error);
        most_slope = std::max(most_slope, std::fabs(slope[j]));
    }
    for (std::size_t j = 0; j < m.count; ++j)
        for (std::size_t k = 0; k <= j; ++k) most_product = std::max(most_product, std::fabs(m.product(j, k)));
    double low_part = infinity, high_part = -infinity;
    if (!cube_) {
        for (std::size_t j = 0; j < m.count; ++j)
            for (std::size_t k = 0; k <= j; ++k) {
                const double x = 0.5 * (slope[j] + slope[k] - m.product(j, k));
                low_part = std::min(low_part, x);
                high_part = std::max(high_part, x);
            }
    } else {
        low_part = high_part = 0.0;
        for (std::size_t j = 0; j < m.count; ++j) {
            double either = std::fabs(slope[j]);
            for (std::size_t k = 0; k < j; ++k) either += std::fabs(m.product(j, k));
            low_part -= either + 0.5 * std::max(0.0, m.product(j, j));
            high_part += either - 0.5 * std::min(0.0, m.product(j, j));
        }
    }
    const double pairs = cube_ ? unit * unit : 1.0;
    const double product_error = total_ * ((lane_terms() + 10.0) * u * m.delta * m.delta + 2.0 * m.zeta * m.delta + m.zeta * m.zeta);
    const double combination = (pairs + 8.0) * u * (unit * most_slope + pairs * most_product);
    const double error = m.value_error + conditioned_ * m.theta / (0.99 - m.delta) + 0x1p-200 +
                         1.01 * (slope_error + 0.5 * pairs * product_error + combination + m.cubes / (3.0 * (1.0 - m.delta)));
    if (!(error < 0x1p100 && std::fabs(m.value) < 0x1p100)) return everything;
    return {sub_down(add_down(m.value, low_part), error), add_up(add_up(m.value, high_part), error), 2.0 * (m.value_error + conditioned_ * m.theta)};
}

// The sum of the ranges of the logarithms, for wide conem.
Range ConeTable::plain_range(const Model& m) const {
    double low_part = 0.0, high_part = 0.0, moduli = 0.0;
    for (std::size_t b = 0; b < rows_; ++b) {
        double least = infinity, most = -infinity, moduli_of_z = 0.0;
        for (std::size_t j = 0; j < m.count; ++j) {
            double z = 0.0;
            for (std::size_t k = 0; k < n_; ++k) z += l_[k * rows_ + b] * m.d[j * n_ + k];
            z *= m.inverse[b];
            least = std::min(least, z);
            most = std::max(most, z);
            moduli_of_z += std::fabs(z);
        }
        if (cube_) {
            least = -moduli_of_z;
            most = moduli_of_z;
        }
        const double slack = 1e-11 * (1.0 + most) + worst_ * 1e-13 + 1.01 * m.zeta * static_cast<double>(n_);
        const double from = 1.0 + least - slack;
        const double to = 1.0 + most + slack;
        if (!(from >= 0x1p-30 && to <= 0x1p60)) return everything;
        const double a = beta_[b] * logarithm(from);
        const double c = beta_[b] * logarithm(to);
        low_part += std::min(a, c);
        high_part += std::max(a, c);
        moduli += std::fabs(a) + std::fabs(c);
    }
    const double own_error = m.value_error + 0x1p-200;
    const double error = 1.01 * (own_error + 1e-12 * (1.0 + moduli + total_));
    if (!(error < 0x1p100 && std::fabs(m.value) < 0x1p100)) return everything;
    return {directed::sub_down(m.value + low_part, error), directed::add_up(m.value + high_part, error), 2.0 * own_error};
}

Range ConeTable::bound(const Columns& p) const {
    Model m;
    if (!add_generators(p, m) || !add_centre(m) || !add_first_order(m)) return everything;
    add_second_order(m);
    return m.delta <= largest_delta ? taylor_range(m) : plain_range(m);
}

}  // namespace lyapcert::invariant_cone
