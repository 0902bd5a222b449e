// The theorem as text and as LaTeX.
#include <catch2/catch.hpp>
#include <algorithm>
#include <string>

#include "lyapcert/report/report.hpp"

using namespace lyapcert;

namespace {

Report report_of(const std::string& text) {
    Problem problem = parse_problem(text, "a_b.toml");
    CertifyOptions options;
    options.goal = Goal{true, std::nullopt};
    options.seconds = 5;
    Certification certification = certify(problem, options);
    return Report{std::move(problem), std::move(certification)};
}

const std::string linear = R"(title = "a & b, 50 % of $x_1$ {~}\\"
[model]
parameters = ["a", "b", "c"]
inputs = ["y"]
output = "a + b*y + c*y^2"
[data]
inputs = [["0"], ["2"]]
targets = "model"
[minimum]
values = { a = "1", b = "1", c = "1" }
[training]
learning_rate = "1/20"
initialisation = "gaussian"
)";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Braces and dollars balance, and nothing special stands outside mathematics without a backslash.
bool is_well_formed(const std::string& latex) {
    int braces = 0;
    bool math = false;
    for (std::size_t k = 0; k < latex.size(); ++k) {
        const char c = latex[k];
        if (c == '%') {  // a comment
            while (k < latex.size() && latex[k] != '\n') ++k;
            continue;
        }
        if (c == '\\') {
            if (k + 1 < latex.size() && (latex[k + 1] == '[' || latex[k + 1] == ']')) math = latex[k + 1] == '[';
            ++k;
            continue;
        }
        if (c == '$') math = !math;
        if (c == '{') ++braces;
        if (c == '}' && --braces < 0) return false;
        if (!math && (c == '_' || c == '^' || c == '&' || c == '#' || c == '~')) return false;
    }
    return braces == 0 && !math;
}

}  // namespace

TEST_CASE("the theorem as plain text names everything it needs") {
    const std::string text = statement(report_of(linear), StatementFormat::plain, 8);
    CHECK(text.rfind("Theorem. At the global minimum x* of \"a & b", 0) == 0);
    CHECK(has(text, "N = 2, D = 3"));
    CHECK(has(text, "lambda in ["));
    CHECK(has(text, "x* is in the support of X_lim"));
    CHECK(has(text, "Theorem A (i)"));
    CHECK(has(text, "Theorem B (i)"));
    CHECK(has(text, "Journal of Machine Learning Research 26 (2025)"));
}

TEST_CASE("the theorem as LaTeX is well formed, whatever the title") {
    const std::string text = statement(report_of(linear), StatementFormat::latex, 8);
    CHECK(is_well_formed(text));
    CHECK(has(text, "\\begin{theorem}"));
    CHECK(has(text, "\\end{theorem}"));
    CHECK(has(text, "\\lambda \\in ["));
    CHECK(has(text, "$X_{\\lim}$"));
    CHECK(has(text, "$\\lambda < 0$"));
    CHECK(has(text, "$x^*$ is in the support"));
    CHECK(!has(text, "x* "));
    CHECK(has(text, "50 \\% of \\$x\\_1\\$"));
    CHECK(has(text, "\\bibitem{ChemnitzEngel2025}"));
    // An interval of rates, with a status that is not a theorem.
    std::string rates = linear;
    rates.replace(rates.find("\"1/20\""), 6, R"(["1/20", "1/19"])");
    CHECK(is_well_formed(statement(report_of(rates), StatementFormat::latex, 8)));
    CHECK(has(statement(report_of(rates), StatementFormat::plain, 8), "every learning rate eta in [1/20, 1/19]"));
    std::string root = linear;
    root.replace(root.find("a + b*y"), 7, "sqrt(a)");
    root.replace(root.find("inputs = [[\"0\"], [\"2\"]]"), 23, "inputs = [[\"1\"], [\"2\"]]");
    CHECK(is_well_formed(statement(report_of(root), StatementFormat::latex, 8)));
}

TEST_CASE("a general product has exponents and no theorem of others") {
    const Report product = report_of("[product]\nmatrices = [[[\"2\", \"1\"], [\"1\", \"1\"]], [[\"3\", \"1\"], [\"2\", \"1\"]]]\n");
    const std::string plain = statement(product, StatementFormat::plain, 8);
    CHECK(has(plain, "For the i.i.d. product of the 2 matrices"));
    CHECK(!has(plain, "Chemnitz"));
    CHECK(is_well_formed(statement(product, StatementFormat::latex, 8)));
}
