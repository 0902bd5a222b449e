#include "cli/program.hpp"

#include <fmt/format.h>
#include <tbb/global_control.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/problem/checkpoint.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/problem/train.hpp"
#include "lyapcert/report/report.hpp"
#include "lyapcert/report/track.hpp"
#include "lyapcert/theorem/certify.hpp"

namespace lyapcert {

namespace {

constexpr int goal_reached = 0;
constexpr int goal_missed = 1;
constexpr int bad_input = 2;
constexpr int internal_failure = 3;

struct Settings {
    std::vector<std::string> files;
    bool sign = false;
    std::optional<double> width;
    double seconds = 60;
    int threads = 0;
    int digits = 0;
    bool json = false;
    std::string format = "md";
    std::string output;
    std::string certificate;
    std::string problem;
    TrainOptions train;
    std::string checkpoints;
    long every = 1000;
    std::vector<std::string> weights;
    std::string picture;
};

constexpr int default_digits = 17;

CertifyOptions options_of(const Settings& settings, ProgressLine& progress) {
    CertifyOptions options;
    if (settings.sign) options.goal = Goal{true, std::nullopt};
    if (settings.width) options.goal = Goal{false, *settings.width};
    options.seconds = settings.seconds;
    options.digits = settings.digits > 0 ? settings.digits : default_digits;
    options.progress = [&progress](const std::string& text) { progress.show(text); };
    return options;
}

// All files are read before anything is computed: bad input leaves no half-finished output behind.
std::vector<Problem> read_all(const std::vector<std::string>& files) {
    std::vector<Problem> problems;
    for (const std::string& file : files) problems.push_back(read_problem(file));
    return problems;
}

int certify_command(const Settings& settings) {
    ProgressLine progress;
    if (!settings.certificate.empty() && settings.files.size() != 1) {
        fmt::print(stderr, "lyapcert: --certificate takes exactly one problem file; {} are given\n", settings.files.size());
        return bad_input;
    }
    CertifyOptions options = options_of(settings, progress);
    options.keep_evidence = !settings.certificate.empty();
    if (!settings.certificate.empty()) require_writable(settings.certificate);
    int status = goal_reached;
    bool first = true;
    for (Problem& problem : read_all(settings.files)) {
        Certification certification = certify(problem, options);
        std::optional<CertificateNote> note;
        if (!settings.certificate.empty()) {
            progress.show("writing the certificate, and checking it");
            const Certificate certificate = make_certificate(problem, certification, options.digits);
            write_file_atomically(settings.certificate, packed(certificate.text));
            note = CertificateNote{settings.certificate, certificate.claims, certificate.omitted};
        }
        progress.clear();
        if (!certification.lambda.goal_reached) status = goal_missed;
        const Report report{std::move(problem), std::move(certification), std::move(note)};
        if (settings.json)
            fmt::print("{}\n", json_report(report, options.digits));
        else
            fmt::print("{}{}", first ? "" : "\n", text_report(report, settings.digits > 0 ? settings.digits : 12));
        std::fflush(stdout);
        first = false;
    }
    return status;
}

// A certificate says where its minimum is; the one near the weights given, in a file perhaps, is proved here again.
bool is_near(const Problem& problem, const std::vector<double>& centre) {
    if (problem.minimum.kind != Minimum::Kind::near) return centre.empty();
    const std::vector<Rational> own = problem.minimum.centre ? problem.minimum.centre(64) : std::vector<Rational>();
    if (own.size() != centre.size()) return false;
    double scale = 1.0;
    for (const double x : centre) scale = std::max(scale, std::fabs(x));
    for (std::size_t i = 0; i < own.size(); ++i)
        if (!(std::fabs(own[i].convert_to<double>() - centre[i]) <= 1e-8 * scale)) return false;
    return true;
}

// The text of the problem, what its data files hold, to the byte, and where its minimum is.
bool is_about(const Problem& problem, const checker::CheckResult& result) {
    return is_near(problem, result.centre) && problem.text == result.problem && std::equal(problem.data.begin(), problem.data.end(), result.data.begin(), result.data.end(), [](const DataSource& a, const checker::CheckedData& b) {
               return a.key == b.key && a.format == b.format && a.bytes == b.bytes;
           });
}

// Exit status 0: every claim of every certificate is proved again; 1: some claim is not; 2: a certificate cannot be read.
int check_command(const Settings& settings) {
    std::optional<Problem> expected;
    if (!settings.problem.empty()) {
        if (settings.files.size() != 1) {
            fmt::print(stderr, "lyapcert: --problem takes exactly one certificate; {} are given\n", settings.files.size());
            return bad_input;
        }
        expected = read_problem(settings.problem);
    }
    int status = goal_reached;
    for (const std::string& file : settings.files) {
        try {
            const checker::CheckResult result = checker::check_file(file);
            fmt::print("{}{}\n", file, result.title.empty() ? "" : "  (" + result.title + ")");
            for (const checker::ClaimResult& claim : result.claims)
                fmt::print("  {:<10} {}{}\n", claim.proved ? "proved" : "NOT PROVED", claim.claim, claim.proved ? "" : ": " + claim.reason);
            for (const std::string& assumption : result.assumptions) fmt::print("  {:<10} {}\n", "assumed", assumption);
            if (!expected && !result.data.empty()) fmt::print("  {:<10} {}\n", "assumed", "the data in the certificate is that of your files: compared by --problem FILE only");
            const bool other_problem = expected && !is_about(*expected, result);
            const bool accepted = result.accepted() && !other_problem;
            fmt::print("  {}: {}\n", accepted ? "accepted" : "REFUSED",
                       other_problem ? "it is about another problem than " + settings.problem : accepted ? result.conclusion : "a claim is not proved");
            if (!accepted) status = std::max(status, goal_missed);
        } catch (const checker::Refused& error) {
            std::fflush(stdout);
            fmt::print(stderr, "lyapcert: {}: {}\n", file, error.what());
            status = bad_input;
        }
    }
    return status;
}

int hypotheses_command(const Settings& settings) {
    bool first = true;
    for (const Problem& problem : read_all(settings.files)) {
        fmt::print("{}{}\n", first ? "" : "\n", problem.title.empty() ? problem.file : fmt::format("{}  ({})", problem.title, problem.file));
        first = false;
        if (problem.kind == Problem::Kind::product) {
            fmt::print("  a general product: no theorem is claimed, so there is no hypothesis to check\n");
            continue;
        }
        const Hypotheses hypotheses = check_hypotheses(problem);
        fmt::print("{}", text_hypotheses(problem, hypotheses));
        fmt::print("\n  Theorem A: {}\n  Theorem B: {}\n", theorem_a(problem, hypotheses, Verdict::undecided).status,
                   theorem_b(problem, hypotheses, Verdict::undecided).status);
    }
    return goal_reached;
}

int table_command(const Settings& settings) {
    ProgressLine progress;
    const CertifyOptions options = options_of(settings, progress);
    if (!settings.output.empty()) require_writable(settings.output);
    std::vector<Report> reports;
    int status = goal_reached;
    for (Problem& problem : read_all(settings.files)) {
        Certification certification = certify(problem, options);
        if (!certification.lambda.goal_reached) status = goal_missed;
        reports.push_back(Report{std::move(problem), std::move(certification), std::nullopt});
    }
    progress.clear();
    const TableFormat format = settings.format == "md"    ? TableFormat::markdown
                               : settings.format == "tex" ? TableFormat::latex
                               : settings.format == "csv" ? TableFormat::csv
                                                          : TableFormat::json;
    const std::string text = table(reports, format, settings.digits > 0 ? settings.digits : format == TableFormat::markdown || format == TableFormat::latex ? 10 : 17);
    if (settings.output.empty())
        fmt::print("{}", text);
    else
        write_file_atomically(settings.output, text);
    return status;
}

// Exit status 0: the network interpolates; 1: it does not (what was reached is written all the same, unless it diverged).
int train_command(const Settings& settings) {
    if (settings.files.size() != 1) {
        fmt::print(stderr, "lyapcert: train takes exactly one problem file; {} are given\n", settings.files.size());
        return bad_input;
    }
    const std::string& file = settings.files.front();
    if (!settings.output.empty()) require_writable(settings.output);
    Observer observer;
    if (!settings.checkpoints.empty()) {
        std::error_code error;
        std::filesystem::create_directories(settings.checkpoints, error);
        observer.every = settings.every;
        observer.observe = [&](long step, const std::string& weights) { write_file_atomically(fmt::format("{}/step-{:09}.json", settings.checkpoints, step), weights); };
    }
    const Trained trained = train(read_problem_text(file), file, settings.train, observer);
    if (trained.diverged) {
        fmt::print(stderr, "lyapcert: {}: training diverged after {} steps (loss {:.3g} at the start, {:.3g} now); try a smaller learning rate\n", file, trained.steps,
                   trained.first_loss, trained.loss);
        return goal_missed;
    }
    if (settings.output.empty())
        fmt::print("{}", trained.text);
    else
        write_file_atomically(settings.output, trained.text);
    std::fflush(stdout);
    fmt::print(stderr, "{}: {} steps, loss {:.3g} -> {:.3g}: {}\n", file, trained.steps, trained.first_loss, trained.loss,
               trained.interpolates ? "interpolates" : "does not interpolate yet; try more --steps, another --seed or learning rate, or a wider network");
    return trained.interpolates ? goal_reached : goal_missed;
}

int track_command(const Settings& settings) {
    ProgressLine progress;
    const CertifyOptions options = options_of(settings, progress);
    for (const std::string& path : {settings.output, settings.picture})
        if (!path.empty()) require_writable(path);
    const std::string& file = settings.problem;
    const std::string text = read_problem_text(file);
    std::vector<TrackRow> rows;
    std::string title = file;
    int status = goal_reached;
    for (const std::string& weights : settings.weights) {
        const Checkpoint checkpoint = read_checkpoint(text, file, weights);
        if (!checkpoint.problem.title.empty()) title = checkpoint.problem.title;
        rows.push_back({weights, checkpoint.loss, certify(checkpoint.problem, options)});
        if (!rows.back().certification.lambda.goal_reached) status = goal_missed;
    }
    progress.clear();
    const TableFormat format = settings.format == "csv" ? TableFormat::csv : settings.format == "json" ? TableFormat::json : TableFormat::markdown;
    const std::string table = track_table(rows, format, settings.digits > 0 ? settings.digits : format == TableFormat::markdown ? 6 : 17);
    if (settings.output.empty())
        fmt::print("{}", table);
    else
        write_file_atomically(settings.output, table);
    if (!settings.picture.empty()) write_file_atomically(settings.picture, track_picture(rows, title));
    return status;
}

void add_files(CLI::App& command, Settings& settings) { command.add_option("FILE", settings.files, "problem files (TOML)")->required(); }

void add_goal(CLI::App& command, Settings& settings) {
    const CLI::Validator positive_width(
        [](std::string& text) {
            char* end = nullptr;
            const double value = std::strtod(text.c_str(), &end);
            return end == text.c_str() + text.size() && std::isfinite(value) && value > 0 ? std::string() : "'" + text + "' is not a positive number";
        },
        "NUMBER > 0");
    auto* sign = command.add_flag("--sign", settings.sign, "stop as soon as the sign of lambda is proved");
    command.add_option("--width", settings.width, "stop when the enclosure of lambda is this narrow (default: the sign, then 1e-4)")
        ->check(positive_width)
        ->excludes(sign);
    command.add_option("--time", settings.seconds, "budget in seconds for each file")->capture_default_str()->check(CLI::Range(0.0, 1e7));
    command.add_option("--threads", settings.threads, "threads to use (default: all)")->check(CLI::Range(1, 1024));
    command.add_option("--digits", settings.digits, "decimal digits to prove where a formula exists, and to print")->check(CLI::Range(1, 10000));
}

int dispatch(int argc, char** argv) {
    Settings settings;
    CLI::App app{"Proved enclosures of the Lyapunov exponents of (stochastic) gradient descent at a global minimum,\n"
                 "the hypotheses of the theorems that use their signs, and the verdict."};
    app.name("lyapcert");
    app.require_subcommand(1);
    app.set_version_flag("--version", "lyapcert 0.1.0");
    app.footer("Exit status: 0 the goal was reached, 1 undecided within the budget, 2 bad input or misuse,\n3 internal failure of a self-check.");

    CLI::App* certify_app = app.add_subcommand("certify", "enclosures of mu, lambda and Lambda_2, hypotheses and verdict");
    add_files(*certify_app, settings);
    add_goal(*certify_app, settings);
    certify_app->add_flag("--json", settings.json, "print one JSON object for each file");

    CLI::App* hypotheses_app = app.add_subcommand("hypotheses", "each hypothesis of Theorems A and B with its status and why");
    add_files(*hypotheses_app, settings);

    certify_app->add_option("--certificate", settings.certificate, "write a certificate that `lyapcert check` proves again");

    CLI::App* check_app = app.add_subcommand("check", "prove every claim of a certificate again, independently");
    check_app->add_option("CERTIFICATE", settings.files, "certificates written by certify --certificate")->required();
    check_app->add_option("--problem", settings.problem, "require that the certificate is about this problem file, to the byte");

    CLI::App* table_app = app.add_subcommand("table", "the verified table");
    add_files(*table_app, settings);
    add_goal(*table_app, settings);
    table_app->add_option("--format", settings.format, "md, tex, csv or json")->capture_default_str()->check(CLI::IsMember({"md", "tex", "csv", "json"}));
    table_app->add_option("--output", settings.output, "write to this file instead of standard output");

    CLI::App* train_app = app.add_subcommand("train", "from a [network] and [data] to weights that interpolate, by (stochastic) gradient descent in floating point");
    add_files(*train_app, settings);
    const CLI::Validator positive(
        [](std::string& text) {
            char* end = nullptr;
            const double value = std::strtod(text.c_str(), &end);
            return end == text.c_str() + text.size() && std::isfinite(value) && value > 0 ? std::string() : "'" + text + "' is not a positive number";
        },
        "NUMBER > 0");
    train_app->add_option("--output", settings.output, "write the problem with its weights to this file instead of standard output");
    train_app->add_option("--seed", settings.train.seed, "of the initial weights and of the samples")->capture_default_str();
    train_app->add_option("--steps", settings.train.steps, "at most")->capture_default_str()->check(CLI::Range(1L, 1000000000L));
    train_app->add_option("--scale", settings.train.scale, "of the initial weights: scale / sqrt(width below) times a normal number")->capture_default_str()->check(positive);
    train_app->add_option("--learning-rate", settings.train.learning_rate, "to train with; the one in the file stays as it is")->check(positive);
    train_app->add_flag("--gd", settings.train.full_batch, "gradient descent, whatever the batch size of the problem");

    train_app->add_option("--checkpoints", settings.checkpoints, "write the weights on the way into this folder, for lyapcert track");
    train_app->add_option("--every", settings.every, "steps from one checkpoint to the next")->capture_default_str()->check(CLI::Range(1L, 1000000000L));

    CLI::App* track_app = app.add_subcommand("track", "mu, lambda and Lambda_2 along a training run: the (stochastic) edge of stability, certified");
    track_app->add_option("FILE", settings.problem, "a problem file with [network] and [data]")->required();
    track_app->add_option("WEIGHTS", settings.weights, "checkpoints in their order: .npz, .safetensors or .json files")->required();
    add_goal(*track_app, settings);
    track_app->add_option("--format", settings.format, "md, csv or json")->capture_default_str()->check(CLI::IsMember({"md", "csv", "json"}));
    track_app->add_option("--output", settings.output, "write the table to this file instead of standard output");
    track_app->add_option("--picture", settings.picture, "write an SVG picture to this file");

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "lyapcert: {}; see lyapcert --help\n", error.what());
        return bad_input;
    }
    std::optional<tbb::global_control> limit;
    if (settings.threads > 0) limit.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(settings.threads));
    if (certify_app->parsed()) return certify_command(settings);
    if (check_app->parsed()) return check_command(settings);
    if (track_app->parsed()) return track_command(settings);
    if (train_app->parsed()) return train_command(settings);
    if (hypotheses_app->parsed()) return hypotheses_command(settings);
    return table_command(settings);
}

}  // namespace

int run_program(int argc, char** argv) {
    try {
        self_test_rounding();
        return dispatch(argc, argv);
    } catch (const InputError& error) {
        fmt::print(stderr, "lyapcert: {}\n", error.what());
        return bad_input;
    } catch (const OutputError& error) {
        fmt::print(stderr, "lyapcert: {}\n", error.what());
        return bad_input;
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "lyapcert: out of memory\n");
        return internal_failure;
    } catch (const std::exception& error) {
        fmt::print(stderr, "lyapcert: internal failure: {}\n", error.what());
        return internal_failure;
    }
}

}  // namespace lyapcert
