// What a proof along a segment of families looks at: D at both ends, and matrices that enclose those of all t (T70 (d)).
#pragma once

#include <optional>
#include <vector>

#include "exponent/log_quadratic/box_tree.hpp"
#include "exponent/log_quadratic/forms.hpp"

namespace lyapcert::log_quadratic {

struct Ends {
    std::vector<FormTable> tables;  // at t = 0 and 1; or one, of a single product
    double loss = 0.0;              // how far D_t may be from its chord: the constant c of the lemma, rounded up
};

// Nothing where the basis is not proved regular, or no loss is proved. Throws std::logic_error as make_forms does. One step only.
std::optional<Ends> ends_of(const Segment& segment, const LogQuadraticEvidence& evidence);

// The matrices in the basis of the forms; nothing when it is not proved regular.
std::optional<std::vector<ImageMap>> image_maps(const Segment& segment, const Matrix<double>& basis);
std::optional<std::vector<ImageMap>> image_maps(const RandomProduct& product, const Matrix<double>& basis);

}  // namespace lyapcert::log_quadratic
