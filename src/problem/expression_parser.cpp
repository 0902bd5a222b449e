#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/expression.hpp"

namespace lyapcert {

namespace {

const std::map<std::string, Function, std::less<>>& functions() {
    static const std::map<std::string, Function, std::less<>> table = [] {
        std::map<std::string, Function, std::less<>> result;
        for (int k = 0; k <= static_cast<int>(Function::softplus); ++k) {
            const auto f = static_cast<Function>(k);
            result.emplace(name(f), f);
        }
        result.emplace("ln", Function::log);
        result.emplace("logistic", Function::sigmoid);
        return result;
    }();
    return table;
}

// Kept so that they get an answer of their own instead of "unknown identifier".
constexpr std::array<std::string_view, 6> piecewise = {"relu", "abs", "max", "min", "sign", "step"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Deep enough for any formula written by a person, shallow enough for every recursion over the tree.
constexpr int max_depth = 200;
constexpr std::size_t max_length = 1'000'000;

class Parser {
  public:
    Parser(std::string_view text, const std::vector<std::string>& identifiers) : text_(text) {
        for (std::size_t k = 0; k < identifiers.size(); ++k) identifiers_.emplace(identifiers[k], k);
    }

    Expression run() {
        if (text_.size() > max_length) throw ExpressionError("the expression is longer than 1000000 characters");
        skip_blanks();
        if (at_end()) fail("the expression is empty; expected a number or an expression");
        Expression result = sum();
        if (!at_end()) fail("unexpected " + here() + "; expected an operator or the end");
        return result;
    }

  private:
    Expression sum() {
        const Descent descent(*this);
        std::vector<Expression> terms{product()};
        for (;;) {
            if (accept('+')) terms.push_back(product());
            else if (accept('-')) terms.push_back(negative(product()));
            else break;
        }
        return combine(terms, &Expression::sum);
    }

    Expression product() {
        std::vector<Expression> factors{signed_power()};
        for (;;) {
            const std::size_t start = position_;
            if (text_.compare(position_, 2, "**") != 0 && accept('*')) {
                factors.push_back(signed_power());
            } else if (accept('/')) {
                Expression divisor = signed_power();
                if (divisor.kind() == Expression::Kind::number && divisor.value().is_zero()) fail_at(start, "division by zero");
                factors.push_back(Expression::power(std::move(divisor), Expression::number(-1)));
            } else {
                break;
            }
        }
        return combine(factors, &Expression::product);
    }

    Expression signed_power() {
        const Descent descent(*this);
        if (accept('-')) return negative(signed_power());
        if (accept('+')) return signed_power();
        Expression base = atom();
        const std::size_t start = position_;
        if (text_.compare(position_, 2, "**") == 0) {
            position_ += 2;
            skip_blanks();
        } else if (!accept('^')) {
            return base;
        }
        Expression exponent = signed_power();
        if (base.kind() == Expression::Kind::number && exponent.kind() == Expression::Kind::number)
            check_power(start, base.value(), exponent.value());
        return Expression::power(std::move(base), std::move(exponent));
    }

    Expression atom() {
        if (at_end()) fail("the expression ends here; expected a number, a name or '('");
        const std::size_t start = position_;
        const char c = text_[position_];
        if (accept('(')) {
            Expression inner = sum();
            if (!accept(')')) fail("unexpected " + here() + "; expected ')' for the '(' in column " + std::to_string(start + 1));
            return inner;
        }
        if (is_digit(c) || c == '.') return literal();
        if (is_letter(c)) return named();
        fail("unexpected " + here() + "; expected a number, a name or '('");
    }

    Expression literal() {
        const std::size_t start = position_;
        const auto peek = [&](std::size_t ahead) { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; };
        const bool hex = peek(0) == '0' && (peek(1) == 'x' || peek(1) == 'X');
        if (hex) position_ += 2;
        while (hex ? is_hex_digit(peek(0)) || peek(0) == '.' : is_digit(peek(0)) || peek(0) == '.') ++position_;
        const char mark = static_cast<char>(std::tolower(static_cast<unsigned char>(peek(0))));
        if (mark == (hex ? 'p' : 'e')) {
            const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
            if (is_digit(peek(1 + sign))) {
                position_ += 1 + sign;
                while (is_digit(peek(0))) ++position_;
            }
        }
        if (is_letter(peek(0))) fail("unexpected " + here() + " after a number; expected an operator (write products with *)");
        const std::string_view token = text_.substr(start, position_ - start);
        skip_blanks();
        try {
            return Expression::number(parse_literal(token));
        } catch (const std::invalid_argument& error) {
            fail_at(start, "'" + shortened(token) + "' is not a number: " + error.what());
        }
    }

    Expression named() {
        const std::size_t start = position_;
        while (!at_end() && (is_letter(text_[position_]) || is_digit(text_[position_]))) ++position_;
        const std::string_view word = text_.substr(start, position_ - start);
        skip_blanks();
        if (const auto known = identifiers_.find(word); known != identifiers_.end()) return Expression::symbol(known->second);
        if (const auto known = functions().find(word); known != functions().end()) {
            if (!accept('(')) fail("unexpected " + here() + "; expected '(' after " + std::string(word));
            Expression argument = sum();
            if (!accept(')'))
                fail("unexpected " + here() + "; expected ')' at the end of " + std::string(word) + "(...), which takes one argument");
            return Expression::call(known->second, std::move(argument));
        }
        if (word == "pi") return Expression::pi();
        if (std::find(piecewise.begin(), piecewise.end(), word) != piecewise.end())
            fail_at(start, std::string(word) +
                               " is not supported in expressions: it is not differentiable everywhere; expected an analytic function");
        std::string hint = word == "e" ? "; write exp(1) for Euler's number" : "";
        if (hint.empty())
            hint = identifiers_.empty() ? "; expected a number, pi or a function" : "; expected a parameter, an input, pi or a function";
        fail_at(start, "unknown name '" + shortened(word) + "'" + hint);
    }

    static Expression negative(Expression x) {
        std::vector<Expression> factors{Expression::number(-1), std::move(x)};
        return Expression::product(std::move(factors));
    }

    Expression combine(std::vector<Expression>& operands, Expression (*make)(std::vector<Expression>)) const {
        try {
            return make(std::move(operands));
        } catch (const ExpressionError& error) {
            fail(error.what());
        }
    }

    void check_power(std::size_t start, const Rational& base, const Rational& exponent) const {
        const bool integer = denominator(exponent) == 1;
        if (base.is_zero() && exponent.is_zero()) fail_at(start, "0^0 is not defined");
        if (base.is_zero() && exponent < 0) fail_at(start, "division by zero: a negative power of 0");
        if (base < 0 && !integer) fail_at(start, "a non-integer power of a negative number is not a real number");
        if (base.is_zero() || abs(base) == 1) return;
        if (abs(exponent) > max_exponent || Rational(bit_size(base)) * abs(exponent) > Rational(max_bit_size))
            fail_at(start, "the exponent is too large: the power would have more than " + std::to_string(max_bit_size) + " bits");
    }

    // Counts the nesting of the production it lives in.
    struct Descent {
        explicit Descent(Parser& parser) : depth(parser.depth_) {
            if (++depth > max_depth) {
                --depth;  // no destructor runs for an object that was never finished
                parser.fail("the expression is nested too deeply (more than " + std::to_string(max_depth / 2) + " levels)");
            }
        }
        ~Descent() { --depth; }
        Descent(const Descent&) = delete;
        Descent& operator=(const Descent&) = delete;
        int& depth;
    };

    bool at_end() const { return position_ >= text_.size(); }
    void skip_blanks() {
        while (!at_end() && (text_[position_] == ' ' || text_[position_] == '\t' || text_[position_] == '\n' || text_[position_] == '\r'))
            ++position_;
    }
    bool accept(char c) {
        if (at_end() || text_[position_] != c) return false;
        ++position_;
        skip_blanks();
        return true;
    }
    static std::string shortened(std::string_view word) {
        return word.size() <= 40 ? std::string(word) : std::string(word.substr(0, 37)) + "...";
    }
    std::string here() const {
        if (at_end()) return "end";
        const char c = text_[position_];
        return std::isprint(static_cast<unsigned char>(c)) != 0 ? "'" + std::string(1, c) + "'" : "character";
    }
    [[noreturn]] void fail(const std::string& message) const { fail_at(position_, message); }
    [[noreturn]] static void fail_at(std::size_t position, const std::string& message) {
        throw ExpressionError("column " + std::to_string(position + 1) + ": " + message);
    }

    std::string_view text_;
    std::map<std::string, std::size_t, std::less<>> identifiers_;
    std::size_t position_ = 0;
    int depth_ = 0;
};

}  // namespace

Expression parse_expression(std::string_view text, const std::vector<std::string>& identifiers) { return Parser(text, identifiers).run(); }

bool is_reserved_name(std::string_view identifier) {
    return identifier == "pi" || functions().find(identifier) != functions().end() ||
           std::find(piecewise.begin(), piecewise.end(), identifier) != piecewise.end();
}

bool is_identifier(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace lyapcert
