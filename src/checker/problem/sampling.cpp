#include "checker/problem/sampling.hpp"

#include <algorithm>

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_entries = 10000000;

}  // namespace

void sample(Problem& problem, const std::vector<std::size_t>& basis) {
    const std::size_t n = problem.data_points;
    const Matrix& m = problem.scaled_gram;
    if (basis.empty() && problem.batch_size == 1 && n > largest_written_family) {
        problem.product.single_sample = m;
        return;
    }
    std::vector<std::size_t> kept = basis;
    Matrix t(n, basis.empty() ? n : basis.size());
    if (basis.empty()) {
        for (std::size_t i = 0; i < n; ++i) kept.push_back(i), t(i, i) = Rational(1);
    } else {
        if (*std::max_element(basis.begin(), basis.end()) >= n) throw Refused("basis: an index is out of range");
        const std::size_t r = basis.size();
        if (r > n) throw Refused("basis: it is longer than the Gram matrix");
        Matrix principal(r, r);
        Matrix rows(r, n);
        for (std::size_t i = 0; i < r; ++i) {
            for (std::size_t j = 0; j < r; ++j) principal(i, j) = problem.gram(basis[i], basis[j]);
            for (std::size_t j = 0; j < n; ++j) rows(i, j) = problem.gram(basis[i], j);
        }
        Matrix x = rows;  // T^T
        if (solve(principal, x).sign() == 0) throw Refused("basis: the principal submatrix is singular");
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; k < r; ++k) t(i, k) = x(k, i);
        const Matrix spanned = t * rows;
        bool spans = true;
        for (std::size_t e = 0; e < n * n; ++e) spans = spans && (spanned.entries[e] - problem.gram.entries[e]).is(0);
        if (!spans) {
            if (!problem.semidefinite_given || r != problem.most_independent()) throw Refused("basis: its rows do not span those of the Gram matrix, exactly");
            problem.rank = r;
            for (std::size_t i = 0; i < n; ++i) {
                const auto at = std::find(basis.begin(), basis.end(), problem.equal_to.empty() ? i : problem.equal_to[i]);
                if (at == basis.end()) continue;
                for (std::size_t k = 0; k < r; ++k) t(i, k) = Rational(basis[k] == *at ? 1 : 0);
            }
        }
    }
    const std::size_t r = kept.size();
    std::size_t count = 1;
    for (std::size_t i = 1; i <= std::min(problem.batch_size, n - problem.batch_size); ++i) {
        count = count * (n - i + 1) / i;
        if (count > most_matrices) throw Refused("problem: too many mini-batches");
    }
    if (count * r * r > most_entries) throw Refused("problem: too many mini-batches");
    const Value weight = Rational(1, static_cast<unsigned long>(problem.batch_size));
    std::vector<bool> chosen(n, false);
    std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(problem.batch_size), true);
    do {
        Matrix a(r, r);
        for (std::size_t i = 0; i < r; ++i) {
            a(i, i) = Rational(1);
            for (std::size_t s = 0; s < n; ++s) {
                if (!chosen[s]) continue;
                const Value entry = weight * m(kept[i], s);
                for (std::size_t j = 0; j < r; ++j)
                    if (!t(s, j).is(0)) a(i, j) = a(i, j) - entry * t(s, j);
            }
        }
        append(problem.product, std::move(a), Rational(1, static_cast<unsigned long>(count)));
    } while (std::prev_permutation(chosen.begin(), chosen.end()));
}

}  // namespace lyapcert::checker
