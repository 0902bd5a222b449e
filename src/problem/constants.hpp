// The numbers of a document as exact terms; errors name their keys.
#pragma once

#include <ginac/ginac.h>

#include <string>

#include "lyapcert/numeric/real.hpp"
#include "problem/document.hpp"

namespace lyapcert {

// The constant that stands at a key. Throws InputError. See AlgebraLock.
GiNaC::ex constant_term(const Document& document, const std::string& key, const Expression& e);
Real real_constant(const Document& document, const std::string& key, const GiNaC::ex& constant);
Real real_constant(const Document& document, const std::string& key, const Expression& e);

// For messages: exactly where that is short, else an enclosure.
std::string shown(const Real& x);

}  // namespace lyapcert
