#include "lyapcert/exponent/invariant_subspace.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <random>

#include "exponent/invariant_subspace/exact_families.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert {

namespace {

using Family = std::vector<Matrix<Rational>>;
using Vector = std::vector<Rational>;

Vector times(const Matrix<Rational>& a, const Vector& x) {
    Vector y(a.rows(), Rational(0));
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.columns(); ++j) y[i] += a(i, j) * x[j];
    return y;
}

Matrix<Rational> rows_of(const std::vector<Vector>& vectors) {
    Matrix<Rational> result(vectors.size(), vectors.front().size());
    for (std::size_t i = 0; i < vectors.size(); ++i)
        for (std::size_t j = 0; j < vectors[i].size(); ++j) result(i, j) = vectors[i][j];
    return result;
}

// The smallest subspace that holds x and is invariant, in rows.
Matrix<Rational> spin(const Family& family, const Vector& x) {
    Matrix<Rational> space = row_space(rows_of({x}));
    for (;;) {
        std::vector<Vector> all;
        for (std::size_t r = 0; r < space.rows(); ++r) {
            Vector v(space.columns());
            for (std::size_t j = 0; j < space.columns(); ++j) v[j] = space(r, j);
            for (const Matrix<Rational>& a : family) all.push_back(times(a, v));
            all.push_back(std::move(v));
        }
        Matrix<Rational> larger = row_space(rows_of(all));
        if (larger.rows() == space.rows() || larger.rows() == larger.columns()) return larger;
        space = std::move(larger);
    }
}

Family transposed(const Family& family) {
    Family result;
    for (const Matrix<Rational>& a : family) result.push_back(a.transposed());
    return result;
}

// The rational eigenvalues of x, found in floating point and verified: d x has integer entries, so its rational eigenvalues are integers.
std::vector<Rational> rational_eigenvalues(const Matrix<Rational>& x) {
    const std::size_t n = x.rows();
    Integer d = 1;
    for (const Rational& entry : x.entries()) d = boost::multiprecision::lcm(d, Integer(denominator(entry)));
    Eigen::MatrixXd approximate(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) approximate(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = Rational(x(i, j) * d).convert_to<double>();
    std::vector<Rational> result;
    const Eigen::EigenSolver<Eigen::MatrixXd> solver(approximate, false);
    for (Eigen::Index k = 0; k < solver.eigenvalues().size(); ++k) {
        const std::complex<double> value = solver.eigenvalues()(k);
        if (!(std::fabs(value.real()) < 1e15) || std::fabs(value.imag()) > 1e-3 * (1.0 + std::abs(value))) continue;
        const Rational candidate = Rational(Integer(std::llround(value.real()))) / Rational(d);
        if (std::find(result.begin(), result.end(), candidate) != result.end()) continue;
        Matrix<Rational> shifted = x;
        for (std::size_t i = 0; i < n; ++i) shifted(i, i) -= candidate;
        if (determinant(shifted).is_zero()) result.push_back(candidate);
    }
    return result;
}

Matrix<Rational> random_element(const Family& family, std::mt19937_64& random, int attempt) {
    const std::size_t n = family.front().rows();
    std::uniform_int_distribution<int> coefficient(-2, 2);
    std::uniform_int_distribution<std::size_t> pick(0, family.size() - 1);
    // Single matrices first: their eigenvectors are the likeliest.
    if (attempt < static_cast<int>(family.size())) return family[static_cast<std::size_t>(attempt)];
    Matrix<Rational> x(n, n, Rational(0));
    for (int term = 0; term < 3; ++term) {
        const Rational c(coefficient(random));
        const Matrix<Rational> y = term == 0 ? family[pick(random)] * family[pick(random)] : family[pick(random)];
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) x(i, j) += c * y(i, j);
    }
    return x;
}

// A proper invariant subspace, in rows.
std::optional<Matrix<Rational>> proper_subspace(const Family& family) {
    const std::size_t n = family.front().rows();
    const Family dual = transposed(family);
    std::mt19937_64 random(73);
    const int attempts = std::min<int>(static_cast<int>(family.size()), 6) + 6;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const Matrix<Rational> x = random_element(family, random, attempt);
        for (const Rational& eigenvalue : rational_eigenvalues(x)) {
            Matrix<Rational> shifted = x;
            for (std::size_t i = 0; i < n; ++i) shifted(i, i) -= eigenvalue;
            for (const Vector& v : exact_families::kernel(shifted)) {
                Matrix<Rational> space = spin(family, v);
                if (space.rows() < n) return space;
            }
            for (const Vector& v : exact_families::kernel(shifted.transposed())) {
                const Matrix<Rational> space = spin(dual, v);
                if (space.rows() < n) return rows_of(exact_families::kernel(space));
            }
        }
    }
    return std::nullopt;
}

// The rows of `space` as first columns, completed by unit vectors.
Matrix<Rational> completed(const Matrix<Rational>& space) {
    const std::size_t n = space.columns();
    Matrix<Rational> basis(n, n, Rational(0));
    std::vector<bool> is_pivot(n, false);
    for (std::size_t r = 0; r < space.rows(); ++r) {
        std::size_t c = 0;
        while (space(r, c).is_zero()) ++c;
        is_pivot[c] = true;
        for (std::size_t j = 0; j < n; ++j) basis(j, r) = space(r, j);
    }
    std::size_t column = space.rows();
    for (std::size_t j = 0; j < n; ++j)
        if (!is_pivot[j]) basis(j, column++) = Rational(1);
    return basis;
}

Family conjugated(const Family& family, const Matrix<Rational>& basis) {
    Family result;
    for (const Matrix<Rational>& a : family) result.push_back(solve(basis, a * basis).value());
    return result;
}

// Columns of a basis in which the family is block triangular, refined in the blocks; the identity where nothing is found.
Matrix<Rational> refined(const Family& family, bool& found) {
    const std::size_t n = family.front().rows();
    const Matrix<Rational> identity = Matrix<Rational>::identity(n, Rational(1), Rational(0));
    if (n == 1) return identity;
    const std::optional<Matrix<Rational>> space = proper_subspace(family);
    if (!space) return identity;
    found = true;
    const Matrix<Rational> basis = completed(row_space(*space));
    const Family moved = conjugated(family, basis);
    Matrix<Rational> inner(n, n, Rational(0));
    for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>(0, space->rows()), std::pair<std::size_t, std::size_t>(space->rows(), n)}) {
        std::vector<std::size_t> indices;
        for (std::size_t i = first; i < last; ++i) indices.push_back(i);
        Family block;
        for (const Matrix<Rational>& a : moved) block.push_back(a.principal(indices));
        const Matrix<Rational> b = refined(block, found);
        for (std::size_t i = 0; i < b.rows(); ++i)
            for (std::size_t j = 0; j < b.rows(); ++j) inner(first + i, first + j) = b(i, j);
    }
    return basis * inner;
}

}  // namespace

std::optional<Matrix<Rational>> invariant_basis(const RandomProduct& product) {
    if (!exact_families::is_moderate(product)) return std::nullopt;
    const RoundNearest guard;
    bool found = false;
    Matrix<Rational> basis = refined(product.rational(), found);
    return found ? std::optional<Matrix<Rational>>(std::move(basis)) : std::nullopt;
}

RandomProduct in_basis(const RandomProduct& product, const Matrix<Rational>& basis) {
    std::vector<Matrix<Real>> matrices;
    for (const Matrix<Rational>& a : conjugated(product.rational(), basis)) matrices.push_back(to_reals(a));
    return RandomProduct(std::move(matrices), product.probabilities());
}

}  // namespace lyapcert
