// One factorisation in floating point against exact elimination.
#include "lyapcert/linalg/verified_cholesky.hpp"

#include <catch2/catch.hpp>

#include "linalg/plain_cholesky.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "random.hpp"

using namespace lyapcert;
using lyapcert::test::Random;
using lyapcert::test::trials;

namespace {

Matrix<Interval> points(const Matrix<Rational>& a) {
    return a.map([](const Rational& x) { return to_interval(x); });
}

// Integer entries: exact in double precision.
Matrix<Rational> integer_gram(Random& random, std::size_t n, std::size_t rank) {
    Matrix<Rational> b(n, rank);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < rank; ++j) b(i, j) = Rational(random.integer(-9, 9));
    return b * b.transposed();
}

}  // namespace

TEST_CASE("verified Cholesky: never of a matrix that is not positive definite", "[T25]") {
    Random random(71);
    int factorised = 0;
    int proved = 0;
    int definite = 0;
    for (int trial = 0; trial < trials(1500); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 12));
        Matrix<Rational> a = integer_gram(random, n, random.chance(0.5) ? n : std::max<std::size_t>(1, n - 1));
        // Closer and closer to the boundary, from both sides.
        const Rational step = Rational(random.integer(-9, 9)) / rational_from_double(std::ldexp(1.0, static_cast<int>(random.integer(0, 45))));
        const std::size_t at = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
        a(at, at) += step;
        const bool exact = is_positive_definite(a) == Ternary::yes;
        const bool found = cholesky_proves_positive_definite(points(a));
        INFO("n = " << n << ", step " << step);
        REQUIRE((exact || !found));
        proved += found;
        definite += exact;
        std::vector<double> b(n * n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = i; j < n; ++j) b[i * n + j] = a(i, j).convert_to<double>();
        factorised += !exact && plain_cholesky(b.data(), n);
    }
    CHECK(proved > definite * 8 / 10);
    CHECK(factorised > 0);  // without the shift the test would fail
}

TEST_CASE("verified Cholesky: exactly singular matrices, every mode", "[T25]") {
    Random random(72);
    const unsigned saved = detail::read_mxcsr();
    for (int trial = 0; trial < trials(400); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(2, 40));
        const Matrix<Interval> a = points(integer_gram(random, n, n - 1));
        Matrix<Rational> regular = integer_gram(random, n, n);
        for (std::size_t i = 0; i < n; ++i) regular(i, i) += 1;
        const Matrix<Interval> b = points(regular);
        const unsigned direction = static_cast<unsigned>(random.integer(0, 3)) << 13;
        const unsigned flush = random.chance(0.5) ? 0x8040U : 0U;
        detail::write_mxcsr(0x1F80U | direction | flush);
        const bool singular = cholesky_proves_positive_definite(a);
        const bool definite = cholesky_proves_positive_definite(b);
        const unsigned after = detail::read_mxcsr();
        detail::write_mxcsr(saved);
        REQUIRE_FALSE(singular);
        REQUIRE(definite);
        REQUIRE((after & detail::mxcsr_control_mask) == ((0x1F80U | direction | flush) & detail::mxcsr_control_mask));
    }
}

TEST_CASE("verified Cholesky: every member of an interval matrix", "[T25]") {
    Random random(73);
    int proved = 0;
    for (int trial = 0; trial < trials(400); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 7));
        Matrix<Rational> a = integer_gram(random, n, n);
        Matrix<Interval> wide(n, n);
        Matrix<Rational> member(n, n);
        const double width = std::ldexp(1.0, static_cast<int>(random.integer(-30, 3)));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                wide(i, j) = wide(j, i) = to_interval(a(i, j)) + Interval(-width, width);
                member(i, j) = member(j, i) = random.inside(wide(i, j));
            }
        if (!cholesky_proves_positive_definite(wide)) continue;
        ++proved;
        REQUIRE(is_positive_definite(member) == Ternary::yes);
    }
    CHECK(proved > 20);
}

TEST_CASE("verified Cholesky: odd sizes and values", "[T25]") {
    CHECK_FALSE(cholesky_proves_positive_definite(Matrix<Interval>(1, 1, Interval(0.0))));
    CHECK(cholesky_proves_positive_definite(Matrix<Interval>(1, 1, Interval(0x1p-800))));
    CHECK_FALSE(cholesky_proves_positive_definite(Matrix<Interval>(2, 2, Interval(-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()))));
    CHECK_THROWS(cholesky_proves_positive_definite(Matrix<Interval>(2, 3)));
    // Blocks of every size.
    for (const std::size_t n : {31U, 32U, 33U, 64U, 97U}) {
        Matrix<Interval> hilbert(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) hilbert(i, j) = Interval(1.0) / Interval(1.0 + static_cast<double>(i > j ? i - j : j - i));
        CHECK(cholesky_proves_positive_definite(hilbert));  // 1 / (1 + |i - j|) is positive definite, with least eigenvalue above 0.2
        hilbert(n - 1, n - 1) = Interval(0.0625);
        CHECK_FALSE(cholesky_proves_positive_definite(hilbert));
    }
}
