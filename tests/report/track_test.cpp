#include "lyapcert/report/track.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "csv.hpp"
#include "reports.hpp"

using namespace lyapcert;
using namespace lyapcert::test;
using nlohmann::json;

namespace {

TrackRow row(const std::string& file, const Exponents& exponents = {}) { return {file, 0.25, certification(exponents)}; }

std::vector<TrackRow> rows_named(const std::vector<std::string>& files) {
    std::vector<TrackRow> rows;
    for (const std::string& file : files) rows.push_back(row(file));
    return rows;
}

// Tags balance, and < and & occur only where XML wants them.
void check_well_formed(const std::string& svg) {
    INFO(svg);
    std::vector<std::string> open;
    for (std::size_t i = 0; i < svg.size(); ++i) {
        const unsigned char c = static_cast<unsigned char>(svg[i]);
        CHECK((c >= 32 || c == '\n' || c == '\t'));
        if (c == '&') {
            const std::string entity = svg.substr(i, svg.find(';', i) + 1 - i);
            CHECK((entity == "&lt;" || entity == "&gt;" || entity == "&amp;" || entity == "&quot;"));
        }
        if (c != '<') continue;
        const std::size_t end = svg.find('>', i);
        REQUIRE(end != std::string::npos);
        const std::string tag = svg.substr(i + 1, end - i - 1);
        CHECK(std::count(tag.begin(), tag.end(), '"') % 2 == 0);
        if (tag[0] == '/') {
            REQUIRE_FALSE(open.empty());
            CHECK(open.back() == tag.substr(1));
            open.pop_back();
        } else if (tag.back() != '/') {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
        i = end;
    }
    CHECK(open.empty());
}

struct Bar {
    double top, bottom;
};

// The bars of each curve, in the order of the checkpoints.
std::vector<std::vector<Bar>> bars(const std::string& svg) {
    static const std::regex bar(R"re(<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="(\d+)"/>)re");
    std::vector<std::vector<Bar>> curves;
    for (std::size_t at = svg.find("<g fill="); at != std::string::npos; at = svg.find("<g fill=", at + 1)) {
        const std::string group = svg.substr(svg.find('\n', at), svg.find("</g>", at) - svg.find('\n', at));
        curves.emplace_back();
        for (std::sregex_iterator it(group.begin(), group.end(), bar), end; it != end; ++it)
            curves.back().push_back({std::stod((*it)[2]), std::stod((*it)[2]) + std::stod((*it)[4])});
    }
    return curves;
}

}  // namespace

TEST_CASE("track: a file name comes back from every format whatever is in it", "[track]") {
    const std::vector<std::string> files = titles();
    const std::vector<TrackRow> rows = rows_named(files);
    const auto cells = csv_rows(track_table(rows, TableFormat::csv, 6));
    REQUIRE(cells.size() == files.size() + 1);
    const json list = json::parse(track_table(rows, TableFormat::json, 6));
    REQUIRE(list.size() == files.size());
    const std::vector<std::string> lines = lines_of(track_table(rows, TableFormat::markdown, 6));
    REQUIRE(lines.size() == files.size() + 2);
    const auto bars_in = [](const std::string& line) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < line.size(); ++i) count += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
        return count;
    };
    for (std::size_t i = 0; i < files.size(); ++i) {
        CHECK(cells[i + 1].size() == cells[0].size());
        CHECK(csv_cell(cells, i + 1, "checkpoint") == files[i]);
        CHECK(csv_cell(cells, i + 1, "gd") == "stable");
        CHECK(csv_cell(cells, i + 1, "sgd") == "undecided");
        CHECK(csv_cell(cells, i + 1, "mean_square") == "unstable");
        CHECK(list[i].at("file") == files[i]);
        CHECK(list[i].at("loss") == 0.25);
        CHECK(bars_in(lines[i + 2]) == bars_in(lines[0]));
        check_well_formed(track_picture(rows, files[i]));
    }
    CHECK_NOTHROW(json::parse(track_table(rows_named({"not UTF-8: \xff"}), TableFormat::json, 6)));
}

TEST_CASE("track: every printed end is outside", "[track]") {
    Random random(321);
    for (int trial = 0; trial < trials(100); ++trial) {
        const int digits = static_cast<int>(random.integer(3, 40));
        const TrackRow r = row("file", any_exponents(random));
        const MpInterval& mu = r.certification.mu->enclosure;
        const MpInterval& lambda = r.certification.lambda.enclosure;
        const MpInterval& lambda2 = r.certification.lambda2->enclosure;
        const auto cells = csv_rows(track_table({r}, TableFormat::csv, digits));
        check_outward(mu, csv_cell(cells, 1, "mu_lower"), csv_cell(cells, 1, "mu_upper"), digits);
        check_outward(lambda, csv_cell(cells, 1, "lambda_lower"), csv_cell(cells, 1, "lambda_upper"), digits);
        check_outward(lambda2, csv_cell(cells, 1, "lambda2_lower"), csv_cell(cells, 1, "lambda2_upper"), digits);
        const json object = json::parse(track_table({r}, TableFormat::json, digits)).at(0);
        check_outward(mu, object["mu"].at("lower"), object["mu"].at("upper"), digits);
        check_outward(lambda, object["lambda"].at("lower"), object["lambda"].at("upper"), digits);
        check_outward(lambda2, object["lambda2"].at("lower"), object["lambda2"].at("upper"), digits);
        const std::string line = lines_of(track_table({r}, TableFormat::markdown, digits)).at(2);
        std::vector<std::string> parts;
        for (std::size_t at = 2, next = 0; next != std::string::npos; at = next + 3) {
            next = line.find(" | ", at);
            parts.push_back(line.substr(at, next - at));
        }
        check_interval_text(mu, parts.at(2));
        check_interval_text(lambda, parts.at(4));
        check_interval_text(lambda2, parts.at(6));
    }
}

TEST_CASE("track: every bar of the picture contains its number", "[track]") {
    // mu reaches the ends of the axis, -1 and 1/2; Lambda_2 is drawn by halves. Between them random ones.
    Random random(322);
    for (int trial = 0; trial < trials(20); ++trial) {
        std::vector<TrackRow> rows;
        rows.push_back(row("ends", {MpInterval(-1.0, 0.5), MpInterval(-0.25, -0.25), MpInterval(-2.0, 1.0)}));
        for (int k = 0; k < 5; ++k) {
            const auto within = [&](double scale) {
                const double a = random.uniform(-1.0, 0.5);
                const double b = random.chance(0.3) ? a + 1e-9 : random.uniform(-1.0, 0.5);
                return MpInterval(scale * std::min(a, b), scale * std::max(a, b));
            };
            rows.push_back(row("between", {within(1.0), within(1.0), within(2.0)}));
        }
        const std::string svg = track_picture(rows, "a run");
        check_well_formed(svg);
        // The axis: the labels of -1 and 1/2 stand four pixels below their places.
        std::smatch label;
        const auto place = [&](const std::string& value) {
            REQUIRE(std::regex_search(svg, label, std::regex("y=\"([\\d.]+)\" text-anchor=\"end\">" + value + "<")));
            return std::stod(label[1]) - 4.0;
        };
        const double low = place("-1");
        const double high = place("0\\.5");
        const auto y = [&](double x) { return high + (0.5 - x) / 1.5 * (low - high); };
        const auto curves = bars(svg);
        REQUIRE(curves.size() == 3);
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Certification& c = rows[k].certification;
            const auto inside = [&](const Bar& bar, const MpInterval& x, double scale) {
                const double slack = 0.11;  // labels are placed to a tenth of a pixel
                CHECK(bar.top <= y(scale * x.upper_double()) + slack);
                CHECK(bar.bottom >= y(scale * x.lower_double()) - slack);
                CHECK(bar.bottom - bar.top <= y(scale * x.lower_double()) - y(scale * x.upper_double()) + 3.5);
            };
            for (const auto& curve : curves) REQUIRE(curve.size() == rows.size());
            inside(curves[0][k], c.mu->enclosure, 1.0);
            inside(curves[1][k], c.lambda.enclosure, 1.0);
            inside(curves[2][k], c.lambda2->enclosure, 0.5);
        }
    }
}

TEST_CASE("track: infinite ends reach the edge of the picture", "[track]") {
    const TrackRow infinite = row("a", {MpInterval(-1.0, 0.5), MpInterval::everything(), MpInterval::minus_infinity()});
    const auto curves = bars(track_picture({infinite}, "infinities"));
    REQUIRE(curves.size() == 3);
    CHECK(curves[1][0].top < curves[0][0].top);
    CHECK(curves[1][0].bottom > curves[0][0].bottom);
    CHECK(curves[2][0].bottom >= curves[1][0].bottom);
    CHECK_THAT(track_table({infinite}, TableFormat::markdown, 5), Catch::Contains("| -inf |") && Catch::Contains("| [-inf, inf] |"));
}

TEST_CASE("track: the empty list", "[track]") {
    CHECK(json::parse(track_table({}, TableFormat::json, 6)) == json::array());
    CHECK(csv_rows(track_table({}, TableFormat::csv, 6)).size() == 1);
    CHECK(lines_of(track_table({}, TableFormat::markdown, 6)).size() == 2);
    check_well_formed(track_picture({}, "nothing"));
    // All exponents zero: a scale is needed nevertheless.
    check_well_formed(track_picture({row("zero", {MpInterval(60), MpInterval(60), MpInterval(60)})}, "zero"));
}
