// Scalar products of long vectors of narrow MPFR intervals.
//
// A component is stored as m +- r, m an MPFR number, r a double rounded upward. The products of the m are added up twice with fused operations,
// rounded down and up; |sum (m + d)(m' + d') - sum m m'| <= sum |m| r' + r (|m'| + r') for |d| <= r, |d'| <= r' is added up in doubles, upward.
// That replaces sixteen MPFR operations a term by two.
#pragma once

#include <cstddef>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert {

class CentredVector {
  public:
    CentredVector(const std::vector<MpInterval>& x, long precision);
    CentredVector(const std::vector<double>& x, long precision);  // exactly these
    CentredVector(const CentredVector&) = delete;
    CentredVector& operator=(const CentredVector&) = delete;
    CentredVector(CentredVector&& other) noexcept = default;
    CentredVector& operator=(CentredVector&&) = delete;
    ~CentredVector();

    std::size_t size() const { return radius_.size(); }
    // Contains sum x_k y_k for all x in the first, y in the second. Throws std::domain_error when an end is infinite.
    friend MpInterval dot(const CentredVector& x, const CentredVector& y);

    // Every term of the product is exactly 0: in each component one of the two is.
    friend bool disjoint(const CentredVector& x, const CentredVector& y);

  private:
    struct Number {
        mpfr_t x;
    };
    long precision_;
    std::vector<Number> centre_;
    std::vector<double> size_;    // >= |m|
    std::vector<double> radius_;  // >= |x - m| for each x of the component
};

// The scalar products of the vectors with each other: [0, 0] where two are disjoint, elsewhere never a point, so that [2, 2] does not claim more
// than an enclosure made in another way could confirm.
Matrix<MpInterval> gram_matrix(const std::vector<CentredVector>& vectors, long precision);

}  // namespace lyapcert
