// Closed-form expressions: an immutable tree over exact rationals, pi and symbols, with its parser and its enclosures.
//
// The tree is plain shared data: any number of threads may evaluate one expression at the same time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lyapcert/numeric/mp_interval.hpp"
#include "lyapcert/numeric/rational.hpp"

namespace lyapcert {

// A text that is not an expression, or an expression without a real value. what() is one line.
class ExpressionError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Functions of one real variable. All are real-analytic in the interior of their domains.
enum class Function { exp, log, sqrt, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, erf, sigmoid, softplus };
const char* name(Function f);

class Expression {
  public:
    // Quotients and differences are stored as products with powers and sums with negatives.
    enum class Kind { number, pi, symbol, sum, product, power, call };

    static Expression number(Rational value);
    static Expression pi();
    static Expression symbol(std::size_t index);
    static Expression sum(std::vector<Expression> terms);        // exact numbers alone are added at once
    static Expression product(std::vector<Expression> factors);  // likewise
    static Expression power(Expression base, Expression exponent);
    static Expression call(Function f, Expression argument);

    Kind kind() const;
    const Rational& value() const;                    // of a number
    std::size_t index() const;                        // of a symbol
    Function function() const;                        // of a call
    const std::vector<Expression>& operands() const;  // terms, factors, {base, exponent}, {argument}

    // Equal identities mean equal expressions (not conversely): the key for memoising a walk over shared subtrees.
    const void* identity() const { return node_.get(); }
    // True when a symbol with first <= index < last occurs.
    bool depends_on(std::size_t first, std::size_t last) const;

  private:
    struct Node;
    explicit Expression(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
    std::shared_ptr<const Node> node_;
};

// Reads an expression in the given identifiers; symbol k of the result is identifiers[k].
//
// + - * / ^ (or **) with the usual precedence, ^ to the right and above the unary minus; parentheses; numeric literals,
// all exact (see parse_literal); `pi`; the functions above, `logistic` for sigmoid and `ln` for log.
// Throws ExpressionError naming the column (from 1) and what was expected.
Expression parse_expression(std::string_view text, const std::vector<std::string>& identifiers);

// True for a name that the grammar keeps for itself: a function or a constant.
bool is_reserved_name(std::string_view identifier);
// True for [A-Za-z_][A-Za-z0-9_]*.
bool is_identifier(std::string_view text);

// Encloses the expression over a box of symbol values. Throws std::domain_error when an operation may leave its real
// domain somewhere in the box (division by zero, log or root of a negative number, ...).
MpInterval enclose(const Expression& e, long precision, const std::vector<MpInterval>& symbols = {});

// The exact value at a rational point, where every operation is rational; nothing otherwise (also for a division by
// zero, and for integer powers too long to write out).
std::optional<Rational> evaluate(const Expression& e, const std::vector<Rational>& symbols);

// Total order on structure, the same in every run.
int compare(const Expression& a, const Expression& b);

// In the grammar of parse_expression, fully parenthesised where needed.
std::string to_string(const Expression& e, const std::vector<std::string>& identifiers);

// The number of bits that a rational takes in numerator and denominator together.
std::size_t bit_size(const Rational& x);
// The largest such number, and the largest |exponent|, with which expressions are worked out exactly.
constexpr std::size_t max_bit_size = 4'000'000;
constexpr long max_exponent = 1'000'000;

}  // namespace lyapcert
