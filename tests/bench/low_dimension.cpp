// Low dimension, case by case, against what one would do without this program.
//
//   bench_low_dimension sign SECONDS (N CASES)...           random minima with |lambda| > 0.02: is the sign of lambda proved? A row for each N
//   bench_low_dimension width (N CASES SECONDS WIDTH)...    how narrow does the enclosure get? A row for each case
//
// LYAPCERT_TEST_SEED varies the minima. Monte Carlo: time for a 95 % interval of the same half-width, from the variance (batch means) and the speed
// measured in the same run; it proves nothing. n-step norms: (1/n) E log ||A_n...A_1|| over all words in interval arithmetic, for as long as the
// certificate took, at most 5 s: a proved upper bound; from below it gives nothing.
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "lyapcert/exponent/contraction.hpp"
#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "measure.hpp"
#include "minima.hpp"

namespace {

using namespace lyapcert;
using bench::Clock;
using bench::seconds_since;

struct MonteCarlo {
    double mean = 0.0;
    double variance_rate = 0.0;  // variance of the mean is variance_rate / steps
    double steps_per_second = 0.0;
    double error() const { return std::sqrt(variance_rate / steps); }
    double seconds_for(double half_width) const { return 1.96 * 1.96 * variance_rate / (half_width * half_width) / steps_per_second; }
    double steps = 0.0;
};

MonteCarlo monte_carlo(const RandomProduct& product, double seconds) {
    const std::size_t n = product.dimension();
    std::vector<std::vector<double>> a;
    std::vector<double> p;
    for (const Matrix<Interval>& m : product.intervals()) {
        a.emplace_back();
        for (const Interval& x : m.entries()) a.back().push_back(boost::numeric::median(x));
    }
    for (const Rational& x : product.probabilities()) p.push_back(x.convert_to<double>());
    std::mt19937_64 random(99);
    std::discrete_distribution<std::size_t> pick(p.begin(), p.end());
    std::vector<double> x(n, 1.0);
    std::vector<double> y(n);
    constexpr int batch = 5000;
    std::vector<double> means;
    const auto start = Clock::now();
    while (seconds_since(start) < seconds || means.size() < 20) {
        double sum = 0.0;
        for (int step = 0; step < batch; ++step) {
            const std::vector<double>& m = a[pick(random)];
            double size = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                y[i] = 0.0;
                for (std::size_t j = 0; j < n; ++j) y[i] += m[i * n + j] * x[j];
                size += y[i] * y[i];
            }
            size = std::sqrt(size);
            sum += std::log(size);
            for (std::size_t i = 0; i < n; ++i) x[i] = y[i] / size;
        }
        means.push_back(sum / batch);
    }
    MonteCarlo result;
    result.steps = static_cast<double>(means.size()) * batch;
    result.steps_per_second = result.steps / seconds_since(start);
    for (const double m : means) result.mean += m / static_cast<double>(means.size());
    for (const double m : means) result.variance_rate += (m - result.mean) * (m - result.mean) * batch / static_cast<double>(means.size() - 1);
    return result;
}

// The best (1/n) E log ||word||_F over all n that fit into the time.
double norms_upper(const RandomProduct& product, double seconds) {
    const auto start = Clock::now();
    const RoundUpward guard;
    const auto a = product.intervals();
    std::vector<Interval> p;
    for (const Rational& x : product.probabilities()) p.push_back(to_interval(x));
    double best = std::numeric_limits<double>::infinity();
    for (int n = 1; seconds_since(start) < seconds; ++n) {
        Interval total(0.0);
        bool late = false;
        const std::function<void(const Matrix<Interval>*, const Interval&, int)> visit = [&](const Matrix<Interval>* word, const Interval& weight, int depth) {
            if (late || (depth == 3 && seconds_since(start) > seconds)) {
                late = true;
                return;
            }
            if (depth == n) {
                Interval norm(0.0);
                for (const Interval& x : word->entries()) norm += square(x);
                total += weight * log(norm);
                return;
            }
            for (std::size_t k = 0; k < a.size(); ++k) {
                const Matrix<Interval> next = word == nullptr ? a[k] : a[k] * *word;
                visit(&next, weight * p[k], depth + 1);
            }
        };
        visit(nullptr, Interval(1.0), 0);
        if (!late) best = std::min(best, (total / Interval(2.0 * n)).upper());
    }
    return best;
}

LyapunovExponent run(const bench::RandomMinimum& minimum, const Goal& goal, double seconds) {
    SearchControl control;
    control.deadline = Clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * seconds));
    const Bound moment = second_moment_exponent(minimum.product, 64);
    const NormalSpace space(minimum.scaled_gram);
    return lyapunov_exponent({minimum.product, &space}, moment, goal, control, 64);
}

bool contains(const LyapunovExponent& lambda, const MonteCarlo& mc) {
    return mc.mean > lambda.enclosure.lower_double() - 6.0 * mc.error() && mc.mean < lambda.enclosure.upper_double() + 6.0 * mc.error();
}

void signs(std::size_t n, int cases, double seconds) {
    test::Random random(2026);
    std::vector<double> times;
    int outside = 0;
    for (int c = 0; c < cases;) {
        const bench::RandomMinimum minimum = bench::random_minimum(random, n);
        const MonteCarlo mc = monte_carlo(minimum.product, 0.3);
        if (std::fabs(mc.mean) <= 0.02) continue;
        ++c;
        const auto start = Clock::now();
        const LyapunovExponent lambda = run(minimum, Goal{true, std::nullopt}, seconds);
        if (lambda.goal_reached) times.push_back(seconds_since(start));
        outside += contains(lambda, mc) ? 0 : 1;
    }
    fmt::print("| {} | {} of {} | {:.2f} s | {:.2f} s | {} |\n", n, times.size(), cases, bench::median(times), times.empty() ? 0.0 : *std::max_element(times.begin(), times.end()), outside);
    std::fflush(stdout);
}

void widths(std::size_t n, int cases, double seconds, double width) {
    test::Random random(2026);
    for (int c = 0; c < cases; ++c) {
        const bench::RandomMinimum minimum = bench::random_minimum(random, n);
        const MonteCarlo mc = monte_carlo(minimum.product, 0.3);
        const auto start = Clock::now();
        const LyapunovExponent lambda = run(minimum, Goal{false, width}, seconds);
        const double used = seconds_since(start);
        const double low = lambda.enclosure.lower_double();
        const double high = lambda.enclosure.upper_double();
        const double norms = norms_upper(minimum.product, std::min(used, 5.0));
        fmt::print("| {} | [{:.6f}, {:.6f}]{} | {} | {:.1e} | {} | {} | {:.2f} | {:.2g} s | <= {:.4f} |\n", n, low, high, contains(lambda, mc) ? "" : " NOT CONTAINED", lambda.method(), high - low, lambda.effort.boxes,
                   lambda.effort.leaves, used, mc.seconds_for(0.5 * (high - low)), norms);
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc >= 5 && argc % 2 == 1 && std::strcmp(argv[1], "sign") == 0) {
        const double seconds = std::atof(argv[2]);
        fmt::print("| N | sign proved within {} s | median | slowest of these | Monte Carlo outside 6 standard errors |\n| --- | --- | --- | --- | --- |\n", seconds);
        for (int at = 3; at < argc; at += 2) signs(std::strtoul(argv[at], nullptr, 10), std::atoi(argv[at + 1]), seconds);
    } else if (argc >= 6 && argc % 4 == 2 && std::strcmp(argv[1], "width") == 0) {
        fmt::print("| N | lambda | method | width | boxes | leaves | seconds | Monte Carlo, same half-width | n-step norms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (int at = 2; at < argc; at += 4) widths(std::strtoul(argv[at], nullptr, 10), std::atoi(argv[at + 1]), std::atof(argv[at + 2]), std::atof(argv[at + 3]));
    } else {
        fmt::print("bench_low_dimension sign SECONDS (N CASES)...\nbench_low_dimension width (N CASES SECONDS WIDTH)...\n");
        return 2;
    }
}
