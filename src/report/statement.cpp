#include <fmt/format.h>

#include <array>
#include <utility>

#include "report/format.hpp"

namespace lyapcert {

namespace {

using report_detail::interval_text;

struct Symbol {
    const char* plain;
    const char* latex;
};

// Longer ones first.
constexpr std::array<Symbol, 14> symbols{{{"||g_i||^2 != 1/eta", "$\\|g_i\\|^2 \\neq 1/\\eta$"},
                                          {"eta ||g_i||^2", "$\\eta \\|g_i\\|^2$"},
                                          {"lambda < 0", "$\\lambda < 0$"},
                                          {"lambda > 0", "$\\lambda > 0$"},
                                          {"lambda = 0", "$\\lambda = 0$"},
                                          {"mu < 0", "$\\mu < 0$"},
                                          {"mu > 0", "$\\mu > 0$"},
                                          {"mu = 0", "$\\mu = 0$"},
                                          {"D = N", "$D = N$"},
                                          {"D > N", "$D > N$"},
                                          {"X_lim", "$X_{\\lim}$"},
                                          {"R^D", "$\\mathbb{R}^D$"},
                                          {"eta = ", "$\\eta =$ "},
                                          {"eta in ", "$\\eta$ in "}}};

// A sentence of ours, symbol by symbol; the rest is text.
std::string latex_sentence(const std::string& text) {
    std::string result;
    std::string pending;
    const auto flush = [&] {
        result += report_detail::latex_text(pending);
        pending.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        if (text.compare(at, 2, "x*") == 0) {
            flush();
            result += "$x^*$";
            at += 2;
            continue;
        }
        const Symbol* found = nullptr;
        const bool word_begins = at == 0 || !((text[at - 1] >= 'a' && text[at - 1] <= 'z') || (text[at - 1] >= 'A' && text[at - 1] <= 'Z'));
        for (const Symbol& symbol : symbols)
            if (word_begins && text.compare(at, std::char_traits<char>::length(symbol.plain), symbol.plain) == 0) {
                found = &symbol;
                break;
            }
        if (found == nullptr) {
            pending += text[at++];
            continue;
        }
        flush();
        result += found->latex;
        at += std::char_traits<char>::length(found->plain);
    }
    flush();
    return result;
}

std::string latex_number(const MpInterval& x, int digits) {
    const std::string text = report_detail::replace_all(interval_text(x, digits), "inf", "\\infty");
    return (text.front() == '[' ? "\\in " : "= ") + text;
}

std::string plain_number(const MpInterval& x, int digits) {
    const std::string text = interval_text(x, digits);
    return (text.front() == '[' ? "in " : "= ") + text;
}

// What it is about: "Let x* be the minimum of ..., N = 2 data points, D = 3 parameters".
std::string subject(const Report& report, bool latex) {
    const Problem& problem = report.problem;
    const std::string name = latex ? report_detail::latex_text(report_detail::on_one_line(report_detail::name_of(problem))) : report_detail::on_one_line(report_detail::name_of(problem));
    if (problem.kind == Problem::Kind::product)
        return fmt::format(latex ? "For the i.i.d.\\ product of the {} matrices of ``{}''," : "For the i.i.d. product of the {} matrices of \"{}\",", report.certification.product->size(), name);
    std::string size = fmt::format(latex ? "$N = {}$" : "N = {}", problem.data_points);
    if (problem.parameters) size += fmt::format(latex ? ", $D = {}$" : ", D = {}", *problem.parameters);
    const bool interval = problem.learning_rate_text.front() == '[';
    const std::string rate = latex ? fmt::format("{} {}", interval ? "every learning rate $\\eta$ in" : "learning rate $\\eta =$", report_detail::latex_text(problem.learning_rate_text))
                                   : fmt::format("{} {}", interval ? "every learning rate eta in" : "learning rate eta =", problem.learning_rate_text);
    return fmt::format(latex ? "At the global minimum $x^*$ of ``{}'' ({}) and for {}, batch size {}," : "At the global minimum x* of \"{}\" ({}) and for {}, batch size {},", name, size, rate,
                       problem.sampling.batch_size);
}

std::string exponents(const Certification& c, bool latex, int digits) {
    std::string text;
    const auto add = [&](const char* plain, const char* tex, const MpInterval& x) {
        text += (text.empty() ? " " : latex ? ",\\quad " : ", ") + std::string(latex ? tex : plain) + " " + (latex ? latex_number(x, digits) : plain_number(x, digits));
    };
    if (c.mu) add("mu", "\\mu", c.mu->enclosure);
    add("lambda", "\\lambda", c.lambda.enclosure);
    if (c.lambda2) add("Lambda_2", "\\Lambda_2", c.lambda2->enclosure);
    return latex ? "\n\\[" + text + ". \\]\n" : text + ". ";
}

bool cites(const Certification& c) { return c.theorem_a.statement.find("Chemnitz") != std::string::npos || c.theorem_b.statement.find("Chemnitz") != std::string::npos; }

constexpr const char* title = "Characterizing Dynamical Stability of Stochastic Gradient Descent in Overparameterized Learning";

}  // namespace

std::string statement(const Report& report, StatementFormat format, int digits) {
    const bool latex = format == StatementFormat::latex;
    const Certification& c = report.certification;
    std::string text = latex ? "\\begin{theorem}\n" : "Theorem. ";
    text += subject(report, latex) + exponents(c, latex, digits);
    const auto sentence = [&](const TheoremStatus& theorem) {
        if (theorem.statement.empty()) return;
        text += (latex ? latex_sentence(theorem.statement) : theorem.statement) + (latex ? "\n" : " ");
    };
    sentence(c.theorem_a);
    sentence(c.theorem_b);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += latex ? "\\end{theorem}\n" : "\n";
    if (!cites(c)) return text;
    if (latex)
        return text + fmt::format("% \\bibitem{{ChemnitzEngel2025}} D. Chemnitz and M. Engel. {}.\n%   \\emph{{Journal of Machine Learning Research}} 26 (2025), paper 24-1547.\n", title);
    return text + fmt::format("Chemnitz & Engel 2025: D. Chemnitz and M. Engel. {}. Journal of Machine Learning Research 26 (2025), paper 24-1547.\n", title);
}

}  // namespace lyapcert
