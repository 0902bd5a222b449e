// Options that several commands have.
#pragma once

#include <tbb/global_control.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/progress.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/report/report.hpp"
#include "lyapcert/theorem/certify.hpp"

namespace lyapcert {

// Accepts a finite number > 0.
CLI::Validator positive_number();

// FILE...
void add_problem_files(CLI::App& app, std::vector<std::string>& files);
// All files are read before anything is computed: bad input leaves no half-finished output behind.
std::vector<Problem> read_all(const std::vector<std::string>& files);

// How far and for how long to prove: --sign, --width, --time, --threads, --digits.
struct ProofOptions {
    bool sign = false;
    std::optional<double> width;
    double seconds = 60;
    int threads = 0;  // 0: all
    int digits = 0;   // 0: not given

    void add_to(CLI::App& app);
    CertifyOptions certify_options(ProgressLine& progress) const;
    int shown_digits(int by_default) const { return digits > 0 ? digits : by_default; }
    // In force as long as the object lives.
    std::unique_ptr<tbb::global_control> limit_threads() const;
};

// Where a table goes and in which format: --format, --output.
struct TableOptions {
    std::string format = "md";
    std::string output;  // empty: standard output

    // `formats`: some of md, tex, csv, json.
    void add_to(CLI::App& app, const std::vector<std::string>& formats);
    TableFormat table_format() const;
    // For a person to read, in Markdown or LaTeX; otherwise for a program.
    bool is_for_reading() const { return format == "md" || format == "tex"; }
    void require_writable_output() const;
    void write(const std::string& table) const;
};

}  // namespace lyapcert
