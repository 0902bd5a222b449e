#include "checker/rules/log_quadratic/log_quadratic.hpp"
#include "checker/rules/rules.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "checker/rules/log_quadratic/box_corrector.hpp"
#include "checker/rules/log_quadratic/form_table.hpp"
#include "checker/numbers/threads.hpp"

namespace lyapcert::checker {

namespace {

constexpr double smallest_half_side = 0x1p-40;  // centres and radii of boxes are exact

template <int N>
class Cover {
  public:
    static constexpr int D = N - 1;

    Cover(const FormTable<N>& table, Side side, double level, std::uint64_t& work) : table_(table), side_(side), level_(level), work_(work), work_per_box_(static_cast<std::uint64_t>(table.count()) * N * N * N) {}

    // T22 (c), T23 (i): true when the inequality holds on every face. Throws Refused when that would take too much work.
    bool run() {
        constexpr int pieces = N <= 3 ? 16 : N == 4 ? 8 : 4;
        std::size_t per_face = 1;
        for (int i = 0; i < D; ++i) per_face *= pieces;
        std::atomic<std::size_t> next{0};
        std::atomic<std::uint64_t> left{work_ / work_per_box_};  // boxes
        std::atomic<bool> failed{false};
        std::atomic<bool> exhausted{false};
        const auto work = [&] {
            std::vector<Box<N>> stack;
            for (std::size_t root = next++; root < N * per_face && !failed; root = next++) {
                Box<N> box;
                std::size_t at = root % per_face;
                for (int i = 0; i < D; ++i, at /= pieces) {
                    box.radius[static_cast<std::size_t>(i)] = 1.0 / pieces;
                    box.centre[static_cast<std::size_t>(i)] = (2.0 * static_cast<double>(at % pieces) + 1.0) / pieces - 1.0;
                }
                for (stack.assign(1, box); !stack.empty() && !failed;) {
                    if (left-- == 0) {
                        left = 0;
                        exhausted = failed = true;
                        break;
                    }
                    const Box<N> current = stack.back();
                    stack.pop_back();
                    std::size_t widest = 0;
                    const Bounds d = table_.bound(side_, static_cast<int>(root / per_face), current, nullptr, widest);
                    if (side_ == Side::lower ? d.box >= level_ : d.box <= level_) continue;
                    // Saves time, no more.
                    const bool violated = side_ == Side::lower ? d.centre < level_ : d.centre > level_;
                    const double half = 0.5 * current.radius[widest];
                    if (violated || half < smallest_half_side) failed = true;
                    for (const double sign : {-1.0, 1.0}) {
                        stack.push_back(current);
                        stack.back().radius[widest] = half;
                        stack.back().centre[widest] += sign * half;
                    }
                }
            }
        };
        in_threads(work);
        work_ = exhausted ? 0 : left * work_per_box_;
        if (exhausted) throw Refused("quadratic: the proof would take too long");
        return !failed;
    }

  private:
    const FormTable<N>& table_;
    Side side_;
    double level_;
    std::uint64_t& work_;
    std::uint64_t work_per_box_;
};

template <int N>
std::string check_dimension(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, std::uint64_t& work) {
    LogQuadratic<N> f;
    const std::string reason = prepare(product, evidence, work, f);
    if (!reason.empty()) return reason;
    // T22 (a), (b), T51: degree lambda >= level (<= level).
    const Enclosure enclosure(Rational(claim * f.degree), quadratic_bits);
    const double level = side == Side::lower ? above(enclosure) : below(enclosure);
    const bool proved = has_corrector(evidence) ? check_corrector(f, f, product.probabilities, evidence, side, level, work) : Cover<N>(f.table, side, level, work).run();
    return proved ? "" : "the inequality is not proved";
}

Matrix transposed(const Matrix& a) {
    Matrix result(a.columns, a.rows);
    for (std::size_t i = 0; i < a.rows; ++i)
        for (std::size_t j = 0; j < a.columns; ++j) result(j, i) = a(i, j);
    return result;
}

// The constant c of T70 (d), from above; nothing where it is not bounded.
template <int N>
std::optional<Enclosure> loss_along(const LogQuadratic<N>& f, const LogQuadratic<N>& far, const std::vector<Rational>& probabilities) {
    constexpr long bits = quadratic_bits;
    const Enclosure half(Rational(1, 2), bits);
    const Value one_half(Rational(1, 2));
    Enclosure sum(bits);
    for (std::size_t k = 0; k < f.maps.size(); ++k) {
        Matrix middle(N, N);
        Matrix difference(N, N);
        for (std::size_t e = 0; e < middle.entries.size(); ++e) {
            middle.entries[e] = (f.maps[k].entries[e] + far.maps[k].entries[e]) * one_half;
            difference.entries[e] = far.maps[k].entries[e] - f.maps[k].entries[e];
        }
        Matrix relative = rounded(transposed(difference), bits);  // becomes (Delta B^{-1})^T
        if (solve(rounded(transposed(middle), bits), relative).sign() == 0) return std::nullopt;
        for (std::size_t j = 0; j < f.forms.size(); ++j) {
            const Matrix q = rounded(f.forms[j], bits);
            Matrix conjugate = relative * (q * transposed(relative));
            if (solve(q, conjugate).sign() == 0) return std::nullopt;
            Value trace;
            for (std::size_t i = 0; i < N; ++i) trace = trace + conjugate(i, i);
            Enclosure squared = trace.enclosure(bits);
            if (mpfr_sgn(squared.lower()) < 0) mpfr_set_zero(squared.lower_end(), 1);
            if (mpfr_sgn(squared.upper()) < 0) return std::nullopt;
            const Enclosure rho = increasing(mpfr_sqrt, squared);
            const Enclosure room = Enclosure(Rational(1), bits) - rho * half;
            if (!at_most(Rational(1, 8), room)) return std::nullopt;
            const Enclosure ratio = rho / room;
            sum = sum + Enclosure(probabilities[k] * abs(f.weights[j]), bits) * ratio * ratio;
        }
    }
    return sum * Enclosure(Rational(1, 8), bits);
}

// For all families on the segment (T70 (d)).
template <int N>
std::string check_along(const Product& from, const Product& to, const nlohmann::json& evidence, Side side, const Rational& claim, std::uint64_t& work) {
    LogQuadratic<N> f;
    LogQuadratic<N> far;
    for (const auto& [product, end] : {std::pair(&from, &f), std::pair(&to, &far)}) {
        const std::string reason = prepare(*product, evidence, work, *end);
        if (!reason.empty()) return reason;
    }
    const std::optional<Enclosure> loss = loss_along(f, far, from.probabilities);
    if (!loss) return "the family varies too much along the interval";
    const Enclosure wanted = Enclosure(Rational(claim * f.degree), quadratic_bits) + (side == Side::lower ? *loss : -*loss);
    const double level = side == Side::lower ? above(wanted) : below(wanted);
    for (const LogQuadratic<N>* end : {&f, &far}) {
        const bool proved = has_corrector(evidence) ? check_corrector(*end, end == &f ? far : f, from.probabilities, evidence, side, level, work) : Cover<N>(end->table, side, level, work).run();
        if (!proved) return not_proved;
    }
    return "";
}

template <int N>
double bound_in_dimension(const Product& product, const nlohmann::json& evidence, Side side, int face, const std::vector<double>& centre, const std::vector<double>& radius, const std::vector<double>& tilt) {
    LogQuadratic<N> f;
    std::uint64_t work = most_quadratic_work;
    const std::string reason = prepare(product, evidence, work, f);
    if (!reason.empty()) throw Refused(reason);
    Box<N> box;
    std::copy(centre.begin(), centre.end(), box.centre.begin());
    std::copy(radius.begin(), radius.end(), box.radius.begin());
    std::size_t widest = 0;
    return f.table.bound(side, face, box, tilt.empty() ? nullptr : tilt.data(), widest).box;
}

}  // namespace

double quadratic_bound(const Product& product, const nlohmann::json& evidence, Side side, int face, const std::vector<double>& centre, const std::vector<double>& radius, const std::vector<double>& tilt) {
    switch (product.dimension()) {
        case 2: return bound_in_dimension<2>(product, evidence, side, face, centre, radius, tilt);
        case 3: return bound_in_dimension<3>(product, evidence, side, face, centre, radius, tilt);
        case 4: return bound_in_dimension<4>(product, evidence, side, face, centre, radius, tilt);
        case 5: return bound_in_dimension<5>(product, evidence, side, face, centre, radius, tilt);
        case 6: return bound_in_dimension<6>(product, evidence, side, face, centre, radius, tilt);
        default: throw Refused("quadratic: the dimension is not between 2 and 6");
    }
}

std::string check_quadratic(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim, std::uint64_t& work) {
    const std::size_t n = product.dimension();
    if (!evidence.at("dimension").is_number_unsigned() || evidence.at("dimension").get<std::size_t>() != n) throw Refused("quadratic: its dimension is not that of the product");
    switch (n) {
        case 2: return check_dimension<2>(product, evidence, side, claim, work);
        case 3: return check_dimension<3>(product, evidence, side, claim, work);
        case 4: return check_dimension<4>(product, evidence, side, claim, work);
        case 5: return check_dimension<5>(product, evidence, side, claim, work);
        case 6: return check_dimension<6>(product, evidence, side, claim, work);
        default: throw Refused("quadratic: the dimension is not between 2 and 6");
    }
}

std::string check_log_quadratic(const LambdaClaim& claim) {
    const nlohmann::json& evidence = claim.context.evidence("quadratics", claim.proof.at("quadratic"));
    std::uint64_t& work = claim.context.quadratic_work;
    if (claim.far == nullptr) return check_quadratic(claim.product, evidence, claim.side, claim.end.value, work);
    if (!evidence.at("dimension").is_number_unsigned() || evidence.at("dimension").get<std::size_t>() != claim.product.dimension()) throw Refused("quadratic: its dimension is not that of the product");
    const auto along = [&](auto check) { return check(claim.product, claim.far->product, evidence, claim.side, claim.end.value, work); };
    switch (claim.product.dimension()) {
        case 2: return along(check_along<2>);
        case 3: return along(check_along<3>);
        case 4: return along(check_along<4>);
        case 5: return along(check_along<5>);
        case 6: return along(check_along<6>);
        default: throw Refused("quadratic: the dimension is not between 2 and 6");
    }
}

}  // namespace lyapcert::checker
