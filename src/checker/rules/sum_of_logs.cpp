#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

Rational exp_of(const End& end, bool below, long bits) {
    if (end.minus_infinity) return 0;
    if (sgn(end.value) == 0) return 1;
    return below ? exp_below(end.value, bits) : exp_above(end.value, bits);
}

namespace {

Enclosure log_abs(const Value& x, long bits) { return log(abs(x.enclosure(bits))); }

}  // namespace

bool sum_of_logs(const std::vector<LogTerm>& terms, Side side, const End& claim, long bits) {
    for (const LogTerm& term : terms)
        if (term.argument.is(0)) return side == Side::upper || claim.minus_infinity;
    if (claim.minus_infinity) return side == Side::lower;
    Enclosure sum(bits);
    for (const LogTerm& term : terms) sum = sum + Enclosure(term.coefficient, bits) * log_abs(term.argument, bits);
    if (side == Side::lower ? at_most(claim.value, sum) : at_least(claim.value, sum)) return true;
    if (sgn(claim.value) != 0) return false;
    // A claim of exactly zero: compare the product of the powers with 1.
    mpz_class common = 1;
    for (const LogTerm& term : terms) {
        if (term.argument.exact() == nullptr) return false;
        charge(Rational(common), term.coefficient);
        common = lcm(common, mpz_class(term.coefficient.get_den()));
    }
    Rational product = 1;
    for (const LogTerm& term : terms) {
        const mpz_class n = Rational(term.coefficient * common).get_num();
        const Rational& a = *term.argument.exact();
        const std::size_t size = mpz_sizeinbase(a.get_num_mpz_t(), 2) + mpz_sizeinbase(a.get_den_mpz_t(), 2);
        if (!n.fits_ulong_p() || n > 1000000 || n * size > 10000000) return false;
        charge(product, a);
        mpz_class numerator;
        mpz_class denominator;
        mpz_pow_ui(numerator.get_mpz_t(), a.get_num_mpz_t(), n.get_ui());
        mpz_pow_ui(denominator.get_mpz_t(), a.get_den_mpz_t(), n.get_ui());
        product *= abs(Rational(numerator, denominator));
    }
    return side == Side::lower ? product >= 1 : product <= 1;
}

}  // namespace lyapcert::checker
