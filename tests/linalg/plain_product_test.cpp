#include "linalg/plain_product.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "lyapcert/linalg/eigenvalues.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;

TEST_CASE("plain products: every kernel within its bound of the exact product", "[T32]") {
    Random random(95);
    for (const PlainProductKernel kernel : plain_product_kernels())
        for (int trial = 0; trial < trials(12); ++trial) {
            const auto n = static_cast<std::size_t>(random.integer(1, 37));
            std::vector<double> a(n * n);
            std::vector<double> b(n * n);
            for (double& x : a) x = random.uniform(-1.0, 1.0) * std::pow(2.0, static_cast<double>(random.integer(-20, 20)));
            for (double& x : b) x = random.uniform(-1.0, 1.0);
            std::vector<double> c(n * n, 7.0);
            std::vector<double> panel(16 * n);
            const auto first = static_cast<std::size_t>(random.integer(0, static_cast<long>(n)));
            kernel(a.data(), b.data(), c.data(), n, 0, first, panel.data());
            kernel(a.data(), b.data(), c.data(), n, first, n, panel.data());
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) {
                    Rational exact = 0;
                    Rational size = 0;
                    for (std::size_t k = 0; k < n; ++k) {
                        const Rational term = rational_from_double(a[i * n + k]) * rational_from_double(b[k * n + j]);
                        exact += term;
                        size += abs(term);
                    }
                    REQUIRE(abs(rational_from_double(c[i * n + j]) - exact) <= size * rational_from_double(static_cast<double>(n + 2) * 0x1p-53));
                }
        }
}

TEST_CASE("extreme eigenvalues against enclosures at high precision", "[T31]") {
    Random random(96);
    for (int trial = 0; trial < trials(30); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 14));
        Matrix<Rational> m = random.gram(n, static_cast<std::size_t>(random.integer(1, static_cast<long>(n) + 2)));
        if (random.chance(0.3))
            for (std::size_t i = 0; i < n; ++i) m(i, i) -= 3;  // indefinite
        const ExtremeEigenvalues found = extreme_eigenvalues(m.map([](const Rational& x) { return to_interval(x); }));
        const std::vector<MpInterval> all = symmetric_eigenvalues(m.map([](const Rational& x) { return MpInterval(x, 200); }));
        CHECK_NOTHROW(intersect(to_mp(found.smallest, 200), all.front()));
        CHECK_NOTHROW(intersect(to_mp(found.largest, 200), all.back()));
        CHECK(is_subset(all.back(), to_mp(found.largest, 200)));
        CHECK(is_subset(all.front(), to_mp(found.smallest, 200)));
        const double scale = 1.0 + std::fabs(found.largest.upper()) + std::fabs(found.smallest.lower());
        CHECK(found.largest.upper() - found.largest.lower() < 1e-10 * scale);
        CHECK(found.smallest.upper() - found.smallest.lower() < 1e-10 * scale);
    }
}
