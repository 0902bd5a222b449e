// Large N: enclosures against Monte Carlo, family by family.
//
//   bench_large table SECONDS [FAMILY] [N...]        every family and N (default 10 20 50 100 200), one case each
//                                                   gap: from Monte Carlo to the upper end; slow direction: -kappa_min(eta G), about what it alone allows
//   bench_large stable SECONDS (N CASES)...          the Gaussian family: is `stable` proved where Monte Carlo says N lambda < -0.05? A row for each N
//   bench_large grown N CASES SECONDS LONG           automata that grow where it pays; the case with the largest gap once more, for LONG seconds
//   bench_large memory N CASES SECONDS               the same against all words of one length
//
// LYAPCERT_TEST_SEED varies the cases. Families, eta scaled in: gaussian (gradients in R^D, D between 2N and 4N; a fifth of the eta ||g||^2 in (2.02, 2.4), the rest in
// (0.5, 1.6); for `stable` a tenth to a fifth), network (two-layer tanh networks of width 3N on scalar inputs in [-2, 2], the largest eta ||g||^2 = 2.2), orthogonal
// (gaussian in R^(40 N): nearly orthogonal). All quantities are per epoch: N lambda.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "lyapcert/exponent/contraction.hpp"
#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "measure.hpp"
#include "random.hpp"

namespace {

using namespace lyapcert;
using bench::Clock;
using bench::seconds_since;
using Rows = std::vector<std::vector<double>>;

// The Gram matrix of rounded vectors, exactly.
Matrix<Real> exact_gram(const Rows& g, const Rational& eta) {
    Matrix<Real> k(g.size(), g.size());
    constexpr double unit = 1 << 20;
    std::vector<std::vector<long>> integer;
    for (const auto& row : g) {
        integer.emplace_back();
        for (const double x : row) integer.back().push_back(std::lround(unit * x));
    }
    for (std::size_t i = 0; i < g.size(); ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            __int128 sum = 0;
            for (std::size_t a = 0; a < g[i].size(); ++a) sum += static_cast<__int128>(integer[i][a]) * integer[j][a];
            const Integer high = static_cast<long>(sum >> 40);
            const Integer low = static_cast<long>(sum & ((__int128{1} << 40) - 1));
            k(i, j) = k(j, i) = Real(Rational(eta * (Rational(high) + Rational(low) / Rational(Integer(1) << 40))));
        }
    return k;
}

void scale_to(std::vector<double>& g, double d) {
    double size = 0.0;
    for (const double x : g) size += x * x;
    for (double& x : g) x *= std::sqrt(d / size);
}

Matrix<Real> gaussian(test::Random& random, std::size_t n, std::size_t dimension, double expanding) {
    std::normal_distribution<double> normal;
    const auto most = static_cast<std::size_t>(std::max(1L, std::lround(expanding * static_cast<double>(n))));
    Rows g(n, std::vector<double>(dimension));
    for (std::size_t i = 0; i < n; ++i) {
        for (double& x : g[i]) x = normal(random.engine());
        scale_to(g[i], i < most ? random.uniform(2.02, 2.4) : random.uniform(0.5, 1.6));
    }
    return exact_gram(g, 1);
}

std::size_t some_dimension(test::Random& random, std::size_t n) { return static_cast<std::size_t>(random.integer(2 * static_cast<long>(n), 4 * static_cast<long>(n))); }

Matrix<Real> network(test::Random& random, std::size_t n) {
    std::normal_distribution<double> normal;
    const std::size_t width = 3 * n;
    Rows g(n);
    std::vector<double> w(width), b(width), a(width);
    for (std::size_t j = 0; j < width; ++j) {
        w[j] = normal(random.engine());
        b[j] = normal(random.engine());
        a[j] = normal(random.engine());
    }
    double largest = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        const double y = random.uniform(-2.0, 2.0);
        double size = 0.0;
        for (std::size_t j = 0; j < width; ++j) {
            const double t = std::tanh(w[j] * y + b[j]);
            for (const double x : {t, a[j] * (1 - t * t), a[j] * (1 - t * t) * y}) g[i].push_back(x), size += x * x;
        }
        largest = std::max(largest, size);
    }
    for (auto& row : g)
        for (double& x : row) x *= std::sqrt(2.2 / largest);
    return exact_gram(g, 1);
}

struct MonteCarlo {
    double mean;
    double error;
};

MonteCarlo monte_carlo(const Matrix<Real>& scaled, double seconds) {
    const std::size_t n = scaled.rows();
    const Matrix<double> k = scaled.map([](const Real& x) { return x.rational().convert_to<double>(); });
    std::mt19937_64 random(99);
    std::uniform_int_distribution<std::size_t> pick(0, n - 1);
    std::vector<double> r(n, 1.0);
    std::vector<double> means;
    const std::size_t length = 100 * n;
    const auto start = Clock::now();
    for (int batch = -3; batch < 20 || seconds_since(start) < seconds; ++batch) {
        double sum = 0.0;
        for (std::size_t step = 1; step <= length; ++step) {
            const std::size_t i = pick(random);
            const double ri = r[i];
            const double* column = &k(i, 0);
            for (std::size_t j = 0; j < n; ++j) r[j] -= column[j] * ri;
            if (step % 10 != 0) continue;
            double size = 0.0;
            for (const double x : r) size += x * x;
            size = std::sqrt(size);
            sum += std::log(size);
            for (double& x : r) x /= size;
        }
        if (batch >= 0) means.push_back(sum / static_cast<double>(length));
    }
    MonteCarlo result{0.0, 0.0};
    const auto count = static_cast<double>(means.size());
    for (const double m : means) result.mean += m / count;
    for (const double m : means) result.error += (m - result.mean) * (m - result.mean);
    result.error = std::sqrt(result.error / (count - 1.0) / count);
    return result;
}

struct Run {
    LyapunovExponent lambda;
    double seconds;
};

Run run(const Matrix<Real>& k, const Goal& goal, double seconds) {
    const auto start = Clock::now();
    SearchControl control;
    control.deadline = start + std::chrono::milliseconds(static_cast<long>(1000 * seconds));
    const NormalSpace space(k);
    const RandomProduct product = sgd_product(space, 1);
    const Bound moment = second_moment_exponent(product, 64, part_of(control.deadline, 0.5));
    LyapunovExponent lambda = lyapunov_exponent({product, &space}, moment, goal, control, 64);
    return {std::move(lambda), seconds_since(start)};
}

bool contained(const MonteCarlo& mc, const LyapunovExponent& lambda) {
    return mc.mean > lambda.enclosure.lower_double() - 6.0 * mc.error && mc.mean < lambda.enclosure.upper_double() + 6.0 * mc.error;
}

void table(double seconds, const std::string& only, const std::vector<std::size_t>& sizes) {
    struct Family {
        const char* name;
        std::function<Matrix<Real>(test::Random&, std::size_t)> make;
    };
    const std::vector<Family> families = {{"gaussian", [](test::Random& random, std::size_t n) { return gaussian(random, n, some_dimension(random, n), 0.2); }},
                                          {"network", network},
                                          {"orthogonal", [](test::Random& random, std::size_t n) { return gaussian(random, n, 40 * n, 0.2); }}};
    fmt::print("| family | N | N lambda | Monte Carlo | gap | slow direction | seconds | states | method |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (const Family& family : families) {
        if (!only.empty() && only != family.name) continue;
        for (const std::size_t n : sizes) {
            test::Random random(2026 + n);
            const Matrix<Real> k = family.make(random, n);
            const MonteCarlo mc = monte_carlo(k, 1.0);
            const Run r = run(k, Goal{}, seconds);
            const double epoch = static_cast<double>(n);
            const double high = r.lambda.enclosure.upper_double();
            const std::string relative = std::fabs(mc.mean) > 10.0 * mc.error ? fmt::format(", {:.0f} %", 100.0 * (high - mc.mean) / std::fabs(mc.mean)) : "";
            fmt::print("| {} | {} | [{:.4f}, {:.4f}]{} | {:.4f} +- {:.4f} | {:.4f}{} | {:.2g} | {:.1f} | {} | {} |\n", family.name, n, epoch * r.lambda.enclosure.lower_double(), epoch * high,
                       contained(mc, r.lambda) ? "" : " NOT CONTAINED", epoch * mc.mean, epoch * mc.error, epoch * (high - mc.mean), relative,
                       -extreme_eigenvalues(to_intervals(k)).smallest.lower(), r.seconds, r.lambda.effort.states, r.lambda.method());
            std::fflush(stdout);
        }
    }
}

void stable(std::size_t n, int cases, double seconds) {
    test::Random random(2026);
    std::vector<double> times;  // of those that are proved
    int outside = 0;
    for (int c = 0; c < cases;) {
        const Matrix<Real> k = gaussian(random, n, some_dimension(random, n), random.uniform(0.1, 0.2));
        const MonteCarlo mc = monte_carlo(k, 0.1);
        if (!(static_cast<double>(n) * mc.mean < -0.05)) continue;
        ++c;
        const Run r = run(k, Goal{true, std::nullopt}, seconds);
        outside += contained(mc, r.lambda) ? 0 : 1;
        if (r.lambda.enclosure.upper_double() < 0.0) times.push_back(r.seconds);
    }
    fmt::print("| {} | {} of {} | {:.2f} s | {:.2f} s | {} |\n", n, times.size(), cases, bench::median(times), times.empty() ? 0.0 : *std::max_element(times.begin(), times.end()), outside);
    std::fflush(stdout);
}

SearchControl within(double seconds) {
    SearchControl control;
    control.deadline = Clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * seconds));
    return control;
}

// Prints a row; the gap per epoch.
double grown(const Matrix<Real>& k, double seconds) {
    const auto epoch = static_cast<double>(k.rows());
    const MonteCarlo mc = monte_carlo(k, 1.0);
    const auto start = Clock::now();
    const WeightedMomentResult result = weighted_moment_bound(to_intervals(k), within(seconds));
    const double gap = result.bound.enclosure.upper_double() - mc.mean;
    fmt::print("| {} | {:.4f} +- {:.4f} | {:.4f} | {:.4f}, {:.0f} % | {} | {:.1f} |\n", k.rows(), epoch * mc.mean, epoch * mc.error, epoch * result.bound.enclosure.upper_double(), epoch * gap, 100.0 * gap / std::fabs(mc.mean),
               result.states, seconds_since(start));
    std::fflush(stdout);
    return gap;
}

void grown(std::size_t n, int cases, double seconds, double longer) {
    test::Random random(2026);
    fmt::print("| N | Monte Carlo | N lambda <= | gap | states | seconds |\n| --- | --- | --- | --- | --- | --- |\n");
    Matrix<Real> worst;
    double largest = 0.0;
    for (int c = 0; c < cases; ++c) {
        Matrix<Real> k = gaussian(random, n, some_dimension(random, n), 0.2);
        const double gap = grown(k, seconds);
        if (gap <= largest) continue;
        largest = gap;
        worst = std::move(k);
    }
    if (longer > 0.0 && largest > 0.0) grown(worst, longer);
}

void memory(std::size_t n, int cases, double seconds) {
    test::Random random(2026);
    fmt::print("| N | Monte Carlo | grown: N lambda <= | states | seconds | words: N lambda <= (length, states, seconds) ... |\n| --- | --- | --- | --- | --- | --- |\n");
    const auto epoch = static_cast<double>(n);
    for (int c = 0; c < cases; ++c) {
        const Matrix<Real> k = gaussian(random, n, some_dimension(random, n), 0.2);
        const Matrix<Interval> enclosed = to_intervals(k);
        const MonteCarlo mc = monte_carlo(k, 1.0);
        const auto start = Clock::now();
        const WeightedMomentResult result = weighted_moment_bound(enclosed, within(seconds));
        fmt::print("| {} | {:.4f} +- {:.4f} | {:.5f} | {} | {:.1f} |", n, epoch * mc.mean, epoch * mc.error, epoch * result.bound.enclosure.upper_double(), result.states, seconds_since(start));
        std::fflush(stdout);
        double used = 0.0;
        for (int length = 0; used < seconds; ++length) {
            if (std::pow(epoch, length) * epoch * epoch > 4e7) break;
            const auto begin = Clock::now();
            const WeightedMomentResult words = weighted_moment_bound(enclosed, Automaton::words(n, length), within(4.0 * seconds));
            used = seconds_since(begin);
            fmt::print(" {:.5f} ({}, {}, {:.1f})", epoch * words.bound.enclosure.upper_double(), length, words.states, used);
            std::fflush(stdout);
        }
        fmt::print(" |\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto is = [&](const char* mode, int least) { return argc >= least && std::strcmp(argv[1], mode) == 0; };
    const auto size = [&](int at) { return static_cast<std::size_t>(std::strtoul(argv[at], nullptr, 10)); };
    if (is("table", 3)) {
        std::vector<std::size_t> sizes;
        std::string only;
        for (int at = 3; at < argc; ++at)
            if (size(at) > 0) sizes.push_back(size(at));
            else only = argv[at];
        table(std::atof(argv[2]), only, sizes.empty() ? std::vector<std::size_t>{10, 20, 50, 100, 200} : sizes);
    } else if (is("stable", 5) && argc % 2 == 1) {
        fmt::print("| N | `stable` proved within {} s | median | slowest of these | Monte Carlo outside 6 standard errors |\n| --- | --- | --- | --- | --- |\n", argv[2]);
        for (int at = 3; at < argc; at += 2) stable(size(at), std::atoi(argv[at + 1]), std::atof(argv[2]));
    } else if (is("grown", 6)) {
        grown(size(2), std::atoi(argv[3]), std::atof(argv[4]), std::atof(argv[5]));
    } else if (is("memory", 5)) {
        memory(size(2), std::atoi(argv[3]), std::atof(argv[4]));
    } else {
        fmt::print("bench_large table SECONDS [FAMILY] [N...]\nbench_large stable SECONDS (N CASES)...\nbench_large grown N CASES SECONDS LONG\nbench_large memory N CASES SECONDS\n");
        return 2;
    }
}
