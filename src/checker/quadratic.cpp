#include "checker/quadratic.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>
#include <thread>

#include "checker/outward.hpp"

namespace lyapcert::checker {

namespace {

constexpr long bits = 192;
constexpr std::size_t most_forms = 4000;  // with their images
constexpr std::uint64_t work_per_form = 1U << 20;  // to prepare it
constexpr std::uint64_t work_per_character = 64;    // to read it
constexpr double smallest_half_side = 0x1p-40;  // centres and radii of boxes are exact
constexpr int lanes = 4;
constexpr double infinity = std::numeric_limits<double>::infinity();
using Lanes = double __attribute__((vector_size(32)));
using Words = long long __attribute__((vector_size(32)));

constexpr int triangle(int i, int j) { return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i; }

void spend(std::uint64_t& work, std::uint64_t amount) {
    if (work < amount) throw Refused("quadratic: the proof would take too long");
    work -= amount;
}

std::vector<Rational> parse_numbers(const nlohmann::json& evidence, const char* key, std::uint64_t& work) {
    const std::string& text = evidence.at(key).get_ref<const std::string&>();
    spend(work, text.size() * work_per_character);
    std::vector<Rational> numbers;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (numbers.size() > most_forms * 21) throw Refused(std::string("quadratic: '") + key + "' is too long");
        numbers.push_back(parse_rational(std::string_view(text).substr(at, end - at)));
        // Without bounds exact arithmetic could take for ever.
        const mpz_class& denominator = numbers.back().get_den();
        if (abs(numbers.back()) > mpz_class(1) << 100) throw Refused(std::string("quadratic: a number in '") + key + "' is larger than 2^100");
        if (mpz_popcount(denominator.get_mpz_t()) != 1 || denominator > mpz_class(1) << 1100) throw Refused(std::string("quadratic: a number in '") + key + "' is no multiple of 2^-1100");
        at = end + 1;
    }
    return numbers;
}

double middle(const Enclosure& x) { return 0.5 * mpfr_get_d(x.lower(), MPFR_RNDN) + 0.5 * mpfr_get_d(x.upper(), MPFR_RNDN); }
double above(const Enclosure& x) { return mpfr_get_d(x.upper(), MPFR_RNDU); }
double below(const Enclosure& x) { return mpfr_get_d(x.lower(), MPFR_RNDD); }

// sum_m b_m (1/2) log q_m, prepared for the arithmetic of T23. Arrays over m are filled up with forms of weight zero.
template <int N>
struct Table {
    static constexpr int entries = N * (N + 1) / 2;
    std::size_t count = 0;
    std::array<std::vector<double>, entries> q;  // [triangle(i, j)][m]
    std::vector<double> weight;
    std::vector<double> size;
    std::vector<double> omega;
    std::vector<double> lowest;  // bounds of (1/2) log q_m on the faces of the cube, where 1 <= |y|^2 <= n
    std::vector<double> highest;
    Enclosure total = Enclosure(bits);  // sum |b_m|

    void add(const Matrix& form, const Value& b) {
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
                q[static_cast<std::size_t>(triangle(i, j))].push_back(near);
                const Enclosure exactly_near(exactly_double(near), bits);
                grow(radius, abs(x - exactly_near));
                grow(largest, abs(exactly_near));
            }
            grow(row_sums, row);
        }
        const Enclosure n2(Rational(N * N), bits);
        omega.push_back(above(n2 * (radius + largest * Enclosure(Rational(1, 1UL << 46), bits))));
        const Enclosure half(Rational(1, 2), bits);
        highest.push_back(mpfr_sgn(row_sums.upper()) > 0 ? above(half * log(Enclosure(exactly(row_sums.upper()) * N, bits))) : infinity);
        // q >= mu |y|^2 >= mu where q - mu I is positive definite.
        double low = -infinity;
        Rational mu = exactly_double(middle(row_sums)) / 2;
        for (int halving = 0; halving < 90 && std::isinf(low) && sgn(mu) > 0; ++halving, mu /= 2) {
            const Inertia shifted = inertia(form, mu, bits);
            if (shifted.known && shifted.positive == N) low = below(half * log(Enclosure(mu, bits)));
        }
        lowest.push_back(low);
        const Enclosure weight_enclosure = b.enclosure(bits);
        weight.push_back(middle(weight_enclosure));
        size.push_back(std::fabs(weight.back()));
        total = total + abs(weight_enclosure);
        ++count;
    }

    void fill_up() {
        for (; count % lanes != 0; ++count) {
            for (int i = 0; i < N; ++i)
                for (int j = 0; j <= i; ++j) q[static_cast<std::size_t>(triangle(i, j))].push_back(i == j ? 1.0 : 0.0);
            for (std::vector<double>* zero : {&weight, &size, &omega, &lowest}) zero->push_back(0.0);
            highest.push_back(4.0);
        }
    }

  private:
    static Rational exactly_double(double x) { return Rational(x); }
};

template <int N>
class Cover {
  public:
    static constexpr int D = N - 1;
    struct Box {
        std::array<double, D> centre{};
        std::array<double, D> radius{};
    };

    Cover(const Table<N>& table, Side side, double level, std::uint64_t& work) : table_(table), side_(side), level_(level), slack_(above(table.total) * (0x1p-43 + static_cast<double>(table.count + 256) * 0x1p-47)), work_(work), work_per_box_(static_cast<std::uint64_t>(table.count) * N * N * N) {}

    // T22 (c), T23 (i): true when the inequality holds on every face. Throws Refused when that would take too much work.
    bool run() {
        constexpr int pieces = N <= 3 ? 16 : N == 4 ? 8 : 4;
        std::size_t per_face = 1;
        for (int i = 0; i < D; ++i) per_face *= pieces;
        std::atomic<std::size_t> next{0};
        std::atomic<std::uint64_t> left{work_ / work_per_box_};  // boxes
        std::atomic<bool> failed{false};
        std::atomic<bool> exhausted{false};
        const auto work = [&] {
            std::vector<Box> stack;
            for (std::size_t root = next++; root < N * per_face && !failed; root = next++) {
                Box box;
                std::size_t at = root % per_face;
                for (int i = 0; i < D; ++i, at /= pieces) {
                    box.radius[static_cast<std::size_t>(i)] = 1.0 / pieces;
                    box.centre[static_cast<std::size_t>(i)] = (2.0 * static_cast<double>(at % pieces) + 1.0) / pieces - 1.0;
                }
                for (stack.assign(1, box); !stack.empty() && !failed;) {
                    if (left-- == 0) {
                        left = 0;
                        exhausted = failed = true;
                        break;
                    }
                    const Box current = stack.back();
                    stack.pop_back();
                    std::size_t widest = 0;
                    const Bounds d = bound(static_cast<int>(root / per_face), current, widest);
                    if (side_ == Side::lower ? d.box >= level_ : d.box <= level_) continue;
                    // Saves time, no more.
                    const bool violated = side_ == Side::lower ? d.centre < level_ : d.centre > level_;
                    const double half = 0.5 * current.radius[widest];
                    if (violated || half < smallest_half_side) failed = true;
                    for (const double sign : {-1.0, 1.0}) {
                        stack.push_back(current);
                        stack.back().radius[widest] = half;
                        stack.back().centre[widest] += sign * half;
                    }
                }
            }
        };
        std::vector<std::thread> threads;
        for (unsigned t = 1; t < std::min(16U, std::thread::hardware_concurrency()); ++t) {
            try {
                threads.emplace_back(work);
            } catch (const std::system_error&) {
                break;  // no more threads to be had
            }
        }
        work();
        for (std::thread& t : threads) t.join();
        work_ = exhausted ? 0 : left * work_per_box_;
        if (exhausted) throw Refused("quadratic: the proof would take too long");
        return !failed;
    }

    // T23 on one box of the face y_face = 1: for the lower side D >= `box` on it, and D <= `centre` at its centre; for the upper side the
    // other way round. `widest` is where to cut.
    struct Bounds {
        double box;
        double centre;
    };
    Bounds bound(int face, const Box& box, std::size_t& widest) const {
        std::array<int, N> index{};  // the face's coordinate comes last
        for (int i = 0; i < N; ++i) index[static_cast<std::size_t>(i)] = i == D ? face : i < face ? i : i + 1;
        const auto& c = box.centre;
        const auto& r = box.radius;
        Lanes value{}, remainder{}, error{}, gradient[D]{}, hessian[D * (D + 1) / 2]{}, cubic[D * (D + 1) * (D + 2) / 6]{}, spread[D]{};
        Words bad{};
        for (std::size_t m = 0; m < table_.count; m += lanes) {
            const auto load = [m](const std::vector<double>& from, Lanes& to) { std::memcpy(&to, from.data() + m, sizeof to); };
            Lanes s[N][N], a[N], b, size, omega, lowest, highest;
            for (int i = 0; i < N; ++i)
                for (int j = 0; j <= i; ++j) {
                    load(table_.q[static_cast<std::size_t>(triangle(index[static_cast<std::size_t>(i)], index[static_cast<std::size_t>(j)]))], s[i][j]);
                    s[j][i] = s[i][j];
                }
            load(table_.weight, b);
            load(table_.size, size);
            load(table_.omega, omega);
            load(table_.lowest, lowest);
            load(table_.highest, highest);
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
        const double sign = side_ == Side::lower ? 1.0 : -1.0;
        // T23 (g).
        const double uncertain = 64.0 * (1.0 + 0x1p-40) * sum(error) + slack_;
        double loss = sum(remainder) * (1.0 + 0x1p-40) + uncertain;
        double widest_spread = -1.0;
        int at = 0;
        for (int i = 0; i < D; ++i) {
            const double ri = r[static_cast<std::size_t>(i)];
            const double mine = sum(spread[i]);
            if (mine > widest_spread) widest_spread = mine, widest = static_cast<std::size_t>(i);
            loss += std::fabs(sum(gradient[i])) * ri;
            for (int j = 0; j <= i; ++j) {
                const double rij = ri * r[static_cast<std::size_t>(j)];
                const double h = sum(hessian[triangle(i, j)]);
                loss += i == j ? std::max(0.0, -sign * h) * rij : std::fabs(h) * rij;
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

  private:
    static double sum(const Lanes& x) { return (x[0] + x[1]) + (x[2] + x[3]); }

    const Table<N>& table_;
    Side side_;
    double level_;
    double slack_;
    std::uint64_t& work_;
    std::uint64_t work_per_box_;
};

// Fills the table and gives the degree of f, or says why not.
template <int N>
std::string prepare(const Product& product, const nlohmann::json& evidence, std::uint64_t& work, Table<N>& table, Rational& degree) {
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
    std::vector<Matrix> maps;
    for (const Matrix& a : product.matrices) {
        Matrix b = rounded(rounded(a, bits) * rounded(basis, bits), bits);
        if (solve(rounded(basis, bits), b).sign() == 0) return "the basis is not regular";
        maps.push_back(std::move(b));
    }
    degree = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) {
        Matrix form(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t l = 0; l <= i; ++l) form(i, l) = form(l, i) = form_numbers[j * entries + i * (i + 1) / 2 + l];
        if (inertia(form).positive != n) return "a form is not positive definite";
        degree += weights[j];
        table.add(form, Rational(-weights[j]));
        for (std::size_t k = 0; k < maps.size(); ++k) {
            Matrix transposed(n, n);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t l = 0; l < n; ++l) transposed(i, l) = maps[k](l, i);
            Matrix image = transposed * (rounded(form, bits) * maps[k]);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t l = 0; l < i; ++l) image(l, i) = image(i, l);
            table.add(image, Rational(weights[j] * product.probabilities[k]));
        }
    }
    if (sgn(degree) <= 0) return "f has no positive degree";
    // T23 needs numbers far from underflow and overflow.
    if (!at_most(Rational(1, mpz_class(1) << 100), table.total) || !at_least(Rational(mpz_class(1) << 100), table.total)) return "the weights are too small or too large";
    table.fill_up();
    return "";
}

template <int N>
std::string check_dimension(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, std::uint64_t& work) {
    Table<N> table;
    Rational degree;
    const std::string reason = prepare(product, evidence, work, table, degree);
    if (!reason.empty()) return reason;
    // T22 (a), (b): degree lambda >= level (<= level).
    const Enclosure level(Rational(claim * degree), bits);
    return Cover<N>(table, side, side == Side::lower ? above(level) : below(level), work).run() ? "" : "the inequality is not proved";
}

template <int N>
double bound_in_dimension(const Product& product, const nlohmann::json& evidence, Side side, int face, const std::vector<double>& centre, const std::vector<double>& radius) {
    Table<N> table;
    Rational degree;
    std::uint64_t work = most_quadratic_work;
    const std::string reason = prepare(product, evidence, work, table, degree);
    if (!reason.empty()) throw Refused(reason);
    const Cover<N> cover(table, side, 0.0, work);
    typename Cover<N>::Box box;
    std::copy(centre.begin(), centre.end(), box.centre.begin());
    std::copy(radius.begin(), radius.end(), box.radius.begin());
    std::size_t widest = 0;
    return cover.bound(face, box, widest).box;
}

}  // namespace

double quadratic_bound(const Product& product, const nlohmann::json& evidence, Side side, int face, const std::vector<double>& centre, const std::vector<double>& radius) {
    switch (product.dimension()) {
        case 2: return bound_in_dimension<2>(product, evidence, side, face, centre, radius);
        case 3: return bound_in_dimension<3>(product, evidence, side, face, centre, radius);
        case 4: return bound_in_dimension<4>(product, evidence, side, face, centre, radius);
        case 5: return bound_in_dimension<5>(product, evidence, side, face, centre, radius);
        case 6: return bound_in_dimension<6>(product, evidence, side, face, centre, radius);
        default: throw Refused("quadratic: the dimension is not between 2 and 6");
    }
}

std::string check_quadratic(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, std::uint64_t& work) {
    const std::size_t n = product.dimension();
    if (!evidence.at("dimension").is_number_unsigned() || evidence.at("dimension").get<std::size_t>() != n) throw Refused("quadratic: its dimension is not that of the product");
    switch (n) {
        case 2: return check_dimension<2>(product, evidence, side, claim, work);
        case 3: return check_dimension<3>(product, evidence, side, claim, work);
        case 4: return check_dimension<4>(product, evidence, side, claim, work);
        case 5: return check_dimension<5>(product, evidence, side, claim, work);
        case 6: return check_dimension<6>(product, evidence, side, claim, work);
        default: throw Refused("quadratic: the dimension is not between 2 and 6");
    }
}

}  // namespace lyapcert::checker
