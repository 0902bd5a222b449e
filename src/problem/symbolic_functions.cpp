#include "problem/symbolic_functions.hpp"

namespace lyapcert::symbolic {

namespace {

using GiNaC::ex;

// Negative arguments are reflected, so that f(-1) and f(1) cancel where they should.
bool is_negative_number(const ex& x) { return GiNaC::is_a<GiNaC::numeric>(x) && GiNaC::ex_to<GiNaC::numeric>(x).is_negative(); }

ex error_function_eval(const ex& x) {
    if (x.is_zero()) return 0;
    if (is_negative_number(x)) return -error_function(-x);
    return error_function(x).hold();
}
ex error_function_deriv(const ex& x, unsigned) { return 2 * GiNaC::exp(-x * x) / GiNaC::sqrt(GiNaC::Pi); }

ex sigmoid_function_eval(const ex& x) {
    if (x.is_zero()) return GiNaC::numeric(1, 2);
    if (is_negative_number(x)) return 1 - sigmoid_function(-x);
    return sigmoid_function(x).hold();
}
ex sigmoid_function_deriv(const ex& x, unsigned) { return sigmoid_function(x) * (1 - sigmoid_function(x)); }

ex softplus_function_eval(const ex& x) {
    if (x.is_zero()) return GiNaC::log(ex(2));
    if (is_negative_number(x)) return x + softplus_function(-x);
    return softplus_function(x).hold();
}
ex softplus_function_deriv(const ex& x, unsigned) { return sigmoid_function(x); }

}  // namespace

REGISTER_FUNCTION(error_function, eval_func(error_function_eval).derivative_func(error_function_deriv))
REGISTER_FUNCTION(sigmoid_function, eval_func(sigmoid_function_eval).derivative_func(sigmoid_function_deriv))
REGISTER_FUNCTION(softplus_function, eval_func(softplus_function_eval).derivative_func(softplus_function_deriv))

ex apply(Function f, const ex& x) {
    switch (f) {
        case Function::exp: return GiNaC::exp(x);
        case Function::log: return GiNaC::log(x);
        case Function::sqrt: return GiNaC::sqrt(x);
        case Function::sin: return GiNaC::sin(x);
        case Function::cos: return GiNaC::cos(x);
        case Function::tan: return GiNaC::tan(x);
        case Function::asin: return GiNaC::asin(x);
        case Function::acos: return GiNaC::acos(x);
        case Function::atan: return GiNaC::atan(x);
        case Function::sinh: return GiNaC::sinh(x);
        case Function::cosh: return GiNaC::cosh(x);
        case Function::tanh: return GiNaC::tanh(x);
        case Function::asinh: return GiNaC::asinh(x);
        case Function::acosh: return GiNaC::acosh(x);
        case Function::atanh: return GiNaC::atanh(x);
        case Function::erf: return error_function(x);
        case Function::sigmoid: return sigmoid_function(x);
        case Function::softplus: return softplus_function(x);
    }
    throw std::logic_error("apply: unknown function");
}

Function function_of(const GiNaC::function& term) {
    const ex e = term;
#define LYAPCERT_CASE(theirs, ours) \
    if (is_ex_the_function(e, theirs)) return Function::ours
    using GiNaC::acos_SERIAL;
    using GiNaC::acosh_SERIAL;
    using GiNaC::asin_SERIAL;
    using GiNaC::asinh_SERIAL;
    using GiNaC::atan_SERIAL;
    using GiNaC::atanh_SERIAL;
    using GiNaC::cos_SERIAL;
    using GiNaC::cosh_SERIAL;
    using GiNaC::exp_SERIAL;
    using GiNaC::log_SERIAL;
    using GiNaC::sin_SERIAL;
    using GiNaC::sinh_SERIAL;
    using GiNaC::tan_SERIAL;
    using GiNaC::tanh_SERIAL;
    LYAPCERT_CASE(exp, exp);
    LYAPCERT_CASE(log, log);
    LYAPCERT_CASE(sin, sin);
    LYAPCERT_CASE(cos, cos);
    LYAPCERT_CASE(tan, tan);
    LYAPCERT_CASE(asin, asin);
    LYAPCERT_CASE(acos, acos);
    LYAPCERT_CASE(atan, atan);
    LYAPCERT_CASE(sinh, sinh);
    LYAPCERT_CASE(cosh, cosh);
    LYAPCERT_CASE(tanh, tanh);
    LYAPCERT_CASE(asinh, asinh);
    LYAPCERT_CASE(acosh, acosh);
    LYAPCERT_CASE(atanh, atanh);
    LYAPCERT_CASE(error_function, erf);
    LYAPCERT_CASE(sigmoid_function, sigmoid);
    LYAPCERT_CASE(softplus_function, softplus);
#undef LYAPCERT_CASE
    throw ExpressionError("the function " + term.get_name() + " is not supported");
}

}  // namespace lyapcert::symbolic
