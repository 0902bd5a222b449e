#include "lyapcert/problem/problem.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "lyapcert/linalg/approximate_eigen.hpp"
#include "lyapcert/linalg/convert.hpp"
#include "lyapcert/linalg/eigenvalues.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/linalg/verified_cholesky.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/checkpoint.hpp"
#include "problem/document.hpp"
#include "problem/model.hpp"
#include "problem/rational_table.hpp"
#include "problem/symbolic.hpp"
#include "problem/weights_file.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

using GiNaC::ex;
using namespace symbolic;

// The constant at a key, with the key in the error.
ex term(const Document& document, const std::string& key, const Expression& e) {
    try {
        return value_at(e, {});
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
}

Real real(const Document& document, const std::string& key, const ex& constant) {
    try {
        return to_real(constant);
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
}

std::string shown(const Real& x) {
    if (x.is_rational() && bit_size(x.rational()) < 200) return x.rational().str();
    const DecimalInterval decimals = outward_decimals(x.at(128), 6, 20);
    return "in [" + decimals.lower + ", " + decimals.upper + "]";
}

// The learning rate as a term, where it is a point.
std::optional<ex> read_training(const Document& document, Problem& problem) {
    const std::string key = "training.learning_rate";
    const bool interval = document.learning_rate.size() == 2;
    std::vector<ex> terms;
    std::vector<Real> ends;
    for (std::size_t k = 0; k < document.learning_rate.size(); ++k) {
        const std::string place = interval ? key + index(k) : key;
        terms.push_back(term(document, place, document.learning_rate[k]));
        ends.push_back(real(document, place, terms.back()));
        const Ternary positive = ends.back().is_positive(1024);
        if (positive == Ternary::no) document.fail(place, "the learning rate is " + shown(ends.back()) + "; expected a positive number");
        if (positive == Ternary::undecided)
            document.fail(place, "the sign of the learning rate cannot be decided; expected a positive number");
    }
    std::optional<ex> point;
    if (!interval || real(document, key, terms[1] - terms[0]).known_zero()) {
        problem.learning_rate = ends[0];
        point = terms[0];
    } else {
        const Ternary ordered = less(ends[0], ends[1], 1024);
        if (ordered != Ternary::yes)
            document.fail(key, std::string(ordered == Ternary::no ? "the lower end is above the upper end"
                                                                  : "the order of the ends cannot be decided") +
                                   "; expected [lower, upper]");
        // Irrational ends move outward to doubles: what holds for more learning rates holds for these.
        const auto end = [&](std::size_t k) {
            if (ends[k].is_rational()) return ends[k].rational();
            const Interval x = ends[k].interval();
            return rational_from_double(k == 0 ? x.lower() : x.upper());
        };
        const Rational lower = end(0);
        if (lower <= 0) document.fail(key + index(0), "is too small to be told from zero; expected a positive number");
        problem.learning_rate = Real::between(lower, end(1));
    }
    problem.learning_rate_text = document.learning_rate_text;
    problem.initialisation = document.initialisation;
    if (document.batch_size) {
        if (*document.batch_size < 1 || static_cast<unsigned long long>(*document.batch_size) > problem.data_points)
            document.fail("training.batch_size", "is " + std::to_string(*document.batch_size) + "; expected an integer from 1 to " +
                                                     std::to_string(problem.data_points) + ", the number of data points");
        problem.batch_size = static_cast<std::size_t>(*document.batch_size);
    }
    return point;
}

// G and eta G from the terms of the lower triangle. A product of terms may be simpler than its factors: eta = 1/tanh(1)^2
// times tanh(1)^2 is exactly 1.
template <class Entry>
void fill_gram(Problem& problem, const std::optional<ex>& rate, const Entry& entry) {
    const std::size_t n = problem.data_points;
    problem.gram = Matrix<Real>(n, n);
    problem.scaled_gram = Matrix<Real>(n, n);
    Translation translation;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const ex e = entry(i, j);
            const Real g = to_real(e, translation);
            const bool exact = g.is_rational() && problem.learning_rate->is_rational();
            problem.gram(i, j) = problem.gram(j, i) = g;
            problem.scaled_gram(i, j) = problem.scaled_gram(j, i) =
                !rate || exact || g.known_zero() ? *problem.learning_rate * g : to_real(*rate * e, translation);
        }
}

// The same for entries that are rational, or known to a radius.
void fill_gram(Problem& problem, const Matrix<RationalRange>& gram) {
    const std::size_t n = problem.data_points;
    const Real& rate = *problem.learning_rate;
    problem.gram = Matrix<Real>(n, n);
    problem.scaled_gram = Matrix<Real>(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const RationalRange& g = gram(i, j);
            const Real x = Real::between(g.lower, g.upper);
            problem.gram(i, j) = problem.gram(j, i) = x;
            problem.scaled_gram(i, j) = problem.scaled_gram(j, i) = rate.is_rational() ? Real::between(rate.rational() * g.lower, rate.rational() * g.upper) : rate * x;
        }
}

void fill_gram_of_gradients(const Document& document, const std::string& key, Problem& problem, const std::optional<ex>& rate,
                            const std::vector<std::vector<ex>>& gradients) {
    try {
        bool vanish = true;
        for (const std::vector<ex>& row : gradients)
            for (const ex& x : row) vanish = vanish && to_real(x).known_zero();
        if (vanish) document.fail(key, "all gradients vanish: every exponent is 0 and no theorem applies; expected a non-zero gradient");
        fill_gram(problem, rate, [&](std::size_t i, std::size_t j) {
            ex sum = 0;
            for (std::size_t p = 0; p < gradients[i].size(); ++p) sum += gradients[i][p] * gradients[j][p];
            return sum;
        });
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
}

void require_few_data_points(const Document& document, std::size_t n) {
    constexpr std::size_t most_data_points = 2000;  // the Gram matrix is dense
    if (n > most_data_points)
        document.fail("", std::to_string(n) + " data points are too many; expected at most " + std::to_string(most_data_points));
}

void require_enough_parameters(const Document& document, const std::string& key, std::size_t d, std::size_t n) {
    require_few_data_points(document, n);
    if (d < n)
        document.fail(key, "fewer parameters than data points (" + std::to_string(d) + " < " + std::to_string(n) +
                               "); expected at least as many: an overparameterised model");
}

void scale_gram(Problem& problem) {
    const Real rate = *problem.learning_rate;
    problem.scaled_gram = problem.gram.map([&](const Real& g) { return rate * g; });
}

void read_model_problem(const Document& document, Problem& problem) {
    problem.data_points = document.data_inputs.size();
    problem.parameters = document.parameters.size();
    require_enough_parameters(document, "model.parameters", *problem.parameters, problem.data_points);
    const std::optional<ex> rate = read_training(document, problem);
    const ModelAtMinimum model = read_model(document, problem.minimum);
    problem.analytic = is_analytic(document);
    if (document.near) {
        near_model(document, model, *problem.analytic, problem);
        scale_gram(problem);
    } else {
        fill_gram_of_gradients(document, "model.output", problem, rate, model.gradients);
    }
    problem.independent_everywhere = independent_everywhere(document, model, problem.gram, *problem.analytic);
    problem.jacobian_invertible_somewhere = jacobian_search(document, model, problem);
}

void read_network_problem(const Document& document, Problem& problem) {
    problem.data_points = document.data_inputs.size();
    problem.parameters = document.network->parameters();
    require_enough_parameters(document, "network.layers", *problem.parameters, problem.data_points);
    read_training(document, problem);
    read_network(document, problem);
    scale_gram(problem);
    problem.jacobian_invertible_somewhere = [scaled = problem.scaled_gram](std::optional<std::size_t> sample) {
        if (sample && *sample >= scaled.rows()) throw std::out_of_range("jacobian_invertible_somewhere: no such data point");
        const std::optional<Finding> found = jacobian_at_minimum(scaled, sample);
        return found ? *found : Finding{Ternary::undecided, "it is not proved invertible at x*"};
    };
}

void read_gradients_problem(const Document& document, Problem& problem) {
    const std::optional<RationalTable> rational = rational_table(document);
    const std::string key = document.file_rows ? "gradients.file" : "gradients.rows";
    problem.data_points = rational ? rational->rows : document.rows.size();
    problem.parameters = rational ? rational->columns : document.rows.front().size();
    require_enough_parameters(document, key, *problem.parameters, problem.data_points);
    const std::optional<ex> rate = read_training(document, problem);
    if (rational) {
        if (std::all_of(rational->values.begin(), rational->values.end(), [](const Rational& x) { return x.is_zero(); }) && rational->radius.is_zero())
            document.fail(key, "all gradients vanish: every exponent is 0 and no theorem applies; expected a non-zero gradient");
        problem.minimum.reason = "the gradients are given: there is no model to check";
        fill_gram(problem, gram_of_gradients(*rational));
        return;
    }
    std::vector<std::vector<ex>> gradients;
    for (std::size_t i = 0; i < document.rows.size(); ++i) {
        gradients.emplace_back();
        for (std::size_t p = 0; p < document.rows[i].size(); ++p)
            gradients.back().push_back(term(document, key + index(i) + index(p), document.rows[i][p]));
    }
    problem.minimum.reason = "the gradients are given: there is no model to check";
    fill_gram_of_gradients(document, key, problem, rate, gradients);
}

// v^T G v < 0 for a v near the eigenvector of the smallest eigenvalue: a proof that G is not positive semidefinite.
bool has_negative_quotient(const Matrix<Real>& gram) {
    const Matrix<Interval> enclosed = to_intervals(gram);
    if (cholesky_proves_positive_definite(enclosed)) return false;
    const Matrix<double> middle = enclosed.map([](const Interval& x) { return 0.5 * x.lower() + 0.5 * x.upper(); });
    for (const double x : middle.entries())
        if (!std::isfinite(x)) return false;
    const ApproximateEigen eigen = approximate_symmetric_eigen(middle);
    std::vector<double> v(gram.rows());
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = eigen.vectors(i, 0);
    return std::all_of(v.begin(), v.end(), [](double x) { return std::isfinite(x); }) && rayleigh_quotient(enclosed, v).upper() < 0.0;
}

// Refuses what is certainly no Gram matrix.
void require_semidefinite(const Document& document, const std::string& key, const Matrix<Real>& gram) {
    const std::size_t n = gram.rows();
    for (std::size_t i = 0; i < n; ++i)
        if ((-gram(i, i)).is_positive() == Ternary::yes)
            document.fail(key + index(i) + index(i),
                          "is negative, " + shown(gram(i, i)) + "; expected a squared norm on the diagonal of a Gram matrix");
    constexpr long precision = 256;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const bool exact = gram(i, i).is_rational() && gram(j, j).is_rational() && gram(i, j).is_rational();
            const bool negative =
                exact ? gram(i, i).rational() * gram(j, j).rational() < gram(i, j).rational() * gram(i, j).rational()
                      : certainly_negative(gram(i, i).at(precision) * gram(j, j).at(precision) - square(gram(i, j).at(precision)));
            if (negative)
                document.fail(key + index(i) + index(j),
                              "is larger than Cauchy and Schwarz allow: G_ii G_jj < G_ij^2; expected a positive semidefinite matrix");
        }
    constexpr std::size_t max_exact_size = 100;  // elimination over the rationals grows with the fifth power
    if (n <= max_exact_size && is_rational(gram) && is_positive_definite(gram) != Ternary::yes &&
        !is_positive_semidefinite(to_rational(gram)))
        document.fail(key, "is not positive semidefinite; expected a Gram matrix, <g_i, g_j>");
    if ((n <= max_exact_size && !is_rational(gram) && certainly_negative(symmetric_eigenvalues(enclose(gram, precision)).front())) || (n > max_exact_size && has_negative_quotient(gram)))
        document.fail(key, "has a negative eigenvalue; expected a positive semidefinite matrix, <g_i, g_j>");
}

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
        for (std::size_t j = 0; j < n; ++j) terms(i, j) = term(document, key + index(i) + index(j), document.rows[i][j]);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const std::string place = key + index(i) + index(j);
            const Real difference = real(document, place, terms(i, j) - terms(j, i));
            if (difference.known_zero()) continue;
            if (difference.is_zero(1024) == Ternary::no)
                document.fail(place, "differs from the entry " + index(j) + index(i) + "; expected a symmetric matrix");
            document.fail(place, "cannot be proved equal to the entry " + index(j) + index(i) +
                                     "; expected a symmetric matrix, written alike on both sides");
        }
    try {
        fill_gram(problem, rate, [&](std::size_t i, std::size_t j) { return terms(i, j); });
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
    finish_gram(document, key, problem);
}

void read_product_problem(const Document& document, Problem& problem) {
    for (std::size_t k = 0; k < document.matrices.size(); ++k) {
        const std::size_t n = document.matrices[k].size();
        Matrix<Real> matrix(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const std::string place = "product.matrices" + index(k) + index(i) + index(j);
                matrix(i, j) = real(document, place, term(document, place, document.matrices[k][i][j]));
            }
        problem.matrices.push_back(std::move(matrix));
    }
    Rational total = 0;
    for (std::size_t k = 0; k < problem.matrices.size(); ++k) {
        if (document.probabilities.empty()) {
            problem.probabilities.emplace_back(1, static_cast<unsigned long>(problem.matrices.size()));
            continue;
        }
        const std::string place = "product.probabilities" + index(k);
        const Real p = real(document, place, term(document, place, document.probabilities[k]));
        if (!p.is_rational()) document.fail(place, "is not proved to be rational; expected a rational probability, such as \"1/3\"");
        if (p.rational() <= 0) document.fail(place, "is " + shown(p) + "; expected a positive probability");
        total += p.rational();
        problem.probabilities.push_back(p.rational());
    }
    if (!document.probabilities.empty() && total != 1)
        document.fail("product.probabilities", "have the sum " + shown(Real(total)) + "; expected exactly 1");
}

constexpr std::size_t max_file_size = std::size_t{64} << 20U;

std::string read_file(const std::string& path) {
    const auto refuse = [&](const std::string& message) -> InputError { return InputError(one_line(path, 1000) + ": " + message); };
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw refuse("is a directory; expected a problem file");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw refuse(std::string("cannot be opened: ") + std::strerror(errno));
    std::string text;
    std::vector<char> buffer(1U << 16U);
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        text.append(buffer.data(), n);
        if (text.size() > max_file_size) throw refuse("is larger than 64 MiB; expected a problem file");
    }
    if (std::ferror(file.get()) != 0) throw refuse(std::string("cannot be read: ") + std::strerror(errno));
    return text;
}

}  // namespace

Problem parse_problem(const std::string& text, const std::string& name) {
    if (text.size() > max_file_size) throw InputError(one_line(name, 1000) + ": is larger than 64 MiB; expected a problem file");
    const Document document = read_document(text, name);
    Problem problem;
    problem.file = name;
    problem.text = text;
    problem.title = document.title;
    problem.data = document.data;
    problem.kind = document.kind;
    try {
        const AlgebraLock lock;
        switch (problem.kind) {
            case Problem::Kind::model: (document.network ? read_network_problem : read_model_problem)(document, problem); break;
            case Problem::Kind::gradients: read_gradients_problem(document, problem); break;
            case Problem::Kind::gram: read_gram_problem(document, problem); break;
            case Problem::Kind::product: read_product_problem(document, problem); break;
        }
    } catch (const ExpressionError& error) {
        document.fail("", error.what());
    } catch (const std::domain_error& error) {
        document.fail("", std::string("not a real number: ") + error.what());
    }
    return problem;
}

Checkpoint read_checkpoint(const std::string& text, const std::string& name, const std::string& weights_file) {
    Document document = read_document(text, name, true);
    if (!document.network) document.fail("", "there is nothing to track; expected a problem with [network]");
    for (const bool frozen : document.network->frozen)
        if (frozen) document.fail("network.frozen", "has no place beside checkpoints; expected a network that is trained throughout");
    document.weights = weights_in_file(weights_file, *document.network);
    Checkpoint result;
    const AlgebraLock lock;
    result.problem = gram_at_weights(document, result.loss);
    result.problem.file = weights_file;
    read_training(document, result.problem);
    scale_gram(result.problem);
    return result;
}

std::string read_problem_text(const std::string& path) { return read_file(path); }

Problem read_problem(const std::string& path) { return parse_problem(read_file(path), path); }

}  // namespace lyapcert
