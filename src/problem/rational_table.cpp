#include "problem/rational_table.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cstdint>

namespace lyapcert {

namespace {

constexpr unsigned digit_bits = 24;
constexpr std::size_t most_digits = 6;
constexpr std::size_t chunk = std::size_t{1} << 14;  // so many products of two digits add up to less than 2^63

// values = integers / denominator. Where they are short the integers are also written in base 2^24, digits[l][k] with the sign of the number.
struct Row {
    std::vector<Integer> integers;
    Integer denominator = 1;
    std::vector<std::vector<std::int32_t>> digits;
};

void split(Row& row) {
    std::size_t bits = 0;
    for (const Integer& x : row.integers) bits = std::max(bits, mpz_sizeinbase(x.backend().data(), 2));
    const std::size_t count = (bits + digit_bits - 1) / digit_bits;
    if (count > most_digits) return;
    row.digits.assign(count, std::vector<std::int32_t>(row.integers.size()));
    for (std::size_t k = 0; k < row.integers.size(); ++k) {
        Integer rest = abs(row.integers[k]);
        for (std::size_t l = 0; l < count; ++l, rest >>= digit_bits) {
            const auto digit = static_cast<std::int32_t>(mpz_get_ui(rest.backend().data()) & ((1UL << digit_bits) - 1));
            row.digits[l][k] = row.integers[k].sign() < 0 ? -digit : digit;
        }
    }
}

// sum_k x_k y_k
Integer scalar_product(const Row& x, const Row& y) {
    const std::size_t d = x.integers.size();
    Integer sum = 0;
    if (x.digits.empty() || y.digits.empty()) {
        for (std::size_t k = 0; k < d; ++k) mpz_addmul(sum.backend().data(), x.integers[k].backend().data(), y.integers[k].backend().data());
        return sum;
    }
    for (std::size_t l = 0; l < x.digits.size(); ++l)
        for (std::size_t m = 0; m < y.digits.size(); ++m)
            for (std::size_t first = 0; first < d; first += chunk) {
                std::int64_t part = 0;
                for (std::size_t k = first; k < std::min(d, first + chunk); ++k) part += static_cast<std::int64_t>(x.digits[l][k]) * y.digits[m][k];
                sum += Integer(part) << static_cast<unsigned>(digit_bits * (l + m));
            }
    return sum;
}

Row common_denominator(const RationalTable& table, std::size_t i) {
    Row row;
    for (std::size_t k = 0; k < table.columns; ++k) row.denominator = lcm(row.denominator, denominator(table(i, k)));
    for (std::size_t k = 0; k < table.columns; ++k) row.integers.push_back(numerator(table(i, k)) * (row.denominator / denominator(table(i, k))));
    split(row);
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
            const Rational centre(scalar_product(rows[i], rows[j]), rows[i].denominator * rows[j].denominator);
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
