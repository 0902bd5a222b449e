#include "export/word_tree.hpp"

#include <algorithm>
#include <cmath>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert::coq_export {

namespace {

using Row = std::vector<Integer>;

// A leaf costs Coq somewhat less than a millisecond. What proves less than the claim is not worth more than a few seconds.
constexpr double most_cost = 20000;
constexpr double most_cost_if_weaker = 5000;
constexpr int most_depth = 64;
constexpr long precision = 256;

struct Ratio {
    Integer numerator, denominator;
};

// The same comparisons as in Coq, hence the same leaves.
Ratio extreme(const Row& r, const Row& s, bool greatest) {
    Ratio q{r.front(), s.front()};
    for (std::size_t j = 0; j < r.size(); ++j) {
        const Integer a = r[j] * q.denominator;
        const Integer b = q.numerator * s[j];
        if (greatest ? b < a : a < b) q = {r[j], s[j]};
    }
    return q;
}

class Tree {
  public:
    Tree(const IntegerForm& form, bool upper, int depth, const Integer& threshold) : form_(form), upper_(upper), depth_(depth), total_(form.total()) {
        const Row one(form.dimension(), Integer(1));
        value_ = MpInterval(precision);
        for (const Letter& letter : form.letters) value_ += probability(letter) * node(depth, finer(threshold, letter), step(one, letter), one);
        for (const Letter& letter : form.letters) value_ -= probability(letter) * log(MpInterval(Rational(boost::multiprecision::abs(letter.factor)), precision));
    }
    bool affordable() const { return cost() <= most_cost; }
    std::size_t leaves() const { return leaves_; }
    int deepest() const { return deepest_; }
    const MpInterval& value() const { return value_; }
    // In leaves: a power is a number of multiplications.
    double cost() const { return static_cast<double>(leaves_) + 0.1 * static_cast<double>(squarings_); }

  private:
    MpInterval probability(const Letter& letter) const { return MpInterval(Rational(letter.weight) / Rational(total_), precision); }
    Integer finer(const Integer& threshold, const Letter& letter) const { return (threshold * letter.weight + total_ - 1) / total_; }
    static Row step(const Row& r, const Letter& letter) {
        Row result;
        for (const Row& column : letter.columns) {
            Integer sum = 0;
            for (std::size_t i = 0; i < r.size(); ++i) sum += r[i] * column[i];
            result.push_back(sum);
        }
        return result;
    }
    MpInterval node(int d, const Integer& threshold, const Row& r, const Row& s) {
        if (!affordable()) return MpInterval(precision);
        const Ratio low = extreme(r, s, false);
        const Ratio high = extreme(r, s, true);
        if (d == 0 || (threshold > 0 && (high.numerator * low.denominator - low.numerator * high.denominator) * threshold <= low.numerator * high.denominator)) {
            ++leaves_;
            deepest_ = std::max(deepest_, depth_ - d);
            squarings_ += static_cast<std::size_t>(d) * boost::multiprecision::msb(total_);
            const Ratio& q = upper_ ? high : low;
            return log(MpInterval(Rational(q.numerator) / Rational(q.denominator), precision));
        }
        MpInterval sum(precision);
        for (const Letter& letter : form_.letters) sum += probability(letter) * node(d - 1, finer(threshold, letter), step(r, letter), step(s, letter));
        return sum;
    }

    const IntegerForm& form_;
    bool upper_;
    int depth_;
    Integer total_;
    std::size_t leaves_ = 0;
    std::size_t squarings_ = 0;
    int deepest_ = 0;
    MpInterval value_;
};

// By how much the tree proves more than the bound; negative where it does not. Zero only where no logarithm is rounded, all being ln 1.
double slack(const Tree& tree, bool upper, const Rational& bound) {
    const MpInterval difference = upper ? MpInterval(bound, precision) - tree.value() : tree.value() - MpInterval(bound, precision);
    return difference.lower_double();
}

// Each operation of Coq's evaluation is off by a unit in the last place, on a scale on which the bound is at most of the size below.
int bits_for(const Tree& tree, double slack) {
    if (slack == 0.0) return 30;
    const double size = std::max(std::fabs(tree.value().lower_double()), std::fabs(tree.value().upper_double())) + tree.deepest() + 4;
    return std::max(30, static_cast<int>(std::ceil(std::log2(size / slack))) + 12);
}

}  // namespace

std::optional<TreeChoice> choose_tree(const IntegerForm& form, bool upper, const Rational& claim) {
    const Integer never = 0;
    std::optional<Tree> best;  // the cheapest that proves the claim
    std::optional<Tree> sharpest;
    TreeChoice choice;
    const auto consider = [&](int depth, const Integer& threshold) {
        const Tree tree(form, upper, depth, threshold);
        if (!tree.affordable()) return false;
        const double now = slack(tree, upper, claim);
        if (now >= 0 && (!best || tree.cost() < best->cost())) {
            // With the depth that it reaches: powers of the sum of the weights are smaller then.
            best.emplace(form, upper, tree.deepest(), threshold);
            choice = {tree.deepest(), threshold, bits_for(*best, now), tree.leaves(), claim, false};
        }
        if (!sharpest || (now > slack(*sharpest, upper, claim) && tree.cost() <= most_cost_if_weaker)) {
            sharpest.emplace(form, upper, tree.deepest(), threshold);
            if (!best) choice = {tree.deepest(), threshold, 0, tree.leaves(), claim, true};
        }
        return now < 0;
    };
    for (int depth = 0; depth <= most_depth && consider(depth, never); ++depth) {
    }
    for (int k = 2; k <= 200 && consider(most_depth, Integer(1) << k); k += 2) {
    }
    if (best) return choice;
    if (!sharpest) return std::nullopt;
    // Rounded outward by about a hundredth of what is missing.
    const double missing = -slack(*sharpest, upper, claim);
    const MpInterval& value = sharpest->value();
    const double size = std::max(std::fabs(value.midpoint_double()), missing);
    const int digits = std::clamp(static_cast<int>(std::ceil(std::log10(size / missing))) + 2, 3, 40);
    choice.bound = parse_rational(upper ? upper_decimal(value.upper(), digits) : lower_decimal(value.lower(), digits));
    choice.bits = bits_for(*sharpest, std::max(slack(*sharpest, upper, choice.bound), 1e-40));
    return choice;
}

}  // namespace lyapcert::coq_export
