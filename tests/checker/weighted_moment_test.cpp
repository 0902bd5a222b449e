// The checker's verdict on weighted second moments: against known exponents, exact elimination, and hostile evidence.
#include "checker/rules/weighted_moment.hpp"

#include <xmmintrin.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/problem/problem.hpp"
#include "random.hpp"

using namespace lyapcert::checker;
using lyapcert::test::Random;
using lyapcert::test::trials;
using nlohmann::json;

namespace {

constexpr long bits = 256;

std::string join(const std::vector<double>& list) {
    std::string result;
    for (const double x : list) {
        char text[40];
        std::snprintf(text, sizeof text, "%a", x);
        result += (result.empty() ? "" : " ") + std::string(text);
    }
    return result;
}

Product single_samples(const std::vector<std::vector<Rational>>& k) {
    const std::size_t n = k.size();
    Product product;
    for (std::size_t i = 0; i < n; ++i) {
        Matrix a(n, n);
        for (std::size_t r = 0; r < n; ++r)
            for (std::size_t c = 0; c < n; ++c) a(r, c) = Rational((r == c ? 1 : 0) - (c == i ? k[r][i] : Rational(0)));
        append(product, std::move(a), Rational(1, static_cast<unsigned long>(n)));
    }
    return product;
}

// Orthogonal gradients with eta |g|^2 = 5/2 and 1/2, the symbol that came last as memory. With P_1 = P_2 = diag(x, y): any c is fine as long as
// c_1 9/4 + c_2 <= 1 and c_1 + c_2 / 4 <= 1.
struct Example {
    Product product = single_samples({{Rational(5, 2), Rational(0)}, {Rational(0), Rational(1, 2)}});
    double c1 = 0.25;
    double c2 = 0.4374;
    json evidence() const {
        return json{{"dimension", 2u}, {"states", 2u}, {"next", "0 1 0 1"}, {"basis", "1 0 1"}, {"forms", "1 0 2 1 0 2"}, {"weights", join({c1, c2, c1, c2})}};
    }
    double bound() const { return -0.25 * (std::log(2 * c1) + std::log(2 * c2)); }
};

bool proved(const Product& product, const json& evidence, double claim) { return check_weighted_moment(product, evidence, Rational(claim), bits).empty(); }

// Integer gradients of length about 1000 sqrt(d).
std::string problem_text(Random& random, std::size_t n) {
    std::string text = "title = \"Gaussian gradients\"\n[gradients]\nrows = [\n";
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> g(3 * n);
        double size = 0.0;
        for (double& x : g) {
            x = normal(random.engine());
            size += x * x;
        }
        const double d = i == 0 ? 2.05 : random.uniform(0.5, 1.6);
        std::string row;
        for (const double x : g) row += (row.empty() ? "\"" : ", \"") + std::to_string(std::lround(1000.0 * x * std::sqrt(d / size))) + "\"";
        text += "[" + row + "],\n";
    }
    return text + "]\n[training]\nlearning_rate = \"1/1000000\"\n";
}

}  // namespace

TEST_CASE("checker, weighted moment: two orthogonal gradients") {
    const Example example;
    CHECK(proved(example.product, example.evidence(), example.bound() + 1e-9));
    CHECK_FALSE(proved(example.product, example.evidence(), example.bound() - 1e-9));
    Example greedy = example;
    greedy.c2 = 0.4376;
    CHECK_FALSE(proved(greedy.product, greedy.evidence(), 1.0));
    // Another basis of the same space, forms of its own: T = [2 0; 1 1], P -> T^T P T.
    json other = example.evidence();
    other["basis"] = "2 1 1";
    other["forms"] = "6 2 2 6 2 2";
    CHECK(proved(example.product, other, example.bound() + 1e-9));
    CHECK_FALSE(proved(example.product, other, example.bound() - 1e-9));
    // True of this product, false of another.
    const Product wilder = single_samples({{Rational(13, 5), Rational(0)}, {Rational(0), Rational(1, 2)}});
    CHECK_FALSE(proved(wilder, example.evidence(), 1.0));
}

TEST_CASE("checker, weighted moment: every member of an enclosure counts") {
    // c_1 (1 - d)^2 + c_2 = 0.9999 for d = 5/2, above 1 for d = 2.501.
    const Example example;
    for (const char* basis : {"1 0 1", "2 1 1"}) {
        json evidence = example.evidence();
        evidence["basis"] = basis;
        if (basis[0] == '2') evidence["forms"] = "6 2 2 6 2 2";
        for (const long power : {40L, 20L, 10L}) {
            Product product = example.product;
            const Rational width(1, 1L << power);
            product.matrices[0](0, 0) = Enclosure(Rational(-3, 2) - width, Rational(-3, 2) + width, bits);
            CHECK(proved(product, evidence, example.bound() + 1e-9) == (power > 10));
        }
    }
}

TEST_CASE("checker, weighted moment: products of another kind") {
    const Example example;
    Product product = example.product;
    product.probabilities = {Rational(1, 3), Rational(2, 3)};
    CHECK_FALSE(proved(product, example.evidence(), 1.0));
    product = example.product;
    product.matrices[1](0, 0) = Rational(1, 3);
    CHECK_FALSE(proved(product, example.evidence(), 1.0));
    product = example.product;
    product.matrices[1] = product.matrices[0];
    CHECK_FALSE(proved(product, example.evidence(), 1.0));
    product.matrices.pop_back();
    product.probabilities = {Rational(1)};
    CHECK_FALSE(proved(product, example.evidence(), 1.0));
    CHECK_THROWS_AS(proved(single_samples({{Rational(1, 2)}}), example.evidence(), 1.0), Refused);
}

TEST_CASE("checker, weighted moment: malformed evidence is refused") {
    const Example example;
    const auto with = [&](const char* key, const json& value) {
        json evidence = example.evidence();
        evidence[key] = value;
        return evidence;
    };
    for (const json& bad :
         {with("states", 0u), with("states", 1u), with("states", 3u), with("states", -2), with("states", "2"), with("states", 1u << 31), with("states", 18446744073709551615u), with("next", "0 1 0 2"),
          with("next", "0 1 0"), with("next", "0 1 0 1 0"), with("next", "0 1 0 -1"), with("next", "0  1 0 1"), with("next", "0 1 0 99999999999999999999999"), with("next", ""), with("forms", "1 0 2 1 0"),
          with("forms", "1 0 2 1 0 2 3"), with("forms", "1 0 2 1 0 nan"), with("forms", "1 0 2 1 0 inf"), with("forms", "1 0 2 1 0 1e13"), with("forms", "1 0 2 1 0 x"),
          with("weights", "0.25 0.4374 0.25 0"), with("weights", "0.25 0.4374 0.25 -0.4374"), with("weights", "0.25 0.4374 0.25 1e-300"), with("basis", "1 0"), with("basis", json::array()), with("dimension", 3u)}) {
        INFO(bad.dump());
        bool refused = false;
        try {
            refused = !proved(example.product, bad, example.bound() + 1e-9);
        } catch (const Refused&) {
            refused = true;
        } catch (const json::exception&) {
            refused = true;
        }
        CHECK(refused);
    }
    CHECK_FALSE(proved(example.product, with("basis", "1 0 0"), 1.0));
    CHECK_FALSE(proved(example.product, with("basis", "1 0 -1"), 1.0));
    CHECK_FALSE(proved(example.product, with("basis", "1 1e12 1e-12"), 1.0));
    CHECK_FALSE(proved(example.product, with("forms", "1 0 2 1 0 -2"), 1.0));
    CHECK_FALSE(proved(example.product, with("forms", "1 0 2 0 0 0"), 1.0));
}

TEST_CASE("checker, weighted moment: positive definiteness against exact elimination, in every mode") {
    Random random(91);
    const unsigned saved = _mm_getcsr();
    int found = 0;
    int definite = 0;
    for (int trial = 0; trial < trials(1500); ++trial) {
        const std::size_t n = static_cast<std::size_t>(random.integer(1, 9));
        const std::size_t rank = random.chance(0.5) ? n : std::max<std::size_t>(1, n - 1);
        std::vector<std::vector<long>> b(n, std::vector<long>(rank));
        for (auto& row : b)
            for (long& x : row) x = random.integer(-9, 9);
        lyapcert::Matrix<lyapcert::Rational> exact(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                long sum = 0;
                for (std::size_t l = 0; l < rank; ++l) sum += b[i][l] * b[j][l];
                exact(i, j) = sum;
            }
        const std::size_t at = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
        exact(at, at) += lyapcert::rational_from_double(std::ldexp(static_cast<double>(random.integer(-9, 9)), -static_cast<int>(random.integer(0, 40))));
        const double width = random.chance(0.5) ? 0.0 : std::ldexp(1.0, -static_cast<int>(random.integer(1, 40)));
        std::vector<double> lower;
        std::vector<double> upper;
        lyapcert::Matrix<lyapcert::Rational> member(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                const double x = exact(i, j).convert_to<double>();
                lower.push_back(x - width);
                upper.push_back(x + width);
                member(i, j) = member(j, i) = random.between(lyapcert::rational_from_double(lower.back()), lyapcert::rational_from_double(upper.back()));
            }
        _mm_setcsr(0x1F80U | static_cast<unsigned>(random.integer(0, 3)) << 13 | (random.chance(0.5) ? 0x8040U : 0U));
        const bool proved = proves_positive_definite(lower, upper, n);
        _mm_setcsr(saved);
        const bool truth = lyapcert::is_positive_definite(member) == lyapcert::Ternary::yes;
        REQUIRE((truth || !proved));
        found += proved;
        definite += width == 0.0 && truth;
    }
    CHECK(found > definite / 2);
}

TEST_CASE("checker, weighted moment: certificates of the program, and altered ones") {
    Random random(92);
    lyapcert::CertifyOptions options;
    options.goal = lyapcert::Goal{true, std::nullopt};
    options.seconds = 20;
    options.keep_evidence = true;
    const lyapcert::Problem problem = lyapcert::parse_problem(problem_text(random, 18), "gradients.toml");
    const lyapcert::Certification certification = lyapcert::certify(problem, options);
    REQUIRE(certification.lambda.upper.method == lyapcert::Method::weighted_moment);
    const lyapcert::Certificate certificate = lyapcert::make_certificate(problem, certification, 17);
    CHECK(std::find_if(certificate.claims.begin(), certificate.claims.end(), [](const std::string& c) { return c.rfind("lambda <= -", 0) == 0; }) != certificate.claims.end());
    REQUIRE(check(certificate.text).accepted());
    json document = json::parse(certificate.text);
    REQUIRE(document.contains("moments"));
    std::size_t claim = 0;
    while (document["claims"][claim]["about"] != "lambda" || document["claims"][claim]["side"] != "upper") ++claim;
    const auto refused = [&](const json& altered) { return !check(altered.dump()).claims[claim].proved; };
    CHECK_FALSE(refused(document));
    json altered = document;
    altered["claims"][claim]["bound"] = "-0.1";
    CHECK(refused(altered));
    altered = document;
    altered["claims"][claim]["proof"]["moment"] = 1;
    CHECK(refused(altered));
    altered = document;
    altered["claims"][claim]["side"] = "lower";
    CHECK(refused(altered));
    // Every weight a little larger: a better bound, and an inequality that does not hold.
    std::string weights;
    std::istringstream list(document["moments"][0]["weights"].get<std::string>());
    for (std::string word; list >> word;) weights += (weights.empty() ? "" : " ") + join({std::strtod(word.c_str(), nullptr) * 1.001});
    altered = document;
    altered["moments"][0]["weights"] = weights;
    CHECK(refused(altered));
    // One digit of the forms, of the basis.
    for (const char* key : {"forms", "basis"}) {
        altered = document;
        std::string text = altered["moments"][0][key].get<std::string>();
        const std::size_t at = text.find("p-1 ") == std::string::npos ? text.find('p') : text.find("p-1 ");
        text.replace(at, 3, "p+7");
        altered["moments"][0][key] = text;
        CHECK(refused(altered));
    }
}
