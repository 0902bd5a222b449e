// The corrector: a piecewise linear function added to the logarithm of a log-quadratic one.
//
// Lemma (proofs/THEOREMS.md, T51). Setting and notation of log_quadratic.hpp, in the coordinates y: B_k = C^{-1} A_k C. The faces y_f = 1 of
// the cube are cut into boxes; y != 0 lies in box b, on face f with centre c and radii r, if y_f != 0 and y / y_f does. For each box let
// V_b be a number, g_b a vector, phi_b(y) = V_b + g_b . (y / y_f - c). If for all b, all y in b and all boxes t_k that contain B_k y
//     D(y) + sum_k p_k phi_{t_k}(B_k y) >= phi_b(y) + level
// then s lambda >= level; and with <= in place of >=, s lambda <= level.
//   Proof of the first half. Along y_m = B_{xi_m} y_{m-1} choose boxes b_m that contain y_m. E[s log f(C y_m) + phi_{b_m}(y_m)] grows by at
//   least `level` a step, phi is bounded, and f <= const |.|. (The second half: as Lemma 2 of polyhedral.hpp, with f^p e^{p phi}.)
// So what counts is not the worst ray but an average over those that a worst-case path visits: the value of a Markov decision process.
//
// How it is checked. On box b let y = c + h and z(h) = B_k y, a linear function of h. For a target t on face g and where z_g has one sign,
// with rho = max |Z_g h| / |z_g(0)| < 1, w(h) = z(h) / z_g(h) and J the derivative of w at 0,
//     w(h) - w(0) = J h / (1 + Z_g h / z_g(0)),   so  |w(h) - w(0) - J h| <= |J| r rho / (1 - rho)  componentwise.
// For any vectors g* and G, and h with z(h) in t, V_t and phi_t - G . h differ by at least the sum over i of
//     g_t,i (w_i(0) - c_t,i) + min (g_t - g*)_i d - |g*_i| (|J| r)_i rho / (1 - rho)
// minus |g* J - G| . r, where d = w_i(h) - w_i(0) runs over what t and the reach of the image, |J| r / (1 - rho), have in common. g* is the
// slope of the box that holds the image of the centre, G about g* J. And always by at least -|g_t| . r_t - |G| . r.
// What is linear in h comes together, as it must: D(c + h) + (sum_k p_k G_k - g_b) . h is bounded from below with the Taylor model of D.
#pragma once

#include <cstdint>
#include <vector>

#include "exponent/log_quadratic/box_tree.hpp"
#include "exponent/log_quadratic/proof.hpp"

namespace lyapcert::log_quadratic {

struct BoxCorrector {
    BoxTree boxes;
    std::vector<double> values;  // V_b
    std::vector<double> slopes;  // g_b, n - 1 numbers each, in the order of the free coordinates
};

// sign * D = D for the lower side, -D for the upper one: both sides are bounded from below.
inline double sign_of(Side side) { return side == Side::lower ? 1.0 : -1.0; }

// The level (rounded down for the lower side, up for the upper one) that the corrector proves, by interval arithmetic; infinite when it
// proves none. `corrector` holds V and g of sign * phi. The same for any number of threads.
// Late: it proves none.
double prove_corrected(const FormTable& table, const std::vector<ImageMap>& maps, const std::vector<Rational>& probabilities, Side side, const BoxCorrector& corrector, Deadline deadline = no_deadline);

}  // namespace lyapcert::log_quadratic
