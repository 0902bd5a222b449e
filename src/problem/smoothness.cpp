#include "problem/smoothness.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace lyapcert {

namespace {

constexpr long working_precision = 128;

enum class Fault { pole, outside_domain };

// The lemma, at one point.
class Search {
  public:
    Search(std::vector<MpInterval> symbols, std::optional<std::vector<Rational>> exact) : symbols_(std::move(symbols)), exact_(std::move(exact)) {}

    std::optional<Fault> fault(const Expression& e) const {
        const std::vector<Expression>& operands = e.operands();
        switch (e.kind()) {
            case Expression::Kind::sum: return of_one(operands, false);
            case Expression::Kind::product: return of_one(operands, true);
            case Expression::Kind::power: return of_power(operands[0], operands[1]);
            case Expression::Kind::call: return of_call(e.function(), operands[0]);
            default: return std::nullopt;
        }
    }

  private:
    std::optional<MpInterval> value(const Expression& e) const {
        try {
            return enclose(e, working_precision, symbols_);
        } catch (const std::domain_error&) {
            return std::nullopt;
        }
    }

    std::optional<Fault> of_one(const std::vector<Expression>& operands, bool factors) const {
        std::optional<Fault> found;
        for (const Expression& operand : operands) {
            if (const auto x = value(operand)) {
                if (factors && contains_zero(*x)) return std::nullopt;
                continue;
            }
            if (found) return std::nullopt;  // two of them may cancel
            found = fault(operand);
            if (!found) return std::nullopt;
        }
        return found;
    }

    std::optional<Fault> of_power(const Expression& base, const Expression& exponent) const {
        const auto x = value(base);
        if (!x) return only_outside(fault(base));
        if (exponent.kind() != Expression::Kind::number) return std::nullopt;
        const Rational& q = exponent.value();
        if (denominator(q) == 1) {
            if (q >= 0 || !exact_) return std::nullopt;
            const std::optional<Rational> u = evaluate(base, *exact_);
            return u && u->is_zero() ? std::optional<Fault>(Fault::pole) : std::nullopt;
        }
        return denominator(q) % 2 == 0 && certainly_negative(*x) ? std::optional<Fault>(Fault::outside_domain) : std::nullopt;
    }

    std::optional<Fault> of_call(Function f, const Expression& argument) const {
        const auto x = value(argument);
        if (!x) return only_outside(fault(argument));
        const MpInterval one(Rational(1), working_precision);
        bool outside = false;
        switch (f) {
            case Function::sqrt:
            case Function::log: outside = certainly_negative(*x); break;
            case Function::asin:
            case Function::acos:
            case Function::atanh: outside = certainly_less(one, *x) || certainly_less(*x, -one); break;
            case Function::acosh: outside = certainly_less(*x, one); break;
            default: break;
        }
        return outside ? std::optional<Fault>(Fault::outside_domain) : std::nullopt;
    }

    // A pole within a function may be removable: exp(-1/a^2).
    static std::optional<Fault> only_outside(std::optional<Fault> inner) { return inner == Fault::outside_domain ? inner : std::nullopt; }

    std::vector<MpInterval> symbols_;
    std::optional<std::vector<Rational>> exact_;
};

// All parameters 1, 0 or -1, and one of them different.
std::vector<std::vector<Rational>> points(std::size_t parameters) {
    constexpr std::size_t most_parameters = 50;
    std::vector<std::vector<Rational>> result;
    for (const int all : {1, 0, -1}) result.emplace_back(parameters, Rational(all));
    for (std::size_t p = 0; p < std::min(parameters, most_parameters); ++p)
        for (const int one : {-1, 0, 2, -2}) {
            result.emplace_back(parameters, Rational(1));
            result.back()[p] = one;
        }
    return result;
}

std::string shown(const std::vector<std::string>& names, const std::vector<Rational>& point) {
    constexpr std::size_t most_shown = 6;
    std::string text;
    for (std::size_t p = 0; p < std::min(point.size(), most_shown); ++p) text += (p == 0 ? "" : ", ") + names[p] + " = " + point[p].str();
    return text + (point.size() > most_shown ? ", ..." : "");
}

}  // namespace

std::optional<std::string> not_smooth(const Document& document) {
    constexpr std::size_t most_data_points = 3;
    for (std::size_t i = 0; i < std::min(document.data_inputs.size(), most_data_points); ++i)
        for (const std::vector<Rational>& point : points(document.parameters.size())) {
            std::vector<MpInterval> symbols;
            std::optional<std::vector<Rational>> exact(point);
            for (const Rational& x : point) symbols.emplace_back(x, working_precision);
            try {
                for (const Expression& y : document.data_inputs[i]) {
                    symbols.push_back(enclose(y, working_precision));
                    const std::optional<Rational> q = evaluate(y, {});
                    if (q && exact) exact->push_back(*q);
                    else exact.reset();
                }
            } catch (const std::domain_error&) {
                break;
            }
            const auto fault = Search(std::move(symbols), std::move(exact)).fault(*document.output);
            if (!fault) continue;
            return "F(x, y_" + std::to_string(i + 1) + ") is " + (*fault == Fault::pole ? "unbounded near " : "not defined at ") + shown(document.parameters, point);
        }
    return std::nullopt;
}

std::optional<std::string> not_smooth(const Network& network, bool some_input_is_not_zero) {
    const std::size_t layers = network.layers();
    for (std::size_t l = 0; l < layers; ++l) {
        if (network.activations[l] != Activation::relu) continue;
        if (std::any_of(network.frozen.begin() + static_cast<std::ptrdiff_t>(l), network.frozen.end(), [](bool frozen) { return frozen; })) continue;
        const std::string reason = "relu has a kink, and a unit of layer " + std::to_string(l + 1) + " carries it to the output";
        if (!network.bias) {
            if (l == 0 && layers == 2 && network.activations[1] == Activation::linear && some_input_is_not_zero) return reason;
            continue;
        }
        MpInterval u(working_precision);  // 0, the unit's output at the kink
        bool reaches = true;
        for (std::size_t next = l + 1; next < layers && reaches; ++next) {
            const Activated<MpInterval> s = activate(network.activations[next], MpInterval(Rational(1), working_precision) + u);
            reaches = !contains_zero(s.slope);
            u = s.value;
        }
        if (reaches) return reason;
    }
    return std::nullopt;
}

}  // namespace lyapcert
