#include "exponent/weighted_moment/scheduled.hpp"

#include "lyapcert/exponent/weighted_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert::schedule::weighted_moment {

namespace {

constexpr std::size_t least_dimension = 3;  // in dimension 2 the fan is as quick

}  // namespace

bool applies(const Task& task) { return task.product().scaled_gram() != nullptr && task.dimension() >= least_dimension; }

Found run(const Task& task, const SearchControl& control) {
    WeightedMomentResult found = weighted_moment_bound(to_intervals(*task.product().scaled_gram()), control);
    return {std::move(found.bound), {0, 0, 0, found.states}};
}

}  // namespace lyapcert::schedule::weighted_moment
