#include "lyapcert/linalg/dot.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert {

namespace {

// A double above |x|.
double size_above(mpfr_srcptr x) { return std::fabs(mpfr_get_d(x, MPFR_RNDA)); }

}  // namespace

CentredVector::CentredVector(const std::vector<MpInterval>& x, long precision) : precision_(precision), centre_(x.size()), size_(x.size()), radius_(x.size()) {
    mpfr_t gap;
    mpfr_t other;
    mpfr_inits2(64, gap, other, static_cast<mpfr_ptr>(nullptr));
    for (std::size_t k = 0; k < x.size(); ++k) {
        mpfr_ptr m = centre_[k].x;
        mpfr_init2(m, precision);
        mpfr_add(m, x[k].lower(), x[k].upper(), MPFR_RNDN);
        mpfr_div_2ui(m, m, 1, MPFR_RNDN);
        size_[k] = size_above(m);
        mpfr_sub(gap, x[k].upper(), m, MPFR_RNDU);
        mpfr_sub(other, m, x[k].lower(), MPFR_RNDU);
        mpfr_max(gap, gap, other, MPFR_RNDU);  // not in doubles: denormals-are-zero would hide small ones
        radius_[k] = mpfr_get_d(gap, MPFR_RNDU);
    }
    mpfr_clears(gap, other, static_cast<mpfr_ptr>(nullptr));
}

CentredVector::CentredVector(const std::vector<double>& x, long precision) : precision_(precision), centre_(x.size()), size_(x.size()), radius_(x.size(), 0.0) {
    for (std::size_t k = 0; k < x.size(); ++k) {
        mpfr_init2(centre_[k].x, std::max(precision, 53L));
        mpfr_set_d(centre_[k].x, x[k], MPFR_RNDN);
        size_[k] = std::fabs(x[k]);
    }
}

CentredVector::~CentredVector() {
    for (Number& m : centre_) mpfr_clear(m.x);
}

MpInterval dot(const CentredVector& x, const CentredVector& y) {
    if (x.size() != y.size()) throw std::invalid_argument("dot: sizes differ");
    MpInterval sum(std::max(x.precision_, y.precision_));
    double spread = 0.0;
    {
        const RoundUpward guard;
        for (std::size_t k = 0; k < x.size(); ++k) {
            mpfr_fma(sum.lower_ref(), x.centre_[k].x, y.centre_[k].x, sum.lower(), MPFR_RNDD);
            mpfr_fma(sum.upper_ref(), x.centre_[k].x, y.centre_[k].x, sum.upper(), MPFR_RNDU);
            const double first = directed::mul_up(x.size_[k], y.radius_[k]);
            const double second = directed::mul_up(x.radius_[k], directed::add_up(y.size_[k], y.radius_[k]));
            spread = directed::add_up(spread, directed::add_up(first, second));
        }
    }
    if (!std::isfinite(spread) || mpfr_number_p(sum.lower()) == 0 || mpfr_number_p(sum.upper()) == 0)
        throw std::domain_error("a scalar product is out of range");
    return sum + MpInterval(-spread, spread, sum.precision());
}

bool disjoint(const CentredVector& x, const CentredVector& y) {
    const auto vanishes = [](const CentredVector& v, std::size_t k) {
        return mpfr_zero_p(v.centre_[k].x) != 0 && detail::order_key(v.radius_[k]) == 0;  // not ==: denormals-are-zero
    };
    for (std::size_t k = 0; k < x.size(); ++k)
        if (!vanishes(x, k) && !vanishes(y, k)) return false;
    return true;
}

Matrix<MpInterval> gram_matrix(const std::vector<CentredVector>& vectors, long precision) {
    const std::size_t n = vectors.size();
    const MpInterval unit(1.0, 1.0, precision);
    const MpInterval tiny = scale_by_power_of_two(hull(-unit, unit), 8 - precision);
    Matrix<MpInterval> g(n, n, MpInterval(precision));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            if (disjoint(vectors[i], vectors[j])) continue;
            const MpInterval x = dot(vectors[i], vectors[j]);
            g(i, j) = g(j, i) = x + tiny * (unit + abs(x));
        }
    return g;
}

}  // namespace lyapcert
