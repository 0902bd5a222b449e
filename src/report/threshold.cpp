#include "lyapcert/report/threshold.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert {

namespace {

using Json = nlohmann::ordered_json;

const char* word(Verdict verdict) { return verdict == Verdict::stable ? "stable" : verdict == Verdict::unstable ? "unstable" : "open"; }
std::string left_end(const RatePiece& piece) { return piece.from ? exact_decimal(*piece.from) : "0"; }
std::string right_end(const RatePiece& piece) { return piece.to ? exact_decimal(*piece.to) : "inf"; }

// "stable for every learning rate in (0, 0.41231]; unstable for every learning rate in [0.41235, infinity)."
std::string sentence(const std::vector<RatePiece>& pieces) {
    constexpr std::size_t most_shown = 12;
    std::string text;
    std::string open;
    const std::vector<RatePiece> all = merged(pieces);
    if (all.size() > 2 * most_shown) return std::to_string(all.size()) + " pieces, too many to print here: see --json or --format csv.";
    for (const RatePiece& piece : all) {
        const std::string range = (piece.from ? "[" + left_end(piece) : "(0") + ", " + (piece.to ? right_end(piece) + "]" : "infinity)");
        if (piece.verdict == Verdict::undecided) {
            const std::string gap = "(" + left_end(piece) + ", " + (piece.to ? right_end(piece) : "infinity") + ")";
            const bool finite = piece.from && piece.to && !piece.from->is_zero();
            open += (open.empty() ? "" : ", ") + gap + (finite ? fmt::format(", ratio 1 + {:.2g}", Rational(*piece.to / *piece.from - 1).convert_to<double>()) : "");
            continue;
        }
        text += fmt::format("{}{} for every learning rate in {}", text.empty() ? "" : "; ", word(piece.verdict), range);
    }
    if (!text.empty()) text += ".";
    if (!open.empty()) text += (text.empty() ? "" : " ") + std::string("Nothing is proved in ") + open + ".";
    return text;
}

Json list(const std::vector<RatePiece>& pieces) {
    Json result = Json::array();
    for (const RatePiece& piece : merged(pieces)) result.push_back(Json{{"lower", left_end(piece)}, {"upper", right_end(piece)}, {"verdict", word(piece.verdict)}});
    return result;
}

Json object(const ThresholdReport& report) {
    const Threshold& t = report.threshold;
    Json json;
    json["file"] = report.problem.file;
    json["title"] = report.problem.title;
    json["N"] = report.problem.data_points;
    json["batch_size"] = report.problem.sampling.batch_size;
    json["gd"] = list(t.gd);
    json["sgd"] = list(t.sgd);
    json["mean_square"] = list(t.mean_square);
    json["ratio"] = std::isfinite(t.widest) ? Json(t.widest) : Json();
    json["seconds"] = t.seconds;
    json["certificate"] = report.certificate ? Json(report.certificate->path) : Json();
    return json;
}

}  // namespace

std::string text_report(const ThresholdReport& report) {
    const Problem& problem = report.problem;
    const Threshold& t = report.threshold;
    std::string text = problem.title.empty() ? problem.file + "\n" : fmt::format("{}  ({})\n", problem.title, problem.file);
    text += fmt::format("  N = {} data points, batch size {}; learning rates in (0, infinity)\n\n", problem.data_points, problem.sampling.batch_size);
    text += "  SGD:         " + sentence(t.sgd) + "\n";
    text += "  GD:          " + sentence(t.gd) + "\n";
    text += "  mean square: " + sentence(t.mean_square) + "\n";
    text += "\n  stable: the exponent (lambda, mu, Lambda_2) is proved negative; unstable: proved positive.\n";
    if (report.certificate) {
        text += fmt::format("\n  certificate  {}: {} claims, each proved again by the checker\n", report.certificate->path, report.certificate->claims.size());
        for (const std::string& omitted : report.certificate->omitted) text += "               left out: " + omitted + "\n";
    }
    return text;
}

std::string json_report(const std::vector<ThresholdReport>& reports) {
    Json all = Json::array();
    for (const ThresholdReport& report : reports) all.push_back(object(report));
    return (reports.size() == 1 ? all.front() : all).dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string csv_report(const std::vector<ThresholdReport>& reports) {
    const auto quoted = [](const std::string& text) {
        std::string result = "\"";
        for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
        return result + "\"";
    };
    std::string text = "file,batch_size,algorithm,lower,upper,verdict\n";
    for (const ThresholdReport& report : reports)
        for (const auto& [name, pieces] : {std::pair("gd", &report.threshold.gd), std::pair("sgd", &report.threshold.sgd), std::pair("mean_square", &report.threshold.mean_square)})
            for (const RatePiece& piece : merged(*pieces))
                text += fmt::format("{},{},{},{},{},{}\n", quoted(report.problem.file), report.problem.sampling.batch_size, name, left_end(piece), right_end(piece), word(piece.verdict));
    return text;
}

}  // namespace lyapcert
