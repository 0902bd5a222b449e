// Small files that ask for much: memory, time, stack. The answer is an InputError with its place, soon.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "lyapcert/problem/problem.hpp"

using namespace lyapcert;

namespace {

std::string times(const std::string& text, int n) {
    std::string result;
    for (int k = 0; k < n; ++k) result += text;
    return result;
}

void refused(const std::string& text, const std::string& place, const std::string& words) {
    try {
        parse_problem(text, "file.toml");
        FAIL("accepted");
    } catch (const InputError& error) {
        const std::string what = error.what();
        INFO(what);
        CHECK(what.rfind("file.toml" + place + ": ", 0) == 0);
        CHECK(what.find(words) != std::string::npos);
        CHECK(what.find('\n') == std::string::npos);
        CHECK(what.size() < 2000);
    }
}

std::string rate(const std::string& text) { return "[gram]\nmatrix = [['1']]\n[training]\nlearning_rate = '" + text + "'\n"; }

}  // namespace

TEST_CASE("keys of many parts are refused before they exhaust the stack") {
    const std::string key = "a" + times(".a", 300000);
    refused(key + " = 1\n", ":1", "too many parts");
    refused("\n\n[" + key + "]\n", ":3", "too many parts");
    refused("a = {" + key + " = 1}\n", ":1", "too many parts");
    refused("\"a\"" + times(".'a'", 300000) + " = 1\n", ":1", "too many parts");
    refused("a = \"\"\"\"x\n\"\"\"\"\n" + key + " = 1\n", ":3", "too many parts");
    refused("a = '''\\'''\n" + key + " = 1\n", ":2", "too many parts");
    refused("a = '\\' # \"\n" + key + " = 1\n", ":2", "too many parts");
    refused("a = \"\\\\\" # '\n" + key + " = 1\n", ":2", "too many parts");
    // Dots in strings and comments are no keys.
    CHECK_NOTHROW(parse_problem("title = \"" + times(".", 100) + "\" # " + times(".", 100) + "\n" + rate("0.1"), "file.toml"));
    CHECK_NOTHROW(parse_problem("[gram]\nmatrix = [['1']]\n[training]\nlearning_rate = '" + times("0.01 + ", 99) + "0.1' # '\"\n", "file.toml"));
}

TEST_CASE("nesting beyond all reason is refused") {
    refused("a = " + times("[", 100000), ":1", "TOML");
    refused("a = " + times("{a=", 100000), ":1", "TOML");
    for (const std::string& open : {std::string("("), std::string("-"), std::string("sqrt("), std::string("2^")}) refused(rate(times(open, 100000) + "1"), ":4", "too deeply");
}

TEST_CASE("letters of other alphabets where a key should be are refused") {
    // toml++ 3.3 has undefined behaviour here; the sanitized build would see it.
    for (const char* text : {"\xc3\xa9 = 1", "\xef\xbb\xb7", "a\xc3\xa9 = 1", "a = \xc3\xa9", "a = 1 \xcf\x80", "[\xc3\xa9]", "a = [1\xc3\xa9]", "a = 1\xd4\xb0"}) refused(text, ":1", "TOML");
    CHECK_NOTHROW(parse_problem("title = \"\"\"\\\n \xc3\xa9\xcf\x80\"\"\" # \xc3\xa9\n" + rate("0.1"), "file.toml"));
}

TEST_CASE("sizes beyond all reason are refused") {
    std::string names;
    std::string values;
    std::string points;
    for (int k = 0; k < 3000; ++k) {
        names += "'a" + std::to_string(k) + "', ";
        values += (k > 0 ? ", a" : "a") + std::to_string(k) + " = 1";
        points += "['1'], ";
    }
    refused("[model]\nparameters = [" + names + "]\ninputs = ['y']\noutput = 'a0*y'\n[data]\ninputs = [" + points + "]\ntargets = 'model'\n[minimum]\nvalues = { " + values +
                " }\n[training]\nlearning_rate = '0.1'\n",
            "", "too many");
    for (const std::string& number : {std::string("1e100001"), std::string("1e999999999999999999999"), std::string("(1e99999)^100000"), std::string("2^(2^(2^(2^(2^2))))"), times("(1e99999/3)*", 500) + "1"})
        refused(rate(number), ":4", "");
}

TEST_CASE("functions at huge and tiny arguments") {
    for (const char* function : {"exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "sigmoid", "softplus"})
        for (const char* argument : {"exp(1e15)", "-exp(1e15)", "exp(-1e15)", "exp(1e300)", "exp(-1e300)", "1e99999", "1e-99999", "1-1e-20000", "exp(exp(exp(exp(7))))"}) {
            const std::string text = std::string(function) + "(" + argument + ")";
            INFO(text);
            try {
                parse_problem(rate(text), "file.toml");
            } catch (const InputError&) {
            }
        }
}
