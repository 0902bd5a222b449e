// Certificates of networks: the checker proves the minimum again; altered evidence is refused, or leads to what is true of the minimum that it
// points to.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/train.hpp"
#include "random.hpp"

using namespace lyapcert;
using nlohmann::json;

namespace {

const std::string head =
    R"([network]
layers = [1, 2, 1]
activation = "tanh"
[data]
inputs = [["1"], ["-1/2"]]
targets = ["0.3", "-0.4"]
[training]
learning_rate = "1/2"
)";
const std::string weights = "[[[0.7659057397884144], [1.1346730794963105]], [-0.03366883450350576, 0.4529817868545807], [[0.867594163053136, -0.17767708676577348]], [-0.07832809425591145]]";

std::string problem_text(const std::string& w) { return head + "[minimum]\nweights = " + w + "\n"; }

CertifyOptions options() {
    CertifyOptions result;
    result.goal = Goal{false, 1e-2};
    result.seconds = 1;
    result.keep_evidence = true;
    return result;
}

json certificate_of(const std::string& text) {
    const Problem problem = parse_problem(text, "test");
    const Certificate certificate = make_certificate(problem, certify(problem, options()), 17);
    CHECK(certificate.omitted.empty());
    CHECK(checker::check(certificate.text).accepted());
    return json::parse(certificate.text);
}

const json& good() {
    static const json certificate = certificate_of(problem_text(weights));
    return certificate;
}

// The weights of a [1, 2, 1] network from the numbers of a centre.
std::string weights_of(const std::string& centre) {
    std::vector<std::string> x;
    for (std::size_t at = 0; (at = centre.find_first_not_of(' ', at)) != std::string::npos;) {
        const std::size_t end = std::min(centre.find(' ', at), centre.size());
        x.push_back("\"" + centre.substr(at, end - at) + "\"");
        at = end;
    }
    if (x.size() != 7) return "";
    return "[[[" + x[0] + "], [" + x[1] + "]], [" + x[2] + ", " + x[3] + "], [[" + x[4] + ", " + x[5] + "]], [" + x[6] + "]]";
}

std::string outcome(const json& certificate) {
    try {
        const checker::CheckResult result = checker::check(certificate.dump());
        return result.accepted() ? "accepted" : "not proved";
    } catch (const checker::Refused& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("a certificate of a trained network proves its minimum", "[T40][T41]") {
    const checker::CheckResult result = checker::check(good().dump());
    std::string claims;
    for (const checker::ClaimResult& claim : result.claims) claims += claim.claim + "; ";
    CHECK_THAT(claims, Catch::Contains("minimum is proved") && Catch::Contains("distance <= ") && Catch::Contains("H3 is proved") && Catch::Contains("regular(ii) is proved"));
    CHECK_THAT(result.conclusion, Catch::Contains("there is a minimum x*, at a distance of at most") && Catch::Contains("stable"));
    for (const std::string& assumption : result.assumptions) CHECK(assumption.find("x* is a global minimum") == std::string::npos);
}

TEST_CASE("many digits of a minimum that is known in floating point", "[T41]") {
    const Problem problem = parse_problem(problem_text(weights), "test");
    CertifyOptions many = options();
    many.digits = 60;
    const Certificate certificate = make_certificate(problem, certify(problem, many), 60);
    CHECK(certificate.omitted.empty());
    const json written = json::parse(certificate.text);
    for (const json& claim : written.at("claims"))
        if (claim["about"] == "mu") CHECK(claim["bound"].get<std::string>().size() >= 60);
    CHECK(checker::check(certificate.text).accepted());
}

TEST_CASE("that F is smooth is granted where it is not proved", "[T21][T40]") {
    const auto smooth_assumed = [](const std::string& activation) {
        const Problem problem = parse_problem(R"([network]
layers = [1, 2, 1]
activation = ")" + activation + R"("
[data]
inputs = [["1"], ["-1/2"]]
targets = "model"
[minimum]
weights = [[["1/2"], [2]], [0.5, -1], [[1, -0.75]], ["1/3"]]
[training]
learning_rate = "1/2"
)", "test");
        const std::vector<std::string> assumed = checker::check(make_certificate(problem, certify(problem, options()), 12).text).assumptions;
        return std::find(assumed.begin(), assumed.end(), "F is smooth in x on all of R^D") != assumed.end();
    };
    CHECK(smooth_assumed("relu"));
    CHECK_FALSE(smooth_assumed("tanh"));
}

TEST_CASE("other shapes and activations", "[T40][T41]") {
    for (const char* activation : {R"("sigmoid")", R"("softplus")", R"("gelu")", R"("sin")", R"("square")", R"("relu")", R"("linear")",
                                   R"(["tanh", "gelu"])", R"(["relu", "tanh", "softplus"])"})
        for (const bool frozen : {false, true}) {
            INFO(activation);
            const std::string text = std::string("[network]\nlayers = [2, 4, 3, 1]\nactivation = ") + (activation[0] == '"' ? "[" + std::string(activation) + ", " + activation + "]" : activation) +
                                     (frozen ? "\nfrozen = [1]" : "") +
                                     R"(
[data]
inputs = [["1", "0.4"], ["-1/2", "1"]]
targets = ["0.7", "0.2"]
[training]
learning_rate = "1/20"
initialisation = "gaussian"
)";
            Trained trained;
            TrainOptions how;
            how.full_batch = true;
            for (how.seed = 1; how.seed < 20 && !trained.interpolates; ++how.seed) trained = train(text, "test", how);
            REQUIRE(trained.interpolates);
            certificate_of(trained.text);
        }
}

TEST_CASE("H1 of a linear model with frozen features is proved everywhere", "[T40]") {
    const std::string text = R"([network]
layers = [1, 4, 1]
activation = "relu"
frozen = [1]
[data]
inputs = [["1"], ["-1/2"]]
targets = ["0.7", "0.2"]
[training]
learning_rate = "1/5"
)";
    const json certificate = certificate_of(train(text, "test", {}).text);
    const checker::CheckResult result = checker::check(certificate.dump());
    CHECK(std::any_of(result.claims.begin(), result.claims.end(), [](const checker::ClaimResult& c) { return c.claim == "H1 is proved" && c.proved; }));
    // The same claim for a network that is trained throughout.
    json other = good();
    other["claims"].push_back({{"about", "H1"}, {"status", "proved"}, {"proof", {{"linear", {"last layer"}}}}});
    CHECK(outcome(other) == "not proved");
}

TEST_CASE("models with an approximate minimum", "[T41]") {
    const std::string text =
        R"([model]
parameters = ["a", "b", "c"]
inputs = ["y"]
output = "a*tanh(b*y) + c"
[data]
inputs = [["1"], ["-1/2"]]
targets = ["0.5", "sqrt(2)/7"]
[minimum]
kind = "near"
values = { a = 0.25, b = "1.05", c = "0.31" }
[training]
learning_rate = "1/2"
)";
    const Problem problem = parse_problem(text, "test");
    CHECK(problem.minimum.proved);
    CHECK(problem.minimum.kind == Minimum::Kind::near);
    // On the minimum the residuals vanish: a tanh(b) + c = 1/2, c - a tanh(b/2) = sqrt(2)/7.
    const json certificate = certificate_of(text);
    CHECK_THAT(checker::check(certificate.dump()).conclusion, Catch::Contains("there is a minimum x*"));
    json other = certificate;
    other.erase("centre");
    CHECK_THAT(outcome(other), Catch::Contains("centre"));
    const auto refused = [&](const std::string& from, const std::string& to) {
        std::string bad = text;
        bad.replace(bad.find(from), from.size(), to);
        try {
            parse_problem(bad, "test");
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK_THAT(refused("0.25", "25.5"), Catch::Contains("does not interpolate"));
    CHECK_THAT(refused("0.25", "inf"), Catch::Contains("not a finite number"));
    CHECK_THAT(refused(R"(["0.5", "sqrt(2)/7"])", R"("model")"), Catch::Contains("minimum.kind"));
    CHECK_THAT(refused("a*tanh(b*y)", "a*sqrt(b*y+1)"), Catch::Contains("analytic"));
}

TEST_CASE("hostile centres", "[T41]") {
    json other = good();
    other["centre"] = "";
    CHECK_THAT(outcome(other), Catch::Contains("one number per parameter"));
    other["centre"] = good()["centre"].get<std::string>() + " 1";
    CHECK_THAT(outcome(other), Catch::Contains("one number per parameter"));
    other["centre"] = "1 2 3 4 5 6 x";
    CHECK_THAT(outcome(other), Catch::Contains("not a number"));
    other["centre"] = "0 0 0 0 0 0 0";
    CHECK_THAT(outcome(other), Catch::Contains("singular"));
    other["centre"] = "1e400 1 1 1 1 1 1";
    CHECK(outcome(other) != "accepted");
    other["centre"] = "1e100000 1 1 1 1 1 1";
    CHECK_THAT(outcome(other), Catch::Contains("too long"));
    other["centre"] = 3;
    CHECK(outcome(other) != "accepted");
    other.erase("centre");
    CHECK_THAT(outcome(other), Catch::Contains("not a minimum"));
    // Of a problem that has none.
    json gram = {{"format", "lyapcert certificate"}, {"version", 1}, {"problem", R"([gram]
matrix = [["1"]]
[training]
learning_rate = "1/10"
)"}, {"centre", "1"},
                 {"claims", json::array()}, {"family", {{"matrices", json::array({json::array({json::array({"9/10"})})})}, {"probabilities", json::array({"1"})}}}};
    CHECK_THAT(outcome(gram), Catch::Contains("it is for models and networks"));
}

TEST_CASE("what is false of the minimum is not proved", "[T41]") {
    for (const auto& [about, side, bound] : std::vector<std::array<std::string, 3>>{{"distance", "upper", "1e-30"}, {"distance", "upper", "0"}, {"distance", "lower", "0"}, {"distance", "upper", "-inf"}}) {
        json other = good();
        other["claims"] = json::array({{{"about", about}, {"side", side}, {"bound", bound}}});
        CHECK(outcome(other) == "not proved");
    }
    // Another residual, by less than the weights are rounded: the minimum moves a little, and sharp claims with it.
    json other = good();
    std::string text = other["problem"];
    text.replace(text.find("0.3"), 3, "0.300000000000001");
    other["problem"] = text;
    CHECK(outcome(other) != "accepted");
    // NaN and infinity as weights.
    for (const char* bad : {"nan", "inf", "-inf"}) {
        text = good()["problem"];
        text.replace(text.find("0.7659057397884144"), 18, bad);
        other["problem"] = text;
        CHECK_THAT(outcome(other), Catch::Contains("not finite"));
    }
}

TEST_CASE("no minimum is proved where there is none", "[T41]") {
    // F = (a y)^2 with a target below 0, however little, or at 0, where the root is double.
    for (const char* target : {"-1", "-1e-24", "-1e-60", "0"})
        for (const char* centre : {"0x1p-20", "1e-9", "1e-40", "1"}) {
            INFO(target << " from " << centre);
            const json other = {{"format", "lyapcert certificate"},
                                {"version", 1},
                                {"problem", std::string(R"([network]
layers = [1, 1]
activation = ["square"]
bias = false
[data]
inputs = [[1]]
targets = [")") + target +
                                                R"("]
[minimum]
weights = [[[1e-6]]]
[training]
learning_rate = "1/2"
)"},
                                {"centre", centre},
                                {"claims", json::array({{{"about", "minimum"}, {"status", "proved"}}})},
                                {"family", {{"matrices", json::array()}, {"probabilities", json::array()}}}};
            CHECK_THAT(outcome(other), Catch::Contains("no minimum is proved near it"));
        }
}

TEST_CASE("shapes that do not fit, and sizes beyond all reason") {
    const auto with = [](const std::string& from, const std::string& to) {
        json other = good();
        std::string text = other["problem"];
        text.replace(text.find(from), from.size(), to);
        other["problem"] = text;
        return outcome(other);
    };
    CHECK_THAT(with("[1, 2, 1]", "[1, 3, 1]"), Catch::Contains("wrong size"));
    CHECK_THAT(with("[1, 2, 1]", "[1, 2, 2]"), Catch::Contains("layers"));
    CHECK_THAT(with("[1, 2, 1]", "[1, 200000, 1]"), Catch::Contains("too many weights"));
    CHECK_THAT(with("[1, 2, 1]", "[1, 20000000000000, 1]"), Catch::Contains("out of range"));
    CHECK_THAT(with("[1, 2, 1]", "[2, 2, 1]"), Catch::Contains("wrong size"));
    CHECK_THAT(with(R"("tanh")", R"("exp")"), Catch::Contains("activations"));
    CHECK_THAT(with(R"("tanh")", R"("tanh")" "\nmomentum = 1"), Catch::Contains("unknown"));
    CHECK_THAT(with(R"("tanh")", R"("tanh")" "\nfrozen = [1, 2]"), Catch::Contains("frozen"));
    CHECK_THAT(with(R"("tanh")", R"("tanh")" "\nfrozen = [0]"), Catch::Contains("out of range"));
    CHECK(with(R"("tanh")", R"("tanh")" "\nfrozen = [1]") != "accepted");
}

TEST_CASE("whatever is accepted after tampering is true of the minimum that the evidence points to", "[T41]") {
    test::Random random(51);
    int accepted = 0;
    static const std::string alphabet = "0123456789abcdefp.-+x ";
    for (int t = 0; t < test::trials(60); ++t) {
        json other = good();
        std::string centre = other["centre"];
        for (long edits = random.integer(1, 2); edits > 0; --edits) {
            const auto at = static_cast<std::size_t>(random.integer(0, static_cast<long>(centre.size()) - 1));
            if (random.chance(0.2)) centre.erase(at, 1);
            else centre[at] = alphabet[static_cast<std::size_t>(random.integer(0, static_cast<long>(alphabet.size()) - 1))];
        }
        other["centre"] = centre;
        if (random.chance(0.5))  // claims that leave room for a neighbour
            for (json& claim : other["claims"])
                if (claim.contains("bound") && claim["about"] != "distance")
                    claim["bound"] = Rational(parse_rational(claim["bound"].get<std::string>()) + (claim["side"] == "lower" ? -1 : 1) * Rational(1, 1000)).str();
        other["family"] = good()["family"];
        checker::CheckResult result;
        try {
            result = checker::check(other.dump());
        } catch (const checker::Refused&) {
            continue;
        }
        const std::string text = weights_of(centre);
        REQUIRE(!text.empty());
        const Problem truth = parse_problem(problem_text(text), "truth");
        const Certification c = certify(truth, options());
        for (const checker::ClaimResult& claim : result.claims) {
            if (!claim.proved || !other["claims"][claim.index].contains("bound")) continue;
            const json& claimed = other["claims"][claim.index];
            if (claimed["about"] == "distance") continue;
            ++accepted;
            const MpInterval& enclosure = claimed["about"] == "mu" ? c.mu->enclosure : claimed["about"] == "lambda2" ? c.lambda2->enclosure : c.lambda.enclosure;
            // The program starts from the centre rounded to doubles, and finds a minimum about 1e-16 away.
            const Rational room(1, 10000000000000);
            const MpInterval bound(parse_rational(claimed["bound"].get<std::string>()) + (claimed["side"] == "lower" ? -room : room), 256);
            if (claimed["side"] == "lower") CHECK(mpfr_lessequal_p(bound.lower(), enclosure.upper()) != 0);
            else CHECK(mpfr_greaterequal_p(bound.upper(), enclosure.lower()) != 0);
        }
    }
    CHECK(accepted > 0);
}

TEST_CASE("weights in a file: the certificate stands without it", "[T41]") {
    const std::string path = "/tmp/lyapcert-weights-of-certificate.json";
    {
        std::ofstream file(path);
        file << weights;
    }
    const json certificate = certificate_of(problem_text(R"({ file = ")" + path + R"(" })"));
    certificate_of(problem_text(R"({ file = ")" + path + R"(", arrays = ["0", "1", "2", "3"] })"));
    std::remove(path.c_str());
    const checker::CheckResult result = checker::check(certificate.dump());
    CHECK(result.accepted());
    CHECK_THAT(result.conclusion, Catch::Contains("near the centre on record there is a minimum x*"));
    json other = certificate;
    other["claims"].push_back({{"about", "distance"}, {"side", "upper"}, {"bound", "1"}});
    CHECK(outcome(other) == "not proved");
    other = certificate;
    other.erase("centre");
    CHECK_THAT(outcome(other), Catch::Contains("centre"));
    other = certificate;
    other["centre"] = "1 2";
    CHECK_THAT(outcome(other), Catch::Contains("one number per parameter"));
    other["problem"] = R"([network]
layers = [1, 2, 1]
activation = "tanh"
frozen = [1]
)" + certificate["problem"].get<std::string>().substr(certificate["problem"].get<std::string>().find("[data]"));
    CHECK_THAT(outcome(other), Catch::Contains("frozen layers"));
}

TEST_CASE("gradients that are orthogonal by their zeros", "[T20]") {
    // Entries (1, 2) and (2, 1) of U V^T share no factor.
    const json certificate = certificate_of(
        R"toml([model]
parameters = ["u1", "u2", "v1", "v2"]
inputs = ["r1", "r2", "c1", "c2"]
output = "(r1*u1 + r2*u2)*(c1*v1 + c2*v2)"
[data]
inputs = [[1, 0, 0, 1], [0, 1, 1, 0]]
targets = ["1/3", "1/7"]
[minimum]
kind = "near"
values = { u1 = 0.6, u2 = 0.2, v1 = 0.7, v2 = 0.55 }
[training]
learning_rate = "1/2"
)toml");
    const checker::CheckResult result = checker::check(certificate.dump());
    CHECK(std::any_of(result.claims.begin(), result.claims.end(), [](const checker::ClaimResult& c) { return c.claim == "regular(ii) is refuted" && c.proved; }));
}
