#include "checker/problem/problem.hpp"

#include <algorithm>

#include "checker/problem/model_reader.hpp"
#include "checker/problem/sampling.hpp"
#include "checker/problem/toml_reader.hpp"

namespace lyapcert::checker {

namespace {

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

void read_product(const toml::table& root, Problem& problem, long bits) {
    const toml::table& product = table(root, "product", {"matrices", "probabilities"});
    std::vector<Matrix> matrices;
    for (const toml::node& node : array(get(product, "matrices"))) {
        if (matrices.size() == most_matrices) throw Refused("problem: too many matrices");
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
        charge(sum, probabilities[k]);
        sum += probabilities[k];
        append(problem.product, std::move(matrices[k]), probabilities[k]);
    }
    if (sum != 1) throw Refused("problem: the probabilities do not add up to 1");
}

}  // namespace

std::size_t Problem::most_independent() const {
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < data_points; ++i)
        if (equal_to.empty() || equal_to[i] == i) ++distinct;
    return parameters == 0 ? distinct : std::min(distinct, parameters);
}

Problem derive(const std::string& text, const std::vector<std::size_t>& basis, long bits, const std::vector<Data>& data, const std::optional<std::vector<Rational>>& centre) {
    toml::table root;
    require_shallow_keys(text);
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
    for (const char* kind : {"model", "network", "gradients", "gram", "product"}) kinds += root.contains(kind) ? 1 : 0;
    if (kinds != 1) throw Refused("problem: exactly one of [model], [network], [gradients], [gram], [product] is expected");
    if (centre && !root.contains("network") && !root.contains("model")) throw Refused("centre: it is for models and networks");
    if (root.contains("product")) {
        only(root, {"title", "product"});
        read_product(root, problem, bits);
        return problem;
    }
    problem.is_minimum = true;
    problem.semidefinite_given = !root.contains("gram");
    if (root.contains("gram")) {
        only(root, {"title", "gram", "training"});
        const toml::table& given = table(root, "gram", {"matrix", "file", "array", "radius"});
        const bool in_file = given.contains("file");
        if (in_file == given.contains("matrix")) throw Refused("problem: [gram] has either a matrix or a file");
        problem.gram = in_file ? matrix_in_file(given, "gram", data, false) : matrix(get(given, "matrix"), bits);
        problem.data_points = problem.gram.rows;
        if (problem.data_points > most_data_points) throw Refused("problem: too many data points");
        if (problem.gram.columns != problem.data_points) throw Refused("problem: the Gram matrix is not square");
        if (in_file) problem.gram = gram_in_file(problem.gram, radius_of(given, bits), bits);
        for (std::size_t i = 0; i < problem.data_points && !in_file; ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const toml::node& node = *given.get("matrix");
                // Numbers that are not exact must be written alike on both sides: enclosures cannot prove equality.
                const toml::node& a = (*(*node.as_array())[i].as_array())[j];
                const toml::node& b = (*(*node.as_array())[j].as_array())[i];
                const bool alike = a.is_string() && b.is_string() && string(a) == string(b);
                if (!alike && !(problem.gram(i, j) - problem.gram(j, i)).is(0)) throw Refused("problem: the Gram matrix is not proved symmetric");
            }
    } else if (root.contains("network")) {
        only(root, {"title", "network", "data", "minimum", "training"});
        read_network(root, problem, bits, data, centre);
    } else {
        if (root.contains("model")) {
            only(root, {"title", "model", "data", "minimum", "training"});
            read_model(root, problem, bits, data, centre);
        } else {
            only(root, {"title", "gradients", "training"});
            const toml::table& given = table(root, "gradients", {"rows", "file", "array", "radius"});
            const bool in_file = given.contains("file");
            if (in_file == given.contains("rows")) throw Refused("problem: [gradients] has either rows or a file");
            const Matrix rows = in_file ? matrix_in_file(given, "gradients", data, false) : matrix(get(given, "rows"), bits);
            if (in_file && rows.rows <= most_data_points) problem.gram = gram_of_rows_in_file(rows, radius_of(given, bits), bits);
            problem.data_points = rows.rows;
            if (problem.data_points > most_data_points) throw Refused("problem: too many data points");
            problem.parameters = rows.columns;
            for (std::size_t i = 0; i < rows.rows && !in_file; ++i)
                problem.gradients.emplace_back(rows.entries.begin() + static_cast<std::ptrdiff_t>(i * rows.columns),
                                               rows.entries.begin() + static_cast<std::ptrdiff_t>((i + 1) * rows.columns));
        }
        if (!problem.gradients.empty() && !problem.distance) problem.gram = gram_matrix(problem.gradients);
    }
    read_training(root, problem, bits);
    problem.basis = basis;
    sample(problem, basis);
    return problem;
}

Problem at_rate(const Problem& problem, const Rational& learning_rate) {
    Problem result = problem;
    result.scaled_gram = problem.gram;
    for (Value& x : result.scaled_gram.entries) x = Value(learning_rate) * x;
    result.product = {};
    sample(result, result.basis);
    return result;
}

}  // namespace lyapcert::checker
