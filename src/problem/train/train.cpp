#include "lyapcert/problem/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "lyapcert/numeric/rounding.hpp"
#include "problem/document.hpp"
#include "problem/train/approximate_arrival.hpp"
#include "problem/train/approximate_sgd.hpp"
#include "problem/train/initial_weights.hpp"
#include "problem/train/trained_text.hpp"
#include "problem/twins.hpp"

namespace lyapcert {

namespace {

using training::Fit;
using training::Random;

constexpr int most_starts = 20;
constexpr double usual_work = 2e10;  // multiplications: some seconds
constexpr double most_work = 1e11;

double number(const Expression& e) { return enclose(e, 64).midpoint_double(); }

// `once`: data points that occur twice count once: who fits one fits the other, and their gradients would be dependent.
Fit fit_of(const Document& document, bool once) {
    Fit fit{*document.network, document.network->free_weights(), {}, {}};
    std::vector<std::size_t> chosen;
    if (once) chosen = distinct_data_points(document, equal_data_points(document)).value_or(std::vector<std::size_t>{});
    if (chosen.empty()) {
        chosen.resize(document.data_inputs.size());
        std::iota(chosen.begin(), chosen.end(), std::size_t(0));
    }
    for (const std::size_t i : chosen) {
        fit.inputs.emplace_back();
        for (const Expression& e : document.data_inputs[i]) fit.inputs.back().push_back(number(e));
        fit.targets.push_back(number((*document.targets)[i]));
    }
    return fit;
}

// Calls the observer when its time has come.
class Watch {
  public:
    Watch(const Network& network, const Observer& observer) : network_(network), observer_(observer) {}
    void see(const std::vector<double>& w) {
        const long step = step_++;
        if (observer_.every <= 0 || step % observer_.every != 0) return;
        observer_.observe(step, training::weights_text(network_, w));
    }

  private:
    const Network& network_;
    const Observer& observer_;
    long step_ = 0;
};

// The weights in the document, or none.
std::vector<double> given_weights(const Document& document) {
    std::vector<double> w;
    for (const Rational& x : document.weights) w.push_back(x.convert_to<double>());
    return w;
}

struct Outcome {
    Trained trained;
    std::vector<double> weights;
};

Outcome train_plainly(const Document& document, const Fit& fit, const TrainOptions& options, Watch& watch) {
    const std::size_t n = fit.data_points();
    if (document.batch_size && (*document.batch_size < 1 || static_cast<std::size_t>(*document.batch_size) > n))
        document.fail("training.batch_size", "is out of range; expected an integer from 1 to " + std::to_string(n));
    const std::size_t batch = options.full_batch ? n : static_cast<std::size_t>(document.batch_size.value_or(1));
    double rate = 0.0;
    for (const Expression& e : document.learning_rate) rate += number(e) / static_cast<double>(document.learning_rate.size());
    if (options.learning_rate) rate = *options.learning_rate;
    Random random(options.seed);
    std::vector<double> w = given_weights(document);
    if (w.empty()) w = training::first_weights(fit.network, options.scale, random);
    watch.see(w);
    const double first_loss = fit.loss(w);
    training::Descent found = training::descend(fit, std::move(w), rate, batch, options.steps, random, [&](const std::vector<double>& x) { watch.see(x); });
    const std::string how = fmt::format("{} steps of {} at learning rate {}", found.steps, batch == n ? "gradient descent" : batch == 1 ? "SGD" : fmt::format("SGD in batches of {}", batch), rate);
    return {{"", how, found.loss, first_loss, found.steps, found.interpolates, true, found.diverged}, std::move(found.weights)};
}

Outcome train_to_arrive(const Document& document, const Fit& fit, const TrainOptions& options, Watch& watch) {
    Random random(options.seed);
    const std::vector<double> given = given_weights(document);
    const int starts = given.empty() ? most_starts : 1;
    training::Allowance allowance{options.steps, 0.0};
    const auto n = static_cast<double>(fit.data_points());
    const double one_start = std::min(most_work, std::max(usual_work / 8.0, 60.0 * 2.0 * n * n * (n + static_cast<double>(fit.free.size()))));  // 60 steps at least
    double left = std::max(usual_work, one_start);
    Outcome best;
    const auto better = [&](const training::Arrival& found) {
        if (found.interpolates != best.trained.interpolates) return found.interpolates;
        return found.interpolates ? found.in_general_position && !best.trained.in_general_position : !(best.trained.loss <= found.loss);
    };
    for (int start = 1; start <= starts && !(best.trained.interpolates && best.trained.in_general_position) && allowance.steps > 0 && left > 0.0; ++start) {
        std::vector<double> w = !given.empty() ? given : start == 1 ? training::first_weights(fit.network, options.scale, random) : training::other_weights(fit.network, options.scale, start, random);
        watch.see(w);
        const double first_loss = fit.loss(w);
        allowance.work = std::min(left, one_start);
        left -= allowance.work;
        training::Arrival found = training::arrive(fit, std::move(w), allowance, [&](const std::vector<double>& x) { watch.see(x); });
        left += allowance.work;
        if (start > 1 && !better(found)) continue;
        best.trained.how = fmt::format("{} steps of gradient descent, {} of Gauss-Newton{}", found.descent_steps, found.newton_steps,
                                       start == 1 ? "" : fmt::format(", from the {}. initial weights", start));
        best.trained.first_loss = first_loss;
        best.trained.loss = found.loss;
        best.trained.interpolates = found.interpolates;
        best.weights = std::move(found.weights);
        best.trained.in_general_position = found.in_general_position;
    }
    best.trained.steps = options.steps - allowance.steps;
    return best;
}

}  // namespace

Trained train(const std::string& text, const std::string& name, const TrainOptions& options, const Observer& observer) {
    const Document document = read_document(text, name, true);
    if (!document.network) document.fail("", "there is nothing to train; expected a problem with [network]");
    if (!document.targets) document.fail("data.targets", "are the network's own; expected numbers to train for");
    first_with_equal_inputs(document);
    const RoundNearest guard;
    const Fit fit = fit_of(document, !options.plain);
    Watch watch(fit.network, observer);
    auto [result, weights] = (options.plain ? train_plainly : train_to_arrive)(document, fit, options, watch);
    if (result.diverged) return result;
    result.text = training::text_with_minimum(document, text, fmt::format("{}, seed {}: loss {:.3g}", result.how, options.seed, result.loss), weights);
    return result;
}

}  // namespace lyapcert
