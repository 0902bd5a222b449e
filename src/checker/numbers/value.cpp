#include "checker/numbers/value.hpp"

#include <algorithm>
#include <cmath>

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_bits = 4000000;
constexpr std::size_t largest_exact_elimination = 24;

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

Matrix operator*(const Matrix& a, const Matrix& b) {
    Matrix c(a.rows, b.columns);
    for (std::size_t i = 0; i < a.rows; ++i)
        for (std::size_t l = 0; l < a.columns; ++l)
            for (std::size_t j = 0; j < b.columns; ++j) c(i, j) = c(i, j) + a(i, l) * b(l, j);
    return c;
}

Matrix gram_matrix(const std::vector<std::vector<Value>>& vectors) {
    Matrix g(vectors.size(), vectors.size());
    for (std::size_t i = 0; i < g.rows; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            for (std::size_t p = 0; p < vectors[i].size(); ++p) g(i, j) = g(i, j) + vectors[i][p] * vectors[j][p];
            g(j, i) = g(i, j);
        }
    return g;
}

Matrix rounded(Matrix a, long bits) {
    for (Value& x : a.entries)
        if (!x.is(0)) x = Value(x.enclosure(bits));
    return a;
}

Value solve(Matrix a, Matrix& b) {
    const std::size_t n = a.rows;
    Value determinant = Rational(1);
    for (std::size_t p = 0; p < n; ++p) {
        std::size_t pivot = p;
        while (pivot < n && a(pivot, p).sign() == 0) ++pivot;
        if (pivot == n) {
            for (std::size_t i = p; i < n; ++i)
                if (!a(i, p).is(0)) throw Refused("a matrix could not be told from a singular one");
            return Rational(0);
        }
        if (pivot != p) {
            for (std::size_t j = 0; j < n; ++j) std::swap(a(p, j), a(pivot, j));
            for (std::size_t j = 0; j < b.columns; ++j) std::swap(b(p, j), b(pivot, j));
            determinant = Value() - determinant;
        }
        determinant = determinant * a(p, p);
        for (std::size_t i = 0; i < n; ++i) {
            if (i == p || a(i, p).is(0)) continue;
            const Value factor = a(i, p) / a(p, p);
            for (std::size_t j = p + 1; j < n; ++j) a(i, j) = a(i, j) - factor * a(p, j);
            for (std::size_t j = 0; j < b.columns; ++j) b(i, j) = b(i, j) - factor * b(p, j);
            a(i, p) = Value();
        }
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < b.columns; ++j) b(i, j) = b(i, j) / a(i, i);
    return determinant;
}

Inertia inertia(Matrix a) {
    Inertia result;
    std::vector<std::size_t> left(a.rows);
    for (std::size_t i = 0; i < a.rows; ++i) left[i] = i;
    // Any pivot of known sign is right; the largest keeps enclosures narrow.
    const auto size = [&](std::size_t i) {
        const Enclosure d = a(i, i).enclosure(64);
        return std::fabs(mpfr_get_d(d.sign() > 0 ? d.lower() : d.upper(), MPFR_RNDN));
    };
    while (!left.empty()) {
        std::size_t p = a.rows;
        for (const std::size_t i : left)
            if (a(i, i).sign() != 0 && (p == a.rows || size(i) > size(p))) p = i;
        if (p < a.rows) {
            left.erase(std::find(left.begin(), left.end(), p));
            ++(a(p, p).sign() > 0 ? result.positive : result.negative);
            for (const std::size_t i : left) {
                if (a(i, p).is(0)) continue;
                const Value factor = a(i, p) / a(p, p);
                for (const std::size_t j : left)
                    if (j <= i) a(i, j) = a(j, i) = a(i, j) - factor * a(p, j);
            }
            continue;
        }
        // The diagonal vanishes, or cannot be told from zero.
        std::size_t q = a.rows;
        bool all_zero = true;
        for (const std::size_t i : left)
            for (const std::size_t j : left) {
                all_zero = all_zero && a(i, j).is(0);
                if (j < i && a(i, i).is(0) && a(j, j).is(0) && a(i, j).sign() != 0) p = i, q = j;
            }
        if (all_zero) {
            result.zero += left.size();
            return result;
        }
        if (q == a.rows) {
            result.known = false;
            return result;
        }
        ++result.positive;
        ++result.negative;
        left.erase(std::find(left.begin(), left.end(), p));
        left.erase(std::find(left.begin(), left.end(), q));
        for (const std::size_t i : left)
            for (const std::size_t j : left)
                if (j <= i) a(i, j) = a(j, i) = a(i, j) - (a(i, p) * a(q, j) + a(i, q) * a(p, j)) / a(p, q);
    }
    return result;
}

Inertia inertia(Matrix a, const Rational& shift, long bits) {
    for (std::size_t i = 0; i < a.rows; ++i) a(i, i) = a(i, i) - Value(shift);
    return inertia(a.rows <= largest_exact_elimination ? std::move(a) : rounded(std::move(a), bits));
}

}  // namespace lyapcert::checker
