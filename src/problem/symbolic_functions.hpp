// The functions that GiNaC lacks, with their exact derivatives.
#pragma once

#include <ginac/ginac.h>

#include "lyapcert/problem/expression.hpp"

namespace lyapcert::symbolic {

DECLARE_FUNCTION_1P(error_function)
DECLARE_FUNCTION_1P(sigmoid_function)
DECLARE_FUNCTION_1P(softplus_function)

GiNaC::ex apply(Function f, const GiNaC::ex& argument);
// The function that a GiNaC term applies; throws ExpressionError for one that Expression does not have.
Function function_of(const GiNaC::function& term);

}  // namespace lyapcert::symbolic
