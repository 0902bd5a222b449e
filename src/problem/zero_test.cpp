// Proofs that a constant is zero: everything is rewritten in as few transcendental and algebraic atoms as a few rules
// reach, and the numerator of the resulting rational function must vanish identically. All rules are identities between
// real numbers wherever both sides are defined, and the denominators that arise are factors of denominators of the given
// term or sums of positive exponentials; so a numerator that is identically zero is a proof, anything else says nothing.
#include <algorithm>
#include <set>

#include "problem/symbolic.hpp"
#include "problem/symbolic_functions.hpp"

namespace lyapcert::symbolic {

using GiNaC::ex;
using GiNaC::ex_to;
using GiNaC::is_a;
using GiNaC::numeric;

namespace {

// Beyond this many terms in an expanded numerator the attempt is given up rather than waited for.
constexpr double max_terms = 20000;
constexpr unsigned long max_trial_divisor = 1000;

using ExactMap = std::map<ex, numeric, GiNaC::ex_is_less>;

double binomial(double n, double k) {
    double result = 1;
    for (double j = 1; j <= k && result <= max_terms; ++j) result *= (n - k + j) / j;
    return result;
}

double expanded_terms(const ex& e) {
    if (is_a<GiNaC::add>(e)) {
        double total = 0;
        for (const ex& operand : e) total += expanded_terms(operand);
        return total;
    }
    if (is_a<GiNaC::mul>(e)) {
        double total = 1;
        for (const ex& operand : e) total *= expanded_terms(operand);
        return total;
    }
    if (is_a<GiNaC::power>(e) && is_a<numeric>(e.op(1)) && ex_to<numeric>(e.op(1)).is_integer()) {
        const double base = expanded_terms(e.op(0));
        const double n = std::abs(ex_to<numeric>(e.op(1)).to_double());
        if (base <= 1) return 1;
        return ex_to<numeric>(e.op(1)).is_negative() ? 1 : binomial(base + n - 1, std::min(n, base - 1));
    }
    return 1;
}

// False when the term, written out as a tree, has more than `limit` nodes.
bool count_down(const ex& e, std::size_t& limit) {
    if (limit == 0) return false;
    --limit;
    return std::all_of(e.begin(), e.end(), [&](const ex& operand) { return count_down(operand, limit); });
}

bool is_short(const ex& e) {
    std::size_t limit = 50000;
    return count_down(e, limit);
}

bool proved_positive(const ex& constant) {
    try {
        return certainly_positive(enclose(constant, 128));
    } catch (const std::exception&) {
        return false;
    }
}

// r = product of p^k over small primes p and one cofactor (which need not be prime).
ExactMap factors(const numeric& r) {
    ExactMap result;
    constexpr int max_bits = 2000;  // dividing longer numbers again and again takes too long
    if (r.numer().int_length() > max_bits || r.denom().int_length() > max_bits) return {{r, 1}};
    const auto divide_out = [&](numeric n, const numeric& sign) {
        for (unsigned long p = 2; p < max_trial_divisor && n > 1; ++p)
            while (GiNaC::irem(n, p).is_zero()) {
                n = GiNaC::iquo(n, p);
                result[numeric(p)] = result[numeric(p)] + sign;
            }
        if (n > 1) result[n] = result[n] + sign;
    };
    divide_out(r.numer(), 1);
    divide_out(r.denom(), -1);
    return result;
}

bool is_positive_rational(const ex& e) { return is_a<numeric>(e) && ex_to<numeric>(e).is_rational() && ex_to<numeric>(e).is_positive(); }

ex rewritten(const ex& e);

// log u in terms of logarithms of the factors of u.
ex rewritten_log(const ex& u) {
    ex result = 0;
    if (is_positive_rational(u)) {
        for (const auto& [prime, exponent] : factors(ex_to<numeric>(u))) result += exponent * GiNaC::log(prime);
        return result;
    }
    if (is_a<GiNaC::mul>(u)) {
        for (const ex& factor : u)
            if (!proved_positive(factor)) return GiNaC::log(u);
        for (const ex& factor : u) result += rewritten_log(factor);
        return result;
    }
    if (is_a<GiNaC::power>(u) && proved_positive(u.op(0))) return u.op(1) * rewritten_log(u.op(0));
    if (is_ex_the_function(u, GiNaC::exp)) return u.op(0);
    return GiNaC::log(u);
}

// exp u as a product of exp(c t), t free of numeric factors; exp(c log v) = v^c.
ex rewritten_exp(const ex& u) {
    const ex expanded = expanded_if_short(u);
    ex result = 1;
    const auto factor = [&](const ex& term) {
        ex coefficient = 1;
        ex atom = term;
        if (is_a<GiNaC::mul>(term) && is_a<numeric>(term.op(term.nops() - 1))) {
            coefficient = term.op(term.nops() - 1);
            atom = term / coefficient;
        } else if (is_a<numeric>(term)) {
            coefficient = term;
            atom = 1;
        }
        const bool small = GiNaC::abs(ex_to<numeric>(coefficient)) <= 1000;
        if (is_ex_the_function(atom, GiNaC::log) && small && proved_positive(atom.op(0)))
            result *= rewritten(GiNaC::pow(atom.op(0), coefficient));
        else result *= GiNaC::exp(term);
    };
    if (is_a<GiNaC::add>(expanded))
        for (const ex& term : expanded) factor(term);
    else factor(expanded);
    return result;
}

ex rewritten_function(const GiNaC::function& f) {
    const ex u = rewritten(f.op(0));
    switch (function_of(f)) {
        case Function::exp: return rewritten_exp(u);
        case Function::log: return rewritten_log(u);
        case Function::tan: return GiNaC::sin(u) / GiNaC::cos(u);
        case Function::sinh: return (rewritten_exp(u) - 1 / rewritten_exp(u)) / 2;
        case Function::cosh: return (rewritten_exp(u) + 1 / rewritten_exp(u)) / 2;
        case Function::tanh: return 1 - 2 / (GiNaC::pow(rewritten_exp(u), 2) + 1);
        case Function::sigmoid: return 1 / (1 + 1 / rewritten_exp(u));
        case Function::softplus: return rewritten_log(1 + rewritten_exp(u));
        case Function::asinh: return rewritten_log(u + GiNaC::sqrt(u * u + 1));
        case Function::acosh: return rewritten_log(u + GiNaC::sqrt(u * u - 1));
        case Function::atanh: return (rewritten_log(1 + u) - rewritten_log(1 - u)) / 2;
        case Function::sin: return GiNaC::sin(u);
        case Function::cos: return GiNaC::cos(u);
        case Function::asin: return GiNaC::asin(u);
        case Function::acos: return GiNaC::acos(u);
        case Function::atan: return GiNaC::atan(u);
        case Function::erf: return error_function(u);
        case Function::sqrt: break;  // GiNaC writes it as a power
    }
    return f;
}

ex rewritten(const ex& e) {
    if (is_a<GiNaC::function>(e)) return rewritten_function(ex_to<GiNaC::function>(e));
    if (is_a<GiNaC::power>(e)) {
        const ex base = rewritten(e.op(0));
        const ex exponent = rewritten(e.op(1));
        const bool fractional = is_a<numeric>(exponent) && ex_to<numeric>(exponent).is_rational() && !ex_to<numeric>(exponent).is_integer();
        if (fractional && is_positive_rational(base) && GiNaC::abs(ex_to<numeric>(exponent)) <= 1000) {
            ex result = 1;
            for (const auto& [prime, k] : factors(ex_to<numeric>(base))) result *= GiNaC::pow(prime, k * exponent);
            return result;
        }
        return GiNaC::pow(base, exponent);
    }
    if (is_a<GiNaC::add>(e) || is_a<GiNaC::mul>(e)) {
        ex result = is_a<GiNaC::add>(e) ? 0 : 1;
        for (const ex& operand : e) {
            if (is_a<GiNaC::add>(e)) result += rewritten(operand);
            else result *= rewritten(operand);
        }
        return result;
    }
    return e;
}

// A quotient whose denominator is a product of powers of terms that do not vanish. No common factors are looked for:
// greatest common divisors in many atoms can take for ever, and a numerator that is zero is zero without them.
struct Fraction {
    ex numerator;
    ExactMap denominator;  // base -> exponent > 0
};

ex missing(const ExactMap& all, const ExactMap& present) {
    ex result = 1;
    for (const auto& [base, degree] : all) {
        const auto known = present.find(base);
        result *= GiNaC::pow(base, known == present.end() ? degree : degree - known->second);
    }
    return result;
}

Fraction fraction(const ex& e);

Fraction inverse(const Fraction& x) {
    Fraction result{missing(x.denominator, {}), {}};
    if (is_a<numeric>(x.numerator)) result.numerator /= x.numerator;
    else result.denominator[x.numerator] = 1;
    return result;
}

Fraction product(const Fraction& x, const Fraction& y) {
    Fraction result{x.numerator * y.numerator, x.denominator};
    for (const auto& [base, degree] : y.denominator) result.denominator[base] = result.denominator[base] + degree;
    return result;
}

Fraction power(const Fraction& x, const numeric& n) {
    if (n.is_negative()) return power(inverse(x), -n);
    Fraction result{GiNaC::pow(x.numerator, n), x.denominator};
    for (auto& entry : result.denominator) entry.second = entry.second * n;
    return result;
}

Fraction sum(const std::vector<Fraction>& terms) {
    Fraction result{0, {}};
    for (const Fraction& term : terms)
        for (const auto& [base, degree] : term.denominator) {
            numeric& known = result.denominator[base];
            if (known < degree) known = degree;
        }
    for (const Fraction& term : terms) result.numerator += term.numerator * missing(result.denominator, term.denominator);
    return result;
}

Fraction fraction(const ex& e) {
    if (is_a<GiNaC::add>(e)) {
        std::vector<Fraction> terms;
        for (const ex& operand : e) terms.push_back(fraction(operand));
        return sum(terms);
    }
    if (is_a<GiNaC::mul>(e)) {
        Fraction result{1, {}};
        for (const ex& operand : e) result = product(result, fraction(operand));
        return result;
    }
    if (is_a<GiNaC::power>(e) && is_a<numeric>(e.op(1)) && ex_to<numeric>(e.op(1)).is_rational() && !is_a<numeric>(e.op(0))) {
        // x^q = x^n x^(q - n), n = floor q: the second factor is an atom.
        const numeric q = ex_to<numeric>(e.op(1));
        numeric n = GiNaC::iquo(q.numer(), q.denom());
        if (q.is_negative() && !q.is_integer()) n = n - 1;
        const Fraction integer_part = power(fraction(e.op(0)), n);
        if (q.is_integer()) return integer_part;
        return product(integer_part, Fraction{GiNaC::pow(e.op(0), q - n), {}});
    }
    return Fraction{e, {}};
}

// Splits exp's argument into coefficient and atom.
std::pair<numeric, ex> split(const ex& u) {
    if (is_a<numeric>(u)) return {ex_to<numeric>(u), 1};
    if (is_a<GiNaC::mul>(u) && is_a<numeric>(u.op(u.nops() - 1))) {
        const ex coefficient = u.op(u.nops() - 1);
        return {ex_to<numeric>(coefficient), u / coefficient};
    }
    return {1, u};
}

template <class Visit>
void visit_functions(const ex& e, const Visit& visit) {
    if (is_a<GiNaC::function>(e)) visit(e);
    else if (is_a<GiNaC::add>(e) || is_a<GiNaC::mul>(e) || is_a<GiNaC::power>(e))
        for (const ex& operand : e) visit_functions(operand, visit);
}

bool vanishes_identically(const ex& e) {
    // One symbol for exp(t / d) with d the common denominator of all multiples of t that occur; the outermost functions only.
    ExactMap denominator;
    std::set<ex, GiNaC::ex_is_less> circular;
    visit_functions(e, [&](const ex& f) {
        if (is_ex_the_function(f, GiNaC::exp)) {
            const auto [coefficient, atom] = split(f.op(0));
            const auto known = denominator.emplace(atom, 1).first;
            known->second = GiNaC::lcm(known->second, coefficient.denom());
        } else if (is_ex_the_function(f, GiNaC::sin) || is_ex_the_function(f, GiNaC::cos)) {
            circular.insert(f.op(0));
        }
    });
    std::map<ex, GiNaC::symbol, GiNaC::ex_is_less> exponentials;
    for (const auto& [atom, d] : denominator) exponentials.emplace(atom, GiNaC::symbol());
    GiNaC::exmap replacement;
    visit_functions(e, [&](const ex& f) {
        if (!is_ex_the_function(f, GiNaC::exp)) return;
        const auto [coefficient, atom] = split(f.op(0));
        replacement[f] = GiNaC::pow(exponentials.at(atom), coefficient * denominator.at(atom));
    });
    std::vector<std::pair<GiNaC::symbol, GiNaC::symbol>> pairs;
    for (const ex& u : circular) {
        pairs.emplace_back();
        replacement[GiNaC::sin(u)] = pairs.back().first;
        replacement[GiNaC::cos(u)] = pairs.back().second;
    }
    const ex substituted = e.subs(replacement, GiNaC::subs_options::no_pattern);
    ex numerator = substituted;
    // Roots multiplied out may leave quotients behind: a few rounds.
    for (int round = 0; round < 3 && !numerator.is_zero(); ++round) {
        numerator = fraction(numerator).numerator;
        if (expanded_terms(numerator) > max_terms) return false;
        numerator = numerator.expand();
        for (const auto& [s, c] : pairs)
            if (numerator.is_polynomial(s) && numerator.degree(s) > 1) numerator = GiNaC::rem(numerator, s * s + c * c - 1, s).expand();
    }
    return numerator.is_zero();
}

}  // namespace

ex expanded_if_short(const ex& e) { return expanded_terms(e) <= max_terms ? e.expand() : e; }

bool proved_zero(const ex& constant) {
    if (constant.is_zero()) return true;
    try {
        if (expanded_if_short(constant).is_zero()) return true;
        if (!is_short(constant)) return false;
        const ex e = rewritten(constant);
        return is_short(e) && vanishes_identically(e);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {  // a pole of GiNaC's: no proof this way
        return false;
    }
}

}  // namespace lyapcert::symbolic
