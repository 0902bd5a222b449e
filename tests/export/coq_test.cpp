#include "lyapcert/export/coq.hpp"

#include <catch2/catch.hpp>

#include "export/coq_text.hpp"
#include "export/word_tree.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/decimal.hpp"

using namespace lyapcert;
using namespace lyapcert::coq_export;

namespace {

RationalMatrix matrix(const std::vector<std::vector<const char*>>& rows) {
    RationalMatrix result;
    for (const auto& row : rows) {
        result.emplace_back();
        for (const char* entry : row) result.back().push_back(parse_rational(entry));
    }
    return result;
}

std::string certificate(const std::string& family, const std::string& claims) {
    return R"({"format": "lyapcert certificate", "version": 1, "problem": "[product]", "family": )" + family + R"(, "claims": )" + claims + "}";
}

const char* const pair_of_ones = R"({"probabilities": ["1"], "matrices": [[["2"]]]})";

}  // namespace

TEST_CASE("The integer form of a family undoes signs and denominators") {
    // D A P = P B in integers, with P = diag(signs).
    const Family family{{parse_rational("1/3"), parse_rational("2/3")}, {matrix({{"1/2", "-1/3"}, {"-2", "1"}}), matrix({{"-1", "1/5"}, {"0", "-3"}})}};
    std::string why;
    const auto form = find_integer_form(family, why);
    REQUIRE(form);
    CHECK(form->total() == 3);
    CHECK(form->letters[0].weight == 1);
    CHECK(form->letters[1].weight == 2);
    for (std::size_t k = 0; k < 2; ++k)
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t j = 0; j < 2; ++j)
                CHECK(Rational(form->letters[k].factor) * family.matrices[k][i][j] * form->signs[j] == Rational(form->signs[i] * form->letters[k].columns[j][i]));
    CHECK(form->letters[0].factor == 6);
    CHECK(form->letters[1].factor == -5);
}

TEST_CASE("A family without such signs, or with a zero column, is refused with the reason") {
    std::string why;
    CHECK_FALSE(find_integer_form({{Rational(1)}, {matrix({{"1", "1"}, {"-1", "1"}})}}, why));
    CHECK(why.find("signs") != std::string::npos);
    CHECK_FALSE(find_integer_form({{Rational(1)}, {matrix({{"1", "0"}, {"1", "0"}})}}, why));
    CHECK(why.find("zero column") != std::string::npos);
}

TEST_CASE("The tree is as deep as the claim demands") {
    std::string why;
    const auto form = find_integer_form({{parse_rational("1/2"), parse_rational("1/2")}, {matrix({{"2", "1"}, {"1", "1"}}), matrix({{"3", "1"}, {"2", "1"}})}}, why);
    REQUIRE(form);
    int depth = -1;
    for (const char* bound : {"1.1", "1.143", "1.1433110", "1.143311035"}) {
        const auto choice = choose_tree(*form, false, parse_rational(bound));
        REQUIRE(choice);
        CHECK_FALSE(choice->weaker);
        CHECK(choice->bound == parse_rational(bound));
        CHECK(choice->depth > depth);
        depth = choice->depth;
    }
    // Beyond the truth, 1.1433110351029...: what is proved instead is below it, and not far.
    const auto choice = choose_tree(*form, false, parse_rational("1.1433110351030"));
    REQUIRE(choice);
    CHECK(choice->weaker);
    CHECK(choice->bound < parse_rational("1.1433110351029"));
    CHECK(choice->bound > parse_rational("1.14331103"));
}

TEST_CASE("An exponent that is zero exactly is exported as it is claimed") {
    std::string why;
    const auto form = find_integer_form({{parse_rational("1/2"), parse_rational("1/2")}, {matrix({{"0", "1"}, {"1", "0"}}), matrix({{"1", "0"}, {"0", "1"}})}}, why);
    REQUIRE(form);
    for (const bool upper : {false, true}) {
        const auto choice = choose_tree(*form, upper, Rational(0));
        REQUIRE(choice);
        CHECK_FALSE(choice->weaker);
        CHECK(choice->bound == 0);
        CHECK(choice->bits == 30);
    }
}

TEST_CASE("A family that contracts along rare words only takes a tree of uneven depth") {
    std::string why;
    const auto form = find_integer_form({{parse_rational("7/8"), parse_rational("1/8")}, {matrix({{"1", "1"}, {"0", "1"}}), matrix({{"2", "1"}, {"1", "1"}})}}, why);
    REQUIRE(form);
    const auto choice = choose_tree(*form, true, parse_rational("0.2568"));  // 0.2563...
    REQUIRE(choice);
    CHECK(choice->threshold > 0);
    CHECK_FALSE(choice->weaker);
    CHECK(choice->depth > 20);
    CHECK(choice->leaves < 2000);
}

TEST_CASE("Whatever a problem file holds, it stays inside a comment") {
    const std::string text = comment("a *) Axiom b (* \"c\" **) ((** \xc3\xa9\t");
    CHECK(text.find("*)") == text.size() - 2);
    CHECK(text.find("(*", 1) == std::string::npos);
    CHECK(text.find('"') == std::string::npos);
    for (const char c : text) CHECK(((c >= ' ' && c <= '~') || c == '\n'));
}

TEST_CASE("Every claim is exported, weakened or listed") {
    const std::string claims = R"([{"about": "lambda", "side": "lower", "bound": "0.6931", "proof": {"rule": "dimension 1"}},
        {"about": "lambda", "side": "upper", "bound": "0.6931", "proof": {"rule": "dimension 1"}},
        {"about": "lambda2", "side": "upper", "bound": "2", "proof": {}}, {"about": "H1", "status": "proved"}])";
    const Export made = export_certificate(certificate(pair_of_ones, claims));
    CHECK(made.exported == std::vector<std::string>{"lambda >= 0.6931"});
    REQUIRE(made.weaker.size() == 1);  // ln 2 = 0.69314...
    CHECK(made.left_out.size() == 2);
    REQUIRE(made.files.size() == 1);
    CHECK(made.files.front().content.find("Theorem lambda :") != std::string::npos);
}

TEST_CASE("Where nothing can be exported nothing is written") {
    const std::string claims = R"([{"about": "lambda", "side": "lower", "bound": "-1", "proof": {"rule": "polyhedral"}}])";
    const Export turning = export_certificate(certificate(R"({"probabilities": ["1"], "matrices": [[["1", "1"], ["-1", "1"]]]})", claims));
    CHECK(turning.files.empty());
    CHECK(turning.left_out.size() == 1);
    const Export enclosed = export_certificate(certificate(R"({"probabilities": ["1"], "matrices": [[[["0x1p0", "0x1.8p0"]]]]})", claims));
    CHECK(enclosed.files.empty());
    CHECK(enclosed.left_out.front().find("not rational") != std::string::npos);
}

TEST_CASE("A malformed certificate is bad input") {
    CHECK_THROWS_AS(export_certificate("{"), InputError);
    CHECK_THROWS_AS(export_certificate("[]"), InputError);
    CHECK_THROWS_AS(export_certificate(certificate(R"({"probabilities": ["1"], "matrices": []})", "[]")), InputError);
    CHECK_THROWS_AS(export_certificate(certificate(R"({"probabilities": ["1"], "matrices": [[["1", "2"]]]})", "[]")), InputError);
    CHECK_THROWS_AS(export_certificate(certificate(R"({"probabilities": ["x"], "matrices": [[["1"]]]})", "[]")), InputError);
}
