// Matrices that are certainly no Gram matrices.
#include <algorithm>
#include <cmath>

#include "lyapcert/linalg/approximate_eigen.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/eigenvalues.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/linalg/verified_cholesky.hpp"
#include "problem/constants.hpp"
#include "problem/gram.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

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

}  // namespace

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

}  // namespace lyapcert
