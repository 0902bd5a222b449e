#include "problem/constants.hpp"
#include "problem/kinds.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

void read_product_problem(const Document& document, Problem& problem) {
    for (std::size_t k = 0; k < document.matrices.size(); ++k) {
        const std::size_t n = document.matrices[k].size();
        Matrix<Real> matrix(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const std::string place = "product.matrices" + index(k) + index(i) + index(j);
                matrix(i, j) = real_constant(document, place, document.matrices[k][i][j]);
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
        const Real p = real_constant(document, place, document.probabilities[k]);
        if (!p.is_rational()) document.fail(place, "is not proved to be rational; expected a rational probability, such as \"1/3\"");
        if (p.rational() <= 0) document.fail(place, "is " + shown(p) + "; expected a positive probability");
        total += p.rational();
        problem.probabilities.push_back(p.rational());
    }
    if (!document.probabilities.empty() && total != 1)
        document.fail("product.probabilities", "have the sum " + shown(Real(total)) + "; expected exactly 1");
}

}  // namespace lyapcert
