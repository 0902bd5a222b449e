#include "lyapcert/product/sgd_product.hpp"

#include <numeric>
#include <optional>
#include <string>

#include "lyapcert/linalg/number_types.hpp"
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

RandomProduct sgd_product(const NormalSpace& space, const Sampling& sampling) {
    const Matrix<Real>& m = space.scaled_gram();
    const std::size_t n = m.rows();
    const std::size_t batch_size = sampling.batch_size;
    if (batch_size < 1 || batch_size > n) throw std::invalid_argument("the batch size must lie between 1 and the number of data points");
    const std::vector<std::size_t>& kept = space.basis();
    const std::size_t r = kept.size();
    if (sampling.is_single_sample() && !space.is_singular()) {
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
                if (space.is_singular())
                    for (std::size_t j = 0; j < r; ++j) a(i, j) -= entry * space.extension()(s, j);
                else
                    a(i, s) -= entry;
            }
        matrices.push_back(std::move(a));
    } while (advance(subset, n));
    const Rational probability(1, static_cast<unsigned long>(matrices.size()));
    return RandomProduct(std::move(matrices), std::vector<Rational>(*count, probability));
}

}  // namespace lyapcert
