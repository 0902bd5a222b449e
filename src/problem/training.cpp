#include "problem/training.hpp"

#include "lyapcert/numeric/decimal.hpp"
#include "problem/constants.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

using GiNaC::ex;

std::optional<ex> read_training(const Document& document, Problem& problem) {
    const std::string key = "training.learning_rate";
    const bool interval = document.learning_rate.size() == 2;
    std::vector<ex> terms;
    std::vector<Real> ends;
    for (std::size_t k = 0; k < document.learning_rate.size(); ++k) {
        const std::string place = interval ? key + index(k) : key;
        terms.push_back(constant_term(document, place, document.learning_rate[k]));
        ends.push_back(real_constant(document, place, terms.back()));
        const Ternary positive = ends.back().is_positive(1024);
        if (positive == Ternary::no) document.fail(place, "the learning rate is " + shown(ends.back()) + "; expected a positive number");
        if (positive == Ternary::undecided)
            document.fail(place, "the sign of the learning rate cannot be decided; expected a positive number");
    }
    std::optional<ex> point;
    if (!interval || real_constant(document, key, terms[1] - terms[0]).known_zero()) {
        problem.learning_rate = ends[0];
        point = terms[0];
    } else {
        const Ternary ordered = less(ends[0], ends[1], 1024);
        if (ordered != Ternary::yes)
            document.fail(key, std::string(ordered == Ternary::no ? "the lower end is above the upper end"
                                                                  : "the order of the ends cannot be decided") +
                                   "; expected [lower, upper]");
        // Irrational ends move outward to doubles: what holds for more learning rates holds for these.
        const auto end = [&](std::size_t k) {
            if (ends[k].is_rational()) return ends[k].rational();
            const Interval x = ends[k].interval();
            return rational_from_double(k == 0 ? x.lower() : x.upper());
        };
        const Rational lower = end(0);
        if (lower <= 0) document.fail(key + index(0), "is too small to be told from zero; expected a positive number");
        problem.learning_rates.emplace(lower, end(1));
        problem.learning_rate = Real::between(lower, end(1));
    }
    problem.learning_rate_text = document.learning_rate_text;
    problem.initialisation = document.initialisation;
    if (document.batch_size) {
        if (*document.batch_size < 1 || static_cast<unsigned long long>(*document.batch_size) > problem.data_points)
            document.fail("training.batch_size", "is " + std::to_string(*document.batch_size) + "; expected an integer from 1 to " +
                                                     std::to_string(problem.data_points) + ", the number of data points");
        problem.sampling.batch_size = static_cast<std::size_t>(*document.batch_size);
    }
    return point;
}

}  // namespace lyapcert
