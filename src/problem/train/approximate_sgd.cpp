#include "problem/train/approximate_sgd.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lyapcert::training {

namespace {

constexpr double diverging = 1e8;
constexpr double worth_a_look = 1e-12;  // loss, relative to that of F = 0
constexpr long window = 1000;           // looks at the loss within which it must fall

}  // namespace

Descent descend(const Fit& fit, std::vector<double> weights, double rate, std::size_t batch, long most_steps, Random& random,
                const std::function<void(const std::vector<double>&)>& after_step) {
    const std::size_t n = fit.data_points();
    const double first_loss = fit.loss(weights);
    const double reference = fit.reference_loss();
    Descent result{std::move(weights), first_loss, 0, false, false};
    std::vector<double>& w = result.weights;
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const long between = static_cast<long>(std::max<std::size_t>(1, n / batch));  // steps from one look at the loss to the next
    double least = first_loss;
    double least_before = first_loss;
    long looks = 0;
    const auto done = [&] {
        if (result.loss > worth_a_look * reference && result.loss > 0.0) return false;
        if (fit.vanishes(w)) return true;
        least = std::min(least, result.loss);
        if (++looks % window != 0) return false;
        const bool held_up = least > 0.5 * least_before && fit.nearly_vanishes(w);
        least_before = least;
        return held_up;
    };
    while (result.steps < most_steps) {
        if (result.steps % between == 0 && done()) break;
        std::vector<double> step(fit.free.size(), 0.0);
        for (std::size_t b = 0; b < batch; ++b) {
            if (batch < n) std::swap(order[b], order[b + random.below(n - b)]);  // a uniform subset
            const Differential<double> h = fit.residual(w, order[b]);
            const double factor = rate / static_cast<double>(batch) * h.value;
            for (std::size_t p = 0; p < step.size(); ++p) step[p] += factor * h.gradient[p];
        }
        for (std::size_t p = 0; p < step.size(); ++p) w[fit.free[p]] -= step[p];
        if (++result.steps % between == 0 || result.steps == most_steps) result.loss = fit.loss(w);
        if (!std::isfinite(result.loss) || result.loss > diverging * (1.0 + first_loss)) {
            result.diverged = true;
            return result;
        }
        after_step(w);
    }
    result.interpolates = fit.nearly_vanishes(w);
    return result;
}

}  // namespace lyapcert::training
