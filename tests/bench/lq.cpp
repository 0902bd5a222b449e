#include <fmt/format.h>
#include <chrono>
#include "exponent/log_quadratic/approximate_search.hpp"
#include "lyapcert/product/sampling.hpp"
#include "random.hpp"
using namespace lyapcert;
using Clock = std::chrono::steady_clock;
double since(Clock::time_point s) { return std::chrono::duration<double>(Clock::now() - s).count(); }
RandomProduct random_minimum(test::Random& random, std::size_t n) {
    for (;;) {
        const Matrix<Rational> g = random.rational_matrix(n, n + 1, 9, 1);
        const Matrix<Rational> gram = g * g.transposed();
        Rational largest = 0, smallest = 1000000;
        bool connected = true;
        for (std::size_t i = 0; i < n; ++i) {
            largest = std::max(largest, gram(i, i));
            smallest = std::min(smallest, gram(i, i));
            for (std::size_t j = 0; j < n; ++j) connected = connected && !gram(i, j).is_zero();
        }
        if (largest.is_zero() || !connected) continue;
        const Rational eta = Rational(random.integer(211, 400), 100) / largest;
        if (eta * smallest > Rational(19, 10) || smallest.is_zero()) continue;
        RandomProduct product = sgd_product(gram.map([&](const Rational& x) { return Real(Rational(eta * x)); }), 1);
        if (product.dimension() == n) return product;
    }
}
int main(int argc, char** argv) {
    const std::size_t n = std::strtoul(argv[1], nullptr, 10);
    const int cases = std::atoi(argv[2]);
    const double width = std::atof(argv[3]);  // 0: the sign
    const double budget = std::atof(argv[4]);
    test::Random random(argc > 5 ? std::atoi(argv[5]) : 2026);
    int known = 0, counted = 0;
    for (int c = 0; c < cases; ++c) {
        const RandomProduct p = random_minimum(random, n);
        const double e = log_quadratic::ApproximateSearch(p).estimate();
        if (width == 0 && std::fabs(e) < 0.02) continue;
        SearchControl control;
        control.deadline = Clock::now() + std::chrono::milliseconds(long(1000 * budget));
        control.satisfied = [&](double l, double u) { return width == 0 ? l > 0 || u < 0 : u - l <= width; };
        if (std::getenv("LQV")) control.progress = [](const std::string& s) { std::fprintf(stderr, "   %s\n", s.c_str()); };
        auto t0 = Clock::now();
        auto r = log_quadratic_bound(p, control);
        double l = r.bound.enclosure.lower_double(), u = r.bound.enclosure.upper_double();
        bool ok = control.satisfied(l, u);
        ++counted; known += ok;
        fmt::print("{} est {:.4f} [{:.5f}, {:.5f}] {} boxes {:.2e} {:.2f}s\n", c, e, l, u, ok ? "ok" : "--", double(r.boxes), since(t0));
        std::fflush(stdout);
    }
    fmt::print("N = {}: {} of {}\n", n, known, counted);
}
