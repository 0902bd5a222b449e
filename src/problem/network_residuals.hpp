// The residuals of a network at its data, as a map of the weights that are trained.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "lyapcert/problem/existence.hpp"
#include "lyapcert/problem/network.hpp"
#include "problem/document.hpp"

namespace lyapcert {

struct NetworkData {
    Network network;
    std::vector<std::size_t> free;
    std::vector<Rational> weights;
    std::vector<std::vector<Expression>> inputs;
    std::optional<std::vector<Expression>> targets;
};

std::shared_ptr<const NetworkData> network_data(const Document& document);

// Where the targets are the network's own, the residuals are its values.
ResidualMap residual_map(std::shared_ptr<const NetworkData> data);

std::vector<MpInterval> enclosed(const std::vector<Expression>& numbers, long precision);

}  // namespace lyapcert
