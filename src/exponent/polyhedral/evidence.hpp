// A fan with f and K as a certificate holds them: independent of how the search numbers leaves and vertices. Written, and read again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "exponent/polyhedral/fan.hpp"
#include "lyapcert/exponent/polyhedral.hpp"

namespace lyapcert::polyhedral {

// Bytes that are equal for +-x only.
template <int N>
std::string vertex_key(std::array<double, N> x) {
    const auto first = std::find_if(x.begin(), x.end(), [](double c) { return c != 0.0; });
    const double sign = first != x.end() && *first < 0.0 ? -1.0 : 1.0;
    for (double& c : x) c = c == 0.0 ? 0.0 : sign * c;
    return std::string(reinterpret_cast<const char*>(x.data()), sizeof x);
}

template <int N>
class EvidenceWriter {
  public:
    // `corrector`: W for each leaf, or empty.
    EvidenceWriter(const Fan<N>& fan, const std::vector<double>& values, const std::vector<char>& in_cone, const std::vector<double>& corrector)
        : fan_(fan), values_(values), in_cone_(in_cone), corrector_(corrector), evidence_(std::make_shared<FanEvidence>()) {
        known_.reserve(2 * values.size());
        for (std::size_t v = 0; v < fan.vertices().size(); ++v) known_.emplace(key(fan.vertices()[v]), static_cast<std::int32_t>(v));
    }

    // f is scaled by a power of two to a largest value in [1/2, 1).
    std::shared_ptr<const FanEvidence> write() {
        evidence_->dimension = N;
        const double largest = *std::max_element(values_.begin(), values_.end());
        std::frexp(largest, &exponent_);
        for (int i = 0; i < N; ++i) add_vertex(i);
        for (int root = 0; root < Fan<N>::root_count; ++root) {
            std::array<Vector, N> generators{};
            for (int i = 0; i < N; ++i) generators[i][i] = Fan<N>::root_sign(root, i);
            visit(root, 0, generators);
        }
        return evidence_;
    }

  private:
    using Vector = std::array<double, N>;

    static std::string key(const Vector& x) { return vertex_key<N>(x); }

    void add_vertex(std::int32_t v) {
        if (written_.size() < values_.size()) written_.resize(values_.size(), false);
        if (written_[static_cast<std::size_t>(v)]) return;
        written_[static_cast<std::size_t>(v)] = true;
        evidence_->values.push_back(std::ldexp(values_[static_cast<std::size_t>(v)], -exponent_));
    }

    void visit(std::int32_t node, int depth, const std::array<Vector, N>& g) {
        const std::int32_t child = fan_.child(node);
        evidence_->bisected.push_back(child >= 0);
        if (child < 0) {
            const auto leaf = static_cast<std::size_t>(~child);
            evidence_->in_cone.push_back(in_cone_[leaf] != 0);
            if (!corrector_.empty() && in_cone_[leaf] != 0) evidence_->corrector.push_back(corrector_[leaf]);
            return;
        }
        const int t = Fan<N>::bisected(depth);
        Vector z{};
        for (int i = 0; i < N; ++i) z[i] = 0.5 * (g[0][i] + g[t][i]);
        add_vertex(known_.at(key(z)));
        std::array<Vector, N> h = g;
        h[t] = z;
        visit(child, depth + 1, h);
        for (int i = 0; i < t; ++i) h[i] = g[i + 1];
        h[t] = z;
        visit(child + 1, depth + 1, h);
    }

    const Fan<N>& fan_;
    const std::vector<double>& values_;
    const std::vector<char>& in_cone_;
    const std::vector<double>& corrector_;
    std::unordered_map<std::string, std::int32_t> known_;
    std::vector<bool> written_;
    int exponent_ = 0;
    std::shared_ptr<FanEvidence> evidence_;
};

// The fan and what stands on it, from evidence of dimension N.
template <int N>
struct ReadEvidence {
    Fan<N> fan;
    std::vector<double> values;     // f, vertex by vertex of the fan
    std::vector<char> in_cone;      // leaf by leaf
    std::vector<double> corrector;  // W, leaf by leaf; empty: 1

    // Throws std::invalid_argument where the parts do not fit together.
    explicit ReadEvidence(const FanEvidence& evidence) : evidence_(evidence) {
        if (evidence.dimension != N) throw std::invalid_argument("fan: evidence of another dimension");
        parse();
        grow();
        values.assign(fan.vertices().size(), 0.0);
        in_cone.assign(fan.leaves().size(), 0);
        if (!evidence.corrector.empty()) corrector.assign(fan.leaves().size(), 1.0);
        std::unordered_map<std::string, std::size_t> known;
        for (std::size_t v = 0; v < fan.vertices().size(); ++v) known.emplace(vertex_key<N>(fan.vertices()[v]), v);
        for (std::size_t i = 0; i < N; ++i) set_value(i);
        for (int root = 0; root < Fan<N>::root_count; ++root) {
            std::array<std::array<double, N>, N> generators{};
            for (int i = 0; i < N; ++i) generators[i][i] = Fan<N>::root_sign(root, i);
            visit(root, 0, generators, known);
        }
        const bool fits = next_value_ == evidence.values.size() && next_leaf_ == evidence.in_cone.size() && next_weight_ == evidence.corrector.size();
        if (!fits) throw std::invalid_argument("fan: the parts of the evidence do not fit together");
    }

  private:
    // Nodes of the bisection trees in depth-first order: the second child of one that is bisected (the first comes next), or 0.
    void parse() {
        second_child_.assign(evidence_.bisected.size(), 0);
        std::size_t at = 0;
        for (int root = 0; root < Fan<N>::root_count; ++root) {
            roots_.push_back(at);
            std::vector<std::size_t> open;  // bisected nodes whose first part is being read
            for (bool done = false; !done;) {
                if (at >= evidence_.bisected.size()) throw std::invalid_argument("fan: the bisections end early");
                if (evidence_.bisected[at]) {
                    open.push_back(at++);
                    continue;
                }
                ++at;
                while (!open.empty() && second_child_[open.back()] != 0) open.pop_back();
                done = open.empty();
                if (!done) second_child_[open.back()] = at;
            }
        }
        if (at != evidence_.bisected.size()) throw std::invalid_argument("fan: there are too many bisections");
    }

    void grow() {
        std::vector<std::size_t> node_of = roots_;  // of each leaf of the fan
        for (;;) {
            std::vector<char> marked(fan.leaves().size(), 0);
            bool any = false;
            for (std::size_t leaf = 0; leaf < marked.size(); ++leaf)
                if (evidence_.bisected[node_of[leaf]]) marked[leaf] = 1, any = true;
            if (!any) return;
            fan.refine(
                marked, [](VertexRef, VertexRef) {},
                [&](std::size_t parent) {
                    const std::size_t node = node_of[parent];
                    if (!evidence_.bisected[node]) throw std::invalid_argument("fan: the evidence is not conforming");
                    node_of[parent] = node + 1;
                    node_of.push_back(second_child_[node]);
                });
        }
    }

    void set_value(std::size_t vertex) {
        if (values[vertex] != 0.0) return;
        if (next_value_ == evidence_.values.size() || !(evidence_.values[next_value_] > 0.0)) throw std::invalid_argument("fan: a value is missing, or not positive");
        values[vertex] = evidence_.values[next_value_++];
    }

    void visit(std::int32_t node, int depth, const std::array<std::array<double, N>, N>& g, const std::unordered_map<std::string, std::size_t>& known) {
        const std::int32_t child = fan.child(node);
        if (child < 0) {
            const auto leaf = static_cast<std::size_t>(~child);
            if (next_leaf_ == evidence_.in_cone.size()) throw std::invalid_argument("fan: leaves are missing");
            in_cone[leaf] = evidence_.in_cone[next_leaf_++] ? 1 : 0;
            if (!corrector.empty() && in_cone[leaf] != 0) {
                if (next_weight_ == evidence_.corrector.size()) throw std::invalid_argument("fan: a corrector is missing");
                corrector[leaf] = evidence_.corrector[next_weight_++];
            }
            return;
        }
        const int t = Fan<N>::bisected(depth);
        std::array<double, N> z{};
        for (int i = 0; i < N; ++i) z[i] = 0.5 * (g[0][i] + g[t][i]);
        set_value(known.at(vertex_key<N>(z)));
        auto h = g;
        h[t] = z;
        visit(child, depth + 1, h, known);
        for (int i = 0; i < t; ++i) h[i] = g[i + 1];
        h[t] = z;
        visit(child + 1, depth + 1, h, known);
    }

    const FanEvidence& evidence_;
    std::vector<std::size_t> second_child_;
    std::vector<std::size_t> roots_;
    std::size_t next_value_ = 0;
    std::size_t next_leaf_ = 0;
    std::size_t next_weight_ = 0;
};

}  // namespace lyapcert::polyhedral
