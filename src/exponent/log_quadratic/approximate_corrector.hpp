// Search for a corrector: relative value iteration on boxes that are bisected where the worst-case path loses most. Guarantees nothing.
//
// Everything is for sign * D, bounded from below. A round: (1) bisect; (2) the slopes: the values and slopes of sign * phi are replaced by
// their own expected ones a few times, differences across the box standing for derivatives, which keeps what is rough at the scale of the
// boxes bounded; (3) with the slopes fixed the values solve a Markov decision process in which an adversary chooses among the
// boxes that an image meets: V_b <- reward_b + sum_k p_k min_t (V_t + kappa_kt) - const. Its span is an error bound, its law says where
// boxes matter.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "exponent/log_quadratic/corrector.hpp"

namespace lyapcert::log_quadratic {

class ApproximateCorrector {
  public:
    using Clock = std::chrono::steady_clock;

    // The table and the maps must outlive it.
    ApproximateCorrector(const FormTable& table, const std::vector<ImageMap>& maps, const std::vector<Rational>& probabilities, Side side);

    // Bisects until the Taylor model is good for something on every box. False when that takes more than most_boxes.
    bool start(std::size_t most_boxes, Clock::time_point deadline);
    // One round; the first one does not bisect.
    void improve(Clock::time_point deadline);

    double level() const { return level_; }  // about what the corrector proves, times sign
    double loss() const { return loss_; }    // how much of it boxes could win
    const BoxCorrector& corrector() const { return corrector_; }
    std::size_t bytes() const;

  private:
    struct Range {
        double low;
        double high;
    };
    void model_boxes(const std::vector<std::size_t>& boxes);
    double lowest(std::size_t box, const std::array<double, most_free>& tilt) const;
    std::size_t longest_side(std::size_t box) const;
    void bisect(std::size_t box);
    void renumber();
    void refine();
    void find_targets();
    void fit_slopes(Clock::time_point deadline);
    void weigh_targets();
    void solve(Clock::time_point deadline);
    void occupy();
    double estimate_losses();

    const FormTable& table_;
    const std::vector<ImageMap>& maps_;
    std::vector<double> probabilities_;
    double sign_;
    std::size_t free_;
    BoxCorrector corrector_;
    // Of each box.
    std::vector<double> middle_;     // sign * D at the centre, about
    std::vector<double> gradient_;   // of sign * D there, n - 1 numbers
    std::vector<double> curvature_;  // n - 1 numbers, as in BoxModel
    std::vector<double> rest_;       // as in BoxModel
    std::vector<double> reward_;    // sign * D and all that is linear, from below
    std::vector<double> occupation_;
    std::vector<double> losses_;
    // The targets of map k from box b: from offset_[b * maps + k] on.
    std::vector<std::size_t> offset_;
    std::vector<std::int32_t> target_;
    std::vector<float> kappa_;
    double level_;
    double loss_;
    bool solved_ = false;
};

}  // namespace lyapcert::log_quadratic
