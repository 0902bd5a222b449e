#include "problem/symbolic.hpp"

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "lyapcert/numeric/decimal.hpp"
#include "problem/symbolic_functions.hpp"

namespace lyapcert::symbolic {

using GiNaC::ex;
using GiNaC::ex_to;
using GiNaC::is_a;
using GiNaC::numeric;

namespace {

std::recursive_mutex& algebra_mutex() {
    static std::recursive_mutex mutex;
    return mutex;
}

}  // namespace

AlgebraLock::AlgebraLock() : guard_(algebra_mutex()) {}

numeric to_numeric(const Rational& x) {
    const auto integer = [](const Integer& n) {
        if (abs(n) < Integer(1) << 30) return numeric(n.convert_to<long>());
        const numeric magnitude(Integer(abs(n)).str().c_str());
        return n < 0 ? -magnitude : magnitude;
    };
    return integer(numerator(x)) / integer(denominator(x));
}

Rational to_rational(const numeric& x) {
    if (!x.is_rational()) throw ExpressionError("not a real number: a complex value arises");
    const auto integer = [](const numeric& n) {
        if (n.int_length() < 62) return Integer(n.to_long());
        std::ostringstream digits;
        digits << n;
        return Integer(digits.str());
    };
    return Rational(integer(x.numer()), integer(x.denom()));
}

namespace {

// Bits of the longest number inside a term.
std::size_t number_bits(const ex& e) {
    if (is_a<numeric>(e)) {
        const numeric& x = ex_to<numeric>(e);
        if (!x.is_rational()) return 1;
        return static_cast<std::size_t>(x.numer().int_length()) + static_cast<std::size_t>(x.denom().int_length());
    }
    std::size_t bits = 1;
    if (is_a<GiNaC::add>(e) || is_a<GiNaC::mul>(e) || is_a<GiNaC::power>(e))
        for (const ex& operand : e) bits = std::max(bits, number_bits(operand));
    return bits;
}

// Stops numbers before they fill the memory.
const ex& bounded(const ex& e) {
    if (number_bits(e) > max_bit_size) throw ExpressionError("a number is too long to be written out exactly");
    return e;
}

ex bounded_power(const ex& base, const ex& exponent) {
    if (is_a<numeric>(exponent)) {
        const numeric& q = ex_to<numeric>(exponent);
        if (q.is_zero()) return 1;
        const bool unit = base.is_equal(1) || base.is_equal(-1) || base.is_zero();
        if (!unit && (GiNaC::abs(q) > max_exponent ||
                      numeric(static_cast<unsigned long>(number_bits(base))) * GiNaC::abs(q) > numeric(max_bit_size)))
            throw ExpressionError("an exponent is too large: the power cannot be written out exactly");
    }
    return bounded(GiNaC::pow(base, exponent));
}

std::string described(const ex& constant) {
    if (is_a<numeric>(constant) && number_bits(constant) < 60) return "is " + to_rational(ex_to<numeric>(constant)).str();
    try {
        const DecimalInterval decimals = outward_decimals(enclose(constant, 128), 6, 20);
        return "lies in [" + decimals.lower + ", " + decimals.upper + "]";
    } catch (const std::exception&) {
        return "could not be enclosed";
    }
}

class Builder {
  public:
    Builder(const std::vector<ex>& terms, bool checked, std::size_t variables) : terms_(terms), checked_(checked), variables_(variables) {}

    ex operator()(const Expression& e) {
        if (const auto known = memo_.find(e.identity()); known != memo_.end()) return known->second;
        ex result = build(e);
        memo_.emplace(e.identity(), result);
        return result;
    }

  private:
    ex build(const Expression& e) {
        const std::vector<Expression>& operands = e.operands();
        switch (e.kind()) {
            case Expression::Kind::number: return to_numeric(e.value());
            case Expression::Kind::pi: return GiNaC::Pi;
            case Expression::Kind::symbol: return terms_.at(e.index());
            case Expression::Kind::sum: {
                GiNaC::exvector terms;
                for (const Expression& operand : operands) terms.push_back((*this)(operand));
                return bounded(GiNaC::add(terms));
            }
            case Expression::Kind::product: {
                ex total = 1;
                for (const Expression& operand : operands) total = bounded(total * (*this)(operand));
                return total;
            }
            case Expression::Kind::power: {
                const ex base = (*this)(operands[0]);
                const ex exponent = (*this)(operands[1]);
                if (checked_ && check_power(operands[0], operands[1], base, exponent)) return 0;
                return bounded_power(base, exponent);
            }
            case Expression::Kind::call: {
                const ex argument = (*this)(operands[0]);
                if (checked_ && check_call(e.function(), operands[0], argument) && e.function() == Function::sqrt) return 0;
                return bounded(e.function() == Function::sqrt ? bounded_power(argument, numeric(1, 2)) : apply(e.function(), argument));
            }
        }
        throw std::logic_error("to_term: unknown kind of expression");
    }

    bool varies(const Expression& e) const { return variables_ != 0 && e.depends_on(0, variables_); }

    static int sign(const ex& constant, const std::string& what) {
        const std::optional<int> s = sign_of(constant);
        if (!s) throw ExpressionError("cannot prove that " + what + ": the difference " + described(constant));
        return *s;
    }
    [[noreturn]] static void refuse(bool interior, const std::string& subject, const std::string& property, const ex& value) {
        throw ExpressionError((interior ? "not differentiable: " : "not a real number: ") + subject + " must be " + property + ", it " +
                              described(value));
    }
    // What a difference that has to be positive may be besides.
    enum class Border { allowed, undefined, not_differentiable };

    // Returns true when the difference is zero.
    static bool require_positive(const std::string& subject, const std::string& property, const ex& difference, const ex& value,
                                 Border border) {
        const int s = sign(difference, subject + " is " + property);
        if (s < 0 || (s == 0 && border != Border::allowed))
            refuse(s == 0 && border == Border::not_differentiable, subject, property, value);
        return s == 0;
    }

    // Both checks return true when the base or argument is proved to be zero where zero lies on the border of the domain.
    bool check_power(const Expression& base_expression, const Expression& exponent_expression, const ex& base, const ex& exponent) const {
        const bool rational = is_a<numeric>(exponent) && !varies(exponent_expression);
        if (rational && ex_to<numeric>(exponent).is_integer()) {
            if (ex_to<numeric>(exponent).is_negative() && sign(base, "a divisor is not zero") == 0)
                throw ExpressionError("division by zero");
            return false;
        }
        const Border border = !rational || ex_to<numeric>(exponent).is_negative() ? Border::undefined
                              : varies(base_expression)                           ? Border::not_differentiable
                                                                                  : Border::allowed;
        return require_positive("the base of a non-integer power", border == Border::allowed ? "non-negative" : "positive", base, base,
                                border);
    }

    bool check_call(Function f, const Expression& argument_expression, const ex& u) const {
        const bool interior = varies(argument_expression);
        const Border border = interior ? Border::not_differentiable : Border::allowed;
        const std::string subject = std::string("the argument of ") + name(f);
        switch (f) {
            case Function::log: return require_positive(subject, "positive", u, u, Border::undefined);
            case Function::sqrt: return require_positive(subject, interior ? "positive" : "non-negative", u, u, border);
            case Function::asin:
            case Function::acos:
            case Function::atanh: {
                const Border end = f == Function::atanh ? Border::undefined : border;
                require_positive(subject, end == Border::allowed ? "at most 1" : "less than 1", 1 - u, u, end);
                require_positive(subject, end == Border::allowed ? "at least -1" : "greater than -1", 1 + u, u, end);
                return false;
            }
            case Function::acosh: require_positive(subject, interior ? "greater than 1" : "at least 1", u - 1, u, border); return false;
            case Function::tan:
                if (sign(GiNaC::cos(u), subject + " is not an odd multiple of pi/2") == 0)
                    refuse(false, subject, "different from all odd multiples of pi/2", u);
                return false;
            default: return false;
        }
    }

    const std::vector<ex>& terms_;
    bool checked_;
    std::size_t variables_;
    std::unordered_map<const void*, ex> memo_;
};

// GiNaC reports poles and overflow with exceptions of many types.
template <class F>
auto translated_errors(F&& f) {
    try {
        return f();
    } catch (const ExpressionError&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        throw ExpressionError(std::string("not a real number: ") + error.what());
    }
}

}  // namespace

ex to_term(const Expression& e, const std::vector<ex>& terms) {
    return translated_errors([&] { return Builder(terms, false, 0)(e); });
}

ex value_at(const Expression& e, const std::vector<ex>& point, std::size_t variables) {
    return translated_errors([&] { return Builder(point, true, variables)(e); });
}

std::vector<ex> values_at(const std::vector<Expression>& expressions, const std::vector<ex>& point, std::size_t variables) {
    return translated_errors([&] {
        Builder builder(point, true, variables);
        std::vector<ex> values;
        for (const Expression& e : expressions) values.push_back(builder(e));
        return values;
    });
}

Translation::Translation(const std::vector<GiNaC::symbol>& symbols) {
    for (std::size_t k = 0; k < symbols.size(); ++k) symbols_.emplace(symbols[k], k);
}

Expression Translation::operator()(const ex& term) {
    if (const auto known = memo_.find(term); known != memo_.end()) return known->second;
    Expression result = translate(term);
    memo_.emplace(term, result);
    return result;
}

Expression Translation::translate(const ex& term) {
    if (is_a<numeric>(term)) return Expression::number(to_rational(ex_to<numeric>(term)));
    if (term.is_equal(GiNaC::Pi)) return Expression::pi();
    if (is_a<GiNaC::symbol>(term)) {
        const auto known = symbols_.find(term);
        if (known == symbols_.end()) throw ExpressionError("an unknown symbol arises");
        return Expression::symbol(known->second);
    }
    if (is_a<GiNaC::power>(term)) {
        Expression base = (*this)(term.op(0));
        if (term.op(1).is_equal(numeric(1, 2))) return Expression::call(Function::sqrt, std::move(base));
        return Expression::power(std::move(base), (*this)(term.op(1)));
    }
    if (is_a<GiNaC::add>(term) || is_a<GiNaC::mul>(term)) {
        std::vector<Expression> operands;
        for (const ex& operand : term) operands.push_back((*this)(operand));
        // GiNaC's own order changes from run to run; ours makes enclosures reproducible.
        std::stable_sort(operands.begin(), operands.end(), [](const Expression& a, const Expression& b) { return compare(a, b) < 0; });
        return is_a<GiNaC::add>(term) ? Expression::sum(std::move(operands)) : Expression::product(std::move(operands));
    }
    if (is_a<GiNaC::function>(term)) return Expression::call(function_of(ex_to<GiNaC::function>(term)), (*this)(term.op(0)));
    throw ExpressionError("an unsupported term arises");
}

MpInterval enclose(const ex& term, long precision, const std::vector<GiNaC::symbol>& symbols, const std::vector<MpInterval>& values) {
    return lyapcert::enclose(Translation(symbols)(term), precision, values);
}

namespace {

constexpr long sign_precisions[] = {64, 128, 256, 512, 1024};

std::optional<int> sign_by_enclosure(const Expression& e) {
    for (const long precision : sign_precisions) {
        try {
            const MpInterval x = enclose(e, precision);
            if (certainly_positive(x)) return 1;
            if (certainly_negative(x)) return -1;
            if (is_zero(x)) return 0;
        } catch (const std::domain_error&) {  // a subterm too close to the border of a domain: look closer
        }
    }
    return std::nullopt;
}

// The rational of smallest denominator in [lower, upper], which does not contain zero.
Rational simplest_between(const Rational& lower, const Rational& upper) {
    if (upper < 0) return -simplest_between(-upper, -lower);
    const Integer floor = numerator(lower) / denominator(lower);
    if (Rational(floor) == lower) return lower;
    if (Rational(floor + 1) <= upper) return floor + 1;
    return floor + 1 / simplest_between(1 / (upper - floor), 1 / (lower - floor));
}

Rational exact(mpfr_srcptr x) {
    Rational result;
    mpfr_get_q(result.backend().data(), x);
    return result;
}

// The rational number that the constant is likely to be: a simple one within a hair's breadth.
std::optional<Rational> rational_guess(const MpInterval& x) {
    if (!mpfr_number_p(x.lower()) || !mpfr_number_p(x.upper())) return std::nullopt;
    if (!(x.width_double() <= 1e-40)) return std::nullopt;
    if (contains_zero(x)) return Rational(0);
    for (mpfr_srcptr end : {x.lower(), x.upper()})
        if (mpfr_get_exp(end) > 200 || mpfr_get_exp(end) < -200) return std::nullopt;  // beyond the size of a guess
    const Rational guess = simplest_between(exact(x.lower()), exact(x.upper()));
    if (bit_size(guess) > 100) return std::nullopt;
    return guess;
}

}  // namespace

void require_in_range(const MpInterval& x) {
    if (mpfr_inf_p(x.lower()) == 0 && mpfr_inf_p(x.upper()) == 0) return;
    throw ExpressionError("is too large for the exponent range; expected a number below 2^(2^30), with intermediate results below it as well");
}

std::optional<int> sign_of(const ex& constant) {
    if (is_a<numeric>(constant)) {
        const Rational x = to_rational(ex_to<numeric>(constant));
        return x.sign();
    }
    if (const std::optional<int> s = sign_by_enclosure(Translation()(constant))) return s;
    if (proved_zero(constant)) return 0;
    return std::nullopt;
}

Real to_real(const ex& constant) {
    Translation translation;
    return to_real(constant, translation);
}

Real to_real(const ex& constant, Translation& translation) {
    if (is_a<numeric>(constant)) return Real(to_rational(ex_to<numeric>(constant)));
    const Expression e = translation(constant);
    for (const long precision : {256L, 1024L}) {
        try {
            const MpInterval x = enclose(e, precision);
            if (precision == 1024) require_in_range(x);
            else if (mpfr_inf_p(x.lower()) != 0 || mpfr_inf_p(x.upper()) != 0) continue;
            const std::optional<Rational> guess = rational_guess(x);
            if (guess && proved_zero(constant - to_numeric(*guess))) return Real(*guess);
            // Fewer bits than here may not tell an argument from the edge of its domain.
            return Real::from_rule([e, precision](long p) { return enclose(e, std::max(p, precision)).with_precision(p); });
        } catch (const std::domain_error& error) {
            if (precision == 1024) throw ExpressionError(std::string("not proved to be a real number: ") + error.what());
        }
    }
    throw std::logic_error("to_real");
}

}  // namespace lyapcert::symbolic
