// Every kind of bad input has one line that names the place and what was expected.
#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "lyapcert/problem/problem.hpp"
#include "lyapcert/problem/train.hpp"

using namespace lyapcert;

namespace {

// Line numbers count from 1.
const std::vector<std::string> valid_model = {
    "title = 'x'",                      // 1
    "[model]",                          // 2
    "parameters = ['a', 'b']",          // 3
    "inputs = ['y']",                   // 4
    "output = 'a*b*y'",                 // 5
    "[data]",                           // 6
    "inputs = [['1']]",                 // 7
    "targets = ['1']",                  // 8
    "[minimum]",                        // 9
    "values = { a = '2', b = '1/2' }",  // 10
    "kind = 'exact'",                   // 11
    "[training]",                       // 12
    "learning_rate = '1/5'",            // 13
    "batch_size = 1",                   // 14
    "initialisation = 'gaussian'",      // 15
};

std::string with_line(std::size_t number, const std::string& replacement) {
    std::string text;
    for (std::size_t k = 1; k <= valid_model.size(); ++k) text += (k == number ? replacement : valid_model[k - 1]) + "\n";
    return text;
}

std::string message(const std::string& text) {
    try {
        parse_problem(text, "file.toml");
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

// `place` is what follows "file.toml".
void refused(const std::string& text, const std::string& place, const std::vector<std::string>& words) {
    const std::string m = message(text);
    CAPTURE(text, m);
    CHECK(m.rfind("file.toml" + place + ": ", 0) == 0);
    CHECK(m.find('\n') == std::string::npos);
    for (const std::string& word : words) {
        CAPTURE(word);
        CHECK(m.find(word) != std::string::npos);
    }
}

std::string gram(const std::string& matrix, const std::string& rate = "'1/5'") {
    return "[gram]\nmatrix = " + matrix + "\n[training]\nlearning_rate = " + rate + "\n";
}
std::string gradients(const std::string& rows) { return "[gradients]\nrows = " + rows + "\n[training]\nlearning_rate = '1/5'\n"; }
std::string product(const std::string& matrices, const std::string& probabilities = "") {
    return "[product]\nmatrices = " + matrices + "\n" + (probabilities.empty() ? "" : "probabilities = " + probabilities + "\n");
}

}  // namespace

TEST_CASE("the file that the cases below spoil is accepted") { CHECK(message(with_line(0, "")) == "accepted"); }

TEST_CASE("bad model files name the line and what was expected") {
    const struct {
        std::size_t line;
        std::string replacement;
        std::vector<std::string> words;
    } cases[] = {
        {1, "titel = 'x'", {"unknown key 'titel'", "did you mean 'title'"}},
        {1, "title = 3", {"title", "an integer", "a string"}},
        {1, "xyzzyx = 3", {"unknown key 'xyzzyx'", "expected one of"}},
        {3, "parameters = []", {"model.parameters", "empty"}},
        {3, "parameters = 'a'", {"model.parameters", "a string", "array"}},
        {3, "parameters = ['a', 'a']", {"model.parameters[1]", "twice"}},
        {3, "parameters = ['a', 'exp']", {"model.parameters[1]", "'exp'", "function"}},
        {3, "parameters = ['a', 'pi']", {"'pi'"}},
        {3, "parameters = ['a', 'relu']", {"'relu'"}},
        {3, "parameters = ['a', '2b']", {"'2b'", "not a name"}},
        {3, "parameters = ['a', 'b c']", {"not a name"}},
        {3, "parameters = ['a', 3]", {"model.parameters[1]", "an integer"}},
        {3, "paramaters = ['a', 'b']", {"'paramaters'", "[model]", "did you mean 'parameters'"}},
        {4, "inputs = []", {"model.inputs", "empty"}},
        {4, "inputs = ['a']", {"model.inputs[0]", "twice"}},
        {5, "output = 'a*b*'", {"model.output", "column 5", "expected a number, a name or '('"}},
        {5, "output = 'a*c*y'", {"model.output", "column 3", "unknown name 'c'"}},
        {5, "output = 'relu(a*b*y)'", {"relu is not supported"}},
        {5, "output = 'a*abs(b)*y'", {"column 3", "abs is not supported"}},
        {5, "output = 5.0", {"model.output", "bare float"}},
        {5, "output = 'log(-a)*b*y'", {"at x* and data point 1", "log", "must be positive", "-2"}},
        {5, "output = 'sqrt(a-2)+b'", {"not differentiable", "sqrt"}},
        {5, "output = 'b/(a-2)*y'", {"division by zero"}},
        {5, "output = 'sqrt(a-3)^2+b'", {"not a real number", "sqrt"}},
        {5, "output = 'a*(b-1/2)^(y/2)'", {"base of a non-integer power", "positive"}},
        {5, "output = 'y^2*a*(b-1)^b'", {"base of a non-integer power", "-1/2"}},
        {5, "output = 'a*b*y^0 - 2^(10^9)'", {"column 12", "exponent is too large"}},
        {5, "output = '(a+b)^(10^9)'", {"exponent is too large"}},
        {5, "output = 'y^2'", {"all gradients vanish"}},
        {7, "inputs = []", {"data.inputs", "empty"}},
        {7, "inputs = ['1']", {"data.inputs[0]", "a string"}},
        {7, "inputs = [[]]", {"data.inputs[0]", "empty"}},
        {7, "inputs = [['1', '2']]", {"data.inputs[0]", "2 numbers", "expected 1 number"}},
        {7, "inputs = [[0.5]]", {"data.inputs[0][0]", "bare float", "\"0.1\""}},
        {7, "inputs = [['0..5']]", {"data.inputs[0][0]", "not a number"}},
        {7, "inputs = [['a']]", {"data.inputs[0][0]", "unknown name 'a'"}},
        {7, "inputs = [[true]]", {"data.inputs[0][0]", "a boolean"}},
        {7, "inputs = [['sqrt(-1)']]", {"data.inputs[0][0]", "not a real number"}},
        {7, "inputs = [['log(-1)']]", {"data.inputs[0][0]", "not a real number"}},
        {7, "inputs = [['1/0']]", {"data.inputs[0][0]", "division by zero"}},
        {8, "targets = 'teacher'", {"data.targets", "\"model\""}},
        {8, "targets = ['1', '2']", {"data.targets", "2 numbers", "expected 1"}},
        {8, "targets = ['1.0000001']", {"data.targets[0]", "not a minimum", "data point 1", "-1/10000000"}},
        {8, "targets = ['tanh(3)']", {"data.targets[0]", "not a minimum", "in [0.0049"}},
        {8, "targets = [1.0]", {"data.targets[0]", "bare float"}},
        {8, "targets = 1", {"data.targets", "an integer"}},
        {10, "values = { a = '2' }", {"minimum.values", "'b' has no value"}},
        {10, "values = { a = '2', b = '1/2', c = '1' }", {"unknown key 'c'", "[minimum.values]"}},
        {10, "values = { a = '2', b = 0.5 }", {"minimum.values.b", "bare float"}},
        {10, "values = ['2', '1/2']", {"minimum.values", "an array", "a table"}},
        {11, "kind = 'exakt'", {"minimum.kind", "exakt", "\"exact\""}},
        {13, "learning_rate = 0.2", {"training.learning_rate", "bare float"}},
        {13, "learning_rate = '0'", {"training.learning_rate", "positive"}},
        {13, "learning_rate = '-1/5'", {"training.learning_rate", "is -1/5", "positive"}},
        {13, "learning_rate = 'sqrt(2)*sqrt(3)-sqrt(6)'", {"positive"}},
        {13, "learning_rate = 'sin(2)-2*sin(1)*cos(1)'", {"cannot be decided", "positive"}},
        {13, "learning_rate = ['0.2', '0.1']", {"lower end is above"}},
        {13, "learning_rate = ['0', '0.1']", {"training.learning_rate[0]", "positive"}},
        {13, "learning_rate = ['0.1']", {"1 entry", "two numbers"}},
        {13, "learning_rate = ['0.1', '0.2', '0.3']", {"3 entries"}},
        {13, "learning_rate = []", {"empty"}},
        {13, "learning_rate = true", {"a boolean"}},
        {13, "learning_rate = nan", {"bare float"}},
        {13, "lerning_rate = '1/5'", {"'lerning_rate'", "did you mean 'learning_rate'"}},
        {14, "batch_size = 0", {"training.batch_size", "from 1 to 1"}},
        {14, "batch_size = 2", {"training.batch_size", "is 2", "from 1 to 1"}},
        {14, "batch_size = -1", {"from 1 to 1"}},
        {14, "batch_size = '1'", {"a string", "an integer"}},
        {14, "batch_size = 1.5", {"a float", "an integer"}},
        {15, "initialisation = ''", {"empty"}},
        {15, "initialisation = 3", {"an integer"}},
        {15, "learning_rate = '1/5'", {"not valid TOML"}},
        {2, "[modle]", {"unknown key 'modle'", "did you mean 'model'"}},
        {2, "[[model]]", {"model", "an array"}},
    };
    for (const auto& c : cases) refused(with_line(c.line, c.replacement), ":" + std::to_string(c.line), c.words);
}

TEST_CASE("missing keys are reported where their table begins") {
    refused(with_line(3, ""), ":2", {"model", "'parameters' is missing"});
    refused(with_line(4, ""), ":2", {"model", "'inputs' is missing"});
    refused(with_line(5, ""), ":2", {"model", "'output' is missing"});
    refused(with_line(7, ""), ":6", {"data", "'inputs' is missing"});
    refused(with_line(8, ""), ":6", {"data", "'targets' is missing"});
    refused(with_line(10, ""), ":9", {"minimum", "'values' is missing"});
    refused(with_line(13, ""), ":12", {"training", "'learning_rate' is missing"});
    CHECK(message(with_line(11, "")) == "accepted");
    CHECK(message(with_line(14, "")) == "accepted");
    CHECK(message(with_line(15, "")) == "accepted");
}

TEST_CASE("text that is not TOML") {
    CHECK(message(with_line(8, "targets = ['1'")).find("file.toml:9: not valid TOML") == 0);
    CHECK(message("x = \"\xFF\xFE\"\n").find("file.toml:1: not valid TOML") == 0);
    CHECK(message(std::string("\0\0\0", 3)).find("file.toml:1: not valid TOML") == 0);
}

TEST_CASE("a parameter without a value, fewer parameters than data points") {
    refused(with_line(3, "parameters = ['a', 'b', 'c']"), ":10", {"'c' has no value"});
    std::string text = with_line(8, "targets = 'model'");
    text.replace(text.find("[['1']]"), 7, "[['1'], ['2'], ['3']]");
    CHECK(message(text) == "accepted");
    // A minimum that is only approximate cannot be proved to exist then.
    text = with_line(11, "kind = 'near'");
    text.replace(text.find("[['1']]"), 7, "[['1'], ['2'], ['3']]");
    text.replace(text.find("targets = ['1']"), 15, "targets = ['1', '2', '3']");
    refused(text, ":10", {"minimum.values", "fewer parameters than data points (2 < 3)", "no minimum near it can be proved to exist; expected exact values"});
    refused("[network]\nlayers = [1, 1]\nactivation = 'tanh'\nbias = false\n[data]\ninputs = [['1'], ['2']]\ntargets = ['1/2', '1']\n[minimum]\nweights = [[[0.5000001]]]\n"
            "[training]\nlearning_rate = '1/5'\n",
            ":9", {"minimum.weights", "fewer parameters than data points (1 < 2)", "expected exact weights"});
}

TEST_CASE("tables: exactly one kind, none that means nothing") {
    refused("", "", {"expected exactly one of"});
    refused("title = 'x'\n", "", {"expected exactly one of"});
    refused(gram("[['1']]") + "[gradients]\nrows = [['1']]\n", ":1", {"exactly one of"});
    refused(with_line(0, "") + "[gram]\nmatrix = [['1']]\n", ":16", {"gram", "[model] already"});
    refused(gram("[['1']]") + "[data]\ninputs = [['1']]\n", ":5", {"[data] has no meaning beside [gram]"});
    refused(gram("[['1']]") + "[minimum]\nkind = 'exact'\n", ":5", {"[minimum] has no meaning beside [gram]"});
    refused(product("[[['1']]]") + "[training]\nlearning_rate = '1'\n", ":3", {"[training] has no meaning beside [product]"});
    refused("[network]\nlayers = [1, 6, 1]\n", ":1", {"network", "'activation' is missing"});
    refused("[network]\nlayers = [1, 6, 1]\nactivation = 'tanh'\n[data]\ninputs = [['1']]\ntargets = ['1']\n", ":1", {"no [minimum] yet", "lyapcert train"});
    refused("[network]\nlayers = [1]\n[gram]\nmatrix = [['1']]\n", ":3", {"has [network] already"});
    refused("[gram]\nmatrix = [['1']]\n", "", {"[training] is missing"});
    refused("gram = 3\n[training]\nlearning_rate = '1'\n", ":1", {"gram", "an integer", "a table"});
    refused(with_line(6, "[dta]"), ":6", {"unknown key 'dta'", "'data'"});
}

TEST_CASE("bad Gram matrices") {
    refused(gram("[['1', '0']]"), ":2", {"gram.matrix", "1 x 2", "square"});
    refused(gram("[['1', '0'], ['0']]"), ":2", {"gram.matrix[1]", "1 entry", "expected 2"});
    refused(gram("[['1', '2'], ['3', '9']]"), ":2", {"gram.matrix[1][0]", "symmetric"});
    refused(gram("[['2', 'sqrt(2)'],\n['sqrt(3)', '2']]"), ":3", {"gram.matrix[1][0]", "symmetric"});
    refused(gram("[['9', 'sin(2)'], ['2*sin(1)*cos(1)', '9']]"), ":2", {"cannot be proved equal", "symmetric"});
    refused(gram("[['-1', '0'], ['0', '1']]"), ":2", {"gram.matrix[0][0]", "negative"});
    refused(gram("[['1', '2'], ['2', '1']]"), ":2", {"gram.matrix[1][0]", "semidefinite"});
    refused(gram("[['1', '1+exp(-20)'], ['1+exp(-20)', '1']]"), ":2", {"gram.matrix[1][0]", "semidefinite"});
    refused(gram("[['0', '1/1000000'], ['1/1000000', '1']]"), ":2", {"semidefinite"});
    // Every 2 x 2 minor is positive; the determinant is not.
    refused(gram("[[10, -9, -9], [-9, 10, -9], [-9, -9, 10]]"), ":2", {"gram.matrix", "not positive semidefinite"});
    // Too large for exact elimination: 1 on the diagonal and c elsewhere has the eigenvalue 1 + (n - 1) c.
    const auto equal_correlations = [](int n, const std::string& c) {
        std::string rows;
        for (int i = 0; i < n; ++i) {
            rows += i == 0 ? "[" : ", [";
            for (int j = 0; j < n; ++j) rows += (j == 0 ? "'" : ", '") + (i == j ? std::string("1") : c) + "'";
            rows += "]";
        }
        return gram("[" + rows + "]");
    };
    for (const int n : {110, 170}) {
        refused(equal_correlations(n, "-1/" + std::to_string(n - 2)), ":2", {"gram.matrix", "semidefinite"});
        CHECK(message(equal_correlations(n, "-1/" + std::to_string(n - 1))) == "accepted");
        CHECK(message(equal_correlations(n, "-1/" + std::to_string(n))) == "accepted");
        CHECK(message(equal_correlations(n, "1")) == "accepted");
    }
    refused(equal_correlations(170, "-1/168-exp(-50)"), ":2", {"gram.matrix", "semidefinite"});
    refused(gram("[['0', '0'], ['0', '0']]"), ":2", {"all gradients vanish"});
    refused(gram("[]"), ":2", {"empty"});
    refused(gram("[['1']]", "'1/0'"), ":4", {"division by zero"});
    refused(gram("[['1', '0'], ['0', '1']]") + "batch_size = 3\n", ":5", {"from 1 to 2"});
    refused("[gram]\nmatrx = [['1']]\n", ":2", {"did you mean 'matrix'"});
    CHECK(message(gram("[[1, 1], [1, 1]]")) == "accepted");
    CHECK(message(gram("[['3', 'sqrt(6)'], ['sqrt(2)*sqrt(3)', '2']]")) == "accepted");
}

TEST_CASE("bad gradients") {
    refused(gradients("[['0', '0'], ['0', 'sqrt(2)-sqrt(2)']]"), ":2", {"all gradients vanish"});
    refused(gradients("[['1', '2'], ['1']]"), ":2", {"gradients.rows[1]"});
    refused(gradients("[['1', 0.25]]"), ":2", {"gradients.rows[0][1]", "bare float"});
    refused(gradients("[['1', 'acosh(1/2)']]"), ":2", {"gradients.rows[0][1]", "acosh", "at least 1"});
}

TEST_CASE("bad products") {
    refused(product("[[['1', '2']]]"), ":2", {"product.matrices[0]", "1 x 2", "square"});
    refused(product("[[['1']], [['1', '0'], ['0', '1']]]"), ":2", {"product.matrices[1]", "2 x 2", "expected 1 x 1"});
    refused(product("[[['1']]]", "['1/2', '1/2']"), ":3", {"2 numbers", "expected 1"});
    refused(product("[[['1']], [['2']]]", "['1/2', '1/3']"), ":3", {"sum 5/6", "exactly 1"});
    refused(product("[[['1']], [['2']]]", "['3/2', '-1/2']"), ":3", {"product.probabilities[1]", "positive"});
    refused(product("[[['1']], [['2']]]", "['1', '0']"), ":3", {"product.probabilities[1]", "positive"});
    refused(product("[[['1']], [['2']]]", "['sqrt(1/2)', '1-sqrt(1/2)']"), ":3", {"product.probabilities[0]", "rational"});
    refused(product("[]"), ":2", {"empty"});
    refused(product("[[['x']]]"), ":2", {"product.matrices[0][0][0]", "unknown name 'x'"});
}

TEST_CASE("files that cannot be read") {
    const auto message_of = [](const std::string& path) -> std::string {
        try {
            read_problem(path);
        } catch (const InputError& error) {
            return error.what();
        }
        return "accepted";
    };
    CHECK(message_of("/nonexistent/problem.toml").find("/nonexistent/problem.toml: cannot be opened") == 0);
    CHECK(message_of("/").find("/: is a directory") == 0);
    CHECK(message_of("/dev/zero").find("larger than 64 MiB") != std::string::npos);
    CHECK(message_of("/dev/null").find("expected exactly one of") != std::string::npos);
    CHECK(message_of("no\nsuch\nfile").find('\n') == std::string::npos);

    const std::string path = "problem_bad_input_test.toml";
    std::ofstream(path) << with_line(13, "learning_rate = 0.2");
    CHECK(message_of(path).find(path + ":13: ") == 0);
    std::ofstream(path) << with_line(0, "");
    CHECK(message_of(path) == "accepted");
    CHECK(read_problem(path).text == with_line(0, ""));
    std::remove(path.c_str());
}

TEST_CASE("deep nesting and long formulas end in a message") {
    refused(with_line(5, "output = '" + std::string(100000, '(') + "'"), ":5", {"nested too deeply"});
    refused(with_line(5, "output = '" + std::string(100000, '-') + "a'"), ":5", {"nested too deeply"});
    std::string tower = "a";
    for (int k = 0; k < 20000; ++k) tower += "^2";
    refused(with_line(5, "output = '" + tower + "'"), ":5", {});
    std::string calls;
    for (int k = 0; k < 20000; ++k) calls += "sin(";
    refused(with_line(5, "output = '" + calls + "'"), ":5", {"nested too deeply"});
    std::string sum = "a*b*y";
    for (int k = 0; k < 20000; ++k) sum += " + a - a";
    CHECK(message(with_line(5, "output = '" + sum + "'")) == "accepted");
    CHECK(message("x = " + std::string(100000, '[')).find("file.toml:1: not valid TOML") == 0);
}

TEST_CASE("equal inputs with different targets are named, in models and networks alike") {
    const std::string words = "data point 4 has the inputs of data point 3 but another target";
    const std::string data = "[data]\ninputs = [['-1'], ['1/4'], ['1'], ['1.0']]\ntargets = ['0.5', '-0.3', '0.8', '0.9']\n";
    const std::string training = "[training]\nlearning_rate = '1/5'\n";
    const std::string model = "[model]\nparameters = ['a', 'b', 'c', 'd']\ninputs = ['y']\noutput = 'a + b*y + c*y^2 + d*y^3'\n";
    for (const char* kind : {"exact", "near"})
        refused(model + data + "[minimum]\nkind = '" + kind + "'\nvalues = { a = 0, b = 0, c = 0, d = 0 }\n" + training, ":7", {"data.targets[3]", words, "expected equal targets, or distinct inputs"});
    const std::string network = "[network]\nlayers = [1, 2, 1]\nactivation = 'tanh'\n";
    refused(network + data + "[minimum]\nweights = [[[1], [2]], [0, 1], [[1, 1]], [0]]\n" + training, ":6", {"data.targets[3]", words});
    // Irrational targets too.
    refused(model + "[data]\ninputs = [['sqrt(2)'], ['sqrt(2)']]\ntargets = ['sqrt(2)', 'sqrt(3)']\n[minimum]\nvalues = { a = 0, b = 1, c = 0, d = 0 }\n" + training, ":7",
            {"data point 2 has the inputs of data point 1 but another target"});
    // Equal targets: trained, and proved.
    const Trained trained = train("[network]\nlayers = [1, 6, 1]\nactivation = 'tanh'\n[data]\ninputs = [['-1'], ['1/4'], ['1'], ['1.0']]\ntargets = ['0.5', '-0.3', '0.8', '0.8']\n" + training,
                                  "file.toml", {});
    CHECK(trained.in_general_position);
    CHECK(parse_problem(trained.text, "file.toml").minimum.proved);
    // A network that is only to be trained has nothing to fit either.
    try {
        train(network + data + training, "file.toml", {});
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(std::string(error.what()).find(words) != std::string::npos);
    }
}

TEST_CASE("numbers beyond the exponent range") {
    const std::string words = "is too large for the exponent range";
    const std::string training = "[training]\nlearning_rate = '1/5'\n";
    for (const char* number : {"exp(exp(exp(10)))", "-exp(exp(30))", "2^exp(exp(10))", "sinh(exp(exp(10)))", "exp(exp(exp(10)))*exp(-exp(exp(10)))"}) {
        refused("[gram]\nmatrix = [['" + std::string(number) + "']]\n" + training, ":2", {"gram.matrix[0][0]", words});
        refused("[gradients]\nrows = [['1', '" + std::string(number) + "']]\n" + training, ":2", {"gradients.rows[0][1]", words});
        refused("[product]\nmatrices = [[['" + std::string(number) + "']]]\n", ":2", {words});
        refused("[gram]\nmatrix = [[1]]\n[training]\nlearning_rate = '" + std::string(number) + "'\n", ":4", {"training.learning_rate", words});
        refused(with_line(10, "values = { a = '" + std::string(number) + "', b = '1/2' }"), ":10", {"minimum.values.a", words});
    }
    refused(with_line(5, "output = 'a*b*y*exp(exp(exp(exp(a))))'"), ":5", {words});
    // What is large on the way alone does no harm.
    CHECK(message("[gram]\nmatrix = [['tanh(exp(exp(exp(10)))) + 1/exp(exp(exp(10)))']]\n" + training) == "accepted");
    CHECK(message("[gram]\nmatrix = [['exp(exp(19))']]\n" + training) == "accepted");
}
