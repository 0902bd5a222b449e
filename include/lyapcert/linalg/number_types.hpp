// Matrices of Reals seen through one numeric engine.
#pragma once

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/real.hpp"

namespace lyapcert {

bool is_rational(const Matrix<Real>& a);
Matrix<Rational> to_rational(const Matrix<Real>& a);  // requires is_rational(a)
Matrix<Interval> to_intervals(const Matrix<Real>& a);
Matrix<MpInterval> enclose(const Matrix<Real>& a, long precision);
Matrix<MpInterval> enclose(const Matrix<Rational>& a, long precision);
Matrix<Real> to_reals(const Matrix<Rational>& a);

// Throws std::invalid_argument unless a is square, n >= 1, and no two mirrored rational entries differ. Entries that
// are not rational are taken to be symmetric on the caller's word.
void require_symmetric(const Matrix<Real>& a);
void require_symmetric(const Matrix<Rational>& a);

}  // namespace lyapcert
