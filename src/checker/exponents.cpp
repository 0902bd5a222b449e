#include "checker/exponents.hpp"

#include <algorithm>

#include "checker/fan.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

const std::string not_proved = "the inequality is not proved";

// A rational number that is at most (at least) e^end.
Rational exp_of(const End& end, bool below, long bits) {
    if (end.minus_infinity) return 0;
    if (sgn(end.value) == 0) return 1;
    return below ? exp_below(end.value, bits) : exp_above(end.value, bits);
}

struct LogTerm {
    Rational coefficient;  // > 0
    Value argument;
};

Enclosure log_abs(const Value& x, long bits) { return log(abs(x.enclosure(bits))); }

// T12: sum c_k log|a_k| >= claim, or <=.
bool sum_of_logs(const std::vector<LogTerm>& terms, Side side, const End& claim, long bits) {
    for (const LogTerm& term : terms)
        if (term.argument.is(0)) return side == Side::upper || claim.minus_infinity;
    if (claim.minus_infinity) return side == Side::lower;
    Enclosure sum(bits);
    for (const LogTerm& term : terms) sum = sum + Enclosure(term.coefficient, bits) * log_abs(term.argument, bits);
    if (side == Side::lower ? at_most(claim.value, sum) : at_least(claim.value, sum)) return true;
    if (sgn(claim.value) != 0) return false;
    // A claim of exactly zero: compare the product of the powers with 1.
    mpz_class common = 1;
    for (const LogTerm& term : terms) {
        if (term.argument.exact() == nullptr) return false;
        charge(Rational(common), term.coefficient);
        common = lcm(common, mpz_class(term.coefficient.get_den()));
    }
    Rational product = 1;
    for (const LogTerm& term : terms) {
        const mpz_class n = Rational(term.coefficient * common).get_num();
        const Rational& a = *term.argument.exact();
        const std::size_t size = mpz_sizeinbase(a.get_num_mpz_t(), 2) + mpz_sizeinbase(a.get_den_mpz_t(), 2);
        if (!n.fits_ulong_p() || n > 1000000 || n * size > 10000000) return false;
        charge(product, a);
        mpz_class numerator;
        mpz_class denominator;
        mpz_pow_ui(numerator.get_mpz_t(), a.get_num_mpz_t(), n.get_ui());
        mpz_pow_ui(denominator.get_mpz_t(), a.get_den_mpz_t(), n.get_ui());
        product *= abs(Rational(numerator, denominator));
    }
    return side == Side::lower ? product >= 1 : product <= 1;
}

std::string verdict(bool proved) { return proved ? "" : not_proved; }

// Enclosures announce their operations themselves.
void announce(const Rational& x, const Rational& y) { charge(x, y); }
void announce(const Enclosure&, const Enclosure&) {}

// det a by elimination over an engine; for enclosures any pivots will do that are not zero.
template <class T>
Value determinant(Matrix<T> a, const T& one) {
    T det = one;
    for (std::size_t p = 0; p < a.rows; ++p) {
        std::size_t pivot = p;
        const auto good = [&](std::size_t i) { return Value(a(i, p)).sign() != 0; };
        while (pivot < a.rows && !good(pivot)) ++pivot;
        if (pivot == a.rows) {
            bool all_zero = true;
            for (std::size_t i = p; i < a.rows; ++i) all_zero = all_zero && Value(a(i, p)).is(0);
            if (all_zero) return Rational(0);
            throw Refused("a determinant could not be told from zero");
        }
        if (pivot != p) {
            for (std::size_t j = 0; j < a.columns; ++j) std::swap(a(p, j), a(pivot, j));
            det = T(-det);
        }
        det = T(det * a(p, p));
        for (std::size_t i = p + 1; i < a.rows; ++i) {
            const T factor = a(i, p) / a(p, p);
            for (std::size_t j = p; j < a.columns; ++j) {
                announce(factor, a(p, j));
                a(i, j) = T(a(i, j) - factor * a(p, j));
            }
        }
    }
    return det;
}

// T5.
bool by_determinants(const Product& product, Side side, const End& claim, long bits) {
    if (side == Side::upper) return false;
    const Rational n(static_cast<unsigned long>(product.dimension()));
    std::vector<LogTerm> terms;
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix<Value>& a = product.matrices[k];
        const bool rational = is_exact(a) && a.rows <= 40;
        terms.push_back({product.probabilities[k] / n, rational ? determinant(exact(a), Rational(1)) : determinant(enclosures(a, bits), Enclosure(Rational(1), bits))});
    }
    return sum_of_logs(terms, side, claim, bits);
}

Matrix<Rational> symmetric(const json& rows, std::size_t n) {
    Matrix<Rational> p(n, n);
    if (!rows.is_array() || rows.size() != n) throw Refused("a matrix of the proof has the wrong size");
    for (std::size_t i = 0; i < n; ++i) {
        if (!rows[i].is_array() || rows[i].size() != i + 1) throw Refused("a matrix of the proof is not given by its lower triangle");
        for (std::size_t j = 0; j <= i; ++j) p(i, j) = p(j, i) = parse_rational(rows[i][j].get_ref<const std::string&>());
    }
    return p;
}

// E[A^T P A] - c P.
template <class T>
Matrix<T> moment_difference(const std::vector<Matrix<T>>& a, const std::vector<T>& p, const Matrix<T>& m, const T& c, const T& zero) {
    const std::size_t n = m.rows;
    Matrix<T> result(n, n, zero);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) result(i, j) = T(zero - c * m(i, j));
    for (std::size_t k = 0; k < a.size(); ++k) {
        Matrix<T> ma(n, n, zero);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                for (std::size_t l = 0; l < n; ++l) announce(m(i, l), a[k](l, j)), ma(i, j) = T(ma(i, j) + m(i, l) * a[k](l, j));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                T sum = zero;
                for (std::size_t l = 0; l < n; ++l) announce(a[k](l, i), ma(l, j)), sum = T(sum + a[k](l, i) * ma(l, j));
                result(i, j) = T(result(i, j) + p[k] * sum);
            }
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j) result(j, i) = result(i, j);
    return result;
}

// T6: rho(L) <= c (upper) or >= c (lower) from the matrix of the proof.
bool moment_bound(const Product& product, Side side, const Rational& c, const json& rows, long bits) {
    const std::size_t n = product.dimension();
    const Matrix<Rational> p = symmetric(rows, n);
    if (side == Side::lower && sgn(c) == 0) return true;
    const Inertia own = inertia(p);
    if (side == Side::upper ? own.positive != n : own.positive == 0) return false;
    Inertia difference;
    if (n <= 8 && std::all_of(product.matrices.begin(), product.matrices.end(), is_exact)) {
        std::vector<Matrix<Rational>> a;
        for (const Matrix<Value>& m : product.matrices) a.push_back(exact(m));
        difference = inertia(moment_difference<Rational>(a, product.probabilities, p, c, Rational(0)));
    } else {
        std::vector<Matrix<Enclosure>> a;
        std::vector<Enclosure> weights;
        for (const Matrix<Value>& m : product.matrices) a.push_back(enclosures(m, bits));
        for (const Rational& w : product.probabilities) weights.emplace_back(w, bits);
        Matrix<Enclosure> m(n, n, Enclosure(bits));
        for (std::size_t i = 0; i < n * n; ++i) m.entries[i] = Enclosure(p.entries[i], bits);
        difference = inertia(moment_difference<Enclosure>(a, weights, m, Enclosure(c, bits), Enclosure(bits)));
    }
    return difference.known && (side == Side::upper ? difference.positive == 0 : difference.negative == 0);
}

// T9: all matrices are exact and of rank at most 1.
bool by_rank_one(const Product& product, Side side, const End& claim, long bits) {
    const std::size_t n = product.dimension();
    std::vector<std::vector<Rational>> u;
    std::vector<std::vector<Rational>> v;
    for (const Matrix<Value>& m : product.matrices) {
        if (!is_exact(m)) return false;
        const Matrix<Rational> a = exact(m);
        u.emplace_back(n);
        v.emplace_back(n);
        for (std::size_t e = 0; e < n * n; ++e)
            if (sgn(a.entries[e]) != 0) {
                for (std::size_t i = 0; i < n; ++i) u.back()[i] = a(i, e % n) / a.entries[e], v.back()[i] = a(e / n, i);
                break;
            }
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (a(i, j) != u.back()[i] * v.back()[j]) return false;
    }
    std::vector<LogTerm> terms;
    for (std::size_t j = 0; j < u.size(); ++j)
        for (std::size_t k = 0; k < u.size(); ++k) {
            Rational dot = 0;
            for (std::size_t i = 0; i < n; ++i) charge(v[j][i], u[k][i]), dot += v[j][i] * u[k][i];
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
        Matrix<Rational> a(r, r + 1);
        const auto position = [&](std::size_t j) { return static_cast<std::size_t>(std::find(c.begin(), c.end(), j) - c.begin()); };
        for (std::size_t j = 0; j < r; ++j) {
            a(j, j) -= 1;
            for (std::size_t k = 0; k < target.size(); ++k) a(position(target[k][c[j]]), j) += product.probabilities[k];
        }
        for (std::size_t j = 0; j <= r; ++j) a(r - 1, j) = 1;
        for (std::size_t p = 0; p < r; ++p) {
            std::size_t pivot = p;
            while (pivot < r && sgn(a(pivot, p)) == 0) ++pivot;
            if (pivot == r) return false;
            for (std::size_t j = 0; j <= r; ++j) std::swap(a(p, j), a(pivot, j));
            for (std::size_t i = 0; i < r; ++i) {
                if (i == p || sgn(a(i, p)) == 0) continue;
                const Rational factor = a(i, p) / a(p, p);
                for (std::size_t j = p; j <= r; ++j) charge(factor, a(p, j)), a(i, j) -= factor * a(p, j);
            }
        }
        std::vector<LogTerm> terms;
        for (std::size_t j = 0; j < r; ++j)
            for (std::size_t k = 0; k < target.size(); ++k)
                terms.push_back({Rational(a(j, r) / a(j, j)) * product.probabilities[k], entry(k, target[k][c[j]], c[j])});
        if (sum_of_logs(terms, side, claim, bits)) some_proved = true;
        else if (side == Side::upper) return false;
    }
    return side == Side::upper || some_proved;
}

// T7 on the scaled Gram matrix, single-sample SGD only.
bool by_contraction(const Context& context, Side side, const End& claim) {
    const Problem& problem = context.problem;
    if (!problem.is_minimum || problem.batch_size != 1 || claim.minus_infinity) return false;
    const std::optional<std::size_t> rank = gram_rank(problem, context.bits);
    if (!rank) return false;
    const std::size_t n = problem.data_points;
    const Value two = Rational(2);
    bool contracting = true;
    bool expanding = true;
    Rational c = 2;  // at most 2 - d_i for every i
    for (std::size_t i = 0; i < n; ++i) {
        const Value& d = problem.scaled_gram(i, i);
        const Value slack = two - d;
        contracting = contracting && (slack.sign() > 0 || slack.is(0));
        expanding = expanding && (d.is(0) || slack.sign() < 0 || slack.is(0));
        if (d.sign() <= 0) c = 0;
        else c = std::min(c, exactly(slack.enclosure(context.bits).lower()));
    }
    if (side == Side::lower) return expanding && sgn(claim.value) <= 0;
    if (!contracting) return false;
    if (sgn(claim.value) >= 0) return true;
    if (c <= 0) return false;
    // 1 - c kappa / N <= e^{2 claim} for the smallest positive kappa: all positive kappa are >= (1 - e^{2 claim}) N / c.
    const Rational bound = (1 - exp_below(2 * claim.value, context.bits)) * Rational(static_cast<unsigned long>(n)) / c;
    const Inertia below = inertia(problem.scaled_gram, bound, context.bits);
    return below.known && below.negative == n - *rank;
}

bool vanishing_word(const Product& product, const json& indices) {
    Matrix<Rational> word;
    for (const json& index : indices) {
        const auto k = index.get<std::size_t>();
        if (k >= product.matrices.size() || !is_exact(product.matrices[k])) return false;
        const Matrix<Rational> a = exact(product.matrices[k]);
        if (word.rows == 0) {
            word = a;
            continue;
        }
        Matrix<Rational> next(a.rows, a.rows);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.rows; ++j)
                for (std::size_t l = 0; l < a.rows; ++l) charge(a(i, l), word(l, j)), next(i, j) += a(i, l) * word(l, j);
        word = next;
    }
    return word.rows > 0 && std::all_of(word.entries.begin(), word.entries.end(), [](const Rational& x) { return sgn(x) == 0; });
}

// T3. "blocks": a partition of the indices in an order that makes every matrix block triangular.
std::string by_blocks(const Context& context, const Product& product, Side side, const End& claim, const json& proof, int depth) {
    const std::size_t n = product.dimension();
    const auto blocks = proof.at("blocks").get<std::vector<std::vector<std::size_t>>>();
    std::vector<std::size_t> block_of(n, blocks.size());
    std::size_t count = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b)
        for (const std::size_t i : blocks[b]) {
            if (i >= n || block_of[i] != blocks.size()) throw Refused("blocks: not a partition of the indices");
            block_of[i] = b;
            ++count;
        }
    if (count != n || std::any_of(blocks.begin(), blocks.end(), [](const auto& b) { return b.empty(); })) throw Refused("blocks: not a partition of the indices");
    for (const Matrix<Value>& a : product.matrices)
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (block_of[i] < block_of[j] && !a(i, j).is(0)) return "the matrices are not block triangular in this order";
    std::vector<bool> proved(blocks.size(), false);
    for (const json& part : proof.at("parts")) {
        const auto b = part.at("block").get<std::size_t>();
        if (b >= blocks.size()) throw Refused("blocks: no such block");
        Product restricted;
        for (std::size_t k = 0; k < product.matrices.size(); ++k) {
            Matrix<Value> a(blocks[b].size(), blocks[b].size());
            for (std::size_t i = 0; i < a.rows; ++i)
                for (std::size_t j = 0; j < a.rows; ++j) a(i, j) = product.matrices[k](blocks[b][i], blocks[b][j]);
            append(restricted, std::move(a), product.probabilities[k]);
        }
        const std::string reason = check_lambda(context, restricted, side, claim, part.at("proof"), depth + 1);
        if (!reason.empty()) return "block " + std::to_string(b) + ": " + reason;
        proved[b] = true;
    }
    return verdict(side == Side::upper ? std::find(proved.begin(), proved.end(), false) == proved.end() : std::find(proved.begin(), proved.end(), true) != proved.end());
}

// T4: without the identity, lambda / weight <= or >= claim / weight.
std::string by_waiting(const Context& context, const Product& product, Side side, const End& claim, const json& proof, int depth) {
    Product moving;
    Rational weight = 0;
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix<Value>& a = product.matrices[k];
        bool identity = true;
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.rows; ++j) identity = identity && a(i, j).is(i == j ? 1 : 0);
        if (identity) continue;
        append(moving, a, product.probabilities[k]);
        weight += product.probabilities[k];
    }
    if (moving.matrices.empty()) return "every matrix is the identity";
    for (Rational& p : moving.probabilities) p /= weight;
    End scaled = claim;
    scaled.value /= weight;
    return check_lambda(context, moving, side, scaled, proof.at("proof"), depth + 1);
}

}  // namespace

End parse_end(const json& j) {
    if (!j.is_string()) throw Refused("an end of an enclosure is not a string");
    const std::string& text = j.get_ref<const std::string&>();
    if (text == "-inf") return {true, 0};
    return {false, parse_rational(text)};
}

std::optional<std::size_t> gram_rank(const Problem& problem, long bits) {
    const Matrix<Value>& shape = is_exact(problem.gram) ? problem.gram : problem.scaled_gram;
    const Inertia all = inertia(shape, 0, bits);
    if (!all.known || all.negative > 0) return std::nullopt;
    return all.positive;
}

// T13.
std::string check_mu(const Context& context, Side side, const End& claim) {
    const Problem& problem = context.problem;
    if (!problem.is_minimum) return "a general product has no mu";
    const std::optional<std::size_t> rank = gram_rank(problem, context.bits);
    if (!rank || *rank == 0) return "the rank of the Gram matrix is not known";
    const Rational n(static_cast<unsigned long>(problem.data_points));
    const std::size_t zeros = problem.data_points - *rank;
    const Rational r = exp_of(claim, side == Side::upper, context.bits);
    const auto count = [&](const Rational& shift) { return inertia(problem.scaled_gram, shift, context.bits); };
    if (side == Side::upper) {
        if (r < 1) {
            const Inertia low = count(n * (1 - r));
            if (!low.known || low.negative != zeros) return not_proved;
        }
        const Inertia high = count(n * (1 + r));
        return verdict(high.known && high.positive == 0);
    }
    if (claim.minus_infinity) return "";
    const Inertia high = count(n * (1 + r));
    if (high.known && high.positive + high.zero > 0) return "";
    if (r >= 1) return not_proved;
    const Inertia low = count(n * (1 - r));
    return verdict(low.known && low.negative + low.zero > zeros);
}

std::string check_second_moment(const Context& context, const Product& product, Side side, const End& claim, const json& proof) {
    if (side == Side::upper && claim.minus_infinity) return verdict(vanishing_word(product, proof.at("word")) && product.matrices.size() == 1);
    if (claim.minus_infinity) return "";
    return verdict(moment_bound(product, side, exp_of(claim, side == Side::upper, context.bits), proof.at("matrix"), context.bits));
}

std::string check_lambda(const Context& context, const Product& product, Side side, const End& claim, const json& proof, int depth) {
    if (depth > 4) throw Refused("lambda: the proof is nested too deeply");
    const std::string& rule = proof.at("rule").get_ref<const std::string&>();
    if (side == Side::lower && claim.minus_infinity) return "";
    const long bits = context.bits;
    if (rule == "blocks") return by_blocks(context, product, side, claim, proof, depth);
    if (rule == "waiting") return by_waiting(context, product, side, claim, proof, depth);
    if (rule == "determinant") return verdict(by_determinants(product, side, claim, bits));
    if (rule == "contraction") return verdict(depth == 0 && by_contraction(context, side, claim));
    if (rule == "dimension 1") {
        if (product.dimension() != 1) return "the dimension is not 1";
        std::vector<LogTerm> terms;
        for (std::size_t k = 0; k < product.matrices.size(); ++k) terms.push_back({product.probabilities[k], product.matrices[k](0, 0)});
        return verdict(sum_of_logs(terms, side, claim, bits));
    }
    if (rule == "rank 1") return verdict(by_rank_one(product, side, claim, bits));
    if (rule == "monomial") return verdict(by_monomials(product, false, side, claim, bits) || by_monomials(product, true, side, claim, bits));
    if (rule == "word") return verdict(side == Side::upper && vanishing_word(product, proof.at("word")));
    if (rule == "second moment" || rule == "spectral radius") {
        // T6 (d): lambda <= Lambda_2 / 2, with equality for a single matrix.
        if (side == Side::lower && product.matrices.size() != 1) return "there is more than one matrix";
        if (claim.minus_infinity) return "a finite bound is expected";
        const End doubled{false, 2 * claim.value};
        return verdict(moment_bound(product, side, exp_of(doubled, side == Side::upper, bits), proof.at("matrix"), bits));
    }
    if (rule == "polyhedral") {
        if (claim.minus_infinity) return "a finite bound is expected";
        const auto fan = proof.at("fan").get<std::size_t>();
        if (!context.fans.is_array() || fan >= context.fans.size()) throw Refused("lambda: there is no such fan");
        return check_fan(product, context.fans[fan], side == Side::lower ? &claim.value : nullptr, side == Side::upper ? &claim.value : nullptr);
    }
    throw Refused("lambda: the rule '" + rule.substr(0, 40) + "' is unknown");
}

}  // namespace lyapcert::checker
