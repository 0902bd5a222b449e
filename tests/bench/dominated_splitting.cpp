// Unstable minima of many data points: how often do the lower bounds that know no dimension prove instability, and how much of lambda?
//
//   bench_dominated_splitting splitting CASES [SEED]    N data points, a fifth (at least one) of them with eta ||g_i||^2 uniform in (2.5, 5), the others in
//                                                       (0.1, 1.9); correlations c s_ij with s_ij standard normal
//   bench_dominated_splitting outlier CASES [SEED]      one outlier, eta ||g||^2 uniform in (4, 9), at an angle to the hyperplane orthogonal to the common
//                                                       direction of N - 1 others, which are strongly correlated (about 0.9 at N = 10, 0.4 at N = 50), eta ||g_i||^2 in (0.1, 1.9)
//
// lambda by Monte Carlo on the factors K e_i; bound/lambda is 0 where nothing is proved.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "lyapcert/exponent/dominated_splitting.hpp"
#include "lyapcert/exponent/outlier.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "measure.hpp"

namespace {

using namespace lyapcert;
using bench::Clock;

struct Case {
    std::vector<std::vector<double>> k;
    RandomProduct product;
};

Case random_case(std::mt19937_64& random, std::size_t n, double coupling) {
    std::uniform_real_distribution<double> large(2.5, 5.0);
    std::uniform_real_distribution<double> small(0.1, 1.9);
    std::normal_distribution<double> normal;
    std::vector<double> d(n);
    for (std::size_t i = 0; i < n; ++i) d[i] = i < std::max<std::size_t>(1, n / 5) ? large(random) : small(random);
    std::vector<std::vector<double>> k(n, std::vector<double>(n));
    Matrix<Real> m(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const double x = i == j ? d[i] : coupling * normal(random) * std::sqrt(d[i] * d[j]);
            const Rational exact(static_cast<long>(std::lround(x * 1e6)), 1000000L);
            m(i, j) = m(j, i) = Real(exact);
            k[i][j] = k[j][i] = exact.convert_to<double>();
        }
    return {std::move(k), sgd_product(m, 1)};
}

Case outlier_case(std::mt19937_64& random, std::size_t n, double angle) {
    std::uniform_real_distribution<double> large(4.0, 9.0);
    std::uniform_real_distribution<double> small(0.1, 1.9);
    std::normal_distribution<double> normal;
    Matrix<Rational> h(n, n + 1);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> x(n + 1, 0.0);
        if (i == 0) {
            x[0] = std::cos(angle);
            x[1] = std::sin(angle);
        } else {
            for (std::size_t c = 1; c <= n; ++c) x[c] = 0.15 * normal(random) + (c == 1 ? 1.0 : 0.0);
        }
        double norm = 0.0;
        for (const double y : x) norm += y * y;
        const double size = std::sqrt((i == 0 ? large(random) : small(random)) / norm);
        for (std::size_t c = 0; c <= n; ++c) h(i, c) = Rational(std::lround(x[c] * size * 1e4), 10000);
    }
    const Matrix<Rational> k = h * h.transposed();
    std::vector<std::vector<double>> doubles(n, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) doubles[i][j] = k(i, j).convert_to<double>();
    return {std::move(doubles), RandomProduct::single_sample(k.map([](const Rational& x) { return Real(x); }))};
}

// Batch means.
struct Estimate {
    double mean;
    double error;
};
Estimate simulate(const std::vector<std::vector<double>>& k, std::mt19937_64& random, double steps) {
    const std::size_t n = k.size();
    std::vector<double> r(n, 1.0);
    std::uniform_int_distribution<std::size_t> draw(0, n - 1);
    constexpr int batches = 40;
    const int length = static_cast<int>(steps / batches);
    std::vector<double> means;
    for (int batch = -3; batch < batches; ++batch) {
        double total = 0.0;
        for (int step = 0; step < length; ++step) {
            const std::size_t i = draw(random);
            const double x = r[i];
            for (std::size_t j = 0; j < n; ++j) r[j] -= k[j][i] * x;
            if (step % 16 != 15 && step + 1 != length) continue;
            double norm = 0.0;
            for (const double y : r) norm += std::fabs(y);
            total += std::log(norm);
            for (double& y : r) y /= norm;
        }
        if (batch >= 0) means.push_back(total / length);
    }
    double mean = 0.0;
    double square = 0.0;
    for (const double m : means) mean += m / batches;
    for (const double m : means) square += (m - mean) * (m - mean);
    return {mean, std::sqrt(square / batches / (batches - 1))};
}

// How often a bound proves instability, and how much of lambda it proves.
struct Tally {
    int proved = 0;
    int half = 0;
    int outside = 0;
    std::vector<double> ratios;
    std::vector<double> times;

    template <class Compute>
    void add(const Case& one, std::mt19937_64& random, Compute compute) {
        const auto start = Clock::now();
        const Bound bound = compute();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        const Estimate lambda = simulate(one.k, random, 5e4 * std::sqrt(static_cast<double>(one.k.size())));
        const double lower = std::max(0.0, bound.enclosure.lower_double());
        proved += lower > 0.0 ? 1 : 0;
        half += lower > 0.5 * lambda.mean ? 1 : 0;
        outside += lower > lambda.mean + 6.0 * lambda.error ? 1 : 0;
        ratios.push_back(lower / lambda.mean);
    }
    void print(std::size_t n, double parameter) const {
        if (ratios.empty()) return;
        fmt::print("| {} | {} | {} of {} | {} | {:.2f} | {:.2f} | {} | {:.2f} |\n", n, parameter, proved, ratios.size(), half, bench::median(ratios), *std::min_element(ratios.begin(), ratios.end()), outside,
                   bench::median(times));
        std::fflush(stdout);
    }
};

void head(const char* parameter) {
    fmt::print("| N | {} | proved unstable | above lambda/2 | median of bound/lambda | smallest | outside Monte Carlo | median ms |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", parameter);
}

void splitting(int cases, std::mt19937_64& random) {
    head("c");
    for (const std::size_t n : {5U, 10U, 20U, 50U, 100U})
        for (const double coupling : {0.003, 0.01, 0.03, 0.1}) {
            Tally tally;
            for (int c = 0; c < cases;) {
                try {
                    const Case one = random_case(random, n, coupling);
                    tally.add(one, random, [&] { return dominated_splitting_bound(one.product); });
                    ++c;
                } catch (const std::invalid_argument&) {  // not positive semidefinite: strong random correlations
                    if (coupling * std::sqrt(static_cast<double>(n)) > 0.5) break;
                }
            }
            tally.print(n, coupling);
        }
}

void outlier(int cases, std::mt19937_64& random) {
    head("angle");
    for (const std::size_t n : {10U, 20U, 50U, 100U})
        for (const double angle : {0.05, 0.1, 0.2, 0.3}) {
            Tally tally;
            for (int c = 0; c < cases; ++c) {
                const Case one = outlier_case(random, n, angle);
                tally.add(one, random, [&] { return outlier_bound(*one.product.scaled_gram()); });
            }
            tally.print(n, angle);
        }
}

}  // namespace

int main(int argc, char** argv) {
    const bool first = argc >= 3 && std::strcmp(argv[1], "splitting") == 0;
    if (!first && !(argc >= 3 && std::strcmp(argv[1], "outlier") == 0)) {
        fmt::print("bench_dominated_splitting splitting CASES [SEED]\nbench_dominated_splitting outlier CASES [SEED]\n");
        return 2;
    }
    std::mt19937_64 random(argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 2026);
    (first ? splitting : outlier)(std::atoi(argv[2]), random);
}
