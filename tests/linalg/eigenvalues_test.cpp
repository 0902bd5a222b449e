#include "lyapcert/linalg/eigenvalues.hpp"

#include <catch2/catch.hpp>

#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/linalg/spectral_radius.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

Rational endpoint(mpfr_srcptr x) {
    Rational q;
    mpfr_get_q(q.backend().data(), x);
    return q;
}

// By Sylvester's law of inertia: the k-th eigenvalue lies in the k-th enclosure, for every k.
void check_enclosures(const Matrix<Rational>& a, const std::vector<MpInterval>& values) {
    REQUIRE(values.size() == a.rows());
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (const auto below = test::count_below(a, endpoint(values[k].lower()))) CHECK(*below <= k);
        if (mpfr_equal_p(values[k].lower(), values[k].upper())) continue;
        if (const auto below = test::count_below(a, endpoint(values[k].upper()))) CHECK(*below >= k + 1);
    }
}

}  // namespace

TEST_CASE("eigenvalue enclosures agree with the exact inertia") {
    Random random(61);
    for (int trial = 0; trial < trials(120); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 6));
        const Matrix<Rational> b = random.rational_matrix(n, n, 5, 3);
        const Matrix<Rational> a = random.chance(0.3) ? random.gram(n, 1 + n / 2, 3, 2) : b + b.transposed();
        for (long precision : {60L, 200L}) {
            const auto values = symmetric_eigenvalues(enclose(a, precision));
            check_enclosures(a, values);
            for (const MpInterval& x : values) CHECK(x.width_double() <= 200.0 * std::ldexp(1.0, static_cast<int>(-precision + 8)));
        }
    }
}

TEST_CASE("eigenvalue enclosures hold for poor eigenvectors too") {
    Random random(65);
    for (int trial = 0; trial < trials(200); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 5));
        const Matrix<Rational> b = random.rational_matrix(n, n, 5, 3);
        const Matrix<Rational> a = b + b.transposed();
        // Nearly the identity, or a permutation of it: far from the eigenvectors.
        Matrix<Rational> v(n, n);
        const std::size_t turn = static_cast<std::size_t>(random.integer(0, 4));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) v(i, j) = ((i + turn) % n == j ? Rational(1) : Rational(0)) + random.rational(2, 2) / 40;
        check_enclosures(a, symmetric_eigenvalues(enclose(a, 100), enclose(v, 100)));
    }
    // Diagonal, in descending order: V = I leaves nothing to rounding.
    Matrix<Rational> d(3, 3, Rational(0));
    d(0, 0) = 3;
    d(1, 1) = 2;
    d(2, 2) = 1;
    const auto values = symmetric_eigenvalues(enclose(d, 60), enclose(Matrix<Rational>::identity(3, Rational(1), Rational(0)), 60));
    for (long k = 0; k < 3; ++k) {
        CHECK(contains(values[static_cast<std::size_t>(k)], Rational(k + 1)));
        CHECK(values[static_cast<std::size_t>(k)].width_double() == 0.0);
    }
}

TEST_CASE("known spectra") {
    // tridiag(-1, 2, -1): 4 sin^2(k pi / (2 (n + 1))).
    for (std::size_t n : {1UL, 2UL, 10UL, 40UL, 75UL, 150UL}) {
        Matrix<Rational> a(n, n, Rational(0));
        for (std::size_t i = 0; i < n; ++i) {
            a(i, i) = 2;
            if (i > 0) a(i, i - 1) = a(i - 1, i) = -1;
        }
        const long precision = 150;
        const auto values = symmetric_eigenvalues(enclose(a, precision));
        for (std::size_t k = 0; k < n; ++k) {
            const MpInterval angle = MpInterval::pi(300) * MpInterval(Rational(static_cast<long>(k + 1), static_cast<long>(2 * (n + 1))), 300);
            const MpInterval exact = MpInterval(Rational(4), 300) * square(sin(angle));
            CHECK_NOTHROW(intersect(exact, values[k]));
            CHECK(values[k].width_double() < (n <= 60 ? 1e-40 : 1e-10));
        }
    }
}

TEST_CASE("multiple eigenvalues and rank deficiency") {
    Random random(62);
    const std::size_t n = 12;
    const Matrix<Rational> a = random.gram(n, 4, 3, 2);
    const auto values = symmetric_eigenvalues(enclose(a, 120));
    for (std::size_t k = 0; k < n - 4; ++k) CHECK(contains_zero(values[k]));
    CHECK(certainly_positive(values[n - 4]));
    const Matrix<Rational> ones(70, 70, Rational(1));
    const auto of_ones = symmetric_eigenvalues(enclose(ones, 60));
    CHECK(contains(of_ones.back(), Rational(70)));
    for (std::size_t k = 0; k + 1 < 70; ++k) CHECK(contains_zero(of_ones[k]));
}

TEST_CASE("interval matrices: the eigenvalues of members are enclosed") {
    Random random(63);
    for (int trial = 0; trial < trials(50); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 5));
        const Matrix<Rational> centre = random.gram(n, n, 5, 3);
        const Rational radius(1, 50);
        const auto values = symmetric_eigenvalues(centre.map([&](const Rational& x) { return MpInterval(x - radius, x + radius, 80); }));
        Matrix<Rational> member(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) member(i, j) = member(j, i) = centre(i, j) + radius * Rational(random.integer(-4, 4), 4);
        check_enclosures(member, values);
    }
}

TEST_CASE("extreme scales") {
    Matrix<Rational> a(2, 2, Rational(1));
    a(0, 0) = a(1, 1) = 2;
    const Rational tiny = 1 / Rational(pow(Integer(10), 500));
    const auto values = symmetric_eigenvalues(enclose(a.map([&](const Rational& x) { return Rational(x * tiny); }), 100));
    CHECK(contains(values[0], tiny));
    CHECK(contains(values[1], 3 * tiny));
    CHECK(certainly_positive(values[0]));
}

TEST_CASE("spectral radii") {
    Random random(64);
    const auto radius = [](const Matrix<Rational>& a, long precision) {
        return log_spectral_radius([&a](long p) { return enclose(a, p); }, precision);
    };
    for (int trial = 0; trial < trials(40); ++trial) {
        // Similar to a triangular matrix with a known diagonal.
        const auto n = static_cast<std::size_t>(random.integer(1, 5));
        Matrix<Rational> t(n, n, Rational(0));
        Rational largest(0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = i; j < n; ++j) {
                t(i, j) = random.rational(9, 4);
                if (i == j) largest = std::max(largest, t(i, i) < 0 ? Rational(-t(i, i)) : t(i, i));
            }
        const Matrix<Rational> s = random.rational_matrix(n, n, 3, 2);
        const auto inverse = solve(s, Matrix<Rational>::identity(n, Rational(1), Rational(0)));
        if (!inverse || largest.is_zero()) continue;
        const MpInterval found = radius(s * t * *inverse, 80);
        CHECK_NOTHROW(intersect(log(MpInterval(largest, 300)), found));
        INFO(found.width_double());
        CHECK(found.width_double() < 1e-10);  // sharp unless the largest eigenvalue is defective
    }
    Matrix<Rational> cycle(3, 3, Rational(0));
    cycle(0, 1) = cycle(1, 2) = 1;
    cycle(2, 0) = 8;
    CHECK(is_subset(log(MpInterval(Rational(2), 300)), radius(cycle, 100)));
    CHECK(radius(cycle, 100).width_double() < 1e-28);
    Matrix<Rational> nilpotent(3, 3, Rational(0));
    nilpotent(0, 1) = nilpotent(1, 2) = 5;
    CHECK(mpfr_inf_p(radius(nilpotent, 60).upper()));
    // Interval entries: contained for members, finite.
    const MpInterval wide = log_spectral_radius([](long p) { return Matrix<MpInterval>(2, 2, MpInterval(Rational(1), Rational(11, 10), p)); }, 60);
    CHECK(wide.lower_double() <= std::log(2.0));
    CHECK(wide.upper_double() >= std::log(2.2));
    CHECK(wide.lower_double() > 0.3);
    CHECK(wide.upper_double() < 1.2);
}
