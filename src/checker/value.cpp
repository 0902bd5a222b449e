#include "checker/value.hpp"

#include <algorithm>

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_bits = 4000000;
constexpr std::size_t largest_exact_elimination = 24;  // exact elimination grows with the fifth power of the size

template <class Operation>
Value combine(const Value& x, const Value& y, Operation operation) {
    if (x.exact() != nullptr && y.exact() != nullptr) {
        charge(*x.exact(), *y.exact());
        const Rational r = operation(*x.exact(), *y.exact());
        if (size_in_bits(r) > most_bits) throw Refused("an exact number is too long");
        return r;
    }
    const long bits = (x.exact() != nullptr ? y : x).enclosure(2).bits();
    return Value(operation(x.enclosure(bits), y.enclosure(bits)));
}

}  // namespace

Value operator+(const Value& x, const Value& y) {
    if (x.is(0)) return y;
    if (y.is(0)) return x;
    return combine(x, y, [](const auto& a, const auto& b) { return std::decay_t<decltype(a)>(a + b); });
}

Value operator-(const Value& x, const Value& y) {
    if (y.is(0)) return x;
    return combine(x, y, [](const auto& a, const auto& b) { return std::decay_t<decltype(a)>(a - b); });
}

Value operator*(const Value& x, const Value& y) {
    if (x.is(0) || y.is(0)) return Rational(0);
    return combine(x, y, [](const auto& a, const auto& b) { return std::decay_t<decltype(a)>(a * b); });
}

Value operator/(const Value& x, const Value& y) {
    if (y.is(0)) throw Refused("division by zero");
    if (x.is(0)) {
        if (y.sign() == 0) throw Refused("a divisor is not proved to be non-zero");
        return Rational(0);
    }
    return combine(x, y, [](const auto& a, const auto& b) { return std::decay_t<decltype(a)>(a / b); });
}

bool is_exact(const Matrix<Value>& a) {
    return std::all_of(a.entries.begin(), a.entries.end(), [](const Value& x) { return x.exact() != nullptr; });
}

Matrix<Rational> exact(const Matrix<Value>& a) {
    Matrix<Rational> result(a.rows, a.columns);
    for (std::size_t i = 0; i < a.entries.size(); ++i) result.entries[i] = *a.entries[i].exact();
    return result;
}

Matrix<Enclosure> enclosures(const Matrix<Value>& a, long bits) {
    Matrix<Enclosure> result(a.rows, a.columns, Enclosure(bits));
    for (std::size_t i = 0; i < a.entries.size(); ++i) result.entries[i] = a.entries[i].enclosure(bits);
    return result;
}

namespace {

int sign_of(const Rational& x) { return sgn(x); }
int sign_of(const Enclosure& x) { return x.sign(); }
// Enclosures announce their operations themselves.
void announce(const Rational& x, const Rational& y, const Rational& z) { charge(x, y), charge(y, z); }
void announce(const Enclosure&, const Enclosure&, const Enclosure&) {}
bool known_zero(const Rational& x) { return sgn(x) == 0; }
bool known_zero(const Enclosure& x) { return mpfr_zero_p(x.lower()) && mpfr_zero_p(x.upper()); }

template <class T>
Inertia eliminate(Matrix<T>& a) {
    Inertia result;
    std::vector<std::size_t> left(a.rows);
    for (std::size_t i = 0; i < a.rows; ++i) left[i] = i;
    while (!left.empty()) {
        // Exact: any pivot serves. Enclosures: one away from zero.
        std::size_t best = left.size();
        for (std::size_t k = 0; k < left.size(); ++k) {
            const T& d = a(left[k], left[k]);
            if (sign_of(d) == 0) continue;
            if constexpr (std::is_same_v<T, Enclosure>) {
                if (best < left.size() && mpfr_cmpabs(a(left[k], left[k]).lower(), a(left[best], left[best]).lower()) <= 0) continue;
                best = k;
            } else {
                best = k;
                break;
            }
        }
        if (best < left.size()) {
            const std::size_t p = left[best];
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
            ++(sign_of(a(p, p)) > 0 ? result.positive : result.negative);
            for (const std::size_t i : left) {
                if (known_zero(a(i, p))) continue;
                announce(a(i, p), a(p, p), a(p, p));
                const T factor = a(i, p) / a(p, p);
                for (const std::size_t j : left)
                    if (j <= i) {
                        announce(a(i, j), factor, a(p, j));
                        a(i, j) = a(j, i) = T(a(i, j) - factor * a(p, j));
                    }
            }
            continue;
        }
        // The diagonal vanishes, or cannot be told from zero.
        std::size_t p = 0;
        std::size_t q = 0;
        bool all_zero = true;
        for (const std::size_t i : left)
            for (const std::size_t j : left) {
                if (known_zero(a(i, j))) continue;
                all_zero = false;
                if (j < i) p = i, q = j;
            }
        if (all_zero) {
            result.zero += left.size();
            return result;
        }
        if constexpr (std::is_same_v<T, Enclosure>) {
            result.known = false;
            return result;
        } else {
            ++result.positive;
            ++result.negative;
            left.erase(std::find(left.begin(), left.end(), p));
            left.erase(std::find(left.begin(), left.end(), q));
            const T b = a(p, q);
            for (const std::size_t i : left)
                for (const std::size_t j : left)
                    if (j <= i) {
                        announce(a(i, p), a(q, j), b);
                        announce(a(i, q), a(p, j), b);
                        const T change = (a(i, p) * a(q, j) + a(i, q) * a(p, j)) / b;
                        a(i, j) = T(a(i, j) - change);
                        if (i != j) a(j, i) = a(i, j);
                    }
        }
    }
    return result;
}

}  // namespace

Inertia inertia(Matrix<Rational> a) { return eliminate(a); }
Inertia inertia(Matrix<Enclosure> a) { return eliminate(a); }

Inertia inertia(const Matrix<Value>& a, const Rational& shift, long bits) {
    const bool rational = is_exact(a) && a.rows <= largest_exact_elimination;
    if (rational) {
        Matrix<Rational> m = exact(a);
        for (std::size_t i = 0; i < a.rows; ++i) m(i, i) -= shift;
        return inertia(std::move(m));
    }
    Matrix<Enclosure> m = enclosures(a, bits);
    for (std::size_t i = 0; i < a.rows; ++i) m(i, i) = m(i, i) - Enclosure(shift, bits);
    return inertia(std::move(m));
}

}  // namespace lyapcert::checker
