#include "lyapcert/product/sampling.hpp"

#include <numeric>
#include <optional>
#include <string>

#include "lyapcert/linalg/convert.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

namespace {

// The number of subsets of size b, or nothing when it exceeds the limit.
std::optional<std::size_t> count_subsets(std::size_t n, std::size_t b) {
    std::size_t count = 1;
    b = std::min(b, n - b);
    for (std::size_t i = 1; i <= b; ++i) {
        count = count * (n - b + i) / i;
        if (count > largest_family) return std::nullopt;
    }
    return count;
}

// The next subset in lexicographic order; false after the last.
bool advance(std::vector<std::size_t>& subset, std::size_t n) {
    const std::size_t b = subset.size();
    for (std::size_t i = b; i-- > 0;)
        if (subset[i] < n - b + i) {
            ++subset[i];
            for (std::size_t j = i + 1; j < b; ++j) subset[j] = subset[j - 1] + 1;
            return true;
        }
    return false;
}

}  // namespace

bool rank_is_known(const Matrix<Real>& m, const Matrix<Real>& gram) {
    const Matrix<Real>& shape = is_rational(gram) ? gram : m;
    return is_rational(shape) && (m.rows() <= largest_exact_elimination || is_positive_definite(shape) == Ternary::yes);
}

std::size_t known_rank(const Matrix<Real>& m, const Matrix<Real>& gram) {
    const Matrix<Real>& shape = is_rational(gram) ? gram : m;
    if (!is_rational(shape) || m.rows() > largest_exact_elimination || is_positive_definite(shape) == Ternary::yes) return m.rows();
    return independent_indices(to_rational(shape)).size();
}

RandomProduct sgd_product(const Matrix<Real>& m, std::size_t batch_size) { return sgd_product(m, batch_size, m); }

RandomProduct sgd_product(const Matrix<Real>& m, std::size_t batch_size, const Matrix<Real>& gram) {
    require_symmetric(m);
    if (gram.rows() != m.rows() || gram.columns() != m.columns()) throw std::invalid_argument("the two Gram matrices differ in size");
    const std::size_t n = m.rows();
    if (batch_size < 1 || batch_size > n) throw std::invalid_argument("the batch size must lie between 1 and the number of data points");

    std::vector<std::size_t> kept(n);
    std::iota(kept.begin(), kept.end(), std::size_t(0));
    std::optional<Matrix<Real>> extension;  // T of the lemma
    const Matrix<Real>& shape = is_rational(gram) ? gram : m;
    if (is_rational(shape) && n <= largest_exact_elimination) {
        if (is_positive_definite(shape) != Ternary::yes) {
            const Matrix<Rational> exact = to_rational(shape);
            kept = independent_indices(exact);
            if (kept.empty()) throw std::invalid_argument("the Gram matrix is zero: there is nothing to linearise");
            Matrix<Rational> rows(kept.size(), n);
            for (std::size_t i = 0; i < kept.size(); ++i)
                for (std::size_t j = 0; j < n; ++j) rows(i, j) = exact(kept[i], j);
            extension = to_reals(solve(exact.principal(kept), rows).value().transposed());
        }
    }
    const std::size_t r = kept.size();
    if (batch_size == 1 && !extension) {
        // Data points without a gradient leave equal steps to be merged, where there is room for it.
        bool idle = false;
        for (std::size_t i = 0; i < n; ++i) idle = idle || m(i, i).known_zero();
        if (!idle || n * n * n > largest_family_entries) return RandomProduct::single_sample(m);
    }
    const auto count = count_subsets(n, batch_size);
    if (!count || *count * r * r > largest_family_entries)
        throw std::invalid_argument("sampling " + std::to_string(batch_size) + " of " + std::to_string(n) +
                                    " data points gives too many matrices to enumerate");

    const Rational weight(1, static_cast<unsigned long>(batch_size));
    std::vector<Matrix<Real>> matrices;
    std::vector<std::size_t> subset(batch_size);
    std::iota(subset.begin(), subset.end(), std::size_t(0));
    do {
        Matrix<Real> a = Matrix<Real>::identity(r, Real(1), Real(0));
        for (std::size_t s : subset)
            for (std::size_t i = 0; i < r; ++i) {
                const Real entry = Real(weight) * m(kept[i], s);
                if (extension)
                    for (std::size_t j = 0; j < r; ++j) a(i, j) -= entry * (*extension)(s, j);
                else
                    a(i, s) -= entry;
            }
        matrices.push_back(std::move(a));
    } while (advance(subset, n));
    const Rational probability(1, static_cast<unsigned long>(matrices.size()));
    return RandomProduct(std::move(matrices), std::vector<Rational>(*count, probability));
}

}  // namespace lyapcert
