#include "checker/rules/weighted_moment.hpp"
#include "checker/rules/rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "checker/numbers/doubles.hpp"
#include "checker/numbers/outward.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

constexpr std::size_t most_symbols = 2000;
constexpr std::size_t most_numbers = std::size_t{1} << 27;
constexpr double largest = largest_double;
constexpr double smallest = smallest_double;

double at_least_zero(double x) { return std::fabs(x) < smallest ? 0.0 : x; }
double magnitude(const Outward& x) { return std::max(-x.lo, x.hi); }

const std::string& text_of(const json& evidence, const char* key) { return evidence.at(key).get_ref<const std::string&>(); }

std::vector<double> doubles_of(const json& evidence, const char* key, std::size_t count) {
    return parse_doubles(text_of(evidence, key), count, std::string("weighted moment: '") + key + "'");
}

std::vector<std::uint32_t> parse_states(const json& evidence, std::size_t count, std::size_t states) {
    const std::string& text = text_of(evidence, "next");
    charge(10.0 * static_cast<double>(text.size()));
    std::vector<std::uint32_t> list;
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::size_t s = 0;
        const std::size_t start = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && s < states; ++at) s = 10 * s + static_cast<std::size_t>(text[at] - '0');
        if (at == start || s >= states || list.size() == count || (at < text.size() && text[at] != ' ')) throw Refused("weighted moment: 'next' is no list of states");
        list.push_back(static_cast<std::uint32_t>(s));
    }
    if (list.size() != count) throw Refused("weighted moment: 'next' has the wrong length");
    return list;
}

std::size_t size_of(const json& evidence, const char* key) {
    const json& number = evidence.at(key);
    if (!number.is_number_unsigned()) throw Refused(std::string("weighted moment: '") + key + "' is no size");
    return number.get<std::size_t>();
}

Outward enclosed(const Value& x, long bits) {
    const Enclosure e = x.enclosure(bits);
    // Wider where that is needed for ends that are 0 or normal.
    const auto end = [](mpfr_srcptr y, mpfr_rnd_t direction) {
        const double d = mpfr_get_d(y, direction);
        if (mpfr_zero_p(y) != 0 || std::fabs(d) >= smallest) return d;
        const int sign = mpfr_sgn(y);
        return direction == MPFR_RNDD ? (sign > 0 ? 0.0 : -smallest) : (sign < 0 ? 0.0 : smallest);
    };
    return {end(e.lower(), MPFR_RNDD), end(e.upper(), MPFR_RNDU)};
}

struct Square {
    explicit Square(std::size_t size) : n(size), entries(size * size) {}
    Outward& operator()(std::size_t i, std::size_t j) { return entries[i * n + j]; }
    const Outward& operator()(std::size_t i, std::size_t j) const { return entries[i * n + j]; }
    std::size_t n;
    std::vector<Outward> entries;
};

// k(j, i): component j of k_i. False unless the product is of the form asked for.
bool single_sample(const Product& product, long bits, Square& k) {
    const std::size_t n = k.n;
    if (product.is_single_sample_gram()) {
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) k(i, j) = enclosed(product.single_sample(i, j), bits);
        return true;
    }
    std::vector<bool> seen(n, false);
    const Rational uniform(1, static_cast<unsigned long>(n));
    if (product.matrices.size() != n) return false;
    for (std::size_t m = 0; m < n; ++m) {
        const Matrix& a = product.matrices[m];
        if (product.probabilities[m] != uniform) return false;
        std::size_t column = n;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                if (j == column || a(i, j).is(i == j ? 1 : 0)) continue;
                if (column != n) return false;
                column = j;
            }
        if (column == n || seen[column]) return false;
        seen[column] = true;
        for (std::size_t i = 0; i < n; ++i) k(i, column) = enclosed((i == column ? Value(Rational(1)) : Value(Rational(0))) - a(i, column), bits);
    }
    return true;
}

// T25 (d): factorises the upper triangle.
bool factorises(std::vector<double> b, std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) {
        double* row = b.data() + k * n;
        if (!(row[k] > 0.0)) return false;
        row[k] = std::sqrt(row[k]);
        for (std::size_t j = k + 1; j < n; ++j) row[j] /= row[k];
        for (std::size_t i = k + 1; i < n; ++i) {
            double* other = b.data() + i * n;
            for (std::size_t j = i; j < n; ++j) other[j] -= row[i] * row[j];
        }
    }
    return true;
}

// On the lower triangle of a.
bool positive_definite(const Square& a) {
    const std::size_t n = a.n;
    std::vector<double> scale(n);
    for (std::size_t i = 0; i < n; ++i) {
        if (!(a(i, i).lo > 0x1p-200) || !(a(i, i).hi < 0x1p300)) return false;
        scale[i] = std::ldexp(1.0, -(std::ilogb(a(i, i).hi) / 2));
    }
    std::vector<double> b(n * n, 0.0);
    std::vector<Outward> error(n);
    Outward trace;
    double most = 0.0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const Outward x = a(i, j) * Outward(scale[i] * scale[j]);
            const double middle = 0.5 * x.lo + 0.5 * x.hi;
            if (!(std::fabs(middle) < 0x1p300)) return false;
            const Outward e(std::max((Outward(x.hi) - Outward(middle)).hi, (Outward(middle) - Outward(x.lo)).hi));
            error[i] = error[i] + e;
            if (i != j) error[j] = error[j] + e;
            b[j * n + i] = middle;
            if (i == j) {
                trace = trace + Outward(middle);
                most = std::max(most, middle);
            }
        }
    double radius = 0.0;
    for (const Outward& e : error) radius = std::max(radius, e.hi);
    const Outward g = Outward(static_cast<double>(2 * n + 8)) * Outward(0x1p-52) * Outward(1.002);
    const double shift = (Outward(radius) + Outward(0x1p-52) * Outward(most) + g * trace + Outward(0x1p-1000)).hi;
    if (!(shift < 1.0) || !(most <= 4.0)) return false;
    for (std::size_t i = 0; i < n; ++i) b[i * n + i] -= shift;
    return factorises(std::move(b), n);
}

// The steps I - u_i v_i^T: T25 (c). u(i, a) is component a of u_i.
bool change_of_basis(const Square& k, const std::vector<double>& t, Square& u) {
    const std::size_t n = k.n;
    const auto tt = [&](std::size_t i, std::size_t j) { return t[i * (i + 1) / 2 + j]; };
    std::vector<double> w(n * n, 0.0);  // about T^{-1}
    for (std::size_t i = 0; i < n; ++i) {
        if (!(tt(i, i) > 0.0)) return false;
        for (std::size_t l = 0; l < i; ++l)
            for (std::size_t j = 0; j <= l; ++j) w[i * n + j] -= tt(i, l) * w[l * n + j];
        for (std::size_t j = 0; j < i; ++j) w[i * n + j] /= tt(i, i);
        w[i * n + i] = 1.0 / tt(i, i);
        for (std::size_t j = 0; j <= i; ++j) {
            if (!(std::fabs(w[i * n + j]) <= 0x1p100)) return false;
            if (std::fabs(w[i * n + j]) < 0x1p-100) w[i * n + j] = 0.0;
        }
    }
    std::vector<double> x(n * n, 0.0);  // about W K
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t l = 0; l <= i; ++l)
            for (std::size_t j = 0; j < n; ++j) x[i * n + j] += w[i * n + l] * (0.5 * k(l, j).lo + 0.5 * k(l, j).hi);
    for (double& entry : x) {
        if (!(std::fabs(entry) <= largest)) return false;
        entry = at_least_zero(entry);
    }
    double e = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        Outward row;
        for (std::size_t j = 0; j <= i; ++j) {
            Outward entry(i == j ? 1.0 : 0.0);
            for (std::size_t l = j; l <= i; ++l) entry = entry - Outward(w[i * n + l]) * Outward(tt(l, j));
            row = row + Outward(magnitude(entry));
        }
        e = std::max(e, row.hi);
    }
    if (!(e < 0.5)) return false;
    const Outward factor = Outward(1.0) / (Outward(1.0) - Outward(e));
    std::vector<Outward> d(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t a = 0; a < n; ++a) {
            Outward sum = k(a, i);
            for (std::size_t l = 0; l <= a; ++l) sum = sum - Outward(tt(a, l)) * Outward(x[l * n + i]);
            d[a] = Outward(magnitude(sum));
        }
        double most = 0.0;
        for (std::size_t a = 0; a < n; ++a) {
            Outward sum;
            for (std::size_t l = 0; l <= a; ++l) sum = sum + Outward(std::fabs(w[a * n + l])) * d[l];
            most = std::max(most, sum.hi);
        }
        const double r = (Outward(most) * factor).hi;
        if (!(r <= largest)) return false;
        for (std::size_t a = 0; a < n; ++a) u(i, a) = Outward(x[a * n + i]) + Outward(-r, r);
    }
    return true;
}

class Inequalities {
  public:
    Inequalities(const Square& u, const std::vector<double>& basis, std::size_t states, const std::vector<std::uint32_t>& next, const std::vector<double>& forms, const std::vector<double>& weights)
        : n_(u.n), u_(u), basis_(basis), states_(states), next_(next), forms_(forms), weights_(weights) {}

    // The first inequality of T25 (a), for every state.
    bool hold() {
        for (std::size_t s = 0; s < states_; ++s)
            if (!holds(s)) return false;
        return true;
    }

  private:
    double form(std::size_t s, std::size_t a, std::size_t b) const { return forms_[s * (n_ * (n_ + 1) / 2) + (a >= b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a)]; }
    double v(std::size_t i, std::size_t a) const { return a <= i ? basis_[i * (i + 1) / 2 + a] : 0.0; }

    // w = P u - (u^T P u / 2) v, kept for the edges that share it.
    const std::vector<Outward>& vector_of(std::size_t s, std::size_t i) {
        if (vectors_.empty()) vectors_.resize(states_ * n_);
        std::vector<Outward>& w = vectors_[s * n_ + i];
        if (!w.empty()) return w;
        charge(8.0 * static_cast<double>(n_ * n_));
        w.resize(n_);
        Outward half;
        for (std::size_t a = 0; a < n_; ++a) {
            for (std::size_t b = 0; b < n_; ++b) w[a] = w[a] + Outward(form(s, a, b)) * u_(i, b);
            half = half + w[a] * u_(i, a);
        }
        half = half * Outward(0.5);
        for (std::size_t a = 0; a < n_; ++a) w[a] = w[a] - half * Outward(v(i, a));
        return w;
    }

    bool holds(std::size_t s) {
        charge(20.0 * static_cast<double>(n_) * static_cast<double>(n_ * n_));
        Square difference(n_);
        for (std::size_t a = 0; a < n_; ++a)
            for (std::size_t b = 0; b <= a; ++b) difference(a, b) = Outward(form(s, a, b));
        if (!positive_definite(difference)) return false;
        std::vector<bool> done(n_, false);
        for (std::size_t i = 0; i < n_; ++i) {
            if (done[i]) continue;
            const std::uint32_t target = next_[s * n_ + i];
            Outward c;
            for (std::size_t j = i; j < n_; ++j)
                if (next_[s * n_ + j] == target) {
                    c = c + Outward(weights_[s * n_ + j]);
                    done[j] = true;
                }
            for (std::size_t a = 0; a < n_; ++a)
                for (std::size_t b = 0; b <= a; ++b) difference(a, b) = difference(a, b) - c * Outward(form(target, a, b));
        }
        std::vector<Outward> cv(n_);
        for (std::size_t i = 0; i < n_; ++i) {
            const std::vector<Outward>& w = vector_of(next_[s * n_ + i], i);
            for (std::size_t a = 0; a < n_; ++a) cv[a] = Outward(weights_[s * n_ + i]) * Outward(v(i, a));
            for (std::size_t a = 0; a < n_; ++a)
                for (std::size_t b = 0; b <= std::min(a, i); ++b) difference(a, b) = difference(a, b) + w[a] * cv[b];
            for (std::size_t a = 0; a <= i; ++a)
                for (std::size_t b = 0; b <= a; ++b) difference(a, b) = difference(a, b) + cv[a] * w[b];
        }
        return positive_definite(difference);
    }

    std::size_t n_;
    const Square& u_;
    const std::vector<double>& basis_;
    std::size_t states_;
    const std::vector<std::uint32_t>& next_;
    const std::vector<double>& forms_;
    const std::vector<double>& weights_;
    std::vector<std::vector<Outward>> vectors_;
};

}  // namespace

bool proves_positive_definite(const std::vector<double>& lower, const std::vector<double>& upper, std::size_t n) {
    Square a(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) a(i, j) = {lower[i * (i + 1) / 2 + j], upper[i * (i + 1) / 2 + j]};
    return positive_definite(a);
}

std::string check_weighted_moment(const Product& product, const json& evidence, const Rational& claim, long bits) {
    const std::size_t n = product.dimension();
    if (size_of(evidence, "dimension") != n) throw Refused("weighted moment: its dimension is not that of the product");
    if (n > most_symbols) throw Refused("weighted moment: the dimension is too large");
    const std::size_t states = size_of(evidence, "states");
    if (states == 0 || states > most_numbers / (n * n)) throw Refused("weighted moment: the number of states is out of range");
    const std::vector<std::uint32_t> next = parse_states(evidence, states * n, states);
    const std::vector<double> basis = doubles_of(evidence, "basis", n * (n + 1) / 2);
    const std::vector<double> forms = doubles_of(evidence, "forms", states * (n * (n + 1) / 2));
    const std::vector<double> weights = doubles_of(evidence, "weights", states * n);

    // The second inequality of T25 (a). The doubles are exact rationals.
    charge(2000.0 * static_cast<double>(states * n));
    const Rational level = Rational(-2) * Rational(static_cast<unsigned long>(n)) * claim;
    for (std::size_t s = 0; s < states; ++s) {
        Enclosure sum(bits);
        for (std::size_t i = 0; i < n; ++i) {
            if (!(weights[s * n + i] > 0.0)) throw Refused("weighted moment: a weight is not positive");
            sum = sum + log(Enclosure(Rational(weights[s * n + i]) * static_cast<unsigned long>(n), bits));
        }
        if (!at_most(level, sum)) return "the weights do not give the bound";
    }
    Square k(n);
    charge(10.0 * static_cast<double>(n) * static_cast<double>(n * n));
    if (!single_sample(product, bits, k)) return "the product is not of single samples";
    for (const Outward& x : k.entries)
        if (!(magnitude(x) <= largest)) return "a matrix is too large";
    Square u(n);
    charge(60.0 * static_cast<double>(n) * static_cast<double>(n * n));
    if (!change_of_basis(k, basis, u)) return "the basis is not proved regular, or nearly singular";
    return Inequalities(u, basis, states, next, forms, weights).hold() ? "" : "the inequality is not proved";
}

std::string check_weighted_moment(const LambdaClaim& claim) {
    return check_weighted_moment(claim.product, claim.context.evidence("moments", claim.proof.at("moment")), claim.end.value, claim.bits());
}

}  // namespace lyapcert::checker
