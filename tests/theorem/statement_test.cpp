// Sentences, read as a referee would.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "lyapcert/theorem/certify.hpp"

using namespace lyapcert;

namespace {

Certification run(const Problem& problem, double seconds = 2) {
    CertifyOptions options;
    options.goal = Goal{true, std::nullopt};
    options.seconds = seconds;
    return certify(problem, options);
}

// A model with one input y, labels by the model itself unless `targets` says otherwise.
Problem model(const std::string& parameters, const std::string& output, const std::string& inputs, const std::string& values, const std::string& rate,
              const std::string& targets = "\"model\"") {
    return parse_problem("[model]\nparameters = " + parameters + "\ninputs = [\"y\"]\noutput = \"" + output + "\"\n[data]\ninputs = " + inputs + "\ntargets = " + targets +
                             "\n[minimum]\nvalues = " + values + "\n[training]\nlearning_rate = " + rate + "\ninitialisation = \"gaussian\"\n",
                         "model.toml");
}

Problem network(const std::string& activation, const std::string& extra, const std::string& weights) {
    return parse_problem("[network]\nlayers = [1, 2, 1]\nactivation = \"" + activation + "\"\n" + extra + "[data]\ninputs = [[\"1\"], [\"2\"]]\ntargets = \"model\"\n[minimum]\nweights = " +
                             weights + "\n[training]\nlearning_rate = \"1/10\"\ninitialisation = \"gaussian\"\n",
                         "network.toml");
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("H3 is decided for every rate of an interval, eigenvalue by eigenvalue", "[T20]") {
    // G = [[1, 1], [1, 21]]: 1 - eta kappa / 2 vanishes at eta = 2.105 and 0.095 only.
    const Certification c = run(model(R"(["a", "b", "c"])", "a + b*y + c*y^2", R"([["0"], ["2"]])", R"({ a = "1", b = "1", c = "1" })", R"(["19/10", "21/10"])"));
    CHECK((*c.hypotheses)["H3"].status == Status::proved);
    CHECK(c.theorem_a.status == "applies");
    CHECK(has(c.theorem_a.statement, "every learning rate eta in [19/10, 21/10]"));
    // eta = 2 lies in the interval: ||g_1||^2 = 2/eta there.
    CHECK(c.theorem_b.status == "undecided: regular(i)");
    CHECK(has(c.theorem_b.statement, "is not known to apply"));
    CHECK(!has(c.theorem_b.statement, "does not apply"));
    // Across the zero of a factor there is a rate for which x* does not serve; other points may, so that H3 is never refuted.
    const Certification across = run(model(R"(["a", "b", "c"])", "a + b*y + c*y^2", R"([["0"], ["2"]])", R"({ a = "1", b = "1", c = "1" })", R"(["2", "22/10"])"));
    CHECK((*across.hypotheses)["H3"].status == Status::undecided);
    CHECK(has(across.theorem_a.statement, "is not known to apply"));
}

TEST_CASE("a model that is not smooth: the theorem fails, and what is true is said instead") {
    const Certification root = run(model(R"(["a", "b"])", "sqrt(a)*y + b", R"([["1"]])", R"({ a = "1", b = "2" })", "\"1/2\""));
    const Certification inverse = run(model(R"(["a", "b"])", "y/a + b", R"([["1"]])", R"({ a = "1", b = "2" })", "\"1/3\""));
    const Certification relu = run(network("relu", "", R"([[["1"], ["1/3"]], ["1/2", "1/7"], [["1", "-1/2"]], ["0"]])"));
    for (const Certification* c : {&root, &inverse, &relu}) {
        CHECK(c->theorem_a.status == "fails: F is not smooth");
        CHECK(c->theorem_b.status == "fails: F is not smooth");
        CHECK(has(c->theorem_b.statement, "lambda < 0: the linearisation at x* of stochastic gradient descent"));
        CHECK(!has(c->theorem_b.statement, "ranting"));
        CHECK(!has(c->theorem_b.statement, "in the support"));
    }
    CHECK(has(root.theorem_a.statement, "is not defined at a = -1"));
    CHECK(has(inverse.theorem_a.statement, "is unbounded near a = 0"));
}

TEST_CASE("smoothness that is neither proved nor refuted is not claimed, and what is removable is not refuted") {
    // exp(-1/a^2) extends smoothly; a quotient whose numerator vanishes as well may; a root times zero is no root.
    for (const char* output : {"exp(-1/a^2)*y + b", "(a^2 - 1)/(a - 1)*y + b", "(y - 1)*sqrt(a) + b*y", "1/a - 1/a + b*y", "a^(1/3)*y + b"}) {
        INFO(output);
        const Certification c = run(model(R"(["a", "b"])", output, R"([["1"]])", R"({ a = "2", b = "2" })", "\"1/3\""));
        CHECK(c.theorem_b.status.rfind("fails", 0) != 0);
        if (c.theorem_b.status.rfind("not claimed", 0) == 0) CHECK(has(c.theorem_b.statement, "is not known to apply"));
        CHECK(!has(c.theorem_b.statement, "ranting that F"));
    }
    // Frozen relu features are smooth in what is trained.
    const Certification features = run(network("relu", "frozen = [1]\n", R"([[["1"], ["1/3"]], ["1/2", "1/7"], [["1", "-1/2"]], ["0"]])"));
    CHECK(features.theorem_a.status.rfind("fails: F", 0) != 0);
    CHECK(features.theorem_a.status.rfind("not claimed", 0) != 0);
}

TEST_CASE("the stable half without regularity has a status of its own", "[T33]") {
    const std::string inputs = R"([["0"], ["1"]])";
    const std::string values = R"({ a = "1", b = "1", c = "1" })";
    const std::string output = "a*(y-1)*(y-2) + b*y*(y-2) + c*y*(y-1)";
    const Certification stable = run(model(R"(["a", "b", "c"])", output, inputs, values, "\"1/10\""));
    CHECK(stable.theorem_b.status == "applies (stable half, section 3.6)");
    CHECK(has(stable.theorem_b.statement, "x* is in the support of X_lim"));
    CHECK(has(stable.theorem_b.statement, "section 3.6"));
    // The unstable half needs regularity.
    const Certification unstable = run(model(R"(["a", "b", "c"])", output, inputs, values, "\"3\""));
    CHECK(unstable.theorem_b.status == "fails: regular(ii) is refuted");
    CHECK(has(unstable.theorem_b.statement, "does not apply"));
    CHECK(!has(unstable.theorem_b.statement, "in the support"));
}

TEST_CASE("H2 is declared, and the sentence names the law") {
    const Certification c = run(model(R"(["a", "b", "c"])", "a + b*y + c*y^2", R"([["0"], ["2"]])", R"({ a = "1", b = "1", c = "1" })", "\"1/20\""));
    CHECK((*c.hypotheses)["H2"].status == Status::declared);
    CHECK(c.theorem_b.status == "applies");
    CHECK(has(c.theorem_b.statement, "every initial law that is Gaussian of full rank"));
    CHECK(has(c.theorem_b.statement, "square loss"));
    CHECK(has(c.theorem_b.statement, "learning rate eta = 1/20"));
    CHECK(has(c.theorem_b.statement, "one sample a step"));
    CHECK(has(c.theorem_b.statement, "X_lim, the limit of the iterates"));
}

TEST_CASE("zero is neutral: neither undecided nor more than silent") {
    const Problem problem = parse_problem("[gradients]\nrows = [[\"1\", \"1\", \"0\"], [\"1\", \"0\", \"1\"]]\n[training]\nlearning_rate = \"1\"\n", "two.toml");
    const Certification c = run(problem);
    CHECK(c.sgd == Verdict::neutral);
    CHECK(has(c.theorem_b.statement, "lambda = 0 exactly"));
    CHECK(has(c.theorem_b.statement, "silent"));
    CHECK(c.hint.empty());
    // The hypotheses are fine and mu = 0: eta kappa / N = 2 for N = 1.
    const Certification one = run(model(R"(["a", "b"])", "a + b*y", R"([["1"]])", R"({ a = "1", b = "1" })", "\"1\""));
    CHECK(one.theorem_a.status == "silent: mu = 0");
    CHECK(one.gd == Verdict::neutral);
}

TEST_CASE("H1 is refuted where another minimum has dependent gradients", "[T20]") {
    const Certification crossing = run(model(R"(["a", "b"])", "a^2 - b^2", R"([["1"]])", R"({ a = "1", b = "1" })", "\"1/16\"", R"(["0"])"));
    CHECK((*crossing.hypotheses)["H1"].status == Status::refuted);
    CHECK(has((*crossing.hypotheses)["H1"].reason, "a = 0, b = 0"));
    CHECK(has(crossing.theorem_b.statement, "does not apply, since H1 is refuted"));
    // With another target the set of minima is a hyperbola, and H1 is true.
    const Certification hyperbola = run(model(R"(["a", "b"])", "a^2 - b^2", R"([["1"]])", R"({ a = "1", b = "0" })", "\"1/16\"", R"(["1"])"));
    CHECK((*hyperbola.hypotheses)["H1"].status == Status::proved);
    // u tanh(w y) with labels by a network of zero output: the origin.
    const Certification zero = run(model(R"(["u", "w", "v"])", "u*tanh(w*y) + v*y^2", R"([["1"]])", R"({ u = "0", w = "1", v = "0" })", "\"1/16\"", R"(["0"])"));
    CHECK((*zero.hypotheses)["H1"].status != Status::refuted);  // dF/dv = y^2 never vanishes
    const Certification generic = run(network("tanh", "", R"([[["1"], ["1/3"]], ["1/2", "1/7"], [["1", "-1/2"]], ["0"]])"));
    CHECK(has((*generic.hypotheses)["H1"].reason, "nothing is known for this one"));
}

TEST_CASE("as many data points as parameters: said, and the theorem holds", "[T34]") {
    const Certification c = run(model(R"(["a", "b"])", "a*y + b", R"([["1"], ["2"]])", R"({ a = "1", b = "0" })", "\"1/10\""));
    CHECK(c.theorem_b.status == "applies");
    CHECK(has(c.theorem_b.statement, "D = N, where the paper assumes D > N"));
}

TEST_CASE("a hint where the sign is open, and only there") {
    const Problem wide = parse_problem("[gram]\nmatrix = [[\"5\", \"-4\"], [\"-4\", \"5\"]]\n[training]\nlearning_rate = [\"1/10\", \"2\"]\n", "wide.toml");
    const Certification open = run(wide, 1);
    REQUIRE(open.sgd == Verdict::undecided);
    CHECK(has(open.hint, "the sign of lambda is open"));
    CHECK(has(open.hint, "a narrower interval of learning rates"));
    CHECK(open.theorem_b.status == "undecided: the sign of lambda");
    const Problem narrow = parse_problem("[gram]\nmatrix = [[\"5\", \"-4\"], [\"-4\", \"5\"]]\n[training]\nlearning_rate = \"1/10\"\n", "narrow.toml");
    CHECK(run(narrow).hint.empty());
}

TEST_CASE("no sentence of proofs/ contradicts itself") {
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(LYAPCERT_SOURCE_DIR) / "proofs")) {
        const std::filesystem::path file = entry.path() / "problem.toml";
        if (!std::filesystem::exists(file)) continue;
        INFO(file.string());
        const Problem problem = read_problem(file.string());
        if (problem.kind == Problem::Kind::product) continue;
        const Hypotheses hypotheses = check_hypotheses(problem);
        for (const Verdict verdict : {Verdict::stable, Verdict::unstable, Verdict::neutral, Verdict::undecided})
            for (const TheoremStatus& theorem : {theorem_a(problem, hypotheses, verdict), theorem_b(problem, hypotheses, verdict)}) {
                INFO(theorem.status << ": " << theorem.statement);
                const bool member = has(theorem.statement, "in the support");
                const bool applies = theorem.status.rfind("applies", 0) == 0;
                const bool assumes = theorem.status.rfind("assumes", 0) == 0;
                CHECK(member == (applies || assumes));
                CHECK(has(theorem.statement, "Granting") == assumes);
                CHECK(has(theorem.statement, "not in the support") == (member && verdict == Verdict::unstable));
                if (member) CHECK((verdict == Verdict::stable || verdict == Verdict::unstable));
                CHECK(has(theorem.statement, "does not apply") == (theorem.status.rfind("fails", 0) == 0 && (verdict == Verdict::stable || verdict == Verdict::unstable)));
                CHECK(has(theorem.statement, "eta"));
                CHECK(!theorem.statement.empty());
                CHECK(theorem.statement.back() == '.');
            }
    }
}
