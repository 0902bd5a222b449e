#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "lyapcert/certificate/certificate.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::vector<std::string> files;
    ProofOptions proof;
    bool json = false;
    std::string certificate;
    std::string statement;  // "plain", "latex", or empty
};

int run(const Options& options) {
    constexpr int text_digits = 12;
    const bool certificate_wanted = !options.certificate.empty();
    if (certificate_wanted && options.files.size() != 1) throw Misuse(fmt::format("--certificate takes exactly one problem file; {} are given", options.files.size()));
    const auto limit = options.proof.limit_threads();
    ProgressLine progress;
    CertifyOptions how = options.proof.certify_options(progress);
    how.keep_evidence = certificate_wanted;
    if (certificate_wanted) require_writable(options.certificate);
    int status = goal_reached;
    bool first = true;
    for (Problem& problem : read_all(options.files)) {
        Certification certification = certify(problem, how);
        std::optional<CertificateNote> note;
        bool signs_kept = true;
        if (certificate_wanted) {
            progress.show("writing the certificate, and checking it");
            const Certificate certificate = make_certificate(problem, certification, how.digits);
            write_file_atomically(options.certificate, packed(certificate.text));
            note = CertificateNote{options.certificate, certificate.claims, certificate.omitted, certificate.weaker};
            signs_kept = certificate.keeps_signs;
        }
        progress.clear();
        if (!certification.lambda.goal_reached) status = goal_missed;
        const Report report{std::move(problem), std::move(certification), std::move(note)};
        if (options.json)
            fmt::print("{}\n", json_report(report, how.digits));
        else if (!options.statement.empty())
            fmt::print("{}{}", first ? "" : "\n",
                       statement(report, options.statement == "latex" ? StatementFormat::latex : StatementFormat::plain, options.proof.shown_digits(text_digits)));
        else
            fmt::print("{}{}", first ? "" : "\n", text_report(report, options.proof.shown_digits(text_digits)));
        std::fflush(stdout);
        if (!signs_kept) {
            fmt::print(stderr, "{}: the certificate does not prove a sign that is printed: the checker has no proof of it, or only one of a weaker bound\n", options.certificate);
            status = internal_failure;
        }
        first = false;
    }
    return status;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_problem_files(app, options->files);
    options->proof.add_to(app);
    CLI::Option* json = app.add_flag("--json", options->json, "print one JSON object for each file");
    app.add_option("--statement", options->statement, "print the theorem alone, to paste into a paper: plain or latex")->check(CLI::IsMember({"plain", "latex"}))->excludes(json);
    app.add_option("--certificate", options->certificate, "write a certificate that `lyapcert check` proves again");
    return [options] { return run(*options); };
}

}  // namespace

const Command certify_command{"certify", "enclosures of mu, lambda and Lambda_2, hypotheses and verdict", prepare};

}  // namespace lyapcert
