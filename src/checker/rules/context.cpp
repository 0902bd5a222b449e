#include "checker/rules/context.hpp"

#include "checker/rules/definite.hpp"

namespace lyapcert::checker {

using nlohmann::json;

End parse_end(const json& j) {
    if (!j.is_string()) throw Refused("an end of an enclosure is not a string");
    const std::string& text = j.get_ref<const std::string&>();
    if (text == "-inf") return {true, 0};
    return {false, parse_rational(text)};
}

const json& Context::evidence(const char* list, const json& index) const {
    const auto at = certificate_.find(list);
    const auto k = index.get<std::size_t>();
    if (at == certificate_.end() || !at->is_array() || k >= at->size()) throw Refused(std::string(list) + ": there is no such entry");
    return (*at)[k];
}

std::optional<std::size_t> Context::gram_rank() const {
    if (problem.rank) return problem.rank;
    if (problem.product.is_single_sample_gram()) return exceeds(problem.gram, 0, bits) ? std::optional<std::size_t>(problem.data_points) : std::nullopt;
    const Inertia all = inertia(problem.gram, 0, bits);
    if (!all.known || all.negative > 0) return std::nullopt;
    return all.positive;
}

}  // namespace lyapcert::checker
