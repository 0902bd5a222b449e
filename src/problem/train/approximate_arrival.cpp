#include "problem/train/approximate_arrival.hpp"

#include <algorithm>
#include <cmath>

#include "problem/train/approximate_least_norm.hpp"

namespace lyapcert::training {

namespace {

constexpr long most_descent_steps = 300;
constexpr long warm_up = 20;     // steps from a tenth of the rate to all of it
constexpr double close = 1e-3;   // loss, relative to that of F = 0, at which Gauss-Newton takes over
constexpr double soft_goal = 1e-10;  // likewise, at which the next softness is due
constexpr double softest = 0.3;
constexpr double hardest = 1e-4;
constexpr double least_damping = 1e-24;  // relative to the largest squared norm of a gradient
constexpr double dependent = 1e-12;      // see LeastNorm::independence
constexpr double stiff = 1e-5;           // likewise: Newton's method converges from nearby only
constexpr double at_a_kink = 1e-10;
constexpr int most_trials = 60;          // of dampings, or halvings of a step

// Has the loss stopped falling?
class Patience {
  public:
    Patience(std::size_t steps, double part) : steps_(steps), part_(part) {}
    bool lost(double loss) {
        history_.push_back(loss);
        return history_.size() > steps_ && loss > part_ * history_[history_.size() - 1 - steps_];
    }

  private:
    std::size_t steps_;
    double part_;
    std::vector<double> history_;
};

class Search {
  public:
    Search(const Fit& fit, std::vector<double> weights, Allowance& allowance, const std::function<void(const std::vector<double>&)>& after_step)
        : fit_(fit), n_(fit.data_points()), d_(fit.free.size()), allowance_(allowance), after_step_(after_step) {
        result_.weights = std::move(weights);
    }

    Arrival run() {
        const std::vector<Activation>& used = fit_.network.activations;
        const bool has_kinks = std::find(used.begin(), used.end(), Activation::relu) != used.end();
        if (has_kinks) {
            soften(softest);
            descend();
            for (double softness = softest; softness > hardest; softness *= 0.3) {
                soften(softness);
                approach(Patience(100, 0.8), soft_goal * fit_.reference_loss());
            }
            soften(0.0);
        } else {
            soften(0.0);
            descend();
        }
        approach(Patience(500, 0.8), 0.0);
        result_.loss = at_.loss;
        const double independence = LeastNorm(at_.rows, n_, d_).independence();
        result_.interpolates = fit_.vanishes(result_.weights) || (independence > stiff && fit_.nearly_vanishes(result_.weights));
        result_.in_general_position = result_.interpolates && independence > dependent && fit_.distance_to_kinks(result_.weights) > at_a_kink;
        return result_;
    }

  private:
    void soften(double softness) {
        fit_.softness = softness;
        at_ = linearised(result_.weights);
    }

    bool may_go_on() const { return allowance_.steps > 0 && allowance_.work > 0.0 && std::isfinite(at_.loss); }

    Linearised linearised(const std::vector<double>& w) const {
        allowance_.work -= 10.0 * static_cast<double>(n_ * (d_ + 100));
        return fit_.at(w);
    }

    std::vector<double> moved(const std::vector<double>& step, double length) const {
        std::vector<double> w = result_.weights;
        for (std::size_t p = 0; p < d_; ++p) w[fit_.free[p]] -= length * step[p];
        return w;
    }

    std::vector<double> jacobian_times(const std::vector<double>& x) const {
        std::vector<double> a(n_);
        for (std::size_t i = 0; i < n_; ++i) a[i] = dot(at_.rows.data() + i * d_, x.data(), d_);
        return a;
    }

    // About the largest eigenvalue of J J^T, by the power method from where it last ended.
    double largest_eigenvalue() {
        const int turns = power_.empty() ? 20 : 3;
        if (power_.empty())
            for (std::size_t i = 0; i < n_; ++i) power_.push_back(1.0 + 0.1 * std::sin(static_cast<double>(i + 1)));
        double value = 0.0;
        for (int turn = 0; turn < turns; ++turn) {
            const double norm = std::sqrt(dot(power_.data(), power_.data(), n_));
            if (!(norm > 0.0) || !std::isfinite(norm)) return 0.0;
            for (double& x : power_) x /= norm;
            power_ = jacobian_times(combined(at_.rows, power_, d_));
            value = std::max(value, std::sqrt(dot(power_.data(), power_.data(), n_)));
        }
        allowance_.work -= 2.0 * turns * static_cast<double>(n_ * d_);
        return value;
    }

    // Where the loss is smaller there.
    bool take_if_better(std::vector<double> w, long& counter) {
        Linearised next = linearised(w);
        if (!(next.loss < at_.loss)) return false;
        result_.weights = std::move(w);
        at_ = std::move(next);
        ++counter;
        --allowance_.steps;
        after_step_(result_.weights);
        return true;
    }

    void descend() {
        const double goal = close * fit_.reference_loss();
        Patience patience(50, 0.98);
        double share = 1.0;
        while (result_.descent_steps < most_descent_steps && may_go_on() && at_.loss > goal) {
            const double kappa = largest_eigenvalue();
            if (!(kappa > 0.0)) return;
            const double warm = std::min(1.0, 0.1 + 0.9 * static_cast<double>(result_.descent_steps) / static_cast<double>(warm_up));
            const std::vector<double> gradient = combined(at_.rows, at_.residuals, d_);
            int halvings = 0;
            while (halvings < most_trials && may_go_on() && !take_if_better(moved(gradient, share * warm / kappa), result_.descent_steps)) {
                share *= 0.5;
                ++halvings;
            }
            if (halvings == most_trials || patience.lost(at_.loss)) return;
            share = std::min(1.0, 1.2 * share);
        }
    }

    void approach(Patience patience, double goal) {
        double damping = -1.0;
        while (may_go_on() && at_.loss > goal) {
            allowance_.work -= LeastNorm::work(n_, d_);
            const Linearised here = at_;
            LeastNorm steps(here.rows, n_, d_);
            if (damping < 0.0) damping = 1e-2 * steps.size();
            double growth = 2.0;
            for (int trial = 0;; ++trial) {
                if (trial == most_trials || !may_go_on()) return;
                allowance_.work -= steps.work(damping);
                const std::vector<double> step = steps.solve(here.residuals, damping);
                double promised = 0.0;
                const std::vector<double> linear = jacobian_times(step);
                for (std::size_t i = 0; i < n_; ++i) promised += (here.residuals[i] - linear[i]) * (here.residuals[i] - linear[i]) / (2.0 * static_cast<double>(n_));
                if (take_if_better(moved(step, 1.0), result_.newton_steps)) {
                    const double ratio = (here.loss - at_.loss) / (here.loss - promised);
                    damping *= ratio > 0.9 ? 0.05 : std::max(1.0 / 3.0, 1.0 - std::pow(2.0 * ratio - 1.0, 3));
                    damping = std::max(damping, least_damping * steps.size());
                    break;
                }
                if (fit_.softness == 0.0 && fit_.vanishes(result_.weights)) return;
                damping *= growth;
                growth *= 2.0;
            }
            if (patience.lost(at_.loss)) return;
        }
    }

    Fit fit_;
    std::size_t n_;
    std::size_t d_;
    Allowance& allowance_;
    const std::function<void(const std::vector<double>&)>& after_step_;
    Linearised at_;
    std::vector<double> power_;
    Arrival result_;
};

}  // namespace

Arrival arrive(const Fit& fit, std::vector<double> weights, Allowance& allowance, const std::function<void(const std::vector<double>&)>& after_step) {
    return Search(fit, std::move(weights), allowance, after_step).run();
}

}  // namespace lyapcert::training
