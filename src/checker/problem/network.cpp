#include "checker/problem/network.hpp"

#include <algorithm>
#include <map>

#include "checker/problem/expression.hpp"

namespace lyapcert::checker {

namespace {

constexpr int most_newton_steps = 100;
constexpr int most_inverses = 10;
constexpr std::size_t most_points = 300;
constexpr std::size_t longest_centre_number = 20000;

struct Slope {
    Value value;
    Value slope;
};

const Value one(Rational(1));
const Value two(Rational(2));

// T40 (a).
Slope activate(const std::string& name, const Value& u, long bits) {
    if (name == "linear") return {u, one};
    if (name == "square") return {u * u, two * u};
    if (name == "relu") {
        if (u.sign() == 0) throw Refused("network: a pre-activation of a relu unit may be zero");
        return u.sign() > 0 ? Slope{u, one} : Slope{Value(), Value()};
    }
    if (name == "gelu") {
        const Value root = function_value("sqrt", two, bits);
        const Value normal = (one + function_value("erf", u / root, bits)) / two;
        const Value density = function_value("exp", Value() - u * u / two, bits) / (root * function_value("sqrt", Value(pi(bits)), bits));
        return {u * normal, normal + u * density};
    }
    const Value y = function_value(name, u, bits);
    return {y, function_slope(name, u, y, bits)};
}

// T40 (b). Without `gradient` the value alone.
Derivative differentiate(const Network& net, const std::vector<Value>& weights, const std::vector<Value>& input, bool gradient, long bits) {
    const std::size_t layers = net.activations.size();
    std::vector<std::vector<Value>> outputs{input};
    std::vector<std::vector<Value>> slopes(layers);
    std::size_t first = 0;
    for (std::size_t l = 0; l < layers; ++l) {
        const std::size_t rows = net.widths[l + 1];
        const std::size_t columns = net.widths[l];
        std::vector<Value> next;
        for (std::size_t i = 0; i < rows; ++i) {
            Value sum = net.bias ? weights[first + rows * columns + i] : Value();
            for (std::size_t j = 0; j < columns; ++j) sum = sum + weights[first + i * columns + j] * outputs[l][j];
            Slope s = activate(net.activations[l], sum, bits);
            next.push_back(std::move(s.value));
            slopes[l].push_back(std::move(s.slope));
        }
        outputs.push_back(std::move(next));
        first += net.layer_size(l);
    }
    Derivative result{outputs.back()[0], {}};
    if (!gradient) return result;
    std::vector<std::vector<Value>> parts(layers);
    std::vector<Value> v = slopes.back();
    for (std::size_t l = layers; l-- > 0;) {
        const std::size_t columns = net.widths[l];
        first -= net.layer_size(l);
        if (!net.frozen[l]) {
            for (const Value& x : v)
                for (const Value& u : outputs[l]) parts[l].push_back(x * u);
            if (net.bias) parts[l].insert(parts[l].end(), v.begin(), v.end());
        }
        if (l == 0) break;
        std::vector<Value> below(columns);
        for (std::size_t j = 0; j < columns; ++j) {
            for (std::size_t i = 0; i < v.size(); ++i) below[j] = below[j] + weights[first + i * columns + j] * v[i];
            below[j] = below[j] * slopes[l - 1][j];
        }
        v = std::move(below);
    }
    for (const std::vector<Value>& part : parts) result.gradient.insert(result.gradient.end(), part.begin(), part.end());
    return result;
}

Enclosure zero(long bits) { return Enclosure(bits); }
Enclosure point(mpfr_srcptr x, long bits) {
    if (!mpfr_number_p(x)) throw Refused("centre: an enclosure is not finite");
    Enclosure r(bits);
    mpfr_set(r.lower_end(), x, MPFR_RNDD);
    mpfr_set(r.upper_end(), r.lower(), MPFR_RNDU);
    return r;
}
// Some number near the middle.
Enclosure middle(const Enclosure& x) {
    Enclosure r(x.bits());
    mpfr_add(r.lower_end(), x.lower(), x.upper(), MPFR_RNDN);
    mpfr_div_2ui(r.lower_end(), r.lower(), 1, MPFR_RNDN);
    return point(r.lower(), x.bits());
}
// max |x|.
Enclosure magnitude(const Enclosure& x) { return point(abs(x).upper(), x.bits()); }
Enclosure ball(const Enclosure& centre, const Enclosure& radius) {
    Enclosure spread = radius;
    mpfr_neg(spread.lower_end(), radius.upper(), MPFR_RNDD);
    return centre + spread;
}
Enclosure root(const Enclosure& x) { return increasing(mpfr_sqrt, x); }

// T41 (c): m with |x - m|_2 <= spread for each x of the vector.
struct Row {
    std::vector<Enclosure> centre;
    Enclosure size;    // |m|_2
    Enclosure spread;
};

Row row_of(const std::vector<Enclosure>& x, long bits) {
    Enclosure size = zero(bits);
    Enclosure spread = zero(bits);
    std::vector<Enclosure> centre;
    for (const Enclosure& e : x) {
        centre.push_back(middle(e));
        size = size + centre.back() * centre.back();
        const Enclosure gap = magnitude(e - centre.back());
        spread = spread + gap * gap;
    }
    return {std::move(centre), magnitude(root(size)), magnitude(root(spread))};
}

// Every term of the scalar product is exactly 0.
bool disjoint(const std::vector<Enclosure>& x, const std::vector<Enclosure>& y) {
    const auto vanishes = [](const Enclosure& e) { return mpfr_zero_p(e.lower()) != 0 && mpfr_zero_p(e.upper()) != 0; };
    for (std::size_t p = 0; p < x.size(); ++p)
        if (!vanishes(x[p]) && !vanishes(y[p])) return false;
    return true;
}

Enclosure dot(const Row& x, const Row& y, long bits) {
    charge(static_cast<double>(x.centre.size()) * (200.0 + static_cast<double>(bits)));
    Enclosure sum(bits);
    for (std::size_t p = 0; p < x.centre.size(); ++p) {
        mpfr_fma(sum.lower_end(), x.centre[p].lower(), y.centre[p].lower(), sum.lower(), MPFR_RNDD);
        mpfr_fma(sum.upper_end(), x.centre[p].lower(), y.centre[p].lower(), sum.upper(), MPFR_RNDU);
    }
    return ball(sum.valid(), magnitude(x.spread * y.size + x.size * y.spread + x.spread * y.spread));
}

// T41.
class Krawczyk {
  public:
    Krawczyk(const ResidualMap& residuals, std::size_t data_points, const std::vector<Rational>& centre, const std::vector<Value>& given, long bits)
        : residuals_(residuals), given_(given), bits_(bits), n_(data_points) {
        if (centre.size() != given.size()) throw Refused("centre: one number per parameter is expected");
        for (const Rational& w : centre) {
            if (size_in_bits(w) > longest_centre_number) throw Refused("centre: a number is too long");
            base_.emplace_back(w, bits);
        }
        // The slice: J.
        for (const std::vector<Enclosure>& g : gradients(base_)) {
            std::vector<Enclosure> middles;
            for (const Enclosure& x : g) middles.push_back(middle(x));
            slice_.push_back(row_of(middles, bits));
        }
    }

    AtMinimum run() {
        std::vector<Enclosure> c(n_, zero(bits_));
        std::vector<Enclosure> rest;
        for (int turn = 0; turn < most_inverses; ++turn) {
            invert(derivative(c));
            rest = step(c);
            int taken = 0;
            for (; taken < most_newton_steps; ++taken) {
                std::vector<Enclosure> next;
                for (std::size_t k = 0; k < n_; ++k) next.push_back(middle(c[k] - middle(rest[k])));
                std::vector<Enclosure> less = step(next);
                if (!mpfr_less_p((Enclosure(2, bits_) * largest(less)).upper(), largest(rest).upper())) break;
                c = std::move(next);
                rest = std::move(less);
            }
            if (taken == 0) break;
        }
        const Enclosure radius = magnitude(largest(rest) * Enclosure(8, bits_) + Enclosure(Rational(mpz_class(1), mpz_class(1) << static_cast<unsigned>(bits_)), bits_));
        const std::vector<Enclosure> image = map_into(c, rest, radius);
        std::vector<Enclosure> box;
        for (std::size_t k = 0; k < n_; ++k) box.push_back(ball(c[k], image[k]));
        const std::vector<Enclosure> x = parameters(box);
        AtMinimum result;
        result.parameters = given_.size();
        result.gram = Matrix(n_, n_);
        const std::vector<std::vector<Enclosure>> g = gradients(x);
        std::vector<Row> rows;
        for (const std::vector<Enclosure>& row : g) rows.push_back(row_of(row, bits_));
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t j = 0; j <= i; ++j)
                result.gram(i, j) = result.gram(j, i) = disjoint(g[i], g[j]) ? Value() : Value(dot(rows[i], rows[j], bits_));
        Enclosure square = zero(bits_);
        for (std::size_t p = 0; p < x.size(); ++p) {
            const Enclosure gap = magnitude(x[p] - given_[p].enclosure(bits_));
            square = square + gap * gap;
        }
        result.distance = root(square);
        return result;
    }

  private:
    // |Y H(c0)| + E r, which must stay below r.
    std::vector<Enclosure> map_into(const std::vector<Enclosure>& c, const std::vector<Enclosure>& rest, const Enclosure& radius) const {
        std::vector<Enclosure> box;
        for (const Enclosure& x : c) box.push_back(ball(x, radius));
        const Matrix product = inverse_ * derivative(box);
        std::vector<Enclosure> image;
        for (std::size_t k = 0; k < n_; ++k) {
            Enclosure q = magnitude(rest[k]);
            for (std::size_t j = 0; j < n_; ++j) q = q + magnitude(Enclosure(k == j ? 1 : 0, bits_) - product(k, j).enclosure(bits_)) * radius;
            if (!mpfr_less_p(q.upper(), radius.lower())) throw Refused("centre: no minimum is proved near it");
            image.push_back(magnitude(q));
        }
        return image;
    }

    // Encloses H' over a box.
    Matrix derivative(const std::vector<Enclosure>& c) const {
        Matrix m(n_, n_);
        const std::vector<std::vector<Enclosure>> g = gradients(parameters(c));
        for (std::size_t i = 0; i < n_; ++i) {
            const Row row = row_of(g[i], bits_);
            for (std::size_t j = 0; j < n_; ++j) m(i, j) = dot(row, slice_[j], bits_);
        }
        return m;
    }

    void invert(const Matrix& m) {
        inverse_ = Matrix(n_, n_);
        for (std::size_t i = 0; i < n_; ++i) inverse_(i, i) = Rational(1);
        solve(m, inverse_);
        for (Value& x : inverse_.entries) x = middle(x.enclosure(bits_));
    }

    Enclosure largest(const std::vector<Enclosure>& x) const {
        Enclosure r = zero(bits_);
        for (const Enclosure& e : x) {
            const Enclosure m = magnitude(e);
            if (mpfr_greater_p(m.upper(), r.upper())) r = m;
        }
        return r;
    }

    // w + J^T c.
    std::vector<Enclosure> parameters(const std::vector<Enclosure>& c) const {
        std::vector<Enclosure> x = base_;
        for (std::size_t j = 0; j < n_; ++j)
            for (std::size_t p = 0; p < x.size(); ++p) x[p] = x[p] + slice_[j].centre[p] * c[j];
        return x;
    }

    std::vector<std::vector<Enclosure>> gradients(const std::vector<Enclosure>& x) const {
        std::vector<std::vector<Enclosure>> result;
        for (std::size_t i = 0; i < n_; ++i) {
            result.emplace_back();
            for (const Value& g : residuals_(i, x, true).gradient) result.back().push_back(g.enclosure(bits_));
        }
        return result;
    }

    // Y H(c).
    std::vector<Enclosure> step(const std::vector<Enclosure>& c) const {
        const std::vector<Enclosure> x = parameters(c);
        Matrix h(n_, 1);
        for (std::size_t i = 0; i < n_; ++i) h(i, 0) = residuals_(i, x, false).value;
        const Matrix s = inverse_ * h;
        std::vector<Enclosure> result;
        for (std::size_t k = 0; k < n_; ++k) result.push_back(s(k, 0).enclosure(bits_));
        return result;
    }

    const ResidualMap& residuals_;
    const std::vector<Value>& given_;
    long bits_;
    std::size_t n_;
    std::vector<Enclosure> base_;
    std::vector<Row> slice_;  // exactly their centres
    Matrix inverse_;
};

}  // namespace

bool is_activation(const std::string& name) {
    for (const char* known : {"linear", "tanh", "sigmoid", "softplus", "gelu", "sin", "square", "relu"})
        if (name == known) return true;
    return false;
}

// T40 (c).
bool Network::analytic() const {
    bool free = false;
    for (std::size_t l = 0; l < activations.size(); ++l) {
        free = free || !frozen[l];
        if (free && activations[l] == "relu") return false;
    }
    return true;
}

// T40 (d).
bool Network::linear() const {
    for (std::size_t l = 0; l + 1 < frozen.size(); ++l)
        if (!frozen[l]) return false;
    return activations.back() == "linear";
}

std::vector<std::size_t> first_with_equal_inputs(const std::vector<std::vector<Value>>& inputs) {
    std::map<std::vector<Rational>, std::size_t> known;
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        std::vector<Rational> row;
        for (const Value& x : inputs[i])
            if (x.exact() != nullptr) row.push_back(*x.exact());
        first.push_back(row.size() == inputs[i].size() ? known.emplace(std::move(row), i).first->second : i);
    }
    return first;
}

AtMinimum minimum_near(const ResidualMap& residuals, const std::vector<std::size_t>& equal_to, const std::vector<Value>& targets, const std::vector<Rational>& centre,
                       const std::vector<Value>& given, long bits) {
    const std::size_t n = equal_to.size();
    std::vector<std::size_t> chosen;
    std::vector<std::size_t> place;  // among the chosen
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t j = equal_to[i];
        const bool again = j != i && targets[i].exact() != nullptr && targets[j].exact() != nullptr && *targets[i].exact() == *targets[j].exact();
        place.push_back(again ? place[j] : chosen.size());
        if (!again) chosen.push_back(i);
    }
    if (chosen.size() > most_points) throw Refused("centre: there are too many data points");
    const ResidualMap at_chosen = [&](std::size_t i, const std::vector<Enclosure>& box, bool gradient) { return residuals(chosen[i], box, gradient); };
    AtMinimum result = Krawczyk(at_chosen, chosen.size(), centre, given, bits).run();
    if (chosen.size() == n) return result;
    Matrix gram(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) gram(i, j) = result.gram(place[i], place[j]);
    result.gram = std::move(gram);
    return result;
}

AtMinimum network_minimum(const Network& network, const std::optional<std::vector<Rational>>& centre, long bits) {
    if (centre) {
        if (network.own_targets) throw Refused("centre: the targets are the network's own");
        std::vector<std::size_t> free;
        std::vector<Value> given;
        std::size_t first = 0;
        for (std::size_t l = 0; l < network.activations.size(); ++l) {
            for (std::size_t k = 0; k < network.layer_size(l) && !network.frozen[l]; ++k) {
                free.push_back(first + k);
                if (!network.weights_in_file) given.emplace_back(network.weights[first + k]);
            }
            first += network.layer_size(l);
        }
        if (centre->size() != free.size()) throw Refused("centre: one number per parameter is expected");
        if (network.weights_in_file) given.assign(centre->begin(), centre->end());  // the distance is that to the centre
        std::vector<Value> all(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(network.weights_in_file ? given.size() : 0));
        for (const Rational& w : network.weights) all.emplace_back(Enclosure(w, bits));
        const ResidualMap residuals = [&](std::size_t i, const std::vector<Enclosure>& x, bool gradient) {
            std::vector<Value> weights = all;
            for (std::size_t p = 0; p < x.size(); ++p) weights[free[p]] = x[p];
            Derivative f = differentiate(network, weights, network.inputs[i], gradient, bits);
            f.value = f.value - network.targets[i];
            return f;
        };
        return minimum_near(residuals, first_with_equal_inputs(network.inputs), network.targets, *centre, given, bits);
    }
    AtMinimum result;
    const std::vector<Value> weights(network.weights.begin(), network.weights.end());
    std::vector<std::vector<Value>> gradients;
    for (std::size_t i = 0; i < network.inputs.size(); ++i) {
        Derivative f = differentiate(network, weights, network.inputs[i], true, bits);
        result.residuals.push_back(network.own_targets ? Value() : f.value - network.targets[i]);
        gradients.push_back(std::move(f.gradient));
    }
    result.parameters = gradients.front().size();
    result.gram = gram_matrix(gradients);
    return result;
}

}  // namespace lyapcert::checker
