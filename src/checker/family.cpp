#include "checker/family.hpp"

#include <algorithm>
#include <sstream>

// The parser asserts what malformed keys violate. Its functions are inline: under a namespace of its own, for one program also holds
// another instance with other assertions.
namespace {
[[noreturn]] void parser_confused() { throw lyapcert::checker::Refused("problem: not TOML: a key is malformed"); }
}  // namespace
#define toml lyapcert_checker_toml
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(condition) (static_cast<bool>(condition) ? static_cast<void>(0) : parser_confused())
#include <toml++/toml.h>

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_matrices = 20000;
constexpr std::size_t most_entries = 10000000;

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

void read_model(const toml::table& root, Problem& problem, long bits) {
    problem.has_model = true;
    const toml::table& model = table(root, "model", {"parameters", "inputs", "output"});
    for (const toml::node& name : array(get(model, "parameters"))) problem.names.push_back(string(name));
    const toml::table& minimum = table(root, "minimum", {"values", "kind"});
    if (const toml::node* kind = minimum.get("kind"))
        if (string(*kind) != "exact") throw Refused("problem: minimum.kind is not \"exact\"");
    const toml::table& values = table(minimum, "values", problem.names);
    const toml::table& data = table(root, "data", {"inputs", "targets"});
    std::vector<Dual> point;
    const std::size_t d = problem.parameters = problem.names.size();
    std::vector<std::string> symbols = problem.names;
    for (const toml::node& name : array(get(model, "inputs"))) symbols.push_back(string(name));
    for (std::size_t i = 0; i < symbols.size(); ++i)
        if (std::count(symbols.begin(), symbols.end(), symbols[i]) > 1) throw Refused("problem: the name '" + symbols[i] + "' is used twice");
    for (std::size_t p = 0; p < d; ++p) {
        Dual x{number(get(values, problem.names[p].c_str()), bits), std::vector<Value>(d), true};
        x.gradient[p] = Rational(1);
        point.push_back(std::move(x));
    }
    problem.output = parse_expression(string(get(model, "output")), symbols);
    for (const toml::node& row : array(get(data, "inputs"))) {
        problem.inputs.push_back(numbers(row, bits));
        if (problem.inputs.back().size() != symbols.size() - d) throw Refused("problem: a data point has the wrong number of inputs");
    }
    problem.data_points = problem.inputs.size();
    const toml::node& targets = get(data, "targets");
    problem.own_targets = targets.is_string();
    if (problem.own_targets && string(targets) != "model") throw Refused("problem: data.targets is neither an array nor \"model\"");
    if (!problem.own_targets) problem.targets = numbers(targets, bits);
    if (!problem.own_targets && problem.targets.size() != problem.data_points) throw Refused("problem: one target per data point is expected");
    for (std::size_t i = 0; i < problem.data_points; ++i) {
        std::vector<Dual> at = point;
        for (const Value& y : problem.inputs[i]) at.push_back(Dual{y, std::vector<Value>(d), false});
        const Dual f = evaluate(problem.output, at, d, bits);
        problem.gradients.push_back(f.gradient);
        if (problem.own_targets) problem.targets.push_back(f.value);
        problem.residuals.push_back(problem.own_targets ? Value() : f.value - problem.targets[i]);
    }
}

void read_training(const toml::table& root, Problem& problem, long bits) {
    const toml::table& training = table(root, "training", {"learning_rate", "batch_size", "initialisation"});
    const toml::node& rate = get(training, "learning_rate");
    Value eta;
    if (rate.is_array()) {
        const std::vector<Value> ends = numbers(rate, bits);
        if (ends.size() != 2) throw Refused("problem: a learning rate is one number or two");
        Enclosure x = ends[0].enclosure(bits);
        const Enclosure y = ends[1].enclosure(bits);
        const bool point = ends[0].exact() != nullptr && ends[1].exact() != nullptr && *ends[0].exact() == *ends[1].exact();
        if (mpfr_greater_p(x.lower(), y.upper())) throw Refused("problem: the learning rates are in the wrong order");
        mpfr_set(x.upper_end(), y.upper(), MPFR_RNDU);
        eta = point ? ends[0] : Value(x);
    } else {
        eta = number(rate, bits);
    }
    if (eta.sign() <= 0) throw Refused("problem: the learning rate is not proved positive");
    if (const toml::node* batch = training.get("batch_size")) {
        if (!batch->is_integer() || batch->as_integer()->get() < 1 || batch->as_integer()->get() > static_cast<long>(problem.data_points))
            throw Refused("problem: the batch size is not between 1 and the number of data points");
        problem.batch_size = static_cast<std::size_t>(batch->as_integer()->get());
    }
    if (const toml::node* law = training.get("initialisation")) problem.initialisation = string(*law);
    problem.scaled_gram = problem.gram;
    for (Value& x : problem.scaled_gram.entries) x = eta * x;
}

// T2: I - (1/B) M[J,S] T[S,:] for every S of size B.
void sample(Problem& problem, const std::vector<std::size_t>& basis) {
    const std::size_t n = problem.data_points;
    const Matrix& m = problem.scaled_gram;
    std::vector<std::size_t> kept = basis;
    Matrix t(n, basis.empty() ? n : basis.size());
    if (basis.empty()) {
        for (std::size_t i = 0; i < n; ++i) kept.push_back(i), t(i, i) = Rational(1);
    } else {
        if (*std::max_element(basis.begin(), basis.end()) >= n) throw Refused("basis: an index is out of range");
        const std::size_t r = basis.size();
        Matrix principal(r, r);
        Matrix rows(r, n);
        for (std::size_t i = 0; i < r; ++i) {
            for (std::size_t j = 0; j < r; ++j) principal(i, j) = problem.gram(basis[i], basis[j]);
            for (std::size_t j = 0; j < n; ++j) rows(i, j) = problem.gram(basis[i], j);
        }
        Matrix x = rows;  // T^T
        if (solve(principal, x).sign() == 0) throw Refused("basis: the principal submatrix is singular");
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; k < r; ++k) t(i, k) = x(k, i);
        const Matrix spanned = t * rows;
        for (std::size_t e = 0; e < n * n; ++e)
            if (!(spanned.entries[e] - problem.gram.entries[e]).is(0)) throw Refused("basis: its rows do not span those of the Gram matrix, exactly");
    }
    const std::size_t r = kept.size();
    std::size_t count = 1;
    for (std::size_t i = 1; i <= std::min(problem.batch_size, n - problem.batch_size); ++i) {
        count = count * (n - i + 1) / i;
        if (count > most_matrices) throw Refused("problem: too many mini-batches");
    }
    if (count * r * r > most_entries) throw Refused("problem: too many mini-batches");
    const Value weight = Rational(1, static_cast<unsigned long>(problem.batch_size));
    std::vector<bool> chosen(n, false);
    std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(problem.batch_size), true);
    do {
        Matrix a(r, r);
        for (std::size_t i = 0; i < r; ++i) {
            a(i, i) = Rational(1);
            for (std::size_t s = 0; s < n; ++s) {
                if (!chosen[s]) continue;
                const Value entry = weight * m(kept[i], s);
                for (std::size_t j = 0; j < r; ++j)
                    if (!t(s, j).is(0)) a(i, j) = a(i, j) - entry * t(s, j);
            }
        }
        append(problem.product, std::move(a), Rational(1, static_cast<unsigned long>(count)));
    } while (std::prev_permutation(chosen.begin(), chosen.end()));
}

void read_product(const toml::table& root, Problem& problem, long bits) {
    const toml::table& product = table(root, "product", {"matrices", "probabilities"});
    std::vector<Matrix> matrices;
    for (const toml::node& node : array(get(product, "matrices"))) {
        matrices.push_back(matrix(node, bits));
        if (matrices.back().rows != matrices.back().columns || matrices.back().rows != matrices.front().rows)
            throw Refused("problem: the matrices of a product are square of one size");
    }
    std::vector<Rational> probabilities(matrices.size(), Rational(1, static_cast<unsigned long>(matrices.size())));
    if (const toml::node* node = product.get("probabilities")) {
        const std::vector<Value> given = numbers(*node, bits);
        if (given.size() != matrices.size()) throw Refused("problem: one probability per matrix is expected");
        for (std::size_t k = 0; k < given.size(); ++k) {
            if (given[k].exact() == nullptr || given[k].sign() <= 0) throw Refused("problem: the probabilities are not exact positive numbers");
            probabilities[k] = *given[k].exact();
        }
    }
    Rational sum = 0;
    for (std::size_t k = 0; k < matrices.size(); ++k) {
        sum += probabilities[k];
        append(problem.product, std::move(matrices[k]), probabilities[k]);
    }
    if (sum != 1) throw Refused("problem: the probabilities do not add up to 1");
}

}  // namespace

void append(Product& product, Matrix a, const Rational& p) {
    const auto same = [](const Value& x, const Value& y) { return x.exact() != nullptr && y.exact() != nullptr && *x.exact() == *y.exact(); };
    for (std::size_t k = 0; k < product.matrices.size(); ++k)
        if (std::equal(a.entries.begin(), a.entries.end(), product.matrices[k].entries.begin(), same)) {
            product.probabilities[k] += p;
            return;
        }
    product.matrices.push_back(std::move(a));
    product.probabilities.push_back(p);
}

Problem derive(const std::string& text, const std::vector<std::size_t>& basis, long bits) {
    toml::table root;
    try {
        root = toml::parse(text);
    } catch (const toml::parse_error& error) {
        throw Refused(std::string("problem: not TOML: ") + std::string(error.description()));
    } catch (const Refused&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        throw Refused(std::string("problem: not TOML: ") + error.what());
    }
    Problem problem;
    if (const toml::node* title = root.get("title")) problem.title = string(*title);
    int kinds = 0;
    for (const char* kind : {"model", "gradients", "gram", "product"}) kinds += root.contains(kind) ? 1 : 0;
    if (kinds != 1) throw Refused("problem: exactly one of [model], [gradients], [gram], [product] is expected");
    if (root.contains("product")) {
        only(root, {"title", "product"});
        read_product(root, problem, bits);
        return problem;
    }
    problem.is_minimum = true;
    problem.semidefinite_given = !root.contains("gram");
    if (root.contains("gram")) {
        only(root, {"title", "gram", "training"});
        const toml::node& node = get(table(root, "gram", {"matrix"}), "matrix");
        problem.gram = matrix(node, bits);
        problem.data_points = problem.gram.rows;
        if (problem.gram.columns != problem.data_points) throw Refused("problem: the Gram matrix is not square");
        for (std::size_t i = 0; i < problem.data_points; ++i)
            for (std::size_t j = 0; j < i; ++j) {
                // Numbers that are not exact must be written alike on both sides: enclosures cannot prove equality.
                const toml::node& a = (*(*node.as_array())[i].as_array())[j];
                const toml::node& b = (*(*node.as_array())[j].as_array())[i];
                const bool alike = a.is_string() && b.is_string() && string(a) == string(b);
                if (!alike && !(problem.gram(i, j) - problem.gram(j, i)).is(0)) throw Refused("problem: the Gram matrix is not proved symmetric");
            }
    } else {
        if (root.contains("model")) {
            only(root, {"title", "model", "data", "minimum", "training"});
            read_model(root, problem, bits);
        } else {
            only(root, {"title", "gradients", "training"});
            const Matrix rows = matrix(get(table(root, "gradients", {"rows"}), "rows"), bits);
            problem.data_points = rows.rows;
            problem.parameters = rows.columns;
            for (std::size_t i = 0; i < rows.rows; ++i)
                problem.gradients.emplace_back(rows.entries.begin() + static_cast<std::ptrdiff_t>(i * rows.columns),
                                               rows.entries.begin() + static_cast<std::ptrdiff_t>((i + 1) * rows.columns));
        }
        problem.gram = gram_matrix(problem.gradients);
    }
    read_training(root, problem, bits);
    sample(problem, basis);
    return problem;
}

}  // namespace lyapcert::checker
