// A fan with f and K as a certificate holds them: independent of how the search numbers leaves and vertices.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

#include "exponent/polyhedral/fan.hpp"
#include "lyapcert/exponent/polyhedral.hpp"

namespace lyapcert::polyhedral {

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

    static std::string key(Vector x) {
        const auto first = std::find_if(x.begin(), x.end(), [](double c) { return c != 0.0; });
        const double sign = first != x.end() && *first < 0.0 ? -1.0 : 1.0;
        for (double& c : x) c = c == 0.0 ? 0.0 : sign * c;
        return std::string(reinterpret_cast<const char*>(x.data()), sizeof x);
    }

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

}  // namespace lyapcert::polyhedral
