// The corrector of a log-quadratic certificate: (i) and (ii) of T51 against exact rationals, claims against known exponents.
#include "checker/rules/log_quadratic/box_corrector.hpp"

#include <xmmintrin.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "checker/log_quadratic_cases.hpp"

using namespace lyapcert::checker;
using namespace lyapcert::checker::cases;

namespace {

using Point = std::vector<Rational>;

// A partition with its numbers, read on its own.
struct Partition {
    struct Part {
        std::size_t face;
        std::vector<double> centre;
        std::vector<double> radius;
    };
    std::size_t n;
    std::string tree;
    std::vector<Part> parts;
    std::vector<double> values;
    std::vector<double> slopes;

    // Bisects along split(face, centre, radius), not at all when that is negative.
    Partition(std::size_t dimension, const std::function<int(const Part&)>& split) : n(dimension) {
        for (std::size_t f = 0; f < n; ++f) grow({f, std::vector<double>(n - 1, 0.0), std::vector<double>(n - 1, 1.0)}, split);
        values.assign(parts.size(), 0.0);
        slopes.assign(parts.size() * (n - 1), 0.0);
    }
    void grow(const Part& part, const std::function<int(const Part&)>& split) {
        const int axis = split(part);
        tree += axis < 0 ? '.' : static_cast<char>('0' + axis);
        if (axis < 0) return parts.push_back(part);
        Part half = part;
        const auto a = static_cast<std::size_t>(axis);
        half.radius[a] /= 2;
        half.centre[a] = part.centre[a] - half.radius[a];
        grow(half, split);
        half.centre[a] = part.centre[a] + half.radius[a];
        grow(half, split);
    }
    static Partition uniform(std::size_t n, double radius) {
        return Partition(n, [radius](const Part& p) {
            for (std::size_t i = 0; i < p.radius.size(); ++i)
                if (p.radius[i] > radius) return static_cast<int>(i);
            return -1;
        });
    }
    // Nested around a random ray, so that sizes differ by much.
    static Partition random(Random& random, std::size_t n, int most) {
        return Partition(n, [&random, n, most](const Part& p) {
            double volume = 1.0;
            for (const double r : p.radius) volume *= r;
            if (volume < std::ldexp(1.0, -most) || random.chance(0.25)) return -1;
            return static_cast<int>(random.integer(0, static_cast<long>(n) - 2));
        });
    }

    json text(const Evidence& e) const {
        const auto join = [](const std::vector<double>& list) {
            std::string result;
            for (const double x : list) result += (result.empty() ? "" : " ") + hexadecimal(x);
            return result;
        };
        json evidence = e.text();
        evidence["boxes"] = tree;
        evidence["values"] = join(values);
        evidence["slopes"] = join(slopes);
        return evidence;
    }

    // y' / y_f - c, empty when y is not in the box.
    template <class Number>
    std::vector<Number> local(std::size_t box, const std::vector<Number>& y) const {
        const Part& p = parts[box];
        std::vector<Number> result;
        if (y[p.face] == 0) return {};
        for (std::size_t i = 0, j = 0; i < n; ++i) {
            if (i == p.face) continue;
            result.push_back(y[i] / y[p.face] - Number(p.centre[j]));
            if (result.back() > Number(p.radius[j]) || result.back() < -Number(p.radius[j])) return {};
            ++j;
        }
        return result;
    }
    template <class Number>
    Number linear(std::size_t box, const std::vector<Number>& at) const {
        Number sum = 0;
        for (std::size_t j = 0; j < n - 1; ++j) sum += Number(slopes[box * (n - 1) + j]) * at[j];
        return sum;
    }
    template <class Number>
    std::vector<Number> point(std::size_t box, const std::vector<Number>& h) const {
        std::vector<Number> y;
        for (std::size_t i = 0, j = 0; i < n; ++i) {
            if (i == parts[box].face) {
                y.push_back(Number(1));
            } else {
                y.push_back(Number(parts[box].centre[j]) + h[j]);
                ++j;
            }
        }
        return y;
    }
    // A box that holds y.
    std::size_t find(const Vector& y) const {
        std::size_t b = 0;
        while (b + 1 < parts.size() && local(b, y).empty()) ++b;
        return b;
    }
};

// B = C^{-1} A C, exactly.
std::vector<Point> conjugate(const Rows& a, const Rows& c) {
    const std::size_t n = a.size();
    std::vector<Point> m(n, Point(2 * n));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            m[i][j] = Rational(c[i][j]);
            for (std::size_t l = 0; l < n; ++l) m[i][n + j] += Rational(a[i][l]) * Rational(c[l][j]);
        }
    for (std::size_t p = 0; p < n; ++p) {
        std::size_t pivot = p;
        while (m[pivot][p] == 0) ++pivot;
        std::swap(m[p], m[pivot]);
        const Rational inverse = 1 / m[p][p];
        for (Rational& x : m[p]) x *= inverse;
        for (std::size_t i = 0; i < n; ++i) {
            if (i == p) continue;
            const Rational factor = m[i][p];
            for (std::size_t j = p; j < 2 * n; ++j) m[i][j] -= factor * m[p][j];
        }
    }
    std::vector<Point> b(n);
    for (std::size_t i = 0; i < n; ++i) b[i].assign(m[i].begin() + static_cast<std::ptrdiff_t>(n), m[i].end());
    return b;
}

// Also when it takes too much work, or the text makes no sense.
bool proves(const Product& product, const json& evidence, double claim, Side side) {
    try {
        std::uint64_t work = std::uint64_t{1} << 34;
        return check_quadratic(product, evidence, side, Rational(claim), work).empty();
    } catch (const Refused&) {
        return false;
    }
}

// About the best that is proved, by bisection between two claims.
double best_claim(const Product& product, const json& evidence, double proved, double refuted, Side side, int steps = 12) {
    for (int i = 0; i < steps; ++i) {
        const double middle = 0.5 * (proved + refuted);
        (proves(product, evidence, middle, side) ? proved : refuted) = middle;
    }
    return proved;
}

// phi <- D + E phi(B y), on the middles of the sides of the boxes: values and slopes. Floating point; about sign times D.
void search(const Case& c, Partition& p, bool linear, int rounds) {
    struct Image {
        std::size_t box;
        Vector at;
    };
    const std::size_t free = p.n - 1;
    std::vector<std::vector<Image>> images(p.parts.size() * free * 2);
    std::vector<long double> d(images.size());
    long double degree = 0;
    for (const double a : c.evidence.weights) degree += a;
        for (std::size_t b = 0; b < p.parts.size(); ++b)
        for (std::size_t e = 0; e < 2 * free; ++e) {
            Vector h(free, 0.0L);
            h[e / 2] = (e % 2 == 0 ? -1 : 1) * static_cast<long double>(p.parts[b].radius[e / 2]);
            const Vector y = p.point(b, h);
            const std::size_t at = b * 2 * free + e;
            d[at] = degree * d_at(c.matrices, c.probabilities, c.evidence, y);
            for (const Rows& a : c.matrices) {
                const Vector z = solved(c.evidence.basis, times(a, times(c.evidence.basis, y)));
                const std::size_t t = p.find(z);
                Vector local = p.local(t, z);
                local.resize(free, 0.0L);
                images[at].push_back({t, local});
            }
        }
    for (int round = 0; round < rounds; ++round) {
        std::vector<double> values(p.values.size());
        std::vector<double> slopes(p.slopes.size());
        long double mean_shift = 0;
        for (std::size_t b = 0; b < p.parts.size(); ++b) {
            long double mean = 0;
            for (std::size_t j = 0; j < free; ++j) {
                long double u[2];
                for (std::size_t e = 0; e < 2; ++e) {
                    const std::size_t at = b * 2 * free + 2 * j + e;
                    u[e] = d[at];
                    for (std::size_t k = 0; k < c.matrices.size(); ++k) {
                        const Image& i = images[at][k];
                        u[e] += static_cast<long double>(c.probabilities[k].get_d()) * (static_cast<long double>(p.values[i.box]) + p.linear(i.box, i.at));
                    }
                }
                mean += (u[0] + u[1]) / 2;
                if (linear) slopes[b * free + j] = static_cast<double>((u[1] - u[0]) / 2 / static_cast<long double>(p.parts[b].radius[j]));
            }
            values[b] = static_cast<double>(mean / static_cast<long double>(free));
            mean_shift += static_cast<long double>(values[b]) / static_cast<long double>(values.size());
        }
        for (double& v : values) v -= static_cast<double>(mean_shift);
        p.values = values;
        p.slopes = slopes;
    }
}

// Similar, by one matrix for all, to multiples 5 2^e of rotations: the exponent is known, D is far from constant. Entries are exact.
struct Known {
    Case c;
    double lambda = 0;
};
Known rotations(Random& random, std::size_t n) {
    Known known;
    Rows p = diagonal(std::vector<double>(n, 1.0));
    Rows q = p;  // its inverse
    for (int step = 0; step < 2; ++step) {
        const auto i = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
        const std::size_t j = (i + 1) % n;
        const double f = random.chance(0.5) ? 0.25 : -0.25;
        for (std::size_t r = 0; r < n; ++r) p[r][j] += f * p[r][i];
        for (std::size_t r = 0; r < n; ++r) q[i][r] -= f * q[j][r];
    }
    known.c.probabilities = {Rational(1, 4), Rational(3, 4)};
    for (int k = 0; k < 2; ++k) {
        const auto i = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
        const std::size_t j = (i + 1) % n;
        const double factor = std::ldexp(1.0, static_cast<int>(random.integer(-3, -1)));
        Rows turn = diagonal(std::vector<double>(n, 5.0));
        turn[i][i] = turn[j][j] = k == 0 ? 3.0 : -4.0;
        turn[i][j] = k == 0 ? -4.0 : 3.0;
        turn[j][i] = -turn[i][j];
        Rows a(n, std::vector<double>(n, 0.0));
        for (std::size_t r = 0; r < n; ++r)
            for (std::size_t s = 0; s < n; ++s)
                for (std::size_t l = 0; l < n; ++l)
                    for (std::size_t m = 0; m < n; ++m) a[r][s] += factor * p[r][l] * turn[l][m] * q[m][s];
        known.c.matrices.push_back(a);
        known.lambda += known.c.probabilities[static_cast<std::size_t>(k)].get_d() * std::log(5 * factor);
    }
    known.c.evidence = euclidean(n);
    return known;
}

// Of lambda, by a long path in batches: mean and standard error.
std::pair<double, double> monte_carlo(Random& random, const Case& c) {
    std::vector<double> means;
    Vector v(c.evidence.basis.size(), 1.0L);
    for (int batch = 0; batch < 40; ++batch) {
        long double sum = 0;
        for (int m = 0; m < 4000; ++m) {
            double u = random.uniform(0, 1);
            std::size_t k = 0;
            while (k + 1 < c.matrices.size() && u > c.probabilities[k].get_d()) u -= c.probabilities[k++].get_d();
            v = times(c.matrices[k], v);
            long double norm = 0;
            for (const long double x : v) norm += x * x;
            norm = std::sqrt(norm);
            for (long double& x : v) x /= norm;
            sum += std::log(norm);
        }
        means.push_back(static_cast<double>(sum / 4000));
    }
    double mean = 0;
    double square = 0;
    for (const double x : means) mean += x / 40;
    for (const double x : means) square += (x - mean) * (x - mean);
    return {mean, std::sqrt(square / 39 / 40)};
}

// In [-1, 1], the ends more often than not.
double somewhere(Random& random) { return random.chance(0.7) ? (random.chance(0.5) ? 1.0 : -1.0) : random.uniform(-1.0, 1.0); }

void random_numbers(Random& random, Partition& p, double size) {
    for (double& x : p.values) x = random.chance(0.3) ? 0.0 : random.uniform(-size, size);
    const bool similar = random.chance(0.5);
    const double common = random.uniform(-size, size);
    for (double& x : p.slopes) x = similar ? common + random.uniform(-0.01, 0.01) : random.chance(0.2) ? 0.0 : random.uniform(-size, size);
}

}  // namespace

TEST_CASE("corrector: what is used of one box holds at every point", "[T51]") {
    Random random(90);
    int met = 0;
    int tight = 0;
    int sharp_checks = 0;
    int levels = 0;
    int sharp_levels = 0;
    for (int trial = 0; trial < trials(200); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, trial % 4 == 0 ? 5 : 3));
        Case c = random_case(random, n);
        const long kind = random.integer(0, 4);
        if (kind > 0) {
            // Images that meet the faces of boxes exactly: multiples of permutations and of shears with small rational entries.
            c.evidence.basis = diagonal(std::vector<double>(n, 1.0));
            for (Rows& a : c.matrices) {
                const double factor = kind == 1 ? 1.0 : static_cast<double>(random.integer(3, 99)) / 7;
                const auto turn = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
                a = diagonal(std::vector<double>(n, 0.0));
                for (std::size_t i = 0; i < n; ++i) a[i][(i + turn) % n] = random.chance(0.5) ? factor : -factor;
                if (kind == 3) a[0][n - 1] += factor;
                if (kind == 4)  // keeps the sum of the coordinates, or about
                    for (std::size_t i = 0; i < n; ++i) a[i][static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1))] += factor / 2;
            }
        }
        const Product product = product_of(c.matrices, c.probabilities);
        if (product.matrices.size() != c.matrices.size()) continue;  // equal ones
        Partition p = Partition::random(random, n, static_cast<int>(random.integer(3, 7) + (n == 2 ? 4 : 0)));
        random_numbers(random, p, 1.0);
        const json evidence = p.text(c.evidence);
        std::vector<std::vector<Point>> maps;
        bool regular = true;
        long double degree = 0.0L;
        for (const double a : c.evidence.weights) degree += static_cast<long double>(a);
        for (const Rows& a : c.matrices) maps.push_back(conjugate(a, c.evidence.basis));
        for (int repeat = 0; repeat < 3; ++repeat) {
            const auto b = static_cast<std::size_t>(random.integer(0, static_cast<long>(p.parts.size()) - 1));
            const Side side = random.chance(0.5) ? Side::lower : Side::upper;
            const unsigned saved = _mm_getcsr();
            const unsigned modes[] = {0x1F80U, 0x3F80U, 0x5F80U, 0x7F80U, 0xDFC0U};
            _mm_setcsr(modes[random.integer(0, 4)]);
            BoxLevel proved{};
            try {
                proved = corrector_level(product, evidence, side, b);
            } catch (const Refused&) {
                regular = false;
            }
            _mm_setcsr(saved);
            if (!regular) break;
            const std::vector<ImageBounds>& images = proved.images;
            const long double sign = side == Side::lower ? 1.0L : -1.0L;
            long double least_gain = 1e300L;
            for (int s = 0; s < 40; ++s) {
                Vector h;
                for (const double r : p.parts[b].radius) h.push_back(static_cast<long double>(r * somewhere(random)));
                const Vector y = p.point(b, h);
                long double gain = degree * d_at(c.matrices, c.probabilities, c.evidence, y) - static_cast<long double>(p.values[b]) - p.linear(b, h);
                for (std::size_t k = 0; k < images.size(); ++k) {
                    const Vector z = solved(c.evidence.basis, times(c.matrices[k], times(c.evidence.basis, y)));
                    const std::size_t t = p.find(z);
                    Vector at = p.local(t, z);
                    if (at.empty()) gain = NAN;  // z = 0: D is not defined
                    at.resize(n - 1);
                    gain += static_cast<long double>(c.probabilities[k].get_d()) * (static_cast<long double>(p.values[t]) + p.linear(t, at));
                }
                if (std::isfinite(gain)) least_gain = std::min(least_gain, sign * gain);
            }
            if (std::isfinite(proved.level)) {
                const long double left = least_gain - sign * static_cast<long double>(proved.level);
                if (left < -1e-13L) FAIL_CHECK("the level is wrong by " << static_cast<double>(-left));
                ++levels;
                sharp_levels += left < 0.02L;
            }
            REQUIRE(images.size() == c.matrices.size());
            for (std::size_t k = 0; k < images.size(); ++k) {
                std::map<std::size_t, double> least;  // over the points, of what is left
                for (int s = 0; s < 30; ++s) {
                    Point h;
                    for (std::size_t j = 0; j < n - 1; ++j) {
                        const long at = random.chance(0.6) ? (random.chance(0.5) ? -64 : 64) : random.integer(-64, 64);
                        h.push_back(Rational(p.parts[b].radius[j]) * Rational(at) / 64);
                    }
                    const Point y = p.point(b, h);
                    Point z(n);
                    bool zero = true;
                    for (std::size_t i = 0; i < n; ++i) {
                        for (std::size_t j = 0; j < n; ++j) z[i] += maps[k][i][j] * y[j];
                        zero = zero && z[i] == 0;
                    }
                    if (zero) continue;
                    Rational common = 0;
                    for (std::size_t j = 0; j < n - 1; ++j) common += Rational(images[k].common[j]) * h[j];
                    int homes = 0;
                    for (std::size_t t = 0; t < p.parts.size(); ++t) {
                        const Point at = p.local(t, z);
                        if (at.empty()) continue;
                        ++homes;
                        bool listed = false;
                        for (const ImageBounds::Target& target : images[k].targets) {
                            if (target.box != t) continue;
                            listed = true;
                            Rational left = p.linear(t, at) - Rational(target.kappa) - common;
                            if (side == Side::upper) left = -left;
                            if (left < 0) FAIL_CHECK("kappa is too large by " << Rational(-left).get_d());
                            const double x = left.get_d();
                            const auto found = least.emplace(t, x).first;
                            found->second = std::min(found->second, x);
                        }
                        if (!listed) FAIL_CHECK("a target is missing");
                        ++met;
                    }
                    if (homes == 0) FAIL_CHECK("the boxes do not cover");
                }
                for (const auto& [t, x] : least) {
                    ++sharp_checks;
                    tight += x < 0.02;
                }
            }
        }
    }
    CHECK(met > trials(200) * 20);
    CHECK(tight > sharp_checks / 10);
    CHECK(sharp_levels > levels / 20);
    CHECK(levels > trials(200));
}

TEST_CASE("corrector: D with a linear term is within its bounds", "[T51]") {
    Random random(91);
    int near = 0;
    for (int trial = 0; trial < trials(150); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const Case c = random_case(random, n);
        const Product product = product_of(c.matrices, c.probabilities);
        std::vector<double> centre;
        std::vector<double> radius;
        std::vector<double> tilt;
        const long size = random.integer(4, 12);
        const double scale = std::ldexp(1.0, static_cast<int>(random.integer(-3, 40) / 2));
        for (std::size_t i = 0; i + 1 < n; ++i) {
            radius.push_back(std::ldexp(1.0, static_cast<int>(-size)));
            centre.push_back(-1.0 + radius[i] * static_cast<double>(2 * random.integer(0, std::lround(1.0 / radius[i]) - 1) + 1));
            tilt.push_back(random.uniform(-scale, scale));
        }
        long double degree = 0.0L;
        for (const double a : c.evidence.weights) degree += static_cast<long double>(a);
        const int face = static_cast<int>(random.integer(0, static_cast<long>(n) - 1));
        const json evidence = c.evidence.text();
        const auto d_of = [&](Vector y) {
            y.insert(y.begin() + face, 1.0L);
            return degree * d_at(c.matrices, c.probabilities, c.evidence, y);
        };
        // As a corrector has it: what remains of the gradient is of the size of the second order.
        if (trial % 2 == 0)
            for (std::size_t i = 0; i + 1 < n; ++i) {
                Vector ahead(centre.begin(), centre.end());
                Vector behind = ahead;
                ahead[i] += 1e-5L;
                behind[i] -= 1e-5L;
                tilt[i] = static_cast<double>((d_of(behind) - d_of(ahead)) / 2e-5L) + radius[i] * random.uniform(-1.0, 1.0);
            }
        const double low = quadratic_bound(product, evidence, Side::lower, face, centre, radius, tilt);
        const double high = quadratic_bound(product, evidence, Side::upper, face, centre, radius, tilt);
        long double least = 1e300L;
        long double most = -1e300L;
        for (int s = 0; s < 40; ++s) {
            Vector y;
            long double lean = 0;
            for (std::size_t i = 0; i + 1 < n; ++i) {
                const auto h = static_cast<long double>(radius[i] * somewhere(random));
                y.push_back(static_cast<long double>(centre[i]) + h);
                lean += h * static_cast<long double>(tilt[i]);
            }
            const long double d = d_of(y) + lean;
            least = std::min(least, d);
            most = std::max(most, d);
        }
        CHECK(low <= least + 1e-15L);
        CHECK(high >= most - 1e-15L);
        near += std::isfinite(low) && static_cast<long double>(high - low) < 1.5L * (most - least) + 1e-9L;
    }
    CHECK(near > trials(150) / 4);
}

TEST_CASE("corrector: without values it proves what the bounds of D prove", "[T51]") {
    Random random(92);
    int proved = 0;
    for (int trial = 0; trial < trials(9); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 3);
        const Case c = random_case(random, n);
        const Product product = product_of(c.matrices, c.probabilities);
        const Partition p = Partition::uniform(n, n == 2 ? 0x1p-6 : n == 3 ? 0x1p-3 : 0x1p-2);
        double degree = 0.0;
        for (const double a : c.evidence.weights) degree += a;
        for (const Side side : {Side::lower, Side::upper}) {
            double worst = side == Side::lower ? 1e300 : -1e300;
            for (const Partition::Part& part : p.parts) {
                const double d = quadratic_bound(product, c.evidence.text(), side, static_cast<int>(part.face), part.centre, part.radius);
                worst = side == Side::lower ? std::min(worst, d) : std::max(worst, d);
            }
            const json evidence = p.text(c.evidence);
            if (!std::isfinite(worst)) {
                CHECK_FALSE(proves(product, evidence, side == Side::lower ? -1e9 : 1e9, side));
                continue;
            }
            const double sign = side == Side::lower ? 1.0 : -1.0;
            CHECK(proves(product, evidence, worst / degree - sign * 1e-9, side));
            CHECK_FALSE(proves(product, evidence, worst / degree + sign * 1e-9, side));
            ++proved;
        }
    }
    CHECK(proved > trials(9));
}

TEST_CASE("corrector: it proves more, and never too much", "[T51]") {
    Random random(93);
    int better = 0;
    int much_better[] = {0, 0};
    int attempts = 0;
    for (int trial = 0; trial < trials(8); ++trial) {
        const std::size_t n = trial % 4 == 2 ? 3 : 2;
        const bool closed = trial % 2 == 0;
        Known known = rotations(random, n);
        double error = 1e-12;
        if (!closed) {
            known.c = random_case(random, n);
            const auto [mean, deviation] = monte_carlo(random, known.c);
            known.lambda = mean;
            error = 6 * deviation;
        }
        const Product product = product_of(known.c.matrices, known.c.probabilities);
        Partition p = Partition::uniform(n, n == 2 ? 0x1p-6 : 0x1p-3);
        for (const Side side : {Side::lower, Side::upper}) {
            const double sign = side == Side::lower ? 1.0 : -1.0;
            const double far = known.lambda - sign * 3.0;
            p.values.assign(p.values.size(), 0.0);
            p.slopes.assign(p.slopes.size(), 0.0);
            const double plain = best_claim(product, p.text(known.c.evidence), far, known.lambda + sign * 0.1, side);
            search(known.c, p, false, 30);
            const double constant = best_claim(product, p.text(known.c.evidence), far, known.lambda + sign * 0.1, side);
            search(known.c, p, true, 60);
            const double linear = best_claim(product, p.text(known.c.evidence), far, known.lambda + sign * 0.1, side);
            for (const double claim : {plain, constant, linear}) CHECK(sign * (claim - known.lambda) <= error);
            INFO(n << " " << closed << " " << known.lambda << ": " << plain << " " << constant << " " << linear);
            CHECK_FALSE(proves(product, p.text(known.c.evidence), known.lambda + sign * error, side));
            better += std::max(sign * constant, sign * linear) > sign * plain + 1e-3;
            much_better[side == Side::lower ? 0 : 1] += sign * (known.lambda - linear) < 0.2 * sign * (known.lambda - plain);
            ++attempts;
        }
    }
    CHECK(better > attempts / 2);
    for (const int count : much_better) CHECK(count > attempts / 8);
}

TEST_CASE("corrector: altered evidence never proves a false claim", "[T51]") {
    Random random(94);
    int accepted = 0;
    static const std::string letters = "0123456789abcdefxp.-+ ";
    for (int family = 0; family < trials(4); ++family) {
        const Known known = rotations(random, 2);
        const Product product = product_of(known.c.matrices, known.c.probabilities);
        Partition p = Partition::uniform(2, 0x1p-4);
        search(known.c, p, true, 60);
        for (int trial = 0; trial < 100; ++trial) {
            Partition other = p;
            for (long edits = random.integer(1, 4); edits > 0; --edits) {
                const auto value = static_cast<std::size_t>(random.integer(0, static_cast<long>(p.values.size()) - 1));
                switch (random.integer(0, 3)) {
                    case 0: other.values[value] += random.uniform(-0.3, 0.3); break;
                    case 1: other.slopes[value] *= random.uniform(-2, 2); break;
                    case 2: std::swap(other.values[value], other.values[value / 2]); break;
                    default: other.slopes[value] = std::ldexp(1.0, static_cast<int>(random.integer(-80, 80))); break;
                }
            }
            json evidence = other.text(known.c.evidence);
            if (random.chance(0.4)) {
                const char* keys[] = {"boxes", "values", "slopes", "basis", "forms"};
                json& entry = evidence[keys[random.integer(0, 4)]];
                std::string text = entry.get<std::string>();
                const auto at = static_cast<std::size_t>(random.integer(0, static_cast<long>(text.size()) - 1));
                const char letter = letters[static_cast<std::size_t>(random.integer(0, static_cast<long>(letters.size()) - 1))];
                switch (random.integer(0, 3)) {
                    case 0: text[at] = letter; break;
                    case 1: text.insert(at, 1, letter); break;
                    case 2: text.erase(at, 1); break;
                    default: std::swap(text[at], text[at / 2]); break;
                }
                entry = text;
            }
            for (const double offset : {1e-12, 1e-3, 0.05}) {
                CHECK_FALSE(proves(product, evidence, known.lambda + offset, Side::lower));
                CHECK_FALSE(proves(product, evidence, known.lambda - offset, Side::upper));
            }
            accepted += proves(product, evidence, known.lambda - 0.3, Side::lower) + proves(product, evidence, known.lambda + 0.3, Side::upper);
        }
    }
    CHECK(accepted > trials(4) * 10);
}

TEST_CASE("corrector: malformed evidence is refused", "[T51]") {
    const Product product = product_of({{{2, 1}, {1, 1}}}, {Rational(1)});
    Partition p = Partition::uniform(2, 0.5);
    const json good = p.text(euclidean(2));
    const auto outcome = [&](const json& evidence, std::uint64_t budget = std::uint64_t{1} << 32) {
        return check_quadratic(product, evidence, Side::lower, Rational(-100), budget).empty();
    };
    REQUIRE(p.tree == "0..0..");
    CHECK(outcome(good));
    for (const char* key : {"boxes", "values", "slopes"}) {
        json evidence = good;
        evidence.erase(key);
        CHECK_THROWS_AS(outcome(evidence), Refused);
        evidence[key] = 3;
        CHECK_THROWS(outcome(evidence));
        evidence[key] = nullptr;
        CHECK_THROWS(outcome(evidence));
    }
    const auto refused = [&](const char* key, const std::string& value) {
        json evidence = good;
        evidence[key] = value;
        INFO(key << " " << value.substr(0, 60));
        CHECK_THROWS_AS(outcome(evidence), Refused);
    };
    for (const char* tree : {"", ".", "..", "0..0.", "0..0...", "0..0..0", "1..0..", "0..-..", "0..0..\n", "0", "00000000", "........"}) refused("boxes", tree);
    refused("boxes", std::string("0..0..\0", 7));
    for (const char* key : {"values", "slopes"})
        for (const char* list : {"", "0 0 0", "0 0 0 0 0", "0 0 0 x", "0 0  0", "0 0 0 nan", "0 0 0 inf", "0 0 0 1/3", "0 0 0 0.1", "0 0 0 0x1p101", "0 0 0 -0x1p101",
                                 "0 0 0 0x1p-1075", "0 0 0 0x1.00000000000001p0", "0 0 0 1e400", "0 0 0 1e-400", "1,2,3,4"})
            refused(key, list);
    for (const char* list : {"0x1p-1074 0 0 0x1p-600", "-1 1/2 0.25 1e2", "0x1p100 0x1p100 0x1p100 0x1p100"}) {
        json evidence = good;
        evidence["values"] = list;
        CHECK_NOTHROW(outcome(evidence));
    }
    // 40 bisections of a coordinate, not 41.
    const auto chain = [](int depth) {
        std::string tree(static_cast<std::size_t>(depth), '0');
        std::string zeros = "0";
        for (int i = 0; i <= depth; ++i) tree += '.', zeros += " 0";
        return std::pair{tree + '.', zeros};
    };
    json evidence = good;
    std::tie(evidence["boxes"], evidence["values"]) = chain(40);
    evidence["slopes"] = evidence["values"];
    CHECK_NOTHROW(outcome(evidence));
    std::tie(evidence["boxes"], evidence["values"]) = chain(41);
    evidence["slopes"] = evidence["values"];
    CHECK_THROWS_AS(outcome(evidence), Refused);
    refused("boxes", std::string(10000000, '0'));
    // Work: to read, and to prove.
    std::uint64_t spent = std::uint64_t{1} << 32;
    CHECK(check_quadratic(product, good, Side::lower, Rational(-100), spent).empty());
    spent = (std::uint64_t{1} << 32) - spent;
    CHECK(outcome(good, spent));
    CHECK_THROWS_AS(outcome(good, spent - 1), Refused);
    // A matrix beyond what the arithmetic allows for, and matrices that are not regular.
    Product large = product_of({{{0x1p70, 0}, {0, 0x1p70}}}, {Rational(1)});
    CHECK_FALSE(proves(large, good, -100, Side::lower));
    const Product singular = product_of({{{1, 0}, {0, 0}}, {{2, 0}, {0, 2}}}, {Rational(1, 2), Rational(1, 2)});
    CHECK_FALSE(proves(singular, good, -1000, Side::lower));
    CHECK_FALSE(proves(singular, good, 1000, Side::upper));
}
