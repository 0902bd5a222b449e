#include "exponent/invariant_cone/cone_table.hpp"

#include <algorithm>
#include <cmath>

namespace lyapcert::invariant_cone {

namespace {

constexpr double largest_entry = 0x1p60;

double magnitude(const Interval& x) { return std::max(std::fabs(x.lower()), std::fabs(x.upper())); }

}  // namespace

// Appends the rows b to the table, one after the other; false where one is not proved to be positive on K (orthant: inside K).
class ConeTable::RowWriter {
  public:
    explicit RowWriter(ConeTable& table) : table_(table) {}

    bool append(const std::vector<Interval>& l, const Interval& beta) {
        const std::size_t rows = table_.rows_;
        Interval sum_of_errors(0.0), others(0.0);
        double eta = 0.0;
        for (std::size_t k = 0; k < table_.n_; ++k) {
            const double near = is_exact_zero(l[k].lower(), l[k].upper()) ? 0.0 : 0.5 * (l[k].lower() + l[k].upper());
            if (!(std::fabs(near) <= largest_entry)) return false;
            table_.l_[k * rows + row_] = near;
            const double error = magnitude(l[k] - Interval(near));
            sum_of_errors += error;
            if (k > 0) others += std::fabs(near);
            if (!table_.cube_) {
                if (near < 0.0 || (near == 0.0 && error > 0.0)) return false;
                if (error > 0.0) eta = std::max(eta, directed::div_up(error, near));
            }
        }
        double omega = 1.0;
        if (table_.cube_) {
            const Interval head(table_.l_[row_]);
            const Interval gap = head - others;
            if (!(gap.lower() > 0.0)) return false;
            omega = ((head + others) / gap).upper();
            eta = (sum_of_errors / gap).upper();
        }
        if (!(eta < 0.5)) return false;
        const Interval size(magnitude(beta));
        table_.beta_[row_] = 0.5 * (beta.lower() + beta.upper());
        total_ += size;
        conditioned_ += size * omega;
        table_.worst_ = std::max(table_.worst_, omega);
        loss_ += size * (Interval(eta) / (Interval(1.0) - eta));
        ++row_;
        return true;
    }

    // Fills up with rows of weight 0, copies of l.
    void finish(const std::vector<double>& l) {
        for (; row_ < table_.rows_; ++row_)
            for (std::size_t k = 0; k < table_.n_; ++k) table_.l_[k * table_.rows_ + row_] = l[k];
        table_.total_ = total_.upper();
        table_.conditioned_ = conditioned_.upper();
        table_.loss_ = loss_.upper();
        table_.usable_ = table_.total_ <= 0x1p40 && table_.worst_ <= 0x1p24;
    }

  private:
    ConeTable& table_;
    std::size_t row_ = 0;
    Interval total_{0.0}, conditioned_{0.0}, loss_{0.0};
};

// Where the mu are read off: any point will do.
std::vector<double> ConeTable::point_of_orbit(const Matrix<double>& functionals) const {
    std::vector<double> point(n_, cube_ ? 0.0 : 1.0);
    if (cube_) point[0] = 1.0;
    for (int step = 0; step < 20; ++step) {
        std::vector<double> next(n_, 0.0);
        for (std::size_t i = 0; i < maps(); ++i)
            for (std::size_t k = 0; k < n_; ++k)
                for (std::size_t j = 0; j < n_; ++j) next[k] += probability_[i].first * map_lower_[i][j * n_ + k] * point[j];
        double height = 0.0;
        for (std::size_t k = 0; k < n_; ++k) height += functionals(0, k) * next[k];
        if (!(height > 0x1p-200 && height < 0x1p200)) break;
        for (std::size_t k = 0; k < n_; ++k) point[k] = next[k] / height;
    }
    return point;
}

// The rows B_i^T l_a / mu_ia with p_i c_a, and the constant; false where one is not proved to be positive.
bool ConeTable::append_images(const ConeMaps& family, const Matrix<double>& functionals, const std::vector<double>& weights, RowWriter& rows) {
    const std::vector<double> point = point_of_orbit(functionals);
    const long precision = constant_.precision();
    for (std::size_t a = 0; a < functionals.rows(); ++a)
        for (std::size_t i = 0; i < family.maps.size(); ++i) {
            std::vector<Interval> l;
            double mu = 0.0;
            for (std::size_t j = 0; j < n_; ++j) {
                Interval x(0.0);
                for (std::size_t k = 0; k < n_; ++k)
                    if (!is_zero(family.maps[i](k, j))) x += family.maps[i](k, j) * functionals(a, k);
                mu += 0.5 * (x.lower() + x.upper()) * point[j];
                l.push_back(x);
            }
            if (!(mu > 0x1p-200 && mu < 0x1p200)) return false;
            for (Interval& x : l)
                if (!is_zero(x)) x /= mu;
            if (!rows.append(l, to_interval(family.probabilities[i]) * weights[a])) return false;
            constant_ += MpInterval(family.probabilities[i] * rational_from_double(weights[a]), precision) * log(MpInterval(mu, mu, precision));
        }
    return true;
}

ConeTable::ConeTable(const ConeMaps& family, const Matrix<double>& functionals, const std::vector<double>& weights) : n_(family.dimension), cube_(family.cube) {
    const RoundUpward guard;
    const std::size_t count = functionals.rows();
    const std::size_t maps = family.maps.size();
    if (n_ > largest_dimension || count == 0 || count != weights.size() || functionals.columns() != n_ || count > most_rows || count * (maps + 1) + lanes > most_rows) return;
    rows_ = (count * (maps + 1) + lanes - 1) / lanes * lanes;
    l_.assign(n_ * rows_, 0.0);
    beta_.assign(rows_, 0.0);
    for (std::size_t i = 0; i < maps; ++i) {
        const Interval p = to_interval(family.probabilities[i]);
        probability_.emplace_back(p.lower(), p.upper());
        map_lower_.emplace_back();
        map_upper_.emplace_back();
        for (std::size_t j = 0; j < n_; ++j)
            for (std::size_t k = 0; k < n_; ++k) {
                map_lower_.back().push_back(family.maps[i](k, j).lower());
                map_upper_.back().push_back(family.maps[i](k, j).upper());
            }
    }
    degree_ = 0;
    for (const double c : weights) {
        if (!(std::fabs(c) <= 0x1p30)) return;
        degree_ += rational_from_double(c);
    }
    if (degree_ <= 0) return;
    RowWriter rows(*this);
    for (std::size_t a = 0; a < count; ++a) {
        std::vector<Interval> l;
        for (std::size_t k = 0; k < n_; ++k) {
            if (!std::isfinite(functionals(a, k)) || (!cube_ && !(functionals(a, k) > 0.0))) return;
            l.emplace_back(functionals(a, k));
        }
        if (!rows.append(l, Interval(-weights[a]))) return;
    }
    if (!append_images(family, functionals, weights, rows)) return;
    std::vector<double> harmless;
    for (std::size_t k = 0; k < n_; ++k) harmless.push_back(functionals(0, k));
    rows.finish(harmless);
}

double ConeTable::times_probability_down(std::size_t i, double x) const { return std::min(directed::mul_down(probability_[i].first, x), directed::mul_down(probability_[i].second, x)); }
double ConeTable::times_probability_up(std::size_t i, double x) const { return std::max(directed::mul_up(probability_[i].first, x), directed::mul_up(probability_[i].second, x)); }

Columns ConeTable::identity() const {
    Columns p{std::vector<double>(n_ * n_, 0.0), {}};
    for (std::size_t j = 0; j < n_; ++j) p.lower[j * n_ + j] = 1.0;
    p.upper = p.lower;
    return p;
}

Columns ConeTable::extended(const Columns& p, std::size_t i) const {
    using namespace directed;
    Columns result{std::vector<double>(n_ * n_, 0.0), std::vector<double>(n_ * n_, 0.0)};
    double most = 0.0;
    for (std::size_t j = 0; j < n_; ++j)
        for (std::size_t l = 0; l < n_; ++l) {
            const double b_lower = map_lower_[i][j * n_ + l];
            const double b_upper = map_upper_[i][j * n_ + l];
            if (is_exact_zero(b_lower, b_upper)) continue;
            const double* lower = &p.lower[l * n_];
            const double* upper = &p.upper[l * n_];
            double* to_lower = &result.lower[j * n_];
            double* to_upper = &result.upper[j * n_];
            if (!cube_) {
                for (std::size_t k = 0; k < n_; ++k) {
                    to_lower[k] = add_down(to_lower[k], mul_down(lower[k], b_lower));
                    to_upper[k] = add_up(to_upper[k], mul_up(upper[k], b_upper));
                }
            } else {
                for (std::size_t k = 0; k < n_; ++k) {
                    to_lower[k] = add_down(to_lower[k], std::min(std::min(mul_down(lower[k], b_lower), mul_down(lower[k], b_upper)), std::min(mul_down(upper[k], b_lower), mul_down(upper[k], b_upper))));
                    to_upper[k] = add_up(to_upper[k], std::max(std::max(mul_up(lower[k], b_lower), mul_up(lower[k], b_upper)), std::max(mul_up(upper[k], b_lower), mul_up(upper[k], b_upper))));
                }
            }
        }
    for (const double x : result.upper) most = std::max(most, x);
    if (most > 0.0 && std::isfinite(most)) {
        int exponent = 0;
        std::frexp(most, &exponent);
        const double scale = std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
        for (double& x : result.lower) x = mul_down(x, scale);
        for (double& x : result.upper) x = mul_up(x, scale);
    }
    return result;
}

MpInterval ConeTable::exponent(double lower, double upper) const { return (constant_ + MpInterval(lower, upper, constant_.precision())) / MpInterval(degree_, constant_.precision()); }

}  // namespace lyapcert::invariant_cone
