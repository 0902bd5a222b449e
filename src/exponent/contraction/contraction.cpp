#include "lyapcert/exponent/contraction.hpp"

#include "lyapcert/exponent/raise_precision.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/eigenvalues.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/linalg/positive_definite.hpp"

namespace lyapcert {

namespace {

// x <= y or x < y for every member.
bool at_most(const Real& x, const Real& y) { return less(y, x) == Ternary::no; }
bool below(const Real& x, const Real& y) { return less(x, y) == Ternary::yes; }

MpInterval strict_bound(const Matrix<Real>& m, std::size_t rank, long precision) {
    const std::size_t n = m.rows();
    return raise_precision_until_sharp(
        [&](long working) {
            MpInterval c = MpInterval(Rational(2), working);
            for (std::size_t i = 0; i < n; ++i) c = min(c, MpInterval(Rational(2), working) - m(i, i).at(working));
            const MpInterval kappa = n > largest_high_precision_dimension && rank == n ? max(MpInterval(working), to_mp(extreme_eigenvalues(to_intervals(m)).smallest, working))
                                                                                       : symmetric_eigenvalues(enclose(m, working))[n - rank];
            const MpInterval x = MpInterval(Rational(1), working) - c * kappa / MpInterval(Rational(static_cast<unsigned long>(n)), working);
            // 1 - c kappa / N is a bound for an expectation of squares, hence >= 0 whatever rounding says.
            return scale_by_power_of_two(log(max(x, MpInterval(working))), -1);
        },
        precision);
}

}  // namespace

Bound contraction_bound(const NormalSpace& space, long precision) {
    if (space.may_be_singular()) return Bound::nothing();
    const Matrix<Real>& m = space.scaled_gram();
    const std::size_t n = m.rows();
    bool all_two = true;
    bool contracting = true;
    bool strictly = true;
    bool expanding = true;
    for (std::size_t i = 0; i < n; ++i) {
        const Real& d = m(i, i);
        all_two = all_two && known_equal(d, Real(2));
        contracting = contracting && at_most(d, Real(2));
        strictly = strictly && below(Real(0), d) && below(d, Real(2));
        expanding = expanding && (d.known_zero() || at_most(Real(2), d));
    }
    const MpInterval zero(precision);
    const auto by = [](Method method) { return End{method, ContractionEvidence{}, {}}; };
    if (all_two) return Bound::between(zero, by(Method::reflections));
    if (strictly) return Bound::at_most(min(zero, strict_bound(m, space.rank(), precision)), by(Method::contraction));
    if (contracting) return Bound::at_most(zero, by(Method::contraction));
    if (expanding) return Bound::at_least(zero, by(Method::expansion));
    return Bound::nothing();
}

}  // namespace lyapcert
