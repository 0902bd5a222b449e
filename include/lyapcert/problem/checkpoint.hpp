// A point of a training run: mu, lambda and Lambda_2 of the Gram matrix at weights that need not be a minimum. The matrices I - eta G e_i e_i^T make sense
// there and their exponents are enclosed; no theorem speaks of them.
#pragma once

#include <string>

#include "lyapcert/problem/problem.hpp"

namespace lyapcert {

struct Checkpoint {
    Problem problem;    // of the kind gram, at exactly the weights in the file
    double loss = 0.0;  // in floating point
};

// The network, data and learning rate of a problem (its [minimum], if any, is not looked at) at the weights in a file. Throws InputError.
Checkpoint read_checkpoint(const std::string& text, const std::string& name, const std::string& weights_file);

}  // namespace lyapcert
