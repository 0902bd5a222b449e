// Bounds of D(x) = sum_i p_i log f(B_i x) - log f(x), log f(x) = sum_a c_a log <l_a, x>, on the cones C_w = P_w K.
//
// D = K0 + sum_b beta_b log <l_b, x>: the l_a with weight -c_a, and the B_i^T l_a / mu_ia with p_i c_a, the numbers mu going to the constant. Every l_b is replaced by
// doubles; l is then off by at most eta <l, y> on K, which costs |beta| eta each (a constant, `loss`). Write l for the doubles from here on.
//
// Lemma (a Taylor model). Let c be a point of K, q_b > 0 any numbers with |<l_b, c> - q_b| <= theta q_b, y = c + sum_j s_j d_j, z_bj = <l_b, d_j>/q_b, and
// |z_b| <= Delta_b <= 1/2 for z_b = sum_j s_j z_bj. Then, as <l_b, y> = q_b (1 + z_b + t_b), |t_b| <= theta,
//     D(y) - K0 = sum_b beta_b log q_b + sum_j s_j <g, d_j> - (1/2) sum_jk s_j s_k h_jk + r,   g = sum_b beta_b l_b / q_b,   h_jk = sum_b beta_b z_bj z_bk,
//     |r| <= sum_b |beta_b| (Delta_b^3 / (3 (1 - Delta_b)) + theta / (1 - Delta_b - theta)).
//   Proof. log(1 + z) = z - z^2/2 + r', |r'| <= |z|^3/3 (1 + |z| + ...); log(1 + z + t) - log(1 + z) is at most |t| / (1 - |z| - |t|) in modulus. []
// The sums over b come first, so that what cancels in D cancels in g and h. Orthant: y = sum_j s_j u_j with s in the simplex and u_j = sigma_j P_w e_j, the sigma_j
// > 0 at will, d_j = u_j - c; linear and quadratic part together are a mean, with weights s_j s_k, of (<g, d_j> + <g, d_k> - h_jk)/2. Cube: with u_k = sigma P_w e_k
// and any r_k, r_0 = 1 and sum_{k >= 1} |r_k| < 1, the points u_0 + sum_k t_k u_k, |t_k| <= 1, are (1 + sum_k r_k t_k) c + sum_{k >= 0} t_k (u_k - r_k c), t_0 = 1; dividing
// by the positive bracket, y = c + sum_k s_k d_k with d_k = T (u_k - r_k c), T = 1/(1 - sum_k |r_k|), |s_k| <= 1. The r_k are chosen to make the d_k small: P_w is nearly of rank one.
//
// Rounding. P_w is carried in intervals. The rest is plain doubles with u = 2^-52 for every operation, in whatever mode, in any order of summation: sums of
// m terms are off by (m - 1)u(1 + mu) of the sum of moduli. What is not a sum of rounding errors of known size is rounded up; factors 1.01 stand for 1 + O(mu).
#pragma once

#include <cstddef>
#include <vector>

#include "exponent/invariant_cone/cone_maps.hpp"

namespace lyapcert::invariant_cone {

constexpr std::size_t largest_dimension = 32;
constexpr std::size_t most_rows = 4096;
constexpr std::size_t lanes = 4;  // doubles that are worked on at a time

// +0 or -0 whatever the modes are: denormals-are-zero hides subnormal numbers from comparisons.
inline bool is_exact_zero(double lower, double upper) { return detail::order_key(lower) == 0 && detail::order_key(upper) == 0; }

struct Range {
    double lower = 0.0;
    double upper = 0.0;
    double rounding = 0.0;  // the part of the width that no longer word reduces
};

// An enclosure of P_w, up to a positive factor.
struct Columns {
    std::vector<double> lower;  // [column][row]
    std::vector<double> upper;
};

class ConeTable {
  public:
    // `usable()` is false when this f is not proved to be positive on K.
    ConeTable(const ConeMaps& family, const Matrix<double>& functionals, const std::vector<double>& weights);

    bool usable() const { return usable_; }
    std::size_t dimension() const { return n_; }
    std::size_t maps() const { return probability_.size(); }
    std::size_t rows() const { return rows_; }
    double probability(std::size_t i) const { return probability_[i].first; }
    // p_i x, rounded down and up.
    double times_probability_down(std::size_t i, double x) const;
    double times_probability_up(std::size_t i, double x) const;

    Columns identity() const;
    Columns extended(const Columns& p, std::size_t i) const;  // P_w B_i
    // All of D - K0 on C_w; infinite where that is not proved. With RoundUpward in force.
    Range bound(const Columns& p) const;
    // lambda from an enclosure of the mean of D - K0.
    MpInterval exponent(double lower, double upper) const;

  private:
    class RowWriter;
    std::vector<double> point_of_orbit(const Matrix<double>& functionals) const;
    bool append_images(const ConeMaps& family, const Matrix<double>& functionals, const std::vector<double>& weights, RowWriter& rows);

    // The steps of `bound` (cone_bound.cpp); false where nothing can be proved.
    struct Model;
    bool add_generators(const Columns& p, Model& m) const;
    bool add_centre(Model& m) const;
    bool add_first_order(Model& m) const;
    void add_second_order(Model& m) const;
    Range taylor_range(const Model& m) const;
    Range plain_range(const Model& m) const;  // the sum of the ranges of the logarithms, for wide cones
    double lane_terms() const { return static_cast<double>(rows_ / lanes); }

    std::size_t n_ = 0;
    std::size_t rows_ = 0;  // a multiple of the lanes
    bool cube_ = false;
    bool usable_ = false;
    std::vector<std::pair<double, double>> probability_;  // enclosures
    std::vector<std::vector<double>> map_lower_, map_upper_;  // [map][column * n + row]
    std::vector<double> l_;       // [coordinate][b]
    std::vector<double> beta_;
    double total_ = 0.0;          // sum |beta|
    double conditioned_ = 0.0;    // sum |beta_b| omega_b: sum_i |l_i x_i| <= omega <l, x> on K
    double worst_ = 1.0;          // the largest omega
    double loss_ = 0.0;
    MpInterval constant_{128};    // K0
    Rational degree_;             // s
};

}  // namespace lyapcert::invariant_cone
