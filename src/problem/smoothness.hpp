// Is F smooth in the parameters on all of R^D? Refutations: the paper's standing assumption (Chemnitz & Engel 2025, section 2.1) fails for these models.
#pragma once

#include <optional>
#include <string>

#include "lyapcert/problem/network.hpp"
#include "problem/document.hpp"

namespace lyapcert {

// A reason why no function that is continuous on all of R^D agrees with F(., y_i) where that is defined, or why it is not defined on an open set; nothing when none is
// found. Tried at a few rational points.
//
// Lemma. Let p be a point at which one term (factor, argument) t of F is not defined, and let all other terms on the way from F to t be continuous at p, all other
// factors not zero. (a) t = u^{-k}, k > 0 an integer, u(p) = 0, and the way leads through sums and products alone: F is unbounded near p. (b) t is a root, logarithm or
// inverse function whose argument lies outside the closed domain at p: F is not defined near p.
//   Proof. (a) u is continuous and not identically zero near any point near which F is defined somewhere; |u^{-k}| tends to infinity as u does to 0, times factors that
//   stay away from 0, plus terms that stay bounded. (b) The argument is continuous at p, hence outside the domain on a neighbourhood.
std::optional<std::string> not_smooth(const Document& document);

// The same for a dense network whose first trained layer or a later one has relu units; nothing when a kink is not proved to reach the output.
//
// Lemma. Let layer l have relu units and be trained, and let all layers after it be trained. (a) With biases: put all weights and biases from layer l on to 0, except for the
// biases of one unit in each layer after l and the weights along the path through these units, which are 1. As a function of the bias t of the first unit of layer l, F = s_L(1 +
// s_{L-1}(1 + ... s_{l+1}(1 + max(t, 0)))) (for the last layer too), whose one-sided derivatives at t = 0 are 0 and a product of the s'(.) there; the program evaluates it and
// finds it not zero. (b) Without biases: l = 1, layer 2 is the last one and linear, some input has a coordinate y_j != 0: with all other weights 0, F = max(t y_j, 0).
std::optional<std::string> not_smooth(const Network& network, bool some_input_is_not_zero);

}  // namespace lyapcert
