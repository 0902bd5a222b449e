#include "export/integer_form.hpp"

namespace lyapcert::coq_export {

namespace {

using boost::multiprecision::abs;
using boost::multiprecision::denominator;
using boost::multiprecision::lcm;
using boost::multiprecision::numerator;

// Linear equations over the field of two elements, in echelon form.
class Parities {
  public:
    explicit Parities(std::size_t unknowns) : unknowns_(unknowns), pivots_(unknowns) {}

    // The sum of the unknowns named, an even number of times each name counts nothing. False: it contradicts what there is.
    bool add(const std::vector<std::size_t>& names, bool odd) {
        std::vector<bool> row(unknowns_ + 1);
        for (const std::size_t name : names) row[name] = !row[name];
        row[unknowns_] = odd;
        for (std::size_t k = 0; k < unknowns_; ++k) {
            if (!row[k]) continue;
            if (pivots_[k].empty()) {
                pivots_[k] = row;
                return true;
            }
            for (std::size_t i = 0; i <= unknowns_; ++i) row[i] = row[i] != pivots_[k][i];
        }
        return !row[unknowns_];
    }
    // One solution: what is free is even.
    std::vector<bool> solution() const {
        std::vector<bool> x(unknowns_);
        for (std::size_t k = unknowns_; k-- > 0;) {
            if (pivots_[k].empty()) continue;
            bool value = pivots_[k][unknowns_];
            for (std::size_t i = k + 1; i < unknowns_; ++i) value = value != (pivots_[k][i] && x[i]);
            x[k] = value;
        }
        return x;
    }

  private:
    std::size_t unknowns_;
    std::vector<std::vector<bool>> pivots_;  // the one with this first unknown, or nothing
};

}  // namespace

Integer IntegerForm::total() const {
    Integer sum = 0;
    for (const Letter& letter : letters) sum += letter.weight;
    return sum;
}

std::optional<IntegerForm> find_integer_form(const Family& family, std::string& why_not) {
    const std::size_t n = family.dimension();
    // The sign of entry (i, j) of matrix k times that of the matrix and those of the coordinates i and j is to be +.
    Parities parities(n + family.matrices.size());
    for (std::size_t k = 0; k < family.matrices.size(); ++k)
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const int s = sign(family.matrices[k][i][j]);
                if (s != 0 && !parities.add({i, j, n + k}, s < 0)) {
                    why_not = "no signs of the coordinates and the matrices make all entries non-negative";
                    return std::nullopt;
                }
            }
    const std::vector<bool> negative = parities.solution();
    IntegerForm form;
    for (std::size_t i = 0; i < n; ++i) form.signs.push_back(negative[i] ? -1 : 1);
    Integer common = 1;
    for (const Rational& p : family.probabilities) common = lcm(common, denominator(p));
    for (std::size_t k = 0; k < family.matrices.size(); ++k) {
        Letter letter;
        letter.weight = numerator(Rational(family.probabilities[k] * Rational(common)));
        Integer d = 1;
        for (const auto& row : family.matrices[k])
            for (const Rational& x : row) d = lcm(d, denominator(x));
        letter.factor = negative[n + k] ? Integer(-d) : d;
        for (std::size_t j = 0; j < n; ++j) {
            std::vector<Integer> column;
            bool zero = true;
            for (std::size_t i = 0; i < n; ++i) {
                column.push_back(numerator(Rational(abs(family.matrices[k][i][j]) * Rational(d))));
                zero = zero && column.back().is_zero();
            }
            if (zero) {
                why_not = "a matrix has a zero column";
                return std::nullopt;
            }
            letter.columns.push_back(std::move(column));
        }
        form.letters.push_back(std::move(letter));
    }
    return form;
}

}  // namespace lyapcert::coq_export
