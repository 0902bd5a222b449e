#include "lyapcert/exponent/polyhedral.hpp"

#include <stdexcept>

#include "exponent/polyhedral/engine.hpp"

namespace lyapcert {

namespace {

PolyhedralResult bound_of_moderate_product(const RandomProduct& product, const SearchControl& control) {
    switch (product.dimension()) {
        case 2: return polyhedral::Engine<2, RandomProduct>(product, control).run();
        case 3: return polyhedral::Engine<3, RandomProduct>(product, control).run();
        case 4: return polyhedral::Engine<4, RandomProduct>(product, control).run();
        case 5: return polyhedral::Engine<5, RandomProduct>(product, control).run();
        case 6: return polyhedral::Engine<6, RandomProduct>(product, control).run();
        default: throw std::invalid_argument("the polyhedral certificate is for dimensions 2 to 6");
    }
}

// e with 2^e about the largest entry in modulus; 0 for the zero matrix.
long binary_size(const Matrix<Real>& a) {
    MpInterval largest(64);
    for (const Real& x : a.entries()) largest = max(largest, abs(x.at(64)));
    return mpfr_zero_p(largest.upper()) || !mpfr_number_p(largest.upper()) ? 0 : static_cast<long>(mpfr_get_exp(largest.upper()));
}

}  // namespace

PolyhedralResult polyhedral_bound(const RandomProduct& product, const SearchControl& control) {
    // Matrices of extreme size are divided by powers of two, exactly: lambda(2^{e_k} B_k) = lambda(B_k) + (sum p_k e_k) log 2.
    constexpr long moderate = 16;
    std::vector<Matrix<Real>> scaled = product.matrices();
    Rational shift = 0;
    bool any = false;
    for (std::size_t k = 0; k < scaled.size(); ++k) {
        const long e = binary_size(scaled[k]);
        if (std::labs(e) <= moderate) continue;
        const Integer power = Integer(1) << static_cast<unsigned>(std::labs(e));
        const Real factor(e > 0 ? Rational(Integer(1), power) : Rational(power));
        for (std::size_t i = 0; i < product.dimension(); ++i)
            for (std::size_t j = 0; j < product.dimension(); ++j) scaled[k](i, j) *= factor;
        shift += product.probabilities()[k] * e;
        any = true;
    }
    if (!any) return bound_of_moderate_product(product, control);
    const MpInterval offset = MpInterval(shift, MpInterval::default_precision) * log(MpInterval(Rational(2), MpInterval::default_precision));
    SearchControl own = control;
    own.satisfied = [&](double lower, double upper) {
        return control.satisfied(lower + offset.midpoint_double(), upper + offset.midpoint_double());
    };
    PolyhedralResult result = bound_of_moderate_product(RandomProduct(std::move(scaled), product.probabilities()), own);
    result.bound.enclosure = result.bound.enclosure + offset;
    return result;
}

}  // namespace lyapcert
