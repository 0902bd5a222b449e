// The polyhedral certificate on known products and on random minima.
//
//   bench_runs cases            named products, each to a width
//   bench_runs minima CASES     random minima of N = 2: the sign within half a second, width 1e-6 within ten
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "lyapcert/exponent/polyhedral.hpp"
#include "measure.hpp"
#include "minima.hpp"

namespace {

using namespace lyapcert;
using bench::Clock;
using bench::seconds_since;

Matrix<Real> matrix(const std::vector<std::vector<Rational>>& rows) {
    Matrix<Real> m(rows.size(), rows.front().size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t j = 0; j < rows[i].size(); ++j) m(i, j) = Real(rows[i][j]);
    return m;
}

RandomProduct pair(const Matrix<Real>& a, const Matrix<Real>& b) { return RandomProduct({a, b}, {Rational(1, 2), Rational(1, 2)}); }

struct Run {
    PolyhedralResult result;
    double seconds;
};

Run run(const RandomProduct& product, std::function<bool(double, double)> satisfied, double budget) {
    SearchControl control;
    control.satisfied = std::move(satisfied);
    control.deadline = Clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * budget));
    const auto start = Clock::now();
    PolyhedralResult result = polyhedral_bound(product, control);
    return {std::move(result), seconds_since(start)};
}

std::function<bool(double, double)> width(double w) {
    return [w](double lower, double upper) { return upper - lower <= w; };
}

void row(const char* name, const RandomProduct& product, double goal, double budget) {
    const double before = bench::processor_seconds();
    const Run r = run(product, width(goal), budget);
    fmt::print("| {} | {:.0e} | {:.2e} | {} | {} | {:.0f} | {:.2f} | {:.2f} |\n", name, goal, r.result.bound.enclosure.width_double(), r.result.leaves, r.result.leaves_in_cone,
               static_cast<double>(r.result.bytes) / static_cast<double>(r.result.leaves), r.seconds, bench::processor_seconds() - before);
    std::fflush(stdout);
}

void cases() {
    fmt::print("| case | goal | width | leaves | in K | bytes/leaf | seconds | processor seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    row("Pollicott", pair(matrix({{2, 1}, {1, 1}}), matrix({{3, 1}, {2, 1}})), 1e-12, 10);
    const Rational t(1, 10);
    row("regular minimum, eta G = (1/2, -2/5; -2/5, 1/2)", sgd_product(matrix({{5 * t, -4 * t}, {-4 * t, 5 * t}}), 1), 1e-12, 10);
    const RandomProduct fibonacci = pair(matrix({{0, 1}, {1, 1}}), matrix({{0, 1}, {1, -1}}));
    for (const double goal : {1e-4, 1e-5, 1e-6}) row("random Fibonacci", fibonacci, goal, 120);
    row("shears", pair(matrix({{1, 1}, {0, 1}}), matrix({{1, 0}, {1, 1}})), 1e-6, 60);
    const auto c = [](const char* decimal) { return Rational(decimal); };
    row("N = 3, eta G = (4, 1.5, 0.8), correlations 0.6",
        sgd_product(matrix({{4, c("1469694/1000000"), c("1073313/1000000")},
                            {c("1469694/1000000"), c("3/2"), c("657267/1000000")},
                            {c("1073313/1000000"), c("657267/1000000"), c("4/5")}}),
                    1),
        0.018, 60);
}

void minima(int total) {
    test::Random random(2026);
    const auto sign = [](double lower, double upper) { return lower > 0 || upper < 0; };
    int quick = 0;
    std::vector<double> times;
    std::vector<double> widths;  // of those that miss 1e-6
    for (int c = 0; c < total; ++c) {
        const RandomProduct product = bench::random_minimum(random, 2).product;
        const Run s = run(product, sign, 5);
        if (sign(s.result.bound.enclosure.lower_double(), s.result.bound.enclosure.upper_double()) && s.seconds <= 0.5) ++quick;
        const Run w = run(product, width(1e-6), 10);
        const double reached = w.result.bound.enclosure.width_double();
        if (reached <= 1e-6) times.push_back(w.seconds);
        else widths.push_back(reached);
    }
    fmt::print("| N | sign within 0.5 s | width 1e-6 within 10 s | median | slowest | widths of the others |\n| --- | --- | --- | --- | --- | --- |\n");
    fmt::print("| 2 | {0} of {1} | {2} of {1} | {3:.2f} s | {4:.2f} s | {5} |\n", quick, total, times.size(), bench::median(times), times.empty() ? 0.0 : *std::max_element(times.begin(), times.end()),
               widths.empty() ? std::string("-") : fmt::format("{:.1e} to {:.1e}", *std::min_element(widths.begin(), widths.end()), *std::max_element(widths.begin(), widths.end())));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "cases") == 0) {
        cases();
    } else if (argc == 3 && std::strcmp(argv[1], "minima") == 0) {
        minima(std::atoi(argv[2]));
    } else {
        fmt::print("bench_runs cases\nbench_runs minima CASES\n");
        return 2;
    }
}
