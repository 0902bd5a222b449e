#include "lyapcert/problem/expression.hpp"

#include <algorithm>
#include <unordered_map>

#include <boost/multiprecision/integer.hpp>

namespace lyapcert {

struct Expression::Node {
    Kind kind = Kind::number;
    Rational value;
    std::size_t index = 0;
    Function function = Function::exp;
    std::vector<Expression> operands;
};

namespace {

constexpr const char* function_names[] = {"exp",  "log",  "sqrt", "sin",   "cos",   "tan",   "asin", "acos",    "atan",
                                          "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",  "sigmoid", "softplus"};

}  // namespace

const char* name(Function f) { return function_names[static_cast<std::size_t>(f)]; }

std::size_t bit_size(const Rational& x) {
    const auto bits = [](const Integer& n) -> std::size_t { return n.is_zero() ? 1 : boost::multiprecision::msb(abs(n)) + 1; };
    return bits(numerator(x)) + bits(denominator(x));
}

Expression Expression::number(Rational value) {
    auto node = std::make_shared<Node>();
    node->value = std::move(value);
    return Expression(std::move(node));
}

Expression Expression::pi() {
    auto node = std::make_shared<Node>();
    node->kind = Kind::pi;
    return Expression(std::move(node));
}

Expression Expression::symbol(std::size_t index) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::symbol;
    node->index = index;
    return Expression(std::move(node));
}

namespace {

bool all_numbers(const std::vector<Expression>& operands) {
    return std::all_of(operands.begin(), operands.end(), [](const Expression& e) { return e.kind() == Expression::Kind::number; });
}

void check_size(const Rational& x) {
    if (bit_size(x) > max_bit_size) throw ExpressionError("a number is too long to be written out exactly");
}

// x^n by squaring; the caller has bounded the size of the result.
Rational integer_power(Rational x, long n) {
    if (n < 0) x = 1 / x;
    Rational result = 1;
    for (unsigned long k = n < 0 ? 0UL - static_cast<unsigned long>(n) : static_cast<unsigned long>(n); k != 0; k >>= 1U) {
        if ((k & 1U) != 0) result *= x;
        if (k > 1) x *= x;
    }
    return result;
}

// The exponent when e is an integer literal within the limits.
std::optional<long> small_integer(const Expression& e) {
    if (e.kind() != Expression::Kind::number || denominator(e.value()) != 1 || abs(e.value()) > max_exponent) return std::nullopt;
    return numerator(e.value()).convert_to<long>();
}

bool power_fits(const Rational& base, long n) {
    return base.is_zero() || abs(base) == 1 || bit_size(base) * static_cast<std::size_t>(std::labs(n)) <= max_bit_size;
}

}  // namespace

Expression Expression::sum(std::vector<Expression> terms) {
    if (terms.size() == 1) return terms.front();
    if (all_numbers(terms)) {
        Rational total = 0;
        for (const Expression& e : terms) check_size(total += e.value());
        return number(std::move(total));
    }
    auto node = std::make_shared<Node>();
    node->kind = Kind::sum;
    node->operands = std::move(terms);
    return Expression(std::move(node));
}

Expression Expression::product(std::vector<Expression> factors) {
    if (factors.size() == 1) return factors.front();
    if (all_numbers(factors)) {
        Rational total = 1;
        for (const Expression& e : factors) check_size(total *= e.value());
        return number(std::move(total));
    }
    auto node = std::make_shared<Node>();
    node->kind = Kind::product;
    node->operands = std::move(factors);
    return Expression(std::move(node));
}

Expression Expression::power(Expression base, Expression exponent) {
    if (base.kind() == Kind::number) {
        const std::optional<long> n = small_integer(exponent);
        if (n && power_fits(base.value(), *n) && !(base.value().is_zero() && *n <= 0)) return number(integer_power(base.value(), *n));
    }
    auto node = std::make_shared<Node>();
    node->kind = Kind::power;
    node->operands = {std::move(base), std::move(exponent)};
    return Expression(std::move(node));
}

Expression Expression::call(Function f, Expression argument) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::call;
    node->function = f;
    node->operands = {std::move(argument)};
    return Expression(std::move(node));
}

Expression::Kind Expression::kind() const { return node_->kind; }
const Rational& Expression::value() const { return node_->value; }
std::size_t Expression::index() const { return node_->index; }
Function Expression::function() const { return node_->function; }
const std::vector<Expression>& Expression::operands() const { return node_->operands; }

bool Expression::depends_on(std::size_t first, std::size_t last) const {
    if (kind() == Kind::symbol) return first <= index() && index() < last;
    return std::any_of(operands().begin(), operands().end(), [&](const Expression& e) { return e.depends_on(first, last); });
}

namespace {

MpInterval one(long precision) { return MpInterval(Rational(1), precision); }

MpInterval log1p(const MpInterval& x) {
    MpInterval result(x.precision());
    mpfr_log1p(result.lower_ref(), x.lower(), MPFR_RNDD);
    mpfr_log1p(result.upper_ref(), x.upper(), MPFR_RNDU);
    result.check();
    return result;
}

MpInterval sigmoid(const MpInterval& x) { return one(x.precision()) / (one(x.precision()) + exp(-x)); }

// log(1 + e^x); for x > 0 as x + log(1 + e^-x), so that e^x cannot overflow.
MpInterval softplus(const MpInterval& x) { return certainly_positive(x) ? x + log1p(exp(-x)) : log1p(exp(x)); }

// x^q for x > 0, or x >= 0 when q > 0.
MpInterval rational_power(const MpInterval& x, const Rational& q) {
    if (mpfr_sgn(x.lower()) < 0 || (q < 0 && mpfr_sgn(x.lower()) == 0))
        throw std::domain_error(q < 0 ? "a negative non-integer power of a number that is not provably positive"
                                      : "a non-integer power of a number that is not provably non-negative");
    if (is_zero(x)) return x;
    if (denominator(q) == 2 && abs(numerator(q)) <= max_exponent) return pow(sqrt(x), numerator(q).convert_to<long>());
    // A few bits more for the size of the logarithm.
    const long working = x.precision() + 32;
    return exp(MpInterval(q, working) * log(x.with_precision(working))).with_precision(x.precision());
}

MpInterval apply(Function f, const MpInterval& x) {
    switch (f) {
        case Function::exp: return exp(x);
        case Function::log: return log(x);
        case Function::sqrt: return sqrt(x);
        case Function::sin: return sin(x);
        case Function::cos: return cos(x);
        case Function::tan: return tan(x);
        case Function::asin: return asin(x);
        case Function::acos: return acos(x);
        case Function::atan: return atan(x);
        case Function::sinh: return sinh(x);
        case Function::cosh: return cosh(x);
        case Function::tanh: return tanh(x);
        case Function::asinh: return asinh(x);
        case Function::acosh: return acosh(x);
        case Function::atanh: return atanh(x);
        case Function::erf: return erf(x);
        case Function::sigmoid: return sigmoid(x);
        case Function::softplus: return softplus(x);
    }
    throw std::logic_error("enclose: unknown function");
}

class Enclosure {
  public:
    Enclosure(long precision, const std::vector<MpInterval>& symbols) : precision_(precision), symbols_(symbols) {}

    MpInterval operator()(const Expression& e) {
        switch (e.kind()) {
            case Expression::Kind::number: return MpInterval(e.value(), precision_);
            case Expression::Kind::pi: return MpInterval::pi(precision_);
            case Expression::Kind::symbol: return symbols_.at(e.index()).with_precision(precision_);
            default: break;
        }
        if (const auto known = memo_.find(e.identity()); known != memo_.end()) return known->second;
        MpInterval result = compute(e);
        memo_.emplace(e.identity(), result);
        return result;
    }

  private:
    MpInterval compute(const Expression& e) {
        const std::vector<Expression>& operands = e.operands();
        switch (e.kind()) {
            case Expression::Kind::sum: {
                MpInterval total = (*this)(operands.front());
                for (std::size_t k = 1; k < operands.size(); ++k) total += (*this)(operands[k]);
                return total;
            }
            case Expression::Kind::product: {
                MpInterval total = (*this)(operands.front());
                for (std::size_t k = 1; k < operands.size(); ++k) total *= (*this)(operands[k]);
                return total;
            }
            case Expression::Kind::power: return power(operands[0], operands[1]);
            case Expression::Kind::call: return apply(e.function(), (*this)(operands[0]));
            default: throw std::logic_error("enclose: unknown kind of expression");
        }
    }

    MpInterval power(const Expression& base, const Expression& exponent) {
        if (exponent.kind() == Expression::Kind::number) {
            const Rational& q = exponent.value();
            if (const std::optional<long> n = small_integer(exponent)) return pow((*this)(base), *n);
            return rational_power((*this)(base), q);
        }
        const MpInterval x = (*this)(base);
        if (!certainly_positive(x)) throw std::domain_error("a variable power of a number that is not provably positive");
        return exp((*this)(exponent)*log(x));
    }

    long precision_;
    const std::vector<MpInterval>& symbols_;
    std::unordered_map<const void*, MpInterval> memo_;
};

class Evaluation {
  public:
    explicit Evaluation(const std::vector<Rational>& symbols) : symbols_(symbols) {}

    std::optional<Rational> operator()(const Expression& e) {
        if (const auto known = memo_.find(e.identity()); known != memo_.end()) return known->second;
        std::optional<Rational> result = compute(e);
        if (result && bit_size(*result) > max_bit_size) result.reset();
        memo_.emplace(e.identity(), result);
        return result;
    }

  private:
    std::optional<Rational> compute(const Expression& e) {
        const std::vector<Expression>& operands = e.operands();
        switch (e.kind()) {
            case Expression::Kind::number: return e.value();
            case Expression::Kind::symbol: return symbols_.at(e.index());
            case Expression::Kind::sum:
            case Expression::Kind::product: {
                const bool is_sum = e.kind() == Expression::Kind::sum;
                Rational total = is_sum ? 0 : 1;
                for (const Expression& operand : operands) {
                    const std::optional<Rational> x = (*this)(operand);
                    if (!x) return std::nullopt;
                    if (is_sum) total += *x;
                    else total *= *x;
                }
                return total;
            }
            case Expression::Kind::power: {
                const std::optional<long> n = small_integer(operands[1]);
                if (!n) return std::nullopt;
                const std::optional<Rational> x = (*this)(operands[0]);
                if (!x || (x->is_zero() && *n < 0) || !power_fits(*x, *n)) return std::nullopt;
                return integer_power(*x, *n);
            }
            case Expression::Kind::call: {
                const std::optional<Rational> x = (*this)(operands[0]);
                if (!x || !x->is_zero()) return std::nullopt;
                switch (e.function()) {  // the rational values that analytic models meet: those at the origin
                    case Function::exp:
                    case Function::cos:
                    case Function::cosh: return Rational(1);
                    case Function::sigmoid: return Rational(1, 2);
                    case Function::sqrt:
                    case Function::sin:
                    case Function::tan:
                    case Function::asin:
                    case Function::atan:
                    case Function::sinh:
                    case Function::tanh:
                    case Function::asinh:
                    case Function::atanh:
                    case Function::erf: return Rational(0);
                    default: return std::nullopt;
                }
            }
            default: return std::nullopt;
        }
    }

    const std::vector<Rational>& symbols_;
    std::unordered_map<const void*, std::optional<Rational>> memo_;
};

}  // namespace

MpInterval enclose(const Expression& e, long precision, const std::vector<MpInterval>& symbols) { return Enclosure(precision, symbols)(e); }

std::optional<Rational> evaluate(const Expression& e, const std::vector<Rational>& symbols) { return Evaluation(symbols)(e); }

int compare(const Expression& a, const Expression& b) {
    if (a.identity() == b.identity()) return 0;
    if (a.kind() != b.kind()) return a.kind() < b.kind() ? -1 : 1;
    switch (a.kind()) {
        case Expression::Kind::number: return a.value() < b.value() ? -1 : a.value() == b.value() ? 0 : 1;
        case Expression::Kind::pi: return 0;
        case Expression::Kind::symbol: return a.index() < b.index() ? -1 : a.index() == b.index() ? 0 : 1;
        case Expression::Kind::call:
            if (a.function() != b.function()) return a.function() < b.function() ? -1 : 1;
            break;
        default: break;
    }
    if (a.operands().size() != b.operands().size()) return a.operands().size() < b.operands().size() ? -1 : 1;
    for (std::size_t k = 0; k < a.operands().size(); ++k)
        if (const int c = compare(a.operands()[k], b.operands()[k]); c != 0) return c;
    return 0;
}

std::string to_string(const Expression& e, const std::vector<std::string>& identifiers) {
    const auto child = [&](const Expression& x) {
        const bool atom = x.kind() == Expression::Kind::symbol || x.kind() == Expression::Kind::pi || x.kind() == Expression::Kind::call ||
                          (x.kind() == Expression::Kind::number && x.value() >= 0 && denominator(x.value()) == 1);
        return atom ? to_string(x, identifiers) : "(" + to_string(x, identifiers) + ")";
    };
    const auto join = [&](const char* separator) {
        std::string result;
        for (const Expression& x : e.operands()) result += (result.empty() ? "" : separator) + child(x);
        return result;
    };
    switch (e.kind()) {
        case Expression::Kind::number: return e.value().str();
        case Expression::Kind::pi: return "pi";
        case Expression::Kind::symbol: return identifiers.at(e.index());
        case Expression::Kind::sum: return join(" + ");
        case Expression::Kind::product: return join("*");
        case Expression::Kind::power: return child(e.operands()[0]) + "^" + child(e.operands()[1]);
        case Expression::Kind::call: return std::string(name(e.function())) + "(" + to_string(e.operands()[0], identifiers) + ")";
    }
    throw std::logic_error("to_string: unknown kind of expression");
}

}  // namespace lyapcert
