#include "exponent/driver/schedule.hpp"

#include "exponent/contraction/scheduled.hpp"
#include "exponent/determinant/scheduled.hpp"
#include "exponent/dominated_splitting/scheduled.hpp"
#include "exponent/invariant_cone/scheduled.hpp"
#include "exponent/log_quadratic/scheduled.hpp"
#include "exponent/outlier/scheduled.hpp"
#include "exponent/polyhedral/scheduled.hpp"
#include "exponent/second_moment/scheduled.hpp"
#include "exponent/weighted_moment/scheduled.hpp"

namespace lyapcert::schedule {

const std::vector<FreeBound>& free_bounds() {
    using Of = FreeBound::Of;
    static const std::vector<FreeBound> table{
        {Method::determinant,         Of::component, determinant::applies,         determinant::run},
        {Method::dominated_splitting, Of::component, dominated_splitting::applies, dominated_splitting::run},
        {Method::contraction,         Of::whole,     contraction::applies,         contraction::run},
        {Method::outlier,             Of::whole,     outlier::applies,             outlier::run},
        {Method::second_moment,       Of::both,      second_moment::applies,       second_moment::run},
    };
    return table;
}

namespace {

using Tried = const Fruitless&;

bool always(const Task&, Tried) { return true; }
template <int n> bool dimension_is(const Task& task, Tried) { return task.dimension() == n; }
template <int n> bool dimension_above(const Task& task, Tried) { return task.dimension() > n; }
template <int low, int high> bool dimension_within(const Task& task, Tried) { return task.dimension() >= low && task.dimension() <= high; }
bool plane_with_cone(const Task& task, Tried) { return task.dimension() == 2 && task.has_invariant_cone(); }
// Singular matrices, as a rule.
bool nothing_else_helped(const Task& task, Tried tried) { return dimension_within<3, 6>(task, tried) && tried.count(Method::log_quadratic) != 0; }

constexpr double also_when_late = -1.0;

}  // namespace

// Where there is an invariant cone nothing else is as sharp; in dimension 2 a fan is, as a rule. Weighted second moments are all that there is above dimension 6;
// below 5 the others are quick as well, but not in families that are nearly stable in norm, so that a moment is worth a try. In dimension 2
// the fan is sharp and log-quadratic functions are the second choice, above it is the other way round: they give up early on singular families, which is what
// the last rows are for. The first round over a fan of dimension 5 or 6 knows no deadline.
const std::vector<Search>& searches() {
    static const std::vector<Search> table{
        // method                  applies                   when                    share        reserve         run
        {Method::polyhedral,      polyhedral::applies,      plane_with_cone,        1.0 / 8.0,   also_when_late, polyhedral::run},
        {Method::invariant_cone,  invariant_cone::applies,  always,                 1.0 / 2.0,   also_when_late, invariant_cone::run},
        {Method::weighted_moment, weighted_moment::applies, dimension_above<6>,     1.0,         0.0,            weighted_moment::run},
        {Method::weighted_moment, weighted_moment::applies, dimension_within<3, 4>, 1.0 / 200.0, 0.0,            weighted_moment::run},
        {Method::weighted_moment, weighted_moment::applies, dimension_within<5, 6>, 1.0 / 50.0,  0.0,            weighted_moment::run},
        {Method::polyhedral,      polyhedral::applies,      dimension_is<2>,        1.0,         0.0,            polyhedral::run},
        {Method::log_quadratic,   log_quadratic::applies,   always,                 1.0,         0.0,            log_quadratic::run},
        {Method::weighted_moment, weighted_moment::applies, nothing_else_helped,    1.0 / 4.0,   also_when_late, weighted_moment::run},
        {Method::polyhedral,      polyhedral::applies,      dimension_within<3, 4>, 1.0,         0.0,            polyhedral::run},
        {Method::polyhedral,      polyhedral::applies,      dimension_is<5>,        1.0,         30.0,           polyhedral::run},
        {Method::polyhedral,      polyhedral::applies,      dimension_is<6>,        1.0,         200.0,          polyhedral::run},
    };
    return table;
}

}  // namespace lyapcert::schedule
