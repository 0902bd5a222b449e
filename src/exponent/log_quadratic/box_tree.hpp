// A partition of the faces of the cube into boxes, by bisection; and which boxes the image of a box may meet.
//
// Every ray meets a face y_f = 1, |y_i| <= 1; on it lie the boxes |y_i - c_i| <= r_i, closed, which cover it.
//
// Lemma (images). Let y run over a box, z(y) = B y, and let visit_image() be told of B with entries within `error` of the true ones. Every
// box that contains a multiple of some z(y) is visited.
//   Proof. Let z = z(y) or -z(y), z_g > 0, z / z_g in a box on the face g. On the way to it each bisection at m asks for m z_g - z_i >= 0 or
//   <= 0, the root for z_g +- z_i >= 0. A part is dropped only if the linear function in question is negative all over the box of y: it is
//   at most its value at the centre plus the sum of |slope| times radius, whose terms have moduli of sum at most 4 S, S the largest
//   row sum of |B|, and go through at most 4 n + 6 < 32 roundings, in any mode: computed within 2^-45 S, plus 4 n `error`; `slack` is twice that.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lyapcert/exponent/log_quadratic.hpp"

namespace lyapcert::log_quadratic {

inline constexpr int most_free = static_cast<int>(log_quadratic_max_dimension) - 1;

struct Box {
    std::array<double, most_free> centre{};  // coordinates y_i, i != face, in order
    std::array<double, most_free> radius{};
};

// An enclosure of one matrix of the family, in the basis of the forms.
struct ImageMap {
    int dimension = 0;
    std::array<std::array<double, log_quadratic_max_dimension>, log_quadratic_max_dimension> entries{};
    double error = 0.0;  // how far the true entries may be from these
    double slack = 0.0;  // what the lemma allows for

    ImageMap(const Matrix<double>& matrix, double entry_error) : dimension(static_cast<int>(matrix.rows())), error(entry_error) {
        double largest = 0.0;
        for (int i = 0; i < dimension; ++i) {
            double row = 0.0;
            for (int j = 0; j < dimension; ++j) {
                entries[i][j] = matrix(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
                row += std::fabs(entries[i][j]);
            }
            largest = std::max(largest, row);
        }
        slack = 0x1p-44 * largest + 8.0 * dimension * error;
    }
};

class BoxTree {
  public:
    explicit BoxTree(int dimension) : dimension_(dimension) {
        for (int f = 0; f < dimension; ++f) {
            nodes_.push_back(Node{~f, 0});
            faces_.push_back(static_cast<std::uint8_t>(f));
            node_of_.push_back(f);
            for (int i = 0; i < dimension - 1; ++i) {
                centres_.push_back(0.0);
                radii_.push_back(1.0);
            }
        }
    }

    int dimension() const { return dimension_; }
    std::size_t size() const { return faces_.size(); }
    Box box(std::size_t index) const {
        Box box;
        const std::size_t first = index * static_cast<std::size_t>(dimension_ - 1);
        for (int j = 0; j < dimension_ - 1; ++j) {
            box.centre[static_cast<std::size_t>(j)] = centres_[first + static_cast<std::size_t>(j)];
            box.radius[static_cast<std::size_t>(j)] = radii_[first + static_cast<std::size_t>(j)];
        }
        return box;
    }
    double centre(std::size_t index, std::size_t axis) const { return centres_[index * static_cast<std::size_t>(dimension_ - 1) + axis]; }
    double radius(std::size_t index, std::size_t axis) const { return radii_[index * static_cast<std::size_t>(dimension_ - 1) + axis]; }
    int face(std::size_t index) const { return faces_[index]; }

    // Bisects a box: its index goes to the lower part, the upper part gets the index size().
    void bisect(std::size_t index, int axis) {
        const std::size_t free = static_cast<std::size_t>(dimension_ - 1);
        const std::size_t at = index * free + static_cast<std::size_t>(axis);
        const std::size_t upper = size() * free + static_cast<std::size_t>(axis);
        radii_[at] *= 0.5;
        for (std::size_t j = 0; j < free; ++j) {
            centres_.push_back(centres_[index * free + j]);
            radii_.push_back(radii_[index * free + j]);
        }
        centres_[at] -= radii_[at];
        centres_[upper] += radii_[at];
        const auto first = static_cast<std::int32_t>(nodes_.size());
        nodes_[static_cast<std::size_t>(node_of_[index])] = Node{first, static_cast<std::uint8_t>(axis)};
        nodes_.push_back(Node{~static_cast<std::int32_t>(index), 0});
        nodes_.push_back(Node{~static_cast<std::int32_t>(size()), 0});
        node_of_[index] = first;
        node_of_.push_back(first + 1);
        faces_.push_back(faces_[index]);
    }

    // Calls visit(box) for the boxes that the image of box `index` may meet.
    template <class Visit>
    void visit_image(std::size_t index, const ImageMap& map, Visit&& visit) const {
        const int n = dimension_;
        const int f = faces_[index];
        const Box box = this->box(index);
        Image image;
        for (int i = 0; i < n; ++i) {
            double at_centre = map.entries[i][f];
            for (int j = 0, at = 0; j < n; ++j) {
                if (j == f) continue;
                at_centre += map.entries[i][j] * box.centre[at];
                image.slope[i][at] = map.entries[i][j] * box.radius[at];
                ++at;
            }
            image.centre[i] = at_centre;
        }
        image.slack = map.slack;
        for (int sign = 1; sign >= -1; sign -= 2) {
            for (int g = 0; g < n; ++g) {
                bool meets = true;
                for (int i = 0; i < n && meets; ++i) {
                    if (i == g) continue;
                    meets = largest(image, g, i, -1.0) >= -image.slack && largest(image, g, i, 1.0) >= -image.slack;
                }
                if (meets) descend(g, g, image, visit);
            }
            for (int i = 0; i < n; ++i) image.centre[i] = -image.centre[i];
        }
    }

    // The box that holds the ray of y; its coordinates there, on the box's face, go to `at`. Floating point, for the search.
    std::size_t approximate_locate(const std::array<double, log_quadratic_max_dimension>& y, std::array<double, most_free>& at) const {
        int g = 0;
        for (int i = 1; i < dimension_; ++i)
            if (std::fabs(y[static_cast<std::size_t>(i)]) > std::fabs(y[static_cast<std::size_t>(g)])) g = i;
        for (int i = 0, j = 0; i < dimension_; ++i)
            if (i != g) at[static_cast<std::size_t>(j++)] = y[static_cast<std::size_t>(i)] / y[static_cast<std::size_t>(g)];
        std::array<double, most_free> centre{};
        std::array<double, most_free> radius;
        radius.fill(1.0);
        std::int32_t node = g;
        while (nodes_[static_cast<std::size_t>(node)].child >= 0) {
            const Node& here = nodes_[static_cast<std::size_t>(node)];
            const std::size_t a = here.axis;
            const bool up = at[a] > centre[a];
            radius[a] *= 0.5;
            centre[a] += up ? radius[a] : -radius[a];
            node = here.child + (up ? 1 : 0);
        }
        return static_cast<std::size_t>(~nodes_[static_cast<std::size_t>(node)].child);
    }

    // Renumbers the boxes in depth-first order, so that neighbours are near each other in memory: `order` receives the old number of each.
    void renumber(std::vector<std::size_t>& order) {
        const auto free = static_cast<std::size_t>(dimension_ - 1);
        depth_first(order);
        BoxTree sorted(*this);
        sorted.nodes_.resize(static_cast<std::size_t>(dimension_));
        for (int f = 0; f < dimension_; ++f) copy(f, f, sorted);
        for (std::size_t b = 0; b < order.size(); ++b) {
            sorted.faces_[b] = faces_[order[b]];
            for (std::size_t j = 0; j < free; ++j) {
                sorted.centres_[b * free + j] = centres_[order[b] * free + j];
                sorted.radii_[b * free + j] = radii_[order[b] * free + j];
            }
        }
        std::int32_t next = 0;
        for (int f = 0; f < dimension_; ++f) sorted.number(f, next);
        *this = std::move(sorted);
    }

    std::size_t bytes() const { return nodes_.capacity() * sizeof(Node) + (centres_.capacity() + radii_.capacity()) * sizeof(double) + size() * 5; }

    // The trees as BoxCorrectorEvidence has them; `order` receives the boxes in their order.
    std::vector<std::int8_t> depth_first(std::vector<std::size_t>& order) const {
        std::vector<std::int8_t> bisections;
        for (int f = 0; f < dimension_; ++f) write(f, bisections, order);
        return bisections;
    }

  private:
    struct Node {
        std::int32_t child;  // of the lower part, the upper follows; or ~box
        std::uint8_t axis;
    };
    struct Image {
        std::array<double, log_quadratic_max_dimension> centre{};
        std::array<std::array<double, most_free>, log_quadratic_max_dimension> slope{};
        double slack = 0.0;
    };

    // The largest value of z_g + s z_i, s = 1 or -1.
    double largest(const Image& image, int g, int i, double s) const {
        double value = image.centre[g] + s * image.centre[i];
        for (int j = 0; j < dimension_ - 1; ++j) value += std::fabs(image.slope[g][j] + s * image.slope[i][j]);
        return value;
    }

    template <class Visit>
    void descend(std::int32_t node, int g, const Image& image, Visit& visit) const {
        std::array<double, most_free> centre{};
        std::array<double, most_free> radius{};
        for (int i = 0; i < dimension_ - 1; ++i) radius[static_cast<std::size_t>(i)] = 1.0;
        go_down(node, g, centre, radius, image, visit);
    }
    template <class Visit>
    void go_down(std::int32_t node, int g, std::array<double, most_free>& centre, std::array<double, most_free>& radius, const Image& image, Visit& visit) const {
        const Node& here = nodes_[static_cast<std::size_t>(node)];
        if (here.child < 0) {
            visit(static_cast<std::size_t>(~here.child));
            return;
        }
        const std::size_t a = here.axis;
        const int i = static_cast<int>(a) < g ? static_cast<int>(a) : static_cast<int>(a) + 1;
        const double m = centre[a];
        double value = m * image.centre[g] - image.centre[i];
        double spread = image.slack;
        for (int j = 0; j < dimension_ - 1; ++j) spread += std::fabs(m * image.slope[g][j] - image.slope[i][j]);
        radius[a] *= 0.5;
        if (value + spread >= 0.0) {
            centre[a] = m - radius[a];
            go_down(here.child, g, centre, radius, image, visit);
        }
        if (spread - value >= 0.0) {
            centre[a] = m + radius[a];
            go_down(here.child + 1, g, centre, radius, image, visit);
        }
        centre[a] = m;
        radius[a] *= 2.0;
    }

    void write(std::int32_t node, std::vector<std::int8_t>& bisections, std::vector<std::size_t>& order) const {
        const Node& here = nodes_[static_cast<std::size_t>(node)];
        if (here.child < 0) {
            bisections.push_back(-1);
            order.push_back(static_cast<std::size_t>(~here.child));
            return;
        }
        bisections.push_back(static_cast<std::int8_t>(here.axis));
        write(here.child, bisections, order);
        write(here.child + 1, bisections, order);
    }

    void copy(std::int32_t from, std::int32_t to, BoxTree& other) const {
        const Node here = nodes_[static_cast<std::size_t>(from)];
        other.nodes_[static_cast<std::size_t>(to)] = here;
        if (here.child < 0) return;
        const auto first = static_cast<std::int32_t>(other.nodes_.size());
        other.nodes_[static_cast<std::size_t>(to)].child = first;
        other.nodes_.resize(other.nodes_.size() + 2);
        copy(here.child, first, other);
        copy(here.child + 1, first + 1, other);
    }
    void number(std::int32_t node, std::int32_t& next) {
        Node& here = nodes_[static_cast<std::size_t>(node)];
        if (here.child < 0) {
            node_of_[static_cast<std::size_t>(next)] = node;
            here.child = ~next++;
            return;
        }
        number(here.child, next);
        number(here.child + 1, next);
    }

    int dimension_;
    std::vector<Node> nodes_;
    std::vector<double> centres_;  // n - 1 numbers for each box
    std::vector<double> radii_;
    std::vector<std::uint8_t> faces_;
    std::vector<std::int32_t> node_of_;
};

}  // namespace lyapcert::log_quadratic
