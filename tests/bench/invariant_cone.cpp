// Products that leave a cone invariant: processor time of the bound, and how many words its proof looks at.
//
//   bench_invariant_cone random FAMILIES    for n = 3 to 6, families of three n x n matrices with random integer entries from 1 to 9
//   bench_invariant_cone special            a large dimension, cones that touch the boundary, slow contraction, many matrices
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "lyapcert/exponent/invariant_cone.hpp"
#include "measure.hpp"
#include "random.hpp"

namespace {

using namespace lyapcert;

struct Run {
    double width;
    double processor;  // seconds
    std::size_t words;
};

Run run(const RandomProduct& product, double width, double seconds) {
    SearchControl control;
    control.satisfied = [width](double lower, double upper) { return upper - lower <= width; };
    control.deadline = bench::Clock::now() + std::chrono::milliseconds(static_cast<long>(1000 * seconds));
    const double before = bench::processor_seconds();
    const InvariantConeResult result = invariant_cone_bound(product, control);
    return {result.bound.enclosure.width_double(), bench::processor_seconds() - before, result.words};
}

Matrix<Real> integers(test::Random& random, std::size_t n, long least) {
    Matrix<Real> m(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) m(i, j) = Real(Rational(random.integer(least, 9)));
    return m;
}

RandomProduct uniform(std::vector<Matrix<Real>> matrices) {
    const auto count = static_cast<long>(matrices.size());
    return RandomProduct(std::move(matrices), std::vector<Rational>(static_cast<std::size_t>(count), Rational(1, count)));
}

RandomProduct random_family(test::Random& random, std::size_t n, std::size_t count) {
    std::vector<Matrix<Real>> matrices;
    for (std::size_t k = 0; k < count; ++k) matrices.push_back(integers(random, n, 1));
    return uniform(std::move(matrices));
}

void random_families(int families) {
    fmt::print("| n | width 1e-8 | words | width 1e-12 | words | reached |\n| --- | --- | --- | --- | --- | --- |\n");
    for (std::size_t n = 3; n <= 6; ++n) {
        test::Random random(2026 + n);
        std::string row = fmt::format("| {} |", n);
        std::vector<RandomProduct> products;
        for (int c = 0; c < families; ++c) products.push_back(random_family(random, n, 3));
        int reached = 0;
        for (const double width : {1e-8, 1e-12}) {
            std::vector<double> times;
            std::vector<double> words;
            for (const RandomProduct& product : products) {
                const Run r = run(product, width, 20);
                times.push_back(r.processor);
                words.push_back(static_cast<double>(r.words));
                reached += r.width <= width ? 1 : 0;
            }
            row += fmt::format(" {:.2f} s | {:.0f} |", bench::median(times), bench::median(words));
        }
        fmt::print("{} {} of {} |\n", row, reached, 2 * families);
        std::fflush(stdout);
    }
}

void special(const char* name, const RandomProduct& product, double width, double seconds) {
    const Run r = run(product, width, seconds);
    fmt::print("| {} | {:.0e} | {:.1e} | {:.2f} s | {} |\n", name, width, r.width, r.processor, r.words);
    std::fflush(stdout);
}

void special() {
    fmt::print("| family | goal | width | processor time | words |\n| --- | --- | --- | --- | --- |\n");
    test::Random random(2026);
    special("two matrices of dimension 20, entries 1 to 9", random_family(random, 20, 2), 1e-12, 20);
    Matrix<Real> up(2, 2, Real(1));
    Matrix<Real> down(2, 2, Real(1));
    up(1, 0) = Real(0);
    down(0, 1) = Real(0);
    special("the shears (1 1; 0 1), (1 0; 1 1)", uniform({up, down}), 1e-12, 20);
    // A cycle and a transposition with weights, plus a quarter everywhere.
    Matrix<Real> cycle(4, 4, Real(Rational(1, 4)));
    Matrix<Real> swap(4, 4, Real(Rational(1, 4)));
    for (std::size_t i = 0; i < 4; ++i) {
        cycle(i, (i + 1) % 4) += Real(static_cast<int>(i) + 1);
        swap(i, i < 2 ? 1 - i : i) += Real(i == 0 ? 3 : 1);
    }
    special("near permutation matrices, dimension 4", uniform({cycle, swap}), 1e-10, 20);
    special("twenty matrices of dimension 3, entries 1 to 9", random_family(random, 3, 20), 1e-12, 20);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "random") == 0) {
        random_families(std::atoi(argv[2]));
    } else if (argc == 2 && std::strcmp(argv[1], "special") == 0) {
        special();
    } else {
        fmt::print("bench_invariant_cone random FAMILIES\nbench_invariant_cone special\n");
        return 2;
    }
}
