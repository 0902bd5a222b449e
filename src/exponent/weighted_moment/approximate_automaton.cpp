#include "exponent/weighted_moment/approximate_automaton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lyapcert::weighted_moment {

std::vector<double> approximate_stationary(const Automaton& automaton) {
    const std::size_t n = automaton.symbols;
    std::vector<double> pi(automaton.states, 1.0 / static_cast<double>(automaton.states));
    for (int round = 0; round < 100000; ++round) {
        std::vector<double> next(automaton.states, 0.0);
        for (std::size_t s = 0; s < automaton.states; ++s)
            for (std::size_t i = 0; i < n; ++i) next[automaton(s, i)] += pi[s] / static_cast<double>(n);
        double change = 0.0;
        for (std::size_t s = 0; s < automaton.states; ++s) {
            next[s] = 0.5 * (next[s] + pi[s]);
            change += std::fabs(next[s] - pi[s]);
        }
        pi = std::move(next);
        if (change < 1e-15) break;
    }
    return pi;
}

std::vector<double> approximate_potentials(const Automaton& automaton, const std::vector<double>& growth) {
    const std::size_t n = automaton.symbols;
    std::vector<double> h(automaton.states, 0.0);
    for (int round = 0; automaton.states > 1 && round < 20000; ++round) {
        std::vector<double> next = growth;
        double least = std::numeric_limits<double>::infinity();
        double most = -least;
        for (std::size_t s = 0; s < automaton.states; ++s) {
            double mean = 0.0;
            for (std::size_t i = 0; i < n; ++i) mean += h[automaton(s, i)];
            next[s] += mean / static_cast<double>(n);
            least = std::min(least, next[s] - h[s]);
            most = std::max(most, next[s] - h[s]);
        }
        if (most - least < 1e-13) break;
        for (std::size_t s = automaton.states; s-- > 0;) h[s] = next[s] - next[0];
    }
    return h;
}

}  // namespace lyapcert::weighted_moment
