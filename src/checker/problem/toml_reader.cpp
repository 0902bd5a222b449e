#include "checker/problem/toml_reader.hpp"

#include <algorithm>
#include <cmath>

namespace lyapcert::checker {

namespace {

constexpr int most_dots = 16;

}  // namespace

void require_shallow_keys(const std::string& text) {
    int dots = 0;
    for (std::size_t k = 0; k < text.size(); ++k) {
        const char c = text[k];
        if (c == '"' || c == '\'') {
            const bool triple = text.compare(k, 3, std::string(3, c)) == 0;
            const std::string close(triple ? 3 : 1, c);
            for (k += close.size(); k < text.size() && text.compare(k, close.size(), close) != 0; ++k)
                if (c == '"' && text[k] == '\\') ++k;
                else if (!triple && text[k] == '\n') break;
            k += close.size() - 1;
            if (triple)
                while (k + 1 < text.size() && text[k + 1] == c) ++k;  // up to two quotes belong to the string
        } else if (c == '#') {
            while (k + 1 < text.size() && text[k + 1] != '\n') ++k;
        } else if (c == '.') {
            if (++dots > most_dots) throw Refused("problem: not TOML: a key has too many parts");
        } else if (c == '=' || c == '\n' || c == ',' || c == '[' || c == '{') {
            dots = 0;
        }
    }
}

const toml::node& get(const toml::table& table, const char* key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) throw Refused(std::string("problem: the key '") + key + "' is missing");
    return *node;
}

// A key without a meaning here ("momentum") is refused: the family would not be that of the problem as a reader understands it.
void only(const toml::table& table, const std::vector<std::string>& known) {
    for (const auto& [key, node] : table)
        if (std::find(known.begin(), known.end(), std::string(key.str())) == known.end()) throw Refused("problem: the key '" + std::string(key.str()).substr(0, 40) + "' is unknown here");
}

const toml::table& table(const toml::table& parent, const char* key, const std::vector<std::string>& known) {
    const toml::node& node = get(parent, key);
    if (!node.is_table()) throw Refused(std::string("problem: '") + key + "' is not a table");
    only(*node.as_table(), known);
    return *node.as_table();
}

const toml::array& array(const toml::node& node) {
    if (!node.is_array() || node.as_array()->empty()) throw Refused("problem: an array is expected");
    return *node.as_array();
}

std::string string(const toml::node& node) {
    if (!node.is_string()) throw Refused("problem: a string is expected");
    return node.as_string()->get();
}

Value number(const toml::node& node, long bits) {
    if (node.is_integer()) return Rational(mpz_class(std::to_string(node.as_integer()->get())));
    return constant(string(node), bits);
}

std::vector<Value> numbers(const toml::node& node, long bits) {
    std::vector<Value> result;
    for (const toml::node& x : array(node)) result.push_back(number(x, bits));
    return result;
}

Matrix matrix(const toml::node& node, long bits) {
    Matrix result;
    for (const toml::node& row : array(node)) {
        const std::vector<Value> entries = numbers(row, bits);
        if (result.rows > 0 && entries.size() != result.columns) throw Refused("problem: the rows of a matrix differ in length");
        result.columns = entries.size();
        ++result.rows;
        result.entries.insert(result.entries.end(), entries.begin(), entries.end());
    }
    return result;
}

// The double that a bare float denotes, or an exact number.
Rational weight(const toml::node& node) {
    if (node.is_integer()) return Rational(mpz_class(std::to_string(node.as_integer()->get())));
    if (!node.is_floating_point()) return parse_rational(string(node));
    const double x = node.as_floating_point()->get();
    if (!std::isfinite(x)) throw Refused("problem: a weight is not finite");
    return Rational(x);
}

// T30. The table names a file; its bytes are among the data.
Matrix matrix_in_file(const toml::table& where, const std::string& key, const std::vector<Data>& data, bool column) {
    if (string(get(where, "file")).empty()) throw Refused("problem: a file has no name");
    for (const Data& d : data)
        if (d.key == key) return read_array(d, column);
    throw Refused("data: the file named in '" + key + "' is missing");
}

Rational radius_of(const toml::table& where, long bits) {
    const toml::node* node = where.get("radius");
    if (node == nullptr) return 0;
    const Value radius = number(*node, bits);
    if (radius.exact() == nullptr || radius.sign() < 0) throw Refused("problem: the radius is no rational number >= 0");
    return *radius.exact();
}

Value range(const Rational& lower, const Rational& upper, long bits) { return lower == upper ? Value(lower) : Value(Enclosure(lower, upper, bits)); }

// Entries i, j and j, i enclose one number.
Matrix gram_in_file(const Matrix& m, const Rational& radius, long bits) {
    Matrix gram(m.rows, m.rows);
    for (std::size_t i = 0; i < m.rows; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const Rational& a = *m(i, j).exact();
            const Rational& b = *m(j, i).exact();
            Rational lower = std::max(a, b) - radius;
            const Rational upper = std::min(a, b) + radius;
            if (lower > upper) throw Refused("problem: the Gram matrix is not symmetric");
            if (i == j && sgn(radius) > 0 && lower < 0 && upper >= 0) lower = 0;
            gram(i, j) = gram(j, i) = range(lower, upper, bits);
        }
    return gram;
}

Matrix gram_of_rows_in_file(const Matrix& rows, const Rational& radius, long bits) {
    const std::size_t n = rows.rows;
    std::vector<mpz_class> denominators(n, 1);
    std::vector<std::vector<mpz_class>> integers(n);
    std::vector<Rational> norms(n);
    charge(1000.0 * static_cast<double>(rows.entries.size()) + 12.0 * static_cast<double>(n) * static_cast<double>(rows.entries.size()));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < rows.columns; ++k) {
            charge(Rational(denominators[i]), *rows(i, k).exact());
            denominators[i] = lcm(denominators[i], rows(i, k).exact()->get_den());
        }
        mpz_class sum = 0;
        for (std::size_t k = 0; k < rows.columns; ++k) {
            integers[i].push_back(rows(i, k).exact()->get_num() * (denominators[i] / rows(i, k).exact()->get_den()));
            sum += abs(integers[i].back());
        }
        norms[i] = Rational(sum, denominators[i]);
        norms[i].canonicalize();
    }
    const Rational square = radius * radius * static_cast<unsigned long>(rows.columns);
    Matrix gram(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            mpz_class sum = 0;
            for (std::size_t k = 0; k < rows.columns; ++k) mpz_addmul(sum.get_mpz_t(), integers[i][k].get_mpz_t(), integers[j][k].get_mpz_t());
            Rational centre(sum, denominators[i] * denominators[j]);
            centre.canonicalize();
            const Rational linear = radius * (norms[i] + norms[j]);
            Rational lower = centre - linear - (i == j ? Rational(0) : square);
            if (i == j && lower < 0) lower = 0;
            gram(i, j) = gram(j, i) = range(lower, centre + linear + square, bits);
        }
    return gram;
}

// One row per line of the file.
std::vector<std::vector<Value>> rows_in_file(const toml::node& where, const std::string& key, const std::vector<Data>& data, bool column) {
    only(*where.as_table(), {"file", "array"});
    const Matrix m = matrix_in_file(*where.as_table(), key, data, column);
    std::vector<std::vector<Value>> rows(m.rows);
    for (std::size_t e = 0; e < m.entries.size(); ++e) rows[e / m.columns].push_back(m.entries[e]);
    return rows;
}

}  // namespace lyapcert::checker
