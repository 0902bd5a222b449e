#include "lyapcert/linalg/exact.hpp"

#include <utility>

namespace lyapcert {

namespace {

void swap_rows(Matrix<Rational>& a, std::size_t i, std::size_t j) {
    if (i == j) return;
    for (std::size_t c = 0; c < a.columns(); ++c) std::swap(a(i, c), a(j, c));
}

// row i -= factor * row p, from column `first` on.
void subtract_row(Matrix<Rational>& a, std::size_t i, const Rational& factor, std::size_t p, std::size_t first) {
    for (std::size_t c = first; c < a.columns(); ++c)
        if (!a(p, c).is_zero()) a(i, c) -= factor * a(p, c);
}

std::optional<std::size_t> find_pivot(const Matrix<Rational>& a, std::size_t row, std::size_t column) {
    for (std::size_t i = row; i < a.rows(); ++i)
        if (!a(i, column).is_zero()) return i;
    return std::nullopt;
}

}  // namespace

Rational determinant(Matrix<Rational> a) {
    if (a.rows() != a.columns()) throw std::invalid_argument("determinant of a matrix that is not square");
    Rational result(1);
    for (std::size_t k = 0; k < a.rows(); ++k) {
        const auto pivot = find_pivot(a, k, k);
        if (!pivot) return Rational(0);
        if (*pivot != k) {
            swap_rows(a, *pivot, k);
            result = -result;
        }
        result *= a(k, k);
        for (std::size_t i = k + 1; i < a.rows(); ++i)
            if (!a(i, k).is_zero()) subtract_row(a, i, a(i, k) / a(k, k), k, k);
    }
    return result;
}

std::size_t rank(const Matrix<Rational>& a) { return row_space(a).rows(); }

std::optional<Matrix<Rational>> solve(Matrix<Rational> a, Matrix<Rational> b) {
    if (a.rows() != a.columns() || b.rows() != a.rows()) throw std::invalid_argument("linear system: shapes do not fit");
    for (std::size_t k = 0; k < a.rows(); ++k) {
        const auto pivot = find_pivot(a, k, k);
        if (!pivot) return std::nullopt;
        swap_rows(a, *pivot, k);
        swap_rows(b, *pivot, k);
        const Rational inverse = 1 / a(k, k);
        for (std::size_t c = k; c < a.columns(); ++c) a(k, c) *= inverse;
        for (std::size_t c = 0; c < b.columns(); ++c) b(k, c) *= inverse;
        for (std::size_t i = 0; i < a.rows(); ++i) {
            if (i == k || a(i, k).is_zero()) continue;
            const Rational factor = a(i, k);
            subtract_row(a, i, factor, k, k);
            subtract_row(b, i, factor, k, 0);
        }
    }
    return b;
}

Matrix<Rational> row_space(Matrix<Rational> a) {
    std::size_t row = 0;
    for (std::size_t column = 0; column < a.columns() && row < a.rows(); ++column) {
        const auto pivot = find_pivot(a, row, column);
        if (!pivot) continue;
        swap_rows(a, *pivot, row);
        const Rational inverse = 1 / a(row, column);
        for (std::size_t c = column; c < a.columns(); ++c) a(row, c) *= inverse;
        for (std::size_t i = 0; i < a.rows(); ++i) {
            if (i == row || a(i, column).is_zero()) continue;
            const Rational factor = a(i, column);
            subtract_row(a, i, factor, row, column);
        }
        ++row;
    }
    Matrix<Rational> basis(row, a.columns());
    for (std::size_t i = 0; i < row; ++i)
        for (std::size_t c = 0; c < a.columns(); ++c) basis(i, c) = a(i, c);
    return basis;
}

bool all_long_words_vanish(const std::vector<Matrix<Rational>>& matrices) {
    const std::size_t n = matrices.front().rows();
    Matrix<Rational> basis = Matrix<Rational>::identity(n, Rational(1), Rational(0));  // rows span V_m
    for (;;) {
        Matrix<Rational> images(0, n);
        for (const Matrix<Rational>& a : matrices) {
            const Matrix<Rational> image = basis * a.transposed();
            Matrix<Rational> stacked(images.rows() + image.rows(), n);
            for (std::size_t i = 0; i < stacked.rows(); ++i)
                for (std::size_t c = 0; c < n; ++c) stacked(i, c) = i < images.rows() ? images(i, c) : image(i - images.rows(), c);
            images = row_space(std::move(stacked));
            if (images.rows() == basis.rows()) return false;  // V_{m+1} = V_m
        }
        if (images.rows() == 0) return true;
        basis = std::move(images);
    }
}

}  // namespace lyapcert
