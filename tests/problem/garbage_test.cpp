// Whatever the bytes are, the answer is a problem or an InputError.
#include <catch2/catch.hpp>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "lyapcert/problem/expression.hpp"
#include "lyapcert/problem/problem.hpp"

using namespace lyapcert;

namespace {

const std::vector<std::string> valid = {
    "title = \"t\"\n[model]\nparameters = [\"a\", \"b\"]\ninputs = [\"y\"]\noutput = \"a*tanh(b*y) + sqrt(2+a^2)/exp(b)\"\n[data]\ninputs "
    "= [[\"1\"], [\"0.5\"]]\n"
    "targets = \"model\"\n[minimum]\nvalues = { a = \"2\", b = \"atanh(1/2)\" }\nkind = \"exact\"\n[training]\nlearning_rate = [\"0.1\", "
    "\"1/5\"]\n"
    "batch_size = 1\ninitialisation = \"gaussian\"\n",
    "[gram]\nmatrix = [[\"5\", \"-4\"], [\"-4\", \"sqrt(25)\"]]\n[training]\nlearning_rate = \"1/tanh(1)^2\"\n",
    "[gradients]\nrows = [[\"1\", \"-2\", \"pi\"], [\"2\", \"-1\", \"0x1.8p-3\"]]\n[training]\nlearning_rate = 1\n",
    "[product]\nmatrices = [[[\"2\", \"1\"], [\"1\", \"1\"]], [[\"3\", \"1\"], [\"2\", \"1\"]]]\nprobabilities = [\"1/2\", \"1/2\"]\n",
};

// Counts what was accepted; anything but an InputError escapes and fails the test.
int attempt(const std::string& text) {
    try {
        parse_problem(text, "fuzz");
        return 1;
    } catch (const InputError& error) {
        const std::string message = error.what();
        if (message.find("fuzz") != 0 || message.find('\n') != std::string::npos) FAIL("not one line with its place: " << message);
        return 0;
    }
}

}  // namespace

TEST_CASE("random bytes") {
    std::mt19937_64 generator(1);
    const std::string alphabet = "[]{}=\"'\n\t ,.#-+_0123456789abcdefxyzp*/^()\\\xFF";
    int accepted = 0;
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        const std::size_t length = generator() % 200;
        for (std::size_t k = 0; k < length; ++k)
            text += round % 2 == 0 ? static_cast<char>(generator() % 256) : alphabet[generator() % alphabet.size()];
        accepted += attempt(text);
    }
    CHECK(accepted == 0);
}

TEST_CASE("mutated problem files") {
    std::mt19937_64 generator(2);
    int accepted = 0;
    constexpr int rounds = 4000;
    for (int round = 0; round < rounds; ++round) {
        std::string text = valid[generator() % valid.size()];
        const std::size_t mutations = generator() % 4;
        for (std::size_t m = 0; m < mutations; ++m) {
            const std::size_t place = generator() % text.size();
            switch (generator() % 5) {
                case 0: text[place] = static_cast<char>(generator() % 256); break;
                case 1: text.erase(place, generator() % 8 + 1); break;
                case 2: text.insert(place, 1, "0123456789()*/^.\"[],-"[generator() % 21]); break;
                case 3: {  // exchange a piece with one of another file
                    const std::string& other = valid[generator() % valid.size()];
                    text.replace(place, generator() % 20, other.substr(generator() % other.size(), generator() % 20));
                    break;
                }
                default: text.insert(place, text.substr(generator() % text.size(), generator() % 10)); break;
            }
            if (text.empty()) text = " ";
        }
        CAPTURE(text);
        accepted += attempt(text);
    }
    // Otherwise the mutations miss everything behind the TOML parser.
    CHECK(accepted > rounds / 20);
    CHECK(accepted < rounds);
}

TEST_CASE("random formulas") {
    std::mt19937_64 generator(3);
    const std::vector<std::string> tokens = {"a",    "b",  "y",      "1",    "0",    "2",   "1/3", "+",         "-",        "*",
                                             "/",    "^",  "**",     "(",    ")",    "(",   ")",   "sqrt",      "exp(",     "log(",
                                             "tanh", "pi", "atanh(", "sin(", "tan(", "1e9", "^2",  "softplus(", "sigmoid(", "0.5"};
    int accepted = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string formula;
        const std::size_t length = generator() % 10 + 1;
        for (std::size_t k = 0; k < length; ++k) formula += tokens[generator() % tokens.size()];
        CAPTURE(formula);
        accepted += attempt("[model]\nparameters = ['a', 'b']\ninputs = ['y']\noutput = \"" + formula +
                            "\"\n[data]\ninputs = [['1/2']]\ntargets = 'model'\n[minimum]\nvalues = { a = '2', b = '1/3' "
                            "}\n[training]\nlearning_rate = '1'\n");
    }
    CHECK(accepted > 20);
}

TEST_CASE("random formulas that are well formed") {
    std::mt19937_64 generator(4);
    const std::function<std::string(int)> formula = [&](int depth) -> std::string {
        static const char* const leaves[] = {"a", "b", "y", "1", "0", "2", "1/3", "pi", "-1", "sqrt(2)"};
        static const char* const functions[] = {"exp",  "log",  "sqrt", "sin",   "cos",   "tan",   "asin", "acos",    "atan",
                                                "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",  "sigmoid", "softplus"};
        if (depth == 0) return leaves[generator() % 10];
        switch (generator() % 6) {
            case 0: return "(" + formula(depth - 1) + "+" + formula(depth - 1) + ")";
            case 1: return "(" + formula(depth - 1) + "-" + formula(depth - 1) + ")";
            case 2: return formula(depth - 1) + "*" + formula(depth - 1);
            case 3: return "(" + formula(depth - 1) + ")/(" + formula(depth - 1) + ")";
            case 4: return "(" + formula(depth - 1) + ")^(" + formula(depth - 1) + ")";
            default: return std::string(functions[generator() % 18]) + "(" + formula(depth - 1) + ")";
        }
    };
    int accepted = 0;
    for (int round = 0; round < 1500; ++round) {
        const std::string f = formula(3);
        CAPTURE(f);
        const std::string text = "[model]\nparameters = ['a', 'b']\ninputs = ['y']\noutput = \"" + f +
                                 "\"\n[data]\ninputs = [['1/2']]\ntargets = 'model'\n[minimum]\nvalues = { a = '2', b = '1/3' "
                                 "}\n[training]\nlearning_rate = '1'\n";
        if (attempt(text) == 0) continue;
        ++accepted;
        const Problem p = parse_problem(text, "fuzz");
        CHECK(p.jacobian_invertible_somewhere(0).answer != Ternary::no);
        CHECK(p.gram(0, 0).is_positive() != Ternary::no);
    }
    CHECK(accepted > 100);
}
