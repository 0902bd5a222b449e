#include "exponent/invariant_cone/cone_maps.hpp"

#include <algorithm>
#include <cmath>

#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"

namespace lyapcert::invariant_cone {

namespace {

constexpr long precision = 192;

// B in the coordinates of the orthant, nothing when an entry may be negative.
std::optional<Matrix<Interval>> in_orthant(const Matrix<Real>& a, const std::vector<int>& signs, int factor) {
    const std::size_t n = a.rows();
    Matrix<Interval> b(n, n, Interval(0.0));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            if (a(i, j).known_zero()) continue;
            const Interval x = a(i, j).interval();
            b(i, j) = signs[i] * signs[j] * factor > 0 ? x : -x;
            if (detail::order_key(b(i, j).lower()) < 0) return std::nullopt;
        }
    return b;
}

bool in_cube(const Matrix<MpInterval>& b) {
    const std::size_t n = b.rows();
    for (std::size_t k = 1; k < n; ++k)
        for (const bool plus : {false, true}) {
            const auto entry = [&](std::size_t l) { return plus ? b(0, l) + b(k, l) : b(0, l) - b(k, l); };
            MpInterval room = entry(0);
            for (std::size_t l = 1; l < n; ++l) room -= abs(entry(l));
            if (!certainly_positive(room)) return false;
        }
    return true;
}

}  // namespace

std::optional<ConeMaps> family_in(const RandomProduct& product, const InvariantCone& cone) {
    const std::size_t n = product.dimension();
    const auto is_sign = [](int s) { return s == 1 || s == -1; };
    ConeMaps family{cone.signs.empty(), n, {}, product.probabilities()};
    if (cone.factor.size() != product.size() || !std::all_of(cone.factor.begin(), cone.factor.end(), is_sign)) return std::nullopt;
    if (!family.cube) {
        if (cone.signs.size() != n || !std::all_of(cone.signs.begin(), cone.signs.end(), is_sign)) return std::nullopt;
        for (std::size_t i = 0; i < product.size(); ++i) {
            auto b = in_orthant(product.matrices()[i], cone.signs, cone.factor[i]);
            if (!b) return std::nullopt;
            family.maps.push_back(std::move(*b));
        }
        return family;
    }
    if (n < 2 || cone.basis.rows() != n || cone.basis.columns() != n) return std::nullopt;
    if (!std::all_of(cone.basis.entries().begin(), cone.basis.entries().end(), [](double x) { return std::fabs(x) < 0x1p100; })) return std::nullopt;
    const Matrix<Rational> c = cone.basis.map([](double x) { return rational_from_double(x); });
    const auto inverse = solve(c, Matrix<Rational>::identity(n, Rational(1), Rational(0)));
    if (!inverse) return std::nullopt;
    const Matrix<MpInterval> left = enclose(*inverse, precision);
    const Matrix<MpInterval> right = enclose(c, precision);
    for (std::size_t i = 0; i < product.size(); ++i) {
        Matrix<MpInterval> b = left * enclose(product.matrices()[i], precision) * right;
        if (cone.factor[i] < 0) b = b.map([](const MpInterval& x) { return -x; });
        if (!in_cube(b)) return std::nullopt;
        family.maps.push_back(b.map([](const MpInterval& x) { return to_interval(x); }));
    }
    return family;
}

}  // namespace lyapcert::invariant_cone
