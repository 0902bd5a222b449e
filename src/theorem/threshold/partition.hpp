// A partition of (0, infinity) that is refined as pieces are proved.
#pragma once

#include <vector>

#include "lyapcert/theorem/threshold.hpp"

namespace lyapcert::thresholds {

// A decimal with few digits strictly between two numbers, 0 <= low < high, as near to `near` as a quarter of their distance where that is possible.
Rational short_between(const Rational& low, const Rational& high, double near);

// The ratio of the ends of an open piece; infinite where one is 0 or infinity.
double ratio_of(const RatePiece& piece);

class Partition {
  public:
    Partition() : pieces_{RatePiece{}} {}

    // The pieces from 0 to infinity, without holes.
    const std::vector<RatePiece>& pieces() const { return pieces_; }
    // Puts a proved piece where it covers what is open; what is proved already stays. Throws std::logic_error where the two contradict each other on more than a point.
    void put(const RatePiece& piece);

  private:
    std::vector<RatePiece> pieces_;
};

// The three lists. Late: pieces stay open.
std::vector<RatePiece> gd_pieces(const NormalSpace& space, Deadline deadline);
std::vector<RatePiece> mean_square_pieces(const NormalSpace& space, const Sampling& sampling, const ThresholdOptions& options, Deadline deadline);
// `mean_square` makes SGD stable where it is.
std::vector<RatePiece> sgd_pieces(const NormalSpace& space, const Sampling& sampling, const std::vector<RatePiece>& mean_square, const ThresholdOptions& options, Deadline deadline);

// The ratio of the widest open stretch of neighbours within the range of the options.
double widest_open(const std::vector<RatePiece>& pieces, const ThresholdOptions& options);

}  // namespace lyapcert::thresholds
