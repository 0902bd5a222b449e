// The checker's verdict on a fan against the function of the theorem, computed without it: leaves by brute force, in long double.
#include "checker/rules/polyhedral.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "random.hpp"

using namespace lyapcert::checker;
using lyapcert::test::Random;
using lyapcert::test::trials;
using nlohmann::json;

namespace {

using Vector = std::vector<long double>;

// A fan as src/checker/rules/polyhedral.hpp describes it, grown by its own bisection.
struct BruteFan {
    std::size_t n;
    std::vector<std::vector<Vector>> leaves;  // generators
    std::vector<Vector> vertices;             // up to sign, in the order of appearance
    std::vector<double> values;
    std::string bits;
    std::string cone;  // one character per leaf
    std::vector<double> corrector;  // empty, or one per leaf

    std::size_t vertex(Vector v) {
        for (long double& x : v) x += 0.0L;
        for (std::size_t k = 0; k < vertices.size(); ++k) {
            bool same = true;
            bool opposite = true;
            for (std::size_t i = 0; i < n; ++i) {
                same = same && vertices[k][i] == v[i];
                opposite = opposite && vertices[k][i] == -v[i];
            }
            if (same || opposite) return k;
        }
        vertices.push_back(v);
        return vertices.size() - 1;
    }

    template <class Split>
    void grow(const std::vector<Vector>& g, std::size_t depth, Split&& split) {
        if (!split(depth)) {
            bits += '0';
            leaves.push_back(g);
            return;
        }
        bits += '1';
        const std::size_t t = n - 1 - depth % (n - 1);
        Vector z(n);
        for (std::size_t i = 0; i < n; ++i) z[i] = (g[0][i] + g[t][i]) / 2;
        vertex(z);
        std::vector<Vector> h = g;
        h[t] = z;
        grow(h, depth + 1, split);
        for (std::size_t i = 0; i < t; ++i) h[i] = g[i + 1];
        h[t] = z;
        grow(h, depth + 1, split);
    }

    template <class Split>
    BruteFan(std::size_t dimension, Split&& split) : n(dimension) {
        for (std::size_t i = 0; i < n; ++i) {
            Vector e(n, 0.0L);
            e[i] = 1.0L;
            vertices.push_back(e);
        }
        for (std::size_t root = 0; root < (std::size_t{1} << (n - 1)); ++root) {
            std::vector<Vector> g;
            for (std::size_t i = 0; i < n; ++i) {
                Vector e(n, 0.0L);
                e[i] = i > 0 && ((root >> (i - 1)) & 1) != 0 ? -1.0L : 1.0L;
                g.push_back(e);
            }
            grow(g, 0, split);
        }
        values.assign(vertices.size(), 1.0);
        cone.assign(leaves.size(), '1');
    }

    // Barycentric coordinates of v or -v in a leaf, by Cramer's rule.
    static long double determinant(std::vector<Vector> a) {
        long double det = 1.0L;
        for (std::size_t p = 0; p < a.size(); ++p) {
            std::size_t pivot = p;
            for (std::size_t i = p; i < a.size(); ++i)
                if (std::fabs(a[i][p]) > std::fabs(a[pivot][p])) pivot = i;
            if (a[pivot][p] == 0.0L) return 0.0L;
            if (pivot != p) std::swap(a[p], a[pivot]), det = -det;
            det *= a[p][p];
            for (std::size_t i = p + 1; i < a.size(); ++i) {
                const long double factor = a[i][p] / a[p][p];
                for (std::size_t j = p; j < a.size(); ++j) a[i][j] -= factor * a[p][j];
            }
        }
        return det;
    }

    // f(v) and the leaf that holds +-v (within rounding).
    std::pair<long double, std::size_t> f(const Vector& v) {
        long double size = 0.0L;
        for (const long double x : v) size = std::max(size, std::fabs(x));
        long double best = -1e300L;
        std::pair<long double, std::size_t> result{0.0L, 0};
        if (size == 0.0L) return result;
        for (std::size_t l = 0; l < leaves.size(); ++l) {
            const long double whole = determinant(leaves[l]);
            long double worst_plus = 1e300L;
            long double worst_minus = 1e300L;
            long double sum = 0.0L;
            for (std::size_t i = 0; i < n; ++i) {
                std::vector<Vector> replaced = leaves[l];
                replaced[i] = v;
                const long double c = determinant(replaced) / whole;
                worst_plus = std::min(worst_plus, c);
                worst_minus = std::min(worst_minus, -c);
                sum += c * values[vertex(leaves[l][i])];
            }
            const long double worst = std::max(worst_plus, worst_minus);
            if (worst > best) best = worst, result = {std::fabs(sum), l};
        }
        return result;
    }

    json evidence() const {
        const auto hex = [](std::string b) {
            while (b.size() % 4 != 0) b += '0';
            std::string result;
            for (std::size_t k = 0; k < b.size(); k += 4) result += "0123456789abcdef"[(b[k] - '0') * 8 + (b[k + 1] - '0') * 4 + (b[k + 2] - '0') * 2 + (b[k + 3] - '0')];
            return result;
        };
        std::string list;
        char buffer[64];
        for (const double x : values) {
            std::snprintf(buffer, sizeof buffer, "%s%a", list.empty() ? "" : " ", x);
            list += buffer;
        }
        json result{{"dimension", n}, {"bisection", hex(bits)}, {"cone", hex(cone)}, {"values", list}};
        list.clear();
        for (std::size_t l = 0; l < corrector.size(); ++l) {
            if (cone[l] != '1') continue;
            std::snprintf(buffer, sizeof buffer, "%s%a", list.empty() ? "" : " ", corrector[l]);
            list += buffer;
        }
        if (!corrector.empty()) result["corrector"] = list;
        return result;
    }
};

Product product_of(const std::vector<std::vector<std::vector<long>>>& matrices, const std::vector<Rational>& probabilities) {
    Product product;
    for (std::size_t k = 0; k < matrices.size(); ++k) {
        const std::size_t n = matrices[k].size();
        Matrix a(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) a(i, j) = Rational(matrices[k][i][j]);
        append(product, a, probabilities[k]);
    }
    return product;
}

bool proves(const Product& product, const json& evidence, double claim, bool lower) {
    const Rational bound(claim);
    return check_fan(product, evidence, lower ? Side::lower : Side::upper, bound).empty();
}

}  // namespace

TEST_CASE("one cone, one matrix: the bounds are the column sums") {
    // f = x + y on the first quadrant: f(A v)/f(v) runs over [2, 3].
    const Product product = product_of({{{2, 1}, {1, 1}}}, {Rational(1)});
    BruteFan fan(2, [](std::size_t) { return false; });
    fan.cone = "10";
    const json evidence = fan.evidence();
    CHECK(proves(product, evidence, std::log(2.0) - 1e-12, true));
    CHECK(!proves(product, evidence, std::log(2.0) + 1e-12, true));
    CHECK(proves(product, evidence, std::log(3.0) + 1e-12, false));
    CHECK(!proves(product, evidence, std::log(3.0) - 1e-12, false));
    // The other quadrant does not map into itself.
    fan.cone = "01";
    CHECK(!proves(product, fan.evidence(), -100.0, true));
    CHECK(!proves(product, fan.evidence(), 100.0, false));
}

TEST_CASE("what the checker accepts holds at every direction; what clearly holds is mostly accepted") {
    Random random(7);
    int accepted = 0;
    int missed = 0;
    for (int trial = 0; trial < trials(150); ++trial) {
        const std::size_t n = random.chance(0.7) ? 2 : 3;
        const bool positive = random.chance(0.4);
        std::vector<std::vector<std::vector<long>>> matrices;
        std::vector<Rational> probabilities;
        const long count = random.integer(1, 3);
        for (long k = 0; k < count; ++k) {
            std::vector<std::vector<long>> a(n, std::vector<long>(n));
            for (auto& row : a)
                for (long& x : row) x = positive ? random.integer(1, 6) : random.integer(-5, 5);
            matrices.push_back(a);
            probabilities.emplace_back(1, count);
        }
        if (count == 2 && random.chance(0.5)) probabilities = {Rational(1, 101), Rational(100, 101)};  // the logarithmic form
        const std::size_t uniform = static_cast<std::size_t>(random.integer(0, 3));
        BruteFan fan(n, [&](std::size_t depth) { return n == 2 ? depth < 5 && random.chance(0.7) : depth < uniform; });
        for (double& x : fan.values) x = random.uniform(0.7, 1.3);
        if (positive && random.chance(0.7))
            for (std::size_t l = 0; l < fan.leaves.size(); ++l) {
                bool first = true;
                for (const Vector& g : fan.leaves[l])
                    for (const long double x : g) first = first && x >= 0.0L;
                fan.cone[l] = first ? '1' : '0';
            }
        const Product product = product_of(matrices, probabilities);
        const bool corrected = random.chance(0.5);
        if (corrected)
            for (std::size_t l = 0; l < fan.leaves.size(); ++l) fan.corrector.push_back(random.uniform(0.8, 1.25));
        const auto w_of = [&](std::size_t l) { return corrected ? std::log(static_cast<long double>(fan.corrector[l])) : 0.0L; };
        // The extremes of E log f(A v)/f(v) over the cone, sampled; with W, in the interiors.
        long double least = 1e300L;
        long double most = -1e300L;
        bool dies = false;
        for (std::size_t l = 0; l < fan.leaves.size(); ++l) {
            if (fan.cone[l] != '1') continue;
            for (int sample = 0; sample < 60; ++sample) {
                Vector v(n, 0.0L);
                for (const Vector& g : fan.leaves[l]) {
                    const long double weight = !corrected && sample < static_cast<int>(n) ? (&g - fan.leaves[l].data() == sample ? 1.0L : 0.0L) : random.uniform(0.0, 1.0);
                    for (std::size_t i = 0; i < n; ++i) v[i] += weight * g[i];
                }
                long double sum = -std::log(fan.f(v).first) - w_of(l);
                for (long k = 0; k < count; ++k) {
                    Vector w(n, 0.0L);
                    for (std::size_t i = 0; i < n; ++i)
                        for (std::size_t j = 0; j < n; ++j) w[i] += matrices[static_cast<std::size_t>(k)][i][j] * v[j];
                    const auto [value, holder] = fan.f(w);
                    dies = dies || value < 1e-12L;
                    sum += static_cast<long double>(probabilities[static_cast<std::size_t>(k)].get_d()) * (std::log(value) + w_of(holder));
                }
                least = std::min(least, sum);
                most = std::max(most, sum);
            }
        }
        const json evidence = fan.evidence();
        for (const double offset : {-0.3, -0.03, -1e-3, 1e-9, 1e-3, 0.03}) {
            const double low = static_cast<double>(least) + offset;
            const double high = static_cast<double>(most) - offset;
            if (std::isfinite(low) && !dies) {
                const bool proved = proves(product, evidence, low, true);
                accepted += proved;
                missed += !proved && offset < -0.02 && positive && !corrected;
                if (offset > 0) CHECK(!proved);
            }
            if (std::isfinite(high)) {
                const bool proved = proves(product, evidence, high, false);
                accepted += proved;
                missed += !proved && offset < -0.2 && positive && n == 2 && !corrected;
                if (offset > 0) CHECK(!proved);
            }
        }
    }
    CHECK(accepted > trials(150));
    CHECK(missed < accepted / 10);
}

TEST_CASE("a corrector evens out what f leaves") {
    // f = x + y on the quadrant, in 16 leaves: D varies along it.
    const Product product = product_of({{{2, 1}, {1, 1}}, {{3, 1}, {1, 2}}}, {Rational(1, 2), Rational(1, 2)});
    BruteFan fan(2, [](std::size_t depth) { return depth < 4; });
    for (std::size_t l = 0; l < fan.leaves.size(); ++l) {
        bool positive = true;
        for (const Vector& g : fan.leaves[l])
            for (const long double x : g) positive = positive && x >= 0.0L;
        fan.cone[l] = positive ? '1' : '0';
    }
    const auto best = [&](bool lower) {  // the sharpest claim that is proved, within 2^-20
        double good = lower ? -2.0 : 3.0;
        double bad = lower ? 3.0 : -2.0;
        while (std::fabs(good - bad) > 0x1p-20) {
            const double middle = 0.5 * (good + bad);
            (proves(product, fan.evidence(), middle, lower) ? good : bad) = middle;
        }
        return good;
    };
    const double plain = best(true);
    // Coordinate ascent: each leaf of K tries to raise and to lower its W.
    fan.corrector.assign(fan.leaves.size(), 1.0);
    double value = plain;
    for (const double step : {0.1, 0.03, 0.01})
        for (int round = 0; round < 3; ++round)
            for (std::size_t l = 0; l < fan.leaves.size(); ++l) {
                if (fan.cone[l] != '1') continue;
                for (const double factor : {1.0 + step, 1.0 / (1.0 + step)}) {
                    const double before = fan.corrector[l];
                    fan.corrector[l] *= factor;
                    const double now = best(true);
                    if (now >= value) value = now;
                    else fan.corrector[l] = before;
                }
            }
    INFO(plain << " becomes " << value);
    CHECK(value > plain + 0.02);
    // lambda by simulation, generously.
    Random random(3);
    long double x = 1.0L;
    long double y = 1.0L;
    long double sum = 0.0L;
    for (int n = 0; n < 200000; ++n) {
        const bool first = random.chance(0.5);
        const long double u = first ? 2 * x + y : 3 * x + y;
        const long double v = first ? x + y : x + 2 * y;
        sum += std::log(u + v);
        x = u / (u + v), y = v / (u + v);
    }
    CHECK(value < static_cast<double>(sum / 200000) + 0.01);
    CHECK(best(false) > static_cast<double>(sum / 200000) - 0.01);
}

TEST_CASE("fans that do not fit together are refused") {
    const Product product = product_of({{{2, 1, 1}, {1, 2, 1}, {1, 1, 3}}}, {Rational(1)});
    // Only the first orthant is bisected: its neighbours have the longer edges still.
    std::size_t asked = 0;
    BruteFan hanging(3, [&](std::size_t depth) { return depth == 0 && asked++ == 0; });
    CHECK_THROWS_AS(check_fan(product, hanging.evidence(), Side::upper, 100), Refused);
    BruteFan fitting(3, [](std::size_t depth) { return depth < 4; });
    CHECK_NOTHROW(check_fan(product, fitting.evidence(), Side::upper, 100));
}

TEST_CASE("malformed fans are refused") {
    const Product product = product_of({{{2, 1}, {1, 1}}}, {Rational(1)});
    const BruteFan fan(2, [](std::size_t depth) { return depth < 3; });
    const Rational claim(-5);
    const auto refused = [&](const char* key, const json& value) {
        json evidence = fan.evidence();
        evidence[key] = value;
        INFO(key << " " << value);
        CHECK_THROWS_AS(check_fan(product, evidence, Side::lower, claim), Refused);
    };
    CHECK(check_fan(product, fan.evidence(), Side::lower, claim).empty());
    refused("dimension", 3);
    refused("dimension", 0);
    refused("dimension", -2);
    refused("bisection", "");
    refused("bisection", "f");
    refused("bisection", std::string(1000, 'f'));
    refused("bisection", "xyz");
    refused("bisection", fan.evidence()["bisection"].get<std::string>() + "00");
    refused("cone", "");
    refused("cone", "0000");
    refused("cone", "fffff");
    refused("values", "");
    refused("values", "1 1 1");
    refused("corrector", "");
    refused("corrector", "1 1 1");
    for (const char* bad : {"0", "-1", "nan", "inf", "0x1p51", "0x1p-51", "x"}) {
        std::string list = bad;
        for (std::size_t k = 1; k < fan.leaves.size(); ++k) list += " 1";
        refused("corrector", list);
    }
    for (const char* bad : {"0", "-1", "nan", "inf", "1e300", "0x1p-200", "x"}) {
        std::string list = bad;
        for (std::size_t k = 1; k < fan.values.size(); ++k) list += " 1";
        refused("values", list);
    }
}
