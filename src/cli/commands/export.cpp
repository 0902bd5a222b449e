#include "lyapcert/export/coq.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "lyapcert/checker/checker.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::string certificate;
    std::string folder;
};

// The folder itself is made where it does not exist; not those above it.
void require_folder(const std::string& folder) {
    if (mkdir(folder.c_str(), 0777) == 0) return;
    struct stat status {};
    const int reason = errno;
    if (reason == EEXIST && stat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
    throw OutputError(folder + ": the folder cannot be made: " + std::strerror(reason));
}

// Exit status 0: some claim is exported; 1: none; 2: the certificate cannot be read, or the folder not be written to.
int run(const Options& options) {
    std::string text;
    coq_export::Export made;
    try {
        text = checker::certificate_text(options.certificate);
        const checker::CheckResult result = checker::check(text);
        for (const checker::ClaimResult& claim : result.claims)
            if (!claim.proved) throw InputError(fmt::format("'{}' is not proved: {}; nothing is exported", claim.claim, claim.reason));
        made = coq_export::export_certificate(text);
    } catch (const checker::Refused& error) {
        throw InputError(fmt::format("{}: {}", options.certificate, error.what()));
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}: {}", options.certificate, error.what()));
    }
    if (!made.files.empty()) require_folder(options.folder);
    for (const coq_export::File& file : made.files) write_file_atomically(options.folder + "/" + file.name, file.content);
    fmt::print("{}\n", options.certificate);
    for (const std::string& claim : made.exported) fmt::print("  {:<12} {}\n", "exported", claim);
    for (const std::string& claim : made.weaker) fmt::print("  {:<12} {}\n", "weaker", claim);
    for (const std::string& claim : made.left_out) fmt::print("  {:<12} {}\n", "not exported", claim);
    for (const coq_export::File& file : made.files) fmt::print("  {:<12} {}/{}\n", "written", options.folder, file.name);
    return made.files.empty() ? goal_missed : goal_reached;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("CERTIFICATE", options->certificate, "a certificate written by certify --certificate")->required();
    app.add_option("--coq", options->folder, "write Coq files with its claims as theorems into this folder")->required();
    return [options] { return run(*options); };
}

}  // namespace

const Command export_command{"export", "write a certificate's claims as theorems for Coq", prepare};

}  // namespace lyapcert
