// Inertia against matrices S D S^T whose inertia is known by construction (Sylvester).
#include "checker/numbers/value.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "random.hpp"

using namespace lyapcert::checker;
using lyapcert::test::Random;
using lyapcert::test::trials;

namespace {

struct Known {
    std::vector<std::vector<Rational>> matrix;
    Inertia inertia;
};

// S is a product of elementary matrices, hence invertible. Zeros are left in: 2 x 2 pivots get their share.
Known congruent(Random& random, std::size_t n) {
    Known result;
    std::vector<std::vector<Rational>>& a = result.matrix;
    a.assign(n, std::vector<Rational>(n));
    std::size_t at = 0;
    while (at < n) {
        if (at + 1 < n && random.chance(0.3)) {  // a hyperbolic plane
            Rational b(random.integer(1, 9), random.integer(1, 9));
            b.canonicalize();
            a[at][at + 1] = a[at + 1][at] = random.chance(0.5) ? b : Rational(-b);
            ++result.inertia.positive;
            ++result.inertia.negative;
            at += 2;
            continue;
        }
        const long d = random.integer(-2, 2);
        a[at][at] = Rational(d, random.integer(1, 9));
        a[at][at].canonicalize();
        ++(d > 0 ? result.inertia.positive : d < 0 ? result.inertia.negative : result.inertia.zero);
        ++at;
    }
    const auto index = [&] { return static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1)); };
    for (long step = random.integer(0, 2 * static_cast<long>(n)); step > 0 && n > 1; --step) {
        const std::size_t i = index();
        const std::size_t j = index();
        if (i == j) continue;
        Rational c(random.integer(-3, 3), random.integer(1, 3));
        c.canonicalize();
        for (std::size_t k = 0; k < n; ++k) a[i][k] += c * a[j][k];
        for (std::size_t k = 0; k < n; ++k) a[k][i] += c * a[k][j];
    }
    return result;
}

}  // namespace

TEST_CASE("exact inertia is the known one") {
    Random random(1);
    for (int trial = 0; trial < trials(3000); ++trial) {
        const Known known = congruent(random, static_cast<std::size_t>(random.integer(1, 7)));
        Matrix a(known.matrix.size(), known.matrix.size());
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.rows; ++j) a(i, j) = known.matrix[i][j];
        const Inertia found = inertia(a);
        CHECK(found.known);
        CHECK(found.negative == known.inertia.negative);
        CHECK(found.zero == known.inertia.zero);
        CHECK(found.positive == known.inertia.positive);
    }
}

TEST_CASE("inertia of enclosures is that of every member, or unknown") {
    Random random(2);
    int decided = 0;
    for (int trial = 0; trial < trials(3000); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 6));
        const Known known = congruent(random, n);
        const Rational radius(1, mpz_class(1) << static_cast<unsigned long>(random.integer(1, 80)));
        Matrix a(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j)
            {
                const Rational& x = known.matrix[i][j];
                a(i, j) = a(j, i) = random.chance(0.2) ? Value(x) : random.chance(0.5) ? Value(Enclosure(x, 64)) : Value(Enclosure(x - radius, x + radius, 64));
            }
        const Inertia found = inertia(a);
        if (!found.known) continue;
        ++decided;
        CHECK(found.negative == known.inertia.negative);
        CHECK(found.zero == known.inertia.zero);
        CHECK(found.positive == known.inertia.positive);
    }
    CHECK(decided > trials(3000) / 4);
}

TEST_CASE("solving, and the determinant") {
    Random random(4);
    for (int trial = 0; trial < trials(500); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 5));
        Matrix a(n, n);
        Matrix x(n, 2);
        for (Value& e : a.entries) e = Rational(random.integer(-2, 2));
        for (Value& e : x.entries) e = Rational(random.integer(-9, 9));
        Matrix b = a * x;
        const Matrix right = b;
        const Value det = solve(a, b);
        // Leibniz.
        std::vector<std::size_t> order(n);
        for (std::size_t i = 0; i < n; ++i) order[i] = i;
        Rational expected = 0;
        do {
            Rational term = 1;
            for (std::size_t i = 0; i < n; ++i) {
                term *= *a(i, order[i]).exact();
                for (std::size_t j = 0; j < i; ++j)
                    if (order[j] > order[i]) term = -term;
            }
            expected += term;
        } while (std::next_permutation(order.begin(), order.end()));
        REQUIRE(det.exact() != nullptr);
        CHECK(*det.exact() == expected);
        if (expected != 0)
            for (std::size_t e = 0; e < x.entries.size(); ++e) CHECK((b.entries[e] - x.entries[e]).is(0));
        if (expected == 0) continue;
        Matrix wide = right;
        try {
            const Value enclosed = solve(rounded(a, 128), wide);
            CHECK(!(enclosed.sign() * sgn(expected) < 0));
            for (std::size_t e = 0; e < x.entries.size(); ++e) CHECK((wide.entries[e] - x.entries[e]).sign() == 0);
        } catch (const Refused&) {
        }
    }
}

TEST_CASE("a shift counts the eigenvalues below it") {
    Random random(3);
    for (int trial = 0; trial < trials(500); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 5));
        const lyapcert::Matrix<lyapcert::Rational> a = random.gram(n, n);
        const lyapcert::Rational shift = random.rational();
        const std::optional<std::size_t> below = lyapcert::test::count_below(a, shift);
        if (!below) continue;
        Matrix b(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const Rational x(a(i, j).str());
                b(i, j) = x;
            }
        CHECK(inertia(b, Rational(shift.str()), 128).negative == *below);
    }
}

TEST_CASE("values, exact or not, contain the exact results") {
    Random random(4);
    for (int trial = 0; trial < trials(4000); ++trial) {
        const auto draw = [&] {
            Rational x(random.integer(-50, 50), static_cast<unsigned long>(random.integer(1, 20)));
            x.canonicalize();
            return x;
        };
        const auto about = [&](const Rational& q) {
            const Rational radius(random.integer(0, 1), mpz_class(1) << static_cast<unsigned long>(random.integer(1, 60)));
            return random.chance(0.4) ? Value(q) : Value(Enclosure(q - radius, q + radius, random.integer(10, 100)));
        };
        Rational p = draw();
        Rational q = draw();
        p.canonicalize();
        q.canonicalize();
        const Value x = about(p);
        const Value y = random.chance(0.1) ? x : about(q);
        const auto contains = [](const Value& z, const Rational& truth) {
            if (z.exact() != nullptr) return *z.exact() == truth;
            const Enclosure e = z.enclosure(2);
            return mpfr_cmp_q(e.lower(), truth.get_mpq_t()) <= 0 && mpfr_cmp_q(e.upper(), truth.get_mpq_t()) >= 0;
        };
        const Rational second = contains(y, q) ? q : p;
        CHECK(contains(x + y, p + second));
        CHECK(contains(x - y, p - second));
        CHECK(contains(x * y, p * second));
        if (y.sign() != 0) CHECK(contains(x / y, p / second));
        else CHECK_THROWS_AS(x / y, Refused);
        if (x.exact() != nullptr && y.exact() != nullptr) CHECK((x * y).exact() != nullptr);
        if (x.sign() != 0) CHECK(x.sign() == sgn(p));
    }
}
