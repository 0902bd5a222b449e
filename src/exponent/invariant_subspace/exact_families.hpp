// Exact linear algebra on small rational families.
#pragma once

#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert::exact_families {

// Rational, in dimension 2 to 8, few matrices, and entries short enough that elimination stays quick: not what doubles look like as rationals.
bool is_moderate(const RandomProduct& product);

// A basis of {c : a c = 0}.
std::vector<std::vector<Rational>> kernel(const Matrix<Rational>& a);

}  // namespace lyapcert::exact_families
