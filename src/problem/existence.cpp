#include "lyapcert/problem/existence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "problem/approximate_polish.hpp"

namespace lyapcert {

namespace {

constexpr long guard_bits = 64;
constexpr long inverse_bits = 256;
constexpr int most_newton_steps = 400;
constexpr int most_inverses = 20;
// Pivots of H' that are smaller than this, relative to the largest entry, come from rounding J to doubles.
constexpr long singular_exponent = -92;

MpInterval point(const ApproximateFloat& x) { return x.exactly(); }

// max |x|, as a point.
MpInterval magnitude(const MpInterval& x) {
    MpInterval result = abs(x);
    mpfr_set(result.lower_ref(), result.upper(), MPFR_RNDD);
    return result;
}

MpInterval ball(const MpInterval& centre, const MpInterval& radius) { return centre + hull(-radius, radius); }

bool below(const MpInterval& x, const MpInterval& y) { return mpfr_less_p(x.upper(), y.lower()) != 0; }

// Gauss-Jordan elimination with row pivoting, in floating point.
Matrix<ApproximateFloat> approximate_inverse(const Matrix<MpInterval>& m) {
    const std::size_t n = m.rows();
    const ApproximateFloat zero(0.0, inverse_bits);
    Matrix<ApproximateFloat> a(n, 2 * n, zero);
    long largest = std::numeric_limits<long>::min();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) {
            a(i, k) = ApproximateFloat(m(i, k)) + zero;
            if (!a(i, k).is_zero()) largest = std::max(largest, a(i, k).exponent());
        }
        a(i, n + i) = ApproximateFloat(1.0, inverse_bits);
    }
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k; i < n; ++i)
            if (!a(i, k).is_zero() && (a(pivot, k).is_zero() || a(i, k).exponent() > a(pivot, k).exponent())) pivot = i;
        if (a(pivot, k).is_zero() || a(pivot, k).exponent() - largest < singular_exponent)
            throw NoMinimum(
                "the Jacobian is near singular: the gradients at the data points are linearly dependent up to rounding (too few active units, or too few parameters); "
                "expected independent gradients, hypothesis H1");
        for (std::size_t c = 0; c < 2 * n; ++c) std::swap(a(k, c), a(pivot, c));
        for (std::size_t c = 2 * n; c-- > k;) a(k, c) = a(k, c) / a(k, k);
        for (std::size_t i = 0; i < n; ++i) {
            if (i == k) continue;
            const ApproximateFloat factor = a(i, k);
            for (std::size_t c = k; c < 2 * n; ++c) a(i, c) = a(i, c) - factor * a(k, c);
        }
    }
    Matrix<ApproximateFloat> inverse(n, n, zero);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < n; ++k) inverse(i, k) = a(i, n + k);
    return inverse;
}

Differential<MpInterval> at_data_point(const ResidualMap& residuals, std::size_t i, const std::vector<MpInterval>& box, bool gradient) {
    try {
        return residuals.enclose(i, box, gradient);
    } catch (const std::domain_error& error) {
        throw NoMinimum(fmt::format("the model is not proved smooth at data point {}: {}", residuals.number(i), error.what()));
    }
}

}  // namespace

ResidualMap ResidualMap::at(const std::vector<std::size_t>& chosen) const {
    ResidualMap result;
    result.data_points = chosen.size();
    result.parameters = parameters;
    result.numbers = chosen;
    result.enclose = [all = enclose, chosen](std::size_t i, const std::vector<MpInterval>& box, bool gradient) { return all(chosen[i], box, gradient); };
    result.approximate = [all = approximate, chosen](std::size_t i, const std::vector<double>& x) { return all(chosen[i], x); };
    return result;
}

NearMinimum::NearMinimum(ResidualMap residuals, const std::vector<Rational>& given) : residuals_(std::move(residuals)) {
    std::vector<double> start;
    for (const Rational& x : given) start.push_back(x.convert_to<double>());
    try {
        try_from(start);
    } catch (const NoMinimum&) {
        const approximate::Polished polished = approximate::gauss_newton(residuals_, start);
        if (!polished.interpolates)
            throw NoMinimum(fmt::format("not a minimum: the loss is {:.3g} at the given weights, and Gauss-Newton steps end at {:.3g}; expected weights that "
                                        "interpolate the data (train further, or with more parameters)",
                                        polished.loss_before, polished.loss));
        try_from(polished.x);
        polished_ = true;
    }
    const std::vector<MpInterval> x = position(128);
    MpInterval sum(128);
    for (std::size_t p = 0; p < x.size(); ++p) sum += square(x[p] - MpInterval(given[p], 128));
    distance_ = sqrt(sum).upper_double();
}

void NearMinimum::try_from(std::vector<double> base) {
    const std::size_t n = residuals_.data_points;
    for (const double w : base)
        if (!std::isfinite(w)) throw NoMinimum("a weight is beyond the range of doubles; expected finite weights");
    base_ = std::move(base);
    jacobian_ = Matrix<double>(n, residuals_.parameters);
    for (std::size_t i = 0; i < n; ++i) {
        const Differential<double> h = residuals_.approximate(i, base_);
        for (std::size_t p = 0; p < residuals_.parameters; ++p) {
            jacobian_(i, p) = h.gradient[p];
            if (!std::isfinite(h.gradient[p])) throw NoMinimum(fmt::format("the gradient at data point {} is not finite", residuals_.number(i)));
        }
    }
    boxes_.clear();
    box(1);
}

std::vector<MpInterval> NearMinimum::parameters(const std::vector<MpInterval>& c, long precision) const {
    std::vector<MpInterval> x;
    for (std::size_t p = 0; p < residuals_.parameters; ++p) {
        MpInterval sum(base_[p], base_[p], precision);
        for (std::size_t j = 0; j < residuals_.data_points; ++j)
            if (jacobian_(j, p) != 0.0) sum += MpInterval(jacobian_(j, p), jacobian_(j, p), precision) * c[j];
        x.push_back(std::move(sum));
    }
    return x;
}

NearMinimum::Box NearMinimum::prove(long precision) const {
    const std::size_t n = residuals_.data_points;
    const long work = precision + guard_bits;
    std::vector<CentredVector> directions;
    for (std::size_t j = 0; j < n; ++j) {
        std::vector<double> row(residuals_.parameters);
        for (std::size_t p = 0; p < row.size(); ++p) row[p] = jacobian_(j, p);
        directions.emplace_back(row, work);
    }
    // Encloses H' over a box.
    const auto derivative = [&](const std::vector<MpInterval>& c) {
        const std::vector<MpInterval> x = parameters(c, work);
        Matrix<MpInterval> m(n, n, MpInterval(work));
        for (std::size_t i = 0; i < n; ++i) {
            const CentredVector gradient(at_data_point(residuals_, i, x, true).gradient, work);
            for (std::size_t j = 0; j < n; ++j) m(i, j) = dot(gradient, directions[j]);
        }
        return m;
    };
    // Y H(c).
    Matrix<MpInterval> inverse;
    const auto step = [&](const std::vector<MpInterval>& c) {
        const std::vector<MpInterval> x = parameters(c, work);
        std::vector<MpInterval> h;
        for (std::size_t i = 0; i < n; ++i) h.push_back(at_data_point(residuals_, i, x, false).value);
        std::vector<MpInterval> s(n, MpInterval(work));
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t i = 0; i < n; ++i) s[k] += inverse(k, i) * h[i];
        return s;
    };
    const auto size = [](const std::vector<MpInterval>& s) {  // log2, roughly
        double largest = -std::numeric_limits<double>::infinity();
        for (const MpInterval& x : s) {
            const ApproximateFloat middle(x);
            if (!middle.is_finite()) throw NoMinimum("Newton's method leaves the range of numbers; expected weights closer to a minimum");
            if (!middle.is_zero()) largest = std::max(largest, static_cast<double>(middle.exponent()));
        }
        return largest;
    };
    // Newton's method; Y is kept while steps shrink, and made anew at the end.
    std::vector<MpInterval> centre(n, MpInterval(work));
    std::vector<MpInterval> rest;
    for (int turn = 0; turn < most_inverses; ++turn) {
        inverse = approximate_inverse(derivative(centre)).map(point);
        rest = step(centre);
        int taken = 0;
        for (double length = size(rest); taken < most_newton_steps; ++taken) {
            std::vector<MpInterval> next;
            for (std::size_t k = 0; k < n; ++k) next.push_back(point(ApproximateFloat(centre[k] - point(ApproximateFloat(rest[k])))));
            std::vector<MpInterval> left = step(next);
            const double shorter = size(left);
            if (!(shorter < length)) break;
            length = shorter;
            centre = std::move(next);
            rest = std::move(left);
        }
        if (taken == 0) break;
    }
    // The radius: a few times what is left, for all components alike.
    MpInterval largest(work);
    for (const MpInterval& s : rest) largest = max(largest, magnitude(s));
    MpInterval radius = scale_by_power_of_two(largest, 3);
    if (is_zero(radius)) radius = scale_by_power_of_two(MpInterval(1.0, 1.0, work), -work);
    const std::vector<MpInterval> radii(n, magnitude(radius));

    std::vector<MpInterval> c;
    for (std::size_t k = 0; k < n; ++k) c.push_back(ball(centre[k], radii[k]));
    const Matrix<MpInterval> over = derivative(c);
    std::vector<MpInterval> q;
    for (std::size_t k = 0; k < n; ++k) {
        MpInterval sum = magnitude(rest[k]);
        for (std::size_t j = 0; j < n; ++j) {
            MpInterval e(k == j ? 1.0 : 0.0, k == j ? 1.0 : 0.0, work);
            for (std::size_t i = 0; i < n; ++i) e -= inverse(k, i) * over(i, j);
            sum += magnitude(e) * radii[j];
        }
        q.push_back(magnitude(sum));
        if (!below(q[k], radii[k]))
            throw NoMinimum("no minimum is proved near the weights: Krawczyk's operator does not map the box into itself (" +
                            std::string(radius.upper_double() > 1e-20 ? "Newton's method does not converge from there" : "the box is too wide") +
                            "); expected weights closer to an interpolating minimum, or a better conditioned Jacobian");
    }
    if (!boxes_.empty()) {
        const Box& first = boxes_.begin()->second;
        for (std::size_t k = 0; k < n; ++k)
            if (!below(magnitude(centre[k] - first.centre[k]) + radii[k], first.radius[k])) throw NoMinimum("two enclosures of the minimum disagree");
    }
    return {std::move(centre), std::move(q), radii};
}

std::vector<MpInterval> NearMinimum::Box::root() const {
    std::vector<MpInterval> c;
    for (std::size_t k = 0; k < centre.size(); ++k) c.push_back(ball(centre[k], image[k]));
    return c;
}

const NearMinimum::Box& NearMinimum::box(long precision) const {
    long bits = 192;
    while (bits < precision) bits *= 2;
    const auto known = boxes_.find(bits);
    return known != boxes_.end() ? known->second : boxes_.emplace(bits, prove(bits)).first->second;
}

std::vector<MpInterval> NearMinimum::position(long precision) const {
    const std::lock_guard<std::mutex> guard(mutex_);
    const Box& b = box(precision);
    return parameters(b.root(), b.centre.front().precision());
}

std::vector<Rational> NearMinimum::centre(long precision) const {
    std::vector<Rational> result;
    mpfr_t middle;
    mpfr_init2(middle, precision);
    for (const MpInterval& x : position(precision)) {
        mpfr_add(middle, x.lower(), x.upper(), MPFR_RNDN);
        mpfr_div_2ui(middle, middle, 1, MPFR_RNDN);
        result.emplace_back();
        mpfr_get_q(result.back().backend().data(), middle);
    }
    mpfr_clear(middle);
    return result;
}

Matrix<MpInterval> NearMinimum::gram(long precision) const {
    const std::lock_guard<std::mutex> guard(mutex_);
    const Box& b = box(precision);
    const long bits = b.centre.front().precision();
    if (const auto known = grams_.find(bits); known != grams_.end()) return known->second;
    const std::vector<MpInterval> x = parameters(b.root(), bits);
    const std::size_t n = residuals_.data_points;
    std::vector<CentredVector> gradients;
    for (std::size_t i = 0; i < n; ++i) gradients.emplace_back(residuals_.enclose(i, x, true).gradient, bits);
    return grams_.emplace(bits, gram_matrix(gradients, bits)).first->second;
}

}  // namespace lyapcert
