#include "lyapcert/report/track.hpp"

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "lyapcert/problem/checkpoint.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::string problem;
    std::vector<std::string> weights;
    ProofOptions proof;
    TableOptions table;
    std::string picture;
};

int run(const Options& options) {
    const auto limit = options.proof.limit_threads();
    ProgressLine progress;
    const CertifyOptions how = options.proof.certify_options(progress);
    options.table.require_writable_output();
    if (!options.picture.empty()) require_writable(options.picture);
    const std::string text = read_problem_text(options.problem);
    std::vector<TrackRow> rows;
    std::string title = options.problem;
    int status = goal_reached;
    for (const std::string& weights : options.weights) {
        const Checkpoint checkpoint = read_checkpoint(text, options.problem, weights);
        if (!checkpoint.problem.title.empty()) title = checkpoint.problem.title;
        rows.push_back({weights, checkpoint.loss, certify(checkpoint.problem, how)});
        if (!rows.back().certification.lambda.goal_reached) status = goal_missed;
    }
    progress.clear();
    options.table.write(track_table(rows, options.table.table_format(), options.proof.shown_digits(options.table.is_for_reading() ? 6 : 17)));
    if (!options.picture.empty()) write_file_atomically(options.picture, track_picture(rows, title));
    return status;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->problem, "a problem file with [network] and [data]")->required();
    app.add_option("WEIGHTS", options->weights, "checkpoints in their order: .npz, .safetensors or .json files")->required();
    options->proof.add_to(app);
    options->table.add_to(app, {"md", "csv", "json"});
    app.add_option("--picture", options->picture, "write an SVG picture to this file");
    return [options] { return run(*options); };
}

}  // namespace

const Command track_command{"track", "mu, lambda and Lambda_2 along a training run: the (stochastic) edge of stability, certified", prepare};

}  // namespace lyapcert
