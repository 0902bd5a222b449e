// From a random product to the family of the polyhedral code.
#pragma once

#include "exponent/polyhedral/cell_bounds.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert::polyhedral {

// The common denominator of the probabilities, or 0 when it is too large for exact powers to stay in range.
inline int small_common_denominator(const std::vector<Rational>& probabilities) {
    Integer common = 1;
    for (const Rational& p : probabilities) common = boost::multiprecision::lcm(common, Integer(denominator(p)));
    return common <= 32 ? static_cast<int>(common) : 0;
}

// scalar(k, i, j) is entry (i, j) of matrix k, convert(p) a probability.
template <class S, int N, class Scalar, class Convert>
MapFamily<S, N> make_family(const std::vector<Rational>& probabilities, Scalar scalar, Convert convert) {
    MapFamily<S, N> family;
    family.denominator = small_common_denominator(probabilities);
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
        typename MapFamily<S, N>::Map map;
        const Rational& p = probabilities[k];
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < N; ++j) map.a[i][j] = scalar(k, static_cast<std::size_t>(i), static_cast<std::size_t>(j));
        map.probability = convert(to_interval(p));
        if (family.denominator > 0) map.multiplicity = static_cast<int>(Integer(numerator(p) * family.denominator / denominator(p)));
        family.maps.push_back(map);
    }
    return family;
}

// S: Interval, or double for the search.
template <class S, int N>
MapFamily<S, N> make_family(const RandomProduct& product) {
    const auto matrices = product.intervals();
    const auto convert = [](const Interval& x) {
        if constexpr (std::is_same_v<S, double>) return boost::numeric::median(x);
        else return x;
    };
    return make_family<S, N>(product.probabilities(), [&](std::size_t k, std::size_t i, std::size_t j) { return convert(matrices[k](i, j)); }, convert);
}

// S: Along, or AlongOf<double> for the search.
template <class S, int N>
MapFamily<S, N> make_family(const Segment& segment) {
    const auto from = segment.from.intervals();
    const auto to = segment.to.intervals();
    const auto convert = [](const Interval& x, const Interval& y) {
        if constexpr (std::is_same_v<S, Along>) return Along(x, y);
        else return S(boost::numeric::median(x), boost::numeric::median(y));
    };
    return make_family<S, N>(
        segment.middle.probabilities(), [&](std::size_t k, std::size_t i, std::size_t j) { return convert(from[k](i, j), to[k](i, j)); },
        [&](const Interval& p) { return convert(p, p); });
}

}  // namespace lyapcert::polyhedral
