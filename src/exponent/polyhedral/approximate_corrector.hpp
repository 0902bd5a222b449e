// Floating-point search for the correctors V = log W of Lemmas 1' and 2' (lyapcert/exponent/polyhedral.hpp).
//
// On leaf s let a_s <= D <= b_s, and let T_k(s) be the leaves that A_k s may meet. Whoever picks at each step, against us, the leaf of T_k(s) in
// which the path goes on, plays a Markov decision process whose value is the best bound that a corrector gives:
//     V_s = a_s + sum_k p_k min_{t in T_k(s)} V_t - c     (lower half; b_s and max for the upper half).
// It is solved by value iteration. The law in which the optimal adversary visits the leaves is the derivative of c by the a_s: it says where
// a sharper a_s pays.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "exponent/polyhedral/cell_bounds.hpp"
#include "exponent/polyhedral/fan.hpp"

namespace lyapcert::polyhedral {

// The leaves of K in depth-first order, in which images of neighbours are neighbours; every vector below is in this order.
template <int N>
std::vector<std::int32_t> depth_first(const Fan<N>& fan, const std::vector<char>& in_cone) {
    std::vector<std::int32_t> order;
    order.reserve(static_cast<std::size_t>(std::count_if(in_cone.begin(), in_cone.end(), [](char c) { return c != 0; })));
    std::vector<std::int32_t> stack;
    for (int root = Fan<N>::root_count - 1; root >= 0; --root) stack.push_back(root);
    while (!stack.empty()) {
        const std::int32_t child = fan.child(stack.back());
        stack.pop_back();
        if (child >= 0) {
            stack.push_back(child + 1);
            stack.push_back(child);
        } else if (in_cone[static_cast<std::size_t>(~child)] != 0) {
            order.push_back(~child);
        }
    }
    return order;
}

template <int N>
class ApproximateCorrector {
  public:
    enum Side { lower = 0, upper = 1 };

    ApproximateCorrector(const Fan<N>& fan, const std::vector<char>& in_cone, const MapFamily<double, N>& family)
        : order_(depth_first(fan, in_cone)), position_(fan.leaves().size(), -1), maps_(family.maps.size()) {
        for (const auto& map : family.maps) probability_.push_back(map.probability);
        for (std::size_t i = 0; i < order_.size(); ++i) position_[static_cast<std::size_t>(order_[i])] = static_cast<std::int32_t>(i);
        chunks_.resize((order_.size() + chunk_size - 1) / chunk_size);
        for (auto& reward : reward_) reward.assign(order_.size(), 0.0);
    }

    const std::vector<std::int32_t>& order() const { return order_; }
    std::size_t size() const { return order_.size(); }
    double reward(Side side, std::size_t i) const { return reward_[side][i]; }

    // bound(leaf, met) returns {a, b}, reporting met(k, t) for each t in T_k, in the order of k.
    template <class Bound>
    void assemble(Bound bound) {
        for_each_chunk([&](std::size_t c) {
            Chunk& chunk = chunks_[c];
            chunk.first.reserve(chunk_size * maps_ + 1);
            chunk.first.push_back(0);
            for (std::size_t i = c * chunk_size; i < end_of(c); ++i) {
                const std::size_t start = chunk.first.size() - 1;
                const std::array<double, 2> range = bound(static_cast<std::size_t>(order_[i]), [&](std::size_t k, std::size_t leaf) {
                    while (chunk.first.size() <= start + k) chunk.first.push_back(static_cast<std::uint32_t>(chunk.target.size()));
                    if (position_[leaf] >= 0) chunk.target.push_back(position_[leaf]);
                });
                while (chunk.first.size() <= start + maps_) chunk.first.push_back(static_cast<std::uint32_t>(chunk.target.size()));
                reward_[lower][i] = range[0];
                reward_[upper][i] = range[1];
            }
            chunk.target.shrink_to_fit();
        });
    }

    // Improves V by value iteration until c is known to a share of its distance from lambda, which is about `reference`. Returns the bound
    // that V gives: it never gets worse on the way.
    double solve(Side side, std::vector<double>& v, double reference, std::chrono::steady_clock::time_point deadline) const {
        std::vector<double> next(v.size());
        std::vector<std::array<double, 2>> range(chunks_.size());
        double bound = 0.0;
        for (int sweep = 0; sweep < most_sweeps; ++sweep) {
            const double step = sweep < most_sweeps / 4 ? 1.0 : 0.5;  // periodic chains never settle undamped
            for_each_chunk([&](std::size_t c) {
                range[c] = {infinity, -infinity};
                for_each_leaf(side, c, v, [&](std::size_t i, double x) {
                    const double change = x - reference - v[i];
                    next[i] = v[i] + step * change;
                    range[c][0] = std::min(range[c][0], change);
                    range[c][1] = std::max(range[c][1], change);
                });
            });
            double low = infinity;
            double high = -infinity;
            for (const auto& r : range) low = std::min(low, r[0]), high = std::max(high, r[1]);
            bound = side == lower ? low : high;
            if (high - low <= std::max(tolerance * std::fabs(bound), 1e-16)) break;
            v.swap(next);
            if (std::chrono::steady_clock::now() > deadline) break;
        }
        const double largest = *std::max_element(v.begin(), v.end());
        for (double& x : v) x -= largest;
        return reference + bound;
    }

    // The share of time in which the adversary of V is on each leaf; `nu` is where to start.
    void occupation(Side side, const std::vector<double>& v, std::vector<double>& nu) const {
        std::vector<std::int32_t> choice(maps_ * size());
        for_each_chunk([&](std::size_t c) {
            const Chunk& chunk = chunks_[c];
            const std::size_t shift = c * chunk_size * maps_;
            for (std::size_t at = 0; at + 1 < chunk.first.size(); ++at) {
                std::int32_t best = -1;
                for (std::uint32_t n = chunk.first[at]; n < chunk.first[at + 1]; ++n) {
                    const std::int32_t t = chunk.target[n];
                    const double gain = best < 0 ? 1.0 : v[static_cast<std::size_t>(t)] - v[static_cast<std::size_t>(best)];
                    if (best < 0 || (side == lower ? gain < 0.0 : gain > 0.0)) best = t;
                }
                choice[shift + at] = best;
            }
        });
        std::vector<double> next(size());
        for (int step = 0; step < occupation_steps; ++step) {
            std::fill(next.begin(), next.end(), 0.0);
            for (std::size_t i = 0; i < size(); ++i)
                for (std::size_t k = 0; k < maps_; ++k)
                    if (choice[i * maps_ + k] >= 0) next[static_cast<std::size_t>(choice[i * maps_ + k])] += probability_[k] * nu[i];
            nu.swap(next);
        }
        double total = 0.0;
        for (const double x : nu) total += x;
        for (double& x : nu) x = total > 0.0 ? x / total : 1.0 / static_cast<double>(size());
    }

    // visit(i, sum_k p_k (max V - min V over T_k(s))), in parallel.
    template <class Visit>
    void for_each_spread(const std::vector<double>& v, Visit visit) const {
        for_each_chunk([&](std::size_t c) {
            std::array<double, chunk_size> low;
            const std::size_t start = c * chunk_size;
            for_each_leaf(lower, c, v, [&](std::size_t i, double x) { low[i - start] = x - reward_[lower][i]; });
            for_each_leaf(upper, c, v, [&](std::size_t i, double x) { visit(i, x - reward_[upper][i] - low[i - start]); });
        });
    }

    // With the vectors of one solve.
    std::size_t bytes() const {
        std::size_t total = position_.capacity() * 4 + order_.capacity() * 4 + size() * (2 + 4) * sizeof(double) + size() * maps_ * 4;
        for (const Chunk& chunk : chunks_) total += 4 * (chunk.first.capacity() + chunk.target.capacity());
        return total;
    }

  private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr std::size_t chunk_size = 1024;
    static constexpr int most_sweeps = 800;
    static constexpr double tolerance = 0.1;
    static constexpr int occupation_steps = 20;

    struct Chunk {
        std::vector<std::uint32_t> first;  // of the targets of (leaf, map)
        std::vector<std::int32_t> target;
    };

    std::size_t end_of(std::size_t chunk) const { return std::min(size(), (chunk + 1) * chunk_size); }

    template <class Body>
    void for_each_chunk(Body body) const {
        tbb::parallel_for(tbb::blocked_range<std::size_t>(0, chunks_.size(), 1), [&](const tbb::blocked_range<std::size_t>& r) {
            const RoundNearest guard;
            for (std::size_t c = r.begin(); c < r.end(); ++c) body(c);
        });
    }

    // visit(i, reward + sum_k p_k extreme V, the choices)
    template <class Visit>
    void for_each_leaf(Side side, std::size_t c, const std::vector<double>& v, Visit visit) const {
        const Chunk& chunk = chunks_[c];
        const std::vector<double>& reward = reward_[side];
        std::size_t at = 0;
        for (std::size_t i = c * chunk_size; i < end_of(c); ++i) {
            double x = reward[i];
            for (std::size_t k = 0; k < maps_; ++k, ++at) {
                std::uint32_t n = chunk.first[at];
                const std::uint32_t end = chunk.first[at + 1];
                if (n == end) continue;
                double extreme = v[static_cast<std::size_t>(chunk.target[n])];
                for (++n; n < end; ++n) {
                    const double y = v[static_cast<std::size_t>(chunk.target[n])];
                    extreme = side == lower ? std::min(extreme, y) : std::max(extreme, y);
                }
                x += probability_[k] * extreme;
            }
            visit(i, x);
        }
    }

    std::vector<std::int32_t> order_;
    std::vector<std::int32_t> position_;  // in order_, -1 outside K
    std::size_t maps_;
    std::vector<double> probability_;
    std::vector<Chunk> chunks_;
    std::array<std::vector<double>, 2> reward_;
};

}  // namespace lyapcert::polyhedral
