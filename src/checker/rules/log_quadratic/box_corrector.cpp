#include "checker/rules/log_quadratic/box_corrector.hpp"

#include <atomic>
#include <cmath>
#include <limits>
#include <optional>

#include "checker/numbers/outward.hpp"
#include "checker/numbers/threads.hpp"

namespace lyapcert::checker {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double most_rho = 0.9;
constexpr std::uint64_t most_cost = std::uint64_t{1} << 40;  // for the tests

double modulus(const Outward& x) { return std::max(std::fabs(x.lo), std::fabs(x.hi)); }
Outward opposite(const Outward& x) { return {-x.hi, -x.lo}; }
// Some double within, or next to, x; zero instead of a tiny one.
double some(const Outward& x) {
    const double y = 0.5 * x.lo + 0.5 * x.hi;
    return std::fabs(y) < 0x1p-500 ? 0.0 : y;
}

template <int N>
class Corrector {
  public:
    using Vector = std::array<double, N - 1>;

    Corrector(const LogQuadratic<N>& f, const LogQuadratic<N>& far, const std::vector<Rational>& probabilities, const nlohmann::json& evidence, Side side, std::uint64_t& work)
        : table_(f.table), side_(side), sign_(side == Side::lower ? 1.0 : -1.0) {
        for (const Rational& p : probabilities) probabilities_.push_back(outward(Enclosure(p, quadratic_bits)));
        for (std::size_t k = 0; k < f.maps.size(); ++k) {
            maps_.emplace_back();
            for (std::size_t i = 0; i < N; ++i)
                for (std::size_t j = 0; j < N; ++j) {
                    const Outward here = outward(f.maps[k](i, j).enclosure(quadratic_bits));
                    const Outward there = outward(far.maps[k](i, j).enclosure(quadratic_bits));
                    const Outward x = maps_.back()[i][j] = {std::min(here.lo, there.lo), std::max(here.hi, there.hi)};
                    if (!(modulus(x) <= 0x1p60)) throw Refused("quadratic: a matrix is too large for a corrector");
                }
        }
        const std::string& tree = evidence.at("boxes").get_ref<const std::string&>();
        spend(work, tree.size() * work_per_character);
        std::size_t at = 0;
        for (int face = 0; face < N; ++face) {
            roots_[static_cast<std::size_t>(face)] = nodes_.size();
            Box<N> whole;
            whole.radius.fill(1.0);
            plant(tree, at, face, whole);
        }
        if (at != tree.size()) throw Refused("quadratic: 'boxes' does not end with the last face");
        read(evidence, "values", 1, work, [&](std::size_t i, double x) { pieces_[i].value = x; });
        read(evidence, "slopes", N - 1, work, [&](std::size_t i, double x) { pieces_[i / (N - 1)].slope[i % (N - 1)] = x; });
    }

    // Every box is done even if one has failed: what happens does not depend on the order.
    bool proves(double level, std::uint64_t& work) const {
        std::atomic<std::size_t> next{0};
        std::atomic<std::uint64_t> spent{0};
        std::atomic<bool> failed{false};
        in_threads([&] {
            for (std::size_t b = next++; b < pieces_.size() && spent <= work; b = next++) {
                std::uint64_t cost = 0;
                if (!(gain(pieces_[b], cost, work) >= sign_ * level)) failed = true;
                spent += cost;
            }
        });
        spend(work, spent);
        return !failed;
    }

    BoxLevel level(std::size_t box) const {
        const Piece& piece = pieces_.at(box);
        std::uint64_t cost = 0;
        BoxLevel result{{}, sign_ * gain(piece, cost, most_cost)};
        for (const Map& map : maps_) {
            ImageBounds& image = result.images.emplace_back();
            const Vector common = visit_images(piece, map, cost, [&](const Piece& target, double kappa) {
                image.targets.push_back({static_cast<std::size_t>(&target - pieces_.data()), sign_ * kappa});
            });
            for (const double x : common) image.common.push_back(sign_ * x);
        }
        return result;
    }

  private:
    // For the upper side value and slope are those of -phi: then all inequalities are those of the lower side.
    struct Piece {
        Box<N> box;
        int face = 0;
        double value = 0.0;
        Vector slope{};
    };
    struct Node {
        int axis;  // of the bisection, or -1
        std::uint32_t next;  // the upper part (the lower one comes next), or the piece
    };
    using Map = std::array<std::array<Outward, N>, N>;
    // z(h) = B (c + h), z_i(h) = centre_i + slope_i . h.
    struct Image {
        std::array<Outward, N> centre;
        std::array<std::array<Outward, N - 1>, N> slope;
        // The same, about, with slopes times radii, and what that may miss of m z_g - z_i (T51 (i)).
        std::array<double, N> z{};
        std::array<Vector, N> spread{};
        double slack = 0.0;
    };
    // On the face g: z_i(h)/z_g(h) is w_i + (J h)_i up to rest_i, and w_i up to reach_i, if known (T51 (ii)).
    struct Chart {
        bool known = false;
        std::array<Outward, N - 1> w;
        std::array<std::array<Outward, N - 1>, N - 1> jacobian;
        Vector rest{};
        Vector reach{};
    };

    static Outward outward(const Enclosure& x) { return {Outward::down(below(x)), Outward::up(above(x))}; }
    // The coordinate of R^n that is number j of the others than `face`.
    static std::size_t coordinate(int face, int j) { return static_cast<std::size_t>(j < face ? j : j + 1); }

    void plant(const std::string& tree, std::size_t& at, int face, const Box<N>& box) {
        if (at == tree.size()) throw Refused("quadratic: 'boxes' ends too early");
        const char letter = tree[at++];
        const std::size_t node = nodes_.size();
        if (letter == '.') {
            if (pieces_.size() == most_boxes) throw Refused("quadratic: there are too many boxes");
            nodes_.push_back({-1, static_cast<std::uint32_t>(pieces_.size())});
            pieces_.push_back({box, face, 0.0, {}});
            return;
        }
        if (letter < '0' || letter >= '0' + N - 1) throw Refused("quadratic: 'boxes' has a letter that is neither a coordinate nor '.'");
        const auto axis = static_cast<std::size_t>(letter - '0');
        const double half = 0.5 * box.radius[axis];
        if (half < std::ldexp(1.0, -most_bisections)) throw Refused("quadratic: too many bisections of one coordinate");
        nodes_.push_back({letter - '0', 0});
        for (const double side : {-1.0, 1.0}) {
            if (side > 0.0) nodes_[node].next = static_cast<std::uint32_t>(nodes_.size());
            Box<N> part = box;
            part.radius[axis] = half;
            part.centre[axis] += side * half;
            plant(tree, at, face, part);
        }
    }

    template <class Set>
    void read(const nlohmann::json& evidence, const char* key, std::size_t per_piece, std::uint64_t& work, Set set) {
        std::size_t count = 0;
        for_each_number(evidence, key, per_piece * pieces_.size(), work, [&](const Rational& x) {
            const double y = x.get_d();
            if (!(std::fabs(y) <= 0x1p100) || Rational(y) != x) throw Refused(std::string("quadratic: a number in '") + key + "' is no double of modulus at most 2^100");
            set(count++, std::fabs(y) < 0x1p-500 ? 0.0 : sign_ * y);
        });
        if (count != per_piece * pieces_.size()) throw Refused(std::string("quadratic: '") + key + "' is too short");
    }

    Image image(const Piece& from, const Map& map) const {
        Image image;
        const auto f = static_cast<std::size_t>(from.face);
        Outward miss = 0.0;
        double largest = 0.0;
        for (std::size_t i = 0; i < N; ++i) {
            Outward& centre = image.centre[i];
            centre = map[i][f];
            for (std::size_t j = 0; j < N - 1; ++j) {
                image.slope[i][j] = map[i][coordinate(from.face, static_cast<int>(j))];
                centre = centre + image.slope[i][j] * from.box.centre[j];
            }
            image.z[i] = some(centre);
            Outward error = modulus(centre - image.z[i]);
            Outward size = std::fabs(image.z[i]);
            for (std::size_t j = 0; j < N - 1; ++j) {
                const Outward exactly = image.slope[i][j] * from.box.radius[j];
                image.spread[i][j] = some(exactly);
                error = error + modulus(exactly - image.spread[i][j]);
                size = size + std::fabs(image.spread[i][j]);
            }
            miss = std::max(miss.hi, error.hi);
            largest = std::max(largest, size.hi);
        }
        image.slack = (Outward(2.0) * miss + Outward(0x1p-46) * largest).hi;
        return image;
    }

    // T51 (i): false only if m z_g + s z_i < 0 throughout.
    static bool may_be_positive(const Image& image, double m, std::size_t g, double s, std::size_t i) {
        double most = m * image.z[g] + s * image.z[i];
        for (std::size_t j = 0; j < N - 1; ++j) most += std::fabs(m * image.spread[g][j] + s * image.spread[i][j]);
        return !(most < -image.slack);
    }

    template <class Visit>
    void descend(std::size_t node, int face, const Box<N>& box, const Image& image, std::uint64_t& cost, Visit& visit) const {
        cost += work_per_node;
        const Node& here = nodes_[node];
        if (here.axis < 0) return visit(pieces_[here.next]);
        const auto axis = static_cast<std::size_t>(here.axis);
        const auto g = static_cast<std::size_t>(face);
        const std::size_t i = coordinate(face, here.axis);
        const double m = box.centre[axis];
        Box<N> part = box;
        part.radius[axis] *= 0.5;
        part.centre[axis] = m - part.radius[axis];
        if (may_be_positive(image, m, g, -1.0, i)) descend(node + 1, face, part, image, cost, visit);  // y_i <= m
        part.centre[axis] = m + part.radius[axis];
        if (may_be_positive(image, -m, g, 1.0, i)) descend(here.next, face, part, image, cost, visit);  // y_i >= m
    }

    // The piece that seems to hold z, moved a little so that on the border of two pieces roundings do not decide.
    const Piece& locate(std::array<double, N> z) const {
        double size = 0.0;
        for (const double x : z) size = std::max(size, std::fabs(x));
        std::size_t g = 0;
        for (std::size_t i = 0; i < N; ++i) {
            z[i] += 0x1p-30 * static_cast<double>(i + 1) * size;
            if (std::fabs(z[i]) > std::fabs(z[g])) g = i;
        }
        Vector centre{};
        Vector radius;
        radius.fill(1.0);
        std::size_t node = roots_[g];
        while (nodes_[node].axis >= 0) {
            const auto axis = static_cast<std::size_t>(nodes_[node].axis);
            const bool upper = z[coordinate(static_cast<int>(g), nodes_[node].axis)] / z[g] > centre[axis];
            radius[axis] *= 0.5;
            centre[axis] += upper ? radius[axis] : -radius[axis];
            node = upper ? nodes_[node].next : node + 1;
        }
        return pieces_[nodes_[node].next];
    }

    Chart chart(const Image& image, const Vector& radius, int face) const {
        Chart chart;
        const auto g = static_cast<std::size_t>(face);
        const bool negative = image.centre[g].hi < 0.0;  // z and -z are the same ray
        const auto turned = [&](const Outward& x) { return negative ? opposite(x) : x; };
        const Outward zg = turned(image.centre[g]);
        if (!(zg.lo >= 0x1p-60)) return chart;
        Outward rho = 0.0;
        for (std::size_t j = 0; j < N - 1; ++j) rho = rho + modulus(image.slope[g][j] / zg) * Outward(radius[j]);
        if (!(rho.hi <= most_rho)) return chart;
        const Outward tail = Outward(rho.hi) / (Outward(1.0) - rho.hi);
        for (std::size_t i = 0; i < N - 1; ++i) {
            const std::size_t from = coordinate(face, static_cast<int>(i));
            chart.w[i] = turned(image.centre[from]) / zg;
            Outward reach = 0.0;
            for (std::size_t j = 0; j < N - 1; ++j) {
                chart.jacobian[i][j] = turned(image.slope[from][j] - chart.w[i] * image.slope[g][j]) / zg;
                reach = reach + Outward(modulus(chart.jacobian[i][j])) * radius[j];
            }
            const Outward rest = reach * tail;
            chart.rest[i] = rest.hi;
            chart.reach[i] = (reach + rest).hi;
        }
        chart.known = true;
        return chart;
    }

    // sum_i |slope_i| rest_i + sum_j |(slope^T J - common)_j| r_j, from above.
    static Outward linear_loss(const Chart& chart, const Vector& slope, const Vector& common, const Vector& radius) {
        Outward loss = 0.0;
        for (std::size_t j = 0; j < N - 1; ++j) {
            Outward off = -common[j];
            for (std::size_t i = 0; i < N - 1; ++i) off = off + Outward(slope[i]) * chart.jacobian[i][j];
            loss = loss + Outward(modulus(off)) * radius[j] + Outward(std::fabs(slope[j])) * chart.rest[j];
        }
        return loss.hi;
    }

    // Calls visit(target, kappa) for all targets; the result is the vector G of T51 (ii).
    template <class Visit>
    Vector visit_images(const Piece& from, const Map& map, std::uint64_t& cost, Visit visit) const {
        cost += work_per_map;
        const Image image = this->image(from, map);
        const Vector& radius = from.box.radius;
        const Piece& main = locate(image.z);
        std::array<std::optional<Chart>, N> charts;
        const auto chart_of = [&](int face) -> const Chart& {
            std::optional<Chart>& c = charts[static_cast<std::size_t>(face)];
            if (!c) c = chart(image, radius, face);
            return *c;
        };
        Vector common{};
        const Chart& at_main = chart_of(main.face);
        if (at_main.known)
            for (std::size_t j = 0; j < N - 1; ++j) {
                Outward x = 0.0;
                for (std::size_t i = 0; i < N - 1; ++i) x = x + Outward(main.slope[i]) * at_main.jacobian[i][j];
                if (modulus(x) < 0x1p150) common[j] = some(x);
            }
        const Outward main_loss = at_main.known ? linear_loss(at_main, main.slope, common, radius) : Outward(0.0);
        const auto with_kappa = [&](const Piece& target) {
            Outward crude = 0.0;
            for (std::size_t i = 0; i < N - 1; ++i)
                crude = crude - Outward(std::fabs(target.slope[i])) * target.box.radius[i] - Outward(std::fabs(common[i])) * radius[i];
            double kappa = crude.lo;
            const Chart& c = chart_of(target.face);
            if (c.known) {
                const bool same = target.face == main.face;
                const Vector& star = same ? main.slope : target.slope;
                Outward sharp = Outward(0.0) - (same ? main_loss : linear_loss(c, target.slope, common, radius));
                for (std::size_t i = 0; i < N - 1; ++i) {
                    const Outward from_centre = c.w[i] - target.box.centre[i];
                    const double low = std::max((Outward(-target.box.radius[i]) - from_centre).lo, -c.reach[i]);
                    const double high = std::min((Outward(target.box.radius[i]) - from_centre).hi, c.reach[i]);
                    sharp = sharp + (Outward(target.slope[i]) - star[i]) * Outward(low, high) + Outward(target.slope[i]) * from_centre;
                }
                kappa = std::max(kappa, sharp.lo);
            }
            visit(target, kappa);
        };
        for (const double sign : {1.0, -1.0}) {
            Image signed_image = image;
            for (std::size_t i = 0; i < N; ++i) {
                signed_image.z[i] *= sign;
                for (double& x : signed_image.spread[i]) x *= sign;
            }
            for (int g = 0; g < N; ++g) {
                bool meets = true;
                for (int i = 0; i < N - 1 && meets; ++i)
                    for (const double s : {-1.0, 1.0}) meets = meets && may_be_positive(signed_image, 1.0, static_cast<std::size_t>(g), s, coordinate(g, i));
                if (meets) descend(roots_[static_cast<std::size_t>(g)], g, whole(), signed_image, cost, with_kappa);
            }
        }
        return common;
    }

    static Box<N> whole() {
        Box<N> box;
        box.radius.fill(1.0);
        return box;
    }

    // T51 (iii), (iv): below the least of D + sum_k p_k phi(B_k y) - phi(y) on the box; -infinity where it is not known.
    double gain(const Piece& piece, std::uint64_t& cost, std::uint64_t most_cost) const {
        cost += static_cast<std::uint64_t>(table_.count()) * N * N * N;
        Outward sum = -piece.value;
        std::array<Outward, N - 1> tilt;
        for (std::size_t j = 0; j < N - 1; ++j) tilt[j] = -piece.slope[j];
        for (std::size_t k = 0; k < maps_.size(); ++k) {
            double least = infinity;
            const Vector common = visit_images(piece, maps_[k], cost, [&](const Piece& target, double kappa) {
                least = std::min(least, (Outward(target.value) + kappa).lo);
            });
            if (!(std::fabs(least) < 0x1p400) || cost > most_cost) return -infinity;
            sum = sum + probabilities_[k] * least;
            for (std::size_t j = 0; j < N - 1; ++j) tilt[j] = tilt[j] + probabilities_[k] * common[j];
        }
        Vector lean;
        for (std::size_t j = 0; j < N - 1; ++j) {
            lean[j] = sign_ * some(tilt[j]);
            sum = sum - Outward(modulus(tilt[j] - sign_ * lean[j])) * piece.box.radius[j];
        }
        std::size_t widest = 0;
        const double d = sign_ * table_.bound(side_, piece.face, piece.box, lean.data(), widest).box;
        if (!(std::fabs(d) < 0x1p400)) return -infinity;
        return (sum + (std::fabs(d) < 0x1p-500 ? -0x1p-500 : d)).lo;
    }

    static constexpr std::uint64_t work_per_node = 16 * N;
    static constexpr std::uint64_t work_per_map = 16 * N * N * N;

    const FormTable<N>& table_;
    Side side_;
    double sign_;
    std::vector<Outward> probabilities_;
    std::vector<Map> maps_;
    std::vector<Node> nodes_;
    std::array<std::size_t, N> roots_{};
    std::vector<Piece> pieces_;
};

template <int N>
BoxLevel level_in_dimension(const Product& product, const nlohmann::json& evidence, Side side, std::size_t box) {
    LogQuadratic<N> f;
    std::uint64_t work = most_cost;
    const std::string reason = prepare(product, evidence, work, f);
    if (!reason.empty()) throw Refused(reason);
    return Corrector<N>(f, f, product.probabilities, evidence, side, work).level(box);
}

}  // namespace

bool has_corrector(const nlohmann::json& evidence) {
    const std::size_t parts = evidence.count("boxes") + evidence.count("values") + evidence.count("slopes");
    if (parts != 0 && parts != 3) throw Refused("quadratic: of a corrector there must be 'boxes', 'values' and 'slopes'");
    return parts == 3;
}

template <int N>
bool check_corrector(const LogQuadratic<N>& f, const LogQuadratic<N>& far, const std::vector<Rational>& probabilities, const nlohmann::json& evidence, Side side, double level, std::uint64_t& work) {
    return Corrector<N>(f, far, probabilities, evidence, side, work).proves(level, work);
}
template bool check_corrector(const LogQuadratic<2>&, const LogQuadratic<2>&, const std::vector<Rational>&, const nlohmann::json&, Side, double, std::uint64_t&);
template bool check_corrector(const LogQuadratic<3>&, const LogQuadratic<3>&, const std::vector<Rational>&, const nlohmann::json&, Side, double, std::uint64_t&);
template bool check_corrector(const LogQuadratic<4>&, const LogQuadratic<4>&, const std::vector<Rational>&, const nlohmann::json&, Side, double, std::uint64_t&);
template bool check_corrector(const LogQuadratic<5>&, const LogQuadratic<5>&, const std::vector<Rational>&, const nlohmann::json&, Side, double, std::uint64_t&);
template bool check_corrector(const LogQuadratic<6>&, const LogQuadratic<6>&, const std::vector<Rational>&, const nlohmann::json&, Side, double, std::uint64_t&);

BoxLevel corrector_level(const Product& product, const nlohmann::json& evidence, Side side, std::size_t box) {
    switch (product.dimension()) {
        case 2: return level_in_dimension<2>(product, evidence, side, box);
        case 3: return level_in_dimension<3>(product, evidence, side, box);
        case 4: return level_in_dimension<4>(product, evidence, side, box);
        case 5: return level_in_dimension<5>(product, evidence, side, box);
        case 6: return level_in_dimension<6>(product, evidence, side, box);
        default: throw Refused("quadratic: the dimension is not between 2 and 6");
    }
}

}  // namespace lyapcert::checker
