#include "lyapcert/linalg/exact.hpp"

#include <catch2/catch.hpp>

#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/strong_components.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

// Laplace expansion: another algorithm altogether.
Rational laplace(const Matrix<Rational>& a) {
    const std::size_t n = a.rows();
    if (n == 1) return a(0, 0);
    Rational sum(0);
    for (std::size_t j = 0; j < n; ++j) {
        Matrix<Rational> minor(n - 1, n - 1);
        for (std::size_t r = 1; r < n; ++r)
            for (std::size_t c = 0, to = 0; c < n; ++c)
                if (c != j) minor(r - 1, to++) = a(r, c);
        sum += (j % 2 == 0 ? a(0, j) : Rational(-a(0, j))) * laplace(minor);
    }
    return sum;
}

}  // namespace

TEST_CASE("determinants, ranks and solutions") {
    Random random(41);
    for (int trial = 0; trial < trials(200); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 6));
        const auto r = static_cast<std::size_t>(random.integer(1, static_cast<long>(n)));
        const Matrix<Rational> a = random.chance(0.5) ? random.rational_matrix(n, n) : random.rational_matrix(n, r) * random.rational_matrix(r, n);
        const Rational det = determinant(a);
        CHECK(det == laplace(a));
        CHECK((rank(a) == n) == !det.is_zero());
        CHECK(rank(a) == rank(a.transposed()));
        const Matrix<Rational> b = random.rational_matrix(n, 2);
        const auto x = solve(a, b);
        CHECK(x.has_value() == !det.is_zero());
        if (x) CHECK((a * *x).entries() == b.entries());
    }
}

TEST_CASE("equal row spaces have equal bases") {
    Random random(42);
    for (int trial = 0; trial < trials(100); ++trial) {
        const Matrix<Rational> a = random.rational_matrix(3, 5);
        Matrix<Rational> mix = random.rational_matrix(3, 3);
        if (determinant(mix).is_zero()) continue;
        CHECK(row_space(a).entries() == row_space(mix * a).entries());
    }
}

TEST_CASE("nilpotent algebras are recognised", "[T11]") {
    Random random(43);
    for (int trial = 0; trial < trials(50); ++trial) {
        const std::size_t n = 4;
        const Matrix<Rational> s = random.rational_matrix(n, n);
        const auto inverse = solve(s, Matrix<Rational>::identity(n, Rational(1), Rational(0)));
        if (!inverse) continue;
        std::vector<Matrix<Rational>> family;
        for (int k = 0; k < 2; ++k) {
            Matrix<Rational> upper(n, n, Rational(0));
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = i + 1; j < n; ++j) upper(i, j) = random.rational();
            family.push_back(s * upper * *inverse);
        }
        CHECK(all_long_words_vanish(family));
        family.push_back(random.rational_matrix(n, n));
        CHECK(!all_long_words_vanish(family));
    }
    // Each nilpotent, the product not.
    Matrix<Rational> e(2, 2, Rational(0));
    e(0, 1) = 1;
    CHECK(all_long_words_vanish({e}));
    CHECK(!all_long_words_vanish({e, e.transposed()}));
}

TEST_CASE("strongly connected components", "[T10]") {
    using Components = std::vector<std::vector<std::size_t>>;
    CHECK(strong_components({{1}, {0}, {0, 3}, {}}) == Components{{0, 1}, {2}, {3}});
    CHECK(strong_components({{1}, {2}, {0}}) == Components{{0, 1, 2}});
    CHECK(strong_components({{}, {}}) == Components{{0}, {1}});
    CHECK(strong_components({{3}, {2}, {1}, {0}}) == Components{{0, 3}, {1, 2}});
}

TEST_CASE("matrices that are not symmetric are refused") {
    Matrix<Rational> a(2, 2, Rational(1));
    CHECK_NOTHROW(require_symmetric(a));
    a(0, 1) = 2;
    CHECK_THROWS_AS(require_symmetric(a), std::invalid_argument);
    CHECK_THROWS_AS(require_symmetric(to_reals(a)), std::invalid_argument);
    CHECK_THROWS_AS(require_symmetric(Matrix<Rational>(1, 2)), std::invalid_argument);
    CHECK_THROWS_AS(require_symmetric(Matrix<Rational>()), std::invalid_argument);
}
