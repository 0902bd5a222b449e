// Small texts that ask for much: memory, time, stack. The answer is Refused or a claim that is not proved, soon.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "lyapcert/checker/checker.hpp"

using nlohmann::json;
namespace checker = lyapcert::checker;

namespace {

std::string times(const std::string& text, int n) {
    std::string result;
    for (int k = 0; k < n; ++k) result += text;
    return result;
}

// A certificate of a problem, without a family: the checker derives the problem first.
std::string about(const std::string& problem) {
    return json{{"format", "lyapcert certificate"}, {"version", 1}, {"problem", problem}, {"claims", json::array()}, {"family", {{"matrices", json::array()}, {"probabilities", json::array()}}}}.dump();
}

void refused(const std::string& certificate, const std::string& words) {
    try {
        checker::check(certificate);
        FAIL("accepted");
    } catch (const checker::Refused& error) {
        const std::string what = error.what();
        INFO(what);
        CHECK(what.find(words) != std::string::npos);
        CHECK(what.find('\n') == std::string::npos);
    }
}

const std::string training = "\n[training]\nlearning_rate = \"1/10\"\n";

// A valid certificate of [gram] matrix [[1]], rate 1/10: the family is the number 9/10.
json small(const json& claim) {
    return {{"format", "lyapcert certificate"},
            {"version", 1},
            {"problem", "[gram]\nmatrix = [[\"1\"]]" + training},
            {"claims", json::array({claim})},
            {"family", {{"matrices", json::array({json::array({json::array({"9/10"})})})}, {"probabilities", json::array({"1"})}}}};
}

bool proves(const json& certificate) { return checker::check(certificate.dump()).claims.at(0).proved; }

}  // namespace

TEST_CASE("bounds beyond all reason are not proved and do no harm") {
    // e^bound is a rational number of a gigabit, or no number at all.
    for (const char* bound : {"-7e8", "-1e8", "-1e18", "-123456789012", "-1e1000000"})
        for (const char* quantity : {"mu", "lambda"}) {
            INFO(quantity << " " << bound);
            CHECK(!proves(small({{"about", quantity}, {"side", "upper"}, {"bound", bound}, {"proof", {{"rule", "second moment"}, {"matrix", json::array({json::array({"1"})})}}}})));
        }
    CHECK(!proves(small({{"about", "lambda2"}, {"side", "lower"}, {"bound", "1e18"}, {"proof", {{"matrix", json::array({json::array({"1"})})}}}})));
    CHECK(!proves(small({{"about", "lambda"}, {"side", "upper"}, {"bound", "-1e999999"}, {"proof", {{"rule", "dimension 1"}}}})));
    CHECK(!proves(small({{"about", "lambda"}, {"side", "upper"}, {"bound", "-1e18"}, {"proof", {{"rule", "contraction"}}}})));
    CHECK(proves(small({{"about", "mu"}, {"side", "upper"}, {"bound", "-0.1"}})));
}

TEST_CASE("numbers beyond all reason are refused") {
    const auto rate = [](const std::string& text) { return about("[gram]\nmatrix = [[\"1\"]]\n[training]\nlearning_rate = \"" + text + "\"\n"); };
    refused(rate("1e1000001"), "too large");
    refused(rate("1e999999999"), "too large");
    refused(rate("1e9999999999"), "not a number");
    refused(rate(std::string(1000001, '7')), "longer than 1000000 characters");
    refused(rate("(1e999999)^100000"), "");
    refused(rate("2^(2^(2^(2^(2^2))))"), "");
    refused(rate(times("(1e99999/3)*", 500) + "1"), "");
    refused(rate("1e99999/3" + times(" + 1e-99999/7", 1900)), "");
    refused(rate(times("(", 100000)), "");
    refused(rate(times("-", 100000)), "");
    refused(rate(times("sqrt(", 10000)), "");
    refused(rate("1\n2\n3"), "");
}

TEST_CASE("functions at huge and tiny arguments") {
    for (const char* function : {"exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "sigmoid", "softplus"})
        for (const char* argument : {"exp(1e15)", "-exp(1e15)", "exp(-1e15)", "exp(1e17)", "exp(-1e17)", "exp(1e300)", "exp(-1e300)", "1e99999", "1e-99999", "1-1e-20000", "exp(exp(exp(exp(7))))"}) {
            const std::string text = std::string(function) + "(" + argument + ")";
            INFO(text);
            try {
                checker::check(about("[gram]\nmatrix = [[\"1\"]]\n[training]\nlearning_rate = \"" + text + "\"\n"));
            } catch (const checker::Refused&) {
            }
        }
}

TEST_CASE("sizes beyond all reason are refused") {
    const std::string one = "[\"1\"]";
    refused(about("[gradients]\nrows = [" + one + times(", " + one, 100000) + "]" + training), "too many data points");
    refused(about("[product]\nmatrices = [[[\"1\"]]" + times(", [[\"1\"]]", 30000) + "]\n"), "too many matrices");
    std::string names;
    for (int k = 0; k < 20000; ++k) names += "\"a" + std::to_string(k) + "\", ";
    refused(about("[model]\nparameters = [" + names + "]\ninputs = [\"y\"]\noutput = \"a0*y\"\n[data]\ninputs = [[\"1\"]]\ntargets = \"model\"\n[minimum]\nvalues = { a0 = 1 }" + training),
            "too many parameters");
    json certificate = small({{"about", "mu"}, {"side", "upper"}, {"bound", "-0.1"}});
    certificate["basis"] = std::vector<std::size_t>(1000000, 0);
    refused(certificate.dump(), "basis");
    certificate["basis"] = json::array({-1});
    refused(certificate.dump(), "basis");
}

TEST_CASE("nesting beyond all reason is refused") {
    const std::string key = "a" + times(".a", 300000);
    refused(about(key + " = 1\n"), "too many parts");
    refused(about("[" + key + "]\n"), "too many parts");
    refused(about("a = {" + key + " = 1}\n"), "too many parts");
    refused(about("\"a\"" + times(".'a'", 300000) + " = 1\n"), "too many parts");
    refused(about("a = \"\"\"\"x\"\"\"\"\n" + key + " = 1\n"), "too many parts");
    refused(about("a = '''\\'''\n" + key + " = 1\n"), "too many parts");
    refused(about("a = '\\' # \"\n" + key + " = 1\n"), "too many parts");
    refused(about("a = \"\\\\\" # '\n" + key + " = 1\n"), "too many parts");
    refused(about("a = " + times("[", 100000)), "");
    refused(about("a = " + times("{a=", 100000)), "");
    // Dots in strings and comments are no keys.
    refused(about("title = \"" + times(".", 100) + "\" # " + times(".", 100) + "\n"), "exactly one of");
    refused(times("{\"a\":", 100000), "nested too deeply");
}

TEST_CASE("letters of other alphabets where a key should be are refused") {
    for (const char* text : {"\xc3\xa9 = 1", "\xef\xbb\xb7", "a\xc3\xa9 = 1", "a = \xc3\xa9", "a = 1 \xcf\x80", "[\xc3\xa9]", "a = [1\xc3\xa9]", "a = 1\xd4\xb0"}) refused(about(text), "not TOML");
    refused(about("title = \"\"\"\\\n \xc3\xa9\"\"\""), "exactly one of");
}

TEST_CASE("words and families that multiply up are cut short") {
    json certificate = small({{"about", "lambda"}, {"side", "upper"}, {"bound", "-inf"}, {"proof", {{"rule", "word"}, {"word", std::vector<int>(100000, 0)}}}});
    certificate["problem"] = "[product]\nmatrices = [[[\"12345678901234567890/7\"]]]\n";
    certificate["family"]["matrices"] = json::array({json::array({json::array({"12345678901234567890/7"})})});
    CHECK(!proves(certificate));
}
