#include "lyapcert/linalg/positive_definite.hpp"

#include <catch2/catch.hpp>
#include <numeric>

#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

Matrix<Interval> intervals(const Matrix<Rational>& a) {
    return a.map([](const Rational& x) { return to_interval(x); });
}

// Sylvester's criterion, the slow way.
bool sylvester(const Matrix<Rational>& a) {
    std::vector<std::size_t> index;
    for (std::size_t k = 0; k < a.rows(); ++k) {
        index.push_back(k);
        if (determinant(a.principal(index)) <= 0) return false;
    }
    return true;
}

bool semidefinite_by_minors(const Matrix<Rational>& a) {
    for (unsigned long subset = 1; subset < (1UL << a.rows()); ++subset) {
        std::vector<std::size_t> index;
        for (std::size_t k = 0; k < a.rows(); ++k)
            if ((subset >> k & 1U) != 0) index.push_back(k);
        if (determinant(a.principal(index)) < 0) return false;
    }
    return true;
}

void check_all(const Matrix<Rational>& a, bool truth) {
    const Ternary wrong = ternary(!truth);
    CHECK(is_positive_definite(a) == ternary(truth));
    CHECK(is_positive_definite(to_reals(a)) == ternary(truth));
    CHECK(is_positive_definite(intervals(a)) != wrong);
    for (long precision : {53L, 100L, 300L}) CHECK(is_positive_definite(enclose(a, precision)) != wrong);
}

}  // namespace

TEST_CASE("positive definiteness agrees with Sylvester's criterion", "[T13]") {
    Random random(51);
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 7));
        Matrix<Rational> a = random.gram(n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n) + 1)));
        if (random.chance(0.3)) {
            const Rational shift = random.rational(5, 7);
            for (std::size_t i = 0; i < n; ++i) a(i, i) += shift;
        }
        const bool truth = sylvester(a);
        check_all(a, truth);
        CHECK(is_positive_semidefinite(a) == semidefinite_by_minors(a));
    }
}

TEST_CASE("the shifted Cholesky lemma with good and bad factors") {
    Random random(56);
    int proved = 0;
    for (int trial = 0; trial < trials(6000); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 3));
        Matrix<double> r(n, n, 0.0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = i; j < n; ++j) r(i, j) = static_cast<double>(random.integer(-2, 2));
        const Matrix<Rational> exact = r.map([](double x) { return rational_from_double(x); });
        Matrix<Rational> b = exact.transposed() * exact;
        const Rational shift(random.integer(1, 8), 8);
        for (std::size_t i = 0; i < n; ++i) {
            b(i, i) += Rational(random.integer(-4, 12), 8);
            for (std::size_t j = 0; j < i; ++j) {
                b(i, j) += Rational(random.integer(-2, 2), 8) * 5 / 2;
                b(j, i) = b(i, j);
            }
        }
        if (proves_positive_definite(intervals(b), r, shift.convert_to<double>())) {
            ++proved;
            CHECK(sylvester(b));
        }
    }
    CHECK(proved > 100);
    // R^T R = B singular: the residual is the shift itself, never less.
    const Matrix<Interval> ones(2, 2, Interval(1.0));
    Matrix<double> r(2, 2, 0.0);
    r(0, 0) = r(0, 1) = 1.0;
    for (double shift : {1e-300, 1e-20, 1e-3, 1.0, 100.0}) CHECK(!proves_positive_definite(ones, r, shift));
    CHECK(!proves_positive_definite(ones, r, -1.0));
    CHECK(!proves_positive_definite(ones, r, 0.0));
}

TEST_CASE("definite matrices are certified, not only not refuted") {
    Random random(52);
    for (std::size_t n : {1UL, 2UL, 5UL, 20UL, 60UL, 120UL}) {
        Matrix<double> b(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) b(i, j) = random.uniform(-1.0, 1.0);
        const Matrix<Interval> bi = b.map([](double x) { return Interval(x); });
        Matrix<Interval> a = bi * bi.transposed();
        for (std::size_t i = 0; i < n; ++i) a(i, i) += Interval(1e-6);
        CHECK(is_positive_definite(a) == Ternary::yes);
        for (std::size_t i = 0; i < n; ++i) a(i, i) -= Interval(static_cast<double>(n));
        CHECK(is_positive_definite(a) == Ternary::no);
    }
}

TEST_CASE("singular and nearly singular matrices are never certified") {
    Random random(53);
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 9));
        const Matrix<Rational> a = random.gram(n, n - 1);
        check_all(a, false);
        // The tiniest push downward: still indefinite, and doubles cannot see it.
        Matrix<Rational> lower = a;
        lower(n - 1, n - 1) -= Rational(1) / Rational(pow(Integer(10), 40));
        check_all(lower, false);
        std::vector<std::size_t> leading(n - 1);
        std::iota(leading.begin(), leading.end(), std::size_t(0));
        // Then the null vector has a last component.
        if (!determinant(a.principal(leading)).is_zero()) CHECK(!is_positive_semidefinite(lower));
        CHECK(is_positive_semidefinite(a));
    }
}

TEST_CASE("ill-conditioned matrices are decided by more precision") {
    // Hilbert matrices: definite, condition number about 10^(1.5 n).
    for (std::size_t n : {4UL, 8UL, 12UL, 20UL, 30UL}) {
        Matrix<Rational> h(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) h(i, j) = Rational(1, static_cast<long>(i + j + 1));
        CHECK(is_positive_definite(h) == Ternary::yes);
        CHECK(is_positive_definite(enclose(h, 400)) == Ternary::yes);
        CHECK(is_positive_definite(intervals(h)) != Ternary::no);
        Matrix<Real> hidden = h.map([](const Rational& x) { return Real::from_rule([x](long precision) { return MpInterval(x, precision); }); });
        CHECK(is_positive_definite(hidden) == Ternary::yes);
    }
}

TEST_CASE("badly scaled matrices") {
    Matrix<Rational> a(3, 3, Rational(0));
    const Rational big(pow(Integer(10), 200));
    a(0, 0) = big * big;
    a(1, 1) = 1;
    a(2, 2) = 1 / (big * big);
    a(0, 1) = a(1, 0) = big / 2;
    a(1, 2) = a(2, 1) = 1 / big / 2;
    CHECK(is_positive_definite(enclose(a, 100)) == Ternary::yes);
    CHECK(is_positive_definite(a) == Ternary::yes);
}

TEST_CASE("interval matrices: yes and no hold for all members") {
    Random random(54);
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 5));
        Matrix<Rational> centre = random.gram(n, n);
        if (random.chance(0.4))
            for (std::size_t i = 0; i < n; ++i) centre(i, i) -= random.rational(20, 3);
        const Rational radius = Rational(1) / Rational(pow(Integer(10), static_cast<unsigned>(random.integer(0, 6))));
        const Matrix<Interval> a = centre.map([&](const Rational& x) { return Interval(test::round_down(x - radius), test::round_up(x + radius)); });
        const Ternary answer = is_positive_definite(a);
        for (int k = 0; k < 5; ++k) {
            Matrix<Rational> member(n, n);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j <= i; ++j) member(i, j) = member(j, i) = centre(i, j) + radius * Rational(random.integer(-4, 4), 4);
            if (answer != Ternary::undecided) CHECK(sylvester(member) == (answer == Ternary::yes));
        }
    }
    const Matrix<Interval> infinite(2, 2, Interval(-INFINITY, INFINITY));
    CHECK(is_positive_definite(infinite) == Ternary::undecided);
}

TEST_CASE("independent indices of semidefinite matrices", "[T2]") {
    Random random(55);
    for (int trial = 0; trial < trials(200); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 7));
        const Matrix<Rational> a = random.gram(n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n))), 3, 2);
        const std::vector<std::size_t> index = independent_indices(a);
        CHECK(index.size() == rank(a));
        if (!index.empty()) CHECK(!determinant(a.principal(index)).is_zero());
    }
    Matrix<Rational> indefinite(2, 2, Rational(1));
    indefinite(0, 0) = 0;
    CHECK_THROWS_AS(independent_indices(indefinite), std::invalid_argument);
}
