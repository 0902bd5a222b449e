#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/contraction.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/log_sum.hpp"
#include "lyapcert/exponent/reduction.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/exponent/raise_precision.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

using Rows = std::vector<std::vector<Rational>>;

Matrix<Real> matrix(const Rows& rows) {
    Matrix<Real> m(rows.size(), rows.front().size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t j = 0; j < rows[i].size(); ++j) m(i, j) = Real(rows[i][j]);
    return m;
}

const Rational half(1, 2);

bool is_exactly_zero(const MpInterval& x) { return is_zero(x); }
bool is_minus_infinity(const MpInterval& x) { return mpfr_inf_p(x.lower()) && mpfr_inf_p(x.upper()) && mpfr_sgn(x.upper()) < 0; }

// The enclosures meet, and x is sharp to `precision` bits.
void check_value(const MpInterval& x, const MpInterval& expected, long precision) {
    CHECK_NOTHROW(intersect(x, expected));
    CHECK(is_sharp(x, precision - 4));
}

MpInterval log_of(const Rational& x) { return log(MpInterval(x, 400)); }
MpInterval times(const Rational& c, const MpInterval& x) { return MpInterval(c, 400) * x; }

RandomProduct uniform(const std::vector<Matrix<Real>>& matrices) {
    return RandomProduct(matrices, std::vector<Rational>(matrices.size(), Rational(1, static_cast<long>(matrices.size()))));
}

struct Estimate {
    double mean;
    double error;  // about one standard deviation
};

// (1/n) log||A_n...A_1 x|| along one orbit, in batches.
Estimate monte_carlo(const RandomProduct& p, Random& random) {
    const std::size_t n = p.dimension();
    std::vector<Matrix<double>> a;
    std::vector<double> weights;
    for (std::size_t k = 0; k < p.size(); ++k) {
        a.push_back(p.matrices()[k].map([](const Real& x) { return x.at(64).midpoint_double(); }));
        weights.push_back(p.probabilities()[k].convert_to<double>());
    }
    std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
    std::vector<double> x(n);
    for (double& e : x) e = random.uniform(0.5, 1.5);  // in the kernel of nothing
    const int batches = 30;
    const int length = 3000;
    double sum = 0.0;
    double squares = 0.0;
    for (int batch = -1; batch < batches; ++batch) {
        double total = 0.0;
        for (int k = 0; k < length; ++k) {
            const Matrix<double>& m = a[draw(random.engine())];
            std::vector<double> y(n, 0.0);
            double norm = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t j = 0; j < n; ++j) y[i] += m(i, j) * x[j];
                norm = std::max(norm, std::abs(y[i]));
            }
            total += std::log(norm);
            for (std::size_t i = 0; i < n; ++i) x[i] = y[i] / norm;
        }
        if (batch < 0) continue;
        sum += total / length;
        squares += total / length * total / length;
    }
    const double mean = sum / batches;
    return {mean, std::sqrt(std::max(0.0, squares / batches - mean * mean) / batches) + 1e-4};
}

void check_against_estimate(const MpInterval& enclosure, const Estimate& e) {
    INFO(enclosure.lower_double() << " <= " << e.mean << " +- " << e.error << " <= " << enclosure.upper_double());
    CHECK(enclosure.lower_double() <= e.mean + 6 * e.error);
    CHECK(enclosure.upper_double() >= e.mean - 6 * e.error);
}

// log rho(L) by another way: ||L^m(I)||^(1/m) in doubles.
double approximate_second_moment(const RandomProduct& p) {
    const std::size_t n = p.dimension();
    Matrix<double> x = Matrix<double>::identity(n, 1.0, 0.0);
    double logarithm = 0.0;
    double before = 0.0;
    const int steps = 1500;
    std::vector<Matrix<double>> family;
    for (const Matrix<Real>& a : p.matrices()) family.push_back(a.map([](const Real& e) { return e.at(64).midpoint_double(); }));
    for (int m = 0; m < 2 * steps; ++m) {
        if (m == steps) before = logarithm;
        Matrix<double> y(n, n, 0.0);
        for (std::size_t k = 0; k < p.size(); ++k) {
            const Matrix<double> z = family[k].transposed() * (x * family[k]);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) y(i, j) += p.probabilities()[k].convert_to<double>() * z(i, j);
        }
        double norm = 0.0;
        for (double e : y.entries()) norm = std::max(norm, std::abs(e));
        logarithm += std::log(norm);
        x = y.map([norm](double e) { return e / norm; });
    }
    return (logarithm - before) / steps;
}

}  // namespace

TEST_CASE("sums of logarithms: the exact zero test") {
    CHECK(log_sum_is_zero({Rational(1), Rational(1)}, {Rational(2), half}));
    CHECK(log_sum_is_zero({Rational(1, 3), Rational(1, 2)}, {Rational(8), Rational(1, 4)}));
    CHECK(log_sum_is_zero({Rational(1), Rational(1), Rational(-1)}, {Rational(6), Rational(-35), Rational(210)}));
    CHECK(!log_sum_is_zero({Rational(1), Rational(1), Rational(-1)}, {Rational(6), Rational(35), Rational(211)}));
    CHECK(log_sum_is_zero({}, {}));
    CHECK(log_sum_is_zero({Rational(5)}, {Rational(-1)}));
    Random random(81);
    for (int trial = 0; trial < trials(200); ++trial) {
        // prod a_k^{n_k} computed exactly.
        std::vector<Rational> coefficients;
        std::vector<Rational> arguments;
        Rational product(1);
        for (int k = 0; k < 4; ++k) {
            const long power = random.integer(-3, 3);
            Rational a = random.rational(6, 4);
            if (a.is_zero()) a = 1;
            coefficients.emplace_back(power, 7);
            arguments.push_back(a);
            for (long e = 0; e < std::abs(power); ++e) {
                if (power > 0)
                    product *= a;
                else
                    product /= a;
            }
        }
        CHECK(log_sum_is_zero(coefficients, arguments) == (product == 1 || product == -1));
    }
}

TEST_CASE("sums of logarithms: sharp under cancellation, exact at zero and -inf") {
    for (long precision : {53L, 128L, 500L}) {
        check_value(log_sum({{half, Real(Rational(1, 3))}, {half, Real(2)}}, precision), times(half, log_of(Rational(2, 3))), precision);
        CHECK(is_exactly_zero(log_sum({{Rational(1), Real(4)}, {Rational(2), Real(half)}}, precision)));
        const Rational near_one = 1 + 1 / Rational(pow(Integer(10), 60));
        const MpInterval x = log_sum({{Rational(1), Real(Rational(3 * near_one))}, {Rational(1), Real(Rational(1, 3))}}, precision);
        CHECK(is_sharp(x, precision - 4));
        CHECK(certainly_positive(x));
        CHECK(is_minus_infinity(log_sum({{half, Real(0)}, {half, Real(5)}}, precision)));
    }
    CHECK_THROWS_AS(log_sum({{Rational(-1), Real(0)}}, 53), std::domain_error);
    const MpInterval open = log_sum({{Rational(1), Real::between(Rational(-1), Rational(1, 2))}}, 53);
    CHECK(mpfr_inf_p(open.lower()));
    CHECK(open.upper_double() >= 0.0);
    CHECK(open.upper_double() < 1e-10);
}

TEST_CASE("gradient descent: closed forms") {
    for (long precision : {53L, 200L}) {
        check_value(gd_exponent(matrix({{Rational(1, 5)}}), precision).enclosure, log_of(Rational(4, 5)), precision);
        CHECK(is_minus_infinity(gd_exponent(matrix({{1}}), precision).enclosure));
        CHECK(is_exactly_zero(gd_exponent(matrix({{2}}), precision).enclosure));
        // Diagonal: max log|1 - d/3|.
        check_value(gd_exponent(matrix({{1, 0, 0}, {0, 3, 0}, {0, 0, 7}}), precision).enclosure, log_of(Rational(4, 3)), precision);
        CHECK(is_minus_infinity(gd_exponent(matrix({{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}), precision).enclosure));
        // kappa = 1 +- 3/5: 1 - kappa/2 = 1/5, 4/5.
        check_value(gd_exponent(matrix({{1, Rational(3, 5)}, {Rational(3, 5), 1}}), precision).enclosure, log_of(Rational(4, 5)), precision);
        // 2 I + ones: kappa = 2, 2, 5; 1 - kappa/3 = 1/3, 1/3, -2/3.
        check_value(gd_exponent(matrix({{3, 1, 1}, {1, 3, 1}, {1, 1, 3}}), precision).enclosure, log_of(Rational(2, 3)), precision);
        // 3 I + ones: kappa = 3, 3, 6: the largest is 2 N.
        CHECK(is_exactly_zero(gd_exponent(matrix({{4, 1, 1}, {1, 4, 1}, {1, 1, 4}}), precision).enclosure));
        // Rank 1: kappa = 3 = N: -inf; the zero eigenvalues do not count.
        CHECK(is_minus_infinity(gd_exponent(matrix({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}), precision).enclosure));
        check_value(gd_exponent(matrix({{2, 2}, {2, 2}}), precision).enclosure, MpInterval(400), precision);
        check_value(gd_exponent(matrix({{half, half}, {half, half}}), precision).enclosure, log_of(half), precision);
        // A projection of rank 2 scaled by N = 3.
        CHECK(is_minus_infinity(gd_exponent(matrix({{2, -1, -1}, {-1, 2, -1}, {-1, -1, 2}}), precision).enclosure));
    }
    CHECK_THROWS_AS(gd_exponent(matrix({{0}}), 53), std::invalid_argument);
    CHECK_THROWS_AS(gd_exponent(matrix({{1, 2}, {2, 1}}), 53), std::invalid_argument);
    CHECK_THROWS_AS(gd_exponent(matrix({{1, 2}, {0, 5}}), 53), std::invalid_argument);
}

TEST_CASE("gradient descent: interval learning rates") {
    const Real eta = Real::between(Rational(1, 10), Rational(1, 5));
    const MpInterval x = gd_exponent(Matrix<Real>(1, 1, eta), 100).enclosure;
    CHECK(x.lower_double() <= std::log(0.8));
    CHECK(x.upper_double() >= std::log(0.9) - 1e-15);
    CHECK(x.upper_double() < -0.1);
    Matrix<Real> m(3, 3, eta * Real(Rational(1, 10)));
    for (std::size_t i = 0; i < 3; ++i) m(i, i) = eta;
    const MpInterval y = gd_exponent(m, 100).enclosure;
    CHECK(y.lower_double() <= std::log(1 - 0.2 * 0.9 / 3));
    CHECK(y.upper_double() >= std::log(1 - 0.1 * 0.9 / 3));
    CHECK(y.width_double() < 0.2);
}

TEST_CASE("gradient descent: random matrices against the exact inertia") {
    Random random(82);
    int compared = 0;
    for (int trial = 0; trial < trials(150); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        const Matrix<Rational> m = random.gram(n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n))), 4, 2);
        const std::size_t r = rank(m);
        if (r == 0) continue;
        const MpInterval mu = gd_exponent(to_reals(m), 90).enclosure;
        if (is_minus_infinity(mu)) continue;
        CHECK(is_sharp(mu, 86));
        // With t = e^mu: kappa lies in [N (1 - t), N (1 + t)] for every positive kappa, and on an end for one of them.
        const Rational size(static_cast<long>(n));
        const auto positive_inside = [&](const Rational& t) -> std::optional<std::size_t> {
            const Rational low = std::max(Rational(size * (1 - t)), Rational(0));
            const auto below = low.is_zero() ? std::optional<std::size_t>(n - r) : test::count_below(m, low);
            const auto above = test::count_below(m, size * (1 + t));
            if (!below || !above) return std::nullopt;
            return *above - *below;
        };
        const Rational slack = Rational(1) / Rational(pow(Integer(10), 20));
        const MpInterval t = exp(mu);
        Rational upper;
        mpfr_get_q(upper.backend().data(), t.upper());
        if (const auto count = positive_inside(upper + slack)) {
            CHECK(*count == r);
            ++compared;
        }
        if (const auto count = positive_inside(upper - slack)) CHECK(*count < r);
    }
    CHECK(compared > 20);
}

TEST_CASE("second moment: reference values") {
    const RandomProduct p({matrix({{Rational(1, 3)}}), matrix({{2}})}, {half, half});
    for (long precision : {53L, 128L, 300L}) {
        const Bound b = second_moment_exponent(p, precision);
        check_value(b.enclosure, log_of(Rational(37, 18)), precision);
        const Bound upper = second_moment_bound(b);
        CHECK(mpfr_inf_p(upper.enclosure.lower()));
        CHECK(upper.enclosure.upper_double() == Approx(0.5 * std::log(37.0 / 18.0)));
    }
    // A deterministic matrix: 2 log rho.
    check_value(second_moment_exponent(uniform({matrix({{2, 0}, {0, half}})}), 100).enclosure, times(2, log_of(2)), 100);
    check_value(second_moment_exponent(uniform({matrix({{0, 0, 1}, {1, 0, 0}, {0, 8, 0}})}), 100).enclosure, times(2, log_of(2)), 100);
    // diag(2, 1/2) or a quarter turn: L on diagonal matrices is [[4 p, q], [q, p / 4]].
    const RandomProduct turn({matrix({{2, 0}, {0, half}}), matrix({{0, -1}, {1, 0}})}, {half, half});
    const double root = 17.0 / 8;  // with p = q = 1/2 the determinant is zero
    CHECK(second_moment_exponent(turn, 100).enclosure.midpoint_double() == Approx(std::log(root)).epsilon(1e-12));
    CHECK(is_minus_infinity(second_moment_exponent(uniform({matrix({{0, 1}, {0, 0}}), matrix({{0, 5}, {0, 0}})}), 60).enclosure));
    CHECK(is_minus_infinity(second_moment_exponent(uniform({matrix({{0}})}), 60).enclosure));
    CHECK(!is_minus_infinity(second_moment_exponent(uniform({matrix({{0, 1}, {0, 0}}), matrix({{0, 0}, {1, 0}})}), 60).enclosure));
}

TEST_CASE("second moment: random products in every dimension class") {
    Random random(83);
    for (std::size_t n : {1UL, 2UL, 3UL, 4UL, 8UL, 9UL, 12UL}) {
        for (int trial = 0; trial < trials(3); ++trial) {
            std::vector<Matrix<Real>> family;
            for (int k = 0; k < 3; ++k) family.push_back(to_reals(random.rational_matrix(n, n, 9, 5)));
            const RandomProduct p = uniform(family);
            const MpInterval x = second_moment_exponent(p, 80).enclosure;
            CHECK(x.midpoint_double() == Approx(approximate_second_moment(p)).margin(1e-6));
            CHECK(x.width_double() < (n <= 8 ? 1e-20 : 1e-8));
        }
        const Matrix<Rational> g = random.gram(n, n + 2, 3, 4);
        const RandomProduct p = sgd_product(to_reals(g), 1);
        const MpInterval x = second_moment_exponent(p, 80).enclosure;
        CHECK(x.midpoint_double() == Approx(approximate_second_moment(p)).margin(1e-6));
        CHECK(x.width_double() < (p.dimension() <= 8 ? 1e-20 : 1e-8));
    }
}

TEST_CASE("second moment: the Collatz-Wielandt lemma with good and bad matrices") {
    Random random(91);
    int above = 0;
    int below = 0;
    for (int trial = 0; trial < trials(300); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 3));
        const RandomProduct p = uniform({to_reals(random.rational_matrix(n, n, 3, 2)), to_reals(random.rational_matrix(n, n, 3, 2))});
        Matrix<Rational> q = Matrix<Rational>::identity(n, Rational(1), Rational(0));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) q(i, j) = q(j, i) = q(i, j) + random.rational(2, 4) / 2;
        if (random.chance(0.2)) q = q.map([](const Rational& x) { return Rational(-x); });
        const Matrix<Interval> guess = q.map([](const Rational& x) { return to_interval(x); });
        const double c = random.uniform(-0.5, 12.0);
        const MpInterval log_rho = second_moment_exponent(p, 60).enclosure;
        if (proves_second_moment_at_most(p, guess, c)) {
            ++above;
            CHECK(mpfr_cmp_d(exp(log_rho).lower(), c) <= 0);
        }
        if (proves_second_moment_at_least(p, guess, c)) {
            ++below;
            CHECK(mpfr_cmp_d(exp(log_rho).upper(), c) >= 0);
        }
    }
    CHECK(above > 10);
    CHECK(below > 10);
    // -I satisfies L(P) < b P for b below rho, and proves nothing.
    const RandomProduct two = uniform({matrix({{2}})});
    CHECK(!proves_second_moment_at_most(two, Matrix<Interval>(1, 1, Interval(-1.0)), 3.0));
    CHECK(!proves_second_moment_at_least(two, Matrix<Interval>(1, 1, Interval(-1.0)), 5.0));
    CHECK(!proves_second_moment_at_most(two, Matrix<Interval>(1, 1, Interval(1.0)), 3.999));
    CHECK(proves_second_moment_at_most(two, Matrix<Interval>(1, 1, Interval(1.0)), 4.001));
    CHECK(proves_second_moment_at_least(two, Matrix<Interval>(1, 1, Interval(1.0)), 3.999));
}

TEST_CASE("second moment: interval entries, and the bound on lambda") {
    Matrix<Real> m(2, 2, Real(Rational(1, 5)));
    m(0, 0) = Real::between(Rational(1), Rational(11, 10));
    m(1, 1) = Real(Rational(5, 2));
    const MpInterval wide = second_moment_exponent(sgd_product(m, 1), 80).enclosure;
    for (const Rational& d : {Rational(1), Rational(21, 20), Rational(11, 10)}) {
        Matrix<Real> member = m;
        member(0, 0) = Real(d);
        CHECK_NOTHROW(intersect(wide, second_moment_exponent(sgd_product(member, 1), 80).enclosure));
        CHECK(is_subset(second_moment_exponent(sgd_product(member, 1), 80).enclosure, wide));
    }
    CHECK(wide.width_double() < 0.5);
    Random random(84);
    for (int trial = 0; trial < trials(5); ++trial) {
        const RandomProduct p = uniform({to_reals(random.rational_matrix(3, 3)), to_reals(random.rational_matrix(3, 3))});
        check_against_estimate(second_moment_bound(second_moment_exponent(p, 60)).enclosure, monte_carlo(p, random));
    }
}

TEST_CASE("determinants") {
    Random random(85);
    for (int trial = 0; trial < trials(100); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 6));
        Matrix<Rational> a = random.rational_matrix(n, n);
        if (random.chance(0.3)) a = random.rational_matrix(n, 1) * random.rational_matrix(1, n);
        if (random.chance(0.5))  // a unit column
            for (std::size_t i = 0, j = n / 2; i < n; ++i) a(i, j) = i == j ? 1 : 0;
        const Rational exact = determinant(a);
        CHECK(determinant(to_reals(a)).rational() == exact);
        for (long precision : {30L, 100L}) CHECK(contains(determinant(enclose(a, precision)), exact));
        const Matrix<Real> hidden = a.map([](const Rational& x) { return Real::from_rule([x](long p) { return MpInterval(x, p); }); });
        CHECK(contains(determinant(hidden).at(80), exact));
        if (!exact.is_zero()) CHECK(determinant(hidden).at(200).width_double() < 1e-30);
    }
    for (int trial = 0; trial < trials(5); ++trial) {
        const RandomProduct p = uniform({to_reals(random.rational_matrix(3, 3)), to_reals(random.rational_matrix(3, 3))});
        check_against_estimate(determinant_bound(p, 60).enclosure, monte_carlo(p, random));
    }
    // One matrix, all eigenvalues of one modulus: the bound is attained.
    const Bound attained = determinant_bound(uniform({matrix({{0, -3}, {3, 0}})}), 100);
    CHECK_NOTHROW(intersect(attained.enclosure, log_of(3)));
    MpInterval lower = attained.enclosure;
    CHECK(lower.lower_double() > std::log(3.0) - 1e-15);
    CHECK(mpfr_inf_p(lower.upper()));
    CHECK(mpfr_inf_p(determinant_bound(uniform({matrix({{1, 1}, {1, 1}})}), 60).enclosure.lower()));
}

TEST_CASE("contraction on the diagonal") {
    const auto bound = [](const Rows& rows) { return contraction_bound(matrix(rows), 100).enclosure; };
    CHECK(is_exactly_zero(bound({{2, 1}, {1, 2}})));
    CHECK(is_exactly_zero(bound({{2}})));
    // Singular semidefinite, all norms^2 = 2.
    CHECK(is_exactly_zero(bound({{2, 2}, {2, 2}})));
    const MpInterval expanding = bound({{3, 1}, {1, 2}});
    CHECK(mpfr_zero_p(expanding.lower()));
    CHECK(mpfr_inf_p(expanding.upper()));
    const MpInterval weak = bound({{2, half}, {half, 1}});
    CHECK(mpfr_inf_p(weak.lower()));
    CHECK(mpfr_zero_p(weak.upper()));
    const MpInterval strict = bound({{1, Rational(3, 5)}, {Rational(3, 5), 1}});
    // c = 1, kappa = 2/5, N = 2: (1/2) log(4/5).
    CHECK(strict.upper_double() == Approx(0.5 * std::log(0.8)));
    CHECK(mpfr_inf_p(bound({{3, 1}, {1, 1}}).upper()));
    CHECK(mpfr_inf_p(bound({{3, 1}, {1, 1}}).lower()));
    CHECK_THROWS_AS(bound({{1, 2}, {2, 1}}), std::invalid_argument);
    // Rank one, d = 1/2 twice: lambda = log(1/2), and c = 3/2, kappa = 1 give the same.
    CHECK(bound({{half, half}, {half, half}}).upper_double() == Approx(std::log(0.5)));
    // N = 1: lambda = log|1 - d|, the bound is (1/2) log(1 - (2 - d) d) = log|1 - d|.
    CHECK(bound({{Rational(1, 4)}}).upper_double() == Approx(std::log(0.75)));
    Random random(86);
    for (int trial = 0; trial < trials(10); ++trial) {
        Matrix<Rational> g = random.gram(3, 4, 3, 2);
        Rational largest(0);
        for (std::size_t i = 0; i < 3; ++i) largest = std::max(largest, g(i, i));
        if (largest.is_zero() || rank(g) < 3) continue;
        g = g.map([&](const Rational& x) { return Rational(x * Rational(9, 5) / largest); });
        const MpInterval b = contraction_bound(to_reals(g), 60).enclosure;
        CHECK(b.upper_double() < 0.0);
        check_against_estimate(b, monte_carlo(sgd_product(to_reals(g), 1), random));
    }
}

TEST_CASE("closed forms: reference values") {
    const auto value = [](const RandomProduct& p, long precision = 128) { return closed_form(p, precision).value().enclosure; };
    check_value(value(RandomProduct({matrix({{Rational(1, 3)}}), matrix({{2}})}, {half, half})), times(half, log_of(Rational(2, 3))), 128);
    // eta = 1, unit gradients (1, 0), (3/5, 4/5): rank one.
    check_value(value(sgd_product(matrix({{1, Rational(3, 5)}, {Rational(3, 5), 1}}), 1)), times(half, log_of(Rational(3, 5))), 128);
    // Orthogonal unit gradients: a word of length two vanishes.
    CHECK(is_minus_infinity(value(sgd_product(matrix({{1, 0}, {0, 1}}), 1))));
    const Matrix<Real> stretch = matrix({{2, 0}, {0, half}});
    const Matrix<Real> turn = matrix({{0, -1}, {1, 0}});
    for (const Rational& p : {Rational(1, 10), half, Rational(99, 100)}) CHECK(is_exactly_zero(value(RandomProduct({stretch, turn}, {p, 1 - p}))));
    check_value(value(RandomProduct({stretch}, {Rational(1)})), log_of(2), 128);
    // A transient index, and two closed classes.
    const RandomProduct classes =
        uniform({matrix({{3, 0, 0}, {0, half, 7}, {0, 0, 0}}), matrix({{Rational(1, 2), 0, 9}, {0, Rational(1, 4), 0}, {0, 0, 0}})});
    check_value(value(classes), times(half, log_of(Rational(3, 2))), 128);
    // Zero columns kill: -inf although no single class is empty.
    CHECK(is_minus_infinity(value(uniform({matrix({{0, 1}, {1, 0}}), matrix({{0, 0}, {1, 0}})}))));
    // Row-monomial: the transposes of a column-monomial family with a non-uniform stationary law.
    const Matrix<Real> a = matrix({{2, 3}, {0, 0}});  // both columns go to 1
    const Matrix<Real> b = matrix({{0, 5}, {7, 0}});
    // The chain: 1 -> 1 (a), 2 (b); 2 -> 1. pi = (2/3, 1/3).
    const MpInterval expected = times(Rational(2, 3), times(half, log_of(14))) + times(Rational(1, 3), times(half, log_of(15)));
    check_value(value(uniform({a, b})), expected, 128);
    check_value(value(uniform({a.transposed(), b.transposed()})), expected, 128);
    // Single matrices.
    const MpInterval golden = log((MpInterval(Rational(3), 400) + sqrt(MpInterval(Rational(5), 400))) / MpInterval(Rational(2), 400));
    check_value(value(uniform({matrix({{2, 1}, {1, 1}})}), 90), golden, 80);
    // A word of two singular matrices of rank 2 in dimension 3 whose third power vanishes.
    const RandomProduct nilpotent = uniform({matrix({{0, 1, 2}, {0, 0, 1}, {0, 0, 0}}), matrix({{1, 1, 0}, {0, 1, 1}, {1, 0, 1}})});
    CHECK(is_minus_infinity(value(nilpotent)));
    CHECK(!closed_form(uniform({matrix({{2, 1}, {1, 1}}), matrix({{3, 1}, {2, 1}})}), 60));
    // Positive and partly singular: no word vanishes.
    CHECK(!closed_form(uniform({matrix({{1, 1}, {1, 1}}), matrix({{2, 1}, {1, 1}})}), 60));
}

TEST_CASE("closed forms agree with simulation") {
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
        check_against_estimate(bound->enclosure, monte_carlo(p, random));
    }
}

TEST_CASE("interval entries in closed forms") {
    const Real eta = Real::between(Rational(1, 10), Rational(1, 5));
    const RandomProduct p({Matrix<Real>(1, 1, Real(1) - eta), matrix({{2}})}, {half, half});
    const MpInterval x = closed_form(p, 80).value().enclosure;
    CHECK(x.lower_double() <= 0.5 * std::log(0.8 * 2));
    CHECK(x.upper_double() >= 0.5 * std::log(0.9 * 2));
    CHECK(x.width_double() < 0.06);
    const RandomProduct through_zero({Matrix<Real>(1, 1, Real::between(Rational(-1), Rational(1))), matrix({{2}})}, {half, half});
    CHECK(mpfr_inf_p(closed_form(through_zero, 80).value().enclosure.lower()));
    CHECK(closed_form(through_zero, 80).value().enclosure.upper_double() >= 0.5 * std::log(2.0));
}

TEST_CASE("reduction: block diagonal Gram matrices") {
    // Orthogonal gradients: max (1/N) log|1 - eta G_ii|.
    const RandomProduct p = sgd_product(matrix({{3, 0, 0}, {0, half, 0}, {0, 0, 5}}), 1);
    const auto parts = reduce(p);
    REQUIRE(parts.size() == 3);
    MpInterval lambda = MpInterval::minus_infinity(100);
    for (const ReducedProduct& part : parts) {
        CHECK(part.weight == Rational(1, 3));
        CHECK(part.product.dimension() == 1);
        CHECK(part.product.size() == 1);
        lambda = max(lambda, MpInterval(part.weight, 100) * closed_form(part.product, 100).value().enclosure);
    }
    CHECK_NOTHROW(intersect(lambda, times(Rational(1, 3), log_of(4))));
    // One block of two, one of one.
    const auto mixed = reduce(sgd_product(matrix({{1, 0, half}, {0, 3, 0}, {half, 0, 1}}), 1));
    REQUIRE(mixed.size() == 2);
    CHECK(mixed[0].indices == std::vector<std::size_t>{0, 2});
    CHECK(mixed[0].weight == Rational(2, 3));
    CHECK(mixed[0].product.size() == 2);
    CHECK(mixed[0].product.probabilities()[0] == half);
    CHECK(mixed[1].weight == Rational(1, 3));
    CHECK(mixed[1].product.rational()[0](0, 0) == -2);
}

TEST_CASE("reduction: triangular families, identities, zero blocks") {
    Random random(88);
    const RandomProduct triangular = uniform({matrix({{2, 5}, {0, half}}), matrix({{Rational(1, 3), 1}, {0, 3}})});
    const auto parts = reduce(triangular);
    REQUIRE(parts.size() == 2);
    MpInterval lambda = MpInterval::minus_infinity(100);
    for (const ReducedProduct& part : parts) lambda = max(lambda, MpInterval(part.weight, 100) * closed_form(part.product, 100).value().enclosure);
    CHECK_NOTHROW(intersect(lambda, times(half, log_of(Rational(3, 2)))));
    check_against_estimate(lambda, monte_carlo(triangular, random));

    const Matrix<Real> identity = Matrix<Real>::identity(2, Real(1), Real(0));
    const RandomProduct lazy({identity, matrix({{2, 1}, {1, 1}})}, {Rational(1, 3), Rational(2, 3)});
    const auto awake = reduce(lazy);
    REQUIRE(awake.size() == 1);
    CHECK(awake[0].weight == Rational(2, 3));
    CHECK(awake[0].product.size() == 1);
    check_against_estimate(MpInterval(awake[0].weight, 60) * closed_form(awake[0].product, 60).value().enclosure, monte_carlo(lazy, random));

    const auto still = reduce(uniform({identity}));
    REQUIRE(still.size() == 2);
    for (const ReducedProduct& part : still) CHECK(is_exactly_zero(closed_form(part.product, 60).value().enclosure));

    const auto nilpotent = reduce(uniform({matrix({{0, 1}, {0, 0}})}));
    REQUIRE(nilpotent.size() == 2);
    for (const ReducedProduct& part : nilpotent) CHECK(is_minus_infinity(closed_form(part.product, 60).value().enclosure));

    // An entry that is not known to be zero keeps a block together.
    const auto kept = reduce(uniform({[] {
        Matrix<Real> m = Matrix<Real>::identity(2, Real(2), Real(0));
        m(0, 1) = m(1, 0) = Real::between(Rational(-1), Rational(1));
        return m;
    }()}));
    CHECK(kept.size() == 1);
}

TEST_CASE("reduction: random block triangular products agree with simulation") {
    Random random(89);
    for (int trial = 0; trial < trials(5); ++trial) {
        std::vector<Matrix<Real>> family;
        for (int k = 0; k < 2; ++k) {
            Matrix<Rational> m = random.rational_matrix(4, 4);
            for (std::size_t i = 2; i < 4; ++i)
                for (std::size_t j = 0; j < 2; ++j) m(i, j) = 0;
            family.push_back(to_reals(m));
        }
        const RandomProduct p = uniform(family);
        const auto parts = reduce(p);
        double largest = -1e300;
        double error = 0.0;
        for (const ReducedProduct& part : parts) {
            const Estimate e = monte_carlo(part.product, random);
            largest = std::max(largest, part.weight.convert_to<double>() * e.mean);
            error += e.error;
        }
        const Estimate whole = monte_carlo(p, random);
        CHECK(std::abs(whole.mean - largest) < 6 * (whole.error + error) + 2e-3);
    }
}

TEST_CASE("all norms equal to 2 / eta: lambda is exactly zero, singular or not") {
    Random random(90);
    for (int trial = 0; trial < trials(20); ++trial) {
        // Rational unit vectors (2t, 1 - t^2) / (1 + t^2), times sqrt(2): inner products 2 cos.
        const std::size_t n = 3;
        std::vector<std::pair<Rational, Rational>> g;
        for (std::size_t i = 0; i < n; ++i) {
            const Rational t = random.rational();
            g.emplace_back(2 * t / (1 + t * t), (1 - t * t) / (1 + t * t));
        }
        Matrix<Real> m(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) m(i, j) = Real(Rational(2 * (g[i].first * g[j].first + g[i].second * g[j].second)));
        CHECK(is_exactly_zero(contraction_bound(m, 80).enclosure));
        const RandomProduct p = sgd_product(m, 1);
        CHECK(p.dimension() <= 2);
        check_against_estimate(MpInterval(80), monte_carlo(p, random));
    }
}

TEST_CASE("the lean form of single-sample products gives what the family gives") {
    Random random(61);
    for (int trial = 0; trial < trials(12); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 10));
        Matrix<Rational> m = random.gram(n, n + 1);
        if (random.chance(0.5))  // two blocks
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    if ((i < n / 2) != (j < n / 2)) m(i, j) = 0;
        if (is_positive_definite(m) != Ternary::yes) continue;
        const RandomProduct lean = sgd_product(to_reals(m), 1);
        REQUIRE(lean.scaled_gram() != nullptr);
        const RandomProduct dense(lean.matrices(), lean.probabilities());
        const auto equal = [](const MpInterval& x, const MpInterval& y) { return mpfr_equal_p(x.lower(), y.lower()) && mpfr_equal_p(x.upper(), y.upper()); };
        CHECK(equal(determinant_bound(lean, 100).enclosure, determinant_bound(dense, 100).enclosure));
        CHECK_NOTHROW(intersect(second_moment_exponent(lean, 60).enclosure, second_moment_exponent(dense, 60).enclosure));
        const auto p = reduce(lean);
        const auto q = reduce(dense);
        REQUIRE(p.size() == q.size());
        for (std::size_t c = 0; c < p.size(); ++c) {
            CHECK(p[c].weight == q[c].weight);
            CHECK(p[c].indices == q[c].indices);
            const auto x = closed_form(p[c].product, 100);
            const auto y = closed_form(q[c].product, 100);
            CHECK(x.has_value() == y.has_value());
            if (x && y) CHECK(equal(x->enclosure, y->enclosure));
            CHECK(equal(determinant_bound(p[c].product, 100).enclosure, determinant_bound(q[c].product, 100).enclosure));
        }
    }
}
