#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "csv.hpp"
#include "reports.hpp"

using namespace lyapcert;
using namespace lyapcert::test;
using nlohmann::json;

namespace {

std::vector<Report> reports() {
    std::vector<Report> list;
    for (const std::string& title : titles()) list.push_back(report(title));
    return list;
}

std::string name_of(const Problem& problem) { return problem.title.empty() ? problem.file : problem.title; }

// The cells of a row of a Markdown table, where \| stands for a bar.
std::vector<std::string> markdown_cells(const std::string& line) {
    REQUIRE(line.substr(0, 2) == "| ");
    REQUIRE(line.substr(line.size() - 2) == " |");
    std::vector<std::string> cells(1);
    for (std::size_t i = 2; i < line.size() - 1; ++i) {
        if (line.compare(i, 2, "\\|") == 0) {
            cells.back() += '|';
            ++i;
        } else if (line[i] == '|') {
            cells.back().pop_back();  // the blank before it
            cells.emplace_back();
            ++i;  // and after
        } else {
            cells.back() += line[i];
        }
    }
    cells.back().pop_back();
    return cells;
}

// The cells of a row of a LaTeX table as TeX would print them; anything that TeX would take for a command is a failure.
std::vector<std::string> latex_cells(const std::string& line) {
    REQUIRE(line.substr(line.size() - 3) == " \\\\");
    const std::string text = line.substr(0, line.size() - 3);
    std::vector<std::string> cells(1);
    bool math = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto take = [&](const std::string& command) {
            if (text.compare(i, command.size(), command) != 0) return false;
            i += command.size() - 1;
            return true;
        };
        if (take("\\textbackslash{}")) cells.back() += '\\';
        else if (take("\\^{}")) cells.back() += '^';
        else if (take("\\~{}")) cells.back() += '~';
        else if (math && take("\\infty")) cells.back() += "inf";
        else if (text[i] == '\\') {
            ++i;
            INFO(text);
            REQUIRE(std::string("&%$#_{}").find(text.at(i)) != std::string::npos);
            cells.back() += text[i];
        } else if (text.compare(i, 3, " & ") == 0) {
            cells.emplace_back();
            i += 2;
        } else if (text[i] == '$') {
            math = !math;
        } else {
            INFO(text);
            REQUIRE(std::string("&%#_{}~^").find(text[i]) == std::string::npos);
            cells.back() += text[i];
        }
    }
    REQUIRE_FALSE(math);
    return cells;
}

}  // namespace

TEST_CASE("tables: a title comes back from every format whatever is in it", "[table]") {
    const std::vector<Report> list = reports();
    SECTION("Markdown") {
        const std::vector<std::string> lines = lines_of(table(list, TableFormat::markdown, 6));
        REQUIRE(lines.size() == list.size() + 2);
        const std::size_t columns = markdown_cells(lines[0]).size();
        CHECK(markdown_cells(lines[1]) == std::vector<std::string>(columns, "---"));
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::vector<std::string> cells = markdown_cells(lines[i + 2]);
            CHECK(cells.size() == columns);
            // A bar that was escaped already keeps its backslash: \\| in Markdown.
            CHECK(cells[0] == on_one_line(name_of(list[i].problem)));
            CHECK(cells[1] == "3");
            CHECK(cells[2] == "[1/5, 2/7]");
            CHECK(cells[4] == "stable");
            CHECK(cells[6] == "undecided");
        }
    }
    SECTION("LaTeX") {
        const std::vector<std::string> lines = lines_of(table(list, TableFormat::latex, 6));
        REQUIRE(lines.size() == list.size() + 6);
        CHECK(lines.front().rfind("\\begin{tabular}{", 0) == 0);
        CHECK(lines.back() == "\\end{tabular}");
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::vector<std::string> cells = latex_cells(lines[i + 4]);
            REQUIRE(cells.size() == 7);
            CHECK(cells[0] == on_one_line(name_of(list[i].problem)));
            CHECK(cells[1] == "3");
            CHECK(cells[6] == "stable / undecided");
        }
    }
    SECTION("CSV") {
        const std::vector<std::vector<std::string>> rows = csv_rows(table(list, TableFormat::csv, 6));
        REQUIRE(rows.size() == list.size() + 1);
        for (std::size_t i = 0; i < list.size(); ++i) {
            REQUIRE(rows[i + 1].size() == rows[0].size());
            CHECK(csv_cell(rows, i + 1, "file") == "folder/file.toml");
            CHECK(csv_cell(rows, i + 1, "title") == list[i].problem.title);
            CHECK(csv_cell(rows, i + 1, "eta") == "[1/5, 2/7]");
            CHECK(csv_cell(rows, i + 1, "gd") == "stable");
            CHECK(csv_cell(rows, i + 1, "sgd") == "undecided");
            CHECK(csv_cell(rows, i + 1, "theorem_B") == "status, of B");
        }
    }
    SECTION("JSON") {
        const json rows = json::parse(table(list, TableFormat::json, 6));
        REQUIRE(rows.size() == list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            CHECK(rows[i].at("title") == list[i].problem.title);
            CHECK(rows[i] == json::parse(json_report(list[i], 6)));
        }
    }
}

TEST_CASE("tables: every printed end is outside, in every format", "[table]") {
    Random random(301);
    for (int trial = 0; trial < trials(200); ++trial) {
        const int digits = static_cast<int>(random.integer(3, 40));
        const Report r = report("outward", any_exponents(random));
        const Certification& c = r.certification;
        const auto in_json = [&](const json& ends, const MpInterval& x) { check_outward(x, ends.at("lower"), ends.at("upper"), digits); };
        const json object = json::parse(table({r}, TableFormat::json, digits)).at(0);
        in_json(object.at("mu"), c.mu->enclosure);
        in_json(object.at("lambda"), c.lambda.enclosure);
        in_json(object.at("lambda2"), c.lambda2->enclosure);
        const auto rows = csv_rows(table({r}, TableFormat::csv, digits));
        check_outward(c.mu->enclosure, csv_cell(rows, 1, "mu_lower"), csv_cell(rows, 1, "mu_upper"), digits);
        check_outward(c.lambda.enclosure, csv_cell(rows, 1, "lambda_lower"), csv_cell(rows, 1, "lambda_upper"), digits);
        check_outward(c.lambda2->enclosure, csv_cell(rows, 1, "lambda2_lower"), csv_cell(rows, 1, "lambda2_upper"), digits);
        const auto marked = markdown_cells(lines_of(table({r}, TableFormat::markdown, digits)).at(2));
        check_interval_text(c.mu->enclosure, marked.at(3));
        check_interval_text(c.lambda.enclosure, marked.at(5));
        check_interval_text(c.lambda2->enclosure, marked.at(7));
        const auto set = latex_cells(lines_of(table({r}, TableFormat::latex, digits)).at(4));
        check_interval_text(c.mu->enclosure, set.at(3));
        check_interval_text(c.lambda.enclosure, set.at(4));
        check_interval_text(c.lambda2->enclosure, set.at(5));
    }
}

TEST_CASE("tables: an epoch is N steps, rounded outward too", "[table]") {
    Random random(302);
    for (int trial = 0; trial < trials(50); ++trial) {
        Report r = report("an epoch", any_exponents(random));
        r.certification.slowest = Interval(-0.1, -0.05);
        const int digits = static_cast<int>(random.integer(3, 30));
        const json epoch = json::parse(json_report(r, digits)).at("epoch");
        const MpInterval& lambda = r.certification.lambda.enclosure;
        const std::string lower = epoch.at("lambda").at("lower");
        const std::string upper = epoch.at("lambda").at("upper");
        INFO(lambda.lower_double() << " " << lambda.upper_double() << ": " << lower << " " << upper);
        if (mpfr_inf_p(lambda.lower())) CHECK(lower == "-inf");
        else CHECK(exact(lower) <= 3 * exact(lambda.lower()));
        if (mpfr_inf_p(lambda.upper())) CHECK(upper == (mpfr_sgn(lambda.upper()) < 0 ? "-inf" : "inf"));
        else CHECK(exact(upper) >= 3 * exact(lambda.upper()));
        CHECK(exact(epoch.at("slowest").at("lower").get<std::string>()) <= rational_from_double(-0.1));
        CHECK(exact(epoch.at("slowest").at("upper").get<std::string>()) >= rational_from_double(-0.05));
    }
    CHECK(json::parse(json_report(report("no epoch"), 5)).at("epoch").is_null());
}

TEST_CASE("tables: a general product has no minimum, no rate and no verdict", "[table]") {
    const Report r = product_report();
    const json object = json::parse(table({r}, TableFormat::json, 6)).at(0);
    for (const char* key : {"mu", "gd", "sgd", "minimum"}) CHECK(object.at(key).is_null());
    CHECK(object.at("hypotheses").empty());
    const auto rows = csv_rows(table({r}, TableFormat::csv, 6));
    for (const char* key : {"eta", "mu_lower", "mu_upper", "gd", "sgd"}) CHECK(csv_cell(rows, 1, key).empty());
    const auto marked = markdown_cells(lines_of(table({r}, TableFormat::markdown, 6)).at(2));
    for (std::size_t column : {2U, 3U, 4U, 6U}) CHECK(marked.at(column).empty());
    CHECK(latex_cells(lines_of(table({r}, TableFormat::latex, 6)).at(4)).back().empty());
}

TEST_CASE("tables: the empty list", "[table]") {
    CHECK(lines_of(table({}, TableFormat::markdown, 6)).size() == 2);
    CHECK(csv_rows(table({}, TableFormat::csv, 6)).size() == 1);
    CHECK(json::parse(table({}, TableFormat::json, 6)) == json::array());
    const std::string latex = table({}, TableFormat::latex, 6);
    CHECK(latex.rfind("\\begin{tabular}", 0) == 0);
    CHECK(lines_of(latex).back() == "\\end{tabular}");
}

TEST_CASE("JSON: what the file says of the minimum, the hypotheses and the certificate", "[table]") {
    Report r = report("near");
    r.problem.minimum.kind = Minimum::Kind::near;
    r.problem.minimum.proved = true;
    r.problem.minimum.distance = "1e-9";
    r.certificate = CertificateNote{"out \"1\".json", {"a claim"}, {}, {}};
    const json object = json::parse(json_report(r, 6));
    CHECK(object.at("file") == r.problem.file);
    CHECK(object.at("N") == 3);
    CHECK(object.at("minimum") == json{{"kind", "near"}, {"proved", true}, {"distance", "1e-9"}});
    CHECK(object.at("certificate") == "out \"1\".json");
    CHECK(object.at("theorem") == json{{"A", "status of A"}, {"B", "status, of B"}});
    REQUIRE(object.at("hypotheses").size() == 2);
    CHECK(object.at("hypotheses")[1] == json{{"id", "H2"}, {"status", "assumed"}, {"reason", "a reason, with a comma"}});
    CHECK(object.at("seconds") == 1.5);
    // A title that is not UTF-8 is JSON nevertheless.
    r.problem.title = "not UTF-8: \xff\xfe";
    CHECK_NOTHROW(json::parse(json_report(r, 6)));
    CHECK_NOTHROW(json::parse(table({r}, TableFormat::json, 6)));
    CHECK_FALSE(json::parse(json_report(report("no certificate"), 6)).at("certificate").is_string());
}
