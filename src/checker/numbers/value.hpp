// A real number of the problem: exactly, while rational operations lead to it, otherwise as an enclosure.
#pragma once

#include <variant>
#include <vector>

#include "checker/numbers/number.hpp"

namespace lyapcert::checker {

class Value {
  public:
    Value() : Value(Rational(0)) {}
    Value(Rational x) : value_(std::move(x)) {}
    Value(Enclosure x) : value_(std::move(x)) {}

    const Rational* exact() const { return std::get_if<Rational>(&value_); }
    bool is(long n) const { return exact() != nullptr && *exact() == n; }  // known to be n
    Enclosure enclosure(long bits) const { return exact() != nullptr ? Enclosure(*exact(), bits) : std::get<Enclosure>(value_); }
    int sign() const { return exact() != nullptr ? sgn(*exact()) : std::get<Enclosure>(value_).sign(); }  // 0: zero, or not known

  private:
    std::variant<Rational, Enclosure> value_;
};

// Throw Refused on division by zero, and when exact numbers grow beyond all reason.
Value operator+(const Value& x, const Value& y);
Value operator-(const Value& x, const Value& y);
Value operator*(const Value& x, const Value& y);
Value operator/(const Value& x, const Value& y);

// A dense matrix.
struct Matrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<Value> entries;

    Matrix() = default;
    Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), entries(r * c) {}
    Value& operator()(std::size_t i, std::size_t j) { return entries[i * columns + j]; }
    const Value& operator()(std::size_t i, std::size_t j) const { return entries[i * columns + j]; }
};

Matrix operator*(const Matrix& a, const Matrix& b);
// The scalar products of the vectors.
Matrix gram_matrix(const std::vector<std::vector<Value>>& vectors);
// Every entry but exact zeros as an enclosure: exact elimination grows with the fifth power of the size.
Matrix rounded(Matrix a, long bits);
// det a; leaves a^{-1} b in b unless a is exactly singular. Throws Refused when a pivot cannot be told from zero.
Value solve(Matrix a, Matrix& b);

// The inertia of a symmetric matrix by elimination with 1 x 1 pivots, and 2 x 2 pivots where the diagonal vanishes (T13). `known` is
// false when no pivot has a certain sign; then nothing is claimed.
struct Inertia {
    std::size_t negative = 0;
    std::size_t zero = 0;
    std::size_t positive = 0;
    bool known = true;
};
Inertia inertia(Matrix a);
// Of a - shift I, rounded when it is large.
Inertia inertia(Matrix a, const Rational& shift, long bits);

}  // namespace lyapcert::checker
