#include "exponent/invariant_cone/cone_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace lyapcert::invariant_cone {

namespace {

constexpr double u = 0x1p-52;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Range everything{-infinity, infinity, 0.0};
constexpr double largest_delta = 0.5;
constexpr double largest_entry = 0x1p60;
constexpr std::size_t lanes = 4;
using Lanes = double __attribute__((vector_size(32)));
using Words = long long __attribute__((vector_size(32)));

inline double sum(const Lanes& x) { return (x[0] + x[1]) + (x[2] + x[3]); }
inline double largest(const Lanes& x) { return std::max(std::max(x[0], x[1]), std::max(x[2], x[3])); }
inline void load(const double* from, Lanes& to) { std::memcpy(&to, from, sizeof to); }

bool is_exact_zero(double lower, double upper) { return detail::order_key(lower) == 0 && detail::order_key(upper) == 0; }

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

double magnitude(const Interval& x) { return std::max(std::fabs(x.lower()), std::fabs(x.upper())); }

}  // namespace

// What the parts of `bound` share.
struct ConeTable::Scratch {
    std::size_t count = 0;  // of the d_j
    alignas(32) std::array<double, most_rows> inverse;  // 1/q_b
    std::array<double, largest_dimension * largest_dimension> d;  // [j][i]
    double value = 0.0;
    double error = 0.0;
};

ConeTable::ConeTable(const ConeMaps& family, const Matrix<double>& functionals, const std::vector<double>& weights) : n_(family.dimension), cube_(family.cube) {
    const RoundUpward guard;
    const std::size_t count = functionals.rows();
    const std::size_t maps = family.maps.size();
    if (n_ > largest_dimension || count == 0 || count != weights.size() || functionals.columns() != n_ || count > most_rows || count * (maps + 1) + lanes > most_rows) return;
    rows_ = (count * (maps + 1) + lanes - 1) / lanes * lanes;
    l_.assign(n_ * rows_, 0.0);
    beta_.assign(rows_, 0.0);
    for (std::size_t i = 0; i < maps; ++i) {
        const Interval p = to_interval(family.probabilities[i]);
        probability_.emplace_back(p.lower(), p.upper());
        map_lower_.emplace_back();
        map_upper_.emplace_back();
        for (std::size_t j = 0; j < n_; ++j)
            for (std::size_t k = 0; k < n_; ++k) {
                map_lower_.back().push_back(family.maps[i](k, j).lower());
                map_upper_.back().push_back(family.maps[i](k, j).upper());
            }
    }
    degree_ = 0;
    for (const double c : weights) {
        if (!(std::fabs(c) <= 0x1p30)) return;
        degree_ += rational_from_double(c);
    }
    if (degree_ <= 0) return;
    // Where the mu are read off: any point will do.
    std::vector<double> point(n_, cube_ ? 0.0 : 1.0);
    if (cube_) point[0] = 1.0;
    for (int step = 0; step < 20; ++step) {
        std::vector<double> next(n_, 0.0);
        for (std::size_t i = 0; i < maps; ++i)
            for (std::size_t k = 0; k < n_; ++k)
                for (std::size_t j = 0; j < n_; ++j) next[k] += probability_[i].first * map_lower_[i][j * n_ + k] * point[j];
        double height = 0.0;
        for (std::size_t k = 0; k < n_; ++k) height += functionals(0, k) * next[k];
        if (!(height > 0x1p-200 && height < 0x1p200)) break;
        for (std::size_t k = 0; k < n_; ++k) point[k] = next[k] / height;
    }
    // Appends a row to the table; false where it is not proved to be positive on K (orthant: inside K).
    std::size_t row = 0;
    Interval total(0.0), conditioned(0.0), loss(0.0);
    const auto append = [&](const std::vector<Interval>& l, const Interval& beta) {
        Interval sum_of_errors(0.0), others(0.0);
        double eta = 0.0;
        for (std::size_t k = 0; k < n_; ++k) {
            const double near = is_exact_zero(l[k].lower(), l[k].upper()) ? 0.0 : 0.5 * (l[k].lower() + l[k].upper());
            if (!(std::fabs(near) <= largest_entry)) return false;
            l_[k * rows_ + row] = near;
            const double error = magnitude(l[k] - Interval(near));
            sum_of_errors += error;
            if (k > 0) others += std::fabs(near);
            if (!cube_) {
                if (near < 0.0 || (near == 0.0 && error > 0.0)) return false;
                if (error > 0.0) eta = std::max(eta, directed::div_up(error, near));
            }
        }
        double omega = 1.0;
        if (cube_) {
            const Interval head(l_[row]);
            const Interval gap = head - others;
            if (!(gap.lower() > 0.0)) return false;
            omega = ((head + others) / gap).upper();
            eta = (sum_of_errors / gap).upper();
        }
        if (!(eta < 0.5)) return false;
        const Interval size(magnitude(beta));
        beta_[row] = 0.5 * (beta.lower() + beta.upper());
        total += size;
        conditioned += size * omega;
        worst_ = std::max(worst_, omega);
        loss += size * (Interval(eta) / (Interval(1.0) - eta));
        ++row;
        return true;
    };
    for (std::size_t a = 0; a < count; ++a) {
        std::vector<Interval> l;
        for (std::size_t k = 0; k < n_; ++k) {
            if (!std::isfinite(functionals(a, k)) || (!cube_ && !(functionals(a, k) > 0.0))) return;
            l.emplace_back(functionals(a, k));
        }
        if (!append(l, Interval(-weights[a]))) return;
    }
    const long precision = constant_.precision();
    for (std::size_t a = 0; a < count; ++a)
        for (std::size_t i = 0; i < maps; ++i) {
            std::vector<Interval> l;
            double mu = 0.0;
            for (std::size_t j = 0; j < n_; ++j) {
                Interval x(0.0);
                for (std::size_t k = 0; k < n_; ++k)
                    if (!is_zero(family.maps[i](k, j))) x += family.maps[i](k, j) * functionals(a, k);
                mu += 0.5 * (x.lower() + x.upper()) * point[j];
                l.push_back(x);
            }
            if (!(mu > 0x1p-200 && mu < 0x1p200)) return;
            for (Interval& x : l)
                if (!is_zero(x)) x /= mu;
            if (!append(l, to_interval(family.probabilities[i]) * weights[a])) return;
            constant_ += MpInterval(family.probabilities[i] * rational_from_double(weights[a]), precision) * log(MpInterval(mu, mu, precision));
        }
    // Rows of weight 0 that are harmless.
    for (; row < rows_; ++row)
        for (std::size_t k = 0; k < n_; ++k) l_[k * rows_ + row] = functionals(0, k);
    total_ = total.upper();
    conditioned_ = conditioned.upper();
    loss_ = loss.upper();
    usable_ = total_ <= 0x1p40 && worst_ <= 0x1p24;
}

double ConeTable::times_probability_down(std::size_t i, double x) const { return std::min(directed::mul_down(probability_[i].first, x), directed::mul_down(probability_[i].second, x)); }
double ConeTable::times_probability_up(std::size_t i, double x) const { return std::max(directed::mul_up(probability_[i].first, x), directed::mul_up(probability_[i].second, x)); }

Columns ConeTable::identity() const {
    Columns p{std::vector<double>(n_ * n_, 0.0), {}};
    for (std::size_t j = 0; j < n_; ++j) p.lower[j * n_ + j] = 1.0;
    p.upper = p.lower;
    return p;
}

Columns ConeTable::extended(const Columns& p, std::size_t i) const {
    using namespace directed;
    Columns result{std::vector<double>(n_ * n_, 0.0), std::vector<double>(n_ * n_, 0.0)};
    double most = 0.0;
    for (std::size_t j = 0; j < n_; ++j)
        for (std::size_t l = 0; l < n_; ++l) {
            const double b_lower = map_lower_[i][j * n_ + l];
            const double b_upper = map_upper_[i][j * n_ + l];
            if (is_exact_zero(b_lower, b_upper)) continue;
            const double* lower = &p.lower[l * n_];
            const double* upper = &p.upper[l * n_];
            double* to_lower = &result.lower[j * n_];
            double* to_upper = &result.upper[j * n_];
            if (!cube_) {
                for (std::size_t k = 0; k < n_; ++k) {
                    to_lower[k] = add_down(to_lower[k], mul_down(lower[k], b_lower));
                    to_upper[k] = add_up(to_upper[k], mul_up(upper[k], b_upper));
                }
            } else {
                for (std::size_t k = 0; k < n_; ++k) {
                    to_lower[k] = add_down(to_lower[k], std::min(std::min(mul_down(lower[k], b_lower), mul_down(lower[k], b_upper)), std::min(mul_down(upper[k], b_lower), mul_down(upper[k], b_upper))));
                    to_upper[k] = add_up(to_upper[k], std::max(std::max(mul_up(lower[k], b_lower), mul_up(lower[k], b_upper)), std::max(mul_up(upper[k], b_lower), mul_up(upper[k], b_upper))));
                }
            }
        }
    for (const double x : result.upper) most = std::max(most, x);
    if (most > 0.0 && std::isfinite(most)) {
        int exponent = 0;
        std::frexp(most, &exponent);
        const double scale = std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
        for (double& x : result.lower) x = mul_down(x, scale);
        for (double& x : result.upper) x = mul_up(x, scale);
    }
    return result;
}

Range ConeTable::bound(const Columns& p) const {
    using namespace directed;
    const std::size_t n = n_;
    Scratch s;
    std::array<double, largest_dimension * largest_dimension> low, high, rho;
    std::array<double, largest_dimension> c{};

    // The u_j.
    double sigma = 0.0;
    for (std::size_t j = 0; j < n; ++j) {
        const double* from_low = &p.lower[j * n];
        const double* from_high = &p.upper[j * n];
        bool zero = !cube_;
        for (std::size_t k = 0; k < n && zero; ++k) zero = is_exact_zero(from_low[k], from_high[k]);
        if (zero) continue;
        if (!cube_ || j == 0) {
            double height = 0.0;
            for (std::size_t k = 0; k < n; ++k) height += l_[k * rows_] * (0.5 * (from_low[k] + from_high[k]));
            if (!(height >= 0x1p-200 && height <= 0x1p200)) return everything;
            sigma = 1.0 / height;
        }
        for (std::size_t k = 0; k < n; ++k) {
            low[s.count * n + k] = mul_down(from_low[k], sigma);
            high[s.count * n + k] = mul_up(from_high[k], sigma);
        }
        ++s.count;
    }
    if (s.count == 0) return everything;  // C_w is empty
    // The centre, and the d_j = d +- rho.
    const std::size_t averaged = cube_ ? 1 : s.count;
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t j = 0; j < averaged; ++j) c[k] += 0.5 * (low[j * n + k] + high[j * n + k]);
        c[k] /= static_cast<double>(averaged);
        if (!(cube_ ? std::fabs(c[k]) <= c[0] : c[k] >= 0.0)) return everything;
    }
    std::array<double, largest_dimension> along{};
    double stretch = 1.0;
    if (cube_) {
        double moduli = 0.0;
        for (std::size_t j = 0; j < n; ++j) {
            for (std::size_t k = 0; k < n; ++k) along[j] += l_[k * rows_] * (0.5 * (low[j * n + k] + high[j * n + k]));
            if (j == 0) along[j] = 1.0;  // the centre is u_0
            else moduli = add_up(moduli, std::fabs(along[j]));
        }
        if (!(moduli < 1.0)) return everything;
        stretch = div_up(1.0, sub_down(1.0, moduli));
    }
    for (std::size_t j = 0; j < s.count; ++j)
        for (std::size_t k = 0; k < n; ++k) {
            double from = sub_down(low[j * n + k], cube_ ? mul_up(along[j], c[k]) : c[k]);
            double to = sub_up(high[j * n + k], cube_ ? mul_down(along[j], c[k]) : c[k]);
            if (cube_) from = mul_down(from, stretch), to = mul_up(to, stretch);
            const double middle = 0.5 * (from + to);
            s.d[j * n + k] = middle;
            rho[j * n + k] = std::max(sub_up(to, middle), sub_up(middle, from));
            if (!(std::fabs(middle) <= 0x1p100 && rho[j * n + k] <= 0x1p100)) return everything;
        }

    // Value and gradient at the centre.
    Lanes value{}, moduli{}, log_errors{};
    std::array<Lanes, largest_dimension> gradient{}, gradient_moduli{}, peaks{};
    Words bad{};
    const Lanes zero{};
    for (std::size_t b = 0; b < rows_; b += lanes) {
        Lanes q{}, beta, l;
        for (std::size_t k = 0; k < n; ++k) {
            load(&l_[k * rows_ + b], l);
            q += l * c[k];
        }
        bad |= ~((q >= 0x1p-60) & (q <= 0x1p60));
        load(&beta_[b], beta);
        Lanes log_q, log_size;
        logarithm(q, log_q, log_size);
        const Lanes size = beta < zero ? -beta : beta;
        const Lanes term = beta * log_q;
        value += term;
        moduli += term < zero ? -term : term;
        log_errors += size * log_size;
        const Lanes inverse = 1.0 / q;
        std::memcpy(&s.inverse[b], &inverse, sizeof inverse);
        const Lanes ratio = beta * inverse;
        for (std::size_t k = 0; k < n; ++k) {
            load(&l_[k * rows_ + b], l);
            const Lanes g = ratio * l;
            gradient[k] += g;
            gradient_moduli[k] += g < zero ? -g : g;
            const Lanes peak = inverse * (l < zero ? -l : l);
            peaks[k] = peaks[k] > peak ? peaks[k] : peak;
        }
    }
    if ((bad[0] | bad[1] | bad[2] | bad[3]) != 0) return everything;
    // Of z, the same for all b.
    const double unit = static_cast<double>(n);
    double zeta = 0.0;
    for (std::size_t j = 0; j < s.count; ++j) {
        double error = 0.0;
        for (std::size_t k = 0; k < n; ++k) error += largest(peaks[k]) * (rho[j * n + k] + (unit + 4.0) * u * (std::fabs(s.d[j * n + k]) + rho[j * n + k]));
        zeta = std::max(zeta, 1.01 * error);
    }
    const double lane_terms = static_cast<double>(rows_ / lanes);
    const double theta = 1.01 * (unit + 1.0) * u;  // times omega_b
    s.value = sum(value);
    const double value_error = loss_ + 1.01 * u * (sum(log_errors) + (lane_terms + 8.0) * sum(moduli));

    // Second order.
    std::array<Lanes, largest_dimension> z;
    std::array<Lanes, largest_dimension * (largest_dimension + 1) / 2> products{};
    Lanes cubes{}, delta_most{};
    const double spread = cube_ ? static_cast<double>(s.count) * zeta : zeta;
    for (std::size_t b = 0; b < rows_; b += lanes) {
        Lanes inverse, beta, l, delta{};
        load(&s.inverse[b], inverse);
        load(&beta_[b], beta);
        for (std::size_t j = 0; j < s.count; ++j) z[j] = zero;
        for (std::size_t k = 0; k < n; ++k) {
            load(&l_[k * rows_ + b], l);
            l *= inverse;
            for (std::size_t j = 0; j < s.count; ++j) z[j] += l * s.d[j * n + k];
        }
        for (std::size_t j = 0; j < s.count; ++j) {
            const Lanes modulus = z[j] < zero ? -z[j] : z[j];
            if (cube_) delta += modulus;
            else delta = delta > modulus ? delta : modulus;
        }
        delta += spread;
        delta_most = delta_most > delta ? delta_most : delta;
        cubes += (beta < zero ? -beta : beta) * (delta * delta * delta);
        std::size_t at = 0;
        for (std::size_t j = 0; j < s.count; ++j) {
            const Lanes weighted = beta * z[j];
            for (std::size_t k = 0; k <= j; ++k) products[at++] += weighted * z[k];
        }
    }
    const double delta = 1.01 * largest(delta_most);
    s.error = value_error + conditioned_ * theta / (0.99 - delta) + 0x1p-200;
    if (!(delta <= largest_delta)) {
        s.error = value_error + 0x1p-200;
        return plain_range(s, zeta);
    }
    double most_slope = 0.0, most_product = 0.0, slope_error = 0.0;
    std::array<double, largest_dimension> slope{};
    for (std::size_t j = 0; j < s.count; ++j) {
        double error = 0.0;
        for (std::size_t k = 0; k < n; ++k) {
            const double g = sum(gradient[k]);
            const double size = std::fabs(s.d[j * n + k]);
            slope[j] += g * s.d[j * n + k];
            error += (lane_terms + 8.0) * u * sum(gradient_moduli[k]) * (size + rho[j * n + k]) + std::fabs(g) * (rho[j * n + k] + (unit + 1.0) * u * size);
        }
        slope_error = cube_ ? slope_error + error : std::max(slope_error, error);
        most_slope = std::max(most_slope, std::fabs(slope[j]));
    }
    double low_part = infinity, high_part = -infinity;
    const auto product = [&](std::size_t j, std::size_t k) { return sum(products[j * (j + 1) / 2 + k]); };
    for (std::size_t j = 0; j < s.count; ++j)
        for (std::size_t k = 0; k <= j; ++k) most_product = std::max(most_product, std::fabs(product(j, k)));
    if (!cube_) {
        for (std::size_t j = 0; j < s.count; ++j)
            for (std::size_t k = 0; k <= j; ++k) {
                const double x = 0.5 * (slope[j] + slope[k] - product(j, k));
                low_part = std::min(low_part, x);
                high_part = std::max(high_part, x);
            }
    } else {
        low_part = high_part = 0.0;
        for (std::size_t j = 0; j < s.count; ++j) {
            double either = std::fabs(slope[j]);
            for (std::size_t k = 0; k < j; ++k) either += std::fabs(product(j, k));
            low_part -= either + 0.5 * std::max(0.0, product(j, j));
            high_part += either - 0.5 * std::min(0.0, product(j, j));
        }
    }
    const double pairs = cube_ ? unit * unit : 1.0;
    const double product_error = total_ * ((lane_terms + 10.0) * u * delta * delta + 2.0 * zeta * delta + zeta * zeta);
    const double combination = (pairs + 8.0) * u * (unit * most_slope + pairs * most_product);
    s.error += 1.01 * (slope_error + 0.5 * pairs * product_error + combination + sum(cubes) / (3.0 * (1.0 - delta)));
    if (!(s.error < 0x1p100 && std::fabs(s.value) < 0x1p100)) return everything;
    return {sub_down(add_down(s.value, low_part), s.error), add_up(add_up(s.value, high_part), s.error), 2.0 * (value_error + conditioned_ * theta)};
}

// The sum of the ranges of the logarithms, for wide cones.
Range ConeTable::plain_range(const Scratch& s, double zeta) const {
    double low_part = 0.0, high_part = 0.0, moduli = 0.0;
    for (std::size_t b = 0; b < rows_; ++b) {
        double least = infinity, most = -infinity, moduli_of_z = 0.0;
        for (std::size_t j = 0; j < s.count; ++j) {
            double z = 0.0;
            for (std::size_t k = 0; k < n_; ++k) z += l_[k * rows_ + b] * s.d[j * n_ + k];
            z *= s.inverse[b];
            least = std::min(least, z);
            most = std::max(most, z);
            moduli_of_z += std::fabs(z);
        }
        if (cube_) {
            least = -moduli_of_z;
            most = moduli_of_z;
        }
        const double slack = 1e-11 * (1.0 + most) + worst_ * 1e-13 + 1.01 * zeta * static_cast<double>(n_);
        const double from = 1.0 + least - slack;
        const double to = 1.0 + most + slack;
        if (!(from >= 0x1p-30 && to <= 0x1p60)) return everything;
        const double a = beta_[b] * logarithm(from);
        const double c = beta_[b] * logarithm(to);
        low_part += std::min(a, c);
        high_part += std::max(a, c);
        moduli += std::fabs(a) + std::fabs(c);
    }
    const double error = 1.01 * (s.error + 1e-12 * (1.0 + moduli + total_));
    if (!(error < 0x1p100 && std::fabs(s.value) < 0x1p100)) return everything;
    return {directed::sub_down(s.value + low_part, error), directed::add_up(s.value + high_part, error), 2.0 * s.error};
}

MpInterval ConeTable::exponent(double lower, double upper) const { return (constant_ + MpInterval(lower, upper, constant_.precision())) / MpInterval(degree_, constant_.precision()); }

}  // namespace lyapcert::invariant_cone
