#include "exponent/log_quadratic/proof.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "exponent/log_quadratic/box_tree.hpp"
#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::log_quadratic {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int most_at_once = 8;     // bisections of a box before its parts are looked at
constexpr int most_bisections = 40;  // of one direction: centres and radii stay exact

// min over |x| <= r of h x^2 - g x, g >= 0.
double smallest(double g, double h, double r) { return h > 0.0 && g < 2.0 * h * r ? -g * g / (4.0 * h) : h * r * r - g * r; }

// What one face needs.
class Face {
  public:
    Face(const FormTable& table, std::size_t face, Kernel kernel = nullptr)
        : dimension_(table.dimension - 1), kernel_(kernel != nullptr ? kernel : kernel_for(table.dimension)), input_{table.faces[face].entries.data(), table.weights.data(), table.sizes.data(), table.errors.data(), table.lowest.data(), table.highest.data(), table.count, nullptr, nullptr}, slack_(slack(table)) {}

    BoxModel model(const double* centre, const double* radius) const { return model_of(kernel_output(centre, radius), radius); }

    BoxBounds bound(const double* centre, const double* radius) const {
        const KernelOutput d = kernel_output(centre, radius);
        BoxBounds result{-infinity, infinity, -infinity, infinity, 0, 0.0, {}};
        const double* r = radius;
        std::array<double, most_free> score{};
        double spread = 0.0;
        for (int i = 0; i < dimension_; ++i) spread += d.spread[i];
        if (!d.valid) {
            for (int i = 1; i < dimension_; ++i)
                if (d.spread[i] > d.spread[result.split]) result.split = i;
            if (!(spread > 0.0))
                for (int i = 1; i < dimension_; ++i)
                    if (r[i] > r[result.split]) result.split = i;
            return result;
        }
        int at = 0;
        for (int i = 0; i < dimension_; ++i) {
            for (int j = 0; j < i; ++j) {
                const double x = std::fabs(d.hessian[triangle(static_cast<std::size_t>(i), static_cast<std::size_t>(j))]) * r[i] * r[j];
                score[i] += 0.5 * x;
                score[j] += 0.5 * x;
            }
            const double g = std::fabs(d.gradient[i]);
            const double h = d.hessian[triangle(static_cast<std::size_t>(i), static_cast<std::size_t>(i))];
            score[i] -= 0.5 * (smallest(g, h, r[i]) + smallest(g, -h, r[i]));
            for (int j = 0; j <= i; ++j)
                for (int k = 0; k <= j; ++k) {
                    const double x = std::fabs(d.cubic[at++]) * r[i] * r[j] * r[k];
                    score[i] += x / 3.0;
                    score[j] += x / 3.0;
                    score[k] += x / 3.0;
                }
        }
        const double remainder = d.remainder * (1.0 + 0x1p-40);
        for (int i = 0; i < dimension_; ++i)
            if (spread > 0.0) score[i] += 4.0 * remainder * d.spread[i] / spread;
        for (int i = 1; i < dimension_; ++i)
            if (score[i] > score[result.split]) result.split = i;
        result.remainder = remainder;
        for (int i = 0; i < dimension_; ++i) result.spread[i] = spread > 0.0 ? d.spread[i] / spread : 0.0;
        const BoxModel model = model_of(d, radius);
        const std::array<double, most_free> level{};
        result.centre_lower = d.value - error_of(d);
        result.centre_upper = d.value + error_of(d);
        result.lower = model.lowest(1.0, level.data(), radius, dimension_);
        result.upper = -model.lowest(-1.0, level.data(), radius, dimension_);
        return result;
    }

  private:
    KernelOutput kernel_output(const double* centre, const double* radius) const {
        KernelInput input = input_;
        input.centre = centre;
        input.radius = radius;
        KernelOutput d;
        kernel_(input, d);
        return d;
    }

    double error_of(const KernelOutput& d) const { return 64.0 * (1.0 + 0x1p-40) * d.error + slack_; }

    // Few operations on terms that (vii) counts: the 256 there covers their rounding, the factor here the remainder's.
    BoxModel model_of(const KernelOutput& d, const double* r) const {
        BoxModel model{0.0, {}, {}, infinity};
        if (!d.valid) return model;
        model.value = d.value;
        double mixed = 0.0;
        int at = 0;
        for (int i = 0; i < dimension_; ++i) {
            model.gradient[i] = d.gradient[i];
            model.curvature[i] = d.hessian[triangle(static_cast<std::size_t>(i), static_cast<std::size_t>(i))];
            for (int j = 0; j < i; ++j) mixed += std::fabs(d.hessian[triangle(static_cast<std::size_t>(i), static_cast<std::size_t>(j))]) * r[i] * r[j];
            for (int j = 0; j <= i; ++j)
                for (int k = 0; k <= j; ++k) mixed += std::fabs(d.cubic[at++]) * r[i] * r[j] * r[k];
        }
        model.rest = mixed + d.remainder * (1.0 + 0x1p-40) + error_of(d);
        return model;
    }

    int dimension_;
    Kernel kernel_;
    KernelInput input_;
    double slack_;
};

void split(const Box& box, int s, BoxBounds bounds, double room, int depth, std::vector<Box>& stack) {
    Box part = box;
    part.radius[s] *= 0.5;
    const double kept = 1.0 - 0.75 * bounds.spread[s];
    bounds.remainder *= kept * std::sqrt(kept);
    bounds.spread[s] *= 0.25;
    double total = 0.0;
    int next = 0;
    for (int i = 0; i < most_free; ++i) {
        total += bounds.spread[i];
        if (bounds.spread[i] > bounds.spread[next]) next = i;
    }
    for (double& x : bounds.spread) x = total > 0.0 ? x / total : 0.0;
    const bool hopeless = depth < most_at_once && room > 0.0 && bounds.remainder > 1.25 * room && part.radius[next] > 0x1p-20;
    for (const double sign : {1.0, -1.0}) {
        part.centre[s] = box.centre[s] + sign * part.radius[s];
        if (hopeless) split(part, next, bounds, room, depth + 1, stack);
        else stack.push_back(part);
    }
}

std::vector<double> point_of(std::size_t face, int dimension, const Box& box) {
    std::vector<double> y;
    for (int i = 0; i < dimension - 1; ++i) y.push_back(box.centre[i]);
    y.insert(y.begin() + static_cast<std::ptrdiff_t>(face), 1.0);
    return y;
}

}  // namespace

double slack(const FormTable& table) { return table.total * (0x1p-43 + static_cast<double>(table.count + 256) * 0x1p-47); }

double BoxModel::lowest(double sign, const double* tilt, const double* radius, int free) const {
    double low = 0.0;
    double tilted = 0.0;
    for (int i = 0; i < free; ++i) {
        low += smallest(std::fabs(sign * gradient[i] + tilt[i]), sign * curvature[i], radius[i]);
        tilted += std::fabs(tilt[i]) * radius[i];
    }
    return sign * value + low - (rest + 0x1p-44 * tilted);
}

BoxBounds bound_box(const FormTable& table, std::size_t face, const double* centre, const double* radius, Kernel kernel) {
    const RoundNearest guard;
    return Face(table, face, kernel).bound(centre, radius);
}

BoxModel model_box(const FormTable& table, std::size_t face, const double* centre, const double* radius) {
    const RoundNearest guard;
    return Face(table, face).model(centre, radius);
}

Proof prove(const FormTable& table, Side side, double level, const ProofLimits& limits) {
    const int d = table.dimension - 1;
    const std::size_t faces = table.faces.size();
    // Equal boxes to start from, some thousand in all.
    std::size_t per_side = 1;
    const auto boxes_of = [&](std::size_t p) {
        std::size_t count = 1;
        for (int i = 0; i < d; ++i) count *= p;
        return count;
    };
    while (faces * boxes_of(2 * per_side) <= 8192) per_side *= 2;
    const std::size_t per_face = boxes_of(per_side);
    const std::size_t roots = faces * per_face;
    constexpr std::size_t batch = 512;

    Proof proof;
    std::vector<std::size_t> used(batch);
    std::vector<std::vector<double>> violation(batch);
    std::atomic<bool> late{false};
    // A batch runs to its end whatever happens in it, so that its outcome is the same for any number of threads.
    for (std::size_t first = 0; first < roots; first += batch) {
        const std::size_t end = std::min(roots, first + batch);
        // No root may use more than what is left.
        const std::size_t allowance = proof.boxes < limits.boxes ? limits.boxes - proof.boxes : 0;
        tbb::parallel_for(tbb::blocked_range<std::size_t>(first, end, 1), [&](const tbb::blocked_range<std::size_t>& range) {
            const RoundNearest guard;
            for (std::size_t root = range.begin(); root < range.end(); ++root) {
                const std::size_t slot = root - first;
                used[slot] = 0;
                violation[slot].clear();
                const std::size_t index = root / per_face;
                const Face face(table, index);
                Box box;
                std::size_t at = root % per_face;
                for (int i = 0; i < d; ++i, at /= per_side) {
                    box.radius[i] = 1.0 / static_cast<double>(per_side);
                    box.centre[i] = -1.0 + box.radius[i] * static_cast<double>(2 * (at % per_side) + 1);
                }
                std::vector<Box> stack{box};
                while (!stack.empty() && violation[slot].empty()) {
                    if (late.load(std::memory_order_relaxed)) return;  // the whole proof fails below
                    const Box current = stack.back();
                    stack.pop_back();
                    if (++used[slot] % 256 == 0 && std::chrono::steady_clock::now() > limits.deadline) late = true;
                    const BoxBounds bounds = face.bound(current.centre.data(), current.radius.data());
                    if (side == Side::lower ? bounds.lower >= level : bounds.upper <= level) continue;
                    const bool violated = side == Side::lower ? bounds.centre_upper < level : bounds.centre_lower > level;
                    const int s = bounds.split;
                    const double half = 0.5 * current.radius[s];
                    if (violated || used[slot] > allowance || half < std::ldexp(1.0, -most_bisections)) {
                        violation[slot] = point_of(index, table.dimension, current);
                        break;
                    }
                    // The remainder alone fails the parts as well: cut them at once.
                    const double room = side == Side::lower ? bounds.centre_lower - level : level - bounds.centre_upper;
                    split(current, s, bounds, room, 1, stack);
                }
            }
        });
        for (std::size_t slot = 0; slot < end - first; ++slot) {
            proof.boxes += used[slot];
            if (!violation[slot].empty()) proof.violations.push_back(std::move(violation[slot]));
        }
        if (late || proof.violations.size() >= limits.violations || proof.boxes > limits.boxes) return proof;
    }
    proof.proved = proof.violations.empty();
    return proof;
}

}  // namespace lyapcert::log_quadratic
