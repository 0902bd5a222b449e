#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "lyapcert/checker/checker.hpp"

namespace lyapcert {

namespace {

struct Options {
    std::vector<std::string> certificates;
    std::string problem;
};

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
    const auto same = [](const DataSource& a, const checker::CheckedData& b) { return a.key == b.key && a.format == b.format && a.bytes == b.bytes; };
    return is_near(problem, result.centre) && problem.text == result.problem &&
           std::equal(problem.data.begin(), problem.data.end(), result.data.begin(), result.data.end(), same);
}

// Exit status 0: every claim of every certificate is proved again; 1: some claim is not; 2: a certificate cannot be read.
int run(const Options& options) {
    std::optional<Problem> expected;
    if (!options.problem.empty()) {
        if (options.certificates.size() != 1) throw Misuse(fmt::format("--problem takes exactly one certificate; {} are given", options.certificates.size()));
        expected = read_problem(options.problem);
    }
    int status = goal_reached;
    for (const std::string& file : options.certificates) {
        try {
            const checker::CheckResult result = checker::check_file(file);
            fmt::print("{}{}\n", file, result.title.empty() ? "" : "  (" + result.title + ")");
            for (const checker::ClaimResult& claim : result.claims)
                fmt::print("  {:<10} {}{}\n", claim.proved ? "proved" : "NOT PROVED", claim.claim, claim.proved ? "" : ": " + claim.reason);
            if (!result.declaration.empty()) fmt::print("  {:<10} {}\n", "declared", result.declaration);
            for (const std::string& assumption : result.assumptions) fmt::print("  {:<10} {}\n", "assumed", assumption);
            if (!expected && !result.data.empty()) fmt::print("  {:<10} {}\n", "assumed", "the data in the certificate is that of your files: compared by --problem FILE only");
            const bool other_problem = expected && !is_about(*expected, result);
            const bool accepted = result.accepted() && !other_problem;
            fmt::print("  {}: {}\n", accepted ? "accepted" : "REFUSED",
                       other_problem ? "it is about another problem than " + options.problem : accepted ? result.conclusion : "a claim is not proved");
            if (!accepted) status = std::max(status, goal_missed);
        } catch (const checker::Refused& error) {
            std::fflush(stdout);
            fmt::print(stderr, "lyapcert: {}: {}\n", file, error.what());
            status = bad_input;
        }
    }
    return status;
}

Command::Run prepare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("CERTIFICATE", options->certificates, "certificates written by certify --certificate")->required();
    app.add_option("--problem", options->problem, "require that the certificate is about this problem file, to the byte");
    return [options] { return run(*options); };
}

}  // namespace

const Command check_command{"check", "prove every claim of a certificate again, independently", prepare};

}  // namespace lyapcert
