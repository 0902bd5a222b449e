// From a network and data to a minimum: (stochastic) gradient descent in floating point. Guarantees nothing; the minimum is proved afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace lyapcert {

struct TrainOptions {
    std::uint64_t seed = 1;
    long steps = 200000;
    double scale = 1.0;                   // of the initial weights: scale / sqrt(width below) times a standard normal number; a tenth of scale for biases
    bool full_batch = false;              // gradient descent; otherwise the batch size of the problem
    std::optional<double> learning_rate;  // otherwise that of the problem
};

// The weights on the way: `observe(step, JSON list W1, b1, ...)` every `every` steps, from step 0 on.
struct Observer {
    long every = 0;
    std::function<void(long step, const std::string& weights)> observe;
};

struct Trained {
    std::string text;  // the problem with the weights as its [minimum]; empty when training diverged
    double loss = 0.0;
    double first_loss = 0.0;
    long steps = 0;
    bool interpolates = false;
    bool diverged = false;
};

// Trains from the weights that the text gives, else from random ones. The same seed gives the same weights wherever the C library gives the same
// elementary functions. Throws InputError.
Trained train(const std::string& text, const std::string& name, const TrainOptions& options, const Observer& observer = {});

}  // namespace lyapcert
