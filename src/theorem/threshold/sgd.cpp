// SGD: pieces around points at which the sign of lambda is proved.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lyapcert/exponent/along.hpp"
#include "lyapcert/exponent/approximate_exponent.hpp"
#include "lyapcert/exponent/determinant.hpp"
#include "lyapcert/exponent/reduction.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "theorem/threshold/partition.hpp"

namespace lyapcert::thresholds {

namespace {

using Clock = std::chrono::steady_clock;
constexpr long precision = MpInterval::default_precision;

Deadline in_seconds(double seconds) { return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)); }

class Search {
  public:
    Search(const NormalSpace& space, const Sampling& sampling, const ThresholdOptions& options, Deadline deadline)
        : space_(space), sampling_(sampling), options_(options), deadline_(deadline), slice_(std::max(0.2, 0.02 * options.seconds)) {}

    std::vector<RatePiece> run(const std::vector<RatePiece>& mean_square) {
        find_poles();
        for (const RatePiece& piece : mean_square)
            if (piece.verdict == Verdict::stable) partition_.put(piece);
        cover_infinity();
        while (!is_over(deadline_)) {
            const std::optional<Stretch> stretch = next();
            if (!stretch) break;
            refine(*stretch);
        }
        return partition_.pieces();
    }

  private:
    // Where a step is singular, log|A v| is not bounded from below: instability is proved up to a pole from either side, and across it only where no direction in use is killed.
    void find_poles() {
        for (std::size_t i = 0; i < space_.data_points() && sampling_.is_single_sample(); ++i) {
            const double d = space_.gram()(i, i).at(64).midpoint_double();
            if (d > 0x1p-100 && d < 0x1p100) poles_.push_back(rational_from_double(1.0 / d));
        }
        std::sort(poles_.begin(), poles_.end());
    }

    // Lemma (c) of threshold.hpp: from the smallest rate at which floating point promises a positive bound.
    void cover_infinity() {
        const Matrix<Real>& g = space_.gram();
        double start = 0.0;
        for (std::size_t i = 0; i < g.rows(); ++i) start = std::max(start, g(i, i).interval().upper());
        if (!(start > 0.0)) return;
        start = 1.0 / start;
        double good = 0.0;
        double bad = start;
        for (double eta = 2.0 * start; eta < start * 0x1p60 && !is_over(deadline_); eta *= 2.0) {
            if (unstable_from(rational_from_double(eta))) {
                good = eta;
                break;
            }
            bad = eta;
        }
        if (good == 0.0) return;
        for (int step = 0; step < 10 && !is_over(deadline_); ++step) {
            const double middle = std::sqrt(good * bad);
            (unstable_from(rational_from_double(middle)) ? good : bad) = middle;
        }
        const Rational a = short_between(rational_from_double(good), rational_from_double(1.01 * good), 1.005 * good);
        if (auto piece = unstable_from(a)) partition_.put(*piece);
    }

    std::optional<RatePiece> unstable_from(const Rational& eta) const {
        const NormalSpace at = space_.at(Real(eta));
        auto product = std::make_shared<RandomProduct>(sgd_product(at, sampling_));
        if (!sampling_.is_single_sample() || at.is_singular()) {
            // (eta / B) G > I.
            Matrix<Real> excess = at.scaled_gram();
            for (std::size_t i = 0; i < excess.rows(); ++i) excess(i, i) -= Real(Rational(static_cast<unsigned long>(sampling_.batch_size)));
            if (is_positive_definite(excess) != Ternary::yes) return std::nullopt;
        }
        LyapunovExponent lambda;
        bool positive = false;
        for (ReducedProduct& part : reduce(*product)) {
            Bound bound = Bound::nothing();
            const Matrix<Real>* k = part.product.scaled_gram();
            bool increases = k != nullptr || !sampling_.is_single_sample();
            for (std::size_t i = 0; k != nullptr && i < k->rows(); ++i) increases = increases && less(Real(1), (*k)(i, i)) == Ternary::yes;
            if (increases) bound = determinant_bound(part.product, precision).times(part.weight);
            positive = positive || certainly_positive(bound.enclosure);
            lambda.parts.push_back(LyapunovPart{part.weight, std::move(part.indices), std::move(part.product), std::move(bound)});
        }
        if (!positive) return std::nullopt;
        static_cast<Bound&>(lambda) = lambda.parts.front().bound;
        for (const LyapunovPart& part : lambda.parts) static_cast<Bound&>(lambda) = Bound::largest(lambda, part.bound);
        return RatePiece{eta, std::nullopt, Verdict::unstable, RateProof::determinant_to_infinity, std::make_shared<const LyapunovExponent>(std::move(lambda)), std::move(product)};
    }

    // An open stretch within the range, or what of it lies between two poles, and what is proved on either side.
    struct Stretch {
        Rational left;
        Rational right;
        Verdict before = Verdict::undecided;
        Verdict after = Verdict::undecided;
        double length = 0.0;  // log(right / left)
        double most = 0.0;    // the length that may stay open
        bool is_seam() const { return before == after && before != Verdict::undecided; }
    };

    // How a stretch is worked on: from its ends, in steps of a share of its length, and from inside where islands may be.
    struct Effort {
        double from_left = 0.5;
        double from_right = 0.5;
        int failures = 0;       // to tell a sign in time
        int steps_in_vain = 0;  // since the last success
        int probes = 0;         // inside
        bool was_left = false;  // the last step
    };
    using Key = std::pair<Rational, Rational>;

    std::vector<Stretch> stretches() const {
        std::vector<Stretch> result;
        const std::vector<RatePiece> pieces = merged(partition_.pieces());
        for (std::size_t p = 0; p < pieces.size(); ++p) {
            const RatePiece& piece = pieces[p];
            if (piece.verdict != Verdict::undecided) continue;
            std::optional<Rational> left = piece.from;
            std::optional<Rational> right = piece.to;
            if (options_.from && (!left || *left < *options_.from)) left = options_.from;
            if (options_.to && (!right || *options_.to < *right)) right = options_.to;
            if (!left || !right || left->is_zero() || *right <= *left) continue;  // nothing to hold on to
            std::vector<Rational> cuts{*left};
            for (const Rational& pole : poles_)
                if (*left < pole && pole < *right) cuts.push_back(pole);
            cuts.push_back(*right);
            for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
                Stretch stretch{cuts[c], cuts[c + 1]};
                if (c == 0 && p > 0 && left == piece.from) stretch.before = pieces[p - 1].verdict;
                if (c + 2 == cuts.size() && p + 1 < pieces.size() && right == piece.to) stretch.after = pieces[p + 1].verdict;
                stretch.length = std::log(stretch.right.convert_to<double>() / stretch.left.convert_to<double>());
                stretch.most = std::log(options_.ratio) / static_cast<double>(cuts.size() - 1);
                result.push_back(std::move(stretch));
            }
        }
        return result;
    }

    // What is wider than it may be, the widest first, failures counted; then what stands between two pieces of one verdict, however narrow.
    std::optional<Stretch> next() {
        std::optional<Stretch> best;
        double most = 0.0;
        for (const Stretch& stretch : stretches()) {
            if (stretch.length < narrowest) continue;
            const bool wide = stretch.length > stretch.most;
            const Effort& effort = efforts_[Key(stretch.left, stretch.right)];
            if (!wide && (!stretch.is_seam() || effort.steps_in_vain > most_steps_at_a_seam)) continue;
            const double merit = stretch.length * std::pow(0.25, effort.failures) * std::pow(0.8, effort.steps_in_vain) * (wide ? 1.0 : 1e-6);
            if (merit > most) {
                most = merit;
                best = stretch;
            }
        }
        return best;
    }

    void refine(const Stretch& stretch) {
        const Effort effort = efforts_[Key(stretch.left, stretch.right)];
        const bool has_left = stretch.before != Verdict::undecided;
        const bool has_right = stretch.after != Verdict::undecided;
        const bool from_left = has_left && (!has_right || effort.from_left > effort.from_right || (effort.from_left == effort.from_right && !effort.was_left));
        const bool from_right = has_right && !from_left;
        const double share = stretch.is_seam() && effort.steps_in_vain == 0 ? 1.0 : from_left ? effort.from_left : effort.from_right;
        const bool turn_of_the_ends = effort.steps_in_vain % 8 != 7;
        if ((from_left || from_right) && turn_of_the_ends && share >= smallest_share_from_an_end) step(stretch, effort, from_left, share);
        else look_inside(stretch, effort);
    }

    // A piece of the stretch that begins at one of its ends, proved around its middle.
    void step(const Stretch& stretch, Effort effort, bool from_left, double share) {
        const double left = stretch.left.convert_to<double>();
        const double right = stretch.right.convert_to<double>();
        const double reach = share * stretch.length;
        Rational from = stretch.left;
        Rational to = stretch.right;
        if (share < 1.0) (from_left ? to : from) = short_between(stretch.left, stretch.right, from_left ? left * std::exp(reach) : right * std::exp(-reach));
        const Rational middle = short_between(from, to, std::sqrt(from.convert_to<double>() * to.convert_to<double>()));
        const Probe probe = look_at(middle, effort.failures);
        const Verdict neighbour = from_left ? stretch.before : stretch.after;
        double& own = from_left ? effort.from_left : effort.from_right;
        effort.was_left = from_left;
        if (probe.verdict == neighbour) {
            for (const auto& [a, b] : {std::pair(from, to), from_left ? std::pair(from, middle) : std::pair(middle, to)}) {
                if (!prove(a, b, probe, effort)) continue;
                // What is left of the stretch is worked on in the same manner.
                own = std::min(0.5, a == from && b == to ? 1.5 * own : own);
                effort.failures = effort.steps_in_vain = effort.probes = 0;
                efforts_[from_left ? Key(b, stretch.right) : Key(stretch.left, a)] = effort;
                return;
            }
        } else if (probe.verdict != Verdict::undecided && extend(stretch, middle, probe, effort)) {
            return;  // across a threshold
        }
        own *= 0.5;
        if (probe.verdict == Verdict::undecided) ++effort.failures;
        ++effort.steps_in_vain;
        efforts_[Key(stretch.left, stretch.right)] = effort;
    }

    // At points that fill the stretch evenly: the middle, the quarters, ...
    void look_inside(const Stretch& stretch, Effort effort) {
        double position = 0.0;
        double weight = 0.5;
        for (int k = ++effort.probes; k > 0; k /= 2, weight *= 0.5) position += (k % 2) * weight;
        const double x = stretch.left.convert_to<double>() * std::exp(position * stretch.length);
        const Rational middle = short_between(stretch.left, stretch.right, x);
        const Probe probe = look_at(middle, effort.failures);
        const bool known = probe.verdict == Verdict::stable || probe.verdict == Verdict::unstable;
        if (known) {
            const std::optional<RatePiece> island = extend(stretch, middle, probe, effort);
            if (island) {
                const double share = std::clamp(2.0 * std::log(ratio_of(*island)) / stretch.length, 0x1p-6, 0.5);
                efforts_[Key(stretch.left, *island->from)] = efforts_[Key(*island->to, stretch.right)] = Effort{share, share};
                return;
            }
        }
        if (!known) ++effort.failures;
        ++effort.steps_in_vain;
        if (std::max(effort.from_left, effort.from_right) < smallest_share_from_an_end) effort.from_left = effort.from_right = 0.125;
        efforts_[Key(stretch.left, stretch.right)] = effort;
    }

    // lambda at one learning rate, its sign if it can be told in time.
    struct Probe {
        LyapunovExponent lambda;
        Verdict verdict = Verdict::undecided;
        double seconds = 0.0;
    };

    Probe look_at(const Rational& eta, int failures) const {
        const NormalSpace at = space_.at(Real(eta));
        const RandomProduct product = sgd_product(at, sampling_);
        const auto start = Clock::now();
        const ApproximateExponent guess = approximate_exponent(product, std::max<std::size_t>(20000, 600000 / product.dimension()));
        SearchControl control;
        control.deadline = std::min(deadline_, in_seconds(slice_ * std::pow(2.0, std::min(failures, 20))));
        control.keep_evidence = true;
        Goal goal;
        const bool clear = std::fabs(guess.mean) > 4.0 * guess.standard_error;
        goal.at_least = clear && guess.mean > 0.0 ? 0.5 * guess.mean : 0x1p-1000;
        goal.at_most = clear && guess.mean < 0.0 ? 0.5 * guess.mean : -0x1p-1000;
        Probe probe{lyapunov_exponent(Subject{product, &at, sampling_}, Bound::nothing(), goal, control, precision)};
        probe.verdict = verdict_of(probe.lambda.enclosure);
        probe.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        options_.progress(fmt::format("learning rate {:.10g}: {} (about {:.3g}); widest open ratio {:.6g}", eta.convert_to<double>(), to_string(probe.verdict), guess.mean, widest_open(partition_.pieces(), options_)));
        return probe;
    }

    // Does the evidence of the probe serve for all of [from, to]?
    bool prove(const Rational& from, const Rational& to, const Probe& probe, const Effort& effort) {
        if (is_over(deadline_)) return false;
        const Side side = probe.verdict == Verdict::stable ? Side::upper : Side::lower;
        const double known = side == Side::upper ? probe.lambda.enclosure.upper_double() : probe.lambda.enclosure.lower_double();
        const Segment segment = sgd_segment(space_, sampling_, from, to);
        const std::size_t n = segment.middle.dimension();
        const double least = n <= 2 ? 0.02 : n == 3 ? 0.5 : 1.0;
        const double seconds = std::max(least, 2.0 * probe.seconds) * std::pow(1.2, std::min(effort.steps_in_vain, 12));
        LyapunovExponent along = exponent_along(segment, probe.lambda, side, keep_of_sign * known, std::min(deadline_, in_seconds(seconds)));
        if (verdict_of(along.enclosure) != probe.verdict) return false;
        RatePiece proved{from, to, probe.verdict, RateProof::segment};
        if (options_.keep_evidence) {
            proved.lambda = std::make_shared<const LyapunovExponent>(std::move(along));
            proved.product = std::make_shared<const RandomProduct>(segment.middle);
        }
        partition_.put(proved);
        return true;
    }

    // Around `middle`, inside the stretch, as far as it goes.
    std::optional<RatePiece> extend(const Stretch& stretch, const Rational& middle, const Probe& probe, const Effort& effort) {
        const double x = middle.convert_to<double>();
        for (double share = std::min(0.5, 4.0 * last_share_inside_); share > smallest_share && !is_over(deadline_); share *= 0.25) {
            const double reach = share * stretch.length;
            const Rational from = short_between(stretch.left, middle, std::max(x * std::exp(-reach), 0.5 * (x + stretch.left.convert_to<double>())));
            const Rational to = short_between(middle, stretch.right, std::min(x * std::exp(reach), 0.5 * (x + stretch.right.convert_to<double>())));
            if (!prove(from, to, probe, effort)) continue;
            last_share_inside_ = share;
            return RatePiece{from, to, probe.verdict};
        }
        return std::nullopt;
    }

    static constexpr double narrowest = 1e-12;  // doubles cannot tell points inside from the ends
    static constexpr int most_steps_at_a_seam = 6;
    static constexpr double keep_of_sign = 0.02;     // of the bound at the point, what must be left along the piece
    static constexpr double smallest_share_from_an_end = 0x1p-12;
    static constexpr double smallest_share = 0x1p-10;

    const NormalSpace& space_;
    const Sampling& sampling_;
    const ThresholdOptions& options_;
    Deadline deadline_;
    double slice_;
    double last_share_inside_ = 0.125;
    std::vector<Rational> poles_;
    Partition partition_;
    std::map<Key, Effort> efforts_;
};

}  // namespace

std::vector<RatePiece> sgd_pieces(const NormalSpace& space, const Sampling& sampling, const std::vector<RatePiece>& mean_square, const ThresholdOptions& options, Deadline deadline) {
    return Search(space, sampling, options, deadline).run(mean_square);
}

}  // namespace lyapcert::thresholds
