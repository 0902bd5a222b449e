#include "lyapcert/exponent/evidence.hpp"

#include <algorithm>
#include <stdexcept>

namespace lyapcert {

const char* to_string(Method method) {
    switch (method) {
        case Method::none: return "";
        case Method::dimension_one: return "closed form: dimension 1";
        case Method::rank_one: return "closed form: rank 1";
        case Method::monomial: return "closed form: monomial";
        case Method::vanishing_word: return "exact: a finite word vanishes";
        case Method::invariant_form: return "closed form: an invariant quadratic form";
        case Method::spectral_radius: return "closed form: spectral radius";
        case Method::determinant: return "determinant";
        case Method::contraction: return "contraction";
        case Method::expansion: return "expansion";
        case Method::reflections: return "exact: every step is a reflection";
        case Method::dominated_splitting: return "dominated splitting";
        case Method::outlier: return "outlier";
        case Method::second_moment: return "second moment";
        case Method::weighted_moment: return "weighted second moment";
        case Method::invariant_cone: return "invariant cone";
        case Method::polyhedral: return "polyhedral";
        case Method::log_quadratic: return "log-quadratic";
        case Method::diagonal_gram: return "closed form: diagonal Gram matrix";
        case Method::rank_one_gram: return "closed form: Gram matrix of rank 1";
        case Method::gram_of_dimension_two: return "closed form: 2 x 2";
        case Method::multiple_of_projection: return "exact: every eigenvalue is N / eta";
        case Method::top_eigenvalue: return "exact: the largest eigenvalue is 2 N / eta";
        case Method::eigenvalues: return "eigenvalues";
        case Method::extreme_eigenvalues: return "extreme eigenvalues";
    }
    throw std::logic_error("a method without a name");
}

bool is_refined(Method method) { return method == Method::polyhedral || method == Method::log_quadratic || method == Method::invariant_cone; }

void Effort::include(const Effort& other) {
    leaves = std::max(leaves, other.leaves);
    boxes += other.boxes;
    words = std::max(words, other.words);
    states = std::max(states, other.states);
}

}  // namespace lyapcert
