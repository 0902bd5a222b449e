// The rows of a family that are not unit rows: what a dominated splitting looks at.
#pragma once

#include <optional>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert::dominated_splitting {

struct Row {
    std::size_t matrix = 0;
    std::size_t index = 0;
    std::vector<Interval> entries;
};

struct Rows {
    std::size_t dimension = 0;
    std::vector<Row> list;  // ordered by matrix
};

// Of B_k = A_k, or A_k^T; nothing when there are too many.
std::optional<Rows> rows_of(const RandomProduct& product, bool transposed);

}  // namespace lyapcert::dominated_splitting
