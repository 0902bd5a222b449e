// Floating-point search for f: a linear program over the weights of a growing set of quadratic forms. Guarantees nothing.
//
// maximise t - penalty sum |a_j|  subject to  D_a(x_s) >= t at the sample points x_s (lower side; D_a <= -t on the upper side), sum a_j = 1.
// Samples: random and orbit points, then the minima of D_a found by local descent, then what a failed proof reports. Forms: those that
// the multipliers of the program (an approximate stationary law on the samples) say help most.
#pragma once

#include <Eigen/Dense>
#include <chrono>
#include <random>
#include <vector>

#include "exponent/log_quadratic/proof.hpp"

namespace lyapcert::log_quadratic {

class ApproximateSearch {
  public:
    // For the words of `steps` matrices; what `shorter` (of fewer steps) has found is where it starts.
    ApproximateSearch(const RandomProduct& product, int steps, const ApproximateSearch* shorter);

    // A Monte Carlo estimate of the exponent of the words, to plan by.
    double estimate() const { return estimate_; }
    // Some matrix is singular, or nearly: D is unbounded below.
    bool nearly_singular() const;

    struct Candidate {
        LogQuadraticEvidence evidence;
        double value = 0.0;  // the smallest (largest) D found
        double size = 0.0;   // sum |a_j|
    };
    struct Effort {
        std::size_t forms;   // at most
        double penalty;      // of sum |a_j|, relative to the estimate
        int pulled_back;     // candidates A_w^T Q A_w: they tighten the bound, and lengthen the proof
    };
    // f = |x| in the coordinates of the search.
    LogQuadraticEvidence plain() const;
    // A better candidate for this side.
    Candidate improve(Side side, const Effort& effort, std::chrono::steady_clock::time_point deadline);
    void add_sample(Side side, const std::vector<double>& y);

  private:
    using Vector = Eigen::VectorXd;
    using Form = Eigen::MatrixXd;
    // Points by columns, with the products of coordinates that a form needs: q(x) = packed(q) . powers.col(x).
    struct Cloud {
        Eigen::MatrixXd points;
        std::vector<Eigen::MatrixXd> powers;  // of the points, then of their images under each map
    };
    struct SideState {
        std::vector<Vector> forms;  // packed
        Cloud cloud;
        Eigen::MatrixXd rows;  // [sample][form] = +-D of the form alone
        Vector weights;
        double level = 0.0;
        std::vector<long> working;  // samples of the last program, and their multipliers
        Vector multipliers;
        std::mt19937_64 random;
    };

    static std::size_t index(Side side) { return side == Side::lower ? 0 : 1; }
    void choose_basis(const std::vector<Eigen::MatrixXd>& matrices);
    void run_orbit(const std::vector<Eigen::MatrixXd>& single);
    void fill_pool(const std::vector<Eigen::MatrixXd>& single);
    Vector pack(const Form& q) const;
    Form unpack(const Vector& q) const;
    Vector powers_of(const Vector& x) const;
    void append(Cloud& cloud, const std::vector<Vector>& points) const;
    // [sample][form], for the samples from `first` on.
    Eigen::MatrixXd table(const Cloud& cloud, long first, const std::vector<Vector>& forms, Side side) const;
    void add_points(SideState& state, Side side, const std::vector<Vector>& points);
    void start(SideState& state, Side side);
    void solve(SideState& state, double penalty, double accuracy, std::chrono::steady_clock::time_point deadline);
    void solve_program(SideState& state, double penalty, double accuracy, std::chrono::steady_clock::time_point deadline);
    void add_forms(SideState& state, Side side, std::size_t wanted, int pulled_back);
    void drop_forms(SideState& state, double share);
    double descend(SideState& state, Side side, std::size_t starts);

    std::size_t n_;
    int steps_;
    Eigen::MatrixXd basis_;
    std::vector<Eigen::MatrixXd> maps_;  // the words, in the basis
    std::vector<double> probabilities_;
    std::vector<Vector> orbit_;
    std::vector<Form> pool_;
    std::vector<Vector> weak_;  // directions that some map nearly kills
    double estimate_ = 0.0;
    SideState sides_[2];
};

}  // namespace lyapcert::log_quadratic
