// Invariant cones in the checker: ranges against exact points, claims against exact exponents, evidence from an enemy.
#include "checker/rules/invariant_cone.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "random.hpp"

using namespace lyapcert::checker;
using lyapcert::test::Random;
using lyapcert::test::trials;
using nlohmann::json;

namespace {

constexpr long bits = 256;
using Numbers = std::vector<std::vector<Rational>>;

Rational quotient(long p, long q) {
    Rational x(p, q);
    x.canonicalize();
    return x;
}

std::string hexadecimal(double x) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", x);
    return text;
}

struct Family {
    std::vector<Numbers> maps;  // in the coordinates of the cone
    std::vector<Rational> probabilities;
    Product product;
    Enclosure lambda{bits};  // of stochastic families
};

void complete(Family& family) {
    for (std::size_t i = 0; i < family.maps.size(); ++i) {
        const std::size_t n = family.maps[i].size();
        Matrix a(n, n);
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t l = 0; l < n; ++l) a(k, l) = Value(family.maps[i][k][l]);
        family.product.matrices.push_back(std::move(a));
    }
    family.product.probabilities = family.probabilities;
}

std::vector<Rational> random_probabilities(Random& random, std::size_t count) {
    std::vector<Rational> p;
    Rational sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += p.emplace_back(random.integer(1, 9));
    for (Rational& x : p) x /= sum;
    return p;
}

// Columns of A_i add up to c_i: lambda is the mean of the log c_i.
Family stochastic(Random& random, std::size_t n, std::size_t count, long least) {
    Family family;
    family.probabilities = random_probabilities(random, count);
    for (std::size_t i = 0; i < count; ++i) {
        const Rational c = quotient(random.integer(1, 40), random.integer(1, 40));
        Numbers a(n, std::vector<Rational>(n));
        for (std::size_t j = 0; j < n; ++j) {
            Rational column = 0;
            for (std::size_t k = 0; k < n; ++k) column += a[k][j] = random.integer(least, 9);
            if (sgn(column) == 0) column = a[0][j] = 1;
            for (std::size_t k = 0; k < n; ++k) a[k][j] *= c / column;
        }
        family.maps.push_back(std::move(a));
        family.lambda = family.lambda + Enclosure(family.probabilities[i], bits) * log(Enclosure(c, bits));
    }
    complete(family);
    return family;
}

// In coordinates where {|x_k| <= x_0} is invariant.
Family cubic(Random& random, std::size_t n, std::size_t count) {
    Family family;
    family.probabilities = random_probabilities(random, count);
    for (std::size_t i = 0; i < count; ++i) {
        Numbers a(n, std::vector<Rational>(n));
        for (std::vector<Rational>& row : a)
            for (Rational& x : row) x = quotient(random.integer(-100, 100), 260 * static_cast<long>(n));
        a[0][0] = quotient(random.integer(90, 200), 100);
        family.maps.push_back(std::move(a));
    }
    complete(family);
    return family;
}

struct Function {
    std::vector<std::vector<double>> functionals;
    std::vector<double> weights;
};

Function random_function(Random& random, std::size_t n, bool cube) {
    Function f;
    double sum = 0.0;
    for (long a = random.integer(1, 8); a > 0; --a) {
        std::vector<double> l;
        for (std::size_t k = 0; k < n; ++k) l.push_back(!cube ? random.uniform(0.3, 1.0) : k == 0 ? 1.0 : random.uniform(-0.9, 0.9) / static_cast<double>(n - 1));
        f.functionals.push_back(l);
        f.weights.push_back(random.uniform(-1.0, 1.0));
        sum += f.weights.back();
    }
    f.weights.front() += 1.0 - sum;
    return f;
}

std::string list(const std::vector<double>& x) {
    std::string text;
    for (const double e : x) text += (text.empty() ? "" : " ") + hexadecimal(e);
    return text;
}

json evidence_of(const Function& f, std::size_t n, std::size_t maps, bool cube, double threshold) {
    std::vector<double> entries;
    for (const auto& l : f.functionals) entries.insert(entries.end(), l.begin(), l.end());
    json evidence{{"factors", std::string(maps, '+')}, {"functionals", list(entries)}, {"weights", list(f.weights)}, {"threshold", hexadecimal(threshold)}};
    if (cube) {
        std::vector<double> identity(n * n, 0.0);
        for (std::size_t k = 0; k < n; ++k) identity[k * n + k] = 1.0;
        evidence["basis"] = list(identity);
    } else {
        evidence["signs"] = std::string(n, '+');
    }
    return evidence;
}

std::vector<Rational> times(const Numbers& a, const std::vector<Rational>& x) {
    std::vector<Rational> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t j = 0; j < x.size(); ++j) y[i] += a[i][j] * x[j];
    return y;
}

Enclosure exact_d(const Family& family, const Function& f, const std::vector<Rational>& x) {
    Enclosure sum(bits);
    for (std::size_t a = 0; a < f.weights.size(); ++a) {
        const auto value = [&](const std::vector<Rational>& y) {
            Rational dot = 0;
            for (std::size_t k = 0; k < y.size(); ++k) dot += Rational(f.functionals[a][k]) * y[k];
            return log(Enclosure(dot, bits));
        };
        const Rational c(f.weights[a]);
        for (std::size_t i = 0; i < family.maps.size(); ++i) sum = sum + Enclosure(Rational(c * family.probabilities[i]), bits) * value(times(family.maps[i], x));
        sum = sum - Enclosure(c, bits) * value(x);
    }
    return sum;
}

// A true claim that is off by this much: the nearest rational below (above).
Rational near(const Enclosure& x, double distance) { return exactly(x.lower()) + Rational(distance); }

std::string check(const Family& family, const json& evidence, Side side, const Rational& claim) { return check_invariant_cone(family.product, evidence, side, claim, bits); }

}  // namespace

TEST_CASE("cone: ranges on cones of words against exact points") {
    Random random(61);
    int bounded = 0;
    for (int trial = 0; trial < trials(300); ++trial) {
        const bool cube = trial % 2 == 1;
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        const auto count = static_cast<std::size_t>(random.integer(1, 3));
        const Family family = cube ? cubic(random, n, count) : stochastic(random, n, count, random.integer(0, 1));
        const Function f = random_function(random, n, cube);
        std::vector<std::size_t> word;
        for (long length = random.integer(0, 10); length > 0; --length) word.push_back(static_cast<std::size_t>(random.integer(0, static_cast<long>(count) - 1)));
        const auto range = invariant_cone_bound(family.product, evidence_of(f, n, count, cube, 0.0), word, bits);
        if (!range) continue;
        ++bounded;
        for (int point = 0; point < 10; ++point) {
            std::vector<Rational> x(n);
            for (std::size_t k = 0; k < n; ++k) x[k] = cube ? (random.chance(0.5) ? quotient(random.chance(0.5) ? 1 : -1, 1) : quotient(random.integer(-99, 99), 100)) : random.chance(0.5) ? Rational(0) : quotient(random.integer(1, 99), 1);
            if (cube) x[0] = 1;
            for (auto symbol = word.rbegin(); symbol != word.rend(); ++symbol) x = times(family.maps[*symbol], x);
            if (std::all_of(x.begin(), x.end(), [](const Rational& e) { return sgn(e) == 0; })) continue;
            const Enclosure d = exact_d(family, f, x);
            INFO("[" << range->lo << ", " << range->hi << "] should contain " << mpfr_get_d(d.lower(), MPFR_RNDN));
            CHECK(at_most(Rational(range->lo), d));
            CHECK(at_least(Rational(range->hi), d));
        }
    }
    CHECK(bounded > trials(300) / 3);
}

TEST_CASE("cone: true claims are proved, false ones never") {
    Random random(62);
    int proved = 0;
    int asked = 0;
    for (int trial = 0; trial < trials(80); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        const auto count = static_cast<std::size_t>(random.integer(1, 3));
        const Family family = stochastic(random, n, count, random.chance(0.3) ? 0 : 1);
        const json evidence = evidence_of(random_function(random, n, false), n, count, false, 1e-6);
        const WorkLimit limit(3e8);
        const auto holds = [&](Side side, double distance) {
            try {
                return check(family, evidence, side, near(family.lambda, distance)).empty();
            } catch (const Refused&) {
                return false;  // too much work
            }
        };
        ++asked;
        if (holds(Side::lower, -1e-2) && holds(Side::upper, 1e-2)) ++proved;
        CHECK(!holds(Side::lower, 1e-12));
        CHECK(!holds(Side::upper, -1e-12));
    }
    CHECK(proved > asked / 2);
}

TEST_CASE("cone: without a Taylor model, logarithms of the whole range") {
    // At the empty word the ranges are wide.
    Random random(63);
    const Family family = stochastic(random, 3, 2, 1);
    Function f{{{1.0, 0.1, 0.1}, {0.1, 1.0, 0.1}}, {0.5, 0.5}};
    const auto range = invariant_cone_bound(family.product, evidence_of(f, 3, 2, false, 0.0), {}, bits);
    REQUIRE(range);
    for (const std::vector<Rational>& x : std::vector<std::vector<Rational>>{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}, {5, 0, 1}}) {
        const Enclosure d = exact_d(family, f, x);
        CHECK(at_most(Rational(range->lo), d));
        CHECK(at_least(Rational(range->hi), d));
    }
}

TEST_CASE("cone: enclosures stand for every number in them") {
    Random random(64);
    Family family = stochastic(random, 3, 2, 1);
    for (Matrix& a : family.product.matrices)
        for (Value& x : a.entries) x = Value(Enclosure(*x.exact() * quotient(99, 100), *x.exact() * quotient(101, 100), bits));
    const json evidence = evidence_of(Function{{{1.0, 1.0, 1.0}}, {1.0}}, 3, 2, false, 1e-3);
    const double least = std::log(0.99);
    const double most = std::log(1.01);
    CHECK(check(family, evidence, Side::lower, near(family.lambda, least - 0.03)).empty());
    CHECK(check(family, evidence, Side::upper, near(family.lambda, most + 0.03)).empty());
    CHECK(!check(family, evidence, Side::lower, near(family.lambda, least + 1e-9)).empty());
    CHECK(!check(family, evidence, Side::upper, near(family.lambda, most - 1e-9)).empty());
}

TEST_CASE("cone: a branch on which D is never bounded is not left out") {
    // The second matrix kills a ray of the cone of every power of the first.
    Family family;
    family.maps = {{{1, 1}, {0, 1}}, {{0, 1}, {0, 1}}};
    family.probabilities.assign(2, quotient(1, 2));
    complete(family);
    const json evidence = evidence_of(Function{{{1.0, 1.0}}, {1.0}}, 2, 2, false, 1e9);
    CHECK(!invariant_cone_bound(family.product, evidence, {0, 0, 0, 0}, bits));
    CHECK(invariant_cone_bound(family.product, evidence, {0, 0, 0, 1}, bits));
    for (const Side side : {Side::lower, Side::upper}) CHECK(check(family, evidence, side, side == Side::lower ? -1000 : 1000) == "a cone on which D is not bounded is left");
}

TEST_CASE("cone: products that vanish are not bounded from below") {
    const auto family_of = [](const std::vector<Numbers>& maps) {
        Family family;
        family.maps = maps;
        family.probabilities.assign(maps.size(), quotient(1, static_cast<long>(maps.size())));
        complete(family);
        return family;
    };
    Random random(65);
    for (const Family& family : {family_of({{{0, 1}, {0, 0}}, {{1, 1}, {1, 2}}}), family_of({{{0, 1}, {0, 1}}, {{1, 1}, {0, 0}}}), family_of({{{0, 0}, {0, 0}}, {{1, 1}, {1, 2}}})})
        for (int trial = 0; trial < 10; ++trial) {
            const WorkLimit limit(1e7);
            const json evidence = evidence_of(random_function(random, 2, false), 2, 2, false, 1e-2);
            bool proved = false;
            try {
                proved = check(family, evidence, Side::lower, -1000).empty();
            } catch (const Refused&) {
            }
            CHECK(!proved);
        }
}

TEST_CASE("cone: evidence from an enemy") {
    Random random(66);
    const Family family = stochastic(random, 3, 2, 1);
    const Function f{{{1.0, 0.9, 0.8}, {0.7, 1.0, 0.9}}, {0.25, 0.75}};
    const json good = evidence_of(f, 3, 2, false, 1e-5);
    CHECK(check(family, good, Side::lower, near(family.lambda, -1e-3)).empty());
    CHECK(check(family, good, Side::upper, near(family.lambda, 1e-3)).empty());
    const auto with = [&](const char* key, const json& value) {
        json bad = good;
        bad[key] = value;
        return bad;
    };
    const auto open = [&](const json& bad) {
        INFO(bad.dump());
        CHECK(!check(family, bad, Side::lower, near(family.lambda, -1000)).empty());
        CHECK(!check(family, bad, Side::upper, near(family.lambda, 1000)).empty());
    };
    const auto malformed = [&](const json& bad) {
        INFO(bad.dump());
        CHECK_THROWS(check(family, bad, Side::lower, near(family.lambda, -1000)));
    };
    open(with("factors", "+-"));
    open(with("signs", "+-+"));
    open(with("basis", "1 0 0 1 1 0 1 0 1/1024"));             // not invariant
    open(with("functionals", "1 1 0 1 1 1"));                    // zero on a ray
    open(with("functionals", "1 1 -1 1 1 1"));
    open(with("weights", "1 -1"));                               // of degree 0
    open(with("weights", "1 -2"));
    // The empty word alone: its range is wide, but right.
    CHECK(check(family, with("threshold", "1e9"), Side::lower, near(family.lambda, -1000)).empty());
    CHECK(!check(family, with("threshold", "1e9"), Side::lower, near(family.lambda, -1e-3)).empty());
    malformed(with("factors", "+"));
    malformed(with("factors", "+0"));
    malformed(with("factors", 1));
    malformed(with("signs", "++"));
    malformed(with("signs", "++++"));
    malformed(with("basis", "1 0 0 1 1 0 1 0"));
    malformed(with("basis", "1 0 0 1 1 0 1 0 1 1"));
    malformed(with("basis", "1 1 1 1 1 1 1 1 1"));              // singular
    malformed(with("functionals", "1 1 1 1 1"));
    malformed(with("functionals", "1 1 1 1 1 1 1"));
    malformed(with("functionals", "1 1 1 1 1 x"));
    malformed(with("functionals", "1 1 1 1 1 0x1p100"));
    malformed(with("functionals", "1 1 1 1 1 1e-1000"));
    malformed(with("weights", ""));
    malformed(with("weights", "nan 1"));
    malformed(with("threshold", "-1"));
    malformed(with("threshold", "1 1"));
    malformed(with("threshold", ""));
    for (const char* key : {"factors", "signs", "functionals", "weights", "threshold"}) {
        json bad = good;
        bad.erase(key);
        malformed(bad);
    }
    // Whatever is changed, nothing false is proved.
    for (int trial = 0; trial < trials(200); ++trial) {
        json bad = good;
        const char* key = random.chance(0.5) ? "functionals" : "weights";
        std::string text = bad[key].get<std::string>();
        text[static_cast<std::size_t>(random.integer(0, static_cast<long>(text.size()) - 1))] = "0123456789abcdef+-. p"[random.integer(0, 20)];
        bad[key] = text;
        const WorkLimit limit(2e7);
        for (const Side side : {Side::lower, Side::upper}) {
            bool proved = false;
            try {
                proved = check(family, bad, side, near(family.lambda, side == Side::lower ? 1e-12 : -1e-12)).empty();
            } catch (const Refused&) {
            }
            CHECK(!proved);
        }
    }
}

TEST_CASE("cone: the work is limited") {
    Random random(67);
    const Family family = stochastic(random, 4, 3, 1);
    const json evidence = evidence_of(random_function(random, 4, false), 4, 3, false, 0.0);
    const WorkLimit limit(1e8);
    CHECK_THROWS_AS(check(family, evidence, Side::lower, near(family.lambda, -1)), Refused);
}
