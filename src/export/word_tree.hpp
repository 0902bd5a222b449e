// How deep the tree of words has to be for a claim: the evaluation of proofs/coq/Compute.v, done beforehand.
#pragma once

#include <optional>

#include "export/integer_form.hpp"

namespace lyapcert::coq_export {

// The arguments of check_lower or check_upper.
struct TreeChoice {
    int depth = 0;
    Integer threshold;
    int bits = 0;
    std::size_t leaves = 0;
    Rational bound;  // the claim, or what is left of it
    bool weaker = false;
};

// The cheapest tree that proves the claim; failing that, the sharpest affordable one with the bound that it proves; nothing for too many letters.
std::optional<TreeChoice> choose_tree(const IntegerForm& form, bool upper, const Rational& claim);

}  // namespace lyapcert::coq_export
