// Gradients and Gram matrices of rational numbers, and of numbers within a radius of such: without symbolic algebra, for they may be large.
#pragma once

#include <optional>

#include "lyapcert/linalg/matrix.hpp"
#include "problem/document.hpp"

namespace lyapcert {

struct RationalRange {
    Rational lower;
    Rational upper;
};

struct RationalTable {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<Rational> values;  // row-major
    Rational radius = 0;           // every entry is some number within it

    const Rational& operator()(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

// The rows of a document, where all of them are of this kind.
std::optional<RationalTable> rational_table(const Document& document);

// G_ij = <g_i, g_j>. Lemma. With |g_i - c_i|_inf <= r, D components and |.|_1 the sum of moduli,
//     |<g_i, g_j> - <c_i, c_j>| <= r (|c_i|_1 + |c_j|_1) + D r^2,     |g_i|^2 >= max(0, |c_i|^2 - 2 r |c_i|_1).
//   Proof: <c_i + d_i, c_j + d_j> = <c_i, c_j> + <c_i, d_j> + <d_i, c_j> + <d_i, d_j> with |d|_inf <= r; in the second claim |d_i|^2 >= 0.
// Scalar products are sums of products of integers: each row is brought to its common denominator.
Matrix<RationalRange> gram_of_gradients(const RationalTable& gradients);

}  // namespace lyapcert
