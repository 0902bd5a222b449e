// Families whose closed form is hidden: preserved forms, common invariant subspaces; with certificates.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/exponent/invariant_form.hpp"
#include "lyapcert/exponent/invariant_subspace.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "random.hpp"

using namespace lyapcert;
using nlohmann::ordered_json;
using test::Random;
using test::trials;

namespace {

using Family = std::vector<Matrix<Rational>>;

RandomProduct uniform(const Family& family) {
    std::vector<Matrix<Real>> matrices;
    for (const Matrix<Rational>& a : family) matrices.push_back(to_reals(a));
    return RandomProduct(std::move(matrices), std::vector<Rational>(family.size(), Rational(1, static_cast<long>(family.size()))));
}

Matrix<Rational> random_regular(Random& random, std::size_t n) {
    for (;;) {
        Matrix<Rational> b(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) b(i, j) = Rational(random.integer(-3, 3));
        if (!determinant(b).is_zero()) return b;
    }
}

Family conjugated(const Family& family, const Matrix<Rational>& b) {
    Family result;
    for (const Matrix<Rational>& a : family) result.push_back(solve(b, a * b).value());
    return result;
}

std::string text_of(const Family& family) {
    std::string text = "[product]\nmatrices = [";
    for (std::size_t k = 0; k < family.size(); ++k) {
        text += k == 0 ? "[" : ", [";
        for (std::size_t i = 0; i < family[k].rows(); ++i) {
            text += i == 0 ? "[" : ", [";
            for (std::size_t j = 0; j < family[k].columns(); ++j) text += (j == 0 ? "\"" : ", \"") + family[k](i, j).str() + "\"";
            text += "]";
        }
        text += "]";
    }
    return text + "]\n";
}

// lambda, in a closed form with a certificate that the checker accepts.
void check_value(const Family& family, double lambda) {
    const Problem problem = parse_problem(text_of(family), "family.toml");
    INFO(problem.text);
    CertifyOptions options;
    options.seconds = 2;
    options.keep_evidence = true;
    const Certification found = certify(problem, options);
    CHECK(found.lambda.enclosure.lower_double() <= lambda + 1e-12);
    CHECK(found.lambda.enclosure.upper_double() >= lambda - 1e-12);
    CHECK(found.lambda.enclosure.width_double() < 1e-12);
    const Certificate certificate = make_certificate(problem, found, 15);
    CHECK(certificate.omitted.empty());
    CHECK(certificate.weaker.empty());
    CHECK(checker::check(certificate.text).accepted());
}

Matrix<Rational> two(const Rational& a, const Rational& b, const Rational& c, const Rational& d) {
    Matrix<Rational> m(2, 2);
    m(0, 0) = a, m(0, 1) = b, m(1, 0) = c, m(1, 1) = d;
    return m;
}

}  // namespace

TEST_CASE("conjugated rotations and conformal matrices have their exponents exactly", "[T72]") {
    Random random(7201);
    const int count = trials(12);
    for (int trial = 0; trial < count; ++trial) {
        // Pythagorean rotations times factors; every third family without factors.
        Family family;
        double lambda = 0.0;
        const int size = static_cast<int>(random.integer(2, 3));
        for (int k = 0; k < size; ++k) {
            const long m = random.integer(1, 6);
            const long n = random.integer(0, 6);
            const Rational norm(m * m + n * n);
            const Rational factor = trial % 3 == 0 ? Rational(1) : Rational(random.integer(1, 5), random.integer(1, 5));
            family.push_back(two(factor * Rational(m * m - n * n) / norm, factor * Rational(-2 * m * n) / norm, factor * Rational(2 * m * n) / norm, factor * Rational(m * m - n * n) / norm));
            lambda += std::log(factor.convert_to<double>()) / size;
        }
        const Family hidden = conjugated(family, random_regular(random, 2));
        const auto form = invariant_form(uniform(hidden));
        REQUIRE(form);
        const Family distinct = uniform(hidden).rational();  // equal ones are merged
        for (std::size_t k = 0; k < distinct.size(); ++k) {
            const Matrix<Rational> image = distinct[k].transposed() * (form->form * distinct[k]);
            for (std::size_t e = 0; e < 4; ++e) CHECK(image.entries()[e] == form->factors[k] * form->form.entries()[e]);
        }
        check_value(hidden, lambda);
        if (trial % 3 == 0) {
            const Bound bound = invariant_form_bound(uniform(hidden), 128).value();
            CHECK(is_zero(bound.enclosure));
        }
    }
}

TEST_CASE("a family without a form has none", "[T72]") {
    CHECK_FALSE(invariant_form(uniform({two(2, 1, 1, 1), two(3, 1, 2, 1)})));
    CHECK_FALSE(invariant_form(uniform({two(1, 1, 0, 1), two(1, 0, 1, 1)})));   // determinants 1, unbounded
    CHECK_FALSE(invariant_form(uniform({two(2, 0, 0, 1), two(1, 0, 0, 2)})));   // c is no square root of a rational
    CHECK_FALSE(invariant_form(uniform({two(1, 0, 0, 0), two(0, 1, 1, 0)})));   // singular
}

TEST_CASE("conjugated triangular, diagonal and block families", "[T73]") {
    Random random(7301);
    const int count = trials(12);
    for (int trial = 0; trial < count; ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 4));
        const bool diagonal = trial % 2 == 0;
        Family family(2, Matrix<Rational>(n, n, Rational(0)));
        std::vector<double> exponents(n, 0.0);
        for (Matrix<Rational>& a : family)
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = i; j < n; ++j) {
                    long x = random.integer(-4, 4);
                    if (i == j && x == 0) x = 5;
                    if (i == j || !diagonal) a(i, j) = Rational(x);
                    if (i == j) exponents[i] += 0.5 * std::log(std::fabs(static_cast<double>(x)));
                }
        const Family hidden = conjugated(family, random_regular(random, n));
        check_value(hidden, *std::max_element(exponents.begin(), exponents.end()));
    }
}

TEST_CASE("an invariant basis makes the matrices block triangular", "[T73]") {
    // A 2 x 2 family that is irreducible beside a scalar, hidden.
    Random random(7302);
    for (int trial = 0; trial < trials(6); ++trial) {
        Family family;
        for (int k = 0; k < 2; ++k) {
            Matrix<Rational> a(3, 3, Rational(0));
            a(0, 0) = 2 + k, a(0, 1) = 1, a(1, 0) = 1 + k, a(1, 1) = 1;
            a(2, 2) = Rational(1, 2);
            a(0, 2) = random.integer(-2, 2);
            family.push_back(a);
        }
        const RandomProduct hidden = uniform(conjugated(family, random_regular(random, 3)));
        const auto basis = invariant_basis(hidden);
        REQUIRE(basis);
        CHECK_FALSE(determinant(*basis).is_zero());
        const std::vector<Matrix<Rational>> moved = in_basis(hidden, *basis).rational();
        const bool first = moved[0](1, 0).is_zero() && moved[0](2, 0).is_zero() && moved[1](1, 0).is_zero() && moved[1](2, 0).is_zero();
        const bool last = moved[0](2, 0).is_zero() && moved[0](2, 1).is_zero() && moved[1](2, 0).is_zero() && moved[1](2, 1).is_zero();
        CHECK((first || last));
    }
    CHECK_FALSE(invariant_basis(uniform({two(2, 1, 1, 1), two(3, 1, 2, 1)})));
}

TEST_CASE("certificates of hidden structure: what is changed is refused", "[T72][T73]") {
    const auto certificate_of = [](const Family& family) {
        const Problem problem = parse_problem(text_of(family), "family.toml");
        CertifyOptions options;
        options.seconds = 2;
        options.keep_evidence = true;
        return ordered_json::parse(make_certificate(problem, certify(problem, options), 15).text);
    };
    const auto accepted = [](const ordered_json& json) {
        try {
            return checker::check(json.dump()).accepted();
        } catch (const checker::Refused&) {
            return false;
        }
    };
    const auto claim_about_lambda = [](ordered_json& json, const char* side) -> ordered_json& {
        for (ordered_json& claim : json["claims"])
            if (claim["about"] == "lambda" && claim["side"] == side) return claim;
        throw std::logic_error("no claim about lambda");
    };
    const ordered_json form = certificate_of({two(Rational(3, 5), Rational(-8, 5), Rational(2, 5), Rational(3, 5)), two(0, -2, Rational(1, 2), 0)});
    REQUIRE(accepted(form));
    ordered_json changed = form;
    claim_about_lambda(changed, "upper")["proof"]["form"][0][0] = "2";
    CHECK_FALSE(accepted(changed));
    changed = form;
    claim_about_lambda(changed, "upper")["bound"] = "-0.001";
    CHECK_FALSE(accepted(changed));
    changed = form;
    claim_about_lambda(changed, "upper")["proof"]["form"] = ordered_json::parse(R"([["1"], ["0"]])");
    CHECK_FALSE(accepted(changed));

    const ordered_json basis = certificate_of({two(1, 2, 2, 1), two(3, 1, 1, 3)});
    REQUIRE(accepted(basis));
    for (const char* side : {"lower", "upper"}) {
        changed = basis;
        claim_about_lambda(changed, side)["proof"]["basis"] = ordered_json::parse(R"([["1", "2"], ["2", "4"]])");  // singular
        CHECK_FALSE(accepted(changed));
        changed = basis;
        claim_about_lambda(changed, side)["proof"]["basis"] = ordered_json::parse(R"([["1", "0"], ["0", "1"]])");  // the blocks are no blocks
        CHECK_FALSE(accepted(changed));
        changed = basis;
        claim_about_lambda(changed, side)["proof"].erase("proof");
        CHECK_FALSE(accepted(changed));
    }
}
