// Search for the weights t and the forms P of weighted_moment.hpp. Guarantees nothing.
//
// For given log t the best forms are the eigenvector of the operator T: P -> (sum_i p_i / t_{w,i} A_i^T P_{w'} A_i)_w, and the bound is
// the mean of log t plus log rho(T), a convex function of log t whose gradient is (stationary weight of the edge) - (its flow), the flow being
// q_{w,i} = p_i / t_{w,i} <X_w, A_i^T P_{w'} A_i> with the left eigenvector X, normalised to sum 1. The eigenvectors come from Krylov spaces, started
// from the last ones; log t from a limited-memory quasi-Newton method.
#pragma once

#include <Eigen/Dense>
#include <chrono>
#include <cstdint>
#include <vector>

#include "lyapcert/exponent/weighted_moment.hpp"

namespace lyapcert::weighted_moment {

class ApproximateSearch {
  public:
    using Clock = std::chrono::steady_clock;
    using Dense = Eigen::MatrixXd;

    // A_i = I - u_i v_i^T, columns of u and v.
    ApproximateSearch(Dense u, Dense v, Automaton automaton, std::vector<double> stationary);

    // The same bound over a finer automaton: state s of it refines state `coarse[s]` of the present one.
    void refine(Automaton automaton, std::vector<double> stationary, const std::vector<std::uint32_t>& coarse);

    // Improves until the decrease stays below `tolerance`, or the deadline. Returns the (unproved) bound on lambda.
    double improve(double tolerance, int most_evaluations, Clock::time_point deadline);

    const Automaton& automaton() const { return automaton_; }
    const std::vector<double>& stationary() const { return stationary_; }
    const std::vector<double>& log_t() const { return log_t_; }
    const std::vector<double>& flow() const { return flow_; }
    // Form of state s, scaled so that the largest diagonal entry over all states is 1.
    const std::vector<Dense>& forms() const { return right_; }
    const std::vector<Dense>& left() const { return left_; }
    double estimate() const { return estimate_; }
    std::size_t applications() const { return applications_; }

    // Makes the forms positive definite by a few steps of T, and returns for every state the least r with sum_i p_i / t_{s,i} A_i^T P_{next} A_i <= r P_s
    // (about; infinite where P_s is not positive definite).
    std::vector<double> quotients();

    // q_{s,i}, had edge (s, i) led to state u instead.
    std::vector<double> flow_towards(std::size_t s, std::size_t i, const std::vector<std::uint32_t>& targets) const;

  private:
    using Forms = std::vector<Dense>;
    struct Pair {  // incoming symbols of a state
        std::vector<std::uint32_t> symbols;
    };

    void set_automaton(Automaton automaton, std::vector<double> stationary);
    void forward(const Forms& p, Forms& image);
    void adjoint(const Forms& x, Forms& image);
    double eigenvector(Forms& p, bool adjoint, int steps, double tolerance);
    double evaluate(const std::vector<double>& log_t, std::vector<double>& gradient);
    void flows();
    void forward_vectors(const Forms& p);

    Dense u_, v_;
    Automaton automaton_;
    std::vector<double> stationary_;
    std::vector<std::vector<std::uint32_t>> incoming_;  // symbols that lead to a state
    std::vector<std::uint32_t> place_;                  // of edge (s, i): where i stands in incoming_[next]
    std::vector<double> log_t_, c_, flow_;
    Forms right_, left_;
    std::vector<Dense> vectors_;  // of state s: P_s u_i - (u_i^T P_s u_i / 2) v_i for its incoming symbols i
    double estimate_ = 0.0;
    double accuracy_ = 1e-3;
    std::size_t applications_ = 0;
};

}  // namespace lyapcert::weighted_moment
