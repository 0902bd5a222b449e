#include "theorem/threshold/partition.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert {

namespace thresholds {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// a < b for left ends, where nothing is 0; and for right ends, where nothing is infinity.
bool left_below(const std::optional<Rational>& a, const std::optional<Rational>& b) { return b && (!a || *a < *b); }
bool right_below(const std::optional<Rational>& a, const std::optional<Rational>& b) { return a && (!b || *a < *b); }
// Is there more than a point between a left and a right end?
bool is_thick(const std::optional<Rational>& left, const std::optional<Rational>& right) { return !left || !right || *left < *right; }

}  // namespace

Rational short_between(const Rational& low, const Rational& high, double near) {
    const Rational quarter = (high - low) / 4;
    for (int digits = 1; digits <= 17; ++digits) {
        const Rational x = parse_literal(fmt::format("{:.{}g}", near, digits));
        if (low < x && x < high && abs(x - rational_from_double(near)) <= quarter) return x;
    }
    return (low + high) / 2;
}

double ratio_of(const RatePiece& piece) {
    if (!piece.from || !piece.to || piece.from->is_zero()) return infinity;
    return Rational(*piece.to / *piece.from).convert_to<double>();
}

void Partition::put(const RatePiece& piece) {
    std::vector<RatePiece> result;
    for (const RatePiece& old : pieces_) {
        const std::optional<Rational> left = left_below(old.from, piece.from) ? piece.from : old.from;
        const std::optional<Rational> right = right_below(piece.to, old.to) ? piece.to : old.to;
        if (!is_thick(left, right)) {
            result.push_back(old);
            continue;
        }
        if (old.verdict != Verdict::undecided) {
            if (old.verdict != piece.verdict) throw std::logic_error("two proofs about one learning rate contradict each other");
            result.push_back(old);
            continue;
        }
        if (left_below(old.from, left)) result.push_back(RatePiece{old.from, left});
        RatePiece part = piece;
        part.from = left;
        part.to = right;
        result.push_back(std::move(part));
        if (right_below(right, old.to)) result.push_back(RatePiece{right, old.to});
    }
    pieces_ = std::move(result);
}

double widest_open(const std::vector<RatePiece>& pieces, const ThresholdOptions& options) {
    double widest = 1.0;
    for (RatePiece piece : merged(pieces)) {
        if (piece.verdict != Verdict::undecided) continue;
        if (options.from && (!piece.from || *piece.from < *options.from)) piece.from = options.from;
        if (options.to && (!piece.to || *options.to < *piece.to)) piece.to = options.to;
        if (piece.from && piece.to && *piece.to <= *piece.from) continue;
        widest = std::max(widest, ratio_of(piece));
    }
    return widest;
}

}  // namespace thresholds

std::vector<RatePiece> merged(const std::vector<RatePiece>& pieces) {
    std::vector<RatePiece> result;
    for (const RatePiece& piece : pieces)
        if (!result.empty() && result.back().verdict == piece.verdict) result.back().to = piece.to;
        else result.push_back(RatePiece{piece.from, piece.to, piece.verdict});
    return result;
}

}  // namespace lyapcert
