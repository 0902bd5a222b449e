// Products for the tests of the bounds that search, and what to compare their enclosures with.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "lyapcert/exponent/search.hpp"
#include "lyapcert/product/random_product.hpp"
#include "random.hpp"

namespace lyapcert::test {

inline Matrix<Real> real_matrix(const std::vector<std::vector<Rational>>& rows) {
    Matrix<Real> m(rows.size(), rows.front().size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t j = 0; j < rows[i].size(); ++j) m(i, j) = Real(rows[i][j]);
    return m;
}

inline RandomProduct uniform(std::vector<Matrix<Real>> matrices) {
    const auto count = static_cast<long>(matrices.size());
    return RandomProduct(std::move(matrices), std::vector<Rational>(static_cast<std::size_t>(count), Rational(1, count)));
}

inline SearchControl until(double width, double seconds) {
    SearchControl control;
    control.satisfied = [width](double lower, double upper) { return upper - lower <= width; };
    control.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * seconds));
    return control;
}

inline void check_contains(const MpInterval& x, const char* decimal) {
    INFO("[" << x.lower_double() << ", " << x.upper_double() << "] should contain " << decimal);
    MpInterval value(300);
    mpfr_set_str(value.lower_ref(), decimal, 10, MPFR_RNDD);
    mpfr_set_str(value.upper_ref(), decimal, 10, MPFR_RNDU);
    CHECK_NOTHROW(intersect(x, value));
}

struct Estimate {
    double mean;
    double error;
};

// Long simulation in batches: an independent oracle with its standard error.
inline Estimate simulate(const RandomProduct& product, Random& random) {
    const std::size_t n = product.dimension();
    std::vector<std::vector<double>> a;
    std::vector<double> weights;
    for (std::size_t k = 0; k < product.size(); ++k) {
        a.emplace_back();
        for (const Real& x : product.matrices()[k].entries()) a.back().push_back(x.at(64).midpoint_double());
        weights.push_back(product.probabilities()[k].convert_to<double>());
    }
    std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
    std::vector<double> x(n);
    std::vector<double> y(n);
    const int batches = 40;
    const int length = 2000;
    double sum = 0.0;
    double squares = 0.0;
    for (double& e : x) e = random.uniform(0.2, 1.0);
    for (int batch = -1; batch < batches; ++batch) {
        double total = 0.0;
        for (int step = 0; step < length; ++step) {
            const std::vector<double>& m = a[draw(random.engine())];
            double norm = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                y[i] = 0.0;
                for (std::size_t j = 0; j < n; ++j) y[i] += m[i * n + j] * x[j];
                norm += std::abs(y[i]);
            }
            total += std::log(norm);
            for (std::size_t i = 0; i < n; ++i) x[i] = y[i] / norm;
        }
        if (batch < 0) continue;
        sum += total / length;
        squares += total / length * total / length;
    }
    const double mean = sum / batches;
    return {mean, std::sqrt(std::max(0.0, squares / batches - mean * mean) / (batches - 1)) + 1.0 / (batches * length)};
}

inline void check_against(const MpInterval& enclosure, const Estimate& estimate) {
    INFO("[" << enclosure.lower_double() << ", " << enclosure.upper_double() << "] against " << estimate.mean << " +- " << estimate.error);
    CHECK(enclosure.lower_double() <= estimate.mean + 6 * estimate.error);
    CHECK(enclosure.upper_double() >= estimate.mean - 6 * estimate.error);
}

}  // namespace lyapcert::test
