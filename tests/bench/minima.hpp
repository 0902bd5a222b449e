// Random regular minima for the benchmarks.
#pragma once

#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

namespace lyapcert::bench {

struct RandomMinimum {
    RandomProduct product;
    Matrix<Real> scaled_gram;
};

// N = n: integer gradients in [-9, 9]^(n+1), no two of them orthogonal, the largest eta ||g||^2 in (2.1, 4), another below 1.9, none of them 1 or 2.
inline RandomMinimum random_minimum(test::Random& random, std::size_t n) {
    for (;;) {
        const Matrix<Rational> g = random.rational_matrix(n, n + 1, 9, 1);
        const Matrix<Rational> gram = g * g.transposed();
        Rational largest = 0;
        Rational smallest = 1000000;
        bool connected = true;
        for (std::size_t i = 0; i < n; ++i) {
            largest = std::max(largest, gram(i, i));
            smallest = std::min(smallest, gram(i, i));
            for (std::size_t j = 0; j < n; ++j) connected = connected && !gram(i, j).is_zero();
        }
        if (largest.is_zero() || !connected) continue;
        const Rational eta = Rational(random.integer(211, 400), 100) / largest;
        if (eta * smallest > Rational(19, 10) || smallest.is_zero()) continue;
        bool regular = true;
        for (std::size_t i = 0; i < n; ++i) regular = regular && eta * gram(i, i) != 1 && eta * gram(i, i) != 2;
        if (!regular) continue;
        const Matrix<Real> scaled = gram.map([&](const Rational& x) { return Real(Rational(eta * x)); });
        RandomProduct product = sgd_product(scaled, 1);
        if (product.dimension() == n) return {std::move(product), scaled};
    }
}

}  // namespace lyapcert::bench
