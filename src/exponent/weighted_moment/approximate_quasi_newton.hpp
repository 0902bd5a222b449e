// The limited-memory quasi-Newton method (Nocedal 1980) in a diagonal metric. Search only: no guarantee.
#pragma once

#include <deque>
#include <utility>
#include <vector>

namespace lyapcert::weighted_moment {

class LimitedMemory {
  public:
    // The inverse Hessian is about the diagonal matrix of `metric` to begin with.
    explicit LimitedMemory(std::vector<double> metric) : metric_(std::move(metric)) {}

    // H g for the model H of the inverse Hessian; -H g descends. Forgets everything where the model is not positive along g.
    std::vector<double> direction(const std::vector<double>& gradient);
    // After a step s along which the gradient changed by y; ignored where the curvature is not positive.
    void remember(std::vector<double> s, std::vector<double> y);
    void forget() { pairs_.clear(); }

  private:
    std::vector<double> scaled(std::vector<double> g) const;

    std::vector<double> metric_;
    std::deque<std::pair<std::vector<double>, std::vector<double>>> pairs_;  // s, y; the latest last
};

double inner_product(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace lyapcert::weighted_moment
