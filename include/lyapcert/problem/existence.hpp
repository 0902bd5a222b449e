// From weights in floating point to a theorem about a true minimum near them.
//
// Residuals h_i(x) = F(x, y_i) - z_i, i = 1..N, x in R^D. Given w in R^D and any N x D matrix J (here the Jacobian of h at w as floating point
// has it, both taken as exact numbers) let x(c) = w + J^T c for c in R^N and H(c) = h(x(c)).
//
// Lemma (Krawczyk). Let C = {c: |c_k - c0_k| <= r_k} with r > 0, H continuously differentiable near C, Y any N x N matrix, and let every
// entry of H'(c), c in C, lie in an interval matrix M. Put E_kj = max |(I - Y M)_kj| and q = |Y H(c0)| + E r. If q_k < r_k for every k then
//   (a) there is exactly one c* in C with H(c*) = 0, and |c*_k - c0_k| <= q_k;
//   (b) H'(c) is regular for every c in C.
// Proof. g(c) = c - Y H(c). For c, c' in C: g(c) - g(c') = (I - Y A)(c - c') with A the mean of H' over the segment, whose entries lie in those
// of M; so |g(c) - g(c')| <= E |c - c'| componentwise. In the norm |v|_r = max |v_k| / r_k this is a contraction: E r <= q < r, so |E v|_r <=
// theta |v|_r with theta < 1. And |g(c) - c0| <= |Y H(c0)| + E r = q < r: g maps C into {|c - c0| <= q}. Banach: exactly one fixed point c*, in the
// smaller box. For c in C, |I - Y H'(c)| <= E has norm below 1 in |.|_r, so Y H'(c) is regular, hence Y and H'(c). Y regular: Y H = 0 iff H = 0.
//
// Then x* = x(c*) is a global minimum of the loss (all residuals vanish: the loss is 0), |x* - w| <= |J^T c*|. By (b) the gradients g_i(x*) are
// linearly independent, H'(c) being the N x N matrix <g_i(x(c)), J_j>. x* is the only minimum on the slice {x(c): c in C}, which crosses the
// manifold of minima transversally: other minima near x* lie off the slice.
//
// H'(C) is enclosed by the products of the gradients over the box x(C), which is narrow: c0 comes from Newton's method, Y from H'(c0), at as
// many bits as the enclosures are to have, and r is a few times the size of the step that is left. Every later enclosure of x* to more bits
// finds a box C' inside C, so that it is about the same c*.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "lyapcert/linalg/approximate_float.hpp"
#include "lyapcert/linalg/dot.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/problem/network.hpp"

namespace lyapcert {

// The residuals of a model at its data points.
struct ResidualMap {
    std::size_t data_points = 0;
    std::size_t parameters = 0;
    std::vector<std::size_t> numbers = {};  // which data points of the problem they are, for messages; empty: all of them
    // Enclosures, over a box of parameters, of F(x, y_i) - z_i and of its gradient. Throws std::domain_error unless it is continuously
    // differentiable near the box. The gradient may be left out when it is not asked for.
    std::function<Differential<MpInterval>(std::size_t i, const std::vector<MpInterval>& box, bool gradient)> enclose;
    // The same at a point in floating point; may be anything.
    std::function<Differential<double>(std::size_t i, const std::vector<double>& x)> approximate;

    std::size_t number(std::size_t i) const { return (numbers.empty() ? i : numbers[i]) + 1; }
    // The residuals of some data points alone.
    ResidualMap at(const std::vector<std::size_t>& chosen) const;
};

// No minimum is proved: what() says why, and what to try.
class NoMinimum : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// A true minimum, proved when the object is made. Thread-safe.
class NearMinimum {
  public:
    // The slice goes through `given`, rounded to doubles, or where nothing can be proved from there, through what Gauss-Newton steps make of it.
    // Throws NoMinimum.
    NearMinimum(ResidualMap residuals, const std::vector<Rational>& given);

    const std::vector<double>& base() const { return base_; }  // w
    bool polished() const { return polished_; }                // w is not `given` rounded
    double distance() const { return distance_; }              // above |x* - given|

    // Enclosures of x* and of G_ij = <g_i, g_j> there, as good as about `precision` bits allow.
    std::vector<MpInterval> position(long precision) const;
    Matrix<MpInterval> gram(long precision) const;
    // The middle of the former, rounded to that many bits.
    std::vector<Rational> centre(long precision) const;

  private:
    // The Lemma's c0, q and r, points all.
    struct Box {
        std::vector<MpInterval> centre;
        std::vector<MpInterval> image;
        std::vector<MpInterval> radius;
        std::vector<MpInterval> root() const;  // encloses c*
    };
    Box prove(long precision) const;
    std::vector<MpInterval> parameters(const std::vector<MpInterval>& c, long precision) const;
    void try_from(std::vector<double> base);
    const Box& box(long precision) const;

    ResidualMap residuals_;
    std::vector<double> base_;
    Matrix<double> jacobian_;
    bool polished_ = false;
    double distance_ = 0.0;
    mutable std::mutex mutex_;
    mutable std::map<long, Box> boxes_;  // by precision; that of the first proof comes first
    mutable std::map<long, Matrix<MpInterval>> grams_;
};

}  // namespace lyapcert
