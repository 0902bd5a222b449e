// Claims that had to be made weaker than the print-out are named, with the loss.
#include <algorithm>
#include <cmath>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/numeric/decimal.hpp"

using namespace lyapcert;

namespace {

const Problem& problem() {
    static const Problem result = parse_problem("[gram]\nmatrix = [[\"5\", \"-4\"], [\"-4\", \"5\"]]\n[training]\nlearning_rate = \"1/10\"\n", "test");
    return result;
}

Certification certified() {
    CertifyOptions options;
    options.goal = Goal{true, 1e-4};
    options.seconds = 20;
    options.keep_evidence = true;
    return certify(problem(), options);
}

double claimed_lower_end(const Certificate& certificate) {
    const auto document = nlohmann::json::parse(certificate.text);
    for (const auto& claim : document["claims"])
        if (claim["about"] == "lambda" && claim["side"] == "lower") return parse_rational(claim["bound"].get<std::string>()).convert_to<double>();
    return std::nan("");
}

}  // namespace

TEST_CASE("a certificate that is as strong as the print-out says nothing of losses") {
    const Certificate certificate = make_certificate(problem(), certified(), 17);
    CHECK(certificate.weaker.empty());
    CHECK(certificate.omitted.empty());
    CHECK(certificate.keeps_signs);
}

TEST_CASE("a claim that must be weaker than what is printed is told, with the loss") {
    // An enclosure whose lower end is too good to be true by 40 % of its width: the checker only proves less.
    Certification certification = certified();
    const double width = certification.lambda.enclosure.width_double();
    const double end = certification.lambda.enclosure.lower_double() + 0.4 * width;
    mpfr_set_d(certification.lambda.enclosure.lower_ref(), end, MPFR_RNDN);
    const Certificate certificate = make_certificate(problem(), certification, 17);
    const double loss = end - claimed_lower_end(certificate);
    REQUIRE(loss >= 0.3 * width);
    REQUIRE(certificate.weaker.size() == 1);
    const std::string& told = certificate.weaker.front();
    CHECK(told.rfind("lambda, lower bound: ", 0) == 0);
    const double said = std::stod(told.substr(told.find(" by ") + 4));
    CHECK(said >= loss * (1.0 - 1e-9));
    CHECK(said <= loss * 1.2 + 1e-12);
    CHECK(certificate.keeps_signs);
}

TEST_CASE("a sign that the certificate does not prove is an error") {
    Certification certification = certified();
    mpfr_set_d(certification.lambda.enclosure.upper_ref(), 0.75, MPFR_RNDN);
    mpfr_set_d(certification.lambda.enclosure.lower_ref(), 0.25, MPFR_RNDN);
    const Certificate certificate = make_certificate(problem(), certification, 17);
    CHECK(!certificate.keeps_signs);
}
