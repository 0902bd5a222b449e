#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/options.hpp"

namespace lyapcert {

namespace {

int run(const std::vector<std::string>& files) {
    bool first = true;
    for (const Problem& problem : read_all(files)) {
        fmt::print("{}{}\n", first ? "" : "\n", problem.title.empty() ? problem.file : fmt::format("{}  ({})", problem.title, problem.file));
        first = false;
        if (problem.kind == Problem::Kind::product) {
            fmt::print("  a general product: no theorem is claimed, so there is no hypothesis to check\n");
            continue;
        }
        const Hypotheses hypotheses = check_hypotheses(problem);
        fmt::print("{}", text_hypotheses(problem, hypotheses));
        fmt::print("\n  Theorem A: {}\n  Theorem B: {}\n", theorem_a(problem, hypotheses, std::nullopt).status,
                   theorem_b(problem, hypotheses, std::nullopt).status);
    }
    return goal_reached;
}

Command::Run prepare(CLI::App& app) {
    const auto files = std::make_shared<std::vector<std::string>>();
    add_problem_files(app, *files);
    return [files] { return run(*files); };
}

}  // namespace

const Command hypotheses_command{"hypotheses", "each hypothesis of Theorems A and B with its status and why", prepare};

}  // namespace lyapcert
