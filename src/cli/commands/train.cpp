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
    bool sgd = false;
    std::string checkpoints;
    long every = 1000;

    // Any of these asks about plain steps: at which rate, on which batches, by which way.
    bool plain() const { return sgd || train.full_batch || train.learning_rate || !checkpoints.empty(); }
};

const char* advice(bool plain, const Trained& trained) {
    if (plain) return trained.diverged ? "try a smaller learning rate, or the default, which is not plain" : "try more --steps, another --seed or learning rate, a wider network, or the default, which is not plain";
    return "try another --seed or --scale, or a wider network";
}

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
    TrainOptions how = options.train;
    how.plain = options.plain();
    const Trained trained = train(read_problem_text(file), file, how, observer);
    if (trained.diverged) {
        fmt::print(stderr, "lyapcert: {}: training diverged after {} steps (loss {:.3g} at the start, {:.3g} now); {}\n", file, trained.steps, trained.first_loss, trained.loss,
                   advice(how.plain, trained));
        return goal_missed;
    }
    write_result(options.output, trained.text);
    fmt::print(stderr, "{}: {}, loss {:.3g} -> {:.3g}: {}\n", file, trained.how, trained.first_loss, trained.loss,
               !trained.interpolates ? std::string("does not interpolate; ") + advice(how.plain, trained)
               : trained.in_general_position
                   ? "interpolates"
                   : "interpolates, but the gradients are nearly dependent there, or a relu unit is at its kink: no minimum will be proved; try another --seed, or a wider network");
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
    const std::string plain = "Plain steps, to see which minimum they select";
    app.add_flag("--sgd", options->sgd, "SGD with the batch size and the learning rate of the problem, and nothing else")->group(plain);
    app.add_flag("--gd", train.full_batch, "likewise gradient descent, whatever the batch size of the problem")->group(plain);
    app.add_option("--learning-rate", train.learning_rate, "plain steps at this rate; the one in the file stays as it is")->check(positive_number())->group(plain);
    app.add_option("--checkpoints", options->checkpoints, "plain steps, with the weights on the way written into this folder, for lyapcert track")->group(plain);
    app.add_option("--every", options->every, "steps from one checkpoint to the next")->capture_default_str()->check(CLI::Range(1L, most_steps))->group(plain);
    app.footer("Without one of the plain options: gradient descent at a rate that the Gram matrix chooses, then Gauss-Newton steps of least norm;\n"
               "where that does not lead to interpolation, again from other initial weights. Exit status: 0 the weights interpolate,\n"
               "1 they do not (and are written all the same), 2 bad input or misuse, 3 internal failure of a self-check.");
    return [options] { return run(*options); };
}

}  // namespace

const Command train_command{"train", "from a [network] and [data] to weights that interpolate, in floating point", prepare};

}  // namespace lyapcert
