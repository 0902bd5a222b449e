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
#include <limits>
#include <vector>

#include "exponent/weighted_moment/approximate_quasi_newton.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"

namespace lyapcert::weighted_moment {

class ApproximateSearch {
  public:
    using Clock = std::chrono::steady_clock;
    using Dense = Eigen::MatrixXd;

    // A_i = I - u_i v_i^T, columns of u and v.
    ApproximateSearch(Dense u, Dense v, Automaton automaton, std::vector<double> stationary);

    // Another automaton; state s of it takes over forms and weights of state `origin[s]`. The bound stays when it is finer.
    void replace(Automaton automaton, std::vector<double> stationary, const std::vector<std::uint32_t>& origin);
    // Forms times e^{h_s}, log t changed so that the bound stays.
    void rescale(const std::vector<double>& h);

    // Improves until the decrease stays below `tolerance`, or the deadline. Returns the (unproved) bound on lambda.
    double improve(double tolerance, int most_evaluations, Clock::time_point deadline);

    // Forms with sum_i p_i / t_{s,i} A_i^T P_{next} A_i + (a positive multiple of I) about equal to r P_s, r = (1 + excess) rho, and r: a solution of the resolvent
    // equation, in which a strict inequality is left in every direction, however small the eigenvector is there. False when none was found.
    bool strict_forms(double excess, Clock::time_point deadline, std::vector<Dense>& forms, double& r);

    const Automaton& automaton() const { return automaton_; }
    const std::vector<double>& stationary() const { return stationary_; }
    const std::vector<double>& log_t() const { return log_t_; }
    const std::vector<Dense>& forms() const { return right_; }
    double estimate() const { return estimate_; }

    // Row i, column j: the flow through edge (s, i) and then by symbol j.
    Dense flows_onward(std::size_t s) const;
    // P_u u_i for all i, by state u.
    std::vector<Dense> images() const;
    // Row u, column i: the flow of edge (s, i), did it lead to u.
    Dense flows_towards(std::size_t s, const std::vector<Dense>& images) const;

  private:
    using Forms = std::vector<Dense>;
    class SlowPart;
    void set_automaton(Automaton automaton, std::vector<double> stationary);
    void forward(const Forms& p, Forms& image);
    void adjoint(const Forms& x, Forms& image);
    void eigenvector(Forms& p, bool adjoint);
    // Where the minimisation over log t stands; the forms belong to log_t_.
    struct Point {
        Forms right, left;
        double value = 0.0;
        std::vector<double> gradient;
    };
    LimitedMemory quasi_newton() const;
    bool line_search(const std::vector<double>& direction, Point& point, LimitedMemory& memory, int& evaluations);
    double set_log_t(const std::vector<double>& log_t);  // returns its mean
    double evaluate(const std::vector<double>& log_t, std::vector<double>& gradient);
    void flows();
    void forward_vectors(const Forms& p);

    Dense u_, v_;
    std::size_t cubic_ = 0;  // n^3, the work for a state
    Automaton automaton_;
    std::vector<double> stationary_;
    std::vector<std::vector<std::uint32_t>> incoming_;  // symbols that lead to a state
    std::vector<std::uint32_t> place_;                  // of edge (s, i): where i stands in incoming_[next]
    std::vector<double> log_t_, c_, flow_;
    Forms right_, left_;
    std::vector<Dense> vectors_;  // of state s: P_s u_i - (u_i^T P_s u_i / 2) v_i for its incoming symbols i
    double estimate_ = std::numeric_limits<double>::infinity();
    double rho_ = 1.0;
    double accuracy_ = 1e-4;  // of the eigenvectors
    double negligible_ = 0.0;  // relative change of the eigenvalue
    Clock::time_point deadline_;
};

}  // namespace lyapcert::weighted_moment
