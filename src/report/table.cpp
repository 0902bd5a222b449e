#include <array>

#include "report/format.hpp"
#include "report/json_object.hpp"

namespace lyapcert {

namespace {

using Row = std::vector<std::string>;

std::string join(const Row& row, const char* separator, const char* before, const char* after) {
    std::string text = before;
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : separator) + row[i];
    return text + after + "\n";
}

std::string eta(const Problem& problem) { return problem.kind == Problem::Kind::product ? "" : problem.learning_rate_text; }

std::string verdict(const Report& report, Verdict v) { return report.problem.kind == Problem::Kind::product ? "" : to_string(v); }

std::string markdown(const std::vector<Report>& reports, int digits) {
    std::string text = "| problem | N | eta | mu | GD | lambda | SGD | Lambda_2 | Theorem A | Theorem B | method |\n";
    text += "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const Report& r : reports) {
        const Certification& c = r.certification;
        Row row{report_detail::name_of(r.problem),
                std::to_string(c.dimension),
                eta(r.problem),
                c.mu ? report_detail::interval_text(c.mu->enclosure, digits) : "",
                verdict(r, c.gd),
                report_detail::interval_text(c.lambda.enclosure, digits),
                verdict(r, c.sgd),
                c.lambda2 ? report_detail::interval_text(c.lambda2->enclosure, digits) : "",
                c.theorem_a.status,
                c.theorem_b.status,
                c.lambda.method()};
        for (std::string& cell : row) cell = report_detail::markdown_cell(cell);
        text += join(row, " | ", "| ", " |");
    }
    return text;
}

std::string latex_number(const MpInterval& x, int digits) {
    std::string text = report_detail::replace_all(report_detail::interval_text(x, digits), "inf", "\\infty");
    return "$" + text + "$";
}

std::string latex(const std::vector<Report>& reports, int digits) {
    std::string text = "\\begin{tabular}{lrlllll}\n\\hline\nproblem & $N$ & $\\eta$ & $\\mu$ & $\\lambda$ & $\\Lambda_2$ & GD / SGD \\\\\n\\hline\n";
    for (const Report& r : reports) {
        const Certification& c = r.certification;
        text += join({report_detail::latex_text(report_detail::name_of(r.problem)), std::to_string(c.dimension), report_detail::latex_text(eta(r.problem)),
                      c.mu ? latex_number(c.mu->enclosure, digits) : "", latex_number(c.lambda.enclosure, digits),
                      c.lambda2 ? latex_number(c.lambda2->enclosure, digits) : "",
                      r.problem.kind == Problem::Kind::product ? "" : std::string(to_string(c.gd)) + " / " + to_string(c.sgd)},
                     " & ", "", " \\\\");
    }
    return text + "\\hline\n\\end{tabular}\n";
}

std::string csv(const std::vector<Report>& reports, int digits) {
    std::string text = "file,title,N,eta,mu_lower,mu_upper,gd,lambda_lower,lambda_upper,sgd,lambda2_lower,lambda2_upper,theorem_A,theorem_B,method\n";
    const auto lower = [&](const MpInterval& x) { return lower_decimal(x.lower(), digits); };
    const auto upper = [&](const MpInterval& x) { return upper_decimal(x.upper(), digits); };
    for (const Report& r : reports) {
        const Certification& c = r.certification;
        Row row{r.problem.file,
                r.problem.title,
                std::to_string(c.dimension),
                eta(r.problem),
                c.mu ? lower(c.mu->enclosure) : "",
                c.mu ? upper(c.mu->enclosure) : "",
                verdict(r, c.gd),
                lower(c.lambda.enclosure),
                upper(c.lambda.enclosure),
                verdict(r, c.sgd),
                c.lambda2 ? lower(c.lambda2->enclosure) : "",
                c.lambda2 ? upper(c.lambda2->enclosure) : "",
                c.theorem_a.status,
                c.theorem_b.status,
                c.lambda.method()};
        for (std::string& cell : row) cell = report_detail::csv_cell(cell);
        text += join(row, ",", "", "");
    }
    return text;
}

}  // namespace

std::string table(const std::vector<Report>& reports, TableFormat format, int digits) {
    switch (format) {
        case TableFormat::markdown: return markdown(reports, digits);
        case TableFormat::latex: return latex(reports, digits);
        case TableFormat::csv: return csv(reports, digits);
        case TableFormat::json: break;
    }
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const Report& r : reports) rows.push_back(report_detail::json_object(r, digits));
    return rows.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace lyapcert
