#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/report/threshold.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::string file;
    std::string range;  // "A:B", or empty
    double ratio = 1.001;
    double seconds = 60;
    int threads = 0;
    std::vector<std::size_t> batch_sizes;
    std::string format = "text";
    bool json = false;
    std::string output;
    std::string certificate;
};

// "A:B", 0 <= A < B; "inf" for B.
void read_range(const std::string& text, ThresholdOptions& options) {
    if (text.empty()) return;
    const auto wrong = [&](const std::string& why) { return Misuse("--range '" + text + "': " + why + "; expected LOWER:UPPER, two learning rates with 0 <= LOWER < UPPER"); };
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) throw wrong("there is no colon");
    const auto number = [&](const std::string& part) {
        try {
            return parse_rational(part);
        } catch (const std::invalid_argument& error) {
            throw wrong(error.what());
        }
    };
    // Rounded outward to decimals, which is what is printed.
    const auto decimal = [](const Rational& x, bool up) {
        const MpInterval enclosure(x, 128);
        return parse_rational(up ? upper_decimal(enclosure.upper(), 17) : lower_decimal(enclosure.lower(), 17));
    };
    const Rational from = number(text.substr(0, colon));
    if (from < 0) throw wrong("a learning rate is negative");
    if (from > 0) options.from = decimal(from, false);
    if (text.substr(colon + 1) == "inf") return;
    const Rational to = number(text.substr(colon + 1));
    if (to <= from) throw wrong("it is empty or reversed");
    options.to = decimal(to, true);
}

int run(const Options& options) {
    ThresholdOptions how;
    read_range(options.range, how);
    if (!(options.ratio > 1.0 + 1e-12)) throw Misuse("--ratio: a number above 1 is expected");
    how.ratio = options.ratio;
    how.seconds = options.seconds;
    if (!options.output.empty()) require_writable(options.output);
    ProofOptions threads;
    threads.threads = options.threads;
    const auto limit = threads.limit_threads();
    ProgressLine progress;
    how.progress = [&progress](const std::string& text) { progress.show(text); };
    const Problem problem = read_problem(options.file);
    std::vector<std::size_t> sizes = options.batch_sizes;
    if (sizes.empty()) sizes.push_back(problem.sampling.batch_size);
    for (const std::size_t size : sizes)
        if (problem.kind != Problem::Kind::product && (size < 1 || size > problem.data_points))
            throw Misuse(fmt::format("--batch-sizes: {} is not between 1 and the number of data points, {}", size, problem.data_points));
    const bool certificate_wanted = !options.certificate.empty();
    if (certificate_wanted && (sizes.size() != 1 || sizes.front() != problem.sampling.batch_size))
        throw Misuse("--certificate: it is for the batch size that the file asks for, without --batch-sizes");
    if (certificate_wanted) require_writable(options.certificate);
    how.keep_evidence = certificate_wanted;
    std::vector<ThresholdReport> reports;
    int status = goal_reached;
    for (const std::size_t size : sizes) {
        Problem with_size = problem;
        with_size.sampling.batch_size = size;
        Threshold found = threshold(with_size, how);
        if (!found.reached) status = goal_missed;
        std::optional<CertificateNote> note;
        if (certificate_wanted) {
            progress.show("writing the certificate, and checking it");
            const Certificate certificate = make_certificate(with_size, found);
            write_file_atomically(options.certificate, packed(certificate.text));
            note = CertificateNote{options.certificate, certificate.claims, certificate.omitted, certificate.weaker};
            if (!certificate.keeps_signs) status = internal_failure;
        }
        reports.push_back(ThresholdReport{std::move(with_size), std::move(found), std::move(note)});
    }
    progress.clear();
    std::string text;
    if (options.json) text = json_report(reports) + "\n";
    else if (options.format == "csv") text = csv_report(reports);
    else
        for (const ThresholdReport& report : reports) text += (text.empty() ? "" : "\n") + text_report(report);
    write_result(options.output, text);
    return status;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file, "problem file (TOML); its own learning rate plays no part")->required();
    app.add_option("--range", options->range, "LOWER:UPPER, the learning rates that matter (default 0:inf)");
    app.add_option("--ratio", options->ratio, "stop when the ends of every open piece have a smaller ratio")->capture_default_str();
    app.add_option("--time", options->seconds, "budget in seconds for each batch size")->capture_default_str()->check(CLI::Range(0.0, 1e7));
    app.add_option("--threads", options->threads, "threads to use (default: all)")->check(CLI::Range(1, 1024));
    app.add_option("--batch-sizes", options->batch_sizes, "several batch sizes, separated by commas (default: that of the file)")->delimiter(',');
    CLI::Option* json = app.add_flag("--json", options->json, "print JSON");
    app.add_option("--format", options->format, "text or csv")->capture_default_str()->check(CLI::IsMember({"text", "csv"}))->excludes(json);
    app.add_option("--certificate", options->certificate, "write a certificate of all pieces that `lyapcert check` proves again");
    app.add_option("--output", options->output, "write to this file instead of standard output");
    return [options] { return run(*options); };
}

}  // namespace

const Command threshold_command{"threshold", "for which learning rates the minimum is stable: a certified partition", prepare};

}  // namespace lyapcert
