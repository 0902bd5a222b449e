#include "checker/exponents.hpp"

#include <algorithm>

#include "checker/fan.hpp"
#include "checker/invariant_cone.hpp"
#include "checker/quadratic.hpp"
#include "checker/single_sample.hpp"
#include "checker/splitting.hpp"
#include "checker/weighted_moment.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

constexpr std::size_t most_steps = 16;
constexpr std::size_t most_words = 4000;
const std::string not_proved = "the inequality is not proved";
constexpr std::size_t largest_exact_determinant = 40;
constexpr std::size_t largest_exact_moment = 8;

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

// T5.
bool by_determinants(const Product& product, Side side, const End& claim, long bits) {
    if (side == Side::upper) return false;
    const Rational n(static_cast<unsigned long>(product.dimension()));
    std::vector<LogTerm> terms;
    const Matrix& gram = product.single_sample;  // det (I - K e_i e_i^T) = 1 - K_ii
    for (std::size_t i = 0; i < gram.rows; ++i) terms.push_back({1 / (n * n), Value(Rational(1)) - gram(i, i)});
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix& a = product.matrices[k];
        Matrix nothing(a.rows, 0);
        terms.push_back({product.probabilities[k] / n, solve(a.rows <= largest_exact_determinant ? a : rounded(a, bits), nothing)});
    }
    return sum_of_logs(terms, side, claim, bits);
}

Matrix symmetric(const json& rows, std::size_t n) {
    Matrix p(n, n);
    if (!rows.is_array() || rows.size() != n) throw Refused("a matrix of the proof has the wrong size");
    for (std::size_t i = 0; i < n; ++i) {
        if (!rows[i].is_array() || rows[i].size() != i + 1) throw Refused("a matrix of the proof is not given by its lower triangle");
        for (std::size_t j = 0; j <= i; ++j) p(i, j) = p(j, i) = parse_rational(rows[i][j].get_ref<const std::string&>());
    }
    return p;
}

// T6: rho(L) <= c (upper) or >= c (lower) from the matrix of the proof.
bool moment_bound(const Product& product, Side side, const Rational& c, const json& rows, long bits) {
    const std::size_t n = product.dimension();
    const Matrix p = symmetric(rows, n);
    const Inertia own = inertia(p);
    if (side == Side::upper ? own.positive != n : own.positive == 0) return false;
    Matrix difference(n, n);  // E[A^T P A] - c P
    for (std::size_t e = 0; e < n * n; ++e) difference.entries[e] = Value(-c) * p.entries[e];
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        const Matrix a = n <= largest_exact_moment ? product.matrices[k] : rounded(product.matrices[k], bits);
        const Matrix pa = p * a;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                Value sum;
                for (std::size_t l = 0; l < n; ++l) sum = sum + a(l, i) * pa(l, j);
                difference(i, j) = difference(j, i) = difference(i, j) + Value(product.probabilities[k]) * sum;
            }
    }
    const Inertia sign = inertia(std::move(difference));
    return sign.known && (side == Side::upper ? sign.positive == 0 : sign.negative == 0);
}

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
    if (context.problem.product.is_large()) return exceeds(problem.scaled_gram, bound, context.bits);
    const Inertia below = inertia(problem.scaled_gram, bound, context.bits);
    return below.known && below.negative == n - *rank;
}

// T27 on the scaled Gram matrix, single-sample SGD only. "index": o, "span": q.
bool by_outlier(const Context& context, Side side, const End& claim, const json& proof) {
    const Problem& problem = context.problem;
    if (side == Side::upper || !problem.is_minimum || problem.batch_size != 1 || !gram_rank(problem, context.bits)) return false;
    const std::size_t n = problem.data_points;
    const json& index = proof.at("index");
    const std::size_t o = index.is_number_unsigned() ? index.get<std::size_t>() : n;
    if (o >= n) throw Refused("outlier: there is no such index");
    const Rational q = parse_rational(proof.at("span").get_ref<const std::string&>());
    if (q < 0 || q > 2) throw Refused("outlier: the part in the span is not between 0 and 2");
    const Value two = Rational(2);
    for (std::size_t j = 0; j < n; ++j) {
        const Value slack = two - problem.scaled_gram(j, j);
        if (j != o && slack.sign() <= 0 && !slack.is(0)) return false;
    }
    Matrix replaced = problem.scaled_gram;
    replaced(o, o) = Value(q);
    if (problem.product.is_large()) {
        if (!exceeds(replaced, 0, context.bits)) return false;
    } else {
        const Inertia sign = inertia(std::move(replaced), 0, context.bits);
        if (!sign.known || sign.negative > 0) return false;
    }
    const long bits = context.bits;
    const auto number = [bits](const Rational& x) { return Enclosure(x, bits); };
    const Enclosure p = problem.scaled_gram(o, o).enclosure(bits) - number(q);
    const Enclosure b = p - number(2);
    const Enclosure discriminant = b * b - number(4) * p * number(q);
    if (b.sign() <= 0 || discriminant.sign() <= 0) return false;
    const Enclosure growth = number(1) + (b + increasing(mpfr_sqrt, discriminant)) * number(Rational(1, 2));
    return at_most(claim.value * static_cast<unsigned long>(n), log(growth));
}

bool vanishing_word(const Product& product, const json& indices) {
    Matrix word;
    for (const json& index : indices) {
        const auto k = index.get<std::size_t>();
        if (k >= product.matrices.size()) return false;
        word = word.rows == 0 ? product.matrices[k] : product.matrices[k] * word;
    }
    return word.rows > 0 && std::all_of(word.entries.begin(), word.entries.end(), [](const Value& x) { return x.is(0); });
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
    const std::vector<Matrix> whole(product.is_large() ? 1 : 0, product.single_sample);  // entry (i, j) of A_j is -K_ij
    for (const Matrix& a : product.is_large() ? whole : product.matrices)
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (block_of[i] < block_of[j] && !a(i, j).is(0)) return "the matrices are not block triangular in this order";
    std::vector<bool> proved(blocks.size(), false);
    for (const json& part : proof.at("parts")) {
        const auto b = part.at("block").get<std::size_t>();
        if (b >= blocks.size()) throw Refused("blocks: no such block");
        Product restricted;
        if (product.is_large()) {
            const std::size_t m = blocks[b].size();
            if (m > largest_written_family) return "a block is too large";
            for (std::size_t s = 0; s <= m; ++s) {  // all others leave the block alone
                Matrix a(m, m);
                for (std::size_t i = 0; i < m; ++i) {
                    a(i, i) = Rational(1);
                    if (s < m) a(i, s) = a(i, s) - product.single_sample(blocks[b][i], blocks[b][s]);
                }
                const Rational p(static_cast<unsigned long>(s < m ? 1 : n - m), static_cast<unsigned long>(n));
                if (sgn(p) > 0) append(restricted, std::move(a), p);
            }
        }
        for (std::size_t k = 0; k < product.matrices.size(); ++k) {
            Matrix a(blocks[b].size(), blocks[b].size());
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
        const Matrix& a = product.matrices[k];
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

// T24: of the words of L matrices, whose exponent is L lambda.
std::string by_steps(const Context& context, const Product& product, Side side, const End& claim, const json& proof, int depth) {
    const auto steps = proof.at("steps").get<std::size_t>();
    if (steps < 1 || steps > most_steps) throw Refused("steps: their number is out of range");
    Product words = product;
    for (std::size_t l = 1; l < steps; ++l) {
        if (words.matrices.size() * product.matrices.size() > most_words) throw Refused("steps: there are too many words");
        Product longer;
        for (std::size_t w = 0; w < words.matrices.size(); ++w)
            for (std::size_t k = 0; k < product.matrices.size(); ++k) append(longer, product.matrices[k] * words.matrices[w], words.probabilities[w] * product.probabilities[k]);
        words = std::move(longer);
    }
    End scaled = claim;
    scaled.value *= static_cast<unsigned long>(steps);
    return check_lambda(context, words, side, scaled, proof.at("proof"), depth + 1);
}

}  // namespace

End parse_end(const json& j) {
    if (!j.is_string()) throw Refused("an end of an enclosure is not a string");
    const std::string& text = j.get_ref<const std::string&>();
    if (text == "-inf") return {true, 0};
    return {false, parse_rational(text)};
}

std::optional<std::size_t> gram_rank(const Problem& problem, long bits) {
    if (problem.product.is_large()) return exceeds(problem.gram, 0, bits) ? std::optional<std::size_t>(problem.data_points) : std::nullopt;
    const Inertia all = inertia(problem.gram, 0, bits);
    if (!all.known || all.negative > 0) return std::nullopt;
    return all.positive;
}

// T13.
std::string check_mu(const Context& context, Side side, const End& claim, const json& proof) {
    const Problem& problem = context.problem;
    if (!problem.is_minimum) return "a general product has no mu";
    if (problem.product.is_large()) return check_large_mu(problem, side, claim, proof, context.bits);
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

// T32, for the whole family.
std::string by_solution(const Context& context, const Product& product, Side side, const End& claim, const json& index) {
    if (!product.is_large()) return "the family is not one of many single samples";
    const auto k = index.get<std::size_t>();
    if (!context.solutions.is_array() || k >= context.solutions.size()) throw Refused("solutions: there is no such solution");
    return check_solution(product.single_sample, side, claim, context.solutions[k], context.bits);
}

std::string check_second_moment(const Context& context, const Product& product, Side side, const End& claim, const json& proof) {
    if (product.is_large()) return by_solution(context, product, side, claim, proof.at("solution"));
    if (side == Side::upper && claim.minus_infinity) return verdict(vanishing_word(product, proof.at("word")) && product.matrices.size() == 1);
    if (claim.minus_infinity) return "";
    return verdict(moment_bound(product, side, exp_of(claim, side == Side::upper, context.bits), proof.at("matrix"), context.bits));
}

std::string check_lambda(const Context& context, const Product& product, Side side, const End& claim, const json& proof, int depth) {
    if (depth > 4) throw Refused("lambda: the proof is nested too deeply");
    const std::string& rule = proof.at("rule").get_ref<const std::string&>();
    if (side == Side::lower && claim.minus_infinity) return "";
    const long bits = context.bits;
    if (product.is_large()) {
        if (rule == "second moment") {
            if (side == Side::lower || claim.minus_infinity) return "a finite upper bound is expected";
            return by_solution(context, product, side, End{false, 2 * claim.value}, proof.at("solution"));
        }
        if (rule != "blocks" && rule != "determinant" && rule != "contraction" && rule != "weighted second moment" && rule != "dominated splitting" && rule != "outlier") return "the rule is not for families of this size";
    }
    if (rule == "blocks") return by_blocks(context, product, side, claim, proof, depth);
    if (rule == "waiting") return by_waiting(context, product, side, claim, proof, depth);
    if (rule == "steps") return by_steps(context, product, side, claim, proof, depth);
    if (rule == "determinant") return verdict(by_determinants(product, side, claim, bits));
    if (rule == "contraction") return verdict(depth == 0 && by_contraction(context, side, claim));
    if (rule == "outlier") return verdict(depth == 0 && by_outlier(context, side, claim, proof));
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
        return check_fan(product, context.fans[fan], side, claim.value);
    }
    if (rule == "log-quadratic") {
        if (claim.minus_infinity) return "a finite bound is expected";
        const auto index = proof.at("quadratic").get<std::size_t>();
        if (!context.quadratics.is_array() || index >= context.quadratics.size()) throw Refused("lambda: there is no such quadratic evidence");
        return check_quadratic(product, context.quadratics[index], side, claim.value, context.quadratic_work);
    }
    if (rule == "dominated splitting") {
        if (side == Side::upper) return "it is a lower bound";
        return check_splitting(product, proof, claim.value, bits);
    }
    if (rule == "invariant cone") {
        if (claim.minus_infinity) return "a finite bound is expected";
        const auto index = proof.at("cone").get<std::size_t>();
        if (!context.cones.is_array() || index >= context.cones.size()) throw Refused("lambda: there is no such cone");
        return check_invariant_cone(product, context.cones[index], side, claim.value, bits);
    }
    if (rule == "weighted second moment") {
        if (side == Side::lower || claim.minus_infinity) return "a finite upper bound is expected";
        const auto index = proof.at("moment").get<std::size_t>();
        if (!context.moments.is_array() || index >= context.moments.size()) throw Refused("lambda: there is no such weighted moment");
        return check_weighted_moment(product, context.moments[index], claim.value, context.bits);
    }
    throw Refused("lambda: the rule '" + rule.substr(0, 40) + "' is unknown");
}

}  // namespace lyapcert::checker
