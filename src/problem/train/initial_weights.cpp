#include "problem/train/initial_weights.hpp"

#include <cmath>

namespace lyapcert::training {

std::vector<double> first_weights(const Network& network, double scale, Random& random) {
    std::vector<double> w;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        const std::size_t matrix = network.widths[l + 1] * network.widths[l];
        const double size = scale / std::sqrt(static_cast<double>(network.widths[l]));
        for (std::size_t k = 0; k < network.layer_size(l); ++k) w.push_back(random.normal() * (k < matrix ? size : 0.1 * scale));
    }
    return w;
}

std::vector<double> other_weights(const Network& network, double scale, int start, Random& random) {
    constexpr int powers = 6;
    const double larger = std::ldexp(scale, (start - 1) / 2 % powers);
    std::vector<double> w;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        const double size = (l == 0 || start % 2 == 0 ? larger : scale) / std::sqrt(static_cast<double>(network.widths[l]));
        for (std::size_t k = 0; k < network.layer_size(l); ++k) w.push_back(random.normal() * size);
    }
    return w;
}

}  // namespace lyapcert::training
