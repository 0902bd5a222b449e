// Small dense matrices over any of the numeric engines (Rational, Interval, MpInterval, Real, double). Row-major.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace lyapcert {

template <class T>
class Matrix {
  public:
    Matrix() = default;
    Matrix(std::size_t rows, std::size_t columns, const T& value = T()) : rows_(rows), columns_(columns), data_(rows * columns, value) {}

    static Matrix identity(std::size_t n, const T& one, const T& zero) {
        Matrix result(n, n, zero);
        for (std::size_t i = 0; i < n; ++i) result(i, i) = one;
        return result;
    }

    std::size_t rows() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_; }
    T& operator()(std::size_t i, std::size_t j) { return data_[i * columns_ + j]; }
    const T& operator()(std::size_t i, std::size_t j) const { return data_[i * columns_ + j]; }
    const std::vector<T>& entries() const noexcept { return data_; }

    // The matrix of f(entry).
    template <class F>
    auto map(F&& f) const {
        using U = std::decay_t<decltype(f(data_.front()))>;
        Matrix<U> result;
        result.rows_ = rows_;
        result.columns_ = columns_;
        result.data_.reserve(data_.size());
        for (const T& x : data_) result.data_.push_back(f(x));
        return result;
    }

    Matrix transposed() const {
        Matrix result = *this;
        result.rows_ = columns_;
        result.columns_ = rows_;
        for (std::size_t i = 0; i < rows_; ++i)
            for (std::size_t j = 0; j < columns_; ++j) result.data_[j * rows_ + i] = data_[i * columns_ + j];
        return result;
    }

    // Rows and columns picked by index, in the given order.
    Matrix principal(const std::vector<std::size_t>& index) const {
        Matrix result = *this;
        result.rows_ = result.columns_ = index.size();
        result.data_.clear();
        for (std::size_t i : index)
            for (std::size_t j : index) result.data_.push_back((*this)(i, j));
        return result;
    }

    friend Matrix operator*(const Matrix& a, const Matrix& b) {
        if (a.columns_ != b.rows_ || a.columns_ == 0) throw std::invalid_argument("matrix product: shapes do not fit");
        Matrix result;
        result.rows_ = a.rows_;
        result.columns_ = b.columns_;
        result.data_.reserve(a.rows_ * b.columns_);
        for (std::size_t i = 0; i < a.rows_; ++i)
            for (std::size_t j = 0; j < b.columns_; ++j) {
                T sum = a(i, 0) * b(0, j);
                for (std::size_t k = 1; k < a.columns_; ++k) sum += a(i, k) * b(k, j);
                result.data_.push_back(std::move(sum));
            }
        return result;
    }
    friend Matrix operator+(const Matrix& a, const Matrix& b) {
        if (a.rows_ != b.rows_ || a.columns_ != b.columns_) throw std::invalid_argument("matrix sum: shapes do not fit");
        Matrix result = a;
        for (std::size_t i = 0; i < result.data_.size(); ++i) result.data_[i] += b.data_[i];
        return result;
    }

  private:
    template <class>
    friend class Matrix;

    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<T> data_;
};

}  // namespace lyapcert
