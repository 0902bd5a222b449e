#include "exponent/log_quadratic/corrector.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <limits>
#include <stdexcept>

#include "exponent/log_quadratic/corrector_terms.hpp"
#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::log_quadratic {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// What the box demands of the level, from below.
double level_at(const FormTable& table, const std::vector<ImageMap>& maps, const std::vector<Interval>& probabilities, double sign, const BoxCorrector& corrector, std::size_t b) {
    const auto free = static_cast<std::size_t>(corrector.boxes.dimension() - 1);
    const Box box = corrector.boxes.box(b);
    std::array<Interval, most_free> tilt;
    for (std::size_t j = 0; j < free; ++j) tilt[j] = -Interval(corrector.slopes[b * free + j]);
    Interval level = -Interval(corrector.values[b]);
    for (std::size_t k = 0; k < maps.size(); ++k) {
        const CorrectorTerms<Interval> terms(corrector, b, maps[k]);
        double least = infinity;
        corrector.boxes.visit_image(b, maps[k], [&](std::size_t t) { least = std::min(least, (Interval(corrector.values[t]) + Interval(terms.kappa(t))).lower()); });
        if (!(least > -infinity && least < infinity)) return -infinity;  // infinite: no target, which happens only to what is not finite
        level += probabilities[k] * Interval(least);
        for (std::size_t j = 0; j < free; ++j) tilt[j] += probabilities[k] * Interval(terms.common()[j]);
    }
    std::array<double, most_free> middle{};
    for (std::size_t j = 0; j < free; ++j) {
        middle[j] = boost::numeric::median(tilt[j]);
        level -= abs(tilt[j] - Interval(middle[j])) * Interval(box.radius[j]);
    }
    double reward;
    {
        const RoundNearest guard;
        reward = model_box(table, static_cast<std::size_t>(corrector.boxes.face(b)), box.centre.data(), box.radius.data()).lowest(sign, middle.data(), box.radius.data(), static_cast<int>(free));
    }
    if (!(reward > -infinity)) return -infinity;
    return (level + Interval(reward)).lower();
}

}  // namespace

double prove_corrected(const FormTable& table, const std::vector<ImageMap>& maps, const std::vector<Rational>& probabilities, Side side, const BoxCorrector& corrector, Deadline deadline) {
    const std::size_t count = corrector.boxes.size();
    const auto free = static_cast<std::size_t>(corrector.boxes.dimension() - 1);
    if (corrector.boxes.dimension() != table.dimension || corrector.values.size() != count || corrector.slopes.size() != count * free || maps.size() != probabilities.size())
        throw std::logic_error("a corrector of the wrong size");
    for (const std::vector<double>* numbers : {&corrector.values, &corrector.slopes})
        for (const double x : *numbers)
            if (!(std::fabs(x) <= 0x1p100)) throw std::logic_error("a corrector that is not finite");
    std::vector<Interval> p;
    for (const Rational& x : probabilities) p.push_back(to_interval(x));
    const double level = tbb::parallel_reduce(
        tbb::blocked_range<std::size_t>(0, count, 256), infinity,
        [&](const tbb::blocked_range<std::size_t>& part, double worst) {
            const RoundUpward guard;
            for (std::size_t b = part.begin(); b < part.end() && worst > -infinity; ++b) {
                if (b % 16 == 0 && is_over(deadline)) return -infinity;
                const double level = level_at(table, maps, p, sign_of(side), corrector, b);
                worst = level > -infinity ? std::min(worst, level) : -infinity;  // NaN proves nothing
            }
            return worst;
        },
        [](double a, double b) { return std::min(a, b); });
    return sign_of(side) * level;
}

}  // namespace lyapcert::log_quadratic
