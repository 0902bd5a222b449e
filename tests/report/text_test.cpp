#include <catch2/catch.hpp>
#include <algorithm>

#include "reports.hpp"

using namespace lyapcert;
using namespace lyapcert::test;
using Catch::Contains;

namespace {

// The line that tells of an exponent, and the interval or number in it.
std::string line_of(const std::string& text, const std::string& symbol) {
    for (const std::string& line : lines_of(text)) {
        const std::size_t at = line.find(" " + symbol + " ");
        if (at != std::string::npos && (line.find(" in [", at) != std::string::npos || line.find(" = ", at) != std::string::npos)) return line;
    }
    FAIL("no line about " << symbol << " in\n" << text);
    return {};
}

std::string value_of(const std::string& text, const std::string& symbol) {
    const std::string line = line_of(text, symbol);
    const std::size_t bracket = line.find(" in [");
    if (bracket != std::string::npos) return line.substr(bracket + 4, line.find(']', bracket) + 1 - bracket - 4);
    const std::size_t at = line.find_first_not_of(' ', line.find(" = ") + 3);
    return line.substr(at, line.find(' ', at) - at);
}

}  // namespace

TEST_CASE("text: names, data, verdicts and reasons", "[text]") {
    Report r = report("A title");
    r.problem.parameters = 12;
    const std::string text = text_report(r, 6);
    for (const char* part : {"A title", "folder/file.toml", "N = 3", "D = 12", "[1/5, 2/7]", "H1", "a reason for H1", "H2",
                             "a reason, with a comma", "why there is a minimum", "Statement A.", "Statement B.", "status of A", "status, of B"})
        CHECK_THAT(text, Contains(part));
    CHECK_THAT(line_of(text, "mu"), Contains(" stable"));
    CHECK_THAT(line_of(text, "lambda"), Contains(" undecided"));
    CHECK_THAT(line_of(text, "Lambda_2"), Contains(" unstable"));
    // Without a title the file stands for it.
    CHECK(text_report(report(""), 6).rfind("folder/file.toml\n", 0) == 0);
    // A goal that was missed is not passed over in silence.
    Report reached = r;
    reached.certification.lambda.goal_reached = true;
    CHECK(text_report(reached, 6).size() < text.size());
}

TEST_CASE("text: every printed end is outside", "[text]") {
    Random random(311);
    for (int trial = 0; trial < trials(200); ++trial) {
        Report r = report("outward", any_exponents(random));
        const Certification& c = r.certification;
        if (random.chance(0.5)) r.certification.slowest = Interval(-0.1, -0.05);
        const std::string text = text_report(r, static_cast<int>(random.integer(3, 40)));
        check_interval_text(c.mu->enclosure, value_of(text, "mu"));
        check_interval_text(c.lambda.enclosure, value_of(text, "lambda"));
        check_interval_text(c.lambda2->enclosure, value_of(text, "Lambda_2"));
        if (c.slowest) {
            const MpInterval epoch = MpInterval(Rational(3), 2 * c.lambda.enclosure.precision() + 2) * c.lambda.enclosure;
            const std::string shown = value_of(text, "N lambda");
            if (shown.front() == '[' && mpfr_number_p(epoch.lower())) CHECK(exact(shown.substr(1, shown.find(',') - 1)) <= exact(epoch.lower()));
            if (shown.front() == '[' && mpfr_number_p(epoch.upper()))
                CHECK(exact(shown.substr(shown.find(' ') + 1, shown.size() - shown.find(' ') - 2)) >= exact(epoch.upper()));
        }
    }
}

TEST_CASE("text: infinities and points", "[text]") {
    Exponents exponents;
    exponents.mu = MpInterval::minus_infinity();
    exponents.lambda = MpInterval::everything();
    exponents.lambda2 = MpInterval(Rational(1, 4), 60);
    const std::string text = text_report(report("infinities", exponents), 6);
    CHECK(value_of(text, "mu") == "-inf");
    CHECK(value_of(text, "lambda") == "[-inf, inf]");
    CHECK(exact(value_of(text, "Lambda_2")) == Rational(1, 4));
    CHECK_THAT(line_of(text, "mu"), Contains(" stable"));
    CHECK_THAT(line_of(text, "lambda"), Contains(" undecided"));
}

TEST_CASE("text: a general product has no verdict and no theorem", "[text]") {
    const std::string text = text_report(product_report(), 6);
    for (const char* part : {"stable", "undecided", "Theorem", "learning rate", " mu "}) CHECK_THAT(text, !Contains(part));
    CHECK_THAT(text, Contains("2 x 2"));
}

TEST_CASE("text: what a certificate holds and what it leaves out", "[text]") {
    Report r = report("certified");
    CHECK_THAT(text_report(r, 6), !Contains("checker"));
    r.certificate = CertificateNote{"here/c.json", {"lambda <= 1", "mu >= -2"}, {"something large"}, {"lambda, lower bound: weaker than what was proved by 0.1"}};
    const std::string text = text_report(r, 6);
    for (const char* part : {"here/c.json", "lambda <= 1", "mu >= -2", "something large", "2 claims"}) CHECK_THAT(text, Contains(part));
}

TEST_CASE("text: the hypotheses alone", "[text]") {
    const Report r = report("hypotheses");
    const std::string text = text_hypotheses(r.problem, *r.certification.hypotheses);
    const std::vector<std::string> lines = lines_of(text);
    REQUIRE(lines.size() == 3);
    CHECK_THAT(lines[0], Contains("assumed") && Contains("why there is a minimum"));
    CHECK_THAT(lines[1], Contains("H1") && Contains("proved") && Contains("a reason for H1"));
    CHECK_THAT(lines[2], Contains("H2") && Contains("assumed"));
    Problem proved = r.problem;
    proved.minimum.proved = true;
    CHECK_THAT(lines_of(text_hypotheses(proved, {}))[0], Contains(" proved ") && !Contains("assumed"));
}
