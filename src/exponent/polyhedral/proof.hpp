// The proof: takes a fan, a function and a cone, however they were found, and establishes the hypotheses of Lemmas 1 and 2
// (lyapcert/exponent/polyhedral.hpp) in interval arithmetic, or says where they fail.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "exponent/polyhedral/cell_bounds.hpp"
#include "lyapcert/numeric/deadline.hpp"
#include "lyapcert/numeric/mp_interval.hpp"

namespace lyapcert::polyhedral {

struct Proof {
    // a <= D <= b on K, with the correctors, as levels. Meaningful only when `outside` is empty.
    Level level;
    // Leaves not in K that images of K may meet: K is proved forward invariant when there is none.
    std::vector<std::size_t> outside;
};

// K is the union of the leaves with in_cone[leaf] != 0. Where the bounds of a leaf lie within `accept` no more effort is spent on
// it. Nothing is proved (an infinite level) when the deadline passes. Throws std::logic_error when the input is not of the required kind: the fan not conforming, f not positive, K empty.
template <class S, int N>
Proof prove(const Fan<N>& fan, const std::vector<double>& values, const MapFamily<S, N>& family, const std::vector<char>& in_cone,
            const CellCorrector& corrector, const Level& accept, Deadline deadline = no_deadline) {
    if (!fan.is_conforming()) throw std::logic_error("the fan is not conforming");
    if (values.size() != fan.vertices().size() || in_cone.size() != fan.leaves().size()) throw std::logic_error("evidence of the wrong size");
    for (double f : values)
        if (!(f > 0.0) || !std::isfinite(f)) throw std::logic_error("f is not positive");
    for (const std::vector<double>* w : {&corrector.lower, &corrector.upper}) {
        if (!w->empty() && w->size() != fan.leaves().size()) throw std::logic_error("evidence of the wrong size");
        for (double x : *w)
            if (!(x >= 0x1p-50 && x <= 0x1p50)) throw std::logic_error("a corrector is out of range");
    }
    if (std::find_if(in_cone.begin(), in_cone.end(), [](char c) { return c != 0; }) == in_cone.end()) throw std::logic_error("the cone is empty");

    constexpr double infinity = std::numeric_limits<double>::infinity();
    const CellBounds<S, N> cells(fan, values, family, corrector);
    Proof proof{Level{infinity, -infinity}, {}};
    std::mutex mutex;
    std::atomic<bool> late{false};
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, fan.leaves().size(), 256), [&](const tbb::blocked_range<std::size_t>& range) {
        const RoundUpward guard;
        Proof local{Level{infinity, -infinity}, {}};
        for (std::size_t leaf = range.begin(); leaf < range.end(); ++leaf) {
            if (!in_cone[leaf]) continue;
            if (late || (leaf % 16 == 0 && is_over(deadline))) {
                late = true;
                break;
            }
            const Level level = cells.bound(leaf, accept, [&](std::size_t, std::size_t target) {
                if (!in_cone[target]) local.outside.push_back(target);
            });
            local.level.lower = std::min(local.level.lower, level.lower);
            local.level.upper = std::max(local.level.upper, level.upper);
        }
        const std::lock_guard<std::mutex> lock(mutex);
        proof.level.lower = std::min(proof.level.lower, local.level.lower);
        proof.level.upper = std::max(proof.level.upper, local.level.upper);
        proof.outside.insert(proof.outside.end(), local.outside.begin(), local.outside.end());
    });
    if (late) return Proof{Level{-infinity, infinity}, {}};
    return proof;
}

// From level to exponent: the one logarithm.
inline MpInterval exponent_of_level(const Level& level, int denominator) {
    MpInterval result = MpInterval::everything();
    const long precision = result.precision();
    const auto exponent = [&](double x) -> MpInterval {
        const MpInterval y(x, x, precision);
        return denominator > 0 ? log(y) / MpInterval(Rational(denominator), precision) : y;
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (level.lower > (denominator > 0 ? 0.0 : -infinity)) {
        const MpInterval lower = exponent(level.lower);
        mpfr_set(result.lower_ref(), lower.lower(), MPFR_RNDD);
    }
    if (level.upper == -infinity || (denominator > 0 && level.upper <= 0.0)) {
        mpfr_set_inf(result.upper_ref(), -1);
    } else if (level.upper < infinity) {
        const MpInterval upper = exponent(level.upper);
        mpfr_set(result.upper_ref(), upper.upper(), MPFR_RNDU);
    }
    return result;
}

}  // namespace lyapcert::polyhedral
