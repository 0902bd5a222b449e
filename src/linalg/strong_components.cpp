#include "lyapcert/linalg/strong_components.hpp"

namespace lyapcert {

namespace {

std::vector<bool> reachable(const std::vector<std::vector<std::size_t>>& successors, std::size_t from) {
    std::vector<bool> seen(successors.size(), false);
    std::vector<std::size_t> pending{from};
    seen[from] = true;
    while (!pending.empty()) {
        const std::size_t i = pending.back();
        pending.pop_back();
        for (std::size_t j : successors[i])
            if (!seen[j]) {
                seen[j] = true;
                pending.push_back(j);
            }
    }
    return seen;
}

}  // namespace

std::vector<std::vector<std::size_t>> strong_components(const std::vector<std::vector<std::size_t>>& successors) {
    const std::size_t n = successors.size();
    std::vector<std::vector<std::size_t>> predecessors(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j : successors[i]) predecessors[j].push_back(i);
    std::vector<bool> placed(n, false);
    std::vector<std::vector<std::size_t>> result;
    for (std::size_t i = 0; i < n; ++i) {
        if (placed[i]) continue;
        const std::vector<bool> after = reachable(successors, i);
        const std::vector<bool> before = reachable(predecessors, i);
        result.emplace_back();
        for (std::size_t j = i; j < n; ++j)
            if (after[j] && before[j]) {
                placed[j] = true;
                result.back().push_back(j);
            }
    }
    return result;
}

}  // namespace lyapcert
