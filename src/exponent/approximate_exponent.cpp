#include "lyapcert/exponent/approximate_exponent.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t runs = 16;

double approximately(const Real& x) { return x.at(64).midpoint_double(); }

class Simulation {
  public:
    explicit Simulation(const RandomProduct& product) : n_(product.dimension()) {
        std::vector<double> weights;
        for (const Rational& p : product.probabilities()) weights.push_back(p.convert_to<double>());
        pick_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
        if (const Matrix<Real>* k = product.scaled_gram()) gram_ = k->map(approximately);
        else
            for (const Matrix<Real>& a : product.matrices()) matrices_.push_back(a.map(approximately));
    }

    double run(std::size_t steps, std::mt19937_64& random) {
        std::normal_distribution<double> normal;
        std::vector<double> x(n_);
        for (double& c : x) c = normal(random);
        // The start is forgotten in the first tenth.
        const std::size_t begin = steps / 10;
        double total = 0.0;
        for (std::size_t m = 0; m < steps; ++m) {
            step(x, pick_(random));
            if (m % 16 != 15 && m + 1 != steps && m + 1 != begin) continue;
            double size = 0.0;
            for (const double c : x) size = std::max(size, std::fabs(c));
            if (!(size > 0.0) || !std::isfinite(size)) return std::log(size);
            for (double& c : x) c /= size;
            if (m + 1 != begin && m >= begin) total += std::log(size);
        }
        return total / static_cast<double>(steps - begin);
    }

  private:
    void step(std::vector<double>& x, std::size_t k) {
        if (matrices_.empty()) {
            const double r = x[k];
            for (std::size_t j = 0; j < n_; ++j) x[j] -= gram_(j, k) * r;
            return;
        }
        next_.assign(n_, 0.0);
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t j = 0; j < n_; ++j) next_[i] += matrices_[k](i, j) * x[j];
        x.swap(next_);
    }

    std::size_t n_;
    Matrix<double> gram_;
    std::vector<Matrix<double>> matrices_;
    std::discrete_distribution<std::size_t> pick_;
    std::vector<double> next_;
};

}  // namespace

ApproximateExponent approximate_exponent(const RandomProduct& product, std::size_t steps, std::uint64_t seed) {
    const RoundNearest guard;
    Simulation simulation(product);
    std::mt19937_64 random(seed);
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t r = 0; r < runs; ++r) {
        const double x = simulation.run(std::max<std::size_t>(steps / runs, 64), random);
        sum += x;
        squares += x * x;
    }
    const double mean = sum / runs;
    const double variance = std::max(0.0, squares / runs - mean * mean) * runs / (runs - 1);
    return {mean, std::sqrt(variance / runs)};
}

}  // namespace lyapcert
