#include "problem/rational_table.hpp"

#include <tbb/parallel_for.h>

namespace lyapcert {

namespace {

// values = integers / denominator
struct Row {
    std::vector<Integer> integers;
    Integer denominator = 1;
};

Row common_denominator(const RationalTable& table, std::size_t i) {
    Row row;
    for (std::size_t k = 0; k < table.columns; ++k) row.denominator = lcm(row.denominator, denominator(table(i, k)));
    for (std::size_t k = 0; k < table.columns; ++k) row.integers.push_back(numerator(table(i, k)) * (row.denominator / denominator(table(i, k))));
    return row;
}

Rational one_norm(const Row& row) {
    Integer sum = 0;
    for (const Integer& x : row.integers) sum += abs(x);
    return Rational(sum, row.denominator);
}

}  // namespace

std::optional<RationalTable> rational_table(const Document& document) {
    RationalTable table;
    if (document.file_rows) {
        table.rows = document.file_rows->shape[0];
        table.columns = document.file_rows->shape[1];
        table.values.reserve(document.file_rows->size());
        for (std::size_t k = 0; k < document.file_rows->size(); ++k) table.values.push_back(document.file_rows->at(k));
        table.radius = document.radius.value_or(Rational(0));
        return table;
    }
    table.rows = document.rows.size();
    table.columns = document.rows.front().size();
    for (const std::vector<Expression>& row : document.rows)
        for (const Expression& e : row) {
            std::optional<Rational> value = evaluate(e, {});
            if (!value) return std::nullopt;
            table.values.push_back(std::move(*value));
        }
    return table;
}

Matrix<RationalRange> gram_of_gradients(const RationalTable& gradients) {
    const std::size_t n = gradients.rows;
    std::vector<Row> rows;
    std::vector<Rational> norms;
    for (std::size_t i = 0; i < n; ++i) {
        rows.push_back(common_denominator(gradients, i));
        norms.push_back(one_norm(rows.back()));
    }
    const Rational& r = gradients.radius;
    const Rational square = r * r * static_cast<unsigned long>(gradients.columns);
    Matrix<RationalRange> gram(n, n);
    tbb::parallel_for(std::size_t(0), n, [&](std::size_t i) {
        for (std::size_t j = 0; j <= i; ++j) {
            Integer sum = 0;
            for (std::size_t k = 0; k < gradients.columns; ++k)
                mpz_addmul(sum.backend().data(), rows[i].integers[k].backend().data(), rows[j].integers[k].backend().data());
            const Rational centre(sum, rows[i].denominator * rows[j].denominator);
            const Rational linear = r * (norms[i] + norms[j]);
            RationalRange x{centre - linear, centre + linear + square};
            if (i != j) x.lower -= square;
            else if (x.lower.sign() < 0) x.lower = 0;
            gram(i, j) = gram(j, i) = std::move(x);
        }
    });
    return gram;
}

}  // namespace lyapcert
