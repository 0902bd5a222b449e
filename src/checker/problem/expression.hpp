// Formulas of problem files: parsed, evaluated with their gradients, and looked at for what the hypotheses need.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/numbers/value.hpp"

namespace lyapcert::checker {

struct Expression {
    enum class Kind { number, pi, symbol, sum, product, quotient, power, negative, call };
    Kind kind = Kind::number;
    Rational number;
    std::size_t symbol = 0;  // index into the names given to parse_expression
    std::string function;
    std::vector<std::shared_ptr<const Expression>> operands;
};
using Formula = std::shared_ptr<const Expression>;

Formula parse_expression(const std::string& text, const std::vector<std::string>& names);

// A value with its partial derivatives in the first symbols. `varies`: a parameter occurs in it, whatever its gradient is here.
struct Dual {
    Value value;
    std::vector<Value> gradient;
    bool varies = false;
};
// Forward differentiation; `symbols[k].gradient` has one entry per parameter everywhere. Throws Refused where F is undefined, or not
// seen to be analytic near the point (T20).
Dual evaluate(const Formula& formula, const std::vector<Dual>& symbols, std::size_t parameters, long bits);
Value constant(const std::string& text, long bits);
// A function of formulas ("tanh"), and its derivative where its value is y; for an enclosure both enclose what they are on all of it.
Value function_value(const std::string& name, const Value& x, long bits);
Value function_slope(const std::string& name, const Value& x, const Value& y, long bits);

// The syntactic facts of T20. The first `parameters` symbols are parameters, the others have the given values.
class Syntax {
  public:
    Syntax(std::size_t parameters, std::vector<Value> inputs, long bits);
    bool depends(const Formula& f, const std::vector<bool>& chosen) const;  // on a chosen parameter
    // T20 (b): F = sum_{p chosen} x_p c_p + r with c_p free of all parameters and r free of the chosen ones.
    bool affine(const Formula& f, const std::vector<bool>& chosen) const;
    // T20 (c): F(t^w x) = t^d F(x) for t > 0, if F is analytic: returns d; nothing when that is not seen.
    std::optional<Rational> degree(const Formula& f, const std::vector<Rational>& weights) const;
    // T20 (e): real-analytic on all of R^D.
    bool analytic(const Formula& f) const;

  private:
    enum class Sign { unknown, nonnegative, positive, negative };
    Sign sign(const Formula& f) const;  // T20 (d)
    std::optional<Rational> fixed(const Formula& f) const;  // the value of a formula without parameters, when rational
    Value at_inputs(const Formula& f) const;

    std::size_t parameters_;
    std::vector<Dual> symbols_;
    std::vector<bool> all_;
    long bits_;
};

}  // namespace lyapcert::checker
