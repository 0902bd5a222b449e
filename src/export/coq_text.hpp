// Pieces of Coq source.
#pragma once

#include <string>

#include "export/integer_form.hpp"

namespace lyapcert::coq_export {

// The text as a comment, whatever it holds: quotes and comment signs in it are changed, what is no printable ASCII becomes '?'.
std::string comment(const std::string& text);
std::string rational(const Rational& x);  // "(1 # 2)", in Q_scope
std::string integers(const std::vector<std::vector<Integer>>& rows);
std::string rationals(const RationalMatrix& rows);

// Definition problem : rational_family, the family in rows.
std::string family_definition(const Family& family);
// Definition data : witness.
std::string witness_definition(const IntegerForm& form);

}  // namespace lyapcert::coq_export
