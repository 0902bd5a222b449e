// Certified partitions of the learning rates: exact cases, random ones against simulation, and their certificates.
#include "lyapcert/theorem/threshold.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/exponent/approximate_exponent.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "random.hpp"

using namespace lyapcert;
using nlohmann::ordered_json;
using test::Random;
using test::trials;

namespace {

Problem gradients(const std::string& rows, const std::string& training = "learning_rate = \"1\"") {
    return parse_problem("[gradients]\nrows = " + rows + "\n[training]\n" + training + "\n", "test.toml");
}

ThresholdOptions within(double seconds, double ratio, bool keep_evidence = false) {
    ThresholdOptions options;
    options.seconds = seconds;
    options.ratio = ratio;
    options.keep_evidence = keep_evidence;
    return options;
}

// From 0 to infinity without holes.
void check_partition(const std::vector<RatePiece>& pieces) {
    REQUIRE(!pieces.empty());
    CHECK(!pieces.front().from);
    CHECK(!pieces.back().to);
    for (std::size_t p = 0; p + 1 < pieces.size(); ++p) {
        REQUIRE(pieces[p].to);
        CHECK(pieces[p].to == pieces[p + 1].from);
        CHECK((!pieces[p].from || *pieces[p].from < *pieces[p].to));
    }
}

// The verdict at a learning rate; undecided where it is open.
Verdict verdict_at(const std::vector<RatePiece>& pieces, const Rational& eta) {
    for (const RatePiece& piece : pieces)
        if ((!piece.from || *piece.from <= eta) && (!piece.to || eta <= *piece.to)) return piece.verdict;
    return Verdict::undecided;
}

// The threshold lies between, and no more than this apart.
void check_threshold(const std::vector<RatePiece>& pieces, double value, double relative) {
    const std::vector<RatePiece> all = merged(pieces);
    REQUIRE(all.size() == 3);
    CHECK(all[0].verdict == Verdict::stable);
    CHECK(all[2].verdict == Verdict::unstable);
    const double low = all[0].to->convert_to<double>();
    const double high = all[2].from->convert_to<double>();
    CHECK(low <= value);
    CHECK(high >= value);
    CHECK(high / low - 1.0 <= relative);
}

std::string random_rows(Random& random, std::size_t n) {
    std::string rows = "[";
    for (std::size_t i = 0; i < n; ++i) {
        rows += i == 0 ? "[" : ", [";
        for (std::size_t c = 0; c <= n; ++c) rows += (c == 0 ? "\"" : ", \"") + std::to_string(random.integer(-300, 300)) + "/100\"";
        rows += "]";
    }
    return rows + "]";
}

}  // namespace

TEST_CASE("threshold: one data point, and orthogonal gradients, where it is exact", "[T71]") {
    const Threshold one = threshold(gradients("[[\"1\", \"2\"]]"), within(5, 1.0001));
    // lambda = log|1 - 5 eta|; around the pole 1/5 nothing needs to be proved, but nothing false is.
    CHECK(verdict_at(one.sgd, Rational(399, 1000)) == Verdict::stable);
    CHECK(verdict_at(one.sgd, Rational(4, 10)) == Verdict::undecided);
    CHECK(verdict_at(one.sgd, Rational(401, 1000)) == Verdict::unstable);
    CHECK(one.widest <= 1.0001);
    check_threshold(one.gd, 0.4, 1e-4);
    check_threshold(one.mean_square, 0.4, 1e-4);
    // lambda = max of (1/2) log|1 - eta ||g_i||^2|: the largest norm decides, 9.
    const Threshold two = threshold(gradients("[[\"3\", \"0\"], [\"0\", \"1\"]]"), within(5, 1.0001));
    check_threshold(two.sgd, 2.0 / 9.0, 1e-4);
    check_threshold(two.gd, 4.0 / 9.0, 1e-4);
}

TEST_CASE("threshold: random minima against simulation at random learning rates", "[T70][T71]") {
    Random random(7101);
    int narrow = 0;
    const int count = trials(8);
    for (int trial = 0; trial < count; ++trial) {
        const std::size_t n = trial % 4 == 3 ? 3 : 2;
        const Problem problem = gradients(random_rows(random, n));
        const Threshold found = threshold(problem, within(n == 2 ? 2 : 4, n == 2 ? 1.001 : 1.05));
        for (const auto* pieces : {&found.gd, &found.sgd, &found.mean_square}) check_partition(*pieces);
        narrow += found.widest <= 1.001 ? 1 : 0;
        const NormalSpace space(problem.gram, problem.gram);
        for (const RatePiece& piece : merged(found.sgd)) {
            if (piece.verdict == Verdict::undecided) continue;
            const Rational low = piece.from ? *piece.from : Rational(*piece.to / 4);
            const Rational high = piece.to ? *piece.to : Rational(low * 3);
            for (int p = 0; p < 4; ++p) {
                const ApproximateExponent guess = approximate_exponent(sgd_product(space.at(Real(random.between(low, high))), 1), 200000, static_cast<std::uint64_t>(p + 1));
                const double slack = 6.0 * guess.standard_error + 2e-4;
                if (piece.verdict == Verdict::stable) CHECK(guess.mean < slack);
                else CHECK(guess.mean > -slack);
            }
        }
    }
    CHECK(narrow >= count / 2);
}

TEST_CASE("threshold: an island of stability where a step nearly annihilates a gradient", "[T70]") {
    const Problem problem = parse_problem("[gram]\nmatrix = [[\"5\", \"0.9*sqrt(5)\"], [\"0.9*sqrt(5)\", \"1\"]]\n[training]\nlearning_rate = \"1\"\n", "island.toml");
    const Threshold found = threshold(problem, within(12, 1.001));
    check_partition(found.sgd);
    CHECK(verdict_at(found.sgd, Rational(1, 2)) == Verdict::stable);
    CHECK(verdict_at(found.sgd, Rational(7, 10)) == Verdict::unstable);
    CHECK(verdict_at(found.sgd, Rational(2)) == Verdict::unstable);
    for (const RatePiece& piece : merged(found.sgd))  // by simulation unstable from about 0.523 to 0.98, and again from about 1.005 on
        if (piece.verdict == Verdict::stable && piece.from) {
            CHECK(*piece.to > Rational(97, 100));
            CHECK(*piece.to < Rational(1006, 1000));
        }
}

TEST_CASE("threshold: a general product has no learning rate; a range limits the work") {
    const Problem product = parse_problem("[product]\nmatrices = [[[\"2\", \"1\"], [\"1\", \"1\"]]]\n", "product.toml");
    CHECK_THROWS_AS(threshold(product, within(1, 1.01)), InputError);
    ThresholdOptions options = within(2, 1.001);
    options.from = Rational(1, 5);
    options.to = Rational(3, 10);
    const Threshold found = threshold(gradients("[[\"1\", \"2\", \"0\"], [\"2\", \"1\", \"1\"]]"), options);
    check_partition(found.sgd);
    CHECK(found.widest >= 1.0);
}

TEST_CASE("threshold: batches", "[T71]") {
    // With the whole batch SGD is GD.
    const Threshold whole = threshold(gradients("[[\"1\", \"2\", \"0\"], [\"2\", \"1\", \"1\"]]", "learning_rate = \"1\"\nbatch_size = 2"), within(5, 1.001));
    const std::vector<RatePiece> sgd = merged(whole.sgd);
    const std::vector<RatePiece> gd = merged(whole.gd);
    CHECK(sgd.front().to->convert_to<double>() == Approx(gd.front().to->convert_to<double>()).epsilon(1e-3));
}

TEST_CASE("threshold: the certificate holds every piece, and nothing that is not true", "[T70][T71]") {
    const Problem problem = gradients("[[\"1\", \"2\", \"0\"], [\"2\", \"1\", \"1\"]]");
    const Threshold found = threshold(problem, within(5, 1.001, true));
    const Certificate certificate = make_certificate(problem, found);
    CHECK(certificate.omitted.empty());
    CHECK(certificate.keeps_signs);
    const checker::CheckResult whole = checker::check(certificate.text);
    REQUIRE(whole.accepted());
    CHECK(whole.conclusion.find("stochastic gradient descent: stable in (0, ") != std::string::npos);

    const ordered_json json = ordered_json::parse(certificate.text);
    const auto proved_with = [&](const ordered_json& changed, std::size_t k) { return checker::check(changed.dump()).claims[k].proved; };
    const std::vector<RatePiece> all = merged(found.sgd);
    const std::string beyond = exact_decimal(Rational(*all.back().from * Rational(11, 10)));
    const std::string before = exact_decimal(Rational(*all.front().to * Rational(9, 10)));
    int changed_claims = 0;
    for (std::size_t k = 0; k < json["claims"].size(); ++k) {
        const ordered_json& claim = json["claims"][k];
        if (!claim.contains("learning_rate")) continue;
        const bool lambda = claim["about"] == "lambda";
        const bool stable = claim.contains("status") ? claim["status"] == "stable" : claim["side"] == "upper";
        // Across the threshold.
        if (lambda) {
            ordered_json changed = json;
            changed["claims"][k]["learning_rate"][stable ? 1 : 0] = stable ? beyond : before;
            CHECK_FALSE(proved_with(changed, k));
            ++changed_claims;
        }
        // The other sign; no bound of this sign; a status at the wrong end.
        ordered_json flipped = json;
        if (claim.contains("status")) flipped["claims"][k]["status"] = stable ? "unstable" : "stable";
        else flipped["claims"][k]["side"] = stable ? "lower" : "upper";
        CHECK_FALSE(proved_with(flipped, k));
        ordered_json tightened = json;
        tightened["claims"][k]["bound"] = stable ? "-1000" : "1000";
        CHECK_FALSE(proved_with(tightened, k));
        if (claim.contains("status")) {
            ordered_json zero = json;
            zero["claims"][k]["bound"] = "0";
            CHECK_FALSE(proved_with(zero, k));
        } else {
            // A rule that speaks of points only.
            ordered_json other = json;
            other["claims"][k]["proof"] = ordered_json{{"rule", "contraction"}};
            CHECK_FALSE(proved_with(other, k));
        }
        ordered_json reversed = json;
        std::swap(reversed["claims"][k]["learning_rate"][0], reversed["claims"][k]["learning_rate"][1]);
        const checker::CheckResult result = [&] {
            try {
                return checker::check(reversed.dump());
            } catch (const checker::Refused&) {
                return checker::CheckResult{};
            }
        }();
        CHECK_FALSE(result.accepted());
    }
    CHECK(changed_claims >= 4);

    // A fan that does not fit: one value changed.
    ordered_json bent = json;
    REQUIRE(bent.contains("fans"));
    std::string values = bent["fans"][0]["values"];
    values.replace(0, values.find(' '), "0x1p-40");
    bent["fans"][0]["values"] = values;
    CHECK_FALSE(checker::check(bent.dump()).accepted());
}

TEST_CASE("an interval of learning rates in a problem: certified, and checked along it", "[T70][T71]") {
    const Problem problem = gradients("[[\"3\", \"-2\", \"4\"], [\"5\", \"1\", \"2\"]]", "learning_rate = [\"0.0404\", \"0.0406\"]");
    CertifyOptions options;
    options.seconds = 4;
    options.keep_evidence = true;
    const Certification found = certify(problem, options);
    // At 0.0405 lambda is in [-0.23966, -0.23960].
    CHECK(found.lambda.enclosure.lower_double() <= -0.23966);
    CHECK(found.lambda.enclosure.upper_double() >= -0.23960);
    CHECK(found.lambda.enclosure.width_double() < 0.014);
    const Certificate certificate = make_certificate(problem, found, 17);
    CHECK(certificate.keeps_signs);
    CHECK(certificate.weaker.empty());
    CHECK(checker::check(certificate.text).accepted());
}

TEST_CASE("mu along an interval is sharp", "[T71]") {
    // G = [[5, 4], [4, 5]]: kappa = 1, 9; mu = log(1 - eta/2) for small eta.
    const Problem problem = gradients("[[\"1\", \"2\"], [\"2\", \"1\"]]", "learning_rate = [\"0.1\", \"0.2\"]");
    CertifyOptions options;
    options.seconds = 2;
    const Certification found = certify(problem, options);
    CHECK(found.mu->enclosure.lower_double() == Approx(std::log(0.9)).margin(1e-10));
    CHECK(found.mu->enclosure.upper_double() == Approx(std::log(0.95)).margin(1e-10));
    CHECK(found.gd == Verdict::stable);
    CHECK(found.sgd == Verdict::stable);
}
