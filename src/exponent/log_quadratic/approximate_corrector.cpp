#include "exponent/log_quadratic/approximate_corrector.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "exponent/log_quadratic/corrector_terms.hpp"
#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::log_quadratic {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double smallest_half_side = 0x1p-39;  // centres and radii stay exact
constexpr double largest_half_side = 0.25;      // images of larger boxes meet everything
constexpr double worst_reward = -1e3;           // stands for -inf
constexpr double checkers_share = 0.15;

template <class Body>
void in_parallel(std::size_t count, Body body) {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, 256), [&](const tbb::blocked_range<std::size_t>& range) {
        const RoundNearest guard;
        for (std::size_t i = range.begin(); i < range.end(); ++i) body(i);
    });
}

// Rows of `width` numbers; row i becomes what row order[i] was.
void permute(std::vector<double>& numbers, const std::vector<std::size_t>& order, std::size_t width) {
    std::vector<double> sorted(numbers.size());
    in_parallel(order.size(), [&](std::size_t i) {
        for (std::size_t j = 0; j < width; ++j) sorted[i * width + j] = numbers[order[i] * width + j];
    });
    numbers = std::move(sorted);
}

double dyadic(double x) { return std::nearbyint(x * 0x1p40) * 0x1p-40; }

}  // namespace

ApproximateCorrector::ApproximateCorrector(const FormTable& table, const std::vector<ImageMap>& maps, const std::vector<Rational>& probabilities, Side side)
    : table_(table), maps_(maps), sign_(sign_of(side)), free_(static_cast<std::size_t>(table.dimension - 1)), corrector_{BoxTree(table.dimension), {}, {}}, level_(-infinity), loss_(infinity) {
    for (const Rational& p : probabilities) probabilities_.push_back(p.convert_to<double>());
    const std::size_t count = corrector_.boxes.size();
    corrector_.values.assign(count, 0.0);
    corrector_.slopes.assign(count * free_, 0.0);
    gradient_ = curvature_ = corrector_.slopes;
    for (std::vector<double>* numbers : {&middle_, &rest_, &reward_, &losses_}) numbers->assign(count, 0.0);
    occupation_.assign(count, 1.0);
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    model_boxes(all);
}

std::size_t ApproximateCorrector::bytes() const {
    const std::size_t count = corrector_.boxes.size();
    const std::size_t stencil = count * maps_.size() * 2 * free_ * (sizeof(std::int32_t) + free_ * sizeof(float));
    return corrector_.boxes.bytes() + count * (2 * free_ + 8) * sizeof(double) + offset_.capacity() * sizeof(std::size_t) + target_.capacity() * 16 + stencil;
}

void ApproximateCorrector::model_boxes(const std::vector<std::size_t>& boxes) {
    in_parallel(boxes.size(), [&](std::size_t i) {
        const std::size_t b = boxes[i];
        const Box box = corrector_.boxes.box(b);
        const BoxModel model = model_box(table_, static_cast<std::size_t>(corrector_.boxes.face(b)), box.centre.data(), box.radius.data());
        const bool known = model.rest < infinity;
        middle_[b] = known ? sign_ * model.value : worst_reward;
        rest_[b] = model.rest;
        for (std::size_t j = 0; j < free_; ++j) {
            gradient_[b * free_ + j] = known ? sign_ * model.gradient[j] : 0.0;
            curvature_[b * free_ + j] = known ? sign_ * model.curvature[j] : 0.0;
        }
    });
}

double ApproximateCorrector::lowest(std::size_t b, const std::array<double, most_free>& tilt) const {
    if (!(rest_[b] < infinity)) return -infinity;
    BoxModel model{middle_[b], {}, {}, rest_[b]};
    std::array<double, most_free> radius{};
    for (std::size_t j = 0; j < free_; ++j) {
        model.gradient[j] = gradient_[b * free_ + j];
        model.curvature[j] = curvature_[b * free_ + j];
        radius[j] = corrector_.boxes.radius(b, j);
    }
    return model.lowest(1.0, tilt.data(), radius.data(), static_cast<int>(free_));
}

std::size_t ApproximateCorrector::longest_side(std::size_t b) const {
    std::size_t axis = 0;
    for (std::size_t j = 1; j < free_; ++j)
        if (corrector_.boxes.radius(b, j) > corrector_.boxes.radius(b, axis)) axis = j;
    return axis;
}

void ApproximateCorrector::bisect(std::size_t b) {
    const std::size_t axis = longest_side(b);
    corrector_.boxes.bisect(b, static_cast<int>(axis));
    const double step = corrector_.slopes[b * free_ + axis] * corrector_.boxes.radius(b, axis);
    corrector_.values.push_back(corrector_.values[b] + step);
    corrector_.values[b] -= step;
    for (std::size_t j = 0; j < free_; ++j) corrector_.slopes.push_back(corrector_.slopes[b * free_ + j]);
    gradient_.resize(corrector_.slopes.size());
    curvature_.resize(corrector_.slopes.size());
    for (std::vector<double>* numbers : {&middle_, &rest_, &reward_, &losses_}) numbers->push_back(0.0);
    occupation_[b] *= 0.5;
    occupation_.push_back(occupation_[b]);
}

// Neighbours next to each other in memory: sweeps are bound by it.
void ApproximateCorrector::renumber() {
    std::vector<std::size_t> order;
    corrector_.boxes.renumber(order);
    for (std::vector<double>* numbers : {&corrector_.values, &middle_, &rest_, &occupation_}) permute(*numbers, order, 1);
    for (std::vector<double>* numbers : {&corrector_.slopes, &gradient_, &curvature_}) permute(*numbers, order, free_);
}

bool ApproximateCorrector::start(std::size_t most_boxes, Clock::time_point deadline) {
    constexpr double largest_rest = 0.3;
    for (;;) {
        const std::size_t count = corrector_.boxes.size();
        std::vector<std::size_t> changed;
        for (std::size_t b = 0; b < count; ++b) {
            const double half_side = corrector_.boxes.radius(b, longest_side(b));
            if (half_side <= largest_half_side && rest_[b] <= largest_rest) continue;
            if (half_side < smallest_half_side) return false;
            changed.push_back(b);
            changed.push_back(corrector_.boxes.size());
            bisect(b);
        }
        if (changed.empty()) return true;
        if (corrector_.boxes.size() > most_boxes || Clock::now() > deadline) return false;
        model_boxes(changed);
    }
}

void ApproximateCorrector::improve(Clock::time_point deadline) {
    if (solved_) refine();
    renumber();
    find_targets();
    fit_slopes(deadline);
    weigh_targets();
    solve(deadline);
    occupy();
    loss_ = estimate_losses();
    solved_ = true;
}

void ApproximateCorrector::refine() {
    constexpr double share = 0.6;        // of the loss is attacked at least,
    constexpr double least_growth = 0.3;  // and this share of the boxes
    const std::size_t count = corrector_.boxes.size();
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return losses_[a] > losses_[b] || (losses_[a] == losses_[b] && a < b); });
    double sum = 0.0;
    std::vector<std::size_t> changed;
    for (const std::size_t b : order) {
        if (sum > share * loss_ && static_cast<double>(changed.size()) > 2.0 * least_growth * static_cast<double>(count)) break;
        sum += losses_[b];
        if (corrector_.boxes.radius(b, longest_side(b)) < smallest_half_side) continue;
        changed.push_back(b);
        changed.push_back(corrector_.boxes.size());
        bisect(b);
    }
    model_boxes(changed);
}

void ApproximateCorrector::find_targets() {
    // Blocks of boxes, each with a list of its own; then they are joined in order.
    constexpr std::size_t block = 256;
    const std::size_t maps = maps_.size();
    const std::size_t count = corrector_.boxes.size();
    const std::size_t blocks = (count + block - 1) / block;
    std::vector<std::vector<std::int32_t>> found(blocks);
    offset_.assign(count * maps + 1, 0);
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, blocks, 1), [&](const tbb::blocked_range<std::size_t>& range) {
        const RoundNearest guard;
        for (std::size_t i = range.begin(); i < range.end(); ++i)
            for (std::size_t b = i * block; b < std::min(count, (i + 1) * block); ++b)
                for (std::size_t k = 0; k < maps; ++k) {
                    const std::size_t before = found[i].size();
                    corrector_.boxes.visit_image(b, maps_[k], [&](std::size_t t) { found[i].push_back(static_cast<std::int32_t>(t)); });
                    offset_[b * maps + k + 1] = found[i].size() - before;
                }
    });
    std::partial_sum(offset_.begin(), offset_.end(), offset_.begin());
    target_.resize(offset_.back());
    for (std::size_t i = 0; i < blocks; ++i) std::copy(found[i].begin(), found[i].end(), target_.begin() + static_cast<std::ptrdiff_t>(offset_[i * block * maps]));
}

void ApproximateCorrector::fit_slopes(Clock::time_point deadline) {
    constexpr int most_rounds = 12;  // more follow what is rough more closely than boxes can
    const double tolerance = std::max(1e-9, std::min(1e-4, 0.01 * loss_));
    const BoxTree& boxes = corrector_.boxes;
    const std::size_t maps = maps_.size();
    const std::size_t count = boxes.size();
    const int n = boxes.dimension();
    // Where the maps send the midpoints of the sides, two for each free coordinate: a box and the offset from its centre.
    std::vector<std::int32_t> holder(count * 2 * free_ * maps);
    std::vector<float> offset(holder.size() * free_);
    in_parallel(count, [&](std::size_t b) {
        const Box box = boxes.box(b);
        const int f = boxes.face(b);
        std::array<double, log_quadratic_max_dimension> y{};
        for (int i = 0, at = 0; i < n; ++i) y[i] = i == f ? 1.0 : box.centre[at++];
        for (std::size_t p = 0; p < 2 * free_; ++p) {
            const std::size_t i = p / 2 < static_cast<std::size_t>(f) ? p / 2 : p / 2 + 1;
            const double centre = y[i];
            y[i] += (p % 2 == 0 ? -1.0 : 1.0) * box.radius[p / 2];
            for (std::size_t k = 0; k < maps; ++k) {
                std::array<double, log_quadratic_max_dimension> z{};
                for (int r = 0; r < n; ++r)
                    for (int c = 0; c < n; ++c) z[r] += maps_[k].entries[r][c] * y[c];
                std::array<double, most_free> w;
                const std::size_t t = boxes.approximate_locate(z, w);
                const std::size_t at = (b * 2 * free_ + p) * maps + k;
                holder[at] = static_cast<std::int32_t>(t);
                for (std::size_t j = 0; j < free_; ++j) offset[at * free_ + j] = static_cast<float>(w[j] - boxes.centre(t, j));
            }
            y[i] = centre;
        }
    });
    std::vector<double>& value = corrector_.values;
    std::vector<double>& slope = corrector_.slopes;
    std::vector<double> next_value(count);
    std::vector<double> next_slope(slope.size());
    for (int round = 0; round < most_rounds && Clock::now() < deadline; ++round) {
        const Range range = tbb::parallel_reduce(
            tbb::blocked_range<std::size_t>(0, count, 256), Range{infinity, -infinity},
            [&](const tbb::blocked_range<std::size_t>& part, Range r) {
                const RoundNearest guard;
                for (std::size_t b = part.begin(); b < part.end(); ++b) {
                    double mean = 0.0;
                    for (std::size_t j = 0; j < free_; ++j) {
                        std::array<double, 2> end{};
                        for (std::size_t e = 0; e < 2; ++e)
                            for (std::size_t k = 0; k < maps; ++k) {
                                const std::size_t at = (b * 2 * free_ + 2 * j + e) * maps + k;
                                const auto t = static_cast<std::size_t>(holder[at]);
                                double v = value[t];
                                for (std::size_t i = 0; i < free_; ++i) v += slope[t * free_ + i] * static_cast<double>(offset[at * free_ + i]);
                                end[e] += probabilities_[k] * v;
                            }
                        mean += 0.5 * (end[0] + end[1]);
                        next_slope[b * free_ + j] = gradient_[b * free_ + j] + 0.5 * (end[1] - end[0]) / boxes.radius(b, j);
                    }
                    next_value[b] = middle_[b] + mean / static_cast<double>(free_);
                    r.low = std::min(r.low, next_value[b] - value[b]);
                    r.high = std::max(r.high, next_value[b] - value[b]);
                }
                return r;
            },
            [](const Range& a, const Range& b) { return Range{std::min(a.low, b.low), std::max(a.high, b.high)}; });
        const double shift = 0.5 * (range.low + range.high);
        if (!std::isfinite(shift)) break;
        for (double& v : next_value) v -= shift;
        value.swap(next_value);
        slope.swap(next_slope);
        if (range.high - range.low < tolerance) break;
    }
    // Few digits are enough, and short to write down.
    for (double& x : slope) x = std::isfinite(x) && std::fabs(x) < 1e6 ? static_cast<double>(static_cast<float>(x)) : 0.0;
}

void ApproximateCorrector::weigh_targets() {
    const std::size_t maps = maps_.size();
    kappa_.resize(target_.size());
    in_parallel(corrector_.boxes.size(), [&](std::size_t b) {
        std::array<double, most_free> tilt{};
        for (std::size_t j = 0; j < free_; ++j) tilt[j] = -corrector_.slopes[b * free_ + j];
        for (std::size_t k = 0; k < maps; ++k) {
            const CorrectorTerms<double> terms(corrector_, b, maps_[k]);
            for (std::size_t i = offset_[b * maps + k]; i < offset_[b * maps + k + 1]; ++i) kappa_[i] = static_cast<float>(terms.kappa(static_cast<std::size_t>(target_[i])));
            for (std::size_t j = 0; j < free_; ++j) tilt[j] += probabilities_[k] * terms.common()[j];
        }
        const double bound = lowest(b, tilt);
        // Room for a checker whose bounds are not quite these: it costs little where the path is rarely.
        reward_[b] = std::max(worst_reward, bound - checkers_share * std::max(0.0, middle_[b] - bound));
    });
}

void ApproximateCorrector::solve(Clock::time_point deadline) {
    constexpr int most_sweeps = 2000;
    const std::size_t maps = maps_.size();
    const std::size_t count = corrector_.boxes.size();
    std::vector<double>& value = corrector_.values;
    std::vector<double> next(count);
    const double tolerance = std::max(1e-10, std::min(1e-3, 0.003 * loss_));
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
        const Range range = tbb::parallel_reduce(
            tbb::blocked_range<std::size_t>(0, count, 1024), Range{infinity, -infinity},
            [&](const tbb::blocked_range<std::size_t>& part, Range r) {
                const RoundNearest guard;
                for (std::size_t b = part.begin(); b < part.end(); ++b) {
                    double x = reward_[b];
                    for (std::size_t k = 0; k < maps; ++k) {
                        double worst = infinity;
                        for (std::size_t i = offset_[b * maps + k]; i < offset_[b * maps + k + 1]; ++i) worst = std::min(worst, value[static_cast<std::size_t>(target_[i])] + static_cast<double>(kappa_[i]));
                        x += probabilities_[k] * worst;
                    }
                    next[b] = x;
                    r.low = std::min(r.low, x - value[b]);
                    r.high = std::max(r.high, x - value[b]);
                }
                return r;
            },
            [](const Range& a, const Range& b) { return Range{std::min(a.low, b.low), std::max(a.high, b.high)}; });
        level_ = range.low;
        if (range.high - range.low < tolerance || (sweep > 10 && Clock::now() > deadline)) break;
        const double shift = 0.5 * (range.low + range.high);
        if (!std::isfinite(shift)) break;
        for (std::size_t b = 0; b < count; ++b) value[b] = next[b] - shift;
    }
    for (double& v : value) v = dyadic(std::clamp(v, -1e6, 1e6));
}

// The law of the worst-case path.
void ApproximateCorrector::occupy() {
    const std::size_t maps = maps_.size();
    const std::size_t count = corrector_.boxes.size();
    const std::vector<double>& value = corrector_.values;
    std::vector<std::int32_t> choice(count * maps);
    in_parallel(count, [&](std::size_t b) {
        for (std::size_t k = 0; k < maps; ++k) {
            double least = infinity;
            for (std::size_t i = offset_[b * maps + k]; i < offset_[b * maps + k + 1]; ++i) {
                const double x = value[static_cast<std::size_t>(target_[i])] + static_cast<double>(kappa_[i]);
                if (x >= least) continue;
                least = x;
                choice[b * maps + k] = target_[i];
            }
        }
    });
    const double total = std::accumulate(occupation_.begin(), occupation_.end(), 0.0);
    for (double& x : occupation_) x /= total;
    std::vector<double> next(count);
    for (int n = 0; n < 60; ++n) {
        std::fill(next.begin(), next.end(), 0.0);
        for (std::size_t b = 0; b < count; ++b)
            if (occupation_[b] > 1e-14)
                for (std::size_t k = 0; k < maps; ++k) next[static_cast<std::size_t>(choice[b * maps + k])] += probabilities_[k] * occupation_[b];
        double change = 0.0;
        for (std::size_t b = 0; b < count; ++b) change += std::fabs(next[b] - occupation_[b]);
        occupation_.swap(next);
        if (change < 0.02) break;
    }
}

// What a box loses against the values at its centre, weighted by how often the path is there.
double ApproximateCorrector::estimate_losses() {
    const std::size_t maps = maps_.size();
    const std::vector<double>& value = corrector_.values;
    in_parallel(corrector_.boxes.size(), [&](std::size_t b) {
        double x = std::max(0.0, middle_[b] - reward_[b]);
        for (std::size_t k = 0; k < maps; ++k) {
            double least = infinity;
            double most = -infinity;
            for (std::size_t i = offset_[b * maps + k]; i < offset_[b * maps + k + 1]; ++i) {
                const double v = value[static_cast<std::size_t>(target_[i])] + static_cast<double>(kappa_[i]);
                least = std::min(least, v);
                most = std::max(most, v);
            }
            x += probabilities_[k] * 0.5 * (most - least);
        }
        losses_[b] = occupation_[b] * x;
    });
    return std::accumulate(losses_.begin(), losses_.end(), 0.0);
}

}  // namespace lyapcert::log_quadratic
