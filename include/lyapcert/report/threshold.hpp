// Certified partitions of the learning rates as text, JSON and a table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lyapcert/problem/problem.hpp"
#include "lyapcert/report/report.hpp"
#include "lyapcert/theorem/threshold.hpp"

namespace lyapcert {

struct ThresholdReport {
    Problem problem;  // with the sampling that is meant
    Threshold threshold;
    std::optional<CertificateNote> certificate = std::nullopt;
};

std::string text_report(const ThresholdReport& report);

// {"file", "title", "N", "batch_size", "gd", "sgd", "mean_square", "ratio", "seconds", "certificate"}; each list is a partition of (0, inf): {"lower", "upper", "verdict"}, exact decimal strings, "0"
// and "inf" at the ends; "stable" and "unstable" pieces are closed where they are finite, "open" ones hold what is not proved. One object for each report, in an
// array where there are several.
std::string json_report(const std::vector<ThresholdReport>& reports);

// A row for every piece: file, batch size, algorithm, ends, verdict.
std::string csv_report(const std::vector<ThresholdReport>& reports);

}  // namespace lyapcert
