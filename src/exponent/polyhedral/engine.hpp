// Search and proof over a fan, round by round: f by Poisson's equation, K, a corrector, bounds, and finer leaves where they promise most.
#pragma once

#include <fmt/format.h>

#include <Eigen/Dense>
#include <random>
#include <stdexcept>

#include "exponent/polyhedral/approximate_corrector.hpp"
#include "exponent/polyhedral/approximate_poisson.hpp"
#include "exponent/polyhedral/cell_bounds.hpp"
#include "exponent/polyhedral/evidence.hpp"
#include "exponent/polyhedral/family.hpp"
#include "exponent/polyhedral/fan.hpp"
#include "exponent/polyhedral/proof.hpp"

namespace lyapcert::polyhedral {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// What is enclosed: one product, or all on a segment.
template <class Subject>
struct Scalars {
    using Proof = Interval;
    using Search = double;
    static const RandomProduct& middle(const RandomProduct& product) { return product; }
};
template <>
struct Scalars<Segment> {
    using Proof = Along;
    using Search = AlongOf<double>;
    static const RandomProduct& middle(const Segment& segment) { return segment.middle; }
};

template <int N, class Subject>
class Engine {
    using ProofScalar = typename Scalars<Subject>::Proof;
    using SearchScalar = typename Scalars<Subject>::Search;
    static constexpr bool is_segment = std::is_same_v<Subject, Segment>;

  public:
    Engine(const Subject& subject, const SearchControl& control)
        : control_(control), exact_(make_family<ProofScalar, N>(subject)), search_(make_family<SearchScalar, N>(subject)),
          approximate_(make_family<double, N>(Scalars<Subject>::middle(subject))) {
        for (const auto& map : approximate_.maps) {
            Eigen::Matrix<double, N, N> a;
            for (int i = 0; i < N; ++i)
                for (int j = 0; j < N; ++j) a(i, j) = map.a[i][j];
            singular_ = singular_ || !(std::fabs(a.determinant()) > 1e-13 * std::pow(a.norm(), N));
        }
    }

    PolyhedralResult run() {
        const RoundNearest guard;
        start();
        double previous_width = infinity;
        std::size_t proved_at = 0;
        int idle_rounds = 0;
        int rounds = 0;
        constexpr int most_rounds = N == 2 ? 10 : 400;
        for (;;) {
            const auto round_start = Clock::now();
            double oscillation = 0.0;
            {
                ApproximatePoisson<SearchScalar, N> poisson(fan_, search_);
                result_.bytes = std::max(result_.bytes, fan_.bytes() + poisson.bytes() + leaf_bytes());
                exponent_ = poisson.solve(values_, std::clamp(0.02 * previous_width, 1e-15, 1e-2), control_.deadline, oscillation);
            }
            shrink_cone();
            const Estimate estimate = play(std::isfinite(previous_width) ? 0.1 * previous_width : 1e-3);
            // Of a singular family the upper half alone.
            const double width = estimate.upper - (std::isfinite(estimate.lower) || !std::isfinite(estimate.upper) ? estimate.lower : std::min(exponent_, estimate.upper));
            report(estimate);

            const double round_seconds = seconds_since(round_start);
            const bool no_lower_half = singular_ && !(estimate.lower > -infinity) && !cone_is_proper_;
            const bool promising = no_lower_half ? satisfied_from_above(estimate.upper) : control_.satisfied(estimate.lower, estimate.upper);
            // A proof along a segment is cheap beside the search, and finer leaves need not make a better one.
            const bool grown = fan_.leaves().size() >= growth_between_proofs * proved_at || (is_segment && (estimate.lower > best_.lower || estimate.upper < best_.upper));
            idle_rounds = width > 0.98 * previous_width ? idle_rounds + 1 : 0;
            // Along a segment that is too long no fan helps.
            const bool last = out_of_budget(round_seconds) || idle_rounds >= (is_segment ? 8 : 12) || (is_segment && ++rounds > most_rounds && !(width < infinity));
            if (promising || grown || last) {
                prove_and_keep(estimate);
                proved_at = fan_.leaves().size();
                if (last || (no_lower_half ? satisfied_from_above(best_.upper) : control_.satisfied(best_.lower, best_.upper))) break;
            }
            if (std::isfinite(width)) previous_width = std::min(previous_width, width);
            if (!refine()) {
                if (proved_at != fan_.leaves().size()) prove_and_keep(estimate);
                break;
            }
        }
        return finish();
    }

  private:
    struct Estimate {
        double lower = -infinity;
        double upper = infinity;
    };

    // Where there is no lower half: is the upper one as good as if there were one at the estimate? What the lower end alone would decide stays open.
    bool satisfied_from_above(double upper) const {
        return control_.satisfied(-infinity, upper) || (control_.satisfied(exponent_, upper) && !control_.satisfied(exponent_, infinity));
    }

    static constexpr double infinity = std::numeric_limits<double>::infinity();
    // Of the whole promise. Dimension 2 has room for millions of leaves: few rounds; above it the right leaves matter more.
    static constexpr double refinement_share = N == 2 ? 0.9 : 0.6;
    static constexpr int refinement_levels = N == 2 ? 2 : 1;
    static constexpr std::size_t growth_between_proofs = N == 2 ? 16 : 4;
    static constexpr std::size_t initial_leaves = N == 2 ? 64 : std::size_t{1} << (2 * N);

    void start() {
        values_.assign(fan_.vertices().size(), 1.0);
        ends_.resize(values_.size());
        in_cone_.assign(fan_.leaves().size(), 1);
        while (fan_.leaves().size() < initial_leaves) bisect(std::vector<char>(fan_.leaves().size(), 1));
    }

    // Bisects the marked leaves. A new vertex gets the value of T F there.
    void bisect(const std::vector<char>& marked) {
        const std::size_t old_vertices = values_.size();
        fan_.refine(
            marked,
            [&](VertexRef a, VertexRef b) {
                ends_.push_back({a.vertex(), b.vertex()});
                values_.push_back(0.5 * (values_[static_cast<std::size_t>(a.vertex())] + values_[static_cast<std::size_t>(b.vertex())]));
            },
            [&](std::size_t parent) {
                in_cone_.push_back(in_cone_[parent]);
                if (visits_.empty()) return;
                for (std::vector<double>& v : potential_) v.push_back(v[parent]);
                visits_.push_back(visits_[parent] *= 0.5F);
                error_.push_back(error_[parent] *= 0.25F);  // half the visits, half the variation
            });
        std::vector<double> relaxed(values_.begin() + static_cast<std::ptrdiff_t>(old_vertices), values_.end());
        in_parallel<RoundNearest>(relaxed.size(), [&](std::size_t i) { relaxed[i] = relaxed_value(old_vertices + i); });
        std::copy(relaxed.begin(), relaxed.end(), values_.begin() + static_cast<std::ptrdiff_t>(old_vertices));
    }

    // exp(T F - exponent_) at a vertex.
    double relaxed_value(std::size_t vertex) const {
        double sum = -exponent_;
        constexpr int ends = end_count<SearchScalar>;
        for (const auto& map : search_.maps) {
            double image = 0.0;
            for (int e = 0; e < ends; ++e) {
                std::array<double, N> w{};
                std::array<double, N> c{};
                for (int i = 0; i < N; ++i)
                    for (int j = 0; j < N; ++j) w[i] += at_end(map.a[i][j], e) * fan_.vertices()[vertex][j];
                const std::int32_t leaf = fan_.approximate_locate(w, c);
                if (leaf < 0) continue;
                for (int i = 0; i < N; ++i)
                    image += c[i] / ends * values_[static_cast<std::size_t>(fan_.leaves()[static_cast<std::size_t>(leaf)].generators[i].vertex())];
            }
            sum += at_end(map.probability, 0) * std::log(std::max(image, 1e-30));
        }
        return std::clamp(std::exp(sum), 1e-200, 1e200);
    }

    std::size_t leaf_bytes() const { return in_cone_.capacity() + values_.capacity() * 16 + fan_.leaves().size() * 24; }

    // Looks for a smaller forward-invariant set of leaves: those reached from an orbit, closed under "all leaves that an image
    // may meet". Floating point: prove() checks the invariance.
    void shrink_cone() {
        if (!cone_is_proper_ && fan_.leaves().size() < 2 * cone_tried_at_) return;
        cone_tried_at_ = fan_.leaves().size();
        CellBounds<SearchScalar, N> cells(fan_, values_, search_, no_corrector_);
        if constexpr (std::is_same_v<SearchScalar, double>) cells.foresee(exact_);
        std::vector<char> reached(fan_.leaves().size(), 0);
        std::vector<std::size_t> stack;
        const auto reach = [&](std::size_t leaf) {
            if (reached[leaf]) return;
            reached[leaf] = 1;
            stack.push_back(leaf);
        };
        std::mt19937_64 random(20250301);
        std::vector<double> weights;
        for (const auto& map : approximate_.maps) weights.push_back(map.probability);
        std::discrete_distribution<std::size_t> pick(weights.begin(), weights.end());
        std::uniform_real_distribution<double> uniform(-1.0, 1.0);
        std::array<double, N> v{};
        for (double& x : v) x = uniform(random);
        for (int n = 0; n < 2000; ++n) {
            const auto& a = approximate_.maps[pick(random)].a;
            std::array<double, N> w{};
            double size = 0.0;
            for (int i = 0; i < N; ++i) {
                for (int j = 0; j < N; ++j) w[i] += a[i][j] * v[j];
                size += std::fabs(w[i]);
            }
            if (!(size > 1e-300) || !std::isfinite(size)) return;
            for (int i = 0; i < N; ++i) v[i] = w[i] / size;
            if (n < 1900) continue;
            std::array<double, N> c{};
            const std::int32_t leaf = fan_.approximate_locate(v, c);
            if (leaf >= 0) reach(static_cast<std::size_t>(leaf));
        }
        std::size_t count = 0;
        while (!stack.empty()) {
            const std::size_t leaf = stack.back();
            stack.pop_back();
            ++count;
            cells.leaves_met(leaf, reach);
        }
        in_cone_.swap(reached);
        cone_is_proper_ = count < in_cone_.size();
    }

    // Runs body(0), ..., body(count - 1) on all threads under the rounding guard `Guard`.
    template <class Guard, class Body>
    static void in_parallel(std::size_t count, Body body) {
        tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, 256), [&](const tbb::blocked_range<std::size_t>& range) {
            const Guard guard;
            for (std::size_t i = range.begin(); i < range.end(); ++i) body(i);
        });
    }

    double level_of(double exponent) const { return exact_.denominator > 0 ? std::exp(exact_.denominator * exponent) : exponent; }
    double exponent_of(double level) const { return exact_.denominator > 0 ? std::log(level) / exact_.denominator : level; }

    // Bounds of D on the leaves of K in floating point, the correctors that go with them, and error_: what refining a leaf promises. Bounds
    // of D are sharpened until they are within `slack` of lambda on average over the visits.
    Estimate play(double slack) {
        using Game = ApproximateCorrector<N>;
        CellBounds<SearchScalar, N> cells(fan_, values_, search_, no_corrector_);
        if constexpr (std::is_same_v<SearchScalar, double>) cells.foresee(exact_);
        Game game(fan_, in_cone_, approximate_);
        const std::vector<std::int32_t>& order = game.order();
        const std::size_t m = game.size();
        const std::size_t all = fan_.leaves().size();
        visits_.resize(all, 1.0F / static_cast<float>(all));
        for (std::vector<double>& v : potential_) v.resize(all, 0.0);

        enum : char { no_lower = 1, no_upper = 2 };
        constexpr double far = 5.0;  // stands for an infinite bound: refinement will remove it, or the adversary never comes
        std::vector<char> unbounded(all, 0);
        const double least_level = approximate_.denominator > 0 ? 0.0 : -infinity;
        game.assemble([&](std::size_t leaf, auto&& met) {
            const double own = slack * std::clamp(1.0 / (static_cast<double>(m) * static_cast<double>(visits_[leaf])), 1.0, 1e3);
            const Level level = cells.bound(leaf, Level{level_of(exponent_ - own), level_of(exponent_ + own)}, met);
            if (!(level.lower > least_level)) unbounded[leaf] |= no_lower;
            if (!(level.upper < infinity)) unbounded[leaf] |= no_upper;
            return std::array<double, 2>{(unbounded[leaf] & no_lower) != 0 ? exponent_ - far : exponent_of(level.lower),
                                         (unbounded[leaf] & no_upper) != 0 ? exponent_ + far : std::max(exponent_of(level.upper), exponent_ - far)};
        });

        error_.assign(all, 0.0F);
        std::array<double, 2> bound{};
        std::vector<double> v(m);
        std::vector<double> nu(m);
        for (const auto side : {Game::lower, Game::upper}) {
            std::vector<double>& potential = potential_[side];
            double plain = side == Game::lower ? infinity : -infinity;
            for (std::size_t i = 0; i < m; ++i) {
                const auto leaf = static_cast<std::size_t>(order[i]);
                v[i] = potential[leaf];
                nu[i] = visits_[leaf];
                plain = side == Game::lower ? std::min(plain, game.reward(side, i)) : std::max(plain, game.reward(side, i));
            }
            bound[side] = game.solve(side, v, exponent_, control_.deadline);
            game.occupation(side, v, nu);
            // Hardly any gain: no corrector, and a short certificate.
            corrected_[side] = std::fabs(plain - exponent_) > 1.1 * std::fabs(bound[side] - exponent_);
            if (!corrected_[side]) bound[side] = plain;
            game.for_each_spread(v, [&](std::size_t i, double spread) {
                const auto leaf = static_cast<std::size_t>(order[i]);
                potential[leaf] = v[i];
                const double range = game.reward(Game::upper, i) - game.reward(Game::lower, i) + spread;
                error_[leaf] += static_cast<float>(nu[i] * (range + surplus(leaf)));
                visits_[leaf] = side == Game::lower ? static_cast<float>(nu[i]) : 0.5F * (visits_[leaf] + static_cast<float>(nu[i]));
            });
        }
        const bool lower_wanted = !singular_ || cone_is_proper_;
        for (std::size_t leaf = 0; leaf < all; ++leaf) {
            if ((unbounded[leaf] & no_lower) != 0) bound[Game::lower] = -infinity;
            if ((unbounded[leaf] & no_upper) != 0) bound[Game::upper] = infinity;
            if ((unbounded[leaf] & (lower_wanted ? no_lower | no_upper : no_upper)) != 0) error_[leaf] = std::numeric_limits<float>::infinity();
        }
        result_.bytes = std::max(result_.bytes, fan_.bytes() + game.bytes() + leaf_bytes());
        return Estimate{bound[Game::lower], bound[Game::upper]};
    }

    // How far f is from linear around a leaf, relatively: at its newest vertex, if the edge were not bisected there.
    double surplus(std::size_t index) const {
        const auto& leaf = fan_.leaves()[index];
        if (leaf.depth == 0) return 0.0;
        const auto z = static_cast<std::size_t>(leaf.generators[Fan<N>::bisected(leaf.depth - 1)].vertex());
        const auto& [a, b] = ends_[z];
        return std::fabs(std::log(2.0 * values_[z] / (values_[static_cast<std::size_t>(a)] + values_[static_cast<std::size_t>(b)])));
    }

    std::vector<std::size_t> leaves_of_cone() const {
        std::vector<std::size_t> leaves;
        for (std::size_t leaf = 0; leaf < in_cone_.size(); ++leaf)
            if (in_cone_[leaf]) leaves.push_back(leaf);
        return leaves;
    }

    // Proves what the present fan, f and K give and keeps the best bounds found so far.
    void prove_and_keep(const Estimate& estimate) {
        const auto start_time = Clock::now();
        const double width = estimate.upper - estimate.lower;
        const double slack = std::isfinite(width) ? 0.01 * width + 1e-16 : 1e-16;
        const Level accept{level_of(estimate.lower - slack), level_of(estimate.upper + slack)};
        for (double& f : values_)
            if (!(f > 0.0) || !std::isfinite(f)) f = 1.0;  // the search may fail, the proof must not
        const CellCorrector corrector = corrector_for(slack);
        for (int attempt = 0; attempt < 3; ++attempt) {
            const Proof proof = prove(fan_, values_, exact_, in_cone_, corrector, accept, is_segment ? control_.deadline : no_deadline);
            if (proof.outside.empty()) {
                keep(proof.level, corrector);
                break;
            }
            // Rounding, or the width of an interval family, hid a leaf from the floating-point closure: take it in and try again.
            for (const std::size_t leaf : proof.outside) in_cone_[leaf] = 1;
            if (attempt == 1) std::fill(in_cone_.begin(), in_cone_.end(), 1);  // everything is invariant
        }
        proof_seconds_per_leaf_ = seconds_since(start_time) / static_cast<double>(fan_.leaves().size());
    }

    // W = exp V, at most 1, with no more digits than bounds to within `slack` need.
    CellCorrector corrector_for(double slack) const {
        CellCorrector corrector;
        const double unit = std::exp2(std::clamp(std::floor(std::log2(0.1 * slack)), -52.0, -8.0));
        for (const int side : {0, 1}) {
            const std::vector<double>& v = potential_[side];
            if (!corrected_[side]) continue;
            double largest = -infinity;
            for (std::size_t leaf = 0; leaf < v.size(); ++leaf)
                if (in_cone_[leaf] != 0) largest = std::max(largest, v[leaf]);
            std::vector<double>& w = side == 0 ? corrector.lower : corrector.upper;
            w.assign(v.size(), 1.0);
            for (std::size_t leaf = 0; leaf < v.size(); ++leaf) {
                if (in_cone_[leaf] == 0 || !std::isfinite(v[leaf])) continue;
                int exponent = 0;
                const double mantissa = std::frexp(std::exp(std::max(v[leaf] - largest, -34.0)), &exponent);
                w[leaf] = std::ldexp(std::round(mantissa / unit) * unit, exponent);
            }
        }
        return corrector;
    }

    void keep(const Level& level, const CellCorrector& corrector) {
        const MpInterval enclosure = exponent_of_level(level, exact_.denominator);
        const double lower = enclosure.lower_double();
        const double upper = enclosure.upper_double();
        if (lower > best_.lower || upper < best_.upper) {
            result_.leaves = fan_.leaves().size();
            result_.leaves_in_cone = static_cast<std::size_t>(std::count(in_cone_.begin(), in_cone_.end(), 1));
        }
        if (control_.keep_evidence && (lower > best_.lower || upper < best_.upper)) {
            const bool both = lower > best_.lower && upper < best_.upper && corrector.lower.empty() && corrector.upper.empty();
            if (lower > best_.lower) result_.bound.lower.evidence = EvidenceWriter<N>(fan_, values_, in_cone_, corrector.lower).write();
            if (upper < best_.upper) result_.bound.upper.evidence = both ? result_.bound.lower.evidence : EvidenceWriter<N>(fan_, values_, in_cone_, corrector.upper).write();
        }
        best_.lower = std::max(best_.lower, lower);
        best_.upper = std::min(best_.upper, upper);
    }

    // Bisects the leaves that promise most, a fixed share of the whole promise, and all whose bounds are infinite. False when nothing can
    // be refined.
    bool refine() {
        std::vector<float> promise;
        double total = 0.0;
        for (std::size_t leaf = 0; leaf < error_.size(); ++leaf)
            if (in_cone_[leaf] != 0 && std::isfinite(error_[leaf]) && fan_.leaves()[leaf].depth < Fan<N>::max_depth) {
                promise.push_back(error_[leaf]);
                total += static_cast<double>(error_[leaf]);
            }
        std::sort(promise.begin(), promise.end(), std::greater<>());
        double sum = 0.0;
        float threshold = std::numeric_limits<float>::infinity();
        for (std::size_t i = 0; i < promise.size() && sum < refinement_share * total; ++i) {
            threshold = promise[i];
            sum += static_cast<double>(threshold);
        }
        bool any = false;
        for (int level = 0; level < refinement_levels; ++level) {
            std::vector<char> marked(fan_.leaves().size(), 0);
            bool more = false;
            for (std::size_t leaf = 0; leaf < error_.size(); ++leaf)
                if (in_cone_[leaf] != 0 && error_[leaf] >= threshold && fan_.leaves()[leaf].depth < Fan<N>::max_depth && (level == 0 || std::isfinite(error_[leaf])))
                    marked[leaf] = 1, more = true;
            if (!more) break;
            any = true;
            bisect(marked);
        }
        return any;
    }

    bool out_of_budget(double round_seconds) const {
        const double remaining = std::chrono::duration<double>(control_.deadline - Clock::now()).count();
        const double next_round = 1.5 * round_seconds;
        const double proof = 1.5 * proof_seconds_per_leaf_ * static_cast<double>(fan_.leaves().size());
        return remaining < next_round + 1.5 * proof || 2 * result_.bytes > control_.memory_bytes;
    }

    void report(const Estimate& estimate) const {
        control_.progress(fmt::format("polyhedral: {} leaves, estimate [{:.10g}, {:.10g}], proved [{:.10g}, {:.10g}]", fan_.leaves().size(),
                                      estimate.lower, estimate.upper, best_.lower, best_.upper));
    }

    PolyhedralResult finish() {
        result_.bound.enclosure = MpInterval(best_.lower, best_.upper, 53);
        for (const auto& [end, proved] : {std::pair(&result_.bound.lower, std::isfinite(best_.lower)), std::pair(&result_.bound.upper, std::isfinite(best_.upper))}) {
            if (proved) end->method = Method::polyhedral;
            end->effort.leaves = result_.leaves;
        }
        return result_;
    }

    const SearchControl& control_;
    MapFamily<ProofScalar, N> exact_;
    MapFamily<SearchScalar, N> search_;       // for bounds in floating point
    MapFamily<double, N> approximate_;        // for f: in the middle of a segment
    Fan<N> fan_;
    std::vector<double> values_;
    std::vector<char> in_cone_;
    std::vector<float> error_;
    std::array<std::vector<double>, 2> potential_;     // V, lower and upper
    std::array<bool, 2> corrected_{};                  // is there a corrector worth having?
    std::vector<float> visits_;                        // by the adversaries of V
    std::vector<std::array<std::int32_t, 2>> ends_;    // of the edge of which a vertex is the midpoint
    const CellCorrector no_corrector_;
    bool cone_is_proper_ = false;
    bool singular_ = false;  // some matrix, as far as doubles tell: no lower bound then unless K avoids its kernel
    std::size_t cone_tried_at_ = 0;
    double exponent_ = 0.0;
    double proof_seconds_per_leaf_ = 1e-5;
    Estimate best_;
    PolyhedralResult result_;
};

}  // namespace lyapcert::polyhedral
