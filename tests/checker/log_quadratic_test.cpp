// The checker's verdict on log-quadratic evidence: against D in long double, and against known exponents.
#include <xmmintrin.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "checker/log_quadratic_cases.hpp"

using namespace lyapcert::checker;
using namespace lyapcert::checker::cases;

namespace {

bool proves(const Product& product, const json& evidence, double claim, Side side) {
    std::uint64_t work = std::uint64_t{1} << 32;
    return check_quadratic(product, evidence, side, Rational(claim), work).empty();
}

// Too much work is no proof either.
bool proves_in_time(const Product& product, const json& evidence, double claim, Side side) {
    try {
        return proves(product, evidence, claim, side);
    } catch (const Refused&) {
        return false;
    }
}

}  // namespace

TEST_CASE("log-quadratic: a multiple of an isometry has a known exponent, sharply", "[T22][T23]") {
    for (std::size_t n = 2; n <= 6; ++n) {
        Rows turn = diagonal(std::vector<double>(n, 0.0));
        for (std::size_t i = 0; i < n; ++i) turn[i][(i + 1) % n] = i == 0 ? -3.0 : 3.0;
        const Product product = product_of({turn, diagonal(std::vector<double>(n, 2.0))}, {Rational(1, 4), Rational(3, 4)});
        const double lambda = 0.25 * std::log(3.0) + 0.75 * std::log(2.0);
        const double near = std::vector<double>{1e-7, 1e-3, 0.05, 0.2, 0.4}[n - 2];  // what boxes of moderate size can show
        // In any rounding mode.
        for (const unsigned mode : {0x1F80U, 0x3F80U, 0x5F80U, 0x7F80U, 0x9FC0U, 0xDFC0U}) {
            const unsigned saved = _mm_getcsr();
            _mm_setcsr(mode);
            const bool inside = proves(product, euclidean(n).text(), lambda - near, Side::lower) && proves(product, euclidean(n).text(), lambda + near, Side::upper);
            const bool outside = proves(product, euclidean(n).text(), lambda + 1e-12, Side::lower) || proves(product, euclidean(n).text(), lambda - 1e-12, Side::upper);
            _mm_setcsr(saved);
            CHECK(inside);
            CHECK_FALSE(outside);
        }
    }
}

TEST_CASE("log-quadratic: bounds on a box contain D", "[T22][T23]") {
    Random random(70);
    int finite = 0;
    const auto contained = [&](const Case& c, const Product& product, int face, const std::vector<double>& centre, const std::vector<double>& radius, int samples) {
        const std::size_t n = centre.size() + 1;
        double degree = 0.0;
        for (const double a : c.evidence.weights) degree += a;
        const json evidence = c.evidence.text();
        const double low = quadratic_bound(product, evidence, Side::lower, face, centre, radius);
        const double high = quadratic_bound(product, evidence, Side::upper, face, centre, radius);
        finite += std::isfinite(low) && high - low < 0.1;
        for (int s = 0; s < samples; ++s) {
            Vector y;
            for (std::size_t i = 0; i + 1 < n; ++i) y.push_back(static_cast<long double>(centre[i]) + static_cast<long double>(radius[i]) * (random.chance(0.8) ? (random.chance(0.5) ? 1.0L : -1.0L) : static_cast<long double>(random.uniform(-1.0, 1.0))));
            y.insert(y.begin() + face, 1.0L);
            const long double d = degree * d_at(c.matrices, c.probabilities, c.evidence, y);
            CHECK(low <= d + 1e-15L);
            CHECK(high >= d - 1e-15L);
        }
    };
    for (int trial = 0; trial < trials(400); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const Case c = random_case(random, n);
        std::vector<double> centre;
        std::vector<double> radius;
        const long size = random.integer(1, 10);
        for (std::size_t i = 0; i + 1 < n; ++i) {
            radius.push_back(std::ldexp(1.0, static_cast<int>(-size - random.integer(0, 1))));
            centre.push_back(-1.0 + radius[i] * static_cast<double>(2 * random.integer(0, std::lround(1.0 / radius[i]) - 1) + 1));
        }
        contained(c, product_of(c.matrices, c.probabilities), static_cast<int>(random.integer(0, static_cast<long>(n) - 1)), centre, radius, 12);
    }
    CHECK(finite > trials(400) / 4);
    // Squares nearly cancel, the fourth order does not: only the remainder keeps D below its upper, above its lower bound.
    Case sharp;
    sharp.matrices = {diagonal({4, 1}), diagonal({0x1p-6, 1})};
    sharp.probabilities = {Rational(1, 16), Rational(15, 16)};
    sharp.evidence = euclidean(2);
    for (int k = 4; k <= 8; ++k) contained(sharp, product_of(sharp.matrices, sharp.probabilities), 1, {0.0}, {std::ldexp(1.0, -k)}, 10);
    // D is about log(1 + h_1 + ... ): every term of the polynomial has its worst sign in one corner.
    for (std::size_t n = 2; n <= 6; ++n) {
        Case corner;
        corner.matrices = {diagonal(std::vector<double>(n, 0x1p-5))};
        corner.matrices[0][n - 1] = std::vector<double>(n, 1.0);
        corner.probabilities = {Rational(1)};
        std::vector<double> flat(n, 0x1p-10);
        flat[n - 1] = 1.0;
        corner.evidence = euclidean(n);
        corner.evidence.forms[0] = diagonal(flat);
        for (int k = 5; k <= 7; ++k)
            contained(corner, product_of(corner.matrices, corner.probabilities), static_cast<int>(n) - 1, std::vector<double>(n - 1, 0.0), std::vector<double>(n - 1, std::ldexp(1.0, -k)), 300);
    }
    // A form that its polynomial does not model.
    Case thin;
    thin.matrices = {diagonal({32, 0x1p-10})};
    thin.probabilities = {Rational(1)};
    thin.evidence = euclidean(2);
    thin.evidence.forms[0] = diagonal({0x1p-10, 1});
    contained(thin, product_of(thin.matrices, thin.probabilities), 1, {0.0}, {1.0}, 200);
    contained(thin, product_of(thin.matrices, thin.probabilities), 1, {0.5}, {0.5}, 200);
    contained(thin, product_of(thin.matrices, thin.probabilities), 0, {0.5}, {0.5}, 200);
}

TEST_CASE("log-quadratic: claims within D are proved, beyond a value of D refused", "[T22][T23]") {
    Random random(71);
    int accepted = 0;
    int missed = 0;
    for (int trial = 0; trial < trials(30); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const Case c = random_case(random, n);
        const Product product = product_of(c.matrices, c.probabilities);
        long double least = 1e300L;
        long double most = -1e300L;
        for (int s = 0; s < 3000; ++s) {
            Vector y(n);
            for (long double& x : y) x = static_cast<long double>(random.uniform(-1.0, 1.0));
            if (s % 3 == 0) y[static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1))] = random.chance(0.5) ? 1.0L : 0.1L;
            const long double d = d_at(c.matrices, c.probabilities, c.evidence, y);
            least = std::min(least, d);
            most = std::max(most, d);
        }
        const json evidence = c.evidence.text();
        for (const double offset : {-0.5, -0.1, 1e-9, 1e-4, 0.1}) {
            if (offset == -0.1 && n > 4) continue;
            const bool low = proves_in_time(product, evidence, static_cast<double>(least) + offset, Side::lower);
            const bool high = proves_in_time(product, evidence, static_cast<double>(most) - offset, Side::upper);
            if (offset > 0) {
                CHECK_FALSE(low);
                CHECK_FALSE(high);
            } else {
                accepted += low + high;
                missed += !low + !high;
            }
        }
    }
    CHECK(accepted > trials(30));
    CHECK(missed < accepted / 4);
}

TEST_CASE("log-quadratic: every face, every direction", "[T22][T23]") {
    // D is smallest (largest) near one axis only.
    for (std::size_t n = 2; n <= 6; ++n)
        for (std::size_t axis = 0; axis < n; ++axis) {
            std::vector<double> d(n, 1.0);
            d[axis] = 0.5;
            const Product down = product_of({diagonal(d)}, {Rational(1)});
            d[axis] = 2.0;
            const Product up = product_of({diagonal(d)}, {Rational(1)});
            CHECK_FALSE(proves_in_time(down, euclidean(n).text(), -0.6, Side::lower));
            CHECK_FALSE(proves_in_time(up, euclidean(n).text(), 0.6, Side::upper));
            if (n > 4) continue;
            CHECK(proves_in_time(down, euclidean(n).text(), -0.7, Side::lower));
            CHECK(proves_in_time(up, euclidean(n).text(), 0.7, Side::upper));
        }
}

TEST_CASE("log-quadratic: a narrow dip of D is found wherever it is", "[T22][T23]") {
    // A = I - (1 - e) w w^T / |w|^2 has the smallest singular value e, at w.
    Random random(74);
    for (int trial = 0; trial < trials(60); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 4);
        std::vector<Rational> w;
        Rational square = 0;
        for (std::size_t i = 0; i < n; ++i) {
            w.emplace_back(random.integer(-999, 999), 1000);
            w.back().canonicalize();
            square += w[i] * w[i];
        }
        if (sgn(square) == 0) continue;
        const Rational e(1, n <= 3 ? 1L << random.integer(3, 9) : 8);
        Product dip{{Matrix(n, n)}, {Rational(1)}};
        Product peak = dip;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                dip.matrices[0](i, j) = Rational((i == j ? 1 : 0) - (1 - e) * w[i] * w[j] / square);
                peak.matrices[0](i, j) = Rational((i == j ? 1 : 0) - (1 - 1 / e) * w[i] * w[j] / square);
            }
        const double least = std::log(e.get_d());
        CHECK_FALSE(proves_in_time(dip, euclidean(n).text(), least + 0.01, Side::lower));
        CHECK_FALSE(proves_in_time(peak, euclidean(n).text(), -least - 0.01, Side::upper));
        if (n > 3) continue;
        CHECK(proves_in_time(dip, euclidean(n).text(), least - 0.2, Side::lower));
        CHECK(proves_in_time(peak, euclidean(n).text(), -least + 0.2, Side::upper));
    }
}

TEST_CASE("log-quadratic: singular matrices and singular bases prove nothing", "[T22][T23]") {
    const Product singular = product_of({{{1, 0}, {0, 0}}, {{2, 0}, {0, 2}}}, {Rational(1, 2), Rational(1, 2)});
    Evidence two = euclidean(2);
    two.forms.push_back(two.forms[0]);
    two.weights.push_back(0.0);
    for (const Evidence& e : {euclidean(2), two}) {
        CHECK_FALSE(proves(singular, e.text(), -1000, Side::lower));
        CHECK_FALSE(proves(singular, e.text(), 1000, Side::upper));
    }
    const Product regular = product_of({{{2, 0}, {0, 2}}}, {Rational(1)});
    for (const Rows& basis : {Rows{{1, 0}, {0, 0}}, Rows{{0, 1}, {0, 1}}, Rows{{0, 0}, {0, 0}}}) {
        Evidence e = euclidean(2);
        e.basis = basis;
        CHECK_FALSE(proves(regular, e.text(), -1000, Side::lower));
        CHECK_FALSE(proves(regular, e.text(), 1000, Side::upper));
    }
}

TEST_CASE("log-quadratic: enclosures stand for every number in them", "[T22][T23]") {
    Product product{{Matrix(2, 2)}, {Rational(1)}};
    product.matrices[0](0, 0) = product.matrices[0](1, 1) = Enclosure(Rational(2), Rational(20001, 10000), 192);
    CHECK_FALSE(proves(product, euclidean(2).text(), std::log(2.00003), Side::lower));
    CHECK_FALSE(proves(product, euclidean(2).text(), std::log(2.00007), Side::upper));
    CHECK_FALSE(proves(product, euclidean(2).text(), std::log(2.0) + 1e-12, Side::lower));
    CHECK_FALSE(proves(product, euclidean(2).text(), std::log(2.0001) - 1e-12, Side::upper));
    CHECK(proves(product, euclidean(2).text(), std::log(1.9), Side::lower));
    CHECK(proves(product, euclidean(2).text(), std::log(2.1), Side::upper));
    product.matrices[0](0, 0) = product.matrices[0](1, 1) = Enclosure(Rational(-2), Rational(3), 192);
    CHECK_FALSE(proves(product, euclidean(2).text(), -1000, Side::lower));
    CHECK_FALSE(proves(product, euclidean(2).text(), 1000, Side::upper));
}

TEST_CASE("log-quadratic: weights that underflow or overflow prove nothing", "[T22][T23]") {
    // lambda = log 2. With weights of 2^-1100 everything is 0 in doubles, and 0 >= 0.
    const Product product = product_of({{{2, 0}, {0, 2}}}, {Rational(1)});
    for (const char* weight : {"0x1p-1100", "0x1p-1074", "0x1p-1030", "0x1p-1000", "0x1p-300", "0x1p-102", "0x1p100"}) {
        json evidence = euclidean(2).text();
        evidence["weights"] = weight;
        INFO(weight);
        CHECK_FALSE(proves(product, evidence, 0.0, Side::upper));
        CHECK_FALSE(proves(product, evidence, 0.5, Side::upper));
        CHECK_FALSE(proves(product, evidence, 1.0, Side::lower));
        const Product small = product_of({{{0.5, 0}, {0, 0.5}}}, {Rational(1)});
        CHECK_FALSE(proves(small, evidence, -0.1, Side::lower));
        CHECK_FALSE(proves(small, evidence, 0.0, Side::lower));
    }
    json evidence = euclidean(2).text();
    for (const char* weight : {"0x1p-99", "0x1p98", "3", "1/1024"}) {
        evidence["weights"] = weight;
        CHECK(proves(product, evidence, 0.6931471, Side::lower));
        CHECK(proves(product, evidence, 0.6931472, Side::upper));
        CHECK_FALSE(proves(product, evidence, 0.6931472, Side::lower));
        CHECK_FALSE(proves(product, evidence, 0.6931471, Side::upper));
    }
}

TEST_CASE("log-quadratic: malformed evidence is refused", "[T22][T23]") {
    const Product product = product_of({{{2, 1}, {1, 1}}}, {Rational(1)});
    const auto outcome = [&](const json& evidence) { return proves(product, evidence, -100.0, Side::lower); };
    CHECK(outcome(euclidean(2).text()));
    const auto refused = [&](const char* key, const json& value) {
        json evidence = euclidean(2).text();
        evidence[key] = value;
        INFO(key << " " << value.dump().substr(0, 60));
        CHECK_THROWS_AS(outcome(evidence), Refused);
    };
    refused("dimension", 3);
    refused("dimension", -2);
    refused("dimension", "2");
    for (const char* key : {"basis", "forms", "weights"}) {
        refused(key, "");
        refused(key, "1 x");
        refused(key, "1  1");
        refused(key, "1 1 1 1 1 1");
        for (const char* bad : {"nan", "inf", "1e40", "1/3", "0.1", "0x1p-1101", "1/0", "-"}) {
            std::string list = bad;
            for (int k = 1; k < (std::string(key) == "basis" ? 4 : std::string(key) == "forms" ? 3 : 1); ++k) list += " 1";
            refused(key, list);
        }
    }
    json evidence = euclidean(2).text();
    evidence["forms"] = 3;
    CHECK_THROWS(outcome(evidence));
    evidence.erase("forms");
    CHECK_THROWS(outcome(evidence));
    // Too many forms.
    std::string weights = "1";
    std::string forms = "1 0 1";
    for (int k = 1; k < 2001; ++k) weights += " 1", forms += " 1 0 1";
    evidence["weights"] = weights;
    evidence["forms"] = forms;
    CHECK_THROWS_AS(outcome(evidence), Refused);
    weights.clear();
    for (int k = 0; k < 100000; ++k) weights += " 1";
    refused("weights", weights.substr(1));
    // Of the right kind, but not what is needed.
    const auto not_proved = [&](const char* key, const char* value) {
        json other = euclidean(2).text();
        other[key] = value;
        INFO(key << " " << value);
        CHECK_FALSE(outcome(other));
    };
    not_proved("forms", "1 1 1");
    not_proved("forms", "-1 0 1");
    not_proved("forms", "0 0 1");
    not_proved("weights", "0");
    not_proved("weights", "-1");
    refused("basis", "1 1 1 1");
    // Numbers of the wrong dimension: 1 and 7.
    std::uint64_t work = most_quadratic_work;
    CHECK_THROWS_AS(check_quadratic(product_of({{{2}}}, {Rational(1)}), euclidean(1).text(), Side::lower, 0, work), Refused);
    CHECK_THROWS_AS(check_quadratic(product_of({diagonal(std::vector<double>(7, 2.0))}, {Rational(1)}), euclidean(7).text(), Side::lower, 0, work), Refused);
}

TEST_CASE("log-quadratic: the work is limited, over all claims together", "[T22][T23]") {
    // D is constant, and the claim too near to it for any reasonable number of boxes.
    const Product constant = product_of({diagonal({2, 2, 2, 2, 2})}, {Rational(1)});
    std::uint64_t work = std::uint64_t{1} << 30;
    CHECK_THROWS_AS(check_quadratic(constant, euclidean(5).text(), Side::lower, Rational(std::log(2.0) - 1e-10), work), Refused);
    CHECK(work == 0);
    // And what it costs is taken off.
    const Product simple = product_of({{{2, 0}, {0, 2}}}, {Rational(1)});
    work = std::uint64_t{1} << 23;
    std::uint64_t before = work;
    CHECK(check_quadratic(simple, euclidean(2).text(), Side::lower, Rational(1, 2), work).empty());
    CHECK(work < before);
    while (work > 3 << 20) {
        before = work;
        CHECK(check_quadratic(simple, euclidean(2).text(), Side::lower, Rational(1, 2), work).empty());
        REQUIRE(work < before);
    }
    work = 1000;
    CHECK_THROWS_AS(check_quadratic(simple, euclidean(2).text(), Side::lower, Rational(1, 2), work), Refused);
}

TEST_CASE("log-quadratic: mutated evidence never proves a false claim", "[T22][T23]") {
    // Triangular and conjugated by a rotation, lambda = (1/4) log 3 + (3/4) log 2 exactly.
    Random random(73);
    const double lambda = 0.25 * std::log(3.0) + 0.75 * std::log(2.0);
    const Product product = product_of({{{3, 1, 0}, {0, 3, 0.5}, {0, 0, 3}}, {{2, -1, 0}, {0, 2, 0}, {0, 0, 2}}}, {Rational(1, 4), Rational(3, 4)});
    Evidence good = euclidean(3);
    good.basis = {{16, 0, 0}, {0, 4, 0}, {0, 0, 1}};
    good.forms.push_back({{2, 0.5, 0}, {0.5, 1, 0}, {0, 0, 1}});
    good.weights = {0.75, 0.25};
    CHECK(proves(product, good.text(), lambda - 0.3, Side::lower));
    CHECK(proves(product, good.text(), lambda + 0.3, Side::upper));
    int accepted = 0;
    static const std::string alphabet = "0123456789abcdefxp.-+/ ";
    for (int trial = 0; trial < trials(400); ++trial) {
        json evidence = good.text();
        for (long edits = random.integer(1, 4); edits > 0; --edits) {
            const char* keys[] = {"basis", "forms", "weights"};
            json& entry = evidence[keys[random.integer(0, 2)]];
            std::string text = entry.get<std::string>();
            const auto at = static_cast<std::size_t>(random.integer(0, static_cast<long>(text.size()) - 1));
            const char letter = alphabet[static_cast<std::size_t>(random.integer(0, static_cast<long>(alphabet.size()) - 1))];
            switch (random.integer(0, 3)) {
                case 0: text[at] = letter; break;
                case 1: text.insert(at, 1, letter); break;
                case 2: if (text.size() > 1) text.erase(at, 1); break;
                default: text += std::to_string(random.integer(0, 999)); break;  // exponents
            }
            entry = text;
        }
        const auto attempt = [&](double claim, Side side) {
            try {
                std::uint64_t work = std::uint64_t{1} << 28;
                return check_quadratic(product, evidence, side, Rational(claim), work).empty();
            } catch (const Refused&) {
                return false;
            }
        };
        INFO(evidence);
        CHECK_FALSE(attempt(lambda + 1e-12, Side::lower));
        CHECK_FALSE(attempt(lambda + 0.1, Side::lower));
        CHECK_FALSE(attempt(lambda - 1e-12, Side::upper));
        CHECK_FALSE(attempt(lambda - 0.1, Side::upper));
        accepted += attempt(lambda - 0.5, Side::lower) + attempt(lambda + 0.5, Side::upper);
    }
    CHECK(accepted >= trials(400) / 40);
}
