#include "lyapcert/report/track.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/format.hpp"

namespace lyapcert {

namespace {

using Json = nlohmann::ordered_json;

Json ends(const MpInterval& x, int digits) { return Json{{"lower", lower_decimal(x.lower(), digits)}, {"upper", upper_decimal(x.upper(), digits)}}; }

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) switch (c) {
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '&': result += "&amp;"; break;
            case '"': result += "&quot;"; break;
            default: result += static_cast<unsigned char>(c) < 32 ? ' ' : c;
        }
    return result;
}

}  // namespace

std::string track_table(const std::vector<TrackRow>& rows, TableFormat format, int digits) {
    if (format == TableFormat::json) {
        Json list = Json::array();
        for (const TrackRow& row : rows) {
            const Certification& c = row.certification;
            list.push_back(Json{{"file", row.file}, {"loss", row.loss}, {"mu", ends(c.mu->enclosure, digits)}, {"lambda", ends(c.lambda.enclosure, digits)},
                                {"lambda2", ends(c.lambda2->enclosure, digits)}, {"gd", to_string(c.gd)}, {"sgd", to_string(c.sgd)},
                                {"mean_square", to_string(verdict_of(c.lambda2->enclosure))}, {"method", c.lambda.method()}});
        }
        return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    const bool csv = format == TableFormat::csv;
    std::string text = csv ? "checkpoint,loss,mu_lower,mu_upper,gd,lambda_lower,lambda_upper,sgd,lambda2_lower,lambda2_upper,mean_square\n"
                           : "| checkpoint | loss (not proved) | mu | GD | lambda | SGD | Lambda_2 | mean square |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const TrackRow& row : rows) {
        const Certification& c = row.certification;
        const auto both = [&](const MpInterval& x) {
            return csv ? lower_decimal(x.lower(), digits) + "," + upper_decimal(x.upper(), digits) : report_detail::interval_text(x, digits);
        };
        const std::vector<std::string> cells = {csv ? report_detail::csv_cell(row.file) : report_detail::markdown_cell(row.file), fmt::format("{:.3g}", row.loss),
                                                both(c.mu->enclosure), to_string(c.gd), both(c.lambda.enclosure), to_string(c.sgd), both(c.lambda2->enclosure), to_string(verdict_of(c.lambda2->enclosure))};
        text += csv ? "" : "| ";
        for (std::size_t k = 0; k < cells.size(); ++k) text += (k == 0 ? "" : csv ? "," : " | ") + cells[k];
        text += csv ? "\n" : " |\n";
    }
    return text;
}

std::string track_picture(const std::vector<TrackRow>& rows, const std::string& title) {
    constexpr double width = 800, height = 480, left = 80, right = 20, top = 50, bottom = 50;
    struct Curve {
        const char* name;
        const char* colour;
        double scale;
        const MpInterval* (*of)(const TrackRow&);
    };
    const std::array<Curve, 3> curves = {
        Curve{"mu (GD)", "#1b6ca8", 1.0, [](const TrackRow& r) { return &r.certification.mu->enclosure; }},
        Curve{"lambda (SGD)", "#c0392b", 1.0, [](const TrackRow& r) { return &r.certification.lambda.enclosure; }},
        Curve{"Lambda_2 / 2 (mean square)", "#7f8c3a", 0.5, [](const TrackRow& r) { return &r.certification.lambda2->enclosure; }}};
    double low = 0.0;
    double high = 0.0;
    for (const TrackRow& row : rows)
        for (const Curve& curve : curves)
            for (const double x : {curve.scale * curve.of(row)->lower_double(), curve.scale * curve.of(row)->upper_double()})
                if (std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
    const double margin = high > low ? 0.05 * (high - low) : 1.0;
    low -= margin;
    high += margin;
    const auto y_of = [&](double x) { return std::clamp(top + (high - x) / (high - low) * (height - top - bottom), top, height - bottom); };
    std::string svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"13\">\n"
                                  "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n<text x=\"{2}\" y=\"22\">{3}</text>\n", width, height, left, escaped(title));
    svg += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"black\" stroke-dasharray=\"4 3\"/>\n", left, width - right, y_of(0.0), y_of(0.0));
    for (const double x : {low + margin, 0.0, high - margin})
        svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.3g}</text>\n", left - 8, y_of(x) + 4, x);
    const double step = (width - left - right) / static_cast<double>(std::max<std::size_t>(1, rows.size()));
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const Curve& curve = curves[c];
        svg += fmt::format("<g fill=\"{}\"><rect x=\"{}\" y=\"32\" width=\"10\" height=\"10\"/><text x=\"{}\" y=\"41\">{}</text>\n", curve.colour, left + 230.0 * static_cast<double>(c),
                           left + 230.0 * static_cast<double>(c) + 16, curve.name);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const double y1 = std::floor(y_of(curve.scale * curve.of(rows[k])->upper_double()));
            const double y2 = std::ceil(y_of(curve.scale * curve.of(rows[k])->lower_double()));
            const double bar = std::max(1.0, std::min(8.0, step / 4.0));
            svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"/>\n", left + step * (static_cast<double>(k) + 0.2 + 0.22 * static_cast<double>(c)), y1, bar,
                               std::max(2.0, y2 - y1));
        }
        svg += "</g>\n";
    }
    svg += fmt::format("<text x=\"{}\" y=\"{}\">checkpoints, in the order given; every bar contains the number</text>\n</svg>\n", left, height - 18);
    return svg;
}

}  // namespace lyapcert
