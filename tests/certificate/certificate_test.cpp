// Certificates: what the program proves, the checker proves again; what has been tampered with is refused, or still true.
#include "lyapcert/certificate/certificate.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "random.hpp"

using namespace lyapcert;
using nlohmann::json;

namespace {

struct Case {
    std::string name;
    std::string problem;
    std::optional<double> lambda;  // to about 1e-12, from elsewhere; -inf allowed
};

const double minus_infinity = -std::numeric_limits<double>::infinity();

const std::vector<Case>& cases() {
    static const std::vector<Case> list = {
        // Pollicott 2010.
        {"pollicott", R"([product]
matrices = [[["2", "1"], ["1", "1"]], [["3", "1"], ["2", "1"]]]
)", 1.1433110351029492},
        {"footnote 21", R"([product]
matrices = [[["1/3"]], [["2"]]]
)", 0.5 * std::log(2.0 / 3.0)},
        {"word", R"([product]
matrices = [[["0", "1"], ["0", "0"]], [["1", "1"], ["0", "1"]]]
)", minus_infinity},
        {"one matrix", R"([product]
matrices = [[["1", "2"], ["3", "4"]]]
)", std::log((5.0 + std::sqrt(33.0)) / 2.0)},
        {"monomial", R"([product]
matrices = [[["0", "2"], ["1/3", "0"]], [["5", "0"], ["0", "1/7"]]]
probabilities = ["1/4", "3/4"]
)",
         0.125 * std::log(2.0 / 3.0) + 0.375 * std::log(5.0 / 7.0)},
        {"rank one", R"([product]
matrices = [[["1", "2"], ["2", "4"]], [["3", "-1"], ["3", "-1"]]]
)",
         0.25 * (std::log(5.0) + std::log(3.0) + std::log(1.0) + std::log(2.0))},
        {"blocks and waiting",
         R"([product]
matrices = [[["1", "0", "7"], ["0", "1", "1"], ["0", "0", "1/2"]], [["2", "1", "0"], ["1", "1", "0"], ["0", "0", "1"]]]
)",
         0.5 * std::log((3.0 + std::sqrt(5.0)) / 2.0)},
        {"factorisation",
         R"([model]
parameters = ["a", "b"]
inputs = ["y"]
output = "a*b*y"
[data]
inputs = [["1"]]
targets = ["1"]
[minimum]
values = { a = "2", b = "1/2" }
[training]
learning_rate = "2/5"
)",
         std::log(0.7)},
        {"tanh",
         R"toml([model]
parameters = ["u1", "u2", "w1", "w2"]
inputs = ["y"]
output = "u1*tanh(w1*y) + u2*tanh(w2*y)"
[data]
inputs = [["1"], ["-1/2"]]
targets = "model"
[minimum]
values = { u1 = "2", u2 = "-1", w1 = "atanh(1/2)", w2 = "1/3" }
[training]
learning_rate = "1/2"
)toml",
         std::nullopt},
        {"linear", R"([model]
parameters = ["a", "b", "c"]
inputs = ["y", "z"]
output = "a*y + b*z + c"
[data]
inputs = [["1", "1/2"], ["1/3", "-1"]]
targets = "model"
[minimum]
values = { a = 1, b = 2, c = 3 }
[training]
learning_rate = "1/2"
)",
         std::nullopt},
        {"singular", R"([gram]
matrix = [["1", "1", "0"], ["1", "2", "1"], ["0", "1", "1"]]
[training]
learning_rate = "3/5"
)", std::nullopt},
        {"reflections", R"([gram]
matrix = [["2", "1"], ["1", "2"]]
[training]
learning_rate = "1"
)", 0.0},
        {"orthogonal", R"([gradients]
rows = [["1", "0", "0"], ["0", "2", "0"]]
[training]
learning_rate = "1/5"
)", 0.5 * std::log(0.8)},
        {"rates", R"([gram]
matrix = [["5/2", "3/10"], ["3/10", "7/10"]]
[training]
learning_rate = ["1", "1.001"]
)", std::nullopt},
        {"batches", R"([gram]
matrix = [["4", "1", "1"], ["1", "2", "1/2"], ["1", "1/2", "1"]]
[training]
learning_rate = "1"
batch_size = 2
)", std::nullopt},
        {"square roots", R"toml([gradients]
rows = [["sqrt(2)", "1"], ["1/2", "0"]]
[training]
learning_rate = "2/5"
)toml", std::nullopt},
        // Invariant cones: an orthant after a change of signs; a cube, with an exponent known from a common left eigenvector.
        {"positive", R"([product]
matrices = [[[2, -1, 3], [-1, 1, -4], [1, -2, 1]], [[-3, 1, -1], [2, -1, 5], [-1, 1, -3]]]
probabilities = ["1/3", "2/3"]
)", std::nullopt},
        {"cube", R"([product]
matrices = [[[3, 1, -1], [1, 2, 0], [0, 1, 1]], [[4, -1, 2], [2, 1, -1], [1, 1, 0]]]
)", std::nullopt},
        // The log-quadratic rule.
        {"three gradients", R"([gradients]
rows = [["2", "3/2", "3/2"], ["3/2", "2", "3/2"], ["3/2", "3/2", "2"]]
[training]
learning_rate = "1"
)", 1.99226095427579},
        {"four gradients", R"([gradients]
rows = [["1", "1/2", "0", "0"], ["0", "1", "1/2", "1/3"], ["1/4", "0", "1", "1/2"], ["1/2", "1/4", "0", "1"]]
[training]
learning_rate = "1/5"
)", std::nullopt},
        // A dominated splitting: no search reaches dimension 7.
        {"weak coupling",
         R"([gram]
matrix = [["7/2", "1/9", "1/20", 0, "1/30", "-1/25", 0], ["1/9", 3, 0, "-1/20", "1/50", 0, "1/30"], ["1/20", 0, "3/2", "1/40", 0, 0, 0],
    [0, "-1/20", "1/40", 1, "1/60", 0, "1/30"], ["1/30", "1/50", 0, "1/60", "1/2", "1/100", 0], ["-1/25", 0, 0, 0, "1/100", "1/4", "1/50"],
    [0, "1/30", 0, "1/30", 0, "1/50", "5/4"]]
[training]
learning_rate = "1"
)",
         std::nullopt},
        // One expanding gradient among strongly correlated ones.
        {"outlier",
         R"([gradients]
rows = [["21/10", "1/3", 0, 0, 0, 0, 0, 0], [0, 1, "1/4", 0, 0, 0, 0, 0], [0, 1, "1/5", "1/3", 0, 0, 0, 0], [0, 1, 0, "-1/4", "1/3", 0, 0, 0],
    [0, "1/2", "1/9", 0, 0, "1/3", 0, 0], [0, "9/10", 0, 0, "1/7", 0, "1/5", 0], [0, 1, 0, 0, "-1/6", "1/8", 0, "1/4"]]
[training]
learning_rate = "1"
)",
         std::nullopt},
        {"teacher network", R"([network]
layers = [1, 2, 1]
activation = "gelu"
[data]
inputs = [["1"], ["-1/2"]]
targets = "model"
[minimum]
weights = [[["1/2"], [2]], [0.5, -1], [[1, -0.75]], ["1/3"]]
[training]
learning_rate = "1/2"
)", std::nullopt},
        {"irrational", R"toml([gram]
matrix = [["sqrt(6)", "1/3"], ["1/3", "pi/4"]]
[training]
learning_rate = "1"
)toml", std::nullopt},
        // Symmetric matrices, the fifth of rank 1: 5, 4, 5 vanishes.
        {"word among infinite orbits", R"([product]
matrices = [[["-3", "-1", "1"], ["-1", "1", "3"], ["1", "3", "-2"]], [["-3", "0", "3"], ["0", "3", "-1"], ["3", "-1", "2"]],
            [["-3", "1", "-2"], ["1", "-2", "2"], ["-2", "2", "-1"]], [["-3", "2", "0"], ["2", "0", "-2"], ["0", "-2", "3"]],
            [["-3", "-3", "-3"], ["-3", "-3", "-3"], ["-3", "-3", "-3"]]]
)", minus_infinity},
    };
    return list;
}

CertifyOptions options() {
    CertifyOptions result;
    result.goal = Goal{false, 1e-2};
    result.seconds = 2;
    result.keep_evidence = true;
    return result;
}

struct Made {
    Certification certification;
    Certificate certificate;
};

Made make(const std::string& text) {
    const Problem problem = parse_problem(text, "test");
    Certification certification = certify(problem, options());
    Certificate certificate = make_certificate(problem, certification, 17);
    return {std::move(certification), std::move(certificate)};
}

const std::vector<std::string>& certificates() {
    static const std::vector<std::string> texts = [] {
        std::vector<std::string> result;
        for (const Case& c : cases()) result.push_back(make(c.problem).certificate.text);
        return result;
    }();
    return texts;
}

double number(const std::string& bound, bool lower) {
    if (bound == "-inf") return minus_infinity;
    return lower ? test::round_down(parse_rational(bound)) : test::round_up(parse_rational(bound));
}

}  // namespace

TEST_CASE("the checker proves what the program proves") {
    for (const Case& c : cases()) {
        INFO(c.name);
        const Made made = make(c.problem);
        CHECK(made.certificate.omitted.empty());
        if (c.name == "weak coupling") CHECK(made.certification.lambda.lower.method == Method::dominated_splitting);
        if (c.name == "outlier") CHECK(made.certification.lambda.lower.method == Method::outlier);
        const checker::CheckResult result = checker::check(made.certificate.text);
        CHECK(result.accepted());
        double lower = minus_infinity;
        double upper = std::numeric_limits<double>::infinity();
        const json certificate = json::parse(made.certificate.text);
        for (const json& claim : certificate.at("claims")) {
            if (claim.at("about") != "lambda") continue;
            if (claim.at("side") == "lower") lower = number(claim.at("bound"), true);
            else upper = number(claim.at("bound"), false);
        }
        if (c.lambda) {
            CHECK(lower <= *c.lambda + 1e-12);
            CHECK(upper >= *c.lambda - 1e-12);
        }
        // Not much is lost on the way into the certificate.
        const double width = made.certification.lambda.enclosure.width_double();
        if (std::isfinite(upper) && std::isfinite(width)) CHECK(upper - lower <= 1.2 * width + 1e-14);
    }
}

TEST_CASE("every claim that a hypothesis allows is in the certificate") {
    const auto claims = [](std::size_t k) {
        std::string all;
        for (const checker::ClaimResult& claim : checker::check(certificates()[k]).claims) all += claim.claim + "; ";
        return all;
    };
    CHECK_THAT(claims(7), Catch::Contains("H1 is proved") && Catch::Contains("H3 is proved") && Catch::Contains("regular(ii) is proved") && Catch::Contains("minimum is proved"));
    CHECK_THAT(claims(9), Catch::Contains("H1 is proved") && Catch::Contains("mu >=") && Catch::Contains("lambda2 <="));
    CHECK_THAT(claims(12), Catch::Contains("regular(ii) is refuted"));
    CHECK_THAT(claims(10), Catch::Contains("H1 is refuted"));
    CHECK_THAT(claims(11), Catch::Contains("lambda >= 0;") && Catch::Contains("lambda <= 0;") && Catch::Contains("regular(i) is refuted"));
}

TEST_CASE("many digits") {
    const Problem problem = parse_problem(cases()[7].problem, "test");
    CertifyOptions many = options();
    many.digits = 60;
    const Certification certification = certify(problem, many);
    const Certificate certificate = make_certificate(problem, certification, 60);
    CHECK(certificate.omitted.empty());
    const json claims = json::parse(certificate.text).at("claims");
    for (const json& claim : claims)
        if (claim.contains("bound")) CHECK(claim.at("bound").get<std::string>().size() >= 60);
    CHECK(checker::check(certificate.text).accepted());
}

TEST_CASE("random families: certificates check, and enclosures of different budgets agree") {
    test::Random random(20);
    for (int trial = 0; trial < test::trials(12); ++trial) {
        std::string text = "[product]\nmatrices = [";
        const long n = random.chance(0.8) ? 2 : 3;
        const long k = random.integer(1, 3);
        for (long m = 0; m < k; ++m) {
            text += m > 0 ? ", [" : "[";
            for (long i = 0; i < n; ++i) {
                text += i > 0 ? ", [" : "[";
                for (long j = 0; j < n; ++j) text += (j > 0 ? R"(, ")" : "\"") + random.rational(9, 4).str() + "\"";
                text += "]";
            }
            text += "]";
        }
        text += "]\n";
        INFO(text);
        const Problem problem = parse_problem(text, "test");
        CertifyOptions quick = options();
        quick.goal = Goal{false, 0.1};
        quick.seconds = 1;
        const Certification certification = certify(problem, quick);
        const Certificate certificate = make_certificate(problem, certification, 17);
        CHECK(certificate.omitted.empty());
        CHECK(checker::check(certificate.text).accepted());
    }
}

namespace {

// Is the accepted claim true of the problem in the certificate, as far as an enclosure made from scratch by the program can tell?
// The program shares no arithmetic with the checker.
void require_true(const json& certificate, const json& claim) {
    const Problem problem = parse_problem(certificate.at("problem").get<std::string>(), "mutated");
    CertifyOptions independent = options();
    independent.seconds = 0.4;
    const Certification truth = certify(problem, independent);
    const std::string about = claim.at("about");
    if (claim.contains("bound")) {
        const MpInterval enclosure = about == "mu" ? truth.mu.value().enclosure : about == "lambda2" ? truth.lambda2.value().enclosure : truth.lambda.enclosure;
        const bool lower = claim.at("side") == "lower";
        const std::string bound = claim.at("bound");
        if (bound == "-inf") {
            if (!lower) CHECK(mpfr_inf_p(enclosure.lower()) != 0);
            return;
        }
        const MpInterval end(parse_rational(bound), 4096);
        if (lower) CHECK(mpfr_lessequal_p(end.lower(), enclosure.upper()) != 0);
        else CHECK(mpfr_greaterequal_p(end.upper(), enclosure.lower()) != 0);
    } else if (about == "minimum") {
        CHECK(problem.minimum.proved);
    } else {
        const Status status = check_hypotheses(problem)[about].status;
        CHECK(status != (claim.at("status") == "proved" ? Status::refuted : Status::proved));
    }
}

// All strings and numbers of a JSON value, with their paths.
void leaves(const json& value, const json::json_pointer& path, std::vector<json::json_pointer>& result) {
    if (value.is_object()) {
        for (const auto& [key, child] : value.items()) leaves(child, path / key, result);
    } else if (value.is_array()) {
        for (std::size_t k = 0; k < value.size(); ++k) leaves(value[k], path / k, result);
    } else {
        result.push_back(path);
    }
}

std::string edited(std::string text, test::Random& random) {
    static const std::string alphabet = "0123456789abcdefp.-+/*x [](){}\"eEnl\n";
    for (long edits = random.integer(1, 3); edits > 0 && !text.empty(); --edits) {
        const auto at = static_cast<std::size_t>(random.integer(0, static_cast<long>(text.size()) - 1));
        const char c = alphabet[static_cast<std::size_t>(random.integer(0, static_cast<long>(alphabet.size()) - 1))];
        switch (random.integer(0, 3)) {
            case 0: text.erase(at, 1); break;
            case 1: text.insert(at, 1, c); break;
            case 2: text[at] = c; break;
            default:  // a digit for a digit: stays well-formed
                for (std::size_t k = at; k < text.size(); ++k)
                    if (text[k] >= '0' && text[k] <= '9') {
                        text[k] = static_cast<char>('0' + random.integer(0, 9));
                        break;
                    }
        }
    }
    return text;
}

// Moves a bound into the enclosure, or past it.
void tighten(json& certificate, test::Random& random) {
    json& claims = certificate.at("claims");
    json& claim = claims[static_cast<std::size_t>(random.integer(0, static_cast<long>(claims.size()) - 1))];
    if (!claim.contains("bound") || claim.at("bound") == "-inf") {
        if (claim.contains("status")) claim["status"] = claim.at("status") == "proved" ? "refuted" : "proved";
        return;
    }
    const double by = std::ldexp(1.0, static_cast<int>(random.integer(-60, 1)));
    const Rational step = rational_from_double(claim.at("side") == "lower" ? by : -by);
    try {
        claim["bound"] = Rational(parse_rational(claim.at("bound").get<std::string>()) + step).str();
    } catch (const std::exception&) {
        return;  // an earlier mutation spoilt the number
    }
}

void mutate(json& certificate, test::Random& random) {
    switch (random.integer(0, 6)) {
        case 0:
        case 1: tighten(certificate, random); return;
        case 2: {  // the matrices and the problem, or only one of them
            std::string problem = edited(certificate.at("problem"), random);
            certificate["problem"] = problem;
            return;
        }
        case 3:
            if (certificate.contains("fans")) {
                json& fan = certificate["fans"][0];
                const char* keys[] = {"values", "bisection", "cone", "corrector"};
                json& text = fan[keys[random.integer(0, fan.contains("corrector") ? 3 : 2)]];
                if (text != "all") text = edited(text, random);
                if (random.chance(0.2)) fan["cone"] = "all";
                return;
            }
            if (certificate.contains("quadratics")) {
                json& quadratic = certificate["quadratics"][0];
                const char* keys[] = {"basis", "forms", "weights"};
                json& text = quadratic[keys[random.integer(0, 2)]];
                text = edited(text, random);
                return;
            }
            [[fallthrough]];
        case 4: {
            std::vector<json::json_pointer> paths;
            leaves(certificate.at("claims"), json::json_pointer("/claims"), paths);
            json& leaf = certificate[paths[static_cast<std::size_t>(random.integer(0, static_cast<long>(paths.size()) - 1))]];
            leaf = leaf.is_string() ? json(edited(leaf, random)) : json(random.integer(0, 3));
            return;
        }
        case 5: {  // claims swap sides or move to another quantity
            json& claims = certificate.at("claims");
            json& claim = claims[static_cast<std::size_t>(random.integer(0, static_cast<long>(claims.size()) - 1))];
            if (claim.contains("side")) claim["side"] = claim.at("side") == "lower" ? "upper" : "lower";
            if (random.chance(0.3)) claim["about"] = claims[static_cast<std::size_t>(random.integer(0, static_cast<long>(claims.size()) - 1))].at("about");
            return;
        }
        default: {  // a matrix entry both in the family and, when rational, in the text
            json& matrices = certificate.at("family").at("matrices");
            std::vector<json::json_pointer> paths;
            leaves(matrices, json::json_pointer(""), paths);
            json& leaf = matrices[paths[static_cast<std::size_t>(random.integer(0, static_cast<long>(paths.size()) - 1))]];
            leaf = edited(leaf, random);
            return;
        }
    }
}

// The evidence and the claims of one problem under the family of a neighbour: only what is also true of the neighbour may be accepted.
bool transplant(json& certificate, test::Random& random) {
    try {
        const Problem neighbour = parse_problem(edited(certificate.at("problem"), random), "neighbour");
        CertifyOptions rough = options();
        rough.goal = Goal{false, 1.0};
        rough.seconds = 0.2;
        json other = json::parse(make_certificate(neighbour, certify(neighbour, rough), 17).text);
        other["claims"] = certificate.at("claims");
        if (certificate.contains("fans")) other["fans"] = certificate.at("fans");
        certificate = std::move(other);
        return true;
    } catch (const std::exception&) {
        return false;  // the edit spoilt the problem
    }
}

}  // namespace

TEST_CASE("whatever is accepted after tampering is still true") {
    test::Random random(31);
    int accepted_claims = 0;
    int refused = 0;
    for (int trial = 0; trial < test::trials(400); ++trial) {
        const std::string& original = certificates()[static_cast<std::size_t>(random.integer(0, static_cast<long>(certificates().size()) - 1))];
        std::string text;
        if (random.chance(0.15)) {
            text = random.chance(0.3) ? original.substr(0, static_cast<std::size_t>(random.integer(0, static_cast<long>(original.size())))) : edited(original, random);
        } else {
            json certificate = json::parse(original);
            if (!random.chance(0.3) || !transplant(certificate, random))
                for (long n = random.integer(1, 2); n > 0; --n) mutate(certificate, random);
            text = certificate.dump(-1, ' ', false, json::error_handler_t::replace);
        }
        INFO(text);
        checker::CheckResult result;
        try {
            result = checker::check(text);
        } catch (const checker::Refused&) {
            ++refused;
            continue;
        }
        const json certificate = json::parse(text);
        const bool same_problem = certificate.at("problem") == json::parse(original).at("problem");
        for (const checker::ClaimResult& claim : result.claims) {
            const json& claimed = certificate.at("claims")[claim.index];
            const json before = json::parse(original).at("claims");
            // Claims that are what they were, of a problem that is what it was, need no second opinion.
            if (!claim.proved || (same_problem && std::find(before.begin(), before.end(), claimed) != before.end())) continue;
            ++accepted_claims;
            require_true(certificate, claimed);
        }
    }
    const std::string counts = std::to_string(test::trials(400)) + " mutations: " + std::to_string(refused) + " refused, " + std::to_string(accepted_claims) + " altered claims accepted, all true";
    if (test::trials(1) > 1) WARN(counts);  // a long campaign reports
    INFO(counts);
    CHECK(refused > test::trials(400) / 20);
    CHECK(accepted_claims > test::trials(400) / 20);
}

TEST_CASE("sharp tampering is refused") {
    // Bounds on the wrong side of the reference value, however close.
    for (std::size_t k = 0; k < cases().size(); ++k) {
        if (!cases()[k].lambda || !std::isfinite(*cases()[k].lambda)) continue;
        INFO(cases()[k].name);
        for (const double beyond : {1e-9, 1e-6, 0.1}) {
            json certificate = json::parse(certificates()[k]);
            json kept = json::array();
            for (json claim : certificate.at("claims")) {
                if (claim.at("about") != "lambda") continue;
                const double bound = *cases()[k].lambda + (claim.at("side") == "lower" ? beyond : -beyond);
                claim["bound"] = rational_from_double(bound).str();
                kept.push_back(claim);
            }
            certificate["claims"] = kept;
            REQUIRE(kept.size() == 2);
            for (const checker::ClaimResult& claim : checker::check(certificate.dump()).claims) CHECK(!claim.proved);
        }
    }
}

TEST_CASE("malformed certificates are refused with the place") {
    const std::string good = certificates()[0];
    CHECK_THROWS_AS(checker::check(""), checker::Refused);
    CHECK_THROWS_AS(checker::check("{}"), checker::Refused);
    CHECK_THROWS_AS(checker::check(std::string(100000, '[')), checker::Refused);
    CHECK_THROWS_AS(checker::check(good.substr(0, good.size() / 2)), checker::Refused);
    CHECK_THROWS_AS(checker::check_file("/nowhere/at/all"), checker::Refused);
    json other = json::parse(good);
    other["version"] = 2;
    CHECK_THROWS_WITH(checker::check(other.dump()), Catch::Contains("version"));
    other = json::parse(good);
    other["family"]["matrices"][0][0][0] = "2.0001";
    CHECK_THROWS_WITH(checker::check(other.dump()), Catch::Contains("family: matrix 0"));
    for (const char* problem : {"", R"([prpduct]
matrices = [["0",} 1]])", "a = 1\n\x01", "[product]\nmatrices = 3", "\xff\xfe", R"([product]
matrices = [[["2"]]]
probabilities = ["1/2"])"}) {
        other = json::parse(good);
        other["problem"] = problem;
        CHECK_THROWS_AS(checker::check(other.dump(-1, ' ', false, json::error_handler_t::replace)), checker::Refused);
    }
    other = json::parse(good);
    other["claims"] = json::array();
    CHECK(!checker::check(other.dump()).accepted());
}

TEST_CASE("keys that mean nothing are refused: a reader may take them for part of the problem") {
    const auto with = [](std::size_t k, const std::string& from, const std::string& to) {
        json other = json::parse(certificates()[k]);
        std::string text = other["problem"];
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        other["problem"] = text.replace(at, from.size(), to);
        return other.dump();
    };
    const auto case_of = [](const char* name) {
        std::size_t k = 0;
        while (cases()[k].name != name) ++k;
        return k;
    };
    const std::size_t model = case_of("tanh");
    const std::size_t gram = case_of("rates");
    CHECK_NOTHROW(checker::check(with(model, "[minimum]", "[minimum]\n" R"(kind = "exact")")));
    CHECK_THROWS_WITH(checker::check(with(model, "[minimum]", "[minimum]\n" R"(kind = "far")")), Catch::Contains("minimum.kind"));
    CHECK_THROWS_WITH(checker::check(with(model, "[minimum]", "[minimum]\n" R"(kind = "near")")), Catch::Contains("centre"));
    for (const char* more : {"[training]\n" R"(momentum = "9/10")", "[network]\n[training]", "[product]\n[training]"}) {
        CHECK_THROWS_AS(checker::check(with(model, "[training]", more)), checker::Refused);
        CHECK_THROWS_AS(checker::check(with(gram, "[training]", more)), checker::Refused);
    }
    CHECK_THROWS_WITH(checker::check(with(model, R"(u1 = "2")", R"(u1 = "2", u3 = "1")")), Catch::Contains("u3"));
    CHECK_THROWS_WITH(checker::check(with(gram, "[training]", "[data]\n" R"(targets = "model")" "\n[training]")), Catch::Contains("data"));
}

TEST_CASE("proofs that prove something else are refused", "[T2][T3][T4][T5][T6][T7][T8][T10][T13][T27]") {
    const auto certificate = [](const char* problem, const char* probabilities, const char* matrices) {
        json result = {{"format", "lyapcert certificate"}, {"version", 1}, {"problem", problem}};
        result["family"] = {{"probabilities", json::parse(probabilities)}, {"matrices", json::parse(matrices)}};
        return result;
    };
    const auto proved = [](const json& about, const char* claim) {
        json other = about;
        other["claims"] = json::array({json::parse(claim)});
        return checker::check(other.dump()).claims.at(0).proved;
    };
    const auto lambda = [&](const json& about, const std::string& side, const std::string& bound, const std::string& proof) {
        return proved(about, (R"({"about": "lambda", "side": ")" + side + R"(", "bound": ")" + bound + R"(", "proof": )" + proof + "}").c_str());
    };
    const std::string determinant = R"({"rule": "determinant"})";
    const std::string contraction = R"({"rule": "contraction"})";
    // lambda = log(1/2); without a basis the product has the exponent 0, and its determinants say nothing of lambda.
    const json singular = certificate(R"([gram]
matrix = [[1, 1], [1, 1]]
[training]
learning_rate = "1/2"
)", R"(["1/2", "1/2"])",
                                      R"([[["1/2", "0"], ["-1/2", "1"]], [["1", "-1/2"], ["0", "1/2"]]])");
    CHECK(!lambda(singular, "lower", "-0.4", determinant));
    CHECK(!lambda(singular, "lower", "-inf", determinant));
    CHECK(!lambda(singular, "lower", "0", contraction));
    CHECK(lambda(singular, "upper", "0", contraction));
    CHECK(lambda(singular, "upper", "-0.2", contraction));  // of lambda itself
    CHECK(!proved(singular, R"({"about": "lambda2", "side": "lower", "bound": "-0.1", "proof": {"matrix": [["1"], ["-1", "1"]]}})"));
    json with_basis = certificate(R"([gram]
matrix = [[1, 1], [1, 1]]
[training]
learning_rate = "1/2"
)", R"(["1"])", R"([[["1/2"]]])");
    with_basis["basis"] = json::parse("[0]");
    CHECK(lambda(with_basis, "lower", "-0.7", determinant));
    CHECK(!lambda(with_basis, "lower", "-0.6", determinant));
    for (const char* basis : {"[0, 0]", "[0, 1]", "[7]", "[-1]"}) {
        with_basis["basis"] = json::parse(basis);
        CHECK_THROWS_AS(lambda(with_basis, "upper", "1", determinant), checker::Refused);
    }
    // All gradients vanish.
    const json nothing = certificate(R"([gram]
matrix = [[0]]
[training]
learning_rate = 1
)", R"(["1"])", R"([[["1"]]])");
    CHECK(!lambda(nothing, "lower", "0", contraction));
    CHECK(!lambda(nothing, "lower", "-1", R"({"rule": "dimension 1"})"));
    CHECK(!proved(nothing, R"({"about": "mu", "side": "upper", "bound": "1"})"));
    CHECK(!proved(nothing, R"({"about": "mu", "side": "lower", "bound": "-inf"})"));
    // The contraction rule is about the problem with batch size 1, not about a part of it or about batches.
    const json pair = certificate(R"([gram]
matrix = [[1, 0], [0, 1]]
[training]
learning_rate = "1/2"
)", R"(["1/2", "1/2"])",
                                  R"([[["1/2", "0"], ["0", "1"]], [["1", "0"], ["0", "1/2"]]])");
    CHECK(lambda(pair, "upper", "-0.1", contraction));
    CHECK(!lambda(pair, "upper", "-0.1", R"({"rule": "blocks", "blocks": [[0, 1]], "parts": [{"block": 0, "proof": {"rule": "contraction"}}]})"));
    CHECK(!lambda(pair, "upper", "-0.1", R"({"rule": "waiting", "proof": {"rule": "contraction"}})"));
    CHECK(!lambda(pair, "upper", "-0.1", R"({"rule": "blocks", "blocks": [[0], [1]], "parts": []})"));
    CHECK(!lambda(pair, "upper", "-0.1", R"({"rule": "blocks", "blocks": [[0], [1]], "parts": [{"block": 1, "proof": {"rule": "dimension 1"}}]})"));
    const json batch = certificate(R"([gram]
matrix = [[1, 0], [0, 1]]
[training]
learning_rate = "1/2"
batch_size = 2
)", R"(["1"])", R"([[["3/4", "0"], ["0", "3/4"]]])");
    CHECK(!lambda(batch, "upper", "0", contraction));
    const std::string outlier = R"({"rule": "outlier", "index": 1, "span": "0"})";
    CHECK(!lambda(batch, "lower", "-1", outlier));
    // The outlier rule: eta ||g||^2 of 1/2 and 4, <g_1, g_2> = 1/2 and hence 1/2 in the span.
    const json far = certificate(R"([gram]
matrix = [[1, 1], [1, 8]]
[training]
learning_rate = "1/2"
)", R"(["1/2", "1/2"])",
                                 R"([[["1/2", "0"], ["-1/2", "1"]], [["1", "-1/2"], ["0", "-3"]]])");
    const auto with = [](const char* index, const char* span) { return std::string(R"({"rule": "outlier", "index": )") + index + R"(, "span": )" + span + "}"; };
    CHECK(!lambda(far, "lower", "0", with("1", R"("1/2")")));  // b = 3/2, 4 e^2 = 7
    const json near = certificate(R"([gram]
matrix = [[1, 1], [1, 16]]
[training]
learning_rate = "1/2"
)", R"(["1/2", "1/2"])",
                                  R"([[["1/2", "0"], ["-1/2", "1"]], [["1", "-1/2"], ["0", "-7"]]])");
    const double growth = 0.5 * std::log(1.0 + (5.5 + std::sqrt(5.5 * 5.5 - 15.0)) / 2.0);
    CHECK(lambda(near, "lower", std::to_string(growth - 1e-5), with("1", R"("1/2")")));  // semidefinite, exactly
    CHECK(!lambda(near, "lower", std::to_string(growth + 1e-5), with("1", R"("1/2")")));
    CHECK(!lambda(near, "lower", "0", with("1", R"("0.499")")));
    CHECK(!lambda(near, "upper", "5", with("1", R"("1/2")")));
    CHECK(!lambda(near, "lower", "0", with("0", R"("1/2")")));
    CHECK(!lambda(near, "lower", "0", R"({"rule": "blocks", "blocks": [[0, 1]], "parts": [{"block": 0, "proof": {"rule": "outlier", "index": 1, "span": "1/2"}}]})"));
    for (const char* bad : {"2", "-1", "1e300", R"("1")", "null"}) CHECK(!lambda(near, "lower", "0", with(bad, R"("1/2")")));
    for (const char* bad : {R"("3")", R"("-1/2")", R"("x")", R"("nan")", R"("1e999999999")"}) CHECK(!lambda(near, "lower", "0", with("1", bad)));
    CHECK(lambda(batch, "upper", "-0.28", R"({"rule": "monomial"})"));
    CHECK(!lambda(batch, "upper", "-0.29", R"({"rule": "monomial"})"));
}

TEST_CASE("a bound is shown in full") {
    json other = json::parse(certificates()[0]);
    const std::string bound = "0." + std::string(300, '0') + "1e305";
    other["claims"] = json::array({{{"about", "lambda"}, {"side", "upper"}, {"bound", bound}, {"proof", {{"rule", "no such rule"}}}}});
    CHECK(checker::check(other.dump()).claims.at(0).claim == "lambda <= " + bound);
}

TEST_CASE("a certificate about a point that is no minimum is refused", "[T20]") {
    // The exponents do not depend on the targets: every other claim would still hold.
    REQUIRE(cases()[7].name == "factorisation");
    for (const char* target : {"8", "1.0000000000000000000000000001", "pi/3", "0"}) {
        json certificate = json::parse(certificates()[7]);
        std::string problem = certificate.at("problem");
        const std::string before = R"(targets = ["1"])";
        const std::size_t at = problem.find(before);
        REQUIRE(at != std::string::npos);
        certificate["problem"] = problem.replace(at, before.size(), std::string(R"(targets = [")") + target + "\"]");
        CHECK_THROWS_WITH(checker::check(certificate.dump()), Catch::Contains("not a minimum"));
    }
}

TEST_CASE("large certificates are compressed") {
    std::string text(1 << 20, 'a');
    CHECK(packed(text).size() < text.size() / 100);
    CHECK(packed("short") == "short");
}

namespace {

// What the checker says of H1, and the ends of lambda and mu.
struct Dependent {
    std::string h1;
    bool accepted = false;
    double lambda[2] = {0, 0};
    double mu[2] = {0, 0};
    json certificate;
};

Dependent dependent(const std::string& text) {
    CertifyOptions options;
    options.goal = Goal{false, 1e-10};
    options.seconds = 5;
    options.keep_evidence = true;
    const Problem problem = parse_problem(text, "test");
    const Certification certification = certify(problem, options);
    Dependent result;
    const Certificate certificate = make_certificate(problem, certification, 17);
    CHECK(certificate.omitted.empty());
    result.certificate = json::parse(certificate.text);
    result.accepted = checker::check(certificate.text).accepted();
    bool claimed = false;
    for (const json& claim : result.certificate["claims"]) claimed = claimed || (claim["about"] == "H1" && claim["status"] == "refuted");
    CHECK(claimed);
    const Hypothesis& h1 = (*certification.hypotheses)["H1"];
    CHECK(h1.status == Status::refuted);
    result.h1 = h1.reason;
    result.lambda[0] = certification.lambda.enclosure.lower_double();
    result.lambda[1] = certification.lambda.enclosure.upper_double();
    result.mu[0] = certification.mu->enclosure.lower_double();
    result.mu[1] = certification.mu->enclosure.upper_double();
    return result;
}

void check_dependent(const std::string& text, double lambda, double mu, const std::string& h1) {
    CAPTURE(text);
    const Dependent d = dependent(text);
    CHECK(d.accepted);
    CHECK(d.h1 == h1);
    CHECK(d.lambda[0] == Approx(lambda).margin(1e-9));
    CHECK(d.lambda[1] == Approx(lambda).margin(1e-9));
    CHECK(d.mu[0] == Approx(mu).margin(1e-9));
    CHECK(d.mu[1] == Approx(mu).margin(1e-9));
    CHECK(d.lambda[0] <= d.lambda[1]);
}

}  // namespace

TEST_CASE("more gradients than parameters, in every form: H1 is refuted, the exponents are certified", "[T2]") {
    // Wu, Ma & E's example: two parabolas with their minimum at 0, of curvatures 1/5 and 19/5.
    const std::string training = "[training]\nlearning_rate = '7/10'\ninitialisation = 'gaussian'\n";
    const std::string why = "2 gradients in dimension 1 are linearly dependent";
    const double lambda = 0.177997356316934;
    const double mu = -0.916290731874155;
    const std::string data = "[data]\ninputs = [['sqrt(1/5)'], ['sqrt(19/5)']]\n";
    check_dependent("[gradients]\nrows = [['sqrt(1/5)'], ['sqrt(19/5)']]\n" + training, lambda, mu, why);
    for (const char* targets : {"'model'", "['0', '0']"})
        check_dependent("[model]\nparameters = ['w']\ninputs = ['y']\noutput = 'w*y'\n" + data + "targets = " + targets + "\n[minimum]\nvalues = { w = 0 }\n" + training, lambda, mu, why);
    check_dependent("[network]\nlayers = [1, 1]\nactivation = 'linear'\nbias = false\n" + data + "targets = 'model'\n[minimum]\nweights = [[[0]]]\n" + training, lambda, mu, why);
    // The same with the Gram matrix, rational: the shape is not known there, and not needed.
    const double rational = 0.5 * (std::log(0.3) + std::log(1.8));
    check_dependent("[gradients]\nrows = [['1'], ['2']]\n[training]\nlearning_rate = '7/10'\n", rational, std::log(0.75), why);
    check_dependent("[gram]\nmatrix = [['1', '2'], ['2', '4']]\n[training]\nlearning_rate = '7/10'\n", rational, std::log(0.75), "the Gram matrix is not positive definite: the gradients at x* are linearly dependent");
    // Three irrational gradients in the plane, and every learning rate in an interval.
    const std::string plane = "[gradients]\nrows = [['sqrt(2)', '1'], ['1', 'sqrt(3)'], ['exp(1)/3', '-1/2']]\n[training]\n";
    const Dependent three = dependent(plane + "learning_rate = '1/10'\n");
    CHECK(three.accepted);
    CHECK(three.lambda[0] > -1.0);
    CHECK(three.lambda[1] < 0.0);
    const Dependent along = dependent(plane + "learning_rate = ['1/10', '11/100']\n");
    CHECK(along.accepted);
    CHECK(along.lambda[0] <= three.lambda[0]);
    CHECK(along.lambda[1] >= three.lambda[1]);
    CHECK(along.lambda[1] < 0.0);
    CHECK(dependent(plane + "learning_rate = '1/10'\nbatch_size = 2\n").accepted);
    CHECK(dependent(plane + "learning_rate = '1/10'\nbatch_size = 3\n").accepted);
}

TEST_CASE("data points that occur twice, in models and networks alike", "[T2][T41]") {
    const std::string why = "data point 3 is data point 1 again: their gradients are equal";
    const std::string training = "[training]\nlearning_rate = '1/10'\n";
    const std::string data = "[data]\ninputs = [['1'], ['2'], ['1.0']]\ntargets = ['1', '2', '1']\n";
    const std::string model = "[model]\nparameters = ['a', 'b', 'c']\ninputs = ['y']\noutput = 'a + b*y + c*y^2'\n" + data + "[minimum]\nvalues = { a = 0, b = 1, c = 0 }\n";
    const Dependent exact = dependent(model + training);
    CHECK(exact.accepted);
    CHECK(exact.h1 == why);
    const auto agrees = [&](const Dependent& d) {
        CHECK(d.accepted);
        CHECK(d.h1 == why);
        for (int k = 0; k < 2; ++k) {
            CHECK(d.lambda[k] == Approx(exact.lambda[k]).margin(1e-3));
            CHECK(d.mu[k] == Approx(exact.mu[k]).margin(1e-9));
        }
    };
    const Dependent near = dependent(model + "kind = 'near'\n" + training);
    agrees(near);
    // The same gradients (y, y^2, 1) up to their order, from a network: with an approximate minimum, and with the network's own targets.
    const std::string head = "[network]\nlayers = [1, 2, 1]\nactivation = 'square'\nfrozen = [1]\n[data]\ninputs = [['1'], ['2'], ['1']]\n";
    const std::string weights = "[minimum]\nweights = [[['1/2'], ['1']], ['1', '0'], [[0.5, 0.3]], [0.1]]\n";
    const Dependent own = dependent(head + "targets = 'model'\n" + weights + training);
    CHECK(own.accepted);
    CHECK(own.h1 == why);
    const Dependent network = dependent(head + "targets = ['1.525', '3.3', '1.525']\n" + weights + training);
    CHECK(network.accepted);
    CHECK(network.h1 == why);
    CHECK(network.mu[0] == Approx(own.mu[0]).margin(1e-9));
    CHECK(network.lambda[1] == Approx(own.lambda[1]).margin(1e-3));
    // Tampering: another target for the same inputs; inputs that are not equal.
    for (const auto& [from, to] : {std::pair("'2', '1']", "'2', '1.1']"), std::pair("['1.0']", "['1.1']")}) {
        json other = near.certificate;
        std::string text = other["problem"];
        text.replace(text.find(from), std::string(from).size(), to);
        other["problem"] = text;
        bool accepted = true;
        try {
            accepted = checker::check(other.dump()).accepted();
        } catch (const checker::Refused&) {
            accepted = false;
        }
        CHECK_FALSE(accepted);
    }
}

TEST_CASE("a basis is refused where its rank does not follow", "[T2]") {
    const std::string training = "[training]\nlearning_rate = '1/10'\n";
    const auto refusal = [&](const std::string& text, const std::vector<std::size_t>& basis) {
        try {
            checker::check(json{{"format", "lyapcert certificate"}, {"version", 1}, {"problem", text}, {"basis", basis}, {"claims", json::array()},
                                {"family", {{"probabilities", json::array()}, {"matrices", json::array()}}}}
                               .dump());
        } catch (const checker::Refused& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    const std::string spans = "its rows do not span";
    // Collinear and irrational: the rank is one, but may be two for all that is known.
    const std::string collinear = "[gradients]\nrows = [['sqrt(2)', 'sqrt(3)'], ['2*sqrt(2)', '2*sqrt(3)'], ['3*sqrt(2)', '3*sqrt(3)']]\n" + training;
    CHECK_THAT(refusal(collinear, {0}), Catch::Contains(spans));
    CHECK_THAT(refusal(collinear, {0, 1}), !Catch::Contains("accepted") && !Catch::Contains("family"));
    // Of rank two, with a basis that is too short, too long, or right.
    const std::string plane = "[gradients]\nrows = [['sqrt(2)', '1'], ['1', 'sqrt(3)'], ['exp(1)/3', '-1/2']]\n" + training;
    CHECK_THAT(refusal(plane, {0}), Catch::Contains(spans));
    CHECK_THAT(refusal(plane, {0, 1, 2}), !Catch::Contains("family"));
    CHECK_THAT(refusal(plane, {0, 2}), Catch::Contains("family"));
    CHECK_THAT(refusal(plane, {1, 1}), !Catch::Contains("family"));
    // A Gram matrix has no shape to tell its rank.
    CHECK_THAT(refusal("[gram]\nmatrix = [['1/5', 'sqrt(19)/5'], ['sqrt(19)/5', '19/5']]\n" + training, {0}), Catch::Contains(spans));
    // Inputs that are equal in value but irrational are not recognised; three parameters, two different points.
    const std::string model = "[model]\nparameters = ['a', 'b', 'c']\ninputs = ['y']\noutput = 'a*exp(y) + b*y + c'\n";
    const std::string minimum = "targets = 'model'\n[minimum]\nvalues = { a = 1, b = 1, c = 0 }\n" + training;
    CHECK_THAT(refusal(model + "[data]\ninputs = [['1'], ['2'], ['1']]\n" + minimum, {0, 1}), Catch::Contains("family"));
    CHECK_THAT(refusal(model + "[data]\ninputs = [['1'], ['2'], ['1']]\n" + minimum, {1, 2}), Catch::Contains("family"));
    CHECK_THAT(refusal(model + "[data]\ninputs = [['1'], ['2'], ['3']]\n" + minimum, {0, 1}), Catch::Contains(spans));
}
