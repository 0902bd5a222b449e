// Reports made by hand for the tests of the printers, and what reads their output back.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "lyapcert/report/report.hpp"
#include "random.hpp"

namespace lyapcert::test {

struct Exponents {
    MpInterval mu = MpInterval(-0.5, -0.25);
    MpInterval lambda = MpInterval(-0.125, 0.5);
    MpInterval lambda2 = MpInterval(1.0, 1.5);
};

inline Certification certification(const Exponents& exponents) {
    Certification c;
    c.dimension = 3;
    c.mu.emplace();
    c.mu->enclosure = exponents.mu;
    c.lambda.enclosure = exponents.lambda;
    c.lambda2.emplace();
    c.lambda2->enclosure = exponents.lambda2;
    c.gd = verdict_of(exponents.mu);
    c.sgd = verdict_of(exponents.lambda);
    c.hypotheses.emplace();
    c.hypotheses->list = {{"H1", Status::proved, "a reason for H1"}, {"H2", Status::assumed, "a reason, with a comma"}};
    c.theorem_a = {"status of A", "Statement A."};
    c.theorem_b = {"status, of B", "Statement B."};
    c.seconds = 1.5;
    return c;
}

inline Report report(const std::string& title, const Exponents& exponents = {}) {
    Report r;
    r.problem.file = "folder/file.toml";
    r.problem.title = title;
    r.problem.data_points = 3;
    r.problem.learning_rate_text = "[1/5, 2/7]";
    r.problem.sampling = {};
    r.problem.minimum.reason = "why there is a minimum";
    r.certification = certification(exponents);
    return r;
}

// A general product: no minimum, no theorem.
inline Report product_report() {
    Report r = report("a product");
    r.problem.kind = Problem::Kind::product;
    r.problem.matrices.assign(2, Matrix<Real>(2, 2, Real(1)));
    r.certification.dimension = 2;
    r.certification.mu.reset();
    r.certification.hypotheses.reset();
    return r;
}

// What a title may contain. Every printer must bring it back.
inline const std::vector<std::string>& titles() {
    static const std::vector<std::string> list = {
        "plain", "", R"(a & b % c $ d # e _ f { g } h ~ i ^ j \ k \\ l \& m)", R"("quoted", with commas, and a final ")", "two\nlines",
        "three\r\nlines\n\nand a blank one", "pipes | and || more \\| of them", "Übung, ℝ^n, λ < 0, 最小値, 🜚", "<b>&amp;</b>", " blanks ", "inf", "=1+1", "'apostrophes'", "tab\tulator"};
    return list;
}

// Line breaks of all kinds become blanks where a cell must stay on its line.
inline std::string on_one_line(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

// "-1.25e-3" as the number it is, read by nothing of the library.
inline Rational exact(const std::string& decimal) {
    std::size_t at = 0;
    const bool negative = decimal.at(0) == '-';
    if (negative) ++at;
    Integer digits = 0;
    long exponent = 0;
    bool point = false;
    bool any = false;
    for (; at < decimal.size() && decimal[at] != 'e'; ++at) {
        if (decimal[at] == '.') {
            REQUIRE_FALSE(point);
            point = true;
            continue;
        }
        REQUIRE(std::isdigit(static_cast<unsigned char>(decimal[at])));
        digits = digits * 10 + (decimal[at] - '0');
        if (point) --exponent;
        any = true;
    }
    REQUIRE(any);
    if (at < decimal.size()) {
        std::size_t end = 0;
        exponent += std::stol(decimal.substr(at + 1), &end);
        REQUIRE(at + 1 + end == decimal.size());
    }
    Rational x(digits);
    for (; exponent > 0; --exponent) x *= 10;
    for (; exponent < 0; ++exponent) x /= 10;
    return negative ? Rational(-x) : x;
}

inline Rational exact(mpfr_srcptr x) {
    Rational result;
    mpfr_get_q(result.backend().data(), x);
    return result;
}

// The printed ends contain x, and are no further from it than the digits make necessary.
inline void check_outward(const MpInterval& x, const std::string& lower, const std::string& upper, int digits) {
    INFO("[" << x.lower_double() << ", " << x.upper_double() << "] printed as [" << lower << ", " << upper << "] with " << digits << " digits");
    Rational slack(20);
    for (int k = 0; k < digits; ++k) slack /= 10;
    const auto close = [&](const Rational& a, const Rational& b) { return abs(Rational(a - b)) <= slack * abs(b); };
    if (mpfr_inf_p(x.lower())) {
        CHECK(lower == "-inf");
    } else {
        CHECK(exact(lower) <= exact(x.lower()));
        CHECK(close(exact(lower), exact(x.lower())));
    }
    if (mpfr_inf_p(x.upper())) {
        CHECK(upper == (mpfr_sgn(x.upper()) < 0 ? "-inf" : "inf"));
    } else {
        CHECK(exact(upper) >= exact(x.upper()));
        CHECK(close(exact(upper), exact(x.upper())));
    }
}

// "[-0.5, -0.25]", or one number for a point. Wide intervals may be printed with fewer digits, but at least three.
inline void check_interval_text(const MpInterval& x, const std::string& text) {
    INFO(text);
    if (text.front() != '[') return check_outward(x, text, text, 3);
    const std::size_t comma = text.find(", ");
    REQUIRE(comma != std::string::npos);
    REQUIRE(text.back() == ']');
    check_outward(x, text.substr(1, comma - 1), text.substr(comma + 2, text.size() - comma - 3), 3);
}

// Enclosures of every kind: wide and narrow, of many bits, huge and tiny, points, zero, half-lines, everything, minus infinity.
inline MpInterval any_interval(Random& random) {
    const long precision = random.integer(2, 300);
    const auto number = [&] {
        Rational x(random.integer(-1000000, 1000000), random.integer(1, 1000000));
        if (random.chance(0.2)) x *= Rational(pow(Integer(10), static_cast<unsigned>(random.integer(0, 40))));
        if (random.chance(0.2)) x /= Rational(pow(Integer(10), static_cast<unsigned>(random.integer(0, 40))));
        return x;
    };
    const Rational a = number();
    switch (random.integer(0, 9)) {
        case 0: return MpInterval(precision);
        case 1: return MpInterval::minus_infinity(precision);
        case 2: return MpInterval::everything(precision);
        case 3: return hull(MpInterval(a, precision), MpInterval::minus_infinity(precision));
        case 4: {
            MpInterval x(a, precision);
            mpfr_set_inf(x.upper_ref(), 1);
            return x;
        }
        case 5: return MpInterval(rational_from_double(random.finite()), precision);
        case 6: return MpInterval(a, a + abs(a) / Rational(pow(Integer(10), static_cast<unsigned>(random.integer(1, 30)))), precision);
        case 7: return MpInterval(a, precision);
        default: {
            const Rational b = number();
            return MpInterval(std::min(a, b), std::max(a, b), precision);
        }
    }
}

inline Exponents any_exponents(Random& random) { return {any_interval(random), any_interval(random), any_interval(random)}; }

}  // namespace lyapcert::test
