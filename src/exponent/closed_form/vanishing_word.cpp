#include <algorithm>
#include <deque>
#include <set>

#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/linalg/exact.hpp"

namespace lyapcert {

namespace {

// The image A_w R^n of a word w.
struct Image {
    Matrix<Rational> basis;  // rows, canonical
    std::vector<std::size_t> word;
};

// In units of 64 bits, so that families of huge or tiny numbers stop as early as large families do.
std::size_t length(const Matrix<Rational>& a) {
    std::size_t sum = 0;
    for (const Rational& x : a.entries()) sum += 2 + mpz_size(mpq_numref(x.backend().data())) + mpz_size(mpq_denref(x.backend().data()));
    return sum;
}

// The images that wait to be mapped on, of each dimension in the order of their discovery.
class Orbits {
public:
    explicit Orbits(std::size_t n) : pending_(n + 1) {}

    // Ignores an image that was added before.
    void add(Image image) {
        if (found_.insert(image.basis.entries()).second) pending_[image.basis.rows()].push_back(std::move(image));
    }

    // Takes turns among the dimensions: small images are closer to zero, but their orbits may be infinite where a larger one leads to zero.
    std::optional<Image> next() {
        for (std::size_t tried = 0; tried < pending_.size(); ++tried) {
            turn_ = (turn_ + 1) % pending_.size();
            std::deque<Image>& queue = pending_[turn_];
            if (queue.empty()) continue;
            Image image = std::move(queue.front());
            queue.pop_front();
            return image;
        }
        return std::nullopt;
    }

private:
    std::vector<std::deque<Image>> pending_;
    std::set<std::vector<Rational>> found_;  // canonical bases of different dimensions have different numbers of entries
    std::size_t turn_ = 0;
};

}  // namespace

std::optional<std::vector<std::size_t>> vanishing_word(const RandomProduct& product) {
    constexpr std::size_t largest_dimension = 8;
    constexpr std::size_t most_matrices = 100;
    constexpr std::size_t most_images = 4000;
    constexpr std::size_t greatest_length = 40000;  // of all images together: a few tenths of a second at most
    const std::size_t n = product.dimension();
    if (n > largest_dimension || product.size() > most_matrices || !product.is_rational()) return std::nullopt;
    std::vector<Matrix<Rational>> transposed;
    for (const Matrix<Rational>& a : product.rational()) transposed.push_back(a.transposed());
    if (std::none_of(transposed.begin(), transposed.end(), [](const Matrix<Rational>& a) { return determinant(a).is_zero(); })) return std::nullopt;
    Orbits orbits(n);
    orbits.add({Matrix<Rational>::identity(n, Rational(1), Rational(0)), {}});
    std::size_t images = 0;
    std::size_t total = 0;
    while (const auto from = orbits.next()) {
        for (std::size_t k = 0; k < transposed.size(); ++k) {
            Image image{row_space(from->basis * transposed[k]), from->word};
            image.word.push_back(k);
            if (image.basis.rows() == 0) return image.word;
            total += length(image.basis);
            if (++images >= most_images || total >= greatest_length) return std::nullopt;
            orbits.add(std::move(image));
        }
    }
    return std::nullopt;
}

}  // namespace lyapcert
