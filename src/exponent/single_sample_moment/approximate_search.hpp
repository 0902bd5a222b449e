// The Perron vector u and the number c of single_sample_moment.hpp, in floating point. Search only: no guarantee.
#pragma once

#include <memory>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/deadline.hpp"

namespace lyapcert {

class ApproximateMoment {
  public:
    ApproximateMoment(const Matrix<double>& k, Deadline deadline);
    ~ApproximateMoment();
    ApproximateMoment(const ApproximateMoment&) = delete;
    ApproximateMoment& operator=(const ApproximateMoment&) = delete;

    bool found() const;
    // c moved up until M u <= (1 - margin) u, or down until M u >= (1 + margin) u, to first order.
    double shifted(double margin, bool upper) const;
    // X for D = diag(u).
    Matrix<double> solution(double c) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace lyapcert
