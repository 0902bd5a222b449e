#include <catch2/catch.hpp>

#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/product/random_product.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

namespace {

Matrix<Real> scalar(const Rational& x) { return Matrix<Real>(1, 1, Real(x)); }
const Rational half(1, 2);

std::vector<std::vector<std::size_t>> subsets(std::size_t n, std::size_t size) {
    std::vector<std::vector<std::size_t>> result;
    for (unsigned long mask = 0; mask < (1UL << n); ++mask) {
        std::vector<std::size_t> s;
        for (std::size_t i = 0; i < n; ++i)
            if ((mask >> i & 1U) != 0) s.push_back(i);
        if (s.size() == size) result.push_back(s);
    }
    return result;
}

Matrix<Rational> step(const Matrix<Rational>& m, const std::vector<std::size_t>& s) {
    Matrix<Rational> a = Matrix<Rational>::identity(m.rows(), Rational(1), Rational(0));
    for (std::size_t j : s)
        for (std::size_t i = 0; i < m.rows(); ++i) a(i, j) -= m(i, j) / static_cast<long>(s.size());
    return a;
}

}  // namespace

TEST_CASE("random products are validated") {
    using V = std::vector<Matrix<Real>>;
    CHECK_THROWS_AS(RandomProduct(V{}, {}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({scalar(1)}, {half, half}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({scalar(1), scalar(2)}, {half, Rational(1, 3)}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({scalar(1), scalar(2)}, {Rational(3, 2), -half}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({scalar(1), scalar(2)}, {Rational(1), Rational(0)}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({scalar(1), Matrix<Real>(2, 2)}, {half, half}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({Matrix<Real>(1, 2)}, {Rational(1)}), std::invalid_argument);
    CHECK_THROWS_AS(RandomProduct({Matrix<Real>()}, {Rational(1)}), std::invalid_argument);
}

TEST_CASE("equal matrices are merged, unknown ones are not") {
    const RandomProduct p({scalar(1), scalar(2), scalar(1)}, {Rational(1, 4), half, Rational(1, 4)});
    REQUIRE(p.size() == 2);
    CHECK(p.probabilities()[0] == half);
    CHECK(p.probabilities()[1] == half);
    const Matrix<Real> unknown(1, 1, Real::between(Rational(1), Rational(2)));
    CHECK(RandomProduct({unknown, unknown}, {half, half}).size() == 2);
    CHECK(!RandomProduct({unknown, scalar(1)}, {half, half}).is_rational());
    CHECK(p.is_rational());
    CHECK(p.rational()[1](0, 0) == 2);
    CHECK(contains(p.intervals()[1](0, 0), Rational(2)));
    CHECK(contains(p.at(30)[1](0, 0), Rational(2)));
}

TEST_CASE("restriction merges what becomes equal") {
    Random random(71);
    Matrix<Rational> a = random.rational_matrix(3, 3);
    Matrix<Rational> b = a;
    b(0, 0) += 1;
    const RandomProduct p({to_reals(a), to_reals(b)}, {half, half});
    CHECK(p.size() == 2);
    const RandomProduct q = p.restricted_to({1, 2});
    CHECK(q.size() == 1);
    CHECK(q.dimension() == 2);
    CHECK(q.rational()[0](1, 0) == a(2, 1));
}

TEST_CASE("mini-batches of a regular Gram matrix") {
    Random random(72);
    for (int trial = 0; trial < trials(40); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 5));
        const auto b = static_cast<std::size_t>(random.integer(1, static_cast<long>(n)));
        const Matrix<Rational> m = random.gram(n, n + 1);
        if (rank(m) < n) continue;
        const RandomProduct p = sgd_product(to_reals(m), b);
        const auto all = subsets(n, b);
        REQUIRE(p.size() == all.size());  // regular: no two steps are equal
        for (const auto& s : all) {
            const Matrix<Rational> expected = step(m, s);
            bool found = false;
            const auto matrices = p.rational();
            for (std::size_t k = 0; k < p.size(); ++k)
                if (matrices[k].entries() == expected.entries()) {
                    found = true;
                    CHECK(p.probabilities()[k] == Rational(1, static_cast<long>(all.size())));
                }
            CHECK(found);
        }
    }
}

TEST_CASE("a singular Gram matrix is reduced to its range") {
    Random random(73);
    for (int trial = 0; trial < trials(40); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        const auto r = static_cast<std::size_t>(random.integer(1, static_cast<long>(n) - 1));
        const auto b = static_cast<std::size_t>(random.integer(1, static_cast<long>(n)));
        const Matrix<Rational> g = random.rational_matrix(n, r, 3, 2);
        const Matrix<Rational> m = g * g.transposed();
        if (rank(m) != r) continue;
        const RandomProduct p = sgd_product(to_reals(m), b);
        CHECK(p.dimension() == r);
        // Oracle: the parameter-space steps I - (1/B) sum g_s g_s^T on R^r (g has independent columns) are similar to these
        // by one common similarity r_J = g_J v, so traces of products of pairs agree.
        const auto all = subsets(n, b);
        Rational expected(0);
        for (const auto& s : all)
            for (const auto& t : all) {
                const auto in_parameters = [&](const std::vector<std::size_t>& u) {
                    Matrix<Rational> a = Matrix<Rational>::identity(r, Rational(1), Rational(0));
                    for (std::size_t k : u)
                        for (std::size_t i = 0; i < r; ++i)
                            for (std::size_t j = 0; j < r; ++j) a(i, j) -= g(k, i) * g(k, j) / static_cast<long>(b);
                    return a;
                };
                const Matrix<Rational> word = in_parameters(s) * in_parameters(t);
                Rational trace(0);
                for (std::size_t i = 0; i < r; ++i) trace += word(i, i);
                expected += trace * trace / static_cast<long>(all.size() * all.size());
            }
        Rational found(0);
        const auto matrices = p.rational();
        for (std::size_t k = 0; k < p.size(); ++k)
            for (std::size_t l = 0; l < p.size(); ++l) {
                const Matrix<Rational> word = matrices[k] * matrices[l];
                Rational trace(0);
                for (std::size_t i = 0; i < r; ++i) trace += word(i, i);
                found += p.probabilities()[k] * p.probabilities()[l] * trace * trace;
            }
        CHECK(found == expected);
    }
}

TEST_CASE("what sampling refuses") {
    const Matrix<Real> one = scalar(1);
    CHECK_THROWS_AS(sgd_product(one, 0), std::invalid_argument);
    CHECK_THROWS_AS(sgd_product(one, 2), std::invalid_argument);
    CHECK_THROWS_AS(sgd_product(scalar(0), 1), std::invalid_argument);
    CHECK_THROWS_AS(sgd_product(scalar(-1), 1), std::invalid_argument);
    CHECK_THROWS_AS(sgd_product(Matrix<Real>(2, 1), 1), std::invalid_argument);
    const Matrix<Real> big = Matrix<Real>::identity(40, Real(1), Real(0));
    CHECK_THROWS_AS(sgd_product(big, 20), std::invalid_argument);
    CHECK_NOTHROW(sgd_product(big, 1));
    CHECK(sgd_product(big, 40).size() == 1);
    CHECK(sgd_product(big, 39).size() == 40);
}

TEST_CASE("interval data give interval steps that contain the members") {
    Matrix<Real> m(2, 2, Real(Rational(3, 5)));
    m(0, 0) = m(1, 1) = Real::between(Rational(1), Rational(2));
    const RandomProduct p = sgd_product(m, 1);
    CHECK(p.dimension() == 2);
    CHECK(contains(p.at(60)[0](0, 0), Rational(-1, 2)));
    CHECK(p.matrices()[0](0, 1).known_zero());
    CHECK(p.matrices()[0](1, 1).known_one());
}

TEST_CASE("single-sample products keep the Gram matrix and are the family it stands for") {
    Random random(74);
    for (int trial = 0; trial < trials(20); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 6));
        Matrix<Rational> m(n, n, Rational(0));  // two blocks
        const auto first = static_cast<std::size_t>(random.integer(1, static_cast<long>(n) - 1));
        const Matrix<Rational> a = random.gram(first, first + 1);
        const Matrix<Rational> b = random.gram(n - first, n - first + 1);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if ((i < first) == (j < first)) m(i, j) = i < first ? a(i, j) : b(i - first, j - first);
        if (rank(m) < n) continue;
        const RandomProduct lean = sgd_product(to_reals(m), 1);
        REQUIRE(lean.scaled_gram() != nullptr);
        CHECK(to_rational(*lean.scaled_gram()).entries() == m.entries());
        const RandomProduct copy = lean;  // asked before and after the matrices are formed
        CHECK(copy.size() == n);
        CHECK(copy.is_rational());
        for (std::size_t i = 0; i < n; ++i) CHECK(to_rational(lean.matrices()[i]).entries() == step(m, {i}).entries());
        CHECK(&copy.matrices() == &lean.matrices());
        const RandomProduct dense(lean.matrices(), lean.probabilities());
        CHECK(dense.scaled_gram() == nullptr);
        const std::vector<std::size_t> some{0, n - 1};
        const RandomProduct p = lean.restricted_to(some);
        const RandomProduct q = dense.restricted_to(some);
        REQUIRE(p.size() == q.size());
        for (std::size_t k = 0; k < p.size(); ++k) {
            bool found = false;
            for (std::size_t l = 0; l < q.size(); ++l)
                found = found || (p.rational()[k].entries() == q.rational()[l].entries() && p.probabilities()[k] == q.probabilities()[l]);
            CHECK(found);
        }
    }
    CHECK(sgd_product(Matrix<Real>::identity(1000, Real(2), Real(0)), 1).size() == 1000);  // 10^9 entries if they were formed
}

TEST_CASE("more gradients than parameters, and equal ones: the rank is known whatever the numbers are", "[T2]") {
    Random random(77);
    const auto hidden = [](const Matrix<Rational>& a) {
        return a.map([](const Rational& x) {
            return Real::from_rule([x](long precision) { return MpInterval(x, precision) + scale_by_power_of_two(MpInterval(-1.0, 1.0, 64), -precision); });
        });
    };
    int singular = 0;
    for (int trial = 0; trial < trials(60); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        const auto d = static_cast<std::size_t>(random.integer(1, 4));
        Matrix<Rational> gradients = random.rational_matrix(n, d);
        RankBound bound{d, {}};
        for (std::size_t i = 0; i < n; ++i) {
            bound.equal_to.push_back(i > 0 && random.chance(0.3) ? bound.equal_to[static_cast<std::size_t>(random.integer(0, static_cast<long>(i) - 1))] : i);
            for (std::size_t p = 0; p < d; ++p) gradients(i, p) = gradients(bound.equal_to[i], p);
        }
        const Matrix<Rational> gram = gradients * gradients.transposed();
        const NormalSpace space(hidden(gram), hidden(gram), bound);
        const std::size_t most = bound.most(n);
        if (most == n) continue;
        // Known or not, never wrong.
        CHECK(space.may_be_singular() == (rank(gram) < most));
        if (space.may_be_singular()) continue;
        ++singular;
        REQUIRE(space.rank() == most);
        const std::vector<std::size_t>& j = space.basis();
        Matrix<Rational> rows(most, n);
        for (std::size_t i = 0; i < most; ++i)
            for (std::size_t k = 0; k < n; ++k) rows(i, k) = gram(j[i], k);
        const Matrix<Rational> exact = solve(gram.principal(j), rows).value().transposed();
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; k < most; ++k)
                for (const long precision : {32L, 100L, 600L}) {
                    const MpInterval x = space.extension()(i, k).at(precision);
                    CHECK(contains(x, exact(i, k)));
                    CHECK(x.width_double() < 1e-5);
                }
        // One that equals a gradient of the basis is it, exactly.
        for (std::size_t i = 0; i < n; ++i)
            if (std::find(j.begin(), j.end(), bound.equal_to[i]) != j.end())
                for (std::size_t k = 0; k < most; ++k) CHECK(space.extension()(i, k).rational() == (j[k] == bound.equal_to[i] ? 1 : 0));
    }
    CHECK(singular > trials(60) / 4);
}
