#include "problem/constants.hpp"

#include "lyapcert/numeric/decimal.hpp"
#include "problem/symbolic.hpp"

namespace lyapcert {

using namespace symbolic;

GiNaC::ex constant_term(const Document& document, const std::string& key, const Expression& e) {
    try {
        GiNaC::ex value = value_at(e, {});
        if (!GiNaC::is_a<GiNaC::numeric>(value)) to_real(value);
        return value;
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
}

Real real_constant(const Document& document, const std::string& key, const GiNaC::ex& constant) {
    try {
        return to_real(constant);
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
}

Real real_constant(const Document& document, const std::string& key, const Expression& e) { return real_constant(document, key, constant_term(document, key, e)); }

std::string shown(const Real& x) {
    if (x.is_rational() && bit_size(x.rational()) < 200) return x.rational().str();
    const DecimalInterval decimals = outward_decimals(x.at(128), 6, 20);
    return "in [" + decimals.lower + ", " + decimals.upper + "]";
}

}  // namespace lyapcert
