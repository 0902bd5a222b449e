// Expressions as GiNaC terms: exact differentiation, simplification and zero tests.
//
// Neither GiNaC's reference counts nor its tables may be used by two threads at once: whoever touches a GiNaC::ex
// (copies and destroys it included) holds an AlgebraLock. Nothing that outlives the lock may contain an ex; what other
// threads evaluate later is an Expression.
//
// Terms are exact: every number in them is rational. GiNaC rewrites within the principal branches of complex analysis;
// on arguments at which every subexpression is a real number these are the real functions, so that a rewritten term has
// the value of the original. `value_at` is where that premise is checked.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <ginac/ginac.h>

#include "lyapcert/numeric/real.hpp"
#include "lyapcert/problem/expression.hpp"

namespace lyapcert::symbolic {

class AlgebraLock {
  public:
    AlgebraLock();

  private:
    std::lock_guard<std::recursive_mutex> guard_;
};

GiNaC::numeric to_numeric(const Rational& x);
// Throws ExpressionError unless x is rational.
Rational to_rational(const GiNaC::numeric& x);

// The term with terms[k] put for symbol k. Throws ExpressionError where a number would become too long.
GiNaC::ex to_term(const Expression& e, const std::vector<GiNaC::ex>& terms);

// The same at a point given by constant terms, after a proof that every subexpression is a real number there. Where a
// subexpression depends on one of the first `variables` symbols the point must moreover lie in the interior of its
// domain: then e is real-analytic near the point in these symbols. Throws ExpressionError where that is not proved.
GiNaC::ex value_at(const Expression& e, const std::vector<GiNaC::ex>& point, std::size_t variables = 0);

// The same for several expressions; shared subexpressions are worked out once.
std::vector<GiNaC::ex> values_at(const std::vector<Expression>& expressions, const std::vector<GiNaC::ex>& point,
                                 std::size_t variables = 0);

// Back from terms in the given symbols; subterms that occur several times are shared. Throws ExpressionError for a term
// that Expression does not have.
class Translation {
  public:
    explicit Translation(const std::vector<GiNaC::symbol>& symbols = {});
    Expression operator()(const GiNaC::ex& term);

  private:
    Expression translate(const GiNaC::ex& term);
    std::map<GiNaC::ex, std::size_t, GiNaC::ex_is_less> symbols_;
    std::map<GiNaC::ex, Expression, GiNaC::ex_is_less> memo_;
};

// Rigorous enclosure of a term; symbol symbols[k] ranges over values[k]. Throws std::domain_error as enclose(Expression).
MpInterval enclose(const GiNaC::ex& term, long precision, const std::vector<GiNaC::symbol>& symbols = {},
                   const std::vector<MpInterval>& values = {});

// The sign of a constant, where it is proved.
std::optional<int> sign_of(const GiNaC::ex& constant);

// True only when the constant is proved to be zero; algebraic relations between exponentials, logarithms, roots and
// trigonometric functions of the same arguments are used.
bool proved_zero(const GiNaC::ex& constant);
// e.expand(), or e itself where that would have very many terms.
GiNaC::ex expanded_if_short(const GiNaC::ex& e);

// Throws ExpressionError where the number in x is certainly, or for all that is known, beyond the range of MPFR's exponents: nothing can be said of it.
void require_in_range(const MpInterval& x);

// The constant as a number: rational where that is proved. Throws ExpressionError when it is not real, or too large.
Real to_real(const GiNaC::ex& constant);
Real to_real(const GiNaC::ex& constant, Translation& translation);

}  // namespace lyapcert::symbolic
