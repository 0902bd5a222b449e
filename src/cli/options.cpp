#include "cli/options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "cli/output.hpp"

namespace lyapcert {

CLI::Validator positive_number() {
    return CLI::Validator(
        [](std::string& text) {
            char* end = nullptr;
            const double value = std::strtod(text.c_str(), &end);
            return end == text.c_str() + text.size() && std::isfinite(value) && value > 0 ? std::string() : "'" + text + "' is not a positive number";
        },
        "NUMBER > 0");
}

void add_problem_files(CLI::App& app, std::vector<std::string>& files) { app.add_option("FILE", files, "problem files (TOML)")->required(); }

std::vector<Problem> read_all(const std::vector<std::string>& files) {
    std::vector<Problem> problems;
    for (const std::string& file : files) problems.push_back(read_problem(file));
    return problems;
}

void ProofOptions::add_to(CLI::App& app) {
    auto* only_sign = app.add_flag("--sign", sign, "stop as soon as the sign of lambda is proved");
    app.add_option("--width", width, "stop when the enclosure of lambda is this narrow (default: the sign, then 1e-4)")->check(positive_number())->excludes(only_sign);
    app.add_option("--time", seconds, "budget in seconds for each file")->capture_default_str()->check(CLI::Range(0.0, 1e7));
    app.add_option("--threads", threads, "threads to use (default: all)")->check(CLI::Range(1, 1024));
    app.add_option("--digits", digits, "decimal digits to prove where a formula exists, and to print")->check(CLI::Range(1, 10000));
}

CertifyOptions ProofOptions::certify_options(ProgressLine& progress) const {
    constexpr int default_digits = 17;
    CertifyOptions options;
    if (sign) options.goal = Goal{true, std::nullopt};
    if (width) options.goal = Goal{false, *width};
    options.seconds = seconds;
    options.digits = shown_digits(default_digits);
    options.progress = [&progress](const std::string& text) { progress.show(text); };
    return options;
}

std::unique_ptr<tbb::global_control> ProofOptions::limit_threads() const {
    if (threads == 0) return nullptr;
    return std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
}

void TableOptions::add_to(CLI::App& app, const std::vector<std::string>& formats) {
    std::string list;
    for (std::size_t k = 0; k < formats.size(); ++k) list += (k == 0 ? "" : k + 1 < formats.size() ? ", " : " or ") + formats[k];
    app.add_option("--format", format, list)->capture_default_str()->check(CLI::IsMember(formats));
    app.add_option("--output", output, "write the table to this file instead of standard output");
}

TableFormat TableOptions::table_format() const {
    return format == "md" ? TableFormat::markdown : format == "tex" ? TableFormat::latex : format == "csv" ? TableFormat::csv : TableFormat::json;
}

void TableOptions::require_writable_output() const {
    if (!output.empty()) require_writable(output);
}

void TableOptions::write(const std::string& table) const { write_result(output, table); }

}  // namespace lyapcert
