// Closed forms: dimension 1 (= T8), rank 1 (= T9), monomial families (= T10).
#include <algorithm>

#include "checker/rules/rules.hpp"
#include "checker/rules/sum_of_logs.hpp"

namespace lyapcert::checker {

namespace {

// T9: all matrices are exact and of rank at most 1.
bool by_rank_one(const Product& product, Side side, const End& claim, long bits) {
    const std::size_t n = product.dimension();
    std::vector<std::vector<Value>> u;
    std::vector<std::vector<Value>> v;
    for (const Matrix& a : product.matrices) {
        u.emplace_back(n);
        v.emplace_back(n);
        for (std::size_t e = 0; e < n * n; ++e)
            if (!a.entries[e].is(0)) {
                for (std::size_t i = 0; i < n; ++i) u.back()[i] = a(i, e % n) / a.entries[e], v.back()[i] = a(e / n, i);
                break;
            }
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (!(a(i, j) - u.back()[i] * v.back()[j]).is(0)) return false;
    }
    std::vector<LogTerm> terms;
    for (std::size_t j = 0; j < u.size(); ++j)
        for (std::size_t k = 0; k < u.size(); ++k) {
            Value dot;
            for (std::size_t i = 0; i < n; ++i) dot = dot + v[j][i] * u[k][i];
            terms.push_back({product.probabilities[j] * product.probabilities[k], dot});
        }
    return sum_of_logs(terms, side, claim, bits);
}

// T10, for columns; `transposed` for rows.
bool by_monomials(const Product& product, bool transposed, Side side, const End& claim, long bits) {
    const std::size_t n = product.dimension();
    constexpr std::size_t dead = static_cast<std::size_t>(-1);
    const auto entry = [&](std::size_t k, std::size_t i, std::size_t j) -> const Value& { return transposed ? product.matrices[k](j, i) : product.matrices[k](i, j); };
    std::vector<std::vector<std::size_t>> target;
    std::vector<std::vector<bool>> reach(n, std::vector<bool>(n, false));
    std::vector<bool> mortal(n, false);
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        target.emplace_back(n, dead);
        for (std::size_t j = 0; j < n; ++j) {
            for (std::size_t i = 0; i < n; ++i) {
                if (entry(k, i, j).is(0)) continue;
                if (target[k][j] != dead) return false;
                target[k][j] = i;
                reach[j][i] = true;
            }
            if (target[k][j] == dead) mortal[j] = true;
        }
    }
    charge(static_cast<double>(n) * static_cast<double>(n * n));
    for (std::size_t m = 0; m < n; ++m)
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n && reach[i][m]; ++j)
                if (reach[m][j]) reach[i][j] = true;
    std::vector<bool> done(n, false);
    bool some_proved = claim.minus_infinity && side == Side::lower;
    for (std::size_t s = 0; s < n; ++s) {
        if (done[s]) continue;
        std::vector<std::size_t> c;
        bool closed = !mortal[s];
        for (std::size_t j = 0; j < n; ++j) {
            if (j == s || (reach[s][j] && reach[j][s])) c.push_back(j), done[j] = true, closed = closed && !mortal[j];
            else if (reach[s][j]) closed = false;
        }
        if (!closed) continue;
        // The stationary law: pi (P - I) = 0, sum pi = 1.
        const std::size_t r = c.size();
        Matrix a(r, r);
        Matrix pi(r, 1);
        const auto position = [&](std::size_t j) { return static_cast<std::size_t>(std::find(c.begin(), c.end(), j) - c.begin()); };
        for (std::size_t j = 0; j < r; ++j) {
            a(j, j) = a(j, j) - Value(Rational(1));
            for (std::size_t k = 0; k < target.size(); ++k) {
                Value& x = a(position(target[k][c[j]]), j);
                x = x + Value(product.probabilities[k]);
            }
        }
        for (std::size_t j = 0; j < r; ++j) a(r - 1, j) = Rational(1);
        pi(r - 1, 0) = Rational(1);
        if (solve(a, pi).sign() == 0) return false;
        std::vector<LogTerm> terms;
        for (std::size_t j = 0; j < r; ++j)
            for (std::size_t k = 0; k < target.size(); ++k)
                terms.push_back({*pi(j, 0).exact() * product.probabilities[k], entry(k, target[k][c[j]], c[j])});
        if (sum_of_logs(terms, side, claim, bits)) some_proved = true;
        else if (side == Side::upper) return false;
    }
    return side == Side::upper || some_proved;
}

}  // namespace

std::string check_dimension_one(const LambdaClaim& claim) {
    const auto proved_at = [&](const Product& product) {
        std::vector<LogTerm> terms;
        for (std::size_t k = 0; k < product.matrices.size(); ++k) terms.push_back({product.probabilities[k], product.matrices[k](0, 0)});
        return sum_of_logs(terms, claim.side, claim.end, claim.bits());
    };
    if (claim.product.dimension() != 1) return "the dimension is not 1";
    if (claim.far != nullptr) {  // T70 (a)
        if (claim.product.matrices.size() != 1) return "along an interval one matrix is expected";
        const int sign = claim.product.matrices.front()(0, 0).sign();
        if (claim.side == Side::lower && (sign == 0 || sign != claim.far->product.matrices.front()(0, 0).sign())) return "the entry is not proved to keep its sign";
        if (!proved_at(claim.far->product)) return not_proved;
    }
    return verdict(proved_at(claim.product));
}

std::string check_rank_one(const LambdaClaim& claim) { return verdict(by_rank_one(claim.product, claim.side, claim.end, claim.bits())); }

std::string check_monomial(const LambdaClaim& claim) {
    const auto by = [&](bool transposed) { return by_monomials(claim.product, transposed, claim.side, claim.end, claim.bits()); };
    return verdict(by(false) || by(true));
}

}  // namespace lyapcert::checker
