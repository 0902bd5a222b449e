#include "lyapcert/exponent/near_identity.hpp"

#include <algorithm>
#include <optional>

namespace lyapcert {

namespace {

constexpr long most_bits = 4096;
constexpr std::size_t most_entries = 100000;

// |x| < 2^e, e as small as is seen.
std::optional<long> exponent_of(const Real& x) {
    if (x.known_zero()) return std::nullopt;
    for (const long precision : {128L, 128L + most_bits}) {
        const MpInterval size = abs(x.at(precision));
        if (mpfr_zero_p(size.upper()) != 0) return std::nullopt;
        if (mpfr_regular_p(size.upper()) == 0) return 0;
        const long exponent = mpfr_get_exp(size.upper());
        if (x.is_rational() || exponent > -most_bits_of_doubles || precision > most_bits) return exponent;
    }
    return 0;
}

}  // namespace

long bits_near_identity(const RandomProduct& product) {
    const std::size_t n = product.dimension();
    const Matrix<Real>* k = product.scaled_gram();
    if ((k != nullptr ? 1 : product.size()) * n * n > most_entries) return 0;
    std::optional<long> largest;
    const auto is_close = [&](const Matrix<Real>& a, bool to_identity) {
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const std::optional<long> e = exponent_of(to_identity && i == j ? a(i, j) - Real(1) : a(i, j));
                if (e) largest = std::max(largest.value_or(*e), *e);
                if (largest && *largest >= 0) return false;
            }
        return true;
    };
    bool close = k == nullptr || is_close(*k, false);
    for (std::size_t m = 0; k == nullptr && close && m < product.size(); ++m) close = is_close(product.matrices()[m], true);
    return close && largest ? std::min(-*largest, most_bits) : 0;
}

}  // namespace lyapcert
