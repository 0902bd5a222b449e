// Pieces that the reports share.
#pragma once

#include <algorithm>
#include <string>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/report/report.hpp"

namespace lyapcert::report_detail {

// "[-0.0517257411, -0.0517257409]", or the number itself where it is known exactly.
inline std::string interval_text(const MpInterval& x, int digits) {
    const DecimalInterval d = outward_decimals(x, 3, digits);
    return d.lower == d.upper ? d.lower : "[" + d.lower + ", " + d.upper + "]";
}

// N lambda: a step of single-sample SGD is an N-th of an epoch.
inline MpInterval per_epoch(const Certification& c) {
    return MpInterval(Rational(static_cast<unsigned long>(c.dimension)), c.lambda.enclosure.precision()) * c.lambda.enclosure;
}

inline std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
    return text;
}

// Titles and file names may contain anything. Line breaks of all kinds, where a row must be one line.
inline std::string on_one_line(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

inline std::string markdown_cell(const std::string& text) { return replace_all(on_one_line(text), "|", "\\|"); }

// RFC 4180.
inline std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    return "\"" + replace_all(text, "\"", "\"\"") + "\"";
}

// As LaTeX prints it, outside mathematics.
inline std::string latex_text(const std::string& text) {
    std::string result;
    for (const char ch : report_detail::on_one_line(text)) switch (ch) {
            case '\\': result += "\\textbackslash{}"; break;
            case '^': result += "\\^{}"; break;
            case '~': result += "\\~{}"; break;
            case '&': case '%': case '$': case '#': case '_': case '{': case '}': result += '\\'; result += ch; break;
            default: result += ch;
        }
    return result;
}

inline std::string name_of(const Problem& problem) { return problem.title.empty() ? problem.file : problem.title; }

}  // namespace lyapcert::report_detail
