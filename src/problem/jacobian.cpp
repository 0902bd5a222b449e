// One point where the Jacobian of a gradient step is invertible (hypothesis H3 of Chemnitz & Engel 2025 for analytic F).
//
// With L_i = (F_i - z_i)^2 / 2 the step x -> x - eta grad L_i(x) has the Jacobian I - eta (g g^T + (F_i - z_i) H), where
// g and H are the gradient and the Hessian of F_i at x; for the full batch the bracket is averaged over i. At a minimum
// the second term vanishes and det = det(I - eta G / N), G the Gram matrix (Sylvester).
#include <memory>
#include <mutex>

#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/eigenvalues.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "problem/model.hpp"

namespace lyapcert {

namespace {

using GiNaC::ex;
using namespace symbolic;

constexpr std::size_t max_parameters = 40;
constexpr std::size_t max_exact_dimension = 12;  // beyond it exact determinants take longer than they are worth

std::string bracketed(const MpInterval& x) {
    const DecimalInterval decimals = outward_decimals(x, 6, 12);
    return "[" + decimals.lower + ", " + decimals.upper + "]";
}

// True when elimination finds every pivot different from zero: then no member of the interval matrix is singular.
bool proved_regular(Matrix<MpInterval> a) {
    const std::size_t n = a.rows();
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t best = n;
        double size = 0;
        for (std::size_t i = k; i < n; ++i) {
            const double magnitude = std::abs(a(i, k).midpoint_double());
            if (contains_zero(a(i, k)) || (best != n && !(magnitude > size))) continue;
            best = i;
            size = magnitude;
        }
        if (best == n) return false;
        for (std::size_t j = 0; j < n; ++j) std::swap(a(k, j), a(best, j));
        for (std::size_t i = k + 1; i < n; ++i) {
            const MpInterval factor = a(i, k) / a(k, k);
            for (std::size_t j = k + 1; j < n; ++j) a(i, j) -= factor * a(k, j);
        }
    }
    return true;
}

bool regular(const Matrix<Real>& a, long precision) {
    try {
        return proved_regular(enclose(a, precision));
    } catch (const std::domain_error&) {
        return false;
    }
}

std::string described(const Real& x) { return x.is_rational() && bit_size(x.rational()) < 80 ? "= " + x.rational().str() : "in " + bracketed(x.at(128)); }

// Plain data only, so that any thread may use it.
class JacobianSearch {
  public:
    JacobianSearch(const Document& document, const ModelAtMinimum& model, const Problem& problem)
        : parameters_(document.parameters), input_names_(document.inputs), output_(*document.output), derivatives_(model.derivatives),
          data_inputs_(document.data_inputs), minimum_proved_(problem.minimum.proved), eta_(*problem.learning_rate),
          step_{problem.gram, problem.scaled_gram, *problem.learning_rate} {
        for (const std::vector<ex>& row : model.inputs) {
            inputs_.emplace_back();
            for (const ex& y : row) inputs_.back().push_back(to_real(y));
        }
        for (const ex& z : model.targets) targets_.push_back(to_real(z));
    }

    Finding operator()(std::optional<std::size_t> sample) {
        if (sample && *sample >= inputs_.size()) throw std::out_of_range("jacobian_invertible_somewhere: no such data point");
        if (minimum_proved_)
            if (std::optional<Finding> found = jacobian_at_minimum(step_, sample)) return *found;
        if (parameters_.size() <= max_parameters)
            for (const std::vector<Rational>& point : points())
                if (std::optional<Finding> found = at_point(point, sample)) return *found;
        return {Ternary::undecided, "no point was found at which the Jacobian is proved to be invertible"};
    }

  private:
    // A few points without much symmetry, small numbers first.
    std::vector<std::vector<Rational>> points() const {
        const std::size_t d = parameters_.size();
        std::vector<std::vector<Rational>> result;
        const auto add = [&](auto&& coordinate) {
            std::vector<Rational> point;
            for (std::size_t p = 0; p < d; ++p) point.push_back(coordinate(static_cast<int>(p)));
            result.push_back(std::move(point));
        };
        add([](int p) { return Rational(p == 0 ? 1 : 0); });
        add([](int) { return Rational(0); });
        add([](int) { return Rational(1); });
        add([](int p) { return Rational(p % 2 == 0 ? 1 : -1); });
        add([](int p) { return Rational(p % 3 + 1, 2); });
        for (int k = 1; k <= 6; ++k) add([k](int p) { return Rational(((p + 1) * (k + 2) + k * k) % 11 - 5, k + 1); });
        return result;
    }

    std::optional<Finding> at_point(const std::vector<Rational>& point, std::optional<std::size_t> sample) {
        const std::size_t first = sample.value_or(0);
        const std::size_t last = sample ? first + 1 : inputs_.size();
        for (std::size_t i = first; i < last; ++i)
            if (!smooth_at(point, i)) return std::nullopt;

        const std::vector<Expression>& hessian = this->hessian();
        const std::optional<Matrix<Rational>> exact =
            parameters_.size() <= max_exact_dimension ? exact_jacobian(point, first, last, hessian) : std::nullopt;
        if (exact) {
            const Rational d = determinant(*exact);
            if (d.is_zero()) return std::nullopt;
            return Finding{Ternary::yes, "at " + shown(point) + ": the Jacobian's determinant " + described(Real(d))};
        }
        for (const long precision : {128L, 256L}) {
            try {
                if (proved_regular(jacobian(point, first, last, hessian, precision)))
                    return Finding{Ternary::yes, "at " + shown(point) + ": the Jacobian is invertible (interval elimination)"};
            } catch (const std::domain_error&) {  // too coarse
            }
        }
        return std::nullopt;
    }

    std::string shown(const std::vector<Rational>& point) const {
        std::string result;
        for (const Rational& x : point) result += (result.empty() ? "(" : ", ") + x.str();
        return result + ")";
    }

    // F as written, not as simplified, decides where F is defined.
    bool smooth_at(const std::vector<Rational>& point, std::size_t i) const {
        const AlgebraLock lock;
        try {
            std::vector<ex> terms;
            for (const Rational& x : point) terms.push_back(to_numeric(x));
            for (const Expression& y : data_inputs_[i]) terms.push_back(value_at(y, {}));
            value_at(output_, terms, parameters_.size());
            return true;
        } catch (const ExpressionError&) {
            return false;
        }
    }

    // The lower triangle of the second derivatives, row by row; worked out when first asked for.
    const std::vector<Expression>& hessian() {
        const std::lock_guard<std::mutex> guard(mutex_);
        if (!hessian_.empty()) return hessian_;
        const AlgebraLock lock;
        std::vector<GiNaC::symbol> symbols;
        for (const auto* names : {&parameters_, &input_names_})
            for (const std::string& name : *names) symbols.emplace_back(name);
        const std::vector<ex> variables(symbols.begin(), symbols.end());
        Translation translation(symbols);
        for (std::size_t p = 0; p < parameters_.size(); ++p) {
            const ex derivative = to_term(derivatives_[p], variables);
            for (std::size_t q = 0; q <= p; ++q) hessian_.push_back(translation(derivative.diff(symbols[q])));
        }
        return hessian_;
    }

    std::optional<Matrix<Rational>> exact_jacobian(const std::vector<Rational>& point, std::size_t first, std::size_t last,
                                                   const std::vector<Expression>& hessian) const {
        const std::size_t d = parameters_.size();
        if (!eta_.is_rational()) return std::nullopt;
        Matrix<Rational> result = Matrix<Rational>::identity(d, Rational(1), Rational(0));
        const Rational rate = eta_.rational() / Rational(static_cast<unsigned long>(last - first));
        for (std::size_t i = first; i < last; ++i) {
            std::vector<Rational> symbols = point;
            for (const Real& y : inputs_[i]) {
                if (!y.is_rational()) return std::nullopt;
                symbols.push_back(y.rational());
            }
            const std::optional<Rational> value = evaluate(output_, symbols);
            if (!value || !targets_[i].is_rational()) return std::nullopt;
            const Rational residual = *value - targets_[i].rational();
            std::vector<Rational> gradient;
            for (const Expression& derivative : derivatives_) {
                const std::optional<Rational> x = evaluate(derivative, symbols);
                if (!x) return std::nullopt;
                gradient.push_back(*x);
            }
            for (std::size_t p = 0; p < d; ++p)
                for (std::size_t q = 0; q <= p; ++q) {
                    const std::optional<Rational> second = evaluate(hessian[p * (p + 1) / 2 + q], symbols);
                    if (!second) return std::nullopt;
                    const Rational entry = rate * (gradient[p] * gradient[q] + residual * *second);
                    result(p, q) -= entry;
                    if (q != p) result(q, p) -= entry;
                }
        }
        return result;
    }

    Matrix<MpInterval> jacobian(const std::vector<Rational>& point, std::size_t first, std::size_t last,
                                const std::vector<Expression>& hessian, long precision) const {
        const std::size_t d = parameters_.size();
        Matrix<MpInterval> result = Matrix<MpInterval>::identity(d, MpInterval(Rational(1), precision), MpInterval(precision));
        const MpInterval rate = eta_.at(precision) / MpInterval(Rational(static_cast<unsigned long>(last - first)), precision);
        for (std::size_t i = first; i < last; ++i) {
            std::vector<MpInterval> symbols;
            for (const Rational& x : point) symbols.emplace_back(x, precision);
            for (const Real& y : inputs_[i]) symbols.push_back(y.at(precision));
            const MpInterval residual = enclose(output_, precision, symbols) - targets_[i].at(precision);
            std::vector<MpInterval> gradient;
            for (const Expression& derivative : derivatives_) gradient.push_back(enclose(derivative, precision, symbols));
            for (std::size_t p = 0; p < d; ++p)
                for (std::size_t q = 0; q <= p; ++q) {
                    const MpInterval entry =
                        rate * (gradient[p] * gradient[q] + residual * enclose(hessian[p * (p + 1) / 2 + q], precision, symbols));
                    result(p, q) -= entry;
                    if (q != p) result(q, p) -= entry;
                }
        }
        return result;
    }

    std::vector<std::string> parameters_;
    std::vector<std::string> input_names_;
    Expression output_;
    std::vector<Expression> derivatives_;
    std::vector<std::vector<Expression>> data_inputs_;
    bool minimum_proved_;
    Real eta_;
    StepAtMinimum step_;
    std::vector<std::vector<Real>> inputs_;
    std::vector<Real> targets_;
    std::mutex mutex_;
    std::vector<Expression> hessian_;
};

}  // namespace

namespace {

// det(I - (eta/N) G) = prod_i (1 - eta kappa_i / N), kappa_i the eigenvalues of G: for each eta of an interval by itself.
bool no_factor_vanishes(const StepAtMinimum& step, long precision) {
    constexpr std::size_t largest = 60;
    const std::size_t n = step.gram.rows();
    if (n > largest) return false;
    const MpInterval rate = step.learning_rate.at(precision) / MpInterval(Rational(static_cast<unsigned long>(n)), precision);
    for (const MpInterval& kappa : symmetric_eigenvalues(enclose(step.gram, precision)))
        if (contains_zero(MpInterval(Rational(1), precision) - rate * kappa)) return false;
    return true;
}

}  // namespace

std::optional<Finding> jacobian_at_minimum(const StepAtMinimum& step, std::optional<std::size_t> sample) {
    const Matrix<Real>& scaled_gram = step.scaled_gram;
    if (sample) {
        const Real determinant = Real(1) - scaled_gram(*sample, *sample);
        if (determinant.is_zero() != Ternary::no) return std::nullopt;
        const std::string i = std::to_string(*sample + 1);
        return Finding{Ternary::yes, "at x*: 1 - eta ||g_" + i + "||^2 " + described(determinant)};
    }
    const std::size_t n = scaled_gram.rows();
    Matrix<Real> jacobian(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            jacobian(i, j) = Real(i == j ? 1 : 0) - scaled_gram(i, j) / Real(Rational(static_cast<unsigned long>(n)));
    if (n <= max_exact_dimension && is_rational(jacobian)) {
        const Rational d = determinant(to_rational(jacobian));
        if (d.is_zero()) return std::nullopt;
        return Finding{Ternary::yes, "at x*: det(I - (eta/N) G) " + described(Real(d))};
    }
    for (const long precision : {128L, 256L})
        if (regular(jacobian, precision)) return Finding{Ternary::yes, "at x*: I - (eta/N) G is invertible (interval elimination)"};
    if (no_factor_vanishes(step, 128)) return Finding{Ternary::yes, "at x*: no eigenvalue of I - (eta/N) G vanishes"};
    return std::nullopt;
}

std::function<Finding(std::optional<std::size_t>)> jacobian_search(const Document& document, const ModelAtMinimum& model,
                                                                   const Problem& problem) {
    auto search = std::make_shared<JacobianSearch>(document, model, problem);
    return [search](std::optional<std::size_t> sample) { return (*search)(sample); };
}

}  // namespace lyapcert
