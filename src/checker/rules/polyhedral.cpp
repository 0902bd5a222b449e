#include "checker/rules/polyhedral.hpp"
#include "checker/rules/rules.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "checker/numbers/outward.hpp"

namespace lyapcert::checker {

namespace {

// Generators are integer vectors, multiples of 2^-46; matrix entries and barycentric coordinates integers, multiples of 2^-72 (T19 (g)).
__extension__ using Wide = __int128;
constexpr int generator_bits = 46;
constexpr int coordinate_bits = 72;
constexpr int max_depth = generator_bits;
constexpr double largest = 0x1p480;
constexpr int most_cuts = 24;
constexpr double most_images = 1e8;            // of all leaves together, plus
constexpr double most_images_per_leaf = 20000.0;

struct Range {
    Wide lo = 0;
    Wide hi = 0;
};
Range operator-(const Range& x, const Range& y) { return {x.lo - y.hi, x.hi - y.lo}; }
Range operator+(const Range& x, const Range& y) { return {x.lo + y.lo, x.hi + y.hi}; }
Range twice(const Range& x) { return {2 * x.lo, 2 * x.hi}; }
Range negative(const Range& x) { return {-x.hi, -x.lo}; }

// A quantity that is affine along a segment of families, by its values at the ends (T70 (c)); E = 1 for a single family.
template <class T, int E>
struct Along {
    std::array<T, E> end{};
    Along() = default;
    explicit Along(const T& x) { end.fill(x); }
};
template <class T, int E, class F>
Along<T, E> at_each(const Along<T, E>& x, F f) {
    Along<T, E> result;
    for (int e = 0; e < E; ++e) result.end[e] = f(x.end[e]);
    return result;
}
template <class T, int E>
Along<T, E> operator+(const Along<T, E>& x, const Along<T, E>& y) {
    Along<T, E> result;
    for (int e = 0; e < E; ++e) result.end[e] = x.end[e] + y.end[e];
    return result;
}
template <class T, int E>
Along<T, E> operator-(const Along<T, E>& x, const Along<T, E>& y) {
    Along<T, E> result;
    for (int e = 0; e < E; ++e) result.end[e] = x.end[e] - y.end[e];
    return result;
}
template <int E>
Along<Range, E> twice(const Along<Range, E>& x) { return at_each(x, [](const Range& r) { return twice(r); }); }
template <int E>
Along<Range, E> negative(const Along<Range, E>& x) { return at_each(x, [](const Range& r) { return negative(r); }); }

// T19 (g).
Outward to_double(const Range& x) {
    const double lo = static_cast<double>(x.lo) * 0x1p-72;
    const double hi = static_cast<double>(x.hi) * 0x1p-72;
    return {x.lo == 0 ? 0.0 : Outward::down(lo), x.hi == 0 ? 0.0 : Outward::up(hi)};
}

Wide to_wide(const mpz_class& x) {
    const mpz_class high = x >> 62;
    const mpz_class low = x - (high << 62);
    return static_cast<Wide>(high.get_si()) * (static_cast<Wide>(1) << 62) + low.get_si();
}

// What a proof asks of a cell, in the units of T18 (e).
struct Target {
    Side side = Side::lower;
    bool powers = true;
    unsigned denominator = 1;
    double level = 0.0;
};

template <int N, int E>
struct Map {
    std::array<std::array<Along<Range, E>, N>, N> a{};  // 2^-s A_k
    unsigned multiplicity = 1;
    Outward probability;
};

template <int N, class T>
using Square = std::array<std::array<T, N>, N>;  // [coordinate][vector]

double upper_end(const Range& x) { return x.hi > 0 ? 1.0 : x.hi < 0 ? -1.0 : 0.0; }
double upper_end(const Outward& x) { return x.hi; }
template <class T, int E>
double upper_end(const Along<T, E>& x) {
    double most = upper_end(x.end[0]);
    for (int e = 1; e < E; ++e) most = std::max(most, upper_end(x.end[e]));
    return most;
}

// T17 (a): no combination of the vectors with all weights > 0 has all coordinates >= 0.
template <int N, class T>
bool separated(const Square<N, T>& c) {
    for (int i = 0; i < N; ++i) {
        bool nowhere = true;
        bool somewhere = false;
        for (int j = 0; j < N; ++j) {
            nowhere = nowhere && upper_end(c[i][j]) <= 0.0;
            somewhere = somewhere || upper_end(c[i][j]) < 0.0;
        }
        if (nowhere && somewhere) return true;
    }
    return false;
}

std::vector<bool> parse_bits(const nlohmann::json& evidence, const char* key) {
    std::vector<bool> bits;
    for (const char c : evidence.at(key).get_ref<const std::string&>()) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) throw Refused(std::string("fan: '") + key + "' is not hexadecimal");
        for (int b = 3; b >= 0; --b) bits.push_back(((digit >> b) & 1) != 0);
    }
    return bits;
}

// Numbers within 2^-exponent and 2^exponent.
std::vector<double> parse_values(const nlohmann::json& evidence, const char* key, int exponent) {
    const std::string& text = evidence.at(key).get_ref<const std::string&>();
    std::vector<double> values;
    const char* at = text.c_str();
    while (*at != '\0') {
        char* end = nullptr;
        const double x = std::strtod(at, &end);
        if (end == at || (*end != ' ' && *end != '\0')) throw Refused(std::string("fan: '") + key + "' is not a list of numbers");
        if (!(x >= std::ldexp(1.0, -exponent) && x <= std::ldexp(1.0, exponent)))
            throw Refused(std::string("fan: a number in '") + key + "' is not between 2^-" + std::to_string(exponent) + " and 2^" + std::to_string(exponent));
        values.push_back(x);
        at = *end == ' ' ? end + 1 : end;
    }
    return values;
}

template <int N, int E>
class FanCheck {
    using Exact = Along<Range, E>;
    using Double = Along<Outward, E>;

  public:
    FanCheck(const nlohmann::json& evidence, std::vector<Map<N, E>> maps, const Target& target) : maps_(std::move(maps)), target_(target), values_(parse_values(evidence, "values", 150)) {
        const std::vector<bool> bits = parse_bits(evidence, "bisection");
        for (int i = 0; i < N; ++i) {
            vertices_.push_back({});
            vertices_.back()[i] = std::int64_t{1} << generator_bits;
        }
        std::size_t at = 0;
        child_.resize(roots);
        for (int root = 0; root < roots; ++root) {
            std::array<std::int32_t, N> g{};
            for (int i = 0; i < N; ++i) g[i] = 2 * i + (root_sign(root, i) < 0 ? 1 : 0);
            grow(root, g, 0, bits, at);
        }
        if (bits.size() < at || bits.size() >= at + 4) throw Refused("fan: 'bisection' has the wrong length");
        if (values_.size() != vertices_.size()) throw Refused("fan: 'values' has " + std::to_string(values_.size()) + " entries; expected " + std::to_string(vertices_.size()));
        const nlohmann::json& cone = evidence.at("cone");
        if (cone == "all") {
            in_cone_.assign(leaves_.size(), true);
        } else {
            in_cone_ = parse_bits(evidence, "cone");
            if (in_cone_.size() < leaves_.size() || in_cone_.size() >= leaves_.size() + 4) throw Refused("fan: 'cone' has the wrong length");
            in_cone_.resize(leaves_.size());
        }
        if (std::find(in_cone_.begin(), in_cone_.end(), true) == in_cone_.end()) throw Refused("fan: the cone is empty");
        if (evidence.contains("corrector")) {
            const std::vector<double> given = parse_values(evidence, "corrector", 50);
            const auto expected = static_cast<std::size_t>(std::count(in_cone_.begin(), in_cone_.end(), true));
            if (given.size() != expected) throw Refused("fan: 'corrector' has " + std::to_string(given.size()) + " entries; expected " + std::to_string(expected));
            corrector_.assign(leaves_.size(), 1.0);
            std::size_t next = 0;
            for (std::size_t leaf = 0; leaf < leaves_.size(); ++leaf)
                if (in_cone_[leaf]) corrector_[leaf] = given[next++];
        }
        require_conforming();
    }

    std::string run() const {
        std::mutex mutex;
        std::string failure;
        std::atomic<std::size_t> next{0};
        std::atomic<bool> failed{false};
        std::exception_ptr thrown;
        const auto check_leaves = [&] {
            constexpr std::size_t chunk = 64;
            for (std::size_t first = next.fetch_add(chunk); first < leaves_.size() && !failed; first = next.fetch_add(chunk))
                for (std::size_t leaf = first; leaf < std::min(first + chunk, leaves_.size()); ++leaf) {
                    if (!in_cone_[leaf]) continue;
                    const std::string reason = check_leaf(leaf);
                    if (reason.empty()) continue;
                    const std::lock_guard<std::mutex> lock(mutex);
                    if (!failed.exchange(true)) failure = "leaf " + std::to_string(leaf) + ": " + reason;
                    return;
                }
        };
        // An exception must not leave a thread.
        const auto work = [&] {
            try {
                check_leaves();
            } catch (...) {
                const std::lock_guard<std::mutex> lock(mutex);
                failed = true;
                thrown = std::current_exception();
            }
        };
        std::vector<std::thread> threads;
        for (unsigned t = 1; t < std::min(16U, std::thread::hardware_concurrency()) && leaves_.size() > 2000; ++t)
            threads.emplace_back([&] {
                work();
                mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);  // MPFR does not when a thread ends
            });
        work();
        for (std::thread& t : threads) t.join();
        if (thrown) std::rethrow_exception(thrown);
        return failure;
    }

  private:
    static constexpr int roots = 1 << (N - 1);
    static int root_sign(int root, int i) { return i > 0 && ((root >> (i - 1)) & 1) != 0 ? -1 : 1; }
    static int bisected(int depth) { return N - 1 - depth % (N - 1); }

    struct Image {
        std::size_t map = 0;
        std::size_t leaf = 0;
        Square<N, Double> c{};
        std::array<Double, N> total{};
        Outward weight = 1.0;  // W of `leaf` by W of the leaf that the cell is a part of
    };
    struct Cell {
        std::array<Outward, N> f{};
        std::vector<Image> images;  // grouped by map
    };

    std::int64_t coordinate(std::int32_t g, int i) const {
        const std::int64_t x = vertices_[static_cast<std::size_t>(g >> 1)][i];
        return (g & 1) != 0 ? -x : x;
    }

    std::int32_t midpoint(std::int32_t a, std::int32_t b) {
        if (a > b) std::swap(a, b);
        const std::int32_t flip = a & 1;  // a as itself, b relative to it
        const std::uint64_t key = (static_cast<std::uint64_t>(a >> 1) << 32) | static_cast<std::uint32_t>(b ^ flip);
        if (N > 2) {
            const auto known = midpoints_.find(key);
            if (known != midpoints_.end()) return known->second ^ flip;
        }
        std::array<std::int64_t, N> z{};
        for (int i = 0; i < N; ++i) {
            const std::int64_t sum = coordinate(a ^ flip, i) + coordinate(b ^ flip, i);
            if (sum % 2 != 0) throw Refused("fan: bisected too often");
            z[i] = sum / 2;
        }
        if (vertices_.size() > (std::size_t{1} << 29)) throw Refused("fan: too many vertices");
        vertices_.push_back(z);
        const auto code = static_cast<std::int32_t>(2 * (vertices_.size() - 1));
        if (N > 2) midpoints_.emplace(key, code);
        return code ^ flip;
    }

    void grow(int node, const std::array<std::int32_t, N>& g, int depth, const std::vector<bool>& bits, std::size_t& at) {
        if (at >= bits.size()) throw Refused("fan: 'bisection' ends early");
        if (!bits[at++]) {
            child_[static_cast<std::size_t>(node)] = ~static_cast<std::int32_t>(leaves_.size());
            leaves_.push_back(g);
            return;
        }
        if (depth >= max_depth) throw Refused("fan: bisected too often");
        const int t = bisected(depth);
        const std::int32_t z = midpoint(g[0], g[t]);
        if (child_.size() > (std::size_t{1} << 30)) throw Refused("fan: too many leaves");
        const auto first = static_cast<std::int32_t>(child_.size());
        child_[static_cast<std::size_t>(node)] = first;
        child_.resize(child_.size() + 2);
        std::array<std::int32_t, N> h = g;
        h[t] = z;
        grow(first, h, depth + 1, bits, at);
        for (int i = 0; i < t; ++i) h[i] = g[i + 1];
        h[t] = z;
        grow(first + 1, h, depth + 1, bits, at);
    }

    // T16: every facet belongs to exactly two leaves. In dimension 2 a facet is a vertex, and bisection sees to it.
    void require_conforming() const {
        if (N == 2) return;
        std::vector<std::array<std::int32_t, N - 1>> facets;
        facets.reserve(leaves_.size() * N);
        for (const auto& g : leaves_)
            for (int omitted = 0; omitted < N; ++omitted) {
                std::array<std::int32_t, N - 1> facet{};
                int at = 0;
                for (int i = 0; i < N; ++i)
                    if (i != omitted) facet[at++] = g[i];
                std::sort(facet.begin(), facet.end());
                if ((facet[0] & 1) != 0)
                    for (std::int32_t& v : facet) v ^= 1;
                facets.push_back(facet);
            }
        std::sort(facets.begin(), facets.end());
        for (std::size_t k = 0; k < facets.size(); k += 2) {
            const bool paired = k + 1 < facets.size() && facets[k] == facets[k + 1];
            if (!paired || (k + 2 < facets.size() && facets[k] == facets[k + 2])) throw Refused("fan: it is not conforming");
        }
    }

    template <class Visit>
    bool descend(std::size_t node, int depth, const Square<N, Exact>& c, const std::array<Exact, N>& total, Visit& visit) const {
        if (child_[node] < 0) return visit(static_cast<std::size_t>(~child_[node]), c, total);
        const int t = bisected(depth);
        const auto first = static_cast<std::size_t>(child_[node]);
        Square<N, Exact> next = c;
        for (int j = 0; j < N; ++j) {
            next[0][j] = c[0][j] - c[t][j];
            next[t][j] = twice(c[t][j]);
        }
        if (!separated<N, Exact>(next) && !descend(first, depth + 1, next, total, visit)) return false;
        for (int j = 0; j < N; ++j) {
            for (int i = 0; i + 1 < t; ++i) next[i][j] = c[i + 1][j];
            next[t - 1][j] = c[t][j] - c[0][j];
            next[t][j] = twice(c[0][j]);
        }
        return separated<N, Exact>(next) || descend(first + 1, depth + 1, next, total, visit);
    }

    // visit(leaf, coordinates, totals) for every leaf that the image of the cone may meet, until one returns false.
    template <class Visit>
    bool for_each_met(const Map<N, E>& map, const std::array<std::int32_t, N>& g, Visit visit) const {
        Square<N, Exact> w;
        for (int j = 0; j < N; ++j)
            for (int i = 0; i < N; ++i)
                for (int e = 0; e < E; ++e) {
                    Range sum;
                    for (int l = 0; l < N; ++l) {
                        const Wide x = coordinate(g[j], l);
                        const Range& a = map.a[i][l].end[e];
                        sum = sum + (x >= 0 ? Range{a.lo * x, a.hi * x} : Range{a.hi * x, a.lo * x});
                    }
                    const Wide unit = static_cast<Wide>(1) << generator_bits;
                    w[i][j].end[e] = {sum.lo >> generator_bits, (sum.hi + unit - 1) >> generator_bits};
                }
        for (int root = 0; root < roots; ++root)
            for (int side = 1; side >= -1; side -= 2) {
                Square<N, Exact> c = w;
                std::array<Exact, N> total;
                for (int i = 0; i < N; ++i)
                    for (int j = 0; j < N; ++j)
                        if (root_sign(root, i) * side < 0) c[i][j] = negative(c[i][j]);
                if (separated<N, Exact>(c)) continue;
                for (int j = 0; j < N; ++j) {
                    total[j] = c[0][j];
                    for (int i = 1; i < N; ++i) total[j] = total[j] + c[i][j];
                }
                if (!descend(static_cast<std::size_t>(root), 0, c, total, visit)) return false;
            }
        return true;
    }

    double value(std::int32_t g) const { return values_[static_cast<std::size_t>(g >> 1)]; }

    // A map that spreads every cone over the whole fan makes the work quadratic.
    void count_images(std::size_t n) const {
        if (images_.fetch_add(static_cast<long>(n)) > static_cast<long>(most_images + most_images_per_leaf * static_cast<double>(leaves_.size())))
            throw Refused("fan: the proof asks for too much work");
    }

    std::string check_leaf(std::size_t leaf) const {
        Cell cell;
        for (int j = 0; j < N; ++j) cell.f[j] = value(leaves_[leaf][j]);
        for (std::size_t k = 0; k < maps_.size(); ++k) {
            const bool inside = for_each_met(maps_[k], leaves_[leaf], [&](std::size_t met, const Square<N, Exact>& c, const std::array<Exact, N>& total) {
                Image image;
                image.map = k;
                image.leaf = met;
                if (!corrector_.empty() && in_cone_[met] && corrector_[met] != corrector_[leaf]) image.weight = Outward(corrector_[met]) / Outward(corrector_[leaf]);
                for (int j = 0; j < N; ++j) {
                    for (int e = 0; e < E; ++e) {
                        for (int i = 0; i < N; ++i) image.c[i][j].end[e] = to_double(c[i][j].end[e]);
                        image.total[j].end[e] = to_double(total[j].end[e]);
                    }
                }
                cell.images.push_back(image);
                count_images(1);
                return static_cast<bool>(in_cone_[met]);
            });
            if (!inside) return "its image under matrix " + std::to_string(k) + " may leave the cone";
        }
        int budget = 2000;
        return holds(cell, 0, budget) ? "" : "the bound is not proved";
    }

    static bool power(Outward& product, const Outward& x, unsigned n) {
        for (unsigned i = 0; i < n; ++i) {
            product = product * x;
            if (!(product.hi < largest)) return false;
        }
        return true;
    }

    // Bounds for log x, x.lo > 0.
    static Outward logarithm(const Outward& x) {
        mpfr_t y;
        mpfr_init2(y, 64);
        Outward r;
        mpfr_set_d(y, x.lo, MPFR_RNDD);
        mpfr_log(y, y, MPFR_RNDD);
        r.lo = mpfr_get_d(y, MPFR_RNDD);
        mpfr_set_d(y, x.hi, MPFR_RNDU);
        mpfr_log(y, y, MPFR_RNDU);
        r.hi = mpfr_get_d(y, MPFR_RNDU);
        mpfr_clear(y);
        return r;
    }

    template <class T>
    using AtEnds = std::array<std::array<T, N>, E>;

    // L_kj (side lower) or U_kj (upper) of T18 at each end, with the corrector of T50 (e), for the map k, whose images begin at `at`; moves past them. False without an
    // image: nothing is known.
    bool extremes(const Cell& cell, std::size_t k, std::size_t& at, AtEnds<double>& extreme) const {
        const std::size_t first = at;
        AtEnds<double> sums{};  // S_kj of T18 (f)
        double most = 0.0;      // M_k
        for (auto& x : extreme) x.fill(target_.side == Side::lower ? std::numeric_limits<double>::infinity() : 0.0);
        for (; at < cell.images.size() && cell.images[at].map == k; ++at) {
            const Image& image = cell.images[at];
            const auto& g = leaves_[image.leaf];
            const Outward f0(value(g[0]));
            double largest_value = 0.0;
            for (const std::int32_t v : g) largest_value = std::max(largest_value, value(v));
            most = std::max(most, (image.weight * Outward(largest_value)).hi);
            for (int e = 0; e < E; ++e)
                for (int j = 0; j < N; ++j) {
                    Outward extension = image.total[j].end[e] * f0;
                    for (int i = 1; i < N; ++i) extension = extension + image.c[i][j].end[e] * (Outward(value(g[i])) - f0);
                    if (image.weight.lo != 1.0 || image.weight.hi != 1.0) extension = image.weight * extension;
                    extreme[e][j] = target_.side == Side::lower ? std::min(extreme[e][j], extension.lo) : std::max(extreme[e][j], extension.hi);
                    sums[e][j] = std::max(sums[e][j], image.total[j].end[e].hi);
                }
        }
        if (target_.side == Side::upper) {
            double plain = 0.0;
            double own = 0.0;
            for (int e = 0; e < E; ++e)
                for (int j = 0; j < N; ++j) {
                    sums[e][j] = (Outward(most) * Outward(sums[e][j])).hi;
                    plain += sums[e][j];
                    own += extreme[e][j];
                }
            if (plain < own) extreme = sums;
        }
        return at > first;
    }

    // T18 (a) and (e).
    bool lower_proved(const Cell& cell) const {
        AtEnds<Outward> below;
        for (auto& x : below) x.fill(target_.powers ? Outward(1.0) : Outward(0.0));
        std::size_t at = 0;
        for (std::size_t k = 0; k < maps_.size(); ++k) {
            AtEnds<double> low;
            if (!extremes(cell, k, at, low)) return false;
            for (int e = 0; e < E; ++e)
                for (int j = 0; j < N; ++j) {
                    if (!(low[e][j] >= 0x1p-150)) return false;
                    const Outward ratio = Outward(low[e][j]) / cell.f[j];
                    if (!target_.powers) below[e][j] = below[e][j] + maps_[k].probability * logarithm(ratio);
                    else if (!power(below[e][j], ratio, maps_[k].multiplicity)) return false;
                }
        }
        return std::all_of(below.begin(), below.end(), [&](const auto& ends) { return std::all_of(ends.begin(), ends.end(), [&](const Outward& x) { return x.lo >= target_.level; }); });
    }

    // T18 (b) and (e); one t_k for both ends.
    bool upper_proved(const Cell& cell) const {
        AtEnds<Outward> sum{};
        Outward geometric = target_.powers ? Outward(1.0) : Outward(0.0);
        std::size_t at = 0;
        for (std::size_t k = 0; k < maps_.size(); ++k) {
            AtEnds<double> high;
            if (!extremes(cell, k, at, high)) return false;
            double mean = 0.0;
            for (const auto& ends : high)
                for (const double x : ends) mean += x / (N * E);
            const Outward t(std::max(mean, 0x1p-150));
            if (!target_.powers) geometric = geometric + maps_[k].probability * logarithm(t);
            else if (!power(geometric, t, maps_[k].multiplicity)) return false;
            const Outward weight = target_.powers ? Outward(static_cast<double>(maps_[k].multiplicity)) : maps_[k].probability;
            for (int e = 0; e < E; ++e)
                for (int j = 0; j < N; ++j) sum[e][j] = sum[e][j] + weight * Outward(high[e][j]) / t;
        }
        double worst = 0.0;
        for (int e = 0; e < E; ++e)
            for (int j = 0; j < N; ++j) worst = std::max(worst, (sum[e][j] / cell.f[j]).hi);
        if (!target_.powers) geometric = geometric + logarithm(Outward(worst));
        else if (!power(geometric, Outward(worst) / Outward(static_cast<double>(target_.denominator)), target_.denominator)) return false;
        return geometric.hi <= target_.level;
    }

    static double low_end(const Double& x) {
        double least = x.end[0].lo;
        for (int e = 1; e < E; ++e) least = std::min(least, x.end[e].lo);
        return least;
    }
    static double high_end(const Double& x) { return upper_end(x); }

    // The bound holds on the cell, cut where that helps.
    bool holds(const Cell& cell, int depth, int& budget) const {
        count_images(cell.images.size());
        if (target_.side == Side::lower ? lower_proved(cell) : upper_proved(cell)) return true;
        if (depth >= most_cuts || --budget < 0) return false;
        // Where on an edge the images cross from one leaf into another.
        int at_i = 0;
        int at_j = 1;
        double merit = 0.0;
        double position = 0.5;
        double margin = 0.5;
        for (std::size_t n = 0; n < cell.images.size(); ++n) {
            const Image& image = cell.images[n];
            const bool alone = (n == 0 || cell.images[n - 1].map != image.map) && (n + 1 == cell.images.size() || cell.images[n + 1].map != image.map);
            for (int r = 0; r < N && !alone; ++r)
                for (int i = 0; i < N; ++i)
                    for (int j = i + 1; j < N; ++j) {
                        const double a = 0.5 * (low_end(image.c[r][i]) + high_end(image.c[r][i]));
                        const double b = 0.5 * (low_end(image.c[r][j]) + high_end(image.c[r][j]));
                        if (!(a * b < 0.0)) continue;
                        const double where = a / (a - b);
                        const double gain = N == 2 ? std::min(where, 1.0 - where) : std::min(std::fabs(a), std::fabs(b));
                        if (gain <= merit) continue;
                        merit = gain;
                        at_i = i;
                        at_j = j;
                        position = where;
                        margin = 4.0 * (high_end(image.c[r][i]) - low_end(image.c[r][i]) + high_end(image.c[r][j]) - low_end(image.c[r][j])) / std::fabs(a - b) + 0x1p-44;
                    }
        }
        // Along a segment images cross at many places: halves will do.
        if (N == 2 && E == 1 && merit > 0.0 && margin < 0.25) {
            const double left = position - margin;
            const double right = position + margin;
            if (left > 0.0 && !holds(between(cell, 0, 1, 0.0, left), depth + 1, budget)) return false;
            if (right < 1.0 && !holds(between(cell, 0, 1, right, 1.0), depth + 1, budget)) return false;
            return holds(between(cell, 0, 1, std::max(left, 0.0), std::min(right, 1.0)), most_cuts, budget);
        }
        return holds(between(cell, at_i, at_j, 0.0, 0.5), depth + 1, budget) && holds(between(cell, at_i, at_j, 0.5, 1.0), depth + 1, budget);
    }

    // T18 (c): the part of the cell between the rays (1 - s) x_i + s x_j and (1 - t) x_i + t x_j. 1 - s need not be exact: the ray that is meant is
    // a x_i + s x_j with a = the double 1 - s, shared by the parts on both sides.
    Cell between(const Cell& cell, int i, int j, double s, double t) const {
        const auto at = [](double u, const Outward& x, const Outward& y) {
            if (u == 0.0) return x;
            if (u == 1.0) return y;
            return Outward(1.0 - u) * x + Outward(u) * y;
        };
        const auto along = [&](double u, const Double& x, const Double& y) {
            Double result;
            for (int e = 0; e < E; ++e) result.end[e] = at(u, x.end[e], y.end[e]);
            return result;
        };
        Cell part;
        part.f = cell.f;
        part.f[i] = at(s, cell.f[i], cell.f[j]);
        part.f[j] = at(t, cell.f[i], cell.f[j]);
        for (const Image& image : cell.images) {
            Image cut = image;
            for (int r = 0; r < N; ++r) {
                cut.c[r][i] = along(s, image.c[r][i], image.c[r][j]);
                cut.c[r][j] = along(t, image.c[r][i], image.c[r][j]);
            }
            if (separated<N, Double>(cut.c)) continue;
            cut.total[i] = along(s, image.total[i], image.total[j]);
            cut.total[j] = along(t, image.total[i], image.total[j]);
            part.images.push_back(cut);
        }
        return part;
    }

    std::vector<Map<N, E>> maps_;
    Target target_;
    std::vector<double> values_;
    std::vector<std::array<std::int64_t, N>> vertices_;
    std::unordered_map<std::uint64_t, std::int32_t> midpoints_;
    std::vector<std::int32_t> child_;  // the first of two children, or ~leaf
    std::vector<std::array<std::int32_t, N>> leaves_;
    std::vector<bool> in_cone_;
    std::vector<double> corrector_;  // W for each leaf; empty: 1
    mutable std::atomic<long> images_{0};
};

constexpr long bits = 256;

// The entries of one matrix at the ends, times one power of two.
template <int N, int E>
bool fill(const std::array<const Matrix*, E>& matrices, Map<N, E>& map, long& s) {
    std::vector<Enclosure> entries;
    for (const Matrix* matrix : matrices)
        for (const Value& x : matrix->entries) entries.push_back(x.enclosure(bits));
    bool zero = true;
    for (const Enclosure& x : entries)
        for (mpfr_srcptr end : {x.lower(), x.upper()}) {
            if (mpfr_zero_p(end)) continue;
            if (!mpfr_number_p(end)) return false;
            s = zero ? mpfr_get_exp(end) : std::max<long>(s, mpfr_get_exp(end));
            zero = false;
        }
    for (int e = 0; e < E; ++e)
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < N; ++j) {
                Enclosure& x = entries[static_cast<std::size_t>((e * N + i) * N + j)];
                mpfr_mul_2si(x.lower_end(), x.lower(), coordinate_bits - s, MPFR_RNDD);
                mpfr_mul_2si(x.upper_end(), x.upper(), coordinate_bits - s, MPFR_RNDU);
                mpz_class lo;
                mpz_class hi;
                mpfr_get_z(lo.get_mpz_t(), x.lower(), MPFR_RNDD);
                mpfr_get_z(hi.get_mpz_t(), x.upper(), MPFR_RNDU);
                map.a[i][j].end[e] = {to_wide(lo), to_wide(hi)};
            }
    return true;
}

template <int N, int E>
std::string check_dimension(const std::array<const Product*, E>& ends, const nlohmann::json& evidence, Side side, const Rational& claim) {
    const Product& product = *ends[0];
    std::vector<Map<N, E>> maps;
    Rational shift = 0;  // sum p_k s_k
    mpz_class common = 1;
    for (const Rational& p : product.probabilities) common = lcm(common, mpz_class(p.get_den()));
    for (std::size_t k = 0; k < product.matrices.size(); ++k) {
        Map<N, E> map;
        std::array<const Matrix*, E> matrices;
        for (int e = 0; e < E; ++e) matrices[e] = &ends[e]->matrices[k];
        long s = 0;
        if (!fill<N, E>(matrices, map, s)) return "a matrix entry is not bounded";
        const Rational& p = product.probabilities[k];
        shift += p * s;
        const Enclosure probability(p, 53);
        map.probability = {mpfr_get_d(probability.lower(), MPFR_RNDD), mpfr_get_d(probability.upper(), MPFR_RNDU)};
        if (!(map.probability.lo >= 0x1p-400)) return "a probability is too small";
        if (common <= 32) map.multiplicity = static_cast<unsigned>(Rational(p * common).get_num().get_ui());
        maps.push_back(map);
    }
    // T18 (d): lambda of the scaled maps is lambda - (sum p_k s_k) log 2.
    const Enclosure offset = Enclosure(shift, bits) * log(Enclosure(Rational(2), bits));
    Target target;
    target.side = side;
    target.denominator = common <= 32 ? static_cast<unsigned>(common.get_ui()) : 1;
    Enclosure level = (Enclosure(claim, bits) - offset) * Enclosure(Rational(target.denominator), bits);
    target.powers = common <= 32 && std::fabs(mpfr_get_d(level.lower(), MPFR_RNDN)) < 200.0;
    level = target.powers ? exp(level) : Enclosure(claim, bits) - offset;
    target.level = side == Side::lower ? mpfr_get_d(level.upper(), MPFR_RNDU) : mpfr_get_d(level.lower(), MPFR_RNDD);
    return FanCheck<N, E>(evidence, std::move(maps), target).run();
}

template <int E>
std::string check_ends(const std::array<const Product*, E>& ends, const nlohmann::json& evidence, Side side, const Rational& claim) {
    const std::size_t n = ends[0]->dimension();
    if (!evidence.at("dimension").is_number_unsigned() || evidence.at("dimension").get<std::size_t>() != n) throw Refused("fan: its dimension is not that of the product");
    switch (n) {
        case 2: return check_dimension<2, E>(ends, evidence, side, claim);
        case 3: return check_dimension<3, E>(ends, evidence, side, claim);
        case 4: return check_dimension<4, E>(ends, evidence, side, claim);
        case 5: return check_dimension<5, E>(ends, evidence, side, claim);
        case 6: return check_dimension<6, E>(ends, evidence, side, claim);
        default: throw Refused("fan: the dimension is not between 2 and 6");
    }
}

}  // namespace

std::string check_fan(const Product& product, const nlohmann::json& evidence, Side side, const Rational& claim) { return check_ends<1>({&product}, evidence, side, claim); }

std::string check_polyhedral(const LambdaClaim& claim) {
    const nlohmann::json& evidence = claim.context.evidence("fans", claim.proof.at("fan"));
    if (claim.far == nullptr) return check_fan(claim.product, evidence, claim.side, claim.end.value);
    return check_ends<2>({&claim.product, &claim.far->product}, evidence, claim.side, claim.end.value);
}

}  // namespace lyapcert::checker
