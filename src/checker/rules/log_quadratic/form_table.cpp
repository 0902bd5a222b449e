#include "checker/rules/log_quadratic/form_table.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace lyapcert::checker {

namespace {

constexpr long bits = quadratic_bits;
constexpr std::size_t most_forms = 4000;  // with their images
constexpr std::uint64_t work_per_form = 1U << 20;  // to prepare it
constexpr int lanes = 4;
constexpr double infinity = std::numeric_limits<double>::infinity();
using Lanes = double __attribute__((vector_size(32)));
using Words = long long __attribute__((vector_size(32)));

constexpr int triangle(int i, int j) { return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i; }

std::vector<Rational> parse_numbers(const nlohmann::json& evidence, const char* key, std::uint64_t& work) {
    std::vector<Rational> numbers;
    for_each_number(evidence, key, most_forms * 21, work, [&](Rational x) {
        // Without bounds exact arithmetic could take for ever.
        const mpz_class& denominator = x.get_den();
        if (abs(x) > mpz_class(1) << 100) throw Refused(std::string("quadratic: a number in '") + key + "' is larger than 2^100");
        if (mpz_popcount(denominator.get_mpz_t()) != 1 || denominator > mpz_class(1) << 1100) throw Refused(std::string("quadratic: a number in '") + key + "' is no multiple of 2^-1100");
        numbers.push_back(std::move(x));
    });
    return numbers;
}

double middle(const Enclosure& x) { return 0.5 * mpfr_get_d(x.lower(), MPFR_RNDN) + 0.5 * mpfr_get_d(x.upper(), MPFR_RNDN); }
Rational exactly_double(double x) { return Rational(x); }
double sum(const Lanes& x) { return (x[0] + x[1]) + (x[2] + x[3]); }

}  // namespace

template <int N>
void FormTable<N>::add(const Matrix& form, const Value& b) {
    Enclosure radius(bits);
    Enclosure largest(bits);
    Enclosure row_sums(bits);
    const auto grow = [](Enclosure& x, const Enclosure& y) {
        if (mpfr_greater_p(y.upper(), x.upper())) x = y;
    };
    for (int i = 0; i < N; ++i) {
        Enclosure row(bits);
        for (int j = 0; j < N; ++j) {
            const Enclosure x = form(static_cast<std::size_t>(i), static_cast<std::size_t>(j)).enclosure(bits);
            row = row + abs(x);
            if (j > i) continue;
            const double near = middle(x);
            if (!(std::fabs(near) < 0x1p300)) throw Refused("quadratic: a form is too large");
            q_[static_cast<std::size_t>(triangle(i, j))].push_back(near);
            const Enclosure exactly_near(exactly_double(near), bits);
            grow(radius, abs(x - exactly_near));
            grow(largest, abs(exactly_near));
        }
        grow(row_sums, row);
    }
    const Enclosure n2(Rational(N * N), bits);
    omega_.push_back(above(n2 * (radius + largest * Enclosure(Rational(1, 1UL << 46), bits))));
    const Enclosure half(Rational(1, 2), bits);
    highest_.push_back(mpfr_sgn(row_sums.upper()) > 0 ? above(half * log(Enclosure(exactly(row_sums.upper()) * N, bits))) : infinity);
    // q >= mu |y|^2 >= mu where q - mu I is positive definite.
    const auto definite = [&](const Rational& mu) {
        const Inertia shifted = inertia(form, mu, bits);
        return shifted.known && shifted.positive == N;
    };
    Rational mu = exactly_double(middle(row_sums)) / 2;
    for (int halving = 0; halving < 90 && sgn(mu) > 0 && !definite(mu); ++halving) mu /= 2;
    const bool known = sgn(mu) > 0 && definite(mu);
    // Within a hundredth: boxes on which forms are not modelled live on it.
    for (Rational step = mu / 2; known && step > mu / 256; step /= 2)
        if (definite(mu + step)) mu += step;
    lowest_.push_back(known ? below(half * log(Enclosure(mu, bits))) : -infinity);
    const Enclosure weight_enclosure = b.enclosure(bits);
    weight_.push_back(middle(weight_enclosure));
    size_.push_back(std::fabs(weight_.back()));
    total_ = total_ + abs(weight_enclosure);
    ++count_;
}

template <int N>
bool FormTable<N>::finish() {
    // T23 needs numbers far from underflow and overflow.
    if (!at_most(Rational(1, mpz_class(1) << 100), total_) || !at_least(Rational(mpz_class(1) << 100), total_)) return false;
    for (; count_ % lanes != 0; ++count_) {
        for (int i = 0; i < N; ++i)
            for (int j = 0; j <= i; ++j) q_[static_cast<std::size_t>(triangle(i, j))].push_back(i == j ? 1.0 : 0.0);
        for (std::vector<double>* zero : {&weight_, &size_, &omega_, &lowest_}) zero->push_back(0.0);
        highest_.push_back(4.0);
    }
    slack_ = above(total_) * (0x1p-43 + static_cast<double>(count_ + 256) * 0x1p-47);
    return true;
}

template <int N>
Bounds FormTable<N>::bound(Side side, int face, const Box<N>& box, const double* tilt, std::size_t& widest) const {
    std::array<int, N> index{};  // the face's coordinate comes last
    for (int i = 0; i < N; ++i) index[static_cast<std::size_t>(i)] = i == D ? face : i < face ? i : i + 1;
    const auto& c = box.centre;
    const auto& r = box.radius;
    Lanes value{}, remainder{}, error{}, gradient[D]{}, hessian[D * (D + 1) / 2]{}, cubic[D * (D + 1) * (D + 2) / 6]{}, spread[D]{};
    Words bad{};
    for (std::size_t m = 0; m < count_; m += lanes) {
        const auto load = [m](const std::vector<double>& from, Lanes& to) { std::memcpy(&to, from.data() + m, sizeof to); };
        Lanes s[N][N], a[N], b, size, omega, lowest, highest;
        for (int i = 0; i < N; ++i)
            for (int j = 0; j <= i; ++j) {
                load(q_[static_cast<std::size_t>(triangle(index[static_cast<std::size_t>(i)], index[static_cast<std::size_t>(j)]))], s[i][j]);
                s[j][i] = s[i][j];
            }
        load(weight_, b);
        load(size_, size);
        load(omega_, omega);
        load(lowest_, lowest);
        load(highest_, highest);
        for (int i = 0; i < N; ++i) {
            a[i] = s[i][D];
            for (int j = 0; j < D; ++j) a[i] += s[i][j] * c[static_cast<std::size_t>(j)];
        }
        Lanes q = a[D];
        for (int i = 0; i < D; ++i) q += a[i] * c[static_cast<std::size_t>(i)];
        const Lanes rho = omega / q;  // T23 (c)
        bad |= ~((q >= 0x1p-60) & (q <= 0x1p60) & (rho <= 0x1p-12));
        error += size * rho;

        // T23 (f): (1/2) log q, by q = 2^k x with x in [1/2, 1), then moved to [2/3, 4/3).
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
        const Lanes half_log = 0.5 * (k * 0x1.62e42fefa39efp-1) + (t + t * t2 * series);
        value += b * half_log;

        // T23 (d), (e): the gradient and the form, both over q(c); the largest q(h) / q(c), from above.
        Lanes largest = 8.0 * rho;
        Lanes share[D]{};
        for (int i = 0; i < D; ++i) {
            a[i] /= q;
            for (int j = 0; j < D; ++j) {
                s[i][j] /= q;
                const Lanes modulus = (Lanes)((Words)s[i][j] & 0x7FFFFFFFFFFFFFFFLL);
                share[i] += modulus * (r[static_cast<std::size_t>(i)] * r[static_cast<std::size_t>(j)]);
            }
            largest += share[i];
        }
        // T23 (d): delta >= sqrt(largest): the mean of x / y and y for some y near the root.
        const Lanes guess = (Lanes)(((Words)largest >> 1) + 0x1FF8000000000000LL);
        const Lanes better = 0.5 * (largest / guess + guess);
        const Lanes delta = 0.5 * (largest / better + better);
        // T23 (a), (b): the remainder of the model, or the range without one.
        const Lanes tail = largest * largest / (4.0 - 4.0 * delta);
        const Lanes rise = highest - half_log < delta ? highest - half_log : delta;
        const Lanes range = half_log - lowest > rise ? half_log - lowest : rise;
        const Words modelled = (delta <= 0.9) & (tail <= range);
        remainder += size * (modelled ? tail : range);
        const Lanes zero{};
        b = modelled ? b : zero;
        const Lanes importance = size * (largest < 4.0 ? largest : zero + 4.0);
        int at = 0;
        for (int i = 0; i < D; ++i) {
            spread[i] += importance * share[i];
            gradient[i] += b * a[i];
            for (int j = 0; j <= i; ++j) {
                const Lanes h = s[i][j] - 2.0 * (a[i] * a[j]);
                hessian[triangle(i, j)] += i == j ? b * (0.5 * h) : b * h;
                for (int l = 0; l <= j; ++l) {
                    // The symmetric tensor (4/3) a a a - (a s + s a + a s)/3, times the number of its equal entries.
                    const double equal = i == j && j == l ? 1.0 : i == j || j == l ? 3.0 : 6.0;
                    const Lanes u = 4.0 * (a[i] * a[j] * a[l]) - (a[i] * s[j][l] + a[j] * s[i][l] + a[l] * s[i][j]);
                    cubic[at++] += b * (u * (equal / 3.0));
                }
            }
        }
    }
    const double sign = side == Side::lower ? 1.0 : -1.0;
    // T23 (g).
    const double uncertain = 64.0 * (1.0 + 0x1p-40) * sum(error) + slack_;
    double loss = sum(remainder) * (1.0 + 0x1p-40) + uncertain;
    double widest_spread = -1.0;
    int at = 0;
    for (int i = 0; i < D; ++i) {
        const double ri = r[static_cast<std::size_t>(i)];
        const double mine = sum(spread[i]);
        if (mine > widest_spread) widest_spread = mine, widest = static_cast<std::size_t>(i);
        const double lean = tilt == nullptr ? 0.0 : tilt[i];
        const double slope = std::fabs(sum(gradient[i]) + lean);
        const double square = sign * sum(hessian[triangle(i, i)]);
        // The largest value of slope x - square x^2, 0 <= x <= r_i.
        loss += square > 0.0 && slope < 2.0 * square * ri ? slope * slope / (4.0 * square) : (slope - square * ri) * ri;
        loss += std::fabs(lean) * (0x1p-44 * ri);
        for (int j = 0; j <= i; ++j) {
            const double rij = ri * r[static_cast<std::size_t>(j)];
            if (j < i) loss += std::fabs(sum(hessian[triangle(i, j)])) * rij;
            for (int l = 0; l <= j; ++l) loss += std::fabs(sum(cubic[at++])) * rij * r[static_cast<std::size_t>(l)];
        }
    }
    for (int l = 0; l < lanes; ++l)
        if (bad[l] != 0) loss = infinity;
    const double d = sum(value);
    // T23 (h): true for NaN.
    if (!(loss < 0x1p100)) return {-sign * infinity, sign * infinity};
    return {d - sign * loss, d + sign * uncertain};
}

template <int N>
std::string prepare(const Product& product, const nlohmann::json& evidence, std::uint64_t& work, LogQuadratic<N>& f) {
    const std::vector<Rational> basis_numbers = parse_numbers(evidence, "basis", work);
    const std::vector<Rational> form_numbers = parse_numbers(evidence, "forms", work);
    const std::vector<Rational> weights = parse_numbers(evidence, "weights", work);
    constexpr std::size_t n = N;
    constexpr std::size_t entries = n * (n + 1) / 2;
    if (basis_numbers.size() != n * n || weights.empty() || form_numbers.size() != entries * weights.size()) throw Refused("quadratic: its lists do not fit together");
    if (weights.size() * (product.matrices.size() + 1) > most_forms) throw Refused("quadratic: too many forms");
    spend(work, weights.size() * (product.matrices.size() + 1) * work_per_form);
    Matrix basis(n, n);
    for (std::size_t e = 0; e < n * n; ++e) basis.entries[e] = basis_numbers[e];
    for (const Matrix& a : product.matrices) {
        Matrix b = rounded(rounded(a, bits) * rounded(basis, bits), bits);
        if (solve(rounded(basis, bits), b).sign() == 0) return "the basis is not regular";
        f.maps.push_back(std::move(b));
    }
    f.degree = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) {
        Matrix form(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t l = 0; l <= i; ++l) form(i, l) = form(l, i) = form_numbers[j * entries + i * (i + 1) / 2 + l];
        if (inertia(form).positive != n) return "a form is not positive definite";
        f.degree += weights[j];
        f.forms.push_back(form);
        f.weights.push_back(weights[j]);
        f.table.add(form, Rational(-weights[j]));
        for (std::size_t k = 0; k < f.maps.size(); ++k) {
            Matrix transposed(n, n);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t l = 0; l < n; ++l) transposed(i, l) = f.maps[k](l, i);
            Matrix image = transposed * (rounded(form, bits) * f.maps[k]);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t l = 0; l < i; ++l) image(l, i) = image(i, l);
            f.table.add(image, Rational(weights[j] * product.probabilities[k]));
        }
    }
    if (sgn(f.degree) <= 0) return "f has no positive degree";
    return f.table.finish() ? "" : "the weights are too small or too large";
}

template class FormTable<2>;
template class FormTable<3>;
template class FormTable<4>;
template class FormTable<5>;
template class FormTable<6>;

template std::string prepare(const Product&, const nlohmann::json&, std::uint64_t&, LogQuadratic<2>&);
template std::string prepare(const Product&, const nlohmann::json&, std::uint64_t&, LogQuadratic<3>&);
template std::string prepare(const Product&, const nlohmann::json&, std::uint64_t&, LogQuadratic<4>&);
template std::string prepare(const Product&, const nlohmann::json&, std::uint64_t&, LogQuadratic<5>&);
template std::string prepare(const Product&, const nlohmann::json&, std::uint64_t&, LogQuadratic<6>&);

}  // namespace lyapcert::checker
