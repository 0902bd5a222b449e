#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <sstream>

#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/problem/train.hpp"
#include "problem/document.hpp"

namespace lyapcert {

namespace {

constexpr double interpolating = 1e-22;  // of the loss, relative to that of F = 0
constexpr double diverging = 1e8;

// The standard's distributions differ from library to library; the engine does not.
class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    double uniform() { return std::ldexp(static_cast<double>(engine_() >> 11U), -53); }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); }
    double normal() {  // Marsaglia's polar method
        for (;;) {
            const double x = 2.0 * uniform() - 1.0;
            const double y = 2.0 * uniform() - 1.0;
            const double s = x * x + y * y;
            if (s > 0.0 && s < 1.0) return x * std::sqrt(-2.0 * std::log(s) / s);
        }
    }

  private:
    std::mt19937_64 engine_;
};

double number(const Expression& e) { return enclose(e, 64).midpoint_double(); }

std::vector<double> initial_weights(const Network& network, double scale, Random& random) {
    std::vector<double> w;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        const std::size_t matrix = network.widths[l + 1] * network.widths[l];
        for (std::size_t k = 0; k < network.layer_size(l); ++k)
            w.push_back(random.normal() * scale * (k < matrix ? 1.0 / std::sqrt(static_cast<double>(network.widths[l])) : 0.1));
    }
    return w;
}

// A list W1, b1, W2, ...: TOML, and but for the last comma JSON.
std::string weights_text(const Network& network, const std::vector<double>& w) {
    std::string text = "[\n";
    std::size_t k = 0;
    const auto row = [&](std::size_t size) {
        std::string line = "[";
        for (std::size_t j = 0; j < size; ++j) line += fmt::format("{}{}", j == 0 ? "" : ", ", w[k++]);
        return line + "]";
    };
    for (std::size_t l = 0; l < network.layers(); ++l) {
        text += "  [";
        for (std::size_t i = 0; i < network.widths[l + 1]; ++i) text += (i == 0 ? "" : ",\n   ") + row(network.widths[l]);
        text += "],\n";
        if (network.bias) text += "  " + row(network.widths[l + 1]) + ",\n";
    }
    return text + "]\n";
}

// The text without its table [minimum].
std::string without_minimum(const Document& document, const std::string& text) {
    const auto own = document.lines.find("minimum");
    if (own == document.lines.end()) return text;
    std::size_t end = std::string::npos;
    for (const char* other : {"network", "data", "training", "title"}) {
        const auto at = document.lines.find(other);
        if (at != document.lines.end() && at->second > own->second) end = std::min(end, at->second);
    }
    std::istringstream lines(text);
    std::string result;
    std::string line;
    for (std::size_t k = 1; std::getline(lines, line); ++k) {
        if (k == own->second && line.rfind("[minimum]", 0) != 0) document.fail("minimum", "cannot be replaced; expected a line [minimum] of its own");
        if (k < own->second || k >= end) result += line + "\n";
    }
    return result;
}

}  // namespace

Trained train(const std::string& text, const std::string& name, const TrainOptions& options, const Observer& observer) {
    const Document document = read_document(text, name, true);
    if (!document.network) document.fail("", "there is nothing to train; expected a problem with [network]");
    if (!document.targets) document.fail("data.targets", "are the network's own; expected numbers to train for");
    const RoundNearest guard;
    const Network& network = *document.network;
    const std::size_t n = document.data_inputs.size();
    if (document.batch_size && (*document.batch_size < 1 || static_cast<std::size_t>(*document.batch_size) > n))
        document.fail("training.batch_size", "is out of range; expected an integer from 1 to " + std::to_string(n));
    const std::size_t batch = options.full_batch ? n : static_cast<std::size_t>(document.batch_size.value_or(1));
    double rate = 0.0;
    for (const Expression& e : document.learning_rate) rate += number(e) / static_cast<double>(document.learning_rate.size());
    if (options.learning_rate) rate = *options.learning_rate;
    std::vector<std::vector<double>> inputs;
    std::vector<double> targets;
    double reference = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        inputs.emplace_back();
        for (const Expression& e : document.data_inputs[i]) inputs.back().push_back(number(e));
        targets.push_back(number((*document.targets)[i]));
        reference += targets.back() * targets.back() / (2.0 * static_cast<double>(n));
    }
    Random random(options.seed);
    std::vector<double> w;
    for (const Rational& x : document.weights) w.push_back(x.convert_to<double>());
    if (w.empty()) w = initial_weights(network, options.scale, random);
    const std::vector<std::size_t> free = network.free_weights();

    const auto loss = [&] {
        double sum = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double h = differentiate(network, w, inputs[i], 0.0, false).value - targets[i];
            sum += h * h / (2.0 * static_cast<double>(n));
        }
        return sum;
    };
    Trained result;
    result.loss = result.first_loss = loss();
    const double goal = interpolating * std::max(reference, 1e-3);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const long between = static_cast<long>(std::max<std::size_t>(1, n / batch));
    const auto show = [&] {
        std::string json = weights_text(network, w);
        json.erase(json.rfind(','), 1);
        observer.observe(result.steps, json);
    };
    if (observer.every > 0) show();
    while (result.steps < options.steps && result.loss > goal) {
        std::vector<double> step(free.size(), 0.0);
        for (std::size_t b = 0; b < batch; ++b) {
            if (batch < n) std::swap(order[b], order[b + random.below(n - b)]);  // a uniform subset
            const std::size_t i = order[b];
            const Differential<double> f = differentiate(network, w, inputs[i], 0.0);
            const double factor = rate / static_cast<double>(batch) * (f.value - targets[i]);
            for (std::size_t p = 0; p < free.size(); ++p) step[p] += factor * f.gradient[p];
        }
        for (std::size_t p = 0; p < free.size(); ++p) w[free[p]] -= step[p];
        if (++result.steps % between == 0 || result.steps == options.steps) result.loss = loss();
        if (!std::isfinite(result.loss) || result.loss > diverging * (1.0 + result.first_loss)) {
            result.diverged = true;
            return result;
        }
        if (observer.every > 0 && result.steps % observer.every == 0) show();
    }
    result.interpolates = result.loss <= goal;
    std::string body = without_minimum(document, text);
    if (!body.empty() && body.back() != '\n') body += '\n';
    result.text = body + fmt::format("\n[minimum]  # {} steps of {} at learning rate {}, seed {}: loss {:.3g}\n", result.steps,
                                     batch == n ? "gradient descent" : batch == 1 ? "SGD" : fmt::format("SGD in batches of {}", batch), rate, options.seed, result.loss) +
                  "weights = " + weights_text(network, w);
    return result;
}

}  // namespace lyapcert
