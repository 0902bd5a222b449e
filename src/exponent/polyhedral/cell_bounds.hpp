// Bounds of  D(v) = E log f(A v) - log f(v)  over one leaf of the fan.
//
// Lemma 3. Let s = cone(x_1..x_N) with f linear on s, w_kj = A_k x_j, and let T_k be a set of leaves such that every A_k v,
//     v in s, lies in +-t for some t in T_k. With F_t the linear extension of f from leaf t, put
//         L_kj = min_{t in T_k} F_t(w_kj),   U_kj = max_{t in T_k} F_t(w_kj).
//     Then for v = sum c_j x_j, c >= 0:  sum_j c_j L_kj <= f(A_k v) <= sum_j c_j U_kj, and
//     (lower)  if all L_kj > 0:  D >= min_j sum_k p_k log(L_kj / f(x_j))  on s,
//     (upper)  for any t_k > 0:  D <= sum_k p_k log t_k + log max_j sum_k p_k U_kj / (t_k f(x_j))  on s.
//     In the upper half M_k S_kj will do in place of U_kj, all j together, with S_kj = max_{t in T_k} S_t(w_kj), S_t the sum of the barycentric coordinates in t, and M_k the
//     largest value of f at a generator of a leaf in T_k: it is smaller where an image passes near 0 and meets leaves on which f is steep.
//     Proof. f(A_k v) = F_t(A_k v) for some t in T_k, and F_t is linear; and F_t <= M_k S_t on t. Lower: prod_k (sum_j c_j L_kj)^{p_k} is concave in c and
//     f(v) = sum_j c_j f(x_j) linear, so the quotient is quasi-concave and its minimum over the cone is at a generator.
//     Upper: prod_k y_k^{p_k} <= prod_k t_k^{p_k} sum_k p_k y_k / t_k (weighted arithmetic-geometric mean), and a quotient of two
//     linear functions is at most its largest value at a generator.
//
// A leaf may be cut into cells on which f stays linear ("virtual" bisection); the bounds hold cell by cell. In dimension 2 the
// cuts go where A_k v crosses from one leaf into the next, which makes L = U on all cells but slivers around the cuts.
//
// With a corrector W > 0, one number per leaf (Lemmas 1' and 2' of lyapcert/exponent/polyhedral.hpp), F_t is replaced by (W_t / W_s) F_t in
// L and in U, each with its own W: the bounds are then those of sum_k p_k log(W_t f(A_k v)) - log(W_s f(v)), whichever t in T_k holds A_k v.
//
// On a segment of families (S = Along; T70 (c)) everything above is evaluated at both ends, with one T_k for all t, the leaves that the hull of the images
// meets, and one set of t_k: L_kj is concave and U_kj convex in t, so that what holds at the ends holds between them.
//
// Bounds are kept as "levels", increasing functions of D: with p_k = n_k/d and d small the level is exp(d D), which is rational in
// the data, so that one logarithm at the very end suffices; otherwise the level is D itself.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "exponent/polyhedral/fan.hpp"

namespace lyapcert::polyhedral {

// The family in scalar type S.
template <class S, int N>
struct MapFamily {
    struct Map {
        std::array<std::array<S, N>, N> a;  // [row][column]
        S probability;
        int multiplicity = 0;  // n_k; used when denominator > 0
    };
    std::vector<Map> maps;
    int denominator = 0;  // d, or 0 where the level is D itself
};

// W > 0 for each leaf, for the lower and for the upper bound; empty stands for W = 1.
struct CellCorrector {
    std::vector<double> lower;
    std::vector<double> upper;
};

// Enclosure of the level of D over a leaf.
struct Level {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
};

template <class S, int N>
class CellBounds {
  public:
    // `values[v]` > 0 is f at vertex v of the fan, taken as exact.
    CellBounds(const Fan<N>& fan, const std::vector<double>& values, const MapFamily<S, N>& family, const CellCorrector& corrector)
        : fan_(fan), values_(values), family_(family), corrector_(corrector) {}

    // For the search: finds the leaves that images meet with what the proof will know of the matrices.
    void foresee(const MapFamily<Interval, N>& family) {
        bool exact = true;
        for (const auto& map : family.maps) {
            std::array<std::array<Blurred, N>, N> a;
            for (int i = 0; i < N; ++i)
                for (int j = 0; j < N; ++j) {
                    a[i][j] = Blurred(map.a[i][j].lower(), map.a[i][j].upper());
                    exact = exact && a[i][j].low == a[i][j].high;
                }
            blurred_.push_back(a);
        }
        if (exact) blurred_.clear();
    }

    // Bounds over leaf `index`, cut into cells until they lie within `accept` or cutting no longer helps. Every leaf that image k
    // may meet is reported: met(k, leaf), in the order of k.
    template <class Met>
    Level bound(std::size_t index, const Level& accept, Met&& met) const {
        const auto& leaf = fan_.leaves()[index];
        Cell cell;
        for (int j = 0; j < N; ++j) cell.f[j] = exactly<S>(value(leaf.generators[j]));
        cell.images.reserve(2 * family_.maps.size());
        for_each_image(leaf, [&](std::size_t k, std::size_t target, const Columns<S, N>& c, const std::array<S, N>& total) {
            met(k, target);
            cell.images.push_back(Image{k, target, c, total, relative(corrector_.lower, target, index), relative(corrector_.upper, target, index)});
        });
        Level result{infinity, -infinity};
        // Along a segment images meet many leaves at any cut.
        int budget = ends > 1 ? (proving ? 64 : N == 2 ? 32 : 8) : N == 2 ? 64 + 4 * static_cast<int>(cell.images.size()) : proving ? 1000 : 48;
        bound_cell(cell, accept, 0, budget, result);
        return result;
    }

    // Only reports the leaves met.
    template <class Met>
    void leaves_met(std::size_t index, Met&& met) const {
        for_each_image(fan_.leaves()[index], [&](std::size_t, std::size_t target, const Columns<S, N>&, const std::array<S, N>&) { met(target); });
    }

  private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr double largest_image = 1e290;  // beyond it overflow is near: no bound is attempted
    // The search may give up early, but a leaf on which the proof fails spoils all others.
    static constexpr int ends = end_count<S>;
    using T = std::decay_t<decltype(at_end(std::declval<const S&>(), 0))>;  // S at one end
    static constexpr bool proving = std::is_same_v<T, Interval>;
    static constexpr int max_cut_depth = N == 2 || proving ? 24 : 6;

    // One leaf that image `map` of the cell may meet, with the images of the cell's generators in its barycentric coordinates.
    struct Image {
        std::size_t map = 0;
        std::size_t leaf = 0;
        Columns<S, N> c{};
        std::array<S, N> total{};
        S lower_weight{1.0};  // W_t / W_s
        S upper_weight{1.0};
    };
    struct Cell {
        std::array<S, N> f{};
        std::vector<Image> images;  // grouped by map
    };
    // The ray a x_i + b x_j on an edge of a cell.
    struct Ray {
        double a = 1.0;
        double b = 0.0;
    };

    template <class X>
    using AtEnds = std::array<X, ends>;

    double value(VertexRef ref) const { return values_[static_cast<std::size_t>(ref.vertex())]; }

    static S relative(const std::vector<double>& w, std::size_t target, std::size_t source) {
        if (w.empty() || w[target] == w[source]) return exactly<S>(1.0);
        return exactly<S>(w[target]) / exactly<S>(w[source]);
    }

    template <class Leaf, class Visit>
    void for_each_image(const Leaf& leaf, Visit&& visit) const {
        for (std::size_t k = 0; k < family_.maps.size(); ++k) {
            if constexpr (std::is_same_v<S, double>) {
                if (!blurred_.empty()) {
                    fan_.for_each_leaf_met(image_of<Blurred>(blurred_[k], leaf), [&](std::size_t target, const Columns<Blurred, N>& c, const std::array<Blurred, N>& total) {
                        Columns<S, N> centres;
                        std::array<S, N> sums;
                        for (int j = 0; j < N; ++j) {
                            for (int i = 0; i < N; ++i) centres[i][j] = c[i][j].centre();
                            sums[j] = total[j].centre();
                        }
                        visit(k, target, centres, sums);
                    });
                    continue;
                }
            }
            fan_.for_each_leaf_met(image_of<S>(family_.maps[k].a, leaf), [&](std::size_t target, const Columns<S, N>& c, const std::array<S, N>& total) { visit(k, target, c, total); });
        }
    }

    template <class T, class Leaf>
    Columns<T, N> image_of(const std::array<std::array<T, N>, N>& a, const Leaf& leaf) const {
        Columns<T, N> x;
        for (int j = 0; j < N; ++j)
            for (int i = 0; i < N; ++i) x[i][j] = exactly<T>(fan_.coordinate(leaf.generators[j], i));
        Columns<T, N> w;
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < N; ++j) {
                w[i][j] = a[i][0] * x[0][j];
                for (int l = 1; l < N; ++l) w[i][j] += a[i][l] * x[l][j];
            }
        return w;
    }

    // F_t(w_j) = total_j f_0 + sum_{i>0} c_ij (f_i - f_0): the errors of the c_ij, large in a deep leaf, meet differences of f only.
    std::array<S, N> extension(const Image& image) const {
        const auto& generators = fan_.leaves()[image.leaf].generators;
        const S f0 = exactly<S>(value(generators[0]));
        std::array<S, N> result;
        for (int j = 0; j < N; ++j) result[j] = image.total[j] * f0;
        for (int i = 1; i < N; ++i) {
            const S step = exactly<S>(value(generators[i])) - f0;
            for (int j = 0; j < N; ++j) result[j] += image.c[i][j] * step;
        }
        return result;
    }

    double largest_of(const Image& image) const {
        double largest = 0.0;
        for (const VertexRef g : fan_.leaves()[image.leaf].generators) largest = std::max(largest, value(g));
        return largest;
    }

    static T power(const T& x, int n) {
        T result = x;
        for (int i = 1; i < n; ++i) result = result * x;
        return result;
    }

    // Lemma 3 on one cell. `sampled` estimates the largest level at the generators and the centre.
    Level evaluate(const Cell& cell, double& sampled) const {
        const int d = family_.denominator;
        const bool powers = d > 0;
        const double neutral = powers ? 1.0 : 0.0;
        AtEnds<std::array<T, N>> product;  // level at generator j from below
        AtEnds<std::array<double, N>> top;  // level at generator j, roughly
        AtEnds<std::array<T, N>> sum;  // sum_k p_k U_kj / t_k, times d in power mode
        for (int e = 0; e < ends; ++e) {
            product[e].fill(exactly<T>(neutral));
            top[e].fill(neutral);
            sum[e].fill(exactly<T>(0.0));
        }
        T geometric = exactly<T>(neutral);
        bool lower_known = true;
        std::size_t at = 0;
        for (std::size_t k = 0; k < family_.maps.size(); ++k) {
            const auto& map = family_.maps[k];
            const T& probability = at_end(map.probability, 0);
            AtEnds<std::array<double, N>> low;
            AtEnds<std::array<double, N>> high;
            AtEnds<std::array<double, N>> least;
            AtEnds<std::array<double, N>> sums;
            double largest_value = 0.0;  // M_k
            for (int e = 0; e < ends; ++e) {
                sums[e].fill(0.0);
                low[e].fill(infinity);
                high[e].fill(0.0);  // f >= 0, so max(0, U) is an upper bound as well
                least[e].fill(infinity);
            }
            bool bounded = at < cell.images.size() && cell.images[at].map == k;
            for (; at < cell.images.size() && cell.images[at].map == k; ++at) {
                const std::array<S, N> g = extension(cell.images[at]);
                const double value_here = upper_end(at_end(cell.images[at].upper_weight, 0) * exactly<T>(largest_of(cell.images[at])));
                largest_value = std::max(largest_value, value_here);
                for (int e = 0; e < ends; ++e)
                    for (int j = 0; j < N; ++j) {
                        sums[e][j] = std::max(sums[e][j], upper_end(at_end(cell.images[at].total[j], e)));
                        const T below = at_end(cell.images[at].lower_weight, e) * at_end(g[j], e);
                        const T above = at_end(cell.images[at].upper_weight, e) * at_end(g[j], e);
                        // False for NaN as well.
                        bounded = bounded && lower_end(below) > -largest_image && upper_end(above) < largest_image;
                        low[e][j] = std::min(low[e][j], lower_end(below));
                        high[e][j] = std::max(high[e][j], upper_end(above));
                        least[e][j] = std::min(least[e][j], upper_end(above));
                    }
            }
            if (!bounded) {  // overflow, or an image without a leaf: nothing is known
                sampled = infinity;
                return Level{};
            }
            double mean = 0.0;
            double plain_mean = 0.0;
            for (int e = 0; e < ends; ++e)
                for (int j = 0; j < N; ++j) {
                    lower_known = lower_known && low[e][j] > 0.0;
                    mean += high[e][j] / (N * ends);
                    sums[e][j] = upper_end(exactly<T>(largest_value) * exactly<T>(sums[e][j]));
                    plain_mean += sums[e][j] / (N * ends);
                }
            if (plain_mean < mean) {
                high = sums;
                mean = plain_mean;
            }
            const T t = exactly<T>(std::max(mean, 1e-100));
            if (powers) geometric = geometric * power(t, map.multiplicity);
            else geometric += probability * logarithm(t);
            for (int e = 0; e < ends; ++e)
                for (int j = 0; j < N; ++j) {
                    const T& f = at_end(cell.f[j], e);
                    if (powers) {
                        if (lower_known) product[e][j] = product[e][j] * power(exactly<T>(low[e][j]) / f, map.multiplicity);
                        const double ratio = std::max(least[e][j], 0.0) / upper_end(f);
                        for (int i = 0; i < map.multiplicity; ++i) top[e][j] *= ratio;
                        sum[e][j] += exactly<T>(high[e][j]) * exactly<T>(map.multiplicity) / t;
                    } else {
                        if (lower_known) product[e][j] += probability * logarithm(exactly<T>(low[e][j]) / f);
                        top[e][j] += upper_end(probability) * std::log(std::max(least[e][j], 1e-300) / upper_end(f));
                        sum[e][j] += probability * exactly<T>(high[e][j]) / t;
                    }
                }
        }
        Level level{lower_known ? infinity : -infinity, -infinity};
        double f_mean = 0.0;
        double largest = 0.0;
        sampled = -infinity;
        for (int e = 0; e < ends; ++e)
            for (int j = 0; j < N; ++j) {
                const T& f = at_end(cell.f[j], e);
                if (lower_known) level.lower = std::min(level.lower, lower_end(product[e][j]));
                sampled = std::max(sampled, top[e][j]);
                const double quotient = upper_end(sum[e][j] / f);
                if (!(quotient < infinity)) {
                    sampled = infinity;
                    return Level{};
                }
                largest = std::max(largest, quotient);
                f_mean += upper_end(f) / (N * ends);
            }
        if (largest <= 0.0) {
            level.upper = -infinity;  // every image is zero
        } else if (powers) {
            level.upper = upper_end(geometric * power(exactly<T>(largest) / exactly<T>(d), d));
            sampled = std::max(sampled, lower_end(geometric) / std::pow(f_mean, d));
        } else {
            level.upper = upper_end(geometric + logarithm(exactly<T>(largest)));
            sampled = std::max(sampled, lower_end(geometric) - std::log(f_mean));
        }
        if (!(level.lower < infinity)) level.lower = -infinity;
        if (!(level.upper < infinity)) level.upper = infinity;
        return level;
    }

    void bound_cell(const Cell& cell, const Level& accept, int depth, int& budget, Level& result) const {
        double sampled = 0.0;
        const Level level = evaluate(cell, sampled);
        const bool fine = level.lower >= accept.lower && level.upper <= accept.upper;
        if (fine || depth >= max_cut_depth || budget <= 0 || !cut(cell, level, sampled, accept, depth, budget, result)) {
            result.lower = std::min(result.lower, level.lower);
            result.upper = std::max(result.upper, level.upper);
        }
    }

    // The part of the cell between two rays on its edge (i, j).
    static Cell between(const Cell& cell, int i, int j, const Ray& from, const Ray& to) {
        const S from_a = exactly<S>(from.a);
        const S from_b = exactly<S>(from.b);
        const S to_a = exactly<S>(to.a);
        const S to_b = exactly<S>(to.b);
        const auto at_from = [&](const S& p, const S& q) { return from.b == 0.0 ? p : S(from_a * p + from_b * q); };
        const auto at_to = [&](const S& p, const S& q) { return to.a == 0.0 ? q : S(to_a * p + to_b * q); };
        Cell result;
        result.f = cell.f;
        result.f[i] = at_from(cell.f[i], cell.f[j]);
        result.f[j] = at_to(cell.f[i], cell.f[j]);
        result.images.reserve(cell.images.size());
        for (const Image& image : cell.images) {
            Image part = image;
            for (int r = 0; r < N; ++r) {
                part.c[r][i] = at_from(image.c[r][i], image.c[r][j]);
                part.c[r][j] = at_to(image.c[r][i], image.c[r][j]);
            }
            if (separated<S, N>(part.c)) continue;
            part.total[i] = at_from(image.total[i], image.total[j]);
            part.total[j] = at_to(image.total[i], image.total[j]);
            result.images.push_back(part);
        }
        return result;
    }

    // Where image r of the cell crosses from one leaf into another: on edge (i, j), a share `position` of the way.
    struct Crossing {
        int i = 0;
        int j = 1;
        double position = 0.5;
        double margin = 0.0;  // rounding errors of the position, generously
        double merit = 0.0;   // 0: there is none
    };

    Crossing best_crossing(const Cell& cell) const {
        Crossing best;
        for (std::size_t at = 0; at < cell.images.size(); ++at) {
            const Image& image = cell.images[at];
            const bool alone = (at == 0 || cell.images[at - 1].map != image.map) &&
                               (at + 1 == cell.images.size() || cell.images[at + 1].map != image.map);
            if (alone) continue;
            for (int r = 0; r < N; ++r)
                for (int i = 0; i < N; ++i)
                    for (int j = i + 1; j < N; ++j) {
                        const double ci = centre(image.c[r][i]);
                        const double cj = centre(image.c[r][j]);
                        if (ci * cj >= 0.0) continue;
                        const double where = ci / (ci - cj);
                        const double merit = N == 2 ? std::min(where, 1.0 - where) : std::min(std::fabs(ci), std::fabs(cj));
                        if (merit <= best.merit) continue;
                        const double margin = 4.0 * (radius(image.c[r][i]) + radius(image.c[r][j])) / std::fabs(ci - cj) + 0x1p-46;
                        best = Crossing{i, j, where, margin, merit};
                    }
        }
        return best;
    }

    // Returns false when cutting would not help.
    bool cut(const Cell& cell, const Level& level, double sampled, const Level& accept, int depth, int& budget, Level& result) const {
        const Crossing crossing = best_crossing(cell);
        const Ray start{1.0, 0.0};
        const Ray end{0.0, 1.0};
        if (N > 2 || crossing.merit == 0.0) {
            // Without a crossing only the arithmetic-geometric gap is left: halve if it is what spoils the upper bound.
            if (crossing.merit == 0.0 && !(level.upper > accept.upper && sampled < accept.upper)) return false;
            const Ray middle{0.5, 0.5};
            budget -= 2;
            bound_cell(between(cell, crossing.i, crossing.j, start, middle), accept, depth + 1, budget, result);
            bound_cell(between(cell, crossing.i, crossing.j, middle, end), accept, depth + 1, budget, result);
            return true;
        }
        const double left = crossing.position - crossing.margin;
        const double right = crossing.position + crossing.margin;
        if (left <= 0.0 && right >= 1.0) return false;
        const Ray left_ray = left > 0.0 ? Ray{1.0 - left, left} : start;
        const Ray right_ray = right < 1.0 ? Ray{1.0 - right, right} : end;
        budget -= 3;
        if (left > 0.0) bound_cell(between(cell, 0, 1, start, left_ray), accept, depth + 1, budget, result);
        if (right < 1.0) bound_cell(between(cell, 0, 1, right_ray, end), accept, depth + 1, budget, result);
        bound_cell(between(cell, 0, 1, left_ray, right_ray), accept, max_cut_depth, budget, result);
        return true;
    }

    static double centre(double x) { return x; }
    static double centre(const Interval& x) { return 0.5 * (x.lower() + x.upper()); }
    template <class X>
    static double centre(const AlongOf<X>& x) { return 0.5 * (lower_end(x) + upper_end(x)); }
    static double radius(double) { return 0.0; }
    static double radius(const Interval& x) { return 0.5 * (x.upper() - x.lower()); }
    template <class X>
    static double radius(const AlongOf<X>& x) { return 0.5 * (upper_end(x) - lower_end(x)); }
    static double logarithm(double x) { return std::log(x); }
    static Interval logarithm(const Interval& x) { return log(x); }

    const Fan<N>& fan_;
    const std::vector<double>& values_;
    const MapFamily<S, N>& family_;
    const CellCorrector& corrector_;
    std::vector<std::array<std::array<Blurred, N>, N>> blurred_;  // empty where the search knows no less than the proof
};

}  // namespace lyapcert::polyhedral
