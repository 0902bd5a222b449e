// The corrector of a log-quadratic certificate: a piecewise linear function phi added to log f (T51).
//
// The faces y_f = 1 of the cube are bisected into boxes; on box b with centre c_b, phi_b(y) = V_b + g_b . (y' - c_b), y' the coordinates
// other than f in order. The evidence of quadratic.hpp then holds, besides f,
//   "boxes"   the bisections of face 0, then of face 1, ..., each in depth-first order, the lower part first: a digit for the bisection
//             of one of the n - 1 coordinates y', counted from 0, and '.' for a box
//   "values"  V_b in that order      "slopes"  the n - 1 components of g_b, box by box
// numbers separated by blanks, doubles of modulus at most 2^100 (below 2^-500 they are taken for 0).
#pragma once

#include "checker/rules/log_quadratic/form_table.hpp"

namespace lyapcert::checker {

inline constexpr std::size_t most_boxes = std::size_t{1} << 22;
inline constexpr int most_bisections = 40;  // of one coordinate: centres and radii of boxes are exact

// Throws Refused when there is a part of a corrector only.
bool has_corrector(const nlohmann::json& evidence);

// Proves by T51 that degree * lambda >= level (<= level for the upper side). The maps of the corrector are the hulls of those of f and of `far`, so that with the D
// of f, and again with that of `far`, it is proved along the segment between them (T70 (d)). Throws Refused when the evidence is malformed, or would take
// too much work.
template <int N>
bool check_corrector(const LogQuadratic<N>& f, const LogQuadratic<N>& far, const std::vector<Rational>& probabilities, const nlohmann::json& evidence, Side side, double level, std::uint64_t& work);

// For the tests: what (i) and (ii) of T51 give for one box and every matrix: phi_t(B_k y) >= V_t + kappa + common . (y' - c) (<= for the
// upper side) wherever B_k y is in box t, and every box that contains some B_k y is one of the targets. And what (iv) gives: the largest
// (smallest) level that the box allows for.
struct ImageBounds {
    struct Target {
        std::size_t box;
        double kappa;
    };
    std::vector<double> common;
    std::vector<Target> targets;
};
struct BoxLevel {
    std::vector<ImageBounds> images;
    double level;
};
BoxLevel corrector_level(const Product& product, const nlohmann::json& evidence, Side side, std::size_t box);

}  // namespace lyapcert::checker
