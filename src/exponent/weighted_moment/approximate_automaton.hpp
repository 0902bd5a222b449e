// Markov chains of automata whose symbols are uniform, in floating point: search only.
#pragma once

#include <vector>

#include "lyapcert/exponent/weighted_moment.hpp"

namespace lyapcert::weighted_moment {

// Long-run frequencies of the states.
std::vector<double> approximate_stationary(const Automaton& automaton);

// h with g_s - h_s + mean_i h_{next(s,i)} nearly constant (Poisson's equation): forms e^{h_s} P_s give all states the same bound.
std::vector<double> approximate_potentials(const Automaton& automaton, const std::vector<double>& growth);

}  // namespace lyapcert::weighted_moment
