// A certification as text, JSON, and rows of tables. Every printed endpoint is rounded outward.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lyapcert/problem/problem.hpp"
#include "lyapcert/theorem/certify.hpp"

namespace lyapcert {

// What the report says of a certificate that was written.
struct CertificateNote {
    std::string path;
    std::vector<std::string> claims;   // proved again by the checker
    std::vector<std::string> omitted;  // proved by the program only
    std::vector<std::string> weaker;   // "lambda, lower bound: weaker than what was proved by 0.01, ..."
};

struct Report {
    Problem problem;
    Certification certification;
    std::optional<CertificateNote> certificate = std::nullopt;
};

// What a mathematician would write down; several lines. `digits`: significant decimal digits at most.
std::string text_report(const Report& report, int digits);
// Each hypothesis of Theorems A and B with its status and why, without exponents.
std::string text_hypotheses(const Problem& problem, const Hypotheses& hypotheses);

// One JSON object: {"file","title","N","mu","lambda","lambda2","gd","sgd","minimum","hypotheses","theorem","method","seconds",
// "certificate"}; endpoints are decimal strings of `digits` significant digits, "-inf" allowed, null where nothing applies.
std::string json_report(const Report& report, int digits);

// The theorem that was proved of this problem, to paste into a paper: what is enclosed, what Theorems A and B say, and the bibliography entry of what is used.
// LaTeX needs a theorem environment and amssymb.
enum class StatementFormat { plain, latex };
std::string statement(const Report& report, StatementFormat format, int digits);

enum class TableFormat { markdown, latex, csv, json };
std::string table(const std::vector<Report>& reports, TableFormat format, int digits);

}  // namespace lyapcert
