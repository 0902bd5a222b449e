#include "lyapcert/problem/network.hpp"

#include <cmath>
#include <stdexcept>

#include "lyapcert/problem/expression.hpp"

namespace lyapcert {

namespace {

const Expression argument = Expression::symbol(0);
const Expression sigmoid_of = Expression::call(Function::sigmoid, argument);
const Expression softplus_of = Expression::call(Function::softplus, argument);

MpInterval at(const Expression& e, const MpInterval& u) { return enclose(e, u.precision(), {u}); }

MpInterval number(int x, long precision) { return MpInterval(Rational(x), precision); }

const char* const relu_kink = "a pre-activation of a relu unit is zero, or not told from zero";

}  // namespace

const std::vector<std::string>& activation_names() {
    static const std::vector<std::string> names = {"linear", "tanh", "sigmoid", "softplus", "gelu", "sin", "square", "relu"};
    return names;
}

const char* name(Activation a) { return activation_names()[static_cast<std::size_t>(a)].c_str(); }

std::size_t Network::weights() const {
    std::size_t sum = 0;
    for (std::size_t l = 0; l < layers(); ++l) sum += layer_size(l);
    return sum;
}

std::size_t Network::parameters() const {
    std::size_t sum = 0;
    for (std::size_t l = 0; l < layers(); ++l) sum += frozen[l] ? 0 : layer_size(l);
    return sum;
}

std::vector<std::size_t> Network::free_weights() const {
    std::vector<std::size_t> result;
    std::size_t first = 0;
    for (std::size_t l = 0; l < layers(); ++l) {
        for (std::size_t k = 0; k < layer_size(l) && !frozen[l]; ++k) result.push_back(first + k);
        first += layer_size(l);
    }
    return result;
}

bool Network::is_linear() const {
    for (std::size_t l = 0; l + 1 < layers(); ++l)
        if (!frozen[l]) return false;
    return activations.back() == Activation::linear;
}

Activated<double> activate(Activation a, double u) {
    switch (a) {
        case Activation::linear: return {u, 1.0};
        case Activation::tanh: {
            const double y = std::tanh(u);
            return {y, 1.0 - y * y};
        }
        case Activation::sigmoid: {
            const double y = 1.0 / (1.0 + std::exp(-u));
            return {y, y * (1.0 - y)};
        }
        case Activation::softplus: return {u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u)), 1.0 / (1.0 + std::exp(-u))};
        case Activation::gelu: {
            const double normal = 0.5 * std::erfc(-u * std::sqrt(0.5));
            return {u * normal, normal + u * std::exp(-0.5 * u * u) * 0.3989422804014327};
        }
        case Activation::sin: return {std::sin(u), std::cos(u)};
        case Activation::square: return {u * u, 2.0 * u};
        case Activation::relu: return {u > 0 ? u : 0.0, u > 0 ? 1.0 : 0.0};
    }
    throw std::logic_error("activate: unknown activation");
}

Activated<MpInterval> activate(Activation a, const MpInterval& u) {
    const long p = u.precision();
    const MpInterval one = number(1, p);
    switch (a) {
        case Activation::linear: return {u, one};
        case Activation::tanh: {
            const MpInterval y = tanh(u);
            return {y, one - square(y)};
        }
        case Activation::sigmoid: {
            const MpInterval y = at(sigmoid_of, u);
            return {y, y * (one - y)};
        }
        case Activation::softplus: return {at(softplus_of, u), at(sigmoid_of, u)};
        case Activation::gelu: {
            const MpInterval normal = (one + erf(u / sqrt(number(2, p)))) / number(2, p);
            const MpInterval density = exp(-square(u) / number(2, p)) / sqrt(number(2, p) * MpInterval::pi(p));
            return {u * normal, normal + u * density};
        }
        case Activation::sin: return {sin(u), cos(u)};
        case Activation::square: return {square(u), number(2, p) * u};
        case Activation::relu:
            if (certainly_positive(u)) return {u, one};
            if (certainly_negative(u)) return {number(0, p), number(0, p)};
            throw std::domain_error(relu_kink);
    }
    throw std::logic_error("activate: unknown activation");
}

Activated<Rational> activate(Activation a, const Rational& u) {
    constexpr std::size_t longest = 8192;  // squares of squares grow without end
    if (bit_size(u) > longest) throw std::domain_error("an exact value is too long");
    switch (a) {
        case Activation::linear: return {u, Rational(1)};
        case Activation::square: return {Rational(u * u), Rational(2 * u)};
        case Activation::relu:
            if (u == 0) throw std::domain_error(relu_kink);
            return {u > 0 ? u : Rational(0), Rational(u > 0 ? 1 : 0)};
        default: throw std::domain_error("the activation has no rational values");
    }
}

}  // namespace lyapcert
