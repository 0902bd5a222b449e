#include "checker/problem/expression.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>

namespace lyapcert::checker {

namespace {

using Kind = Expression::Kind;

// value(x) and derivative(x, value(x)); the exact values at 0 and 1 where they are rational.
struct Function {
    std::function<Enclosure(const Enclosure&)> value;
    std::function<Value(const Value& x, const Value& y, long bits)> derivative;
    std::optional<Rational> at_zero;
    std::optional<Rational> at_one;
    bool entire = false;  // real-analytic on all of R
};

const Value one(Rational(1));

Enclosure number(long n, const Enclosure& like) { return Enclosure(Rational(n), like.bits()); }
Value root(const Value& x, long bits);

Enclosure even_part(const Enclosure& x) { return (exp(x) + exp(-x)) / number(2, x); }

Value square(const Value& x) { return x * x; }
Value call(const std::string& name, const Value& x, long bits);

const std::map<std::string, Function>& functions() {
    const auto mono = [](MpfrFunction* f) { return [f](const Enclosure& x) { return increasing(f, x); }; };
    const auto decreasing = [](MpfrFunction* f) {
        return [f](const Enclosure& x) {
            charge(1000.0 + static_cast<double>(x.bits() * x.bits()));
            Enclosure y(x.bits());
            f(y.lower_end(), x.upper(), MPFR_RNDD);
            f(y.upper_end(), x.lower(), MPFR_RNDU);
            return y.valid();
        };
    };
    static const std::map<std::string, Function> table = {
        {"exp", {[](const Enclosure& x) { return exp(x); }, [](const Value&, const Value& y, long) { return y; }, Rational(1), {}, true}},
        {"log", {[](const Enclosure& x) { if (x.sign() <= 0) throw Refused("log of a number that is not proved positive"); return log(x); }, [](const Value& x, const Value&, long) { return one / x; }, {}, Rational(0), false}},
        {"sqrt", {mono(mpfr_sqrt), [](const Value&, const Value& y, long) { return one / (Value(Rational(2)) * y); }, Rational(0), Rational(1), false}},
        {"sin", {[](const Enclosure& x) { return sine(x, false); }, [](const Value& x, const Value&, long b) { return call("cos", x, b); }, Rational(0), {}, true}},
        {"cos", {[](const Enclosure& x) { return sine(x, true); }, [](const Value& x, const Value&, long b) { return Value(Rational(0)) - call("sin", x, b); }, Rational(1), {}, true}},
        {"tan", {[](const Enclosure& x) { return sine(x, false) / sine(x, true); }, [](const Value&, const Value& y, long) { return one + square(y); }, Rational(0), {}, false}},
        {"asin", {mono(mpfr_asin), [](const Value& x, const Value&, long b) { return one / root(one - square(x), b); }, Rational(0), {}, false}},
        {"acos", {decreasing(mpfr_acos), [](const Value& x, const Value&, long b) { return Value(Rational(-1)) / root(one - square(x), b); }, {}, Rational(0), false}},
        {"atan", {mono(mpfr_atan), [](const Value& x, const Value&, long) { return one / (one + square(x)); }, Rational(0), {}, true}},
        {"sinh", {mono(mpfr_sinh), [](const Value& x, const Value&, long b) { return call("cosh", x, b); }, Rational(0), {}, true}},
        {"cosh", {even_part, [](const Value& x, const Value&, long b) { return call("sinh", x, b); }, Rational(1), {}, true}},
        {"tanh", {mono(mpfr_tanh), [](const Value&, const Value& y, long) { return one - square(y); }, Rational(0), {}, true}},
        {"asinh", {mono(mpfr_asinh), [](const Value& x, const Value&, long b) { return one / root(one + square(x), b); }, Rational(0), {}, true}},
        {"acosh", {mono(mpfr_acosh), [](const Value& x, const Value&, long b) { return one / root(square(x) - one, b); }, {}, Rational(0), false}},
        {"atanh", {mono(mpfr_atanh), [](const Value& x, const Value&, long) { return one / (one - square(x)); }, Rational(0), {}, false}},
        {"erf", {mono(mpfr_erf), [](const Value& x, const Value&, long b) {
             return Value(Rational(2)) * call("exp", Value(Rational(0)) - square(x), b) / root(Value(pi(b)), b);
         }, Rational(0), {}, true}},
        {"sigmoid", {[](const Enclosure& x) { return number(1, x) / (number(1, x) + exp(-x)); }, [](const Value&, const Value& y, long) { return y * (one - y); }, Rational(1, 2), {}, true}},
        {"softplus", {[](const Enclosure& x) { return increasing(mpfr_log1p, exp(x)); }, [](const Value& x, const Value&, long b) { return call("sigmoid", x, b); }, {}, {}, true}},
    };
    return table;
}

Value call(const std::string& name, const Value& x, long bits) {
    const Function& f = functions().at(name);
    if (x.is(0) && f.at_zero) return *f.at_zero;
    if (x.is(1) && f.at_one) return *f.at_one;
    if (name == "sqrt" && x.exact() != nullptr && sgn(*x.exact()) > 0 && mpz_perfect_square_p(x.exact()->get_num_mpz_t()) != 0 &&
        mpz_perfect_square_p(x.exact()->get_den_mpz_t()) != 0)
        return Rational(sqrt(x.exact()->get_num()), sqrt(x.exact()->get_den()));
    Enclosure y = f.value(x.enclosure(bits));
    if (mpfr_number_p(y.lower()) == 0 && mpfr_number_p(y.upper()) == 0) throw Refused("a function has no finite value");  // atanh 1
    return y;
}

Value root(const Value& x, long bits) { return call("sqrt", x, bits); }

// x^n for an integer n, by repeated squaring.
Value integer_power(const Value& x, long n) {
    if (n < 0) return one / integer_power(x, -n);
    Value result = one;
    Value base = x;
    for (; n > 0; n >>= 1) {
        if (n & 1) result = result * base;
        if (n > 1) base = base * base;
    }
    return result;
}

constexpr long most_power = 100000;

// x^y where y does not vary.
Value fixed_power(const Value& x, const Value& y, long bits) {
    if (y.exact() != nullptr && y.exact()->get_den() == 1) {
        if (x.is(0) && sgn(*y.exact()) <= 0) throw Refused("a power of zero is undefined");
        if (abs(*y.exact()) > most_power) throw Refused("an exponent is too large");
        return integer_power(x, y.exact()->get_num().get_si());
    }
    if (y.exact() != nullptr && y.exact()->get_den() == 2 && abs(*y.exact()) < most_power && x.exact() != nullptr) {
        const Value r = call("sqrt", x, bits);  // stays exact for squares
        return integer_power(r, y.exact()->get_num().get_si());
    }
    if (x.is(0) && y.sign() > 0) return Rational(0);
    if (x.sign() <= 0) throw Refused("a non-integer power of a number that is not proved positive");
    return exp(y.enclosure(bits) * log(x.enclosure(bits)));
}

// Recursive descent; a minus sign binds weaker than a power, powers associate to the right.
class Parser {
  public:
    Parser(const std::string& text, const std::vector<std::string>& names) : text_(text), names_(names) {}

    Formula run() {
        constexpr std::size_t longest = 1000000;  // as the other reader
        if (text_.size() > longest) throw Refused("an expression is longer than 1000000 characters");
        skip();
        const Formula f = sum();
        if (at_ != text_.size()) fail();
        return f;
    }

  private:
    [[noreturn]] void fail() const { throw Refused("the expression \"" + text_.substr(0, 60) + "\" cannot be read at column " + std::to_string(at_ + 1)); }

    void skip() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    }
    bool accept(const char* token) {
        const std::size_t length = std::char_traits<char>::length(token);
        if (text_.compare(at_, length, token) != 0) return false;
        at_ += length;
        skip();
        return true;
    }
    static Formula node(Kind kind, std::vector<Formula> operands) {
        auto e = std::make_shared<Expression>();
        e->kind = kind;
        e->operands = std::move(operands);
        return e;
    }

    // Chains as balanced trees: every recursion over them stays within the stack.
    static Formula balanced(Kind kind, const std::vector<Formula>& operands, std::size_t first, std::size_t last) {
        if (last - first == 1) return operands[first];
        const std::size_t middle = first + (last - first) / 2;
        return node(kind, {balanced(kind, operands, first, middle), balanced(kind, operands, middle, last)});
    }
    static Formula balanced(Kind kind, const std::vector<Formula>& operands) { return balanced(kind, operands, 0, operands.size()); }

    Formula sum() {
        if (++depth_ > 400) fail();
        std::vector<Formula> terms{product()};
        for (;;) {
            if (accept("+")) terms.push_back(product());
            else if (accept("-")) terms.push_back(node(Kind::negative, {product()}));
            else break;
        }
        --depth_;
        return balanced(Kind::sum, terms);
    }
    Formula product() {
        std::vector<Formula> factors{power()};
        std::vector<Formula> divisors;
        for (;;) {
            if (text_.compare(at_, 2, "**") != 0 && accept("*")) factors.push_back(power());
            else if (accept("/")) divisors.push_back(power());
            else break;
        }
        const Formula all = balanced(Kind::product, factors);
        return divisors.empty() ? all : node(Kind::quotient, {all, balanced(Kind::product, divisors)});
    }
    Formula power() {
        if (++depth_ > 400) fail();
        Formula f;
        if (accept("-")) {
            f = node(Kind::negative, {power()});
        } else if (accept("+")) {
            f = power();
        } else {
            f = atom();
            if (accept("**") || accept("^")) f = node(Kind::power, {f, power()});
        }
        --depth_;
        return f;
    }
    Formula atom() {
        if (at_ == text_.size()) fail();
        if (accept("(")) {
            const Formula f = sum();
            if (!accept(")")) fail();
            return f;
        }
        const std::size_t start = at_;
        const auto letter = [&](std::size_t i) { return i < text_.size() && (std::isalpha(static_cast<unsigned char>(text_[i])) != 0 || text_[i] == '_'); };
        const auto digit = [&](std::size_t i) { return i < text_.size() && std::isdigit(static_cast<unsigned char>(text_[i])) != 0; };
        if (digit(at_) || text_[at_] == '.') {
            const bool hex = text_.compare(at_, 2, "0x") == 0 || text_.compare(at_, 2, "0X") == 0;
            if (hex) at_ += 2;
            while (at_ < text_.size() && (text_[at_] == '.' || digit(at_) || (hex && std::isxdigit(static_cast<unsigned char>(text_[at_])) != 0))) ++at_;
            if (at_ < text_.size() && std::tolower(static_cast<unsigned char>(text_[at_])) == (hex ? 'p' : 'e')) {
                const std::size_t sign = at_ + 1 < text_.size() && (text_[at_ + 1] == '+' || text_[at_ + 1] == '-') ? 1 : 0;
                if (digit(at_ + 1 + sign))
                    for (at_ += 1 + sign; digit(at_);) ++at_;
            }
            if (letter(at_)) fail();
            auto e = std::make_shared<Expression>();
            e->number = parse_rational(text_.substr(start, at_ - start));
            skip();
            return e;
        }
        if (!letter(at_)) fail();
        while (letter(at_) || digit(at_)) ++at_;
        const std::string word = text_.substr(start, at_ - start);
        skip();
        auto e = std::make_shared<Expression>();
        const auto name = std::find(names_.begin(), names_.end(), word);
        if (name != names_.end()) {
            e->kind = Kind::symbol;
            e->symbol = static_cast<std::size_t>(name - names_.begin());
            return e;
        }
        if (word == "pi") {
            e->kind = Kind::pi;
            return e;
        }
        e->kind = Kind::call;
        e->function = word == "logistic" ? "sigmoid" : word == "ln" ? "log" : word;
        if (functions().count(e->function) == 0 || !accept("(")) fail();
        e->operands = {sum()};
        if (!accept(")")) fail();
        return e;
    }

    const std::string& text_;
    const std::vector<std::string>& names_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

Value function_value(const std::string& name, const Value& x, long bits) { return call(name, x, bits); }
Value function_slope(const std::string& name, const Value& x, const Value& y, long bits) { return functions().at(name).derivative(x, y, bits); }

Formula parse_expression(const std::string& text, const std::vector<std::string>& names) { return Parser(text, names).run(); }

Dual evaluate(const Formula& f, const std::vector<Dual>& symbols, std::size_t parameters, long bits) {
    Dual r;
    r.gradient.assign(parameters, Value());
    std::vector<Dual> x;
    for (const Formula& operand : f->operands) {
        x.push_back(evaluate(operand, symbols, parameters, bits));
        r.varies = r.varies || x.back().varies;
    }
    switch (f->kind) {
        case Kind::number: r.value = f->number; break;
        case Kind::pi: r.value = pi(bits); break;
        case Kind::symbol: return symbols.at(f->symbol);
        case Kind::sum:
            r.value = x[0].value + x[1].value;
            for (std::size_t p = 0; p < parameters; ++p) r.gradient[p] = x[0].gradient[p] + x[1].gradient[p];
            break;
        case Kind::negative:
            r.value = Value() - x[0].value;
            for (std::size_t p = 0; p < parameters; ++p) r.gradient[p] = Value() - x[0].gradient[p];
            break;
        case Kind::product:
            r.value = x[0].value * x[1].value;
            for (std::size_t p = 0; p < parameters; ++p) r.gradient[p] = x[0].gradient[p] * x[1].value + x[0].value * x[1].gradient[p];
            break;
        case Kind::quotient:
            r.value = x[0].value / x[1].value;
            for (std::size_t p = 0; p < parameters; ++p) r.gradient[p] = (x[0].gradient[p] - r.value * x[1].gradient[p]) / x[1].value;
            break;
        case Kind::power: {
            r.value = fixed_power(x[0].value, x[1].value, bits);
            const bool integer = !x[1].varies && x[1].value.exact() != nullptr && x[1].value.exact()->get_den() == 1;
            if (r.varies && !integer && x[0].value.sign() <= 0) throw Refused("a power that is not an integer needs a base that is proved positive");
            for (std::size_t p = 0; p < parameters; ++p) {
                if (!x[0].gradient[p].is(0)) {
                    const Value slope = x[1].value.is(1) ? one : fixed_power(x[0].value, x[1].value - one, bits);
                    r.gradient[p] = x[1].value * slope * x[0].gradient[p];
                }
                if (!x[1].gradient[p].is(0)) r.gradient[p] = r.gradient[p] + r.value * Value(log(x[0].value.enclosure(bits))) * x[1].gradient[p];
            }
            break;
        }
        case Kind::call: {
            r.value = call(f->function, x[0].value, bits);
            if (!r.varies) break;
            const Value slope = functions().at(f->function).derivative(x[0].value, r.value, bits);
            for (std::size_t p = 0; p < parameters; ++p) r.gradient[p] = slope * x[0].gradient[p];
            break;
        }
    }
    return r;
}

Value constant(const std::string& text, long bits) { return evaluate(parse_expression(text, {}), {}, 0, bits).value; }

Syntax::Syntax(std::size_t parameters, std::vector<Value> inputs, long bits) : parameters_(parameters), symbols_(parameters), all_(parameters, true), bits_(bits) {
    for (Value& y : inputs) symbols_.push_back(Dual{std::move(y), {}, false});
}

bool Syntax::depends(const Formula& f, const std::vector<bool>& chosen) const {
    if (f->kind == Kind::symbol) return f->symbol < parameters_ && chosen[f->symbol];
    return std::any_of(f->operands.begin(), f->operands.end(), [&](const Formula& x) { return depends(x, chosen); });
}

bool Syntax::affine(const Formula& f, const std::vector<bool>& chosen) const {
    if (!depends(f, chosen)) return true;
    const auto& x = f->operands;
    switch (f->kind) {
        case Kind::symbol: return true;
        case Kind::sum: return affine(x[0], chosen) && affine(x[1], chosen);
        case Kind::negative: return affine(x[0], chosen);
        case Kind::product:
            return (affine(x[0], chosen) && !depends(x[1], all_)) || (affine(x[1], chosen) && !depends(x[0], all_));
        case Kind::quotient: return affine(x[0], chosen) && !depends(x[1], all_);
        default: return false;
    }
}

Value Syntax::at_inputs(const Formula& f) const { return evaluate(f, symbols_, 0, bits_).value; }

std::optional<Rational> Syntax::fixed(const Formula& f) const {
    if (depends(f, all_)) return std::nullopt;
    const Value v = at_inputs(f);
    return v.exact() != nullptr ? std::optional<Rational>(*v.exact()) : std::nullopt;
}

std::optional<Rational> Syntax::degree(const Formula& f, const std::vector<Rational>& weights) const {
    if (!depends(f, all_)) return Rational(0);
    std::vector<std::optional<Rational>> d;
    for (const Formula& x : f->operands) {
        d.push_back(degree(x, weights));
        if (!d.back()) return std::nullopt;
    }
    switch (f->kind) {
        case Kind::symbol: return weights[f->symbol];
        case Kind::sum: return *d[0] == *d[1] ? d[0] : std::nullopt;
        case Kind::negative: return d[0];
        case Kind::product: return Rational(*d[0] + *d[1]);
        case Kind::quotient: return Rational(*d[0] - *d[1]);
        case Kind::power: {
            const std::optional<Rational> n = fixed(f->operands[1]);
            if (n) return Rational(*n * *d[0]);
            return *d[0] == 0 && *d[1] == 0 ? std::optional<Rational>(0) : std::nullopt;
        }
        case Kind::call: return *d[0] == 0 ? d[0] : std::nullopt;
        default: return std::nullopt;
    }
}

Syntax::Sign Syntax::sign(const Formula& f) const {
    const auto& x = f->operands;
    if (!depends(f, all_)) {
        const Value v = at_inputs(f);
        return v.sign() > 0 ? Sign::positive : v.sign() < 0 ? Sign::negative : v.is(0) ? Sign::nonnegative : Sign::unknown;
    }
    switch (f->kind) {
        case Kind::sum: {
            const Sign a = sign(x[0]);
            const Sign b = sign(x[1]);
            if (a == Sign::negative && b == Sign::negative) return Sign::negative;
            if (a == Sign::unknown || b == Sign::unknown || a == Sign::negative || b == Sign::negative) return Sign::unknown;
            return a == Sign::positive || b == Sign::positive ? Sign::positive : Sign::nonnegative;
        }
        case Kind::negative: {
            const Sign a = sign(x[0]);
            return a == Sign::positive ? Sign::negative : a == Sign::negative ? Sign::positive : Sign::unknown;
        }
        case Kind::product:
        case Kind::quotient: {
            const Sign a = sign(x[0]);
            const Sign b = sign(x[1]);
            if (a == Sign::unknown || b == Sign::unknown || (f->kind == Kind::quotient && b == Sign::nonnegative)) return Sign::unknown;
            if (a != Sign::nonnegative && b != Sign::nonnegative) return a == b ? Sign::positive : Sign::negative;
            return a == Sign::negative || b == Sign::negative ? Sign::unknown : Sign::nonnegative;
        }
        case Kind::power: {
            const std::optional<Rational> n = fixed(x[1]);
            const Sign base = sign(x[0]);
            if (base == Sign::positive) return Sign::positive;
            if (!n || n->get_den() != 1) return Sign::unknown;
            const bool even = mpz_even_p(n->get_num_mpz_t()) != 0;
            if (even && base == Sign::negative) return Sign::positive;
            return even && *n > 0 ? Sign::nonnegative : Sign::unknown;
        }
        case Kind::call:
            if (f->function == "exp" || f->function == "cosh" || f->function == "sigmoid" || f->function == "softplus") return Sign::positive;
            return f->function == "sqrt" ? (sign(x[0]) == Sign::positive ? Sign::positive : Sign::nonnegative) : Sign::unknown;
        default: return Sign::unknown;
    }
}

bool Syntax::analytic(const Formula& f) const {
    if (!depends(f, all_)) return true;
    const auto& x = f->operands;
    if (!std::all_of(x.begin(), x.end(), [&](const Formula& u) { return analytic(u); })) return false;
    const auto nonzero = [&](const Formula& u) { const Sign s = sign(u); return s == Sign::positive || s == Sign::negative; };
    switch (f->kind) {
        case Kind::quotient: return nonzero(x[1]);
        case Kind::power: {
            const std::optional<Rational> n = fixed(x[1]);
            if (n && n->get_den() == 1) return *n >= 0 || nonzero(x[0]);
            return sign(x[0]) == Sign::positive;
        }
        case Kind::call:
            if (f->function == "log" || f->function == "sqrt") return sign(x[0]) == Sign::positive;
            return functions().at(f->function).entire;
        default: return true;
    }
}

}  // namespace lyapcert::checker
