#include "lyapcert/problem/train.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::vector<std::string> files;
    TrainOptions train;
    std::string output;
    std::string checkpoints;
    long every = 1000;
};

// Exit status 0: the network interpolates; 1: it does not (what was reached is written all the same, unless it diverged).
int run(const Options& options) {
    if (options.files.size() != 1) throw Misuse(fmt::format("train takes exactly one problem file; {} are given", options.files.size()));
    const std::string& file = options.files.front();
    if (!options.output.empty()) require_writable(options.output);
    Observer observer;
    if (!options.checkpoints.empty()) {
        std::error_code error;
        std::filesystem::create_directories(options.checkpoints, error);
        observer.every = options.every;
        observer.observe = [&](long step, const std::string& weights) { write_file_atomically(fmt::format("{}/step-{:09}.json", options.checkpoints, step), weights); };
    }
    const Trained trained = train(read_problem_text(file), file, options.train, observer);
    if (trained.diverged) {
        fmt::print(stderr, "lyapcert: {}: training diverged after {} steps (loss {:.3g} at the start, {:.3g} now); try a smaller learning rate\n", file, trained.steps,
                   trained.first_loss, trained.loss);
        return goal_missed;
    }
    write_result(options.output, trained.text);
    fmt::print(stderr, "{}: {} steps, loss {:.3g} -> {:.3g}: {}\n", file, trained.steps, trained.first_loss, trained.loss,
               trained.interpolates ? "interpolates" : "does not interpolate yet; try more --steps, another --seed or learning rate, or a wider network");
    return trained.interpolates ? goal_reached : goal_missed;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    constexpr long most_steps = 1000000000;
    TrainOptions& train = options->train;
    add_problem_files(app, options->files);
    app.add_option("--output", options->output, "write the problem with its weights to this file instead of standard output");
    app.add_option("--seed", train.seed, "of the initial weights and of the samples")->capture_default_str();
    app.add_option("--steps", train.steps, "at most")->capture_default_str()->check(CLI::Range(1L, most_steps));
    app.add_option("--scale", train.scale, "of the initial weights: scale / sqrt(width below) times a normal number")->capture_default_str()->check(positive_number());
    app.add_option("--learning-rate", train.learning_rate, "to train with; the one in the file stays as it is")->check(positive_number());
    app.add_flag("--gd", train.full_batch, "gradient descent, whatever the batch size of the problem");
    app.add_option("--checkpoints", options->checkpoints, "write the weights on the way into this folder, for lyapcert track");
    app.add_option("--every", options->every, "steps from one checkpoint to the next")->capture_default_str()->check(CLI::Range(1L, most_steps));
    return [options] { return run(*options); };
}

}  // namespace

const Command train_command{"train", "from a [network] and [data] to weights that interpolate, by (stochastic) gradient descent in floating point", prepare};

}  // namespace lyapcert
