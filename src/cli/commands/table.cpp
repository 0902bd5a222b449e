#include "cli/command.hpp"
#include "cli/options.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::vector<std::string> files;
    ProofOptions proof;
    TableOptions table;
};

int run(const Options& options) {
    const auto limit = options.proof.limit_threads();
    ProgressLine progress;
    const CertifyOptions how = options.proof.certify_options(progress);
    options.table.require_writable_output();
    std::vector<Report> reports;
    int status = goal_reached;
    for (Problem& problem : read_all(options.files)) {
        Certification certification = certify(problem, how);
        if (!certification.lambda.goal_reached) status = goal_missed;
        reports.push_back(Report{std::move(problem), std::move(certification), std::nullopt});
    }
    progress.clear();
    options.table.write(table(reports, options.table.table_format(), options.proof.shown_digits(options.table.is_for_reading() ? 10 : 17)));
    return status;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_problem_files(app, options->files);
    options->proof.add_to(app);
    options->table.add_to(app, {"md", "tex", "csv", "json"});
    return [options] { return run(*options); };
}

}  // namespace

const Command table_command{"table", "the verified table", prepare};

}  // namespace lyapcert
