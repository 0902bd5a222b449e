// From a network and data to a minimum, in floating point. Guarantees nothing; the minimum is proved afterwards.
//
// Two ways. The one that arrives: gradient descent at a rate that the Gram matrix chooses, then Gauss-Newton steps of least norm; from other initial
// weights where that does not lead to interpolation. The plain one: (stochastic) gradient descent at the learning rate and with the batch size of the
// problem, and nothing else, for those who ask which minimum it selects.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace lyapcert {

struct TrainOptions {
    std::uint64_t seed = 1;  // of the initial weights and of the samples
    long steps = 200000;     // at most
    double scale = 1.0;      // of the initial weights: scale / sqrt(width below) times a standard normal number; a tenth of scale for biases
    bool plain = false;
    bool full_batch = false;              // plain: gradient descent; otherwise the batch size of the problem
    std::optional<double> learning_rate;  // plain: otherwise that of the problem
};

// The weights on the way: `observe(step, JSON list W1, b1, ...)` every `every` steps, from step 0 on.
struct Observer {
    long every = 0;
    std::function<void(long step, const std::string& weights)> observe;
};

struct Trained {
    std::string text;  // the problem with the weights as its [minimum]; empty when training diverged
    std::string how;   // the steps that led there, in words
    double loss = 0.0;
    double first_loss = 0.0;
    long steps = 0;  // of all kinds
    bool interpolates = false;
    bool in_general_position = true;  // otherwise gradients are nearly linearly dependent there, or a relu unit is near its kink: no minimum will be proved
    bool diverged = false;  // plain only
};

// Trains from the weights that the text gives, else from random ones. The same seed gives the same weights wherever the C library gives the same
// elementary functions. Throws InputError.
Trained train(const std::string& text, const std::string& name, const TrainOptions& options, const Observer& observer = {});

}  // namespace lyapcert
