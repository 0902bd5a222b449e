#include "exponent/log_quadratic/ends.hpp"

#include <cmath>
#include <limits>

namespace lyapcert::log_quadratic {

namespace {

constexpr long precision = MpInterval::default_precision;
constexpr double infinity = std::numeric_limits<double>::infinity();

MpInterval exactly(double x) { return MpInterval(x, x, precision); }

// An upper bound of (1/8) sum_k p_k sum_j |a_j| (rho_kj / (1 - rho_kj / 2))^2, rho_kj^2 >= the largest q_j(Delta y) / q_j(B y), B in the middle and Delta = B(1) - B(0);
// infinite where none is proved.
double curvature_loss(const Segment& segment, const LogQuadraticEvidence& evidence, const std::vector<Matrix<MpInterval>>& from, const std::vector<Matrix<MpInterval>>& to) {
    const std::size_t n = evidence.basis.rows();
    const MpInterval half(Rational(1, 2), precision);
    MpInterval sum(precision);
    for (std::size_t k = 0; k < from.size(); ++k) {
        Matrix<MpInterval> middle = from[k];
        Matrix<MpInterval> difference = to[k];
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                middle(i, j) = (from[k](i, j) + to[k](i, j)) * half;
                difference(i, j) = to[k](i, j) - from[k](i, j);
            }
        const auto relative = solve(middle.transposed(), difference.transposed());  // (Delta B^{-1})^T
        if (!relative) return infinity;
        for (std::size_t j = 0; j < evidence.forms.size(); ++j) {
            const Matrix<MpInterval> q = evidence.forms[j].map(exactly);
            const auto conjugate = solve(q, *relative * (q * relative->transposed()));
            if (!conjugate) return infinity;
            MpInterval trace(precision);
            for (std::size_t i = 0; i < n; ++i) trace += (*conjugate)(i, i);
            const MpInterval rho = sqrt(max(trace, MpInterval(precision)));
            const MpInterval room = MpInterval(Rational(1), precision) - rho * half;
            if (!(room.lower_double() > 0.25)) return infinity;
            sum += MpInterval(segment.middle.probabilities()[k], precision) * abs(exactly(evidence.weights[j])) * square(rho / room);
        }
    }
    return scale_by_power_of_two(sum, -3).upper_double();
}

// Enclosures of both ends at once: between them the entries lie between theirs.
std::vector<ImageMap> hulls(const std::vector<Matrix<MpInterval>>& from, const std::vector<Matrix<MpInterval>>& to) {
    std::vector<ImageMap> maps;
    for (std::size_t k = 0; k < from.size(); ++k) {
        Matrix<double> middle(from[k].rows(), from[k].columns());
        double error = 0.0;
        for (std::size_t i = 0; i < from[k].rows(); ++i)
            for (std::size_t j = 0; j < from[k].columns(); ++j) {
                const MpInterval range = hull(from[k](i, j), to[k](i, j));
                middle(i, j) = range.midpoint_double();
                error = std::max(error, abs(range - exactly(middle(i, j))).upper_double());
            }
        maps.emplace_back(middle, error);
    }
    return maps;
}

}  // namespace

std::optional<Ends> ends_of(const Segment& segment, const LogQuadraticEvidence& evidence) {
    const auto from = in_basis(segment.from, evidence.basis, precision);
    const auto to = in_basis(segment.to, evidence.basis, precision);
    if (!from || !to) return std::nullopt;
    Ends ends{{}, curvature_loss(segment, evidence, *from, *to)};
    if (!std::isfinite(ends.loss)) return std::nullopt;
    for (const RandomProduct* end : {&segment.from, &segment.to}) {
        std::optional<FormTable> table = make_forms(*end, evidence);
        if (!table) return std::nullopt;
        ends.tables.push_back(std::move(*table));
    }
    return ends;
}

std::optional<std::vector<ImageMap>> image_maps(const Segment& segment, const Matrix<double>& basis) {
    const auto from = in_basis(segment.from, basis, precision);
    const auto to = in_basis(segment.to, basis, precision);
    if (!from || !to) return std::nullopt;
    return hulls(*from, *to);
}

std::optional<std::vector<ImageMap>> image_maps(const RandomProduct& product, const Matrix<double>& basis) {
    const auto maps = in_basis(product, basis, precision);
    if (!maps) return std::nullopt;
    return hulls(*maps, *maps);
}

}  // namespace lyapcert::log_quadratic
