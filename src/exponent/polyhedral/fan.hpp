// A conforming simplicial fan of R^N up to sign, refined by bisection.
//
// Its roots are the orthants with positive first coordinate; every line through the origin meets one of them. A cone with
// generators (x_0, ..., x_n), n = N - 1, at depth g is bisected at z = (x_0 + x_t)/2 with t = n - (g mod n), into
//     (x_0, ..., x_{t-1}, z, x_{t+1}, ..., x_n)   and   (x_1, ..., x_t, z, x_{t+1}, ..., x_n)      (Maubach 1995).
// Neighbouring orthants are reflections of each other in one generator, so the orders are compatible and closing under
// "a leaf with a bisected edge is bisected too" ends in a conforming fan.
//
// Generators have dyadic coordinates with sum of absolute values 1, exact in double up to `max_depth`. Barycentric
// coordinates c of w = sum c_i x_i pass from a cone to its children by one subtraction and one doubling:
//     first child: c_0 - c_t, 2 c_t;   second child: c_t - c_0, 2 c_0.
// They are linear in w, so they make sense (with negative entries) for points outside the cone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "exponent/polyhedral/scalar.hpp"

namespace lyapcert::polyhedral {

template <class S, int N>
using Columns = std::array<std::array<S, N>, N>;  // [coordinate i][vector j]

// No point of the relative interior of the cone spanned by the columns has all coordinates >= 0.
template <class S, int N>
bool separated(const Columns<S, N>& c) {
    for (int i = 0; i < N; ++i) {
        bool nowhere_positive = true;
        bool somewhere_negative = false;
        for (int j = 0; j < N && nowhere_positive; ++j) {
            nowhere_positive = upper_end(c[i][j]) <= 0.0;
            somewhere_negative = somewhere_negative || upper_end(c[i][j]) < 0.0;
        }
        if (nowhere_positive && somewhere_negative) return true;
    }
    return false;
}

// A generator up to sign: vertex index and sign bit.
struct VertexRef {
    std::int32_t code = 0;
    VertexRef() = default;
    VertexRef(std::int32_t vertex, bool negative) : code(2 * vertex + (negative ? 1 : 0)) {}
    std::int32_t vertex() const { return code >> 1; }
    bool negative() const { return (code & 1) != 0; }
};

template <int N>
class Fan {
  public:
    static constexpr int simplex_dimension = N - 1;
    // Coordinates stay exact: each takes part in at most one halving a level.
    static constexpr int max_depth = 46;

    struct Leaf {
        std::array<VertexRef, N> generators;
        std::int32_t node = 0;
        std::uint8_t depth = 0;
    };

    Fan() {
        for (int i = 0; i < N; ++i) {
            std::array<double, N> e{};
            e[static_cast<std::size_t>(i)] = 1.0;
            vertices_.push_back(e);
        }
        for (int root = 0; root < roots; ++root) {
            Leaf leaf;
            for (int i = 0; i < N; ++i) leaf.generators[static_cast<std::size_t>(i)] = VertexRef(i, root_sign(root, i) < 0);
            leaf.node = root;
            child_.push_back(~static_cast<std::int32_t>(leaves_.size()));
            leaves_.push_back(leaf);
        }
    }

    static constexpr int root_count = 1 << (N - 1);
    static int root_sign(int root, int i) { return i > 0 && ((root >> (i - 1)) & 1) != 0 ? -1 : 1; }
    // t, the generator that moves when a cone of this depth is bisected.
    static int bisected(int depth) { return simplex_dimension - depth % simplex_dimension; }
    // The first of the two children of a node (roots are nodes 0, 1, ...), or ~leaf.
    std::int32_t child(std::int32_t node) const { return child_[static_cast<std::size_t>(node)]; }

    const std::vector<Leaf>& leaves() const { return leaves_; }
    const std::vector<std::array<double, N>>& vertices() const { return vertices_; }

    double coordinate(VertexRef ref, int i) const {
        const double x = vertices_[static_cast<std::size_t>(ref.vertex())][static_cast<std::size_t>(i)];
        return ref.negative() ? -x : x;
    }

    // Bisects the leaves for which marked[leaf] is set and whatever conformity asks for. `on_vertex(a, b)` is told of each
    // new vertex, the midpoint of generators a and b; `on_leaf(parent)` of each new leaf, which inherits from leaf `parent`
    // (the parent's index is reused for the first child).
    template <class OnVertex, class OnLeaf>
    void refine(const std::vector<char>& marked, OnVertex on_vertex, OnLeaf on_leaf) {
        const std::size_t before = leaves_.size();
        if constexpr (N == 2) {  // the exact growth is known: do not let the vectors double
            const auto growth = static_cast<std::size_t>(std::count(marked.begin(), marked.end(), 1));
            leaves_.reserve(before + growth);
            vertices_.reserve(vertices_.size() + growth);
            child_.reserve(child_.size() + 2 * growth);
        }
        for (std::size_t leaf = 0; leaf < before; ++leaf)
            if (marked[leaf]) bisect(leaf, on_vertex, on_leaf);
        if constexpr (N > 2) {
            bool changed = true;
            while (changed) {
                changed = false;
                for (std::size_t leaf = 0; leaf < leaves_.size(); ++leaf)
                    if (has_bisected_edge(leaves_[leaf])) {
                        bisect(leaf, on_vertex, on_leaf);
                        changed = true;
                    }
            }
        }
    }

    // A fan without hanging vertices: the precondition for "linear on each leaf" to define one continuous even function. Testing
    // edges is enough: what the leaves on either side of a common face (up to sign) make of it is a subtree of one and the same
    // bisection tree, since the order of the generators is compatible across it; of two different subtrees one has a vertex in
    // the middle of an edge of the other.
    bool is_conforming() const {
        if constexpr (N > 2)
            for (const Leaf& leaf : leaves_)
                if (has_bisected_edge(leaf)) return false;
        return true;
    }

    // The leaves that the cone spanned by the columns of `w`, or its negative, may meet: calls visit(leaf, c, total) with
    // the barycentric coordinates c[i][j] of w_j in the leaf and total[j] = sum_i c[i][j], which bisection preserves.
    //
    // Lemma. A cone is dropped when one barycentric coordinate is <= 0 on all w_j and < 0 on one of them. Every point of
    // cone(w) lies in a leaf that is kept. Proof: for p in the relative interior of cone(w) let t be a leaf that holds p or
    // -p; all its coordinates of p are >= 0, but a coordinate as described would be < 0 at p, a positive combination of all
    // w_j: so t and its ancestors are kept. Points of the boundary are limits, and there are finitely many closed leaves.
    template <class S, class Visit>
    void for_each_leaf_met(const Columns<S, N>& w, Visit&& visit) const {
        for (int root = 0; root < roots; ++root)
            for (int sign = 1; sign >= -1; sign -= 2) {
                Columns<S, N> c = w;
                std::array<S, N> total;
                for (int i = 0; i < N; ++i)
                    if (root_sign(root, i) * sign < 0)
                        for (int j = 0; j < N; ++j) negate_in_place(c[i][j]);
                if (separated<S, N>(c)) continue;
                for (int j = 0; j < N; ++j) {
                    total[j] = c[0][j];
                    for (int i = 1; i < N; ++i) total[j] = total[j] + c[i][j];
                }
                descend(root, 0, c, total, visit);
            }
    }

    // The leaf that holds w or -w and the barycentric coordinates of that multiple; floating point, for the search.
    // Returns -1 for w = 0.
    std::int32_t approximate_locate(const std::array<double, N>& w, std::array<double, N>& c) const {
        int first = 0;
        while (first < N && w[first] == 0.0) ++first;
        if (first == N) return -1;
        const double flip = w[0] < 0.0 ? -1.0 : 1.0;
        int root = 0;
        for (int i = 0; i < N; ++i) {
            c[i] = w[i] * flip;
            if (i > 0 && c[i] < 0.0) root |= 1 << (i - 1);
            if (c[i] < 0.0) c[i] = -c[i];
        }
        std::int32_t node = root;
        for (int depth = 0; child_[node] >= 0; ++depth) {
            const int t = bisected(depth);
            node = child_[node];
            if (c[0] >= c[t]) {
                c[0] -= c[t];
                c[t] *= 2.0;
            } else {
                ++node;
                const double low = c[0];
                const double rest = c[t] - low;
                for (int i = 0; i + 1 < t; ++i) c[i] = c[i + 1];
                c[t - 1] = rest;
                c[t] = 2.0 * low;
            }
        }
        return ~child_[node];
    }

    std::size_t bytes() const {
        return vertices_.capacity() * sizeof(vertices_[0]) + child_.capacity() * sizeof(child_[0]) +
               leaves_.capacity() * sizeof(leaves_[0]) + midpoint_.size() * 40;
    }

  private:
    static constexpr int roots = root_count;

    template <class S, class Visit>
    void descend(std::int32_t node, int depth, const Columns<S, N>& c, const std::array<S, N>& total, Visit& visit) const {
        const std::int32_t child = child_[static_cast<std::size_t>(node)];
        if (child < 0) {
            visit(static_cast<std::size_t>(~child), c, total);
            return;
        }
        const int t = bisected(depth);
        Columns<S, N> next = c;
        for (int j = 0; j < N; ++j) {
            next[0][j] = c[0][j] - c[t][j];
            next[t][j] = doubled(c[t][j]);
        }
        if (!separated<S, N>(next)) descend(child, depth + 1, next, total, visit);
        for (int j = 0; j < N; ++j) {
            const S rest = c[t][j] - c[0][j];
            for (int i = 0; i + 1 < t; ++i) next[i][j] = c[i + 1][j];
            next[t - 1][j] = rest;
            next[t][j] = doubled(c[0][j]);
        }
        if (!separated<S, N>(next)) descend(child + 1, depth + 1, next, total, visit);
    }

    // The midpoint of generators a and b, as a reference with the sign that makes it (a + b)/2.
    template <class OnVertex>
    VertexRef midpoint(VertexRef a, VertexRef b, OnVertex& on_vertex) {
        const auto create = [&](VertexRef p, VertexRef q) {
            std::array<double, N> z{};
            for (int i = 0; i < N; ++i) z[i] = 0.5 * (coordinate(p, i) + coordinate(q, i));
            if (vertices_.size() >= (std::size_t{1} << 30)) throw std::length_error("too many vertices");
            vertices_.push_back(z);
            on_vertex(p, q);
            return static_cast<std::int32_t>(vertices_.size() - 1);
        };
        if constexpr (N == 2) {
            return VertexRef(create(a, b), false);  // two leaves never share an edge
        } else {
            if (a.vertex() > b.vertex()) std::swap(a, b);
            const VertexRef p(a.vertex(), false);
            const VertexRef q(b.vertex(), a.negative() != b.negative());
            const auto [entry, is_new] = midpoint_.try_emplace(edge_key(p, q), 0);
            if (is_new) entry->second = create(p, q);
            return VertexRef(entry->second, a.negative());
        }
    }

    static std::uint64_t edge_key(VertexRef p, VertexRef q) {
        return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(p.vertex())) << 32) | static_cast<std::uint32_t>(q.code);
    }

    bool has_bisected_edge(const Leaf& leaf) const {
        for (int i = 0; i < N; ++i)
            for (int j = i + 1; j < N; ++j) {
                VertexRef a = leaf.generators[i];
                VertexRef b = leaf.generators[j];
                if (a.vertex() > b.vertex()) std::swap(a, b);
                if (midpoint_.count(edge_key(VertexRef(a.vertex(), false), VertexRef(b.vertex(), a.negative() != b.negative()))) != 0) return true;
            }
        return false;
    }

    template <class OnVertex, class OnLeaf>
    void bisect(std::size_t index, OnVertex& on_vertex, OnLeaf& on_leaf) {
        const Leaf parent = leaves_[index];
        const int t = bisected(parent.depth);
        const VertexRef z = midpoint(parent.generators[0], parent.generators[t], on_vertex);
        const auto first_node = static_cast<std::int32_t>(child_.size());
        Leaf first = parent;
        first.generators[t] = z;
        first.node = first_node;
        first.depth = static_cast<std::uint8_t>(parent.depth + 1);
        Leaf second = first;
        for (int i = 0; i < t; ++i) second.generators[i] = parent.generators[i + 1];
        second.generators[t] = z;
        second.node = first_node + 1;
        child_[static_cast<std::size_t>(parent.node)] = first_node;
        child_.push_back(~static_cast<std::int32_t>(index));
        child_.push_back(~static_cast<std::int32_t>(leaves_.size()));
        leaves_[index] = first;
        leaves_.push_back(second);
        on_leaf(index);
    }

    std::vector<std::array<double, N>> vertices_;
    std::vector<std::int32_t> child_;  // of each node: the first of its two children, or ~leaf
    std::vector<Leaf> leaves_;
    std::unordered_map<std::uint64_t, std::int32_t> midpoint_;  // of bisected edges; empty for N = 2
};

}  // namespace lyapcert::polyhedral
