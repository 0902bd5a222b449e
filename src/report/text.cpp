#include <fmt/format.h>

#include "report/format.hpp"

namespace lyapcert {

namespace {

// "; 372 leaves, 10300 boxes, 40 words, 16 states", what there is of it.
std::string effort(const LyapunovExponent& lambda) {
    std::string text;
    if (lambda.effort.leaves > 0) text += fmt::format("; {} leaves", lambda.effort.leaves);
    if (lambda.effort.boxes > 0) text += fmt::format("{} {} boxes", text.empty() ? ";" : ",", lambda.effort.boxes);
    if (lambda.effort.words > 0) text += fmt::format("{} {} word{}", text.empty() ? ";" : ",", lambda.effort.words, lambda.effort.words == 1 ? "" : "s");
    if (lambda.effort.states > 0) text += fmt::format("{} {} state{}", text.empty() ? ";" : ",", lambda.effort.states, lambda.effort.states == 1 ? "" : "s");
    return text;
}

using report_detail::interval_text;

std::string heading(const Problem& problem) {
    std::string text = problem.title.empty() ? problem.file + "\n" : fmt::format("{}  ({})\n", problem.title, problem.file);
    if (problem.kind == Problem::Kind::product) {
        const std::size_t n = problem.matrices.front().rows();
        return text + fmt::format("  i.i.d. product of {} matrices, {} x {}\n", problem.matrices.size(), n, n);
    }
    text += fmt::format("  N = {} data point{}", problem.data_points, problem.data_points == 1 ? "" : "s");
    if (problem.parameters) text += fmt::format(", D = {} parameters", *problem.parameters);
    text += fmt::format(", learning rate {}, batch size {}\n", problem.learning_rate_text, problem.sampling.batch_size);
    return text;
}

std::string exponent_line(const char* name, const char* symbol, const MpInterval& value, int digits, const std::string& remark) {
    const std::string shown = interval_text(value, digits);
    return fmt::format("  {:<13} {:<8} {} {}{}\n", name, symbol, shown.front() == '[' ? "in" : "= ", shown, remark.empty() ? "" : "   " + remark);
}

}  // namespace

std::string text_hypotheses(const Problem& problem, const Hypotheses& hypotheses) {
    std::string text = fmt::format("  {:<13} {:<10} {}\n", "minimum", problem.minimum.proved ? "proved" : problem.minimum.kind == Minimum::Kind::given ? "assumed" : "not proved",
                                   problem.minimum.reason);
    for (const Hypothesis& hypothesis : hypotheses.list) text += fmt::format("  {:<13} {:<10} {}\n", hypothesis.id, to_string(hypothesis.status), hypothesis.reason);
    return text;
}

std::string text_report(const Report& report, int digits) {
    const Problem& problem = report.problem;
    const Certification& c = report.certification;
    std::string text = heading(problem) + "\n";
    if (c.mu) text += exponent_line("GD exponent", "mu", c.mu->enclosure, digits, to_string(c.gd));
    const bool minimum = problem.kind != Problem::Kind::product;
    text += exponent_line(minimum ? "SGD exponent" : "exponent", "lambda", c.lambda.enclosure, digits, minimum ? to_string(c.sgd) : "");
    if (c.slowest)
        text += exponent_line("per epoch", "N lambda", report_detail::per_epoch(c), digits, "the slowest direction alone: about " + interval_text(to_mp(*c.slowest, 64), 3));
    if (c.lambda2) text += exponent_line("mean square", "Lambda_2", c.lambda2->enclosure, digits, minimum ? to_string(verdict_of(c.lambda2->enclosure)) : "");
    text += fmt::format("  {:<13} {}{}\n", "method", c.lambda.method(), effort(c.lambda));
    if (!c.lambda.goal_reached) text += "  the goal for lambda was not reached within the budget or the range of double precision: this is the best enclosure found\n";
    if (!c.hint.empty()) text += fmt::format("  {:<13} {}\n", "hint", c.hint);
    if (report.certificate) {
        text += fmt::format("  {:<13} {}, {} claims proved again by the independent checker\n", "certificate", report.certificate->path, report.certificate->claims.size());
        for (const std::string& claim : report.certificate->claims) text += fmt::format("  {:<13} {}\n", "", claim);
        for (const std::string& name : report.certificate->omitted) text += fmt::format("  {:<13} left out: {}\n", "", name);
        for (const std::string& loss : report.certificate->weaker) text += fmt::format("  {:<13} {}\n", "", loss);
    }
    if (c.hypotheses) {
        text += "\n" + text_hypotheses(problem, *c.hypotheses);
        text += fmt::format("\n  Theorem A ({}): {}\n", c.theorem_a.status, c.theorem_a.statement);
        text += fmt::format("  Theorem B ({}): {}\n", c.theorem_b.status, c.theorem_b.statement);
    }
    return text;
}

}  // namespace lyapcert
