// An upper bound on the exponent of single-sample SGD in any dimension: second moments, weighted by what is remembered of the past.
// = T25 of proofs/THEOREMS.md.
//
// The steps are A_i = I - K e_i e_i^T, i = 1..n uniform, K = eta G symmetric (product/sampling.hpp). A deterministic automaton reads the symbols i; it has
// finitely many states and goes from s to s' = next(s, i). (Sutter, Fawzi & Renner 2021 is the case of one state; all words of length k are n^k.)
//
// Lemma 1. Let P_s > 0 be symmetric and c_{s,i} > 0 with
//              sum_i c_{s,i} A_i^T P_{next(s,i)} A_i <= P_s   and   -(1/(2n)) sum_i log(n c_{s,i}) <= b   for every state s.
//          Then lambda <= b.
//   Proof. Start in any state s_0 and put s_m = next(s_{m-1}, i_m), W_m = A_{i_m}...A_{i_1}, Z_m = W_m^T P_{s_m} W_m prod_{l <= m} n c_{s_{l-1}, i_l}. Given the
//   past, i_m is uniform, so E Z_m = E W_{m-1}^T [ sum_i c_{s,i} A_i^T P_{next(s,i)} A_i ] W_{m-1} prod_{l < m} ... (s = s_{m-1}) <= E Z_{m-1} <= ... <= P_{s_0}. Every
//   P_s is at least some a I, a > 0, so E[ ||W_m||_F^2 prod_l n c ] <= C = tr(P_{s_0}) / a. By Jensen, with log 0 = -inf,
//       E log ||W_m||_F^2 + E sum_{l <= m} log(n c_{s_{l-1}, i_l}) <= log C,
//   and given s_{l-1} the mean of log(n c_{s_{l-1}, i_l}) is (1/n) sum_i log(n c) >= -2b. So E log ||W_m||^2 <= log C + 2 b m; divide by 2m.
// Nothing is asked of the automaton: that its stationary law need not be known is bought by scaling the P_s so that all states have the same bound.
//
// A change of basis x = T y, T regular, changes no exponent: the steps become I - u_i v_i^T with u_i = T^{-1} K e_i and v_i row i of T. T is the
// Cholesky factor of K + delta I, rounded, so that they are close to the symmetric I - h_i h_i^T, and forms P_s of moderate condition serve even when K is
// nearly singular.
//
// Lemma 2 (the u_i). Let W, X be any matrices with ||I - W T||_inf <= e < 1. Then T is regular, and for every column, d = K e_i - T X e_i,
//     ||u_i - X e_i||_inf <= || |W| |d| ||_inf / (1 - e).
//   Proof. W T = I - E is regular (Neumann), hence T is. T^{-1} = (W T)^{-1} W, u_i - X e_i = T^{-1} d, ||(W T)^{-1}||_inf <= 1 / (1 - e).
// With A_i^T P A_i = P - v w^T - w v^T, w = P u - (u^T P u / 2) v, a state costs n^3 operations; the matrices of Lemma 1 are computed in intervals, so that an
// interval in K changes nothing, and proved positive definite by one floating-point Cholesky factorisation each (linalg/verified_cholesky.hpp). Each
// inequality holds for every K in the intervals, with the same P and c.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lyapcert/exponent/bound.hpp"
#include "lyapcert/exponent/search.hpp"
#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/interval.hpp"
#include "lyapcert/product/segment.hpp"

namespace lyapcert {

// Reads symbols 0..symbols-1.
struct Automaton {
    std::size_t states = 1;
    std::size_t symbols = 0;
    std::vector<std::uint32_t> next;  // next[s * symbols + i]

    std::uint32_t operator()(std::size_t s, std::size_t i) const { return next[s * symbols + i]; }
    static Automaton without_memory(std::size_t symbols);
    // All words of this length.
    static Automaton words(std::size_t symbols, int length);
};

// As exact doubles; what it proves is found by proving it again.
struct WeightedMomentEvidence {
    Matrix<double> basis;  // T, lower triangular
    Automaton automaton;
    std::vector<Matrix<double>> forms;  // P_s in the coordinates y, symmetric
    Matrix<double> weights;             // c_{s,i}, states x symbols
};

struct WeightedMomentResult {
    Bound bound;  // with evidence where control.keep_evidence asks for it
    std::size_t states = 0;
};

// Searches and proves, with more and more memory, until control.satisfied or the deadline. [-inf, inf] when nothing could be proved.
WeightedMomentResult weighted_moment_bound(const Matrix<Interval>& scaled_gram, const SearchControl& control);
// The best that this automaton gives.
WeightedMomentResult weighted_moment_bound(const Matrix<Interval>& scaled_gram, const Automaton& automaton, const SearchControl& control);

// Lemma 1 itself: the smallest b that this evidence proves, rounded up; infinite when it proves nothing.
double proved_weighted_moment(const Matrix<Interval>& scaled_gram, const WeightedMomentEvidence& evidence);

// lambda <= about `enough` for every family on a segment of single samples (along.hpp, Lemma (b)), with the same forms and weights c that are smaller by a factor; the
// evidence that is returned holds them. Nothing where that is not proved, and for other families.
Bound weighted_moment_bound(const Segment& segment, const WeightedMomentEvidence& evidence, double enough);

}  // namespace lyapcert
