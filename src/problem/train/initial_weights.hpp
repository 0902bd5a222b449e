// Weights to begin with.
#pragma once

#include <vector>

#include "lyapcert/problem/network.hpp"
#include "problem/train/random.hpp"

namespace lyapcert::training {

// Normal numbers: of standard deviation scale / sqrt(width below) in each W, a tenth of scale in each b.
std::vector<double> first_weights(const Network& network, double scale, Random& random);
// For the second start and those after it: biases as large as the weights, and the first layer, or in every other start all layers, 1, 2, 4, ..., 32
// times as large. Such features have many places and widths, so that the data is told apart more easily.
std::vector<double> other_weights(const Network& network, double scale, int start, Random& random);

}  // namespace lyapcert::training
