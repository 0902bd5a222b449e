#include "exponent/weighted_moment/approximate_memory.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::weighted_moment {

namespace {

using Dense = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

}  // namespace

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

void split_states(ApproximateSearch& search, std::size_t most_states) {
    const RoundNearest guard;
    const Automaton& old = search.automaton();
    const std::size_t n = old.symbols;
    const std::size_t states = old.states;
    std::vector<std::vector<std::size_t>> incoming(states);
    for (std::size_t e = 0; e < states * n; ++e) incoming[old.next[e]].push_back(e);
    std::vector<Dense> onward(states);
    tbb::parallel_for(std::size_t{0}, states, [&](std::size_t s) {
        const RoundNearest nearest;
        onward[s] = search.flows_onward(s);
    });
    std::vector<double> gain(states);
    std::vector<char> second(states * n, 0);  // edges that would lead to the second half of their state
    tbb::parallel_for(std::size_t{0}, states, [&](std::size_t s) {
        const RoundNearest nearest;
        const auto count = static_cast<Eigen::Index>(incoming[s].size());
        Dense law(static_cast<Eigen::Index>(n), count);  // of the next symbol, by edge
        Vector weight(count);
        for (Eigen::Index k = 0; k < count; ++k) {
            const std::size_t e = incoming[s][static_cast<std::size_t>(k)];
            law.col(k) = onward[e / n].row(static_cast<Eigen::Index>(e % n)).transpose();
            weight(k) = law.col(k).sum();
            law.col(k) /= weight(k);
        }
        weight /= weight.sum();
        const Vector mean = law * weight;
        Dense difference = law.colwise() - mean;
        for (Eigen::Index j = 0; j < difference.rows(); ++j) difference.row(j) /= std::sqrt(std::max(mean(j), 1e-300));
        const Dense covariance = difference * weight.asDiagonal() * difference.transpose();
        if (!covariance.allFinite()) return;
        const Eigen::SelfAdjointEigenSolver<Dense> eigen(covariance);
        const Vector side = difference.transpose() * eigen.eigenvectors().rightCols(1);
        for (Eigen::Index k = 0; k < count; ++k) second[incoming[s][static_cast<std::size_t>(k)]] = side(k) > 0.0 ? 1 : 0;
        gain[s] = search.stationary()[s] * eigen.eigenvalues()(covariance.rows() - 1);
    });
    std::vector<std::size_t> order(states);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gain[a] > gain[b]; });
    std::vector<std::uint32_t> half(states);
    std::vector<std::uint32_t> origin(states);
    std::iota(half.begin(), half.end(), std::uint32_t{0});
    std::iota(origin.begin(), origin.end(), std::uint32_t{0});
    for (std::size_t k = 0; k < states && origin.size() < most_states; ++k) {
        half[order[k]] = static_cast<std::uint32_t>(origin.size());
        origin.push_back(static_cast<std::uint32_t>(order[k]));
    }
    Automaton fine{origin.size(), n, {}};
    for (const std::uint32_t s : origin)
        for (std::size_t i = 0; i < n; ++i) fine.next.push_back(second[s * n + i] != 0 ? half[old(s, i)] : old(s, i));
    std::vector<double> stationary = approximate_stationary(fine);
    search.replace(std::move(fine), std::move(stationary), origin);
}

std::size_t redirect_edges(ApproximateSearch& search, double part) {
    const RoundNearest guard;
    const Automaton& old = search.automaton();
    const std::size_t n = old.symbols;
    const std::size_t states = old.states;
    std::vector<double> growth(states, 0.0);
    for (std::size_t e = 0; e < states * n; ++e) growth[e / n] += search.log_t()[e] / static_cast<double>(n);
    // With the potentials a change of the stationary law costs nothing to first order, and a cheaper edge is a gain.
    const std::vector<double> h = approximate_potentials(old, growth);
    const std::vector<Dense> images = search.images();
    std::vector<std::uint32_t> better(old.next);
    std::vector<double> gain(states * n, 0.0);
    tbb::parallel_for(std::size_t{0}, states, [&](std::size_t s) {
        const RoundNearest nearest;
        const Dense flow = search.flows_towards(s, images);
        for (std::size_t i = 0; i < n; ++i) {
            const auto column = static_cast<Eigen::Index>(i);
            const std::uint32_t present = old(s, i);
            double least = 1.0 - 1e-6;
            for (std::uint32_t u = 0; u < states; ++u) {
                const double ratio = flow(u, column) / flow(present, column) * std::exp(h[u] - h[present]);
                if (ratio < least) {
                    least = ratio;
                    better[s * n + i] = u;
                }
            }
            if (better[s * n + i] != present) gain[s * n + i] = search.stationary()[s] * (1.0 - least);
        }
    });
    std::vector<std::size_t> edges(states * n);
    std::iota(edges.begin(), edges.end(), std::size_t{0});
    std::stable_sort(edges.begin(), edges.end(), [&](std::size_t a, std::size_t b) { return gain[a] > gain[b]; });
    const double total = std::accumulate(gain.begin(), gain.end(), 0.0);
    Automaton fresh = old;
    double taken = 0.0;
    std::size_t count = 0;
    for (const std::size_t e : edges) {
        if (!(gain[e] > 0.0) || taken >= part * total) break;
        taken += gain[e];
        fresh.next[e] = better[e];
        ++count;
    }
    if (count == 0) return 0;

    const std::vector<double> frequency = approximate_stationary(fresh);
    constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> number(states, none);
    std::vector<std::uint32_t> kept{static_cast<std::uint32_t>(std::max_element(frequency.begin(), frequency.end()) - frequency.begin())};
    number[kept.front()] = 0;
    Automaton reached{0, n, {}};
    for (std::size_t k = 0; k < kept.size(); ++k)
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint32_t u = fresh(kept[k], i);
            if (number[u] == none) {
                number[u] = static_cast<std::uint32_t>(kept.size());
                kept.push_back(u);
            }
            reached.next.push_back(number[u]);
        }
    reached.states = kept.size();
    search.rescale(h);
    std::vector<double> stationary = approximate_stationary(reached);
    search.replace(std::move(reached), std::move(stationary), kept);
    return count;
}

}  // namespace lyapcert::weighted_moment
