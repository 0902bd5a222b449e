// Whole runs against what the project wants to reach. Prints a Markdown table; asserts nothing.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "lyapcert/exponent/polyhedral.hpp"
#include "minima.hpp"

namespace {

using namespace lyapcert;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

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
    const Run r = run(product, width(goal), budget);
    fmt::print("| {} | {:.0e} | {:.2e} | {} | {} | {:.0f} | {:.2f} |\n", name, goal, r.result.bound.enclosure.width_double(), r.result.leaves,
               r.result.leaves_in_cone, static_cast<double>(r.result.bytes) / static_cast<double>(r.result.leaves), r.seconds);
}

}  // namespace

int main() {
    fmt::print("| case | goal | width | leaves | in K | bytes/leaf | seconds |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    row("row 1, Pollicott", pair(matrix({{2, 1}, {1, 1}}), matrix({{3, 1}, {2, 1}})), 1e-12, 10);
    const Rational t(1, 10);
    row("row 3, regular minimum", sgd_product(matrix({{5 * t, -4 * t}, {-4 * t, 5 * t}}), 1), 1e-12, 10);
    const RandomProduct fibonacci = pair(matrix({{0, 1}, {1, 1}}), matrix({{0, 1}, {1, -1}}));
    row("row 2, random Fibonacci", fibonacci, 1e-4, 60);
    row("row 2, random Fibonacci", fibonacci, 1e-5, 60);
    row("row 10, shears", pair(matrix({{1, 1}, {0, 1}}), matrix({{1, 0}, {1, 1}})), 1e-6, 60);
    const auto c = [](const char* decimal) { return Rational(decimal); };
    row("N = 3, eta G = (4, 1.5, 0.8), 0.6",
        sgd_product(matrix({{4, c("1469694/1000000"), c("1073313/1000000")},
                            {c("1469694/1000000"), c("3/2"), c("657267/1000000")},
                            {c("1073313/1000000"), c("657267/1000000"), c("4/5")}}),
                    1),
        0.018, 60);

    test::Random random(2026);
    const auto sign = [](double lower, double upper) { return lower > 0 || upper < 0; };
    int total = 0;
    int quick = 0;
    int sharp = 0;
    std::vector<double> times;
    for (; total < 40; ++total) {
        const RandomProduct product = bench::random_minimum(random, 2).product;
        const Run s = run(product, sign, 5);
        if (sign(s.result.bound.enclosure.lower_double(), s.result.bound.enclosure.upper_double()) && s.seconds <= 0.5) ++quick;
        const Run w = run(product, width(1e-6), 10);
        if (w.result.bound.enclosure.width_double() <= 1e-6) ++sharp, times.push_back(w.seconds);
        else fmt::print("<!-- 1e-6 missed: [{:.9f}, {:.9f}] after {:.2f} s, {} leaves -->\n", w.result.bound.enclosure.lower_double(), w.result.bound.enclosure.upper_double(), w.seconds, w.result.leaves);
    }
    std::sort(times.begin(), times.end());
    fmt::print("\nRandom N = 2 minima: sign within 0.5 s in {} of {}, width 1e-6 within 10 s in {} of {}", quick, total, sharp, total);
    if (!times.empty()) fmt::print(" (median {:.2f} s, slowest {:.2f} s)", times[times.size() / 2], times.back());
    fmt::print(".\n");
}
