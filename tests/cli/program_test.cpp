// The program as a user runs it: files in, standard output, standard error and exit status out.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lyapcert/numeric/decimal.hpp"

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
};

// A folder of its own, removed at the end.
class Workspace {
  public:
    Workspace() : path_(fs::temp_directory_path() / ("lyapcert-test-" + std::to_string(getpid()))) { fs::create_directories(path_); }
    ~Workspace() { fs::remove_all(path_); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }
    std::string at(const std::string& name) const { return (path_ / name).string(); }
    std::string read(const std::string& name) const {
        std::ifstream file(path_ / name);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    Outcome run(const std::string& arguments) const {
        const std::string command = std::string(LYAPCERT_PROGRAM) + " " + arguments + " >" + at("stdout") + " 2>" + at("stderr");
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("stdout"), read("stderr")};
    }

  private:
    fs::path path_;
};

const std::string training = "[training]\nlearning_rate = \"1/10\"\n";
const std::string good = "[gradients]\nrows = [[\"1\", \"-2\"], [\"2\", \"-1\"]]\n" + training;

void check_refused(const Outcome& outcome, const std::string& words) {
    INFO("stderr: " << outcome.err);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    CHECK(outcome.err.find(words) != std::string::npos);
}

bool contains(const json& endpoints, const char* decimal) {
    using lyapcert::Rational;
    const auto parse = [](const std::string& text) { return lyapcert::parse_rational(text); };
    const std::string lower = endpoints["lower"];
    const std::string upper = endpoints["upper"];
    return (lower == "-inf" || parse(lower) <= parse(decimal)) && parse(decimal) <= parse(upper);
}

}  // namespace

TEST_CASE("certify: text, JSON and exit status") {
    const Workspace workspace;
    const std::string file = workspace.write("good.toml", "title = \"two gradients\"\n" + good);
    const Outcome text = workspace.run("certify " + file);
    CHECK(text.status == 0);
    CHECK(text.err.empty());
    for (const char* word : {"two gradients", "mu", "lambda", "Lambda_2", "stable", "H1", "H2", "H3", "regular(i)", "regular(ii)", "Theorem A", "Theorem B"})
        CHECK(text.out.find(word) != std::string::npos);

    const Outcome out = workspace.run("certify --json --width 1e-9 " + file);
    CHECK(out.status == 0);
    const json object = json::parse(out.out);
    std::vector<std::string> keys;
    for (const auto& item : object.items()) keys.push_back(item.key());
    std::vector<std::string> expected = {"file", "title", "N", "mu", "lambda", "lambda2", "epoch", "gd", "sgd", "minimum", "hypotheses", "theorem", "statement", "hint", "method", "seconds", "certificate"};
    std::sort(expected.begin(), expected.end());
    CHECK(keys == expected);
    CHECK(object["N"] == 2);
    CHECK(object["title"] == "two gradients");
    CHECK(object["gd"] == "stable");
    CHECK(object["sgd"] == "stable");
    CHECK(object["minimum"]["kind"] == "given");
    CHECK(object["minimum"]["proved"] == false);
    CHECK(object["hypotheses"].size() == 5);
    CHECK(object["theorem"]["B"] == "assumes minimum, H1, H2 and H3");
    CHECK(contains(object["lambda"], "-0.05172574100723446755523374623898704"));

    const Outcome hopeless = workspace.run("certify --width 1e-30 --time 0.5 " + file);
    CHECK(hopeless.status == 1);
    CHECK(hopeless.out.find("best enclosure") != std::string::npos);
    CHECK(workspace.run("certify --sign " + file).status == 0);
    CHECK(workspace.run("certify --sign --time 0 " + file).status == 0);
}

TEST_CASE("exponents that doubles do not hold: report, exit status and certificate agree") {
    const Workspace w;
    const std::string certificate = w.at("tiny.cert");
    const auto stable = [&](const std::string& text, const char* lambda) {
        CAPTURE(text);
        const std::string file = w.write("tiny.toml", text);
        const Outcome made = w.run("certify --time 10 --json --certificate " + certificate + " " + file);
        INFO(made.out << made.err);
        CHECK(made.status == 0);
        const json object = json::parse(made.out);
        CHECK(object["sgd"] == "stable");
        CHECK(object["gd"] == "stable");
        if (lambda != nullptr) CHECK(contains(object["lambda"], lambda));
        const Outcome checked = w.run("check " + certificate);
        CHECK(checked.status == 0);
        CHECK(checked.out.find("accepted: x* is linearly stable under gradient descent and stable under") != std::string::npos);
        CHECK(w.run("certify --sign " + file).status == 0);
        CHECK(w.run("certify --width 1e-9 " + file).status == 0);
    };
    // log(1 - x) is about -x.
    for (const char* size : {"1e-325", "1e-330", "1e-402"})
        stable("[gram]\nmatrix = [[\"" + std::string(size) + "\"]]\n[training]\nlearning_rate = 1\n", ("-1.0000000000000000000001" + std::string(size).substr(1)).c_str());
    const std::string gram = "[gram]\nmatrix = [[5, -4], [-4, 5]]\n[training]\nlearning_rate = \"1e-400\"\n";
    stable(gram, nullptr);
    stable(gram + "batch_size = 2\n", "-5.0000000000000000000001e-401");
    stable("[gradients]\nrows = [[\"sqrt(2)\", 1], [1, \"sqrt(3)\"], [\"exp(1)/3\", \"-1/2\"]]\n[training]\nlearning_rate = \"1e-400\"\n", nullptr);
    // Smaller still: decided or not, the status says the same as the report, and at once.
    const Outcome open = w.run("certify --sign --json --time 100 " + w.write("open.toml", "[gram]\nmatrix = [[5, -4], [-4, 5]]\n[training]\nlearning_rate = \"1e-9000\"\n"));
    CHECK(open.status == (json::parse(open.out)["sgd"] == "undecided" ? 1 : 0));
}

TEST_CASE("the reference values lie in what the program prints") {
    const Workspace workspace;
    const auto lambda = [&](const std::string& name, const std::string& text, const std::string& options) {
        const Outcome outcome = workspace.run("certify --json " + options + " " + workspace.write(name, text));
        INFO(name << ": " << outcome.err);
        REQUIRE((outcome.status == 0 || outcome.status == 1));
        return json::parse(outcome.out)["lambda"];
    };
    CHECK(contains(lambda("1.toml", "[product]\nmatrices = [[[\"2\",\"1\"],[\"1\",\"1\"]],[[\"3\",\"1\"],[\"2\",\"1\"]]]\n", "--width 1e-12"),
                   "1.14331103510294924584325185365558829940"));
    CHECK(contains(lambda("2.toml", "[product]\nmatrices = [[[\"0\",\"1\"],[\"1\",\"1\"]],[[\"0\",\"1\"],[\"1\",\"-1\"]]]\n", "--width 1e-4"), "0.1239755988"));
    CHECK(contains(lambda("3.toml", good, "--width 1e-10"), "-0.05172574100723446755523374623898704"));
    CHECK(contains(lambda("4.toml", "[gradients]\nrows = [[\"1\",\"0\"],[\"3/5\",\"4/5\"]]\n[training]\nlearning_rate = \"1\"\n", "--digits 40"),
                   "-0.2554128118829953416027570481518309674390553"));
    const json five = lambda("5.toml", "[gradients]\nrows = [[\"1\",\"1\"],[\"7/5\",\"1/5\"]]\n[training]\nlearning_rate = \"1\"\n", "");
    CHECK(five["lower"] == "0");
    CHECK(five["upper"] == "0");
    CHECK(contains(lambda("6.toml", "[gradients]\nrows = [[\"1\",\"1\"],[\"1\",\"-1\"]]\n[training]\nlearning_rate = \"3/10\"\n", "--digits 40"),
                   "-0.4581453659370775325917636058840055357250506"));  // (1/2) log(2/5)
    CHECK(contains(lambda("7.toml", "[product]\nmatrices = [[[\"1/3\"]],[[\"2\"]]]\nprobabilities = [\"1/2\",\"1/2\"]\n", "--digits 40"),
                   "-0.2027325540540821909890065577321745682859952"));
    const json eight = lambda("8.toml", "[product]\nmatrices = [[[\"2\",\"0\"],[\"0\",\"1/2\"]],[[\"0\",\"-1\"],[\"1\",\"0\"]]]\nprobabilities = [\"9/10\",\"1/10\"]\n", "");
    CHECK(eight["lower"] == "0");
    CHECK(eight["upper"] == "0");
    CHECK(contains(lambda("9.toml", "[gradients]\nrows = [[\"2\",\"3/2\",\"3/2\"],[\"3/2\",\"2\",\"3/2\"],[\"3/2\",\"3/2\",\"2\"]]\n[training]\nlearning_rate = \"1\"\n",
                          "--width 0.1 --time 20"),
                   "1.99226095427579"));
    CHECK(contains(lambda("10.toml", "[product]\nmatrices = [[[\"1\",\"1\"],[\"0\",\"1\"]],[[\"1\",\"0\"],[\"1\",\"1\"]]]\n", "--width 1e-5"), "0.3962125642977445590956"));
}

TEST_CASE("bad input: one clear line with the place, exit status 2") {
    const Workspace w;
    const auto refused = [&](const std::string& text, const std::string& words) { check_refused(w.run("certify " + w.write("bad.toml", text)), words); };
    const std::string model = "[model]\nparameters = [\"a\", \"b\"]\ninputs = [\"y\"]\noutput = \"a*b*y\"\n[data]\ninputs = [[\"1\"]]\ntargets = [\"1\"]\n";
    refused("[gradients]\nrows = [[\"1\"]]\n[training]\nlearnig_rate = \"1/10\"\n", "bad.toml:4");
    refused("[gradients]\nrows = [[\"1\"]]\n[training]\nlearning_rate = 0.1\n", "quote");
    refused("[gradients]\nrows = [[\"1\", \"2\"], [\"1\"]]\n" + training, "bad.toml:2");
    refused(model + "[minimum]\nvalues = { a = \"2\", b = \"1\" }\n" + training, "minimum");
    refused(model + "[minimum]\nvalues = { a = \"2\" }\n" + training, "b");
    refused("[gradients]\nrows = [[\"1\"]]\n[training]\nlearning_rate = \"0\"\n", "learning_rate");
    refused("[gradients]\nrows = [[\"1\"]]\n[training]\nlearning_rate = \"-1/3\"\n", "learning_rate");
    refused("[gram]\nmatrix = [[\"1\", \"2\"], [\"3\", \"4\"]]\n" + training, "symmetric");
    refused("[gram]\nmatrix = [[\"1\", \"2\"], [\"2\", \"1\"]]\n" + training, "semidefinite");
    refused("[product]\nmatrices = [[[\"1\"]], [[\"2\"]]]\nprobabilities = [\"1/2\", \"1/3\"]\n", "sum");
    refused("[gradients\n", "bad.toml:1");
    refused("", "bad.toml");
    refused("[network]\nlayers = [1, 6, 1]\n", "network");
    check_refused(w.run("certify " + w.at("missing.toml")), "missing.toml");
    check_refused(w.run("certify " + w.at("")), "lyapcert");
    // Good files before a bad one: nothing is computed, nothing is printed.
    const std::string fine = w.write("good.toml", good);
    check_refused(w.run("certify " + fine + " " + w.at("missing.toml")), "missing.toml");
    check_refused(w.run("table " + fine + " " + w.at("missing.toml") + " --output " + w.at("table.md")), "missing.toml");
    CHECK_FALSE(fs::exists(w.at("table.md")));
}

TEST_CASE("threshold: partitions, formats and misuse") {
    const Workspace w;
    const std::string file = w.write("two.toml", "[gradients]\nrows = [[\"1\", \"2\", \"0\"], [\"2\", \"1\", \"1\"]]\n[training]\nlearning_rate = \"1\"\n");
    const Outcome outcome = w.run("threshold --json --time 5 --ratio 1.01 --certificate " + w.at("c.json") + " " + file);
    REQUIRE(outcome.status == 0);
    const json object = json::parse(outcome.out);
    for (const char* name : {"gd", "sgd", "mean_square"}) {
        const json& pieces = object[name];
        REQUIRE(!pieces.empty());
        CHECK(pieces.front()["lower"] == "0");
        CHECK(pieces.back()["upper"] == "inf");
        CHECK(pieces.front()["verdict"] == "stable");
        CHECK(pieces.back()["verdict"] == "unstable");
        for (std::size_t p = 0; p + 1 < pieces.size(); ++p) CHECK(pieces[p]["upper"] == pieces[p + 1]["lower"]);
    }
    CHECK(w.run("check " + w.at("c.json") + " --problem " + file).status == 0);
    CHECK(w.run("threshold --time 5 --ratio 1.01 " + file).out.find("stable for every learning rate in (0, ") != std::string::npos);
    CHECK(w.run("threshold --format csv --time 5 --ratio 1.01 --batch-sizes 1,2 " + file).out.rfind("file,batch_size,algorithm,lower,upper,verdict\n", 0) == 0);
    CHECK(w.run("threshold --time 0 " + file).status == 1);
    for (const char* options : {"--range 2:1", "--range=-1:2", "--range 1", "--range a:b", "--ratio 1", "--ratio 0.5", "--batch-sizes 3", "--batch-sizes 0", "--json --format csv"})
        check_refused(w.run("threshold " + file + " " + options), "lyapcert");
    check_refused(w.run("threshold " + file + " --batch-sizes 1,2 --certificate " + w.at("d.json")), "batch");
    check_refused(w.run("threshold " + w.write("product.toml", "[product]\nmatrices = [[[\"2\"]]]\n")), "product.toml");
    CHECK(!fs::exists(w.at("d.json")));
}

TEST_CASE("misuse: one line, exit status 2") {
    const Workspace w;
    const std::string fine = w.write("good.toml", good);
    for (const char* arguments : {"", "certify", "prove x", "--nonsense"}) check_refused(w.run(arguments), "lyapcert");
    for (const char* options : {"--width 0", "--width -1", "--width nan", "--width x", "--width 1e-3 --sign", "--time -1", "--threads 0", "--digits 0", "--format md"})
        check_refused(w.run("certify " + fine + " " + options), "lyapcert");
    check_refused(w.run("table " + fine + " --format xml"), "xml");
    CHECK(w.run("--help").status == 0);
    CHECK(w.run("--version").out.find("lyapcert") == 0);
}

TEST_CASE("hypotheses and tables") {
    const Workspace w;
    const std::string fine = w.write("good.toml", "title = \"a, \\\"quoted\\\" | title\"\n" + good);
    const std::string product = w.write("product.toml", "[product]\nmatrices = [[[\"1/3\"]], [[\"2\"]]]\n");
    const Outcome hypotheses = w.run("hypotheses " + fine + " " + product);
    CHECK(hypotheses.status == 0);
    for (const char* word : {"H1", "assumed", "regular(ii)", "proved", "Theorem A: assumes minimum, H1, H2 and H3", "no theorem is claimed"})
        CHECK(hypotheses.out.find(word) != std::string::npos);

    const Outcome csv = w.run("table --format csv " + fine + " " + product);
    CHECK(csv.status == 0);
    CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 3);
    CHECK(csv.out.find("\"a, \"\"quoted\"\" | title\"") != std::string::npos);
    const Outcome markdown = w.run("table " + fine + " " + product);
    CHECK(markdown.out.find("\\| title") != std::string::npos);
    std::istringstream lines(markdown.out);
    for (std::string line; std::getline(lines, line);) {
        std::size_t bars = 0;
        for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
        CHECK(bars == 12);
    }
    const Outcome latex = w.run("table --format tex " + product);
    CHECK(latex.out.find("\\begin{tabular}") != std::string::npos);
    CHECK(json::parse(w.run("table --format json " + fine + " " + product).out).size() == 2);
    CHECK(w.run("table " + fine + " --output " + w.at("table.md")).out.empty());
    CHECK(w.read("table.md").find("| lambda |") != std::string::npos);
    CHECK(w.run("table " + fine + " --output /nonexistent/folder/table.md").status == 2);
}

TEST_CASE("a certificate says whether its data was compared with the files") {
    const Workspace w;
    w.write("gram.csv", "3,1\n1,1\n");
    const std::string problem = w.write("data.toml", "[gram]\nfile = \"gram.csv\"\n" + training);
    const std::string certificate = w.at("data.json");
    REQUIRE(w.run("certify --sign --certificate " + certificate + " " + problem).status != 2);
    const std::string note = "assumed    the data in the certificate is that of your files";
    const auto has_note = [&](const std::string& arguments) { return w.run("check " + arguments).out.find(note) != std::string::npos; };
    CHECK(has_note(certificate));
    CHECK_FALSE(has_note(certificate + " --problem " + problem));
    // Nothing to compare.
    const std::string inline_problem = w.write("inline.toml", "[gram]\nmatrix = [[3, 1], [1, 1]]\n" + training);
    REQUIRE(w.run("certify --sign --certificate " + w.at("inline.json") + " " + inline_problem).status != 2);
    CHECK_FALSE(has_note(w.at("inline.json")));
    w.write("gram.csv", "3,1\n1,1.5\n");
    CHECK(w.run("check " + certificate).status == 0);
    CHECK(w.run("check " + certificate + " --problem " + problem).status == 1);
}

TEST_CASE("safetensors files as gradients, Gram matrices and data: certified, and checked from what the certificate keeps") {
    const Workspace w;
    // 2 x 2 numbers 1, 0.5, 0.5, 1 in each type that holds them; one column 1, -1/2 and the targets 1, -1/2.
    const auto file = [&](const std::string& name, const std::string& type, const std::string& shape, const std::string& bytes) {
        const std::string header = "{\"x\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[0," + std::to_string(bytes.size()) + "]}}";
        const std::uint64_t size = header.size();
        w.write(name, std::string(reinterpret_cast<const char*>(&size), 8) + header + bytes);
    };
    const auto doubles = [](std::vector<double> x) { return std::string(reinterpret_cast<const char*>(x.data()), 8 * x.size()); };
    file("f64.safetensors", "F64", "2,2", doubles({1, 0.5, 0.5, 1}));
    file("bf16.safetensors", "BF16", "2,2", std::string("\x80\x3f\x00\x3f\x00\x3f\x80\x3f", 8));
    file("f16.safetensors", "F16", "2,2", std::string("\x00\x3c\x00\x38\x00\x38\x00\x3c", 8));
    file("i8.safetensors", "I8", "2,2", std::string("\x02\x01\x01\x02", 4));
    file("column.safetensors", "F64", "2", doubles({1, -0.5}));
    const auto certified = [&](const std::string& name, const std::string& text) {
        const std::string problem = w.write(name + ".toml", text);
        const Outcome outcome = w.run("certify --json --digits 20 " + problem + " --certificate " + w.at(name + ".json"));
        INFO(name << " " << outcome.err);
        REQUIRE(outcome.status == 0);
        CHECK(w.run("check " + w.at(name + ".json") + " --problem " + problem).status == 0);
        return json::parse(outcome.out)["mu"];
    };
    // mu: eigenvalues 3/2 and 1/2 of G, eta = 1, N = 2: log max(|1 - 3/4|, |1 - 1/4|) = log(3/4).
    const char* log_three_quarters = "-0.2876820724517809274392190059938274315";
    for (const char* type : {"f64", "f16", "bf16"})
        CHECK(contains(certified(type, std::string("[gram]\nfile = \"") + type + ".safetensors\"\n[training]\nlearning_rate = 1\n"), log_three_quarters));
    // Twice these numbers as integers, and half the rate.
    CHECK(contains(certified("i8", "[gram]\nfile = \"i8.safetensors\"\narray = \"x\"\n[training]\nlearning_rate = \"1/2\"\n"), log_three_quarters));
    // Gradients (1, 1/2), (1/2, 1): G = (5/4, 1; 1, 5/4), eigenvalues 9/4 and 1/4; eta = 1: log max(|1 - 9/8|, |1 - 1/8|) = log(7/8).
    CHECK(contains(certified("gradients", "[gradients]\nfile = \"f64.safetensors\"\n[training]\nlearning_rate = 1\n"), "-0.133531392624522623146343620931349974"));
    // F = a + b y at a = 0, b = 1: gradients (1, 1), (1, -1/2); G = (2, 1/2; 1/2, 5/4), eigenvalues (13 +- 5)/8, that is 9/4 and 1: log max(1/8, 1/2).
    CHECK(contains(certified("model", "[model]\nparameters = [\"a\", \"b\"]\ninputs = [\"y\"]\noutput = \"a + b*y\"\n[data]\ninputs = { file = \"column.safetensors\" }\n"
                                      "targets = { file = \"column.safetensors\" }\n[minimum]\nvalues = { a = 0, b = 1 }\n[training]\nlearning_rate = 1\n"),
                   "-0.693147180559945309417232121458176568"));
}

TEST_CASE("every problem in proofs/ shows what it claims") {
    const Workspace w;
    struct Claim {
        const char* name;
        const char* gd;
        const char* sgd;
    };
    for (const Claim& claim : {Claim{"factorisation-stable", "stable", "stable"}, Claim{"factorisation-unstable", "unstable", "unstable"},
                               Claim{"factorisation-threshold-below", "stable", "stable"}, Claim{"factorisation-threshold-above", "unstable", "unstable"},
                               Claim{"gd-stable-sgd-stable", "stable", "stable"}, Claim{"gd-stable-sgd-unstable", "stable", "unstable"},
                               Claim{"gd-unstable-sgd-stable", "unstable", "stable"}, Claim{"gd-unstable-sgd-unstable", "unstable", "unstable"},
                               Claim{"almost-surely-not-mean-square", "stable", "stable"}, Claim{"orthogonal", "stable", "stable"},
                               Claim{"norm-inverse-rate", "stable", "stable"}, Claim{"norm-twice-inverse-rate", "stable", "neutral"},
                               Claim{"tanh-network", "stable", "stable"},
                               Claim{"network-tanh-below", "stable", "stable"}, Claim{"network-tanh-above", "stable", "unstable"},
                               Claim{"network-deep-linear-below", "stable", "stable"}, Claim{"network-deep-linear-above", "stable", "unstable"},
                               Claim{"network-random-features-below", "stable", "stable"}, Claim{"network-random-features-above", "stable", "unstable"},
                               Claim{"matrix-factorisation-below", "stable", "stable"}, Claim{"matrix-factorisation-above", "stable", "unstable"},
                               Claim{"diagonal-network-below", "stable", "stable"}, Claim{"diagonal-network-above", "stable", "unstable"},
                               Claim{"iris-stable", "stable", "stable"}, Claim{"iris-gd-stable-sgd-unstable", "stable", "unstable"}}) {
        INFO(claim.name);
        const std::string folder = std::string(LYAPCERT_SOURCE_DIR) + "/proofs/" + claim.name;
        const Outcome outcome = w.run("certify --json --sign --time 20 " + folder + "/problem.toml");
        REQUIRE(outcome.status == 0);
        const json object = json::parse(outcome.out);
        CHECK(object["gd"] == claim.gd);
        CHECK(object["sgd"] == claim.sgd);
        CHECK(fs::file_size(folder + "/shows.txt") > 10);
        if (std::string(claim.name) == "almost-surely-not-mean-square") {
            CHECK(object["theorem"]["B"] == "applies");
            CHECK(object["lambda2"]["lower"].get<std::string>()[0] != '-');
        }
    }
}

TEST_CASE("from nothing to a theorem in two commands") {
    const Workspace w;
    const std::string problem = w.write("problem.toml",
                                        "[network]\nlayers = [1, 5, 1]\nactivation = \"tanh\"\n[data]\ninputs = [[\"1\"], [\"-1/2\"]]\ntargets = [\"0.3\", \"-0.4\"]\n"
                                        "[training]\nlearning_rate = \"1/4\"\ninitialisation = \"gaussian\"\n");
    CHECK(w.run("certify " + problem).status == 2);
    const Outcome trained = w.run("train " + problem + " --seed 5 --output " + w.at("trained.toml"));
    CHECK(trained.status == 0);
    CHECK(trained.out.empty());
    CHECK(w.run("train " + problem + " --seed 5").out == w.read("trained.toml"));
    const Outcome certified = w.run("certify --json --sign " + w.at("trained.toml"));
    CHECK(certified.status == 0);
    const json object = json::parse(certified.out);
    CHECK(object["minimum"]["kind"] == "near");
    CHECK(object["minimum"]["proved"] == true);
    CHECK(object["sgd"] == "stable");
    CHECK(w.run("train " + problem + " --steps 3").status == 1);
    const Outcome plain = w.run("train --sgd " + problem + " --output " + w.at("plain.toml"));
    CHECK(plain.status == 0);
    CHECK(plain.err.find("steps of SGD at learning rate 0.25") != std::string::npos);
    CHECK(w.run("train --gd " + problem).err.find("steps of gradient descent at learning rate 0.25") != std::string::npos);
    CHECK(w.run("train " + problem).err.find("of Gauss-Newton") != std::string::npos);
    CHECK(w.run("train " + problem + " --learning-rate 1000").err.find("diverged") != std::string::npos);
    const std::string help = w.run("train --help").out;
    for (const char* word : {"--sgd", "--gd", "which minimum they select", "Gram matrix", "Gauss-Newton"}) CHECK(help.find(word) != std::string::npos);
    CHECK(w.run("train " + problem + " --learning-rate 1000").status == 1);
    CHECK(w.run("train " + problem + " --learning-rate -1").status == 2);
    CHECK(w.run("train " + w.at("nowhere.toml")).status == 2);
    CHECK(w.run("train " + w.write("gram.toml", "[gram]\nmatrix = [[1]]\n[training]\nlearning_rate = 1\n")).status == 2);
}

TEST_CASE("exponents along a training run") {
    const Workspace w;
    const std::string problem = w.write("problem.toml",
                                        "title = \"a <run>\"\n[network]\nlayers = [1, 4, 1]\nactivation = \"tanh\"\n[data]\ninputs = [[\"1\"], [\"-1/2\"]]\ntargets = [\"0.3\", \"-0.4\"]\n"
                                        "[training]\nlearning_rate = \"1/10\"\n");
    CHECK(w.run("train " + problem + " --checkpoints " + w.at("run") + " --every 50 --steps 100 --output " + w.at("out.toml")).status <= 1);
    const std::string files = " " + w.at("run/step-000000000.json") + " " + w.at("run/step-000000050.json") + " " + w.at("run/step-000000100.json");
    const Outcome table = w.run("track " + problem + files + " --sign --picture " + w.at("run.svg"));
    CHECK(table.status == 0);
    CHECK(std::count(table.out.begin(), table.out.end(), '\n') == 5);
    const std::string svg = w.read("run.svg");
    CHECK(svg.find("a &lt;run&gt;") != std::string::npos);
    CHECK(svg.find("</svg>") != std::string::npos);
    const json list = json::parse(w.run("track " + problem + files + " --sign --format json").out);
    REQUIRE(list.size() == 3);
    CHECK(list[0]["sgd"] == "stable");
    CHECK(list[2]["loss"] < list[0]["loss"]);
    CHECK(w.run("track " + problem + files + " --sign --format csv").out.rfind("checkpoint,loss,mu_lower", 0) == 0);
    CHECK(w.run("track " + problem + " " + w.at("nowhere.npz")).status == 2);
    CHECK(w.run("track " + problem).status == 2);
}

TEST_CASE("a certificate is written, checked, and tied to its problem") {
    const Workspace w;
    const std::string problem = w.write("problem.toml", good);
    const std::string certificate = w.at("certificate.json");
    const Outcome made = w.run("certify " + problem + " --json --certificate " + certificate);
    CHECK(made.status == 0);
    CHECK(json::parse(made.out).at("certificate") == certificate);
    const Outcome checked = w.run("check " + certificate);
    CHECK(checked.status == 0);
    CHECK(checked.out.find("accepted: x* is linearly stable") != std::string::npos);
    CHECK(checked.out.find("NOT PROVED") == std::string::npos);
    CHECK(w.run("check " + certificate + " --problem " + problem).status == 0);
    const Outcome other = w.run("check " + certificate + " --problem " + w.write("other.toml", good + "# a comment\n"));
    CHECK(other.status == 1);
    CHECK(other.out.find("REFUSED: it is about another problem") != std::string::npos);
    // A tightened claim.
    json altered = json::parse(w.read("certificate.json"));
    for (json& claim : altered.at("claims"))
        if (claim.at("about") == "lambda" && claim.at("side") == "upper") claim["bound"] = "-1";
    const Outcome refused = w.run("check " + w.write("altered.json", altered.dump()) + " " + certificate);
    CHECK(refused.status == 1);
    CHECK(refused.out.find("NOT PROVED lambda <= -1") != std::string::npos);
    CHECK(refused.out.find("REFUSED") != std::string::npos);
    CHECK(refused.out.find("accepted") != std::string::npos);  // the other one
}

TEST_CASE("a large certificate is compressed, and checks") {
    const Workspace w;
    const std::string problem = w.write("fibonacci.toml", "[product]\nmatrices = [[[\"0\", \"1\"], [\"1\", \"1\"]], [[\"0\", \"1\"], [\"1\", \"-1\"]]]\n");
    CHECK(w.run("certify " + problem + " --certificate " + w.at("certificate")).status == 0);
    const std::string bytes = w.read("certificate");
    REQUIRE(bytes.size() > 2);
    CHECK(bytes.substr(0, 2) == "\x1f\x8b");
    CHECK(w.run("check " + w.at("certificate")).status == 0);
    check_refused(w.run("check " + w.write("damaged", bytes.substr(0, bytes.size() / 2))), "damaged");
}

TEST_CASE("what cannot be written is refused before the work, devices are left in place") {
    const Workspace w;
    const std::string problem = w.write("problem.toml", good);
    check_refused(w.run("certify " + problem + " --certificate " + w.at("no/such/folder")), "cannot be written");
    check_refused(w.run("certify " + problem + " --certificate " + w.at("")), "Is a directory");
    check_refused(w.run("certify " + problem + " " + problem + " --certificate " + w.at("c")), "exactly one");
    check_refused(w.run("table " + problem + " --output " + w.at("no/such/folder")), "cannot be written");
    check_refused(w.run("check " + w.at("missing")), "missing");
    check_refused(w.run("check " + w.at("")), "lyapcert");
    check_refused(w.run("check " + problem), "certificate");
    CHECK(w.run("certify " + problem + " --certificate /dev/null").status == 0);
    CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("an emulator that ignores the rounding mode is refused") {
    const Workspace workspace;
    const std::string problem = workspace.write("good.toml", good);
    for (const std::string& command : {"certify " + problem, "hypotheses " + problem, std::string("--version")}) {
        const std::string line = "valgrind -q " LYAPCERT_PROGRAM " " + command + " >" + workspace.at("stdout") + " 2>" + workspace.at("stderr");
        const int status = std::system(line.c_str());
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 3);
        CHECK(workspace.read("stdout").empty());
        const std::string error = workspace.read("stderr");
        INFO(error);
        CHECK(std::count(error.begin(), error.end(), '\n') == 1);
        CHECK(error.find("directed rounding is not honoured") != std::string::npos);
    }
}
