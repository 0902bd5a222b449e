#include "checker/rules/invariant_cone.hpp"
#include "checker/rules/rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lyapcert::checker {

namespace {

constexpr std::size_t largest_dimension = 32;
constexpr std::size_t most_rows = 5000;
constexpr std::size_t longest_word = 400;
constexpr double nanoseconds = 6.0;  // of an operation on Outward numbers

using Vector = std::vector<Outward>;

Outward outward(const Enclosure& x) {
    const double lo = mpfr_get_d(x.lower(), MPFR_RNDD);
    const double hi = mpfr_get_d(x.upper(), MPFR_RNDU);
    if (!(std::fabs(lo) <= 0x1p60 && std::fabs(hi) <= 0x1p60)) throw Refused("cone: a number is too large");
    // T19 (c). The signs come from MPFR: a double that is subnormal may count as zero.
    if (mpfr_zero_p(x.lower()) != 0 && mpfr_zero_p(x.upper()) != 0) return 0.0;
    return {std::fabs(lo) < 0x1p-1000 ? (mpfr_sgn(x.lower()) < 0 ? -0x1p-1000 : 0.0) : lo, std::fabs(hi) < 0x1p-1000 ? (mpfr_sgn(x.upper()) > 0 ? 0x1p-1000 : 0.0) : hi};
}

bool is_zero(const Outward& x) { return x.lo == 0.0 && x.hi == 0.0; }
double modulus(const Outward& x) { return std::max(std::fabs(x.lo), std::fabs(x.hi)); }
double middle(const Outward& x) { return 0.5 * (x.lo + x.hi); }
Outward either_sign(double x) { return {-x, x}; }

// T28 (e): log x for a double x in [2^-200, 2^200].
Outward log_of(double x) {
    int exponent = 0;
    double m = std::frexp(x, &exponent);
    if (m < 2.0 / 3.0) m *= 2.0, --exponent;
    const Outward t = (Outward(m) - 1.0) / (Outward(m) + 1.0);
    const Outward square = t * t;
    Outward series = Outward(1.0) / 27.0 + either_sign(0.002);
    for (int odd = 25; odd >= 1; odd -= 2) series = series * square + Outward(1.0) / static_cast<double>(odd);
    constexpr double log_2 = 0x1.62e42fefa39efp-1;
    return Outward(static_cast<double>(exponent)) * Outward(log_2, std::nextafter(log_2, 1.0)) + 2.0 * (t * series);
}
Outward log_of(const Outward& x) {
    const Outward low = log_of(x.lo);
    return {low.lo, (low + (Outward(x.hi) - x.lo) / Outward(x.lo)).hi};
}

std::vector<Rational> numbers(const nlohmann::json& evidence, const char* key, std::size_t most) {
    const std::string& text = evidence.at(key).get_ref<const std::string&>();
    charge(64.0 * static_cast<double>(text.size()));
    std::vector<Rational> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (result.size() == most) throw Refused(std::string("cone: '") + key + "' is too long");
        result.push_back(parse_rational(std::string_view(text).substr(at, end - at)));
        if (abs(result.back()) > mpz_class(1) << 60 || mpz_sizeinbase(result.back().get_den_mpz_t(), 2) > 1100) throw Refused(std::string("cone: a number in '") + key + "' is too large or too fine");
        at = end + 1;
    }
    return result;
}

std::vector<int> signs(const nlohmann::json& evidence, const char* key, std::size_t count) {
    std::vector<int> result;
    for (const char c : evidence.at(key).get_ref<const std::string&>()) {
        if (c != '+' && c != '-') throw Refused(std::string("cone: '") + key + "' is no list of signs");
        result.push_back(c == '+' ? 1 : -1);
    }
    if (result.size() != count) throw Refused(std::string("cone: '") + key + "' has the wrong length");
    return result;
}

class ConeCheck {
  public:
    ConeCheck(const Product& product, const nlohmann::json& evidence, long bits) : n_(product.dimension()), bits_(bits), constant_(bits) {
        if (n_ < 2 || n_ > largest_dimension) throw Refused("cone: the dimension is not between 2 and 32");
        if (product.matrices.empty() || product.matrices.size() > most_rows) throw Refused("cone: there are no matrices, or too many");
        cube_ = evidence.contains("basis");
        prepare_maps(product, evidence);
        if (reason.empty()) prepare_rows(product, evidence);
    }

    std::string reason;  // why the hypotheses are not proved

    // T28 (c).
    std::string run(Side side, const Rational& claim, double threshold) {
        threshold_ = threshold;
        std::vector<Vector> p(n_, Vector(n_));
        for (std::size_t j = 0; j < n_; ++j) p[j][j] = 1.0;
        const std::optional<Outward> mean = visit(p, 1.0, 0);
        if (!mean) return "a cone on which D is not bounded is left";
        const Rational target = claim * degree_;
        const bool proved = side == Side::lower ? at_most(target, constant_ + Enclosure(Rational(mean->lo), bits_)) : at_least(target, constant_ + Enclosure(Rational(mean->hi), bits_));
        return proved ? "" : "the inequality is not proved";
    }

    std::optional<Outward> bound_of(const std::vector<std::size_t>& word) {
        std::vector<Vector> p(n_, Vector(n_));
        for (std::size_t j = 0; j < n_; ++j) p[j][j] = 1.0;
        for (const std::size_t i : word) p = extended(p, i);
        double floor = 0.0;
        auto d = bound(p, floor);
        if (d) d = *d + outward(constant_);
        return d;
    }

  private:
    // B_i in the coordinates of the cone: T28 (b).
    void prepare_maps(const Product& product, const nlohmann::json& evidence) {
        const std::vector<int> factors = signs(evidence, "factors", product.matrices.size());
        const std::vector<int> flips = cube_ ? std::vector<int>() : signs(evidence, "signs", n_);
        Matrix basis(n_, n_);
        if (cube_) {
            const std::vector<Rational> entries = numbers(evidence, "basis", n_ * n_);
            if (entries.size() != n_ * n_) throw Refused("cone: 'basis' is too short");
            for (std::size_t e = 0; e < n_ * n_; ++e) basis.entries[e] = Value(Enclosure(entries[e], bits_));
        }
        charge(1500.0 * static_cast<double>(product.matrices.size() * n_ * n_ * n_));
        for (std::size_t i = 0; i < product.matrices.size(); ++i) {
            Matrix b = product.matrices[i];
            if (cube_) {
                b = rounded(b, bits_) * basis;
                if (solve(basis, b).sign() == 0) throw Refused("cone: the basis is not regular");
            }
            for (std::size_t k = 0; k < n_; ++k)
                for (std::size_t l = 0; l < n_; ++l)
                    if (factors[i] * (cube_ ? 1 : flips[k] * flips[l]) < 0) b(k, l) = Value(Rational(0)) - b(k, l);
            if (!(cube_ ? in_cube(b) : in_orthant(b))) {
                reason = "matrix " + std::to_string(i) + " is not proved to leave the cone invariant";
                return;
            }
            values_.push_back(b);
            maps_.emplace_back();
            for (const Value& x : b.entries) maps_.back().push_back(x.is(0) ? Outward(0.0) : outward(x.enclosure(bits_)));
            probabilities_.push_back(outward(Enclosure(product.probabilities[i], bits_)));
        }
    }

    bool in_orthant(const Matrix& b) const {
        return std::all_of(b.entries.begin(), b.entries.end(), [&](const Value& x) { return x.exact() != nullptr ? sgn(*x.exact()) >= 0 : mpfr_sgn(x.enclosure(bits_).lower()) >= 0; });
    }
    bool in_cube(const Matrix& b) const {
        for (std::size_t k = 1; k < n_; ++k)
            for (const bool plus : {false, true}) {
                const auto entry = [&](std::size_t l) { return (plus ? b(0, l) + b(k, l) : b(0, l) - b(k, l)).enclosure(bits_); };
                Enclosure room = entry(0);
                for (std::size_t l = 1; l < n_; ++l) room = room - abs(entry(l));
                if (room.sign() <= 0) return false;
            }
        return true;
    }

    // The l_b and beta_b of T28 (d), the factors mu and their constant.
    void prepare_rows(const Product& product, const nlohmann::json& evidence) {
        const std::vector<Rational> weights = numbers(evidence, "weights", most_rows);
        const std::size_t count = weights.size();
        const std::size_t maps = maps_.size();
        if (count == 0 || count * (maps + 1) > most_rows) throw Refused("cone: there are no functionals, or too many");
        const std::vector<Rational> entries = numbers(evidence, "functionals", count * n_);
        if (entries.size() != count * n_) throw Refused("cone: 'functionals' is too short");
        charge(1500.0 * static_cast<double>(count * maps * n_ * n_));
        degree_ = 0;
        for (const Rational& c : weights) degree_ += c;
        if (sgn(degree_) <= 0) {
            reason = "the degree of f is not positive";
            return;
        }
        const std::vector<double> point = some_point(entries);
        for (std::size_t a = 0; a < count; ++a) {
            Rational least = entries[a * n_];
            for (std::size_t k = 1; k < n_; ++k) least = cube_ ? Rational(least - abs(entries[a * n_ + k])) : std::min(least, entries[a * n_ + k]);
            if (sgn(least) <= 0) {
                reason = "functional " + std::to_string(a) + " is not positive on the cone";
                return;
            }
            rows_.emplace_back();
            for (std::size_t k = 0; k < n_; ++k) rows_.back().push_back(outward(Enclosure(entries[a * n_ + k], bits_)));
            beta_.push_back(outward(Enclosure(Rational(-weights[a]), bits_)));
        }
        for (std::size_t a = 0; a < count; ++a)
            for (std::size_t i = 0; i < maps; ++i) {
                std::vector<Value> l(n_);
                double height = 0.0;
                for (std::size_t j = 0; j < n_; ++j) {
                    for (std::size_t k = 0; k < n_; ++k)
                        if (!values_[i](k, j).is(0)) l[j] = l[j] + Value(Enclosure(entries[a * n_ + k], bits_)) * values_[i](k, j);
                    height += mpfr_get_d(l[j].enclosure(bits_).lower(), MPFR_RNDN) * point[j];
                }
                if (!(height >= 0x1p-60 && height <= 0x1p60)) {
                    reason = "matrix " + std::to_string(i) + " is too small or too large";
                    return;
                }
                const Enclosure mu(Rational(height), bits_);
                rows_.emplace_back();
                for (const Value& x : l) rows_.back().push_back(x.is(0) ? Outward(0.0) : outward(x.enclosure(bits_) / mu));
                const Rational beta = product.probabilities[i] * weights[a];
                beta_.push_back(outward(Enclosure(beta, bits_)));
                constant_ = constant_ + Enclosure(beta, bits_) * log(mu);
            }
    }

    // Where the mu are read off: any point will do.
    std::vector<double> some_point(const std::vector<Rational>& entries) const {
        std::vector<double> x(n_, cube_ ? 0.0 : 1.0);
        x[0] = 1.0;
        for (int step = 0; step < 20; ++step) {
            std::vector<double> y(n_, 0.0);
            double height = 0.0;
            for (std::size_t k = 0; k < n_; ++k) {
                for (std::size_t i = 0; i < maps_.size(); ++i)
                    for (std::size_t l = 0; l < n_; ++l) y[k] += middle(probabilities_[i]) * middle(maps_[i][k * n_ + l]) * x[l];
                height += entries[k].get_d() * y[k];
            }
            if (!(height >= 0x1p-60 && height <= 0x1p60)) break;
            for (std::size_t k = 0; k < n_; ++k) x[k] = y[k] / height;
        }
        return x;
    }

    // P_w B_i, scaled by a power of two. Products with an exact zero are left out, so that columns which vanish are seen to vanish.
    std::vector<Vector> extended(const std::vector<Vector>& p, std::size_t i) const {
        std::vector<Vector> result(n_, Vector(n_));
        double most = 0.0;
        for (std::size_t j = 0; j < n_; ++j)
            for (std::size_t k = 0; k < n_; ++k) {
                Outward sum = 0.0;
                for (std::size_t l = 0; l < n_; ++l)
                    if (!is_zero(maps_[i][l * n_ + j]) && !is_zero(p[l][k])) sum = is_zero(sum) ? p[l][k] * maps_[i][l * n_ + j] : sum + p[l][k] * maps_[i][l * n_ + j];
                most = std::max(most, modulus(sum));
                result[j][k] = sum;
            }
        int exponent = 0;
        if (most > 0.0) std::frexp(most, &exponent);
        if (std::abs(exponent) > 20)
            for (Vector& column : result)
                for (Outward& x : column)
                    if (!is_zero(x)) x = x * std::ldexp(1.0, -exponent);
        return result;
    }

    // T28 (d): D - K0 on C_w. `floor` is about the part of the width that is due to rounding.
    std::optional<Outward> bound(const std::vector<Vector>& p, double& floor) const {
        charge(nanoseconds * static_cast<double>((rows_.size() + n_) * n_ * (2 * n_ + 4) + rows_.size() * 60));
        // The u_j, and the centre.
        std::vector<Vector> u;
        std::vector<double> c(n_, 0.0);
        double sigma = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            if (!cube_ && std::all_of(p[j].begin(), p[j].end(), is_zero)) continue;
            double height = 0.0;
            for (std::size_t k = 0; k < n_; ++k) height += middle(rows_[0][k]) * middle(p[j][k]);
            if (!cube_ || j == 0) {
                if (!(height >= 0x1p-100 && height <= 0x1p100)) return std::nullopt;
                sigma = 1.0 / height;
            }
            u.push_back(p[j]);
            for (Outward& x : u.back()) x = x * sigma;
        }
        if (u.empty()) return std::nullopt;
        const std::size_t averaged = cube_ ? 1 : u.size();
        for (std::size_t k = 0; k < n_; ++k) {
            for (std::size_t j = 0; j < averaged; ++j) c[k] += middle(u[j][k]);
            c[k] /= static_cast<double>(averaged);
            if (!(std::fabs(c[k]) <= 0x1p60) || (c[k] != 0.0 && std::fabs(c[k]) < 0x1p-400)) return std::nullopt;
        }
        // The d_j.
        std::vector<double> along(n_, 1.0);
        Outward stretch = 1.0;
        if (cube_) {
            Outward rest = 1.0;
            for (std::size_t j = 1; j < n_; ++j) {
                along[j] = 0.0;
                for (std::size_t k = 0; k < n_; ++k) along[j] += middle(rows_[0][k]) * middle(u[j][k]);
                if (std::fabs(along[j]) < 0x1p-400) along[j] = 0.0;
                rest = rest - std::fabs(along[j]);
            }
            if (!(rest.lo >= 0x1p-60)) return std::nullopt;
            stretch = Outward((Outward(1.0) / rest).hi);
        }
        std::vector<Vector> d = u;
        for (std::size_t j = 0; j < d.size(); ++j)
            for (std::size_t k = 0; k < n_; ++k) {
                d[j][k] = cube_ ? stretch * (u[j][k] - Outward(along[j]) * c[k]) : u[j][k] - c[k];
                if (!(modulus(d[j][k]) <= 0x1p100)) return std::nullopt;
            }
        // The sums over b.
        const std::size_t count = d.size();
        Outward value = 0.0;
        Vector g(n_);
        std::vector<Vector> h(count, Vector(count));
        Outward remainder = 0.0;
        Vector ranges;
        bool modelled = true;
        for (std::size_t b = 0; b < rows_.size(); ++b) {
            Outward q = 0.0;
            for (std::size_t k = 0; k < n_; ++k) q = q + rows_[b][k] * c[k];
            if (!(q.lo >= 0x1p-60 && q.hi <= 0x1p60)) return std::nullopt;
            value = value + beta_[b] * log_of(q);
            Vector z(count);
            Outward range = either_sign(0.0);
            Outward delta = 0.0;
            for (std::size_t j = 0; j < count; ++j) {
                for (std::size_t k = 0; k < n_; ++k) z[j] = z[j] + rows_[b][k] * d[j][k];
                z[j] = z[j] / q;
                delta = cube_ ? delta + modulus(z[j]) : Outward(std::max(delta.hi, modulus(z[j])));
                range = {std::min(range.lo, z[j].lo), std::max(range.hi, z[j].hi)};
            }
            ranges.push_back(cube_ ? either_sign(delta.hi) : range);
            if (!(delta.hi <= 0.5)) modelled = false;
            if (!modelled) continue;
            for (std::size_t k = 0; k < n_; ++k) g[k] = g[k] + beta_[b] * (rows_[b][k] / q);
            for (std::size_t j = 0; j < count; ++j) {
                const Outward weighted = beta_[b] * z[j];
                for (std::size_t k = 0; k <= j; ++k) h[j][k] = h[j][k] + weighted * z[k];
            }
            const Outward most(delta.hi);
            remainder = remainder + Outward(modulus(beta_[b])) * (most * most * most) / (3.0 * (Outward(1.0) - most));
        }
        floor = 2.0 * (value.hi - value.lo);
        if (!modelled) {
            for (std::size_t b = 0; b < rows_.size(); ++b) {
                const Outward factor = Outward(1.0) + ranges[b];
                if (!(factor.lo >= 0x1p-60 && factor.hi <= 0x1p60)) return std::nullopt;
                value = value + beta_[b] * Outward(log_of(factor.lo).lo, log_of(factor.hi).hi);
            }
            return value;
        }
        Vector slope(count);
        for (std::size_t j = 0; j < count; ++j)
            for (std::size_t k = 0; k < n_; ++k) slope[j] = slope[j] + g[k] * d[j][k];
        Outward rest = 0.0;
        if (cube_) {
            for (std::size_t j = 0; j < count; ++j) {
                rest = rest + either_sign(modulus(slope[j])) - 0.5 * Outward(std::min(0.0, h[j][j].lo), std::max(0.0, h[j][j].hi));
                for (std::size_t k = 0; k < j; ++k) rest = rest + either_sign(modulus(h[j][k]));
            }
        } else {
            rest = {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
            for (std::size_t j = 0; j < count; ++j)
                for (std::size_t k = 0; k <= j; ++k) {
                    const Outward pair = 0.5 * (slope[j] + slope[k] - h[j][k]);
                    rest = {std::min(rest.lo, pair.lo), std::max(rest.hi, pair.hi)};
                }
        }
        return value + rest + either_sign(remainder.hi);
    }

    std::optional<Outward> visit(const std::vector<Vector>& p, double probability, std::size_t length) const {
        double floor = 0.0;
        const std::optional<Outward> own = bound(p, floor);
        const double width = own ? own->hi - own->lo : std::numeric_limits<double>::infinity();
        if (!(probability * width > threshold_) || width <= 2.0 * floor || length >= longest_word) return own;
        Outward mean = 0.0;
        bool bounded = true;
        for (std::size_t i = 0; i < maps_.size(); ++i) {
            charge(nanoseconds * static_cast<double>(n_ * n_ * (n_ + 1)));
            const std::optional<Outward> child = visit(extended(p, i), probability * middle(probabilities_[i]), length + 1);
            if (child && bounded) mean = mean + probabilities_[i] * *child;
            else bounded = false;
        }
        if (!bounded) return own;
        if (!own) return mean;
        return Outward(std::max(mean.lo, own->lo), std::min(mean.hi, own->hi));
    }

    std::size_t n_;
    long bits_;
    bool cube_ = false;
    std::vector<Matrix> values_;  // B_i
    std::vector<Vector> maps_;   // in doubles, by rows
    std::vector<Outward> probabilities_;
    std::vector<Vector> rows_;   // l_b
    std::vector<Outward> beta_;
    Enclosure constant_;         // K0
    Rational degree_;            // s
    double threshold_ = 0.0;
};

}  // namespace

std::string check_invariant_cone(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, long bits) {
    ConeCheck check(product, evidence, bits);
    if (!check.reason.empty()) return check.reason;
    const std::vector<Rational> threshold = numbers(evidence, "threshold", 1);
    if (threshold.size() != 1 || sgn(threshold.front()) < 0) throw Refused("cone: 'threshold' is not a number >= 0");
    return check.run(side, claim, threshold.front().get_d());
}

std::optional<Outward> invariant_cone_bound(const Product& product, const nlohmann::json& evidence, const std::vector<std::size_t>& word, long bits) {
    ConeCheck check(product, evidence, bits);
    if (!check.reason.empty()) return std::nullopt;
    return check.bound_of(word);
}

std::string check_invariant_cone(const LambdaClaim& claim) {
    return check_invariant_cone(claim.product, claim.context.evidence("cones", claim.proof.at("cone")), claim.side, claim.end.value, claim.bits());
}

}  // namespace lyapcert::checker
