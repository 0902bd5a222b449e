#include <algorithm>

#include "problem/constants.hpp"
#include "problem/gram.hpp"
#include "problem/kinds.hpp"
#include "problem/training.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

using GiNaC::ex;

void finish_gram(const Document& document, const std::string& key, Problem& problem) {
    bool vanish = true;
    for (const Real& x : problem.gram.entries()) vanish = vanish && x.known_zero();
    if (vanish) document.fail(key, "is zero: all gradients vanish; expected a non-zero Gram matrix");
    require_semidefinite(document, key, problem.gram);
    problem.minimum.reason = "the Gram matrix is given: there is no model to check";
}

void read_rational_gram(const Document& document, const std::string& key, Problem& problem, const RationalTable& table) {
    const std::size_t n = table.rows;
    Matrix<RationalRange> gram(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            // With a radius both entries enclose one number.
            const Rational& a = table(i, j);
            const Rational& b = table(j, i);
            RationalRange x{std::max(a, b) - table.radius, std::min(a, b) + table.radius};
            if (x.lower > x.upper)
                document.fail(key + index(i) + index(j), "differs from the entry " + index(j) + index(i) + (table.radius.is_zero() ? "" : " by more than the radius allows") +
                                                             "; expected a symmetric matrix");
            if (i == j && table.radius.sign() > 0 && x.lower.sign() < 0 && x.upper.sign() >= 0) x.lower = 0;
            gram(i, j) = gram(j, i) = std::move(x);
        }
    fill_gram(problem, gram);
}

}  // namespace

void read_gram_problem(const Document& document, Problem& problem) {
    const std::optional<RationalTable> rational = rational_table(document);
    const std::string key = document.file_rows ? "gram.file" : "gram.matrix";
    const std::size_t n = rational ? rational->rows : document.rows.size();
    const std::size_t columns = rational ? rational->columns : document.rows.front().size();
    if (columns != n) document.fail(key, "is " + std::to_string(n) + " x " + std::to_string(columns) + "; expected a square matrix");
    require_few_data_points(document, n);
    problem.data_points = n;
    const std::optional<ex> rate = read_training(document, problem);
    if (rational) {
        read_rational_gram(document, key, problem, *rational);
        finish_gram(document, key, problem);
        return;
    }
    Matrix<ex> terms(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) terms(i, j) = constant_term(document, key + index(i) + index(j), document.rows[i][j]);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const std::string place = key + index(i) + index(j);
            const Real difference = real_constant(document, place, terms(i, j) - terms(j, i));
            if (difference.known_zero()) continue;
            if (difference.is_zero(1024) == Ternary::no)
                document.fail(place, "differs from the entry " + index(j) + index(i) + "; expected a symmetric matrix");
            document.fail(place, "cannot be proved equal to the entry " + index(j) + index(i) +
                                     "; expected a symmetric matrix, written alike on both sides");
        }
    try {
        fill_gram(problem, rate, terms);
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
    finish_gram(document, key, problem);
}

}  // namespace lyapcert
