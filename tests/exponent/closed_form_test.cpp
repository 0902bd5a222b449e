#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "values.hpp"

using namespace lyapcert;
using namespace lyapcert::test;

TEST_CASE("closed forms: reference values", "[T8][T9][T10][T11]") {
    const auto value = [](const RandomProduct& p, long precision = 128) { return closed_form(p, precision).value().enclosure; };
    check_value(value(RandomProduct({real_matrix({{Rational(1, 3)}}), real_matrix({{2}})}, {half, half})), times(half, log_of(Rational(2, 3))), 128);
    // eta = 1, unit gradients (1, 0), (3/5, 4/5): rank one.
    check_value(value(sgd_product(real_matrix({{1, Rational(3, 5)}, {Rational(3, 5), 1}}), 1)), times(half, log_of(Rational(3, 5))), 128);
    // Orthogonal unit gradients: a word of length two vanishes.
    CHECK(is_minus_infinity(value(sgd_product(real_matrix({{1, 0}, {0, 1}}), 1))));
    const Matrix<Real> stretch = real_matrix({{2, 0}, {0, half}});
    const Matrix<Real> turn = real_matrix({{0, -1}, {1, 0}});
    for (const Rational& p : {Rational(1, 10), half, Rational(99, 100)}) CHECK(is_exactly_zero(value(RandomProduct({stretch, turn}, {p, 1 - p}))));
    check_value(value(RandomProduct({stretch}, {Rational(1)})), log_of(2), 128);
    // A transient index, and two closed classes.
    const RandomProduct classes =
        uniform({real_matrix({{3, 0, 0}, {0, half, 7}, {0, 0, 0}}), real_matrix({{Rational(1, 2), 0, 9}, {0, Rational(1, 4), 0}, {0, 0, 0}})});
    check_value(value(classes), times(half, log_of(Rational(3, 2))), 128);
    // Zero columns kill: -inf although no single class is empty.
    CHECK(is_minus_infinity(value(uniform({real_matrix({{0, 1}, {1, 0}}), real_matrix({{0, 0}, {1, 0}})}))));
    // Row-monomial: the transposes of a column-monomial family with a non-uniform stationary law.
    const Matrix<Real> a = real_matrix({{2, 3}, {0, 0}});  // both columns go to 1
    const Matrix<Real> b = real_matrix({{0, 5}, {7, 0}});
    // The chain: 1 -> 1 (a), 2 (b); 2 -> 1. pi = (2/3, 1/3).
    const MpInterval expected = times(Rational(2, 3), times(half, log_of(14))) + times(Rational(1, 3), times(half, log_of(15)));
    check_value(value(uniform({a, b})), expected, 128);
    check_value(value(uniform({a.transposed(), b.transposed()})), expected, 128);
    // Single matrices.
    const MpInterval golden = log((MpInterval(Rational(3), 400) + sqrt(MpInterval(Rational(5), 400))) / MpInterval(Rational(2), 400));
    check_value(value(uniform({real_matrix({{2, 1}, {1, 1}})}), 90), golden, 80);
    // A word of two singular matrices of rank 2 in dimension 3 whose third power vanishes.
    const RandomProduct nilpotent = uniform({real_matrix({{0, 1, 2}, {0, 0, 1}, {0, 0, 0}}), real_matrix({{1, 1, 0}, {0, 1, 1}, {1, 0, 1}})});
    CHECK(is_minus_infinity(value(nilpotent)));
    CHECK(!closed_form(uniform({real_matrix({{2, 1}, {1, 1}}), real_matrix({{3, 1}, {2, 1}})}), 60));
    // Positive and partly singular: no word vanishes.
    CHECK(!closed_form(uniform({real_matrix({{1, 1}, {1, 1}}), real_matrix({{2, 1}, {1, 1}})}), 60));
}

TEST_CASE("closed forms agree with simulation", "[T9][T10]") {
    Random random(87);
    for (int trial = 0; trial < trials(12); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 4));
        std::vector<Matrix<Real>> family;
        for (int k = 0; k < 3; ++k) {
            if (trial % 2 == 0) {
                Matrix<Rational> u = random.rational_matrix(n, 1);
                Matrix<Rational> v = random.rational_matrix(1, n);
                family.push_back(to_reals(u * v));
            } else {
                Matrix<Real> m(n, n, Real(0));
                for (std::size_t j = 0; j < n; ++j)
                    m(static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1)), j) =
                        Real(Rational(random.integer(1, 9), random.integer(1, 9)));
                family.push_back(m);
            }
        }
        const RandomProduct p = uniform(family);
        const auto bound = closed_form(p, 80);
        REQUIRE(bound);
        if (is_minus_infinity(bound->enclosure)) continue;
        check_against(bound->enclosure, simulate(p, random));
    }
}

namespace {

Matrix<Rational> word_product(const RandomProduct& product, const std::vector<std::size_t>& word) {
    const std::vector<Matrix<Rational>> matrices = product.rational();
    Matrix<Rational> result = Matrix<Rational>::identity(product.dimension(), Rational(1), Rational(0));
    for (std::size_t k : word) result = matrices.at(k) * result;
    return result;
}

bool is_zero(const Matrix<Rational>& a) {
    return std::all_of(a.entries().begin(), a.entries().end(), [](const Rational& x) { return x.is_zero(); });
}

}  // namespace

TEST_CASE("vanishing words: a singular matrix among regular ones with infinite orbits", "[T11]") {
    // The last matrix has the image of (1, 1, 1) and kills what is orthogonal to it, such as (-1, 0, 1), to which the last but one sends (1, 1, 1).
    const RandomProduct five = uniform({real_matrix({{-3, -1, 1}, {-1, 1, 3}, {1, 3, -2}}), real_matrix({{-3, 0, 3}, {0, 3, -1}, {3, -1, 2}}),
                                        real_matrix({{-3, 1, -2}, {1, -2, 2}, {-2, 2, -1}}), real_matrix({{-3, 2, 0}, {2, 0, -2}, {0, -2, 3}}),
                                        real_matrix({{-3, -3, -3}, {-3, -3, -3}, {-3, -3, -3}})});
    const auto shortest = vanishing_word(five);
    REQUIRE(shortest.has_value());
    CHECK(*shortest == std::vector<std::size_t>{4, 3, 4});
    CHECK(is_minus_infinity(closed_form(five, 128).value().enclosure));

    // Regular r and a matrix a = image f of rank m <= n / 2 with f r r image = 0: then a r r a = 0.
    Random random(1811);
    for (int trial = 0; trial < trials(12); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        const std::size_t m = n / 2;
        Matrix<Rational> r = random.rational_matrix(n, n);
        const Matrix<Rational> other = random.rational_matrix(n, n);
        if (determinant(r).is_zero() || determinant(other).is_zero()) continue;
        Matrix<Rational> image = random.rational_matrix(n, m);
        const Matrix<Rational> killed = r * (r * image);
        // f = (g^T, rest) with g^T (upper part of killed) + rest (lower part of killed) = 0.
        Matrix<Rational> top(m, m);
        Matrix<Rational> rest(m, n - m);
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < m; ++j) top(j, i) = killed(i, j);
            for (std::size_t j = 0; j + m < n; ++j) rest(i, j) = random.integer(-3, 3);
        }
        Matrix<Rational> right(m, m, Rational(0));
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t c = 0; c < m; ++c)
                for (std::size_t j = 0; j + m < n; ++j) right(c, i) -= rest(i, j) * killed(m + j, c);
        const auto g = solve(top, right);
        if (!g) continue;
        Matrix<Rational> f(m, n);
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) f(i, j) = j < m ? (*g)(j, i) : rest(i, j - m);
        const RandomProduct product = uniform({to_reals(r), to_reals(other), to_reals(image * f)});
        REQUIRE(is_zero(word_product(product, {2, 0, 0, 2})));
        const auto word = vanishing_word(product);
        REQUIRE(word.has_value());
        CHECK(is_zero(word_product(product, *word)));
        CHECK(word->size() <= 4);
    }
    // No word of a positive family vanishes, and the search is bounded.
    CHECK(!vanishing_word(uniform({real_matrix({{1, 2, 3}, {2, 4, 6}, {1, 1, 7}}), real_matrix({{2, 1, 1}, {1, 5, 1}, {3, 1, 2}})})));
    // Where the numbers are long, the bound is on their length: this takes minutes when only images are counted.
    std::vector<Matrix<Real>> long_numbers;
    for (int k = 0; k < 3; ++k) {
        Matrix<Rational> a(6, 6);
        for (std::size_t i = 0; i < 6; ++i)
            for (std::size_t j = 0; j < 6; ++j) a(i, j) = k == 0 && i == 5 ? a(0, j) : Rational(random.uniform(-1.0, 1.0));
        long_numbers.push_back(to_reals(a));
    }
    const auto start = std::chrono::steady_clock::now();
    CHECK(!vanishing_word(uniform(std::move(long_numbers))));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("interval entries in closed forms", "[T8]") {
    const Real eta = Real::between(Rational(1, 10), Rational(1, 5));
    const RandomProduct p({Matrix<Real>(1, 1, Real(1) - eta), real_matrix({{2}})}, {half, half});
    const MpInterval x = closed_form(p, 80).value().enclosure;
    CHECK(x.lower_double() <= 0.5 * std::log(0.8 * 2));
    CHECK(x.upper_double() >= 0.5 * std::log(0.9 * 2));
    CHECK(x.width_double() < 0.06);
    const RandomProduct through_zero({Matrix<Real>(1, 1, Real::between(Rational(-1), Rational(1))), real_matrix({{2}})}, {half, half});
    CHECK(mpfr_inf_p(closed_form(through_zero, 80).value().enclosure.lower()));
    CHECK(closed_form(through_zero, 80).value().enclosure.upper_double() >= 0.5 * std::log(2.0));
}
