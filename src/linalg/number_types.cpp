#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert {

bool is_rational(const Matrix<Real>& a) {
    for (const Real& x : a.entries())
        if (!x.is_rational()) return false;
    return true;
}

Matrix<Rational> to_rational(const Matrix<Real>& a) {
    return a.map([](const Real& x) { return x.rational(); });
}

Matrix<Interval> to_intervals(const Matrix<Real>& a) {
    return a.map([](const Real& x) { return x.interval(); });
}

Matrix<MpInterval> enclose(const Matrix<Real>& a, long precision) {
    return a.map([precision](const Real& x) { return x.at(precision); });
}

Matrix<MpInterval> enclose(const Matrix<Rational>& a, long precision) {
    return a.map([precision](const Rational& x) { return MpInterval(x, precision); });
}

Matrix<Real> to_reals(const Matrix<Rational>& a) {
    return a.map([](const Rational& x) { return Real(x); });
}

void require_symmetric(const Matrix<Real>& a) {
    if (a.rows() != a.columns() || a.rows() == 0) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (a(i, j).is_rational() && a(j, i).is_rational() && a(i, j).rational() != a(j, i).rational())
                throw std::invalid_argument("the matrix is not symmetric");
}

void require_symmetric(const Matrix<Rational>& a) {
    if (a.rows() != a.columns() || a.rows() == 0) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (a(i, j) != a(j, i)) throw std::invalid_argument("the matrix is not symmetric");
}

}  // namespace lyapcert
