#include "exponent/invariant_cone/words.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <vector>

namespace lyapcert::invariant_cone {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int longest_word = 400;
constexpr double smallest_task = 0x1p-10;  // words less probable than that are not worth a task of their own
constexpr double infinity = std::numeric_limits<double>::infinity();

class Recursion {
  public:
    Recursion(const ConeTable& table, double threshold, std::uint64_t most_words, Clock::time_point deadline)
        : table_(table), threshold_(threshold), most_words_(most_words), deadline_(deadline) {}

    std::optional<Mean> run() {
        const RoundUpward guard;
        const Range all = visit(table_.identity(), 1.0, 0);
        if (given_up_) return std::nullopt;
        return Mean{all.lower, all.upper, words_};
    }

  private:
    Range visit(const Columns& p, double probability, int length) {
        const std::uint64_t number = words_++;
        if (number >= most_words_ || (number % 64 == 0 && Clock::now() > deadline_)) given_up_ = true;
        if (given_up_) return {-infinity, infinity, 0.0};
        const Range own = table_.bound(p);
        const double width = own.upper - own.lower;
        if (!(probability * width > threshold_) || width <= 2.0 * own.rounding || length >= longest_word) return own;
        std::vector<Range> children(table_.maps());
        const auto child = [&](std::size_t i) {
            const RoundUpward guard;
            children[i] = visit(table_.extended(p, i), probability * table_.probability(i), length + 1);
        };
        if (probability > smallest_task) {
            tbb::parallel_for(std::size_t{0}, table_.maps(), child);
        } else {
            for (std::size_t i = 0; i < table_.maps(); ++i) child(i);
        }
        double lower = 0.0;
        double upper = 0.0;
        for (std::size_t i = 0; i < children.size(); ++i) {
            lower = directed::add_down(lower, table_.times_probability_down(i, children[i].lower));
            upper = directed::add_up(upper, table_.times_probability_up(i, children[i].upper));
        }
        return {std::max(lower, own.lower), std::min(upper, own.upper), own.rounding};
    }

    const ConeTable& table_;
    double threshold_;
    std::uint64_t most_words_;
    Clock::time_point deadline_;
    std::atomic<std::uint64_t> words_{0};
    std::atomic<bool> given_up_{false};
};

}  // namespace

std::optional<Mean> mean_over_words(const ConeTable& table, double threshold, std::uint64_t most_words, std::chrono::steady_clock::time_point deadline) {
    return Recursion(table, threshold, most_words, deadline).run();
}

}  // namespace lyapcert::invariant_cone
