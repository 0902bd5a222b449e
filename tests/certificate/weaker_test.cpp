// Claims that had to be made weaker than the print-out are named, with the loss.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/numeric/decimal.hpp"

using namespace lyapcert;

TEST_CASE("a claim that is weaker than what was proved is told, with the loss", "[T2]") {
    // The rate is an interval: the checker encloses what it needs more coarsely than the program.
    const Problem problem = parse_problem(R"([model]
parameters = ["a", "b", "c"]
inputs = ["y"]
output = "a*y + b*y^2 + c"
[data]
inputs = [["1"], ["2"]]
targets = "model"
[minimum]
values = { a = "1", b = "0", c = "1" }
[training]
learning_rate = ["1/100", "1/50"]
)", "test");
    CertifyOptions options;
    options.seconds = 2;
    options.keep_evidence = true;
    const Certification certification = certify(problem, options);
    const Certificate certificate = make_certificate(problem, certification, 17);
    bool found = false;
    for (const auto& claim : nlohmann::json::parse(certificate.text)["claims"]) {
        if (claim["about"] != "lambda" || claim["side"] != "lower") continue;
        const MpInterval& lambda = certification.lambda.enclosure;
        const double bound = parse_rational(claim["bound"].get<std::string>()).convert_to<double>();
        const double loss = lambda.lower_double() - bound;
        REQUIRE(loss >= 0.0);
        const double promised = 0.011 * lambda.width_double();
        const auto told = std::find_if(certificate.weaker.begin(), certificate.weaker.end(), [](const std::string& line) { return line.rfind("lambda, lower bound: ", 0) == 0; });
        if (loss > promised + 1e-9) {
            REQUIRE(told != certificate.weaker.end());
            const std::size_t at = told->find(" by ") + 4;
            const double said = std::stod(told->substr(at));
            CHECK(said >= loss * (1.0 - 1e-12));
            CHECK(said <= loss * 1.2);
        }
        found = true;
    }
    CHECK(found);
    CHECK(certificate.keeps_signs);
}

TEST_CASE("a certificate that is as strong as the print-out says nothing of losses") {
    const Problem problem = parse_problem("[gram]\nmatrix = [[\"5\", \"-4\"], [\"-4\", \"5\"]]\n[training]\nlearning_rate = \"1/10\"\n", "test");
    CertifyOptions options;
    options.seconds = 5;
    options.keep_evidence = true;
    const Certificate certificate = make_certificate(problem, certify(problem, options), 17);
    CHECK(certificate.weaker.empty());
    CHECK(certificate.keeps_signs);
}
