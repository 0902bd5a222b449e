#include "lyapcert/exponent/determinant.hpp"

#include <utility>

#include "lyapcert/exponent/log_sum.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/exact.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t largest_exact_dimension = 40;

bool is_unit_column(const Matrix<Real>& a, std::size_t j) {
    for (std::size_t i = 0; i < a.rows(); ++i)
        if (i == j ? !a(i, j).known_one() : !a(i, j).known_zero()) return false;
    return true;
}

}  // namespace

MpInterval determinant(Matrix<MpInterval> a) {
    if (a.rows() != a.columns() || a.rows() == 0) throw std::invalid_argument("determinant of a matrix that is not square");
    const std::size_t n = a.rows();
    MpInterval result(Rational(1), a(0, 0).precision());
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        MpInterval largest(result.precision());
        for (std::size_t i = k; i < n; ++i) {
            const MpInterval size = abs(a(i, k));
            if (mpfr_greater_p(size.lower(), largest.lower())) {
                largest = size;
                pivot = i;
            }
        }
        if (!certainly_positive(largest)) {
            // Hadamard with row sums: |det| of what is left is at most the product of its row sums.
            for (std::size_t i = k; i < n; ++i) {
                MpInterval sum(result.precision());
                for (std::size_t j = k; j < n; ++j) sum += abs(a(i, j));
                result *= hull(-sum, sum);
            }
            return result;
        }
        if (pivot != k) {
            for (std::size_t j = 0; j < n; ++j) std::swap(a(k, j), a(pivot, j));
            result = -result;
        }
        result *= a(k, k);
        for (std::size_t i = k + 1; i < n; ++i) {
            if (is_zero(a(i, k))) continue;
            const MpInterval factor = a(i, k) / a(k, k);
            for (std::size_t j = k + 1; j < n; ++j) a(i, j) -= factor * a(k, j);
        }
    }
    return result;
}

Real determinant(const Matrix<Real>& a) {
    if (a.rows() != a.columns() || a.rows() == 0) throw std::invalid_argument("determinant of a matrix that is not square");
    std::vector<std::size_t> kept;  // expanding along unit columns removes them with their rows
    for (std::size_t j = 0; j < a.columns(); ++j)
        if (!is_unit_column(a, j)) kept.push_back(j);
    if (kept.empty()) return Real(1);
    const Matrix<Real> block = a.principal(kept);
    if (is_rational(block)) {
        const Matrix<Rational> exact = to_rational(block);
        if (kept.size() <= largest_exact_dimension) return Real(determinant(exact));
    }
    return Real::from_rule([block](long precision) { return determinant(enclose(block, precision + 32)).with_precision(precision); });
}

Bound determinant_bound(const RandomProduct& product, long precision) {
    const Rational n(static_cast<unsigned long>(product.dimension()));
    std::vector<LogTerm> terms;
    if (const Matrix<Real>* gram = product.scaled_gram()) {  // det (I - K e_i e_i^T) = 1 - K_ii
        for (std::size_t i = 0; i < product.size(); ++i) terms.push_back({product.probabilities()[i] / n, Real(1) - (*gram)(i, i)});
        return Bound::at_least(log_sum(terms, precision), {Method::determinant, DeterminantEvidence{}, {}});
    }
    for (std::size_t k = 0; k < product.size(); ++k) terms.push_back({product.probabilities()[k] / n, determinant(product.matrices()[k])});
    return Bound::at_least(log_sum(terms, precision), {Method::determinant, DeterminantEvidence{}, {}});
}

Bound determinant_bound(const Segment& segment, long precision) {
    const Matrix<Real>* from = segment.from.scaled_gram();
    const Matrix<Real>* to = segment.to.scaled_gram();
    if (from == nullptr || to == nullptr) return Bound::nothing();
    for (std::size_t i = 0; i < segment.middle.dimension(); ++i) {
        const Ternary at_0 = less((*from)(i, i), Real(1));
        const Ternary at_1 = less((*to)(i, i), Real(1));
        const bool positive = at_0 == Ternary::yes && at_1 == Ternary::yes;
        const bool negative = less(Real(1), (*from)(i, i)) == Ternary::yes && less(Real(1), (*to)(i, i)) == Ternary::yes;
        if (!positive && !negative) return Bound::nothing();
    }
    const Bound at_0 = determinant_bound(segment.from, precision);
    const Bound at_1 = determinant_bound(segment.to, precision);
    return Bound::at_least(min(at_0.enclosure, at_1.enclosure), at_0.lower);
}

}  // namespace lyapcert
