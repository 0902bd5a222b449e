// Exact linear algebra over the rationals: elimination and what follows from it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/rational.hpp"

namespace lyapcert {

Rational determinant(Matrix<Rational> a);
std::size_t rank(const Matrix<Rational>& a);

// Solves a x = b (b may have several columns); nothing when a is singular.
std::optional<Matrix<Rational>> solve(Matrix<Rational> a, Matrix<Rational> b);

// The reduced row echelon form without its zero rows: one canonical basis per row space, so that equal subspaces
// compare equal.
Matrix<Rational> row_space(Matrix<Rational> a);

// True when every word of length n (hence some power bound) in the n x n matrices is zero.
// Lemma. Let V_0 = R^n, V_{m+1} = sum_k A_k V_m. The V_m decrease, so V_n = V_{n+1} = ...; all words of length m vanish
// iff V_m = 0, and then V_n = 0 already (the dimensions fall strictly until they are constant).
bool all_long_words_vanish(const std::vector<Matrix<Rational>>& matrices);

}  // namespace lyapcert
