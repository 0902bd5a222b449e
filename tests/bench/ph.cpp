#include <fmt/format.h>
#include <chrono>
#include "lyapcert/exponent/polyhedral.hpp"
#include "lyapcert/product/sampling.hpp"
#include "random.hpp"
using namespace lyapcert;
using Clock = std::chrono::steady_clock;
double since(Clock::time_point s) { return std::chrono::duration<double>(Clock::now() - s).count(); }
#define main main_lq
#define log_quadratic_bound polyhedral_bound
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
#undef main
int main(int argc, char** argv) {
    (void)argc;
    const std::size_t n = std::strtoul(argv[1], nullptr, 10);
    test::Random random(2026);
    for (int c = 0; c < std::atoi(argv[2]); ++c) {
        const RandomProduct p = random_minimum(random, n);
        SearchControl control;
        control.deadline = Clock::now() + std::chrono::seconds(std::atoi(argv[3]));
        if (std::getenv("LQV")) control.progress = [](const std::string& s) { std::fprintf(stderr, "   %s\n", s.c_str()); };
        auto t0 = Clock::now();
        auto r = polyhedral_bound(p, control);
        fmt::print("{} [{:.5f}, {:.5f}] leaves {} {:.1f}s\n", c, r.bound.enclosure.lower_double(), r.bound.enclosure.upper_double(), r.leaves, since(t0));
    }
}
