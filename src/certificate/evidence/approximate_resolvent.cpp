#include "certificate/evidence/approximate_resolvent.hpp"

#include <algorithm>

#include "lyapcert/exponent/moment_operator.hpp"
#include "lyapcert/linalg/approximate_float.hpp"

namespace lyapcert {

namespace {

using Float = ApproximateFloat;

// Solves a x = b in place by elimination with partial pivoting.
bool solve(Matrix<Float>& a, std::vector<Float>& b) {
    const std::size_t n = a.rows();
    const auto larger = [](const Float& x, const Float& y) { return x.exponent() > y.exponent(); };
    for (std::size_t p = 0; p < n; ++p) {
        std::size_t pivot = p;
        for (std::size_t i = p + 1; i < n; ++i)
            if (!a(i, p).is_zero() && (a(pivot, p).is_zero() || larger(a(i, p), a(pivot, p)))) pivot = i;
        if (a(pivot, p).is_zero() || !a(pivot, p).is_finite()) return false;
        for (std::size_t j = 0; j < n; ++j) std::swap(a(p, j), a(pivot, j));
        std::swap(b[p], b[pivot]);
        for (std::size_t i = p + 1; i < n; ++i) {
            if (a(i, p).is_zero()) continue;
            const Float factor = a(i, p) / a(p, p);
            for (std::size_t j = p; j < n; ++j) a(i, j) = a(i, j) - factor * a(p, j);
            b[i] = b[i] - factor * b[p];
        }
    }
    for (std::size_t p = n; p-- > 0;) {
        for (std::size_t j = p + 1; j < n; ++j) b[p] = b[p] - a(p, j) * b[j];
        b[p] = b[p] / a(p, p);
    }
    return std::all_of(b.begin(), b.end(), [](const Float& x) { return x.is_finite(); });
}

}  // namespace

std::optional<Matrix<Rational>> approximate_resolvent(const RandomProduct& product, const MpInterval& c, bool above, long precision) {
    const std::size_t n = product.dimension();
    if (n > largest_moment_dimension) return std::nullopt;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) pairs.emplace_back(i, j);
    const std::size_t d = pairs.size();
    const MomentOperator<Float> l(product, [precision](const Real& x) { return Float(x.at(precision)); });
    const Float zero(0.0, precision);
    const Float one(1.0, precision);
    Matrix<Float> system(d, d, zero);
    std::vector<Float> right;
    for (std::size_t k = 0; k < d; ++k) {
        Matrix<Float> e(n, n, zero);
        e(pairs[k].first, pairs[k].second) = e(pairs[k].second, pairs[k].first) = one;
        const Matrix<Float> image = l(e);
        for (std::size_t r = 0; r < d; ++r) system(r, k) = image(pairs[r].first, pairs[r].second);
        system(k, k) = system(k, k) - Float(c.with_precision(precision));
        if (above)
            for (std::size_t r = 0; r < d; ++r) system(r, k) = zero - system(r, k);
        right.push_back(pairs[k].first == pairs[k].second ? one : zero);
    }
    if (!solve(system, right)) return std::nullopt;
    // Scaled to a moderate size; nothing below the working precision is worth keeping.
    long largest = right.front().exponent();
    for (const Float& x : right) largest = std::max(largest, x.exponent());
    Matrix<Rational> p(n, n);
    for (std::size_t k = 0; k < d; ++k) {
        const Float scaled = scale_by_power_of_two(right[k], -largest);
        Integer integer;
        mpfr_get_z(integer.backend().data(), scale_by_power_of_two(scaled, precision).exactly().lower(), MPFR_RNDN);
        p(pairs[k].first, pairs[k].second) = p(pairs[k].second, pairs[k].first) = Rational(integer, Integer(1) << static_cast<unsigned>(precision));
    }
    return p;
}

}  // namespace lyapcert
