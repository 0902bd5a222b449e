// A rational family in coordinates in which it is an integer, non-negative one: the witness of proofs/coq/Compute.v.
#pragma once

#include <optional>
#include <string>

#include "export/certificate_reader.hpp"

namespace lyapcert::coq_export {

struct Letter {
    Integer weight;  // > 0; over the sum of all weights it is the probability
    Integer factor;  // d <> 0
    std::vector<std::vector<Integer>> columns;  // of B >= 0, none of them zero: d A P = P B
};

struct IntegerForm {
    std::vector<Letter> letters;
    std::vector<int> signs;  // P = diag(signs), its own inverse
    Integer total() const;
    std::size_t dimension() const { return signs.size(); }
};

// Finds signs of the coordinates and of the matrices that make every entry non-negative, if there are any.
std::optional<IntegerForm> find_integer_form(const Family& family, std::string& why_not);

}  // namespace lyapcert::coq_export
