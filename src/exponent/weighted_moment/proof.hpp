// The two lemmas of weighted_moment.hpp in interval arithmetic.
#pragma once

#include <optional>
#include <vector>

#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/numeric/deadline.hpp"

namespace lyapcert::weighted_moment {

// The steps I - u_i v_i^T in the coordinates y, x = T y.
struct Steps {
    Matrix<Interval> u;  // row i is u_i
    Matrix<double> v;    // row i is v_i, row i of T
};

// Lemma 2 with this T (lower triangular); nothing when T is not proved regular, or not in time.
std::optional<Steps> steps_in_basis(const Matrix<Interval>& scaled_gram, const Matrix<double>& basis, Deadline deadline = no_deadline);

// Lemma 1 for given automaton and forms; the weights come later. The arguments must outlive it.
class StateProof {
  public:
    StateProof(const Steps& steps, const Automaton& automaton, const std::vector<Matrix<double>>& forms);

    // For each of these states: P_s > 0 and sum_i c_{s,i} A_i^T P_{next(s,i)} A_i < P_s?
    std::vector<bool> proved(const std::vector<std::size_t>& states, const Matrix<double>& weights) const;

  private:
    bool proved(std::size_t s, const Matrix<double>& weights) const;

    const Steps& steps_;
    const Automaton& automaton_;
    const std::vector<Matrix<double>>& forms_;
    std::vector<std::vector<std::vector<Interval>>> vectors_;  // of state s: the w of the header for the symbols that lead to it
    std::vector<std::uint32_t> place_;                         // of edge (s, i) in vectors_[next]
};

// max over s of -(1/(2n)) sum_i log(n c_{s,i}), rounded up; infinite unless all weights are positive.
double mean_growth(const Matrix<double>& weights);

}  // namespace lyapcert::weighted_moment
