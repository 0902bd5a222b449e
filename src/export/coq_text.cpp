#include "export/coq_text.hpp"

namespace lyapcert::coq_export {

namespace {

template <class Rows, class Entry>
std::string list_of_lists(const Rows& rows, const Entry& entry) {
    std::string text = "[";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += i == 0 ? "[" : "; [";
        for (std::size_t j = 0; j < rows[i].size(); ++j) text += (j == 0 ? "" : "; ") + entry(rows[i][j]);
        text += "]";
    }
    return text + "]";
}

std::string integer(const Integer& x) { return x < 0 ? "(" + x.str() + ")" : x.str(); }

}  // namespace

std::string comment(const std::string& text) {
    std::string inside;
    for (const char c : text) {
        const bool printable = c == '\n' || (c >= ' ' && c <= '~');
        inside += c == '"' ? '\'' : printable ? c : c == '\t' ? ' ' : '?';
        // Neither "(*" nor "*)" may arise.
        if (c == '(' || c == '*') inside += ' ';
    }
    return "(* " + inside + " *)";
}

std::string rational(const Rational& x) {
    return "(" + boost::multiprecision::numerator(x).str() + " # " + boost::multiprecision::denominator(x).str() + ")";
}

std::string integers(const std::vector<std::vector<Integer>>& rows) { return list_of_lists(rows, integer) + "%Z"; }
std::string rationals(const RationalMatrix& rows) { return list_of_lists(rows, rational) + "%Q"; }

std::string family_definition(const Family& family) {
    std::string text = "Definition problem : rational_family :=\n [";
    for (std::size_t k = 0; k < family.matrices.size(); ++k)
        text += (k == 0 ? "" : ";\n  ") + ("(" + rational(family.probabilities[k]) + "%Q, " + rationals(family.matrices[k]) + ")");
    return text + "].\n";
}

std::string witness_definition(const IntegerForm& form) {
    std::vector<std::vector<Integer>> basis(form.dimension(), std::vector<Integer>(form.dimension()));
    for (std::size_t i = 0; i < form.dimension(); ++i) basis[i][i] = form.signs[i];
    std::string text = "Definition data : witness := Witness\n [";
    for (std::size_t k = 0; k < form.letters.size(); ++k) {
        const Letter& letter = form.letters[k];
        text += (k == 0 ? "" : ";\n  ") + ("Letter " + integer(letter.weight) + " " + integer(letter.factor) + " " + integers(letter.columns));
    }
    return text + "]\n " + integers(basis) + "\n " + integers(basis) + " 1.\n";
}

}  // namespace lyapcert::coq_export
