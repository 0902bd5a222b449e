// G and eta G of a problem.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "problem/rational_table.hpp"
#include "problem/symbolic.hpp"

namespace lyapcert {

// All fill gram and scaled_gram; the learning rate is known by then. `rate`: it as a term, where it is a point.

// From exact terms, of which the lower triangle is looked at.
void fill_gram(Problem& problem, const std::optional<GiNaC::ex>& rate, const Matrix<GiNaC::ex>& terms);
// From entries that are rational, or known to a radius.
void fill_gram(Problem& problem, const Matrix<RationalRange>& gram);
// From the gradients, one row per data point. Throws InputError at `key` where all of them vanish.
void fill_gram_of_gradients(const Document& document, const std::string& key, Problem& problem, const std::optional<GiNaC::ex>& rate,
                            const std::vector<std::vector<GiNaC::ex>>& gradients);
// scaled_gram from gram.
void scale_gram(Problem& problem);

// Refuses what is certainly no Gram matrix: not positive semidefinite. Throws InputError.
void require_semidefinite(const Document& document, const std::string& key, const Matrix<Real>& gram);

// Throws InputError.
void require_few_data_points(const Document& document, std::size_t n);

}  // namespace lyapcert
