#include "lyapcert/exponent/log_sum.hpp"

#include <stdexcept>
#include <utility>

#include "lyapcert/exponent/raise_precision.hpp"

namespace lyapcert {

namespace {

// Pairwise coprime integers > 1 that generate multiplicatively the same numbers as those inserted, up to roots.
class CoprimeBase {
  public:
    void insert(Integer x) {
        std::vector<Integer> pending{std::move(x)};
        while (!pending.empty()) {
            Integer y = std::move(pending.back());
            pending.pop_back();
            if (y == 1) continue;
            bool coprime = true;
            for (std::size_t i = 0; i < base_.size() && coprime; ++i) {
                const Integer g = gcd(base_[i], y);
                if (g == 1) continue;
                coprime = false;
                if (base_[i] == y) continue;
                // b and y share g: replace both by g, b / g, y / g, which are smaller.
                const Integer b = base_[i];
                base_.erase(base_.begin() + static_cast<std::ptrdiff_t>(i));
                pending.push_back(b / g);
                pending.push_back(y / g);
                pending.push_back(g);
            }
            if (coprime) base_.push_back(std::move(y));
        }
    }
    const std::vector<Integer>& base() const { return base_; }

  private:
    std::vector<Integer> base_;
};

long multiplicity(Integer x, const Integer& b) {
    long count = 0;
    while (x % b == 0) {
        x /= b;
        ++count;
    }
    return count;
}

}  // namespace

bool log_sum_is_zero(const std::vector<Rational>& coefficients, const std::vector<Rational>& arguments) {
    CoprimeBase base;
    std::vector<std::pair<Integer, Integer>> fractions;
    for (const Rational& a : arguments) {
        fractions.emplace_back(abs(numerator(a)), denominator(a));
        base.insert(fractions.back().first);
        base.insert(fractions.back().second);
    }
    for (const Integer& b : base.base()) {
        Rational exponent(0);
        for (std::size_t k = 0; k < fractions.size(); ++k)
            exponent += coefficients[k] * (multiplicity(fractions[k].first, b) - multiplicity(fractions[k].second, b));
        if (!exponent.is_zero()) return false;
    }
    return true;
}

MpInterval log_sum(const std::vector<LogTerm>& terms, long precision) {
    std::vector<Rational> coefficients;
    std::vector<Rational> arguments;
    bool rational = true;
    bool vanishes = false;
    for (const LogTerm& t : terms) {
        if (t.coefficient.is_zero()) continue;
        if (t.argument.known_zero()) {
            if (t.coefficient.sign() < 0) throw std::domain_error("a negative multiple of log 0");
            vanishes = true;
        } else if (t.argument.is_rational()) {
            coefficients.push_back(t.coefficient);
            arguments.push_back(t.argument.rational());
        } else {
            rational = false;
        }
    }
    if (vanishes) return MpInterval::minus_infinity(precision);
    const auto evaluate = [&terms](long working) {
        MpInterval sum(working);
        for (const LogTerm& t : terms)
            if (!t.coefficient.is_zero()) sum += MpInterval(t.coefficient, working) * log(abs(t.argument.at(working)));
        return sum;
    };
    if (!rational) return raise_precision_until_sharp(evaluate, precision);
    // Once the exact test has excluded zero, enough bits separate the sum from it.
    bool tested = false;
    for (long working = precision + 32;; working *= 2) {
        const MpInterval sum = evaluate(working);
        if (is_sharp(sum, precision + 8)) return sum.with_precision(precision);
        if (!tested && contains_zero(sum) && log_sum_is_zero(coefficients, arguments)) return MpInterval(precision);
        tested = tested || contains_zero(sum);
    }
}

}  // namespace lyapcert
