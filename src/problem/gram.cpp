#include "problem/gram.hpp"

#include "problem/wording.hpp"

namespace lyapcert {

using GiNaC::ex;
using namespace symbolic;

// G and eta G from the terms of the lower triangle. A product of terms may be simpler than its factors: eta = 1/tanh(1)^2
// times tanh(1)^2 is exactly 1.
void fill_gram(Problem& problem, const std::optional<ex>& rate, const Matrix<ex>& terms) {
    const std::size_t n = problem.data_points;
    problem.gram = Matrix<Real>(n, n);
    problem.scaled_gram = Matrix<Real>(n, n);
    Translation translation;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const ex& e = terms(i, j);
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
        const std::size_t n = gradients.size();
        Matrix<ex> terms(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j)
                for (std::size_t p = 0; p < gradients[i].size(); ++p) terms(i, j) += gradients[i][p] * gradients[j][p];
        fill_gram(problem, rate, terms);
    } catch (const ExpressionError& error) {
        document.fail(key, error.what());
    }
}

void require_few_data_points(const Document& document, std::size_t n) {
    constexpr std::size_t most_data_points = 2000;  // the Gram matrix is dense
    if (n > most_data_points)
        document.fail("", std::to_string(n) + " data points are too many; expected at most " + std::to_string(most_data_points));
}

void scale_gram(Problem& problem) {
    const Real rate = *problem.learning_rate;
    problem.scaled_gram = problem.gram.map([&](const Real& g) { return rate * g; });
}

}  // namespace lyapcert
