// Which past to remember: automata that grow where it pays. Guarantees nothing.
//
// What is worth remembering is the direction of x, which tells which symbols stretch it; words are a poor memory of it, for a direction is the work of many
// steps. So the automaton is not made of words: a state is split in two (the edges that lead to it are divided by the flow that continues from them, along
// the principal axis of its differences: the bound does not change), log t and the forms are improved, and then each edge may lead to whichever state makes
// it cheapest, as in the policy iteration of a Markov decision process. The states become classes of directions.
#pragma once

#include "exponent/weighted_moment/approximate_search.hpp"

namespace lyapcert::weighted_moment {

// Long-run frequencies of the states.
std::vector<double> approximate_stationary(const Automaton& automaton);

// h with g_s - h_s + mean_i h_{next(s,i)} nearly constant (Poisson's equation): forms e^{h_s} P_s give all states the same bound.
std::vector<double> approximate_potentials(const Automaton& automaton, const std::vector<double>& growth);

// Splits states, those first where it promises most, until there are `most_states`, or all are split.
void split_states(ApproximateSearch& search, std::size_t most_states);

// Lets edges lead where the flow is smaller: those that gain most, up to this part of the whole gain. States that cannot be reached any longer are dropped.
// Returns the number of edges.
std::size_t redirect_edges(ApproximateSearch& search, double part);

}  // namespace lyapcert::weighted_moment
