#include "exponent/invariant_subspace/exact_families.hpp"

#include "lyapcert/linalg/exact.hpp"

namespace lyapcert::exact_families {

namespace {

constexpr std::size_t largest_dimension = 8;
constexpr std::size_t most_matrices = 64;
constexpr unsigned longest_entry = 40;  // bits of numerator and denominator

unsigned bits(const Integer& x) { return x.is_zero() ? 0 : static_cast<unsigned>(msb(Integer(abs(x)))) + 1; }

}  // namespace

bool is_moderate(const RandomProduct& product) {
    if (product.dimension() < 2 || product.dimension() > largest_dimension || product.size() > most_matrices || !product.is_rational()) return false;
    for (const Matrix<Real>& a : product.matrices())
        for (const Real& x : a.entries())
            if (bits(numerator(x.rational())) > longest_entry || bits(denominator(x.rational())) > longest_entry) return false;
    return true;
}

std::vector<std::vector<Rational>> kernel(const Matrix<Rational>& a) {
    const Matrix<Rational> echelon = row_space(a);
    const std::size_t n = a.columns();
    std::vector<std::size_t> pivot(echelon.rows());
    std::vector<bool> is_pivot(n, false);
    for (std::size_t r = 0; r < echelon.rows(); ++r) {
        std::size_t c = 0;
        while (echelon(r, c).is_zero()) ++c;
        pivot[r] = c;
        is_pivot[c] = true;
    }
    std::vector<std::vector<Rational>> result;
    for (std::size_t free = 0; free < n; ++free) {
        if (is_pivot[free]) continue;
        std::vector<Rational> x(n, Rational(0));
        x[free] = 1;
        for (std::size_t r = 0; r < echelon.rows(); ++r) x[pivot[r]] = -echelon(r, free);
        result.push_back(std::move(x));
    }
    return result;
}

}  // namespace lyapcert::exact_families
