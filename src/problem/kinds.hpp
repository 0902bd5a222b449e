// From a document to a problem, one function for each kind of document. All throw InputError, and whatever exact algebra throws.
#pragma once

#include "problem/document.hpp"

namespace lyapcert {

void read_model_problem(const Document& document, Problem& problem);      // at a minimum that is given, exactly or nearly
void read_network_problem(const Document& document, Problem& problem);    // at the weights, or at the minimum that is proved near them
void read_gradients_problem(const Document& document, Problem& problem);
void read_gram_problem(const Document& document, Problem& problem);
void read_product_problem(const Document& document, Problem& problem);

}  // namespace lyapcert
