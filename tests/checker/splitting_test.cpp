// The dominated splitting: inequalities against exact arithmetic, and evidence from an enemy.
#include "checker/rules/dominated_splitting.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "checker/rules/context.hpp"
#include "random.hpp"

using namespace lyapcert::checker;
using lyapcert::test::Random;
using lyapcert::test::trials;
using nlohmann::json;

namespace {

constexpr long bits = 128;
using Numbers = std::vector<std::vector<Rational>>;

Rational quotient(long p, long q) {
    Rational x(p, q);
    x.canonicalize();
    return x;
}

Product product_of(const std::vector<Numbers>& matrices) {
    Product product;
    for (const Numbers& rows : matrices) {
        Matrix a(rows.size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            for (std::size_t j = 0; j < rows.size(); ++j) a(i, j) = Value(rows[i][j]);
        append(product, std::move(a), quotient(1, static_cast<long>(matrices.size())));
    }
    return product;
}

// A_i = I - K e_i e_i^T.
std::vector<Numbers> steps(const Numbers& k) {
    std::vector<Numbers> result;
    for (std::size_t i = 0; i < k.size(); ++i) {
        Numbers a(k.size(), std::vector<Rational>(k.size()));
        for (std::size_t j = 0; j < k.size(); ++j) a[j][j] = 1;
        for (std::size_t j = 0; j < k.size(); ++j) a[j][i] -= k[j][i];
        result.push_back(std::move(a));
    }
    return result;
}

json proof_of(bool transposed, const std::vector<std::size_t>& expanding, const std::vector<Rational>& weights) {
    std::string text;
    for (const Rational& w : weights) text += (text.empty() ? "" : " ") + w.get_str();
    return {{"rule", "dominated splitting"}, {"transposed", transposed}, {"expanding", expanding}, {"weights", json::array({text})}};
}

// The theorem in exact arithmetic up to the logarithms, with S_k all rows that differ from unit rows.
std::optional<double> exactly_proved(const std::vector<Numbers>& matrices, bool transposed, const std::vector<std::size_t>& expanding, const std::vector<Rational>& w) {
    const std::size_t n = w.size();
    std::vector<bool> expands(n, false);
    for (const std::size_t i : expanding) expands[i] = true;
    double sum = 0.0;
    for (const Numbers& a : matrices) {
        const auto b = [&](std::size_t i, std::size_t l) { return transposed ? a[l][i] : a[i][l]; };
        std::vector<bool> unit(n, true);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t l = 0; l < n; ++l) unit[i] = unit[i] && b(i, l) == (i == l ? 1 : 0);
        for (std::size_t i = 0; i < n; ++i) {
            Rational excess = expands[i] ? Rational(abs(b(i, i)) * w[i] - w[i]) : Rational(w[i] - abs(b(i, i)) * w[i]);
            Rational g = abs(b(i, i));
            for (std::size_t l = 0; l < n; ++l) {
                if (l == i) continue;
                excess -= abs(b(i, l)) * w[l];
                if (!expands[l] || !unit[l]) g -= abs(b(i, l)) * w[l] / w[i];
            }
            if (excess < 0) return std::nullopt;
            if (expands[i] && !unit[i]) sum += std::log(g.get_d());
        }
    }
    return sum / static_cast<double>(matrices.size() * expanding.size());
}

const Numbers small = {{3, quotient(1, 10)}, {quotient(1, 10), quotient(1, 2)}};

}  // namespace

TEST_CASE("splitting: accepted exactly where the inequalities hold") {
    Random random(31);
    int accepted = 0;
    int missed = 0;
    for (int trial = 0; trial < trials(600); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(2, 5));
        const bool dense = random.chance(0.3);
        const double coupling = random.uniform(0.0, 0.3);
        std::vector<bool> large(n, false);
        std::vector<std::size_t> expanding;
        std::vector<Rational> w;
        for (std::size_t i = 0; i < n; ++i) {
            large[i] = random.chance(0.5);
            if (large[i] != random.chance(0.03)) expanding.push_back(i);
            w.push_back(quotient(random.integer(1, 40), random.integer(1, 40)));
        }
        if (expanding.empty()) continue;
        const auto coupled = [&] { return quotient(std::lround(1000 * coupling * random.uniform(-1.0, 1.0)), 1000); };
        std::vector<Numbers> matrices;
        bool transposed = true;
        if (dense) {
            transposed = random.chance(0.5);
            for (int m = 0; m < 2; ++m) {
                matrices.emplace_back(n, std::vector<Rational>(n));
                for (std::size_t i = 0; i < n; ++i)
                    for (std::size_t j = 0; j < n; ++j) matrices.back()[i][j] = i != j ? coupled() : large[i] ? quotient(random.integer(13, 40), 10) : quotient(random.integer(-8, 8), 10);
            }
        } else {
            Numbers k(n, std::vector<Rational>(n));
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j <= i; ++j) k[i][j] = k[j][i] = i != j ? coupled() : large[i] ? quotient(random.integer(20, 50), 10) : quotient(random.integer(0, 20), 10);
            matrices = steps(k);
        }
        const Product product = product_of(matrices);
        if (product.matrices.size() != matrices.size()) continue;  // equal ones were merged: the reference does not know
        const json proof = proof_of(transposed, expanding, w);
        const auto exact = exactly_proved(matrices, transposed, expanding, w);
        const Rational claim = exact ? Rational(*exact) : Rational(0);
        const Rational margin = quotient(1, 1L << 40);
        if (exact) ++accepted;
        // Equality in (1) or (2) is not always seen through enclosures.
        const bool proved = check_splitting(product, proof, claim - margin, bits).empty();
        if (!exact) CHECK(!proved);
        CHECK(!check_splitting(product, proof, claim + margin, bits).empty());
        if (exact && !proved) ++missed;
    }
    CHECK(accepted > trials(600) / 20);
    CHECK(missed <= accepted / 10 + 1);
}

TEST_CASE("splitting: a known case, and each number that matters") {
    const Product product = product_of(steps(small));
    const double bound = 0.5 * std::log(2.0 - 0.1 * 0.3);
    const std::vector<Rational> w = {1, quotient(3, 10)};
    const Rational claim(bound - 1e-12);
    CHECK(check_splitting(product, proof_of(true, {0}, w), claim, bits).empty());
    CHECK(check_splitting(product, proof_of(false, {0}, w), claim, bits).size() > 0);
    CHECK(check_splitting(product, proof_of(true, {0}, w), Rational(bound + 1e-12), bits).size() > 0);
    CHECK(check_splitting(product, proof_of(true, {0, 1}, w), -1, bits).size() > 0);
    CHECK(check_splitting(product, proof_of(true, {1}, w), -1, bits).size() > 0);
    CHECK(check_splitting(product, proof_of(true, {0}, {1, quotient(19, 100)}), -1, bits).size() > 0);  // (2) needs w_2 >= 1/5
    CHECK(check_splitting(product, proof_of(true, {0}, {1, quotient(21, 100)}), 0, bits).empty());
    CHECK(check_splitting(product, proof_of(true, {0}, {1, 11}), -1, bits).size() > 0);  // (1) needs w_2 <= 10
    CHECK(check_splitting(product, proof_of(true, {0}, {1, 9}), 0, bits).empty());
    // Of several weights each must satisfy the hypotheses, and the best counts.
    json both = proof_of(true, {0}, {1, 9});
    CHECK(check_splitting(product, both, claim, bits).size() > 0);
    both["weights"].push_back("1 3/10");
    CHECK(check_splitting(product, both, claim, bits).empty());
    both["weights"].push_back("1 19/100");
    CHECK(check_splitting(product, both, -1, bits).size() > 0);
    // Not for upper bounds, and -inf is no number.
    Problem problem;
    const json none;
    const Context context(problem, bits, none);
    CHECK(check_lambda({context, product, Side::lower, {false, claim}, proof_of(true, {0}, w)}).empty());
    CHECK(check_lambda({context, product, Side::upper, {false, 5}, proof_of(true, {0}, w)}).size() > 0);
    CHECK(check_lambda({context, product, Side::upper, {true, 0}, proof_of(true, {0}, w)}).size() > 0);
}

TEST_CASE("splitting: enclosures stand for every number in them") {
    Numbers k = small;
    Product product = product_of(steps(k));
    for (Matrix& a : product.matrices)
        for (Value& x : a.entries)
            if (!x.is(0) && !x.is(1)) x = Value(Enclosure(*x.exact() - quotient(1, 100), *x.exact() + quotient(1, 100), bits));
    const std::vector<Rational> w = {1, quotient(3, 10)};
    const double worst = 0.5 * std::log(1.99 - 0.11 * 0.3);
    CHECK(check_splitting(product, proof_of(true, {0}, w), Rational(worst - 1e-12), bits).empty());
    CHECK(check_splitting(product, proof_of(true, {0}, w), Rational(worst + 1e-12), bits).size() > 0);
    CHECK(check_splitting(product, proof_of(true, {0}, {1, quotient(22, 100)}), 0, bits).size() > 0);  // 0.51 w + 0.11 <= w needs 0.2245
    CHECK(check_splitting(product, proof_of(true, {0}, {1, quotient(23, 100)}), 0, bits).empty());
}

TEST_CASE("splitting: a large family gives what the written one gives") {
    const Product written = product_of(steps(small));
    Product large;
    large.single_sample = Matrix(2, 2);
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 2; ++j) large.single_sample(i, j) = Value(small[i][j]);
    const double bound = 0.5 * std::log(2.0 - 0.1 * 0.3);
    for (const double claim : {bound - 1e-12, bound + 1e-12})
        for (const Rational& w : {quotient(3, 10), quotient(19, 100), Rational(11)}) {
            const json proof = proof_of(true, {0}, {1, w});
            CHECK(check_splitting(large, proof, Rational(claim), bits).empty() == check_splitting(written, proof, Rational(claim), bits).empty());
        }
    CHECK(check_splitting(large, proof_of(true, {0}, {1, quotient(3, 10)}), Rational(bound - 1e-12), bits).empty());
    CHECK(!check_splitting(large, proof_of(false, {0}, {1, quotient(3, 10)}), -1, bits).empty());
}

TEST_CASE("splitting: malformed evidence is refused") {
    const Product product = product_of(steps(small));
    const json good = proof_of(true, {0}, {1, quotient(3, 10)});
    const auto refused = [&](const char* key, const json& value) {
        json bad = good;
        bad[key] = value;
        INFO(bad.dump());
        CHECK_THROWS(check_splitting(product, bad, 0, bits));
    };
    for (const char* weights : {"", " ", "1", "1 ", "1 0", "1 -1", "1 1/3 1", "1  1", "1 x", "1 nan", "1 inf", "1 1/0", "1 0x", "0 1", "1 1e999999999"}) {
        refused("weights", json::array({weights}));
        refused("weights", json::array({"1 3/10", weights}));
    }
    refused("weights", "1 3/10");
    refused("weights", json::array());
    refused("weights", json::array({json::array({"1", "1"})}));
    refused("weights", json::array({"1", "1"}));
    refused("expanding", json::array());
    refused("expanding", json::array({0, 0}));
    refused("expanding", json::array({2}));
    refused("expanding", json::array({-1}));
    refused("expanding", json::array({1e300}));
    refused("expanding", "0");
    refused("transposed", "yes");
    for (const char* key : {"weights", "expanding", "transposed"}) {
        json bad = good;
        bad.erase(key);
        CHECK_THROWS(check_splitting(product, bad, 0, bits));
    }
    // Weights far apart prove nothing, and do no harm.
    for (const char* weights : {"1 1e-300", "1 1e300", "1e-9000 1", "0x1p-30000 0x1p30000", "0x1p30000 0x1p-30000"}) {
        json odd = good;
        odd["weights"] = json::array({weights});
        CHECK(!check_splitting(product, odd, 0, bits).empty());
    }
}

TEST_CASE("splitting: the work is limited") {
    const Product product = product_of(steps(small));
    const json good = proof_of(true, {0}, {1, quotient(3, 10)});
    const WorkLimit limit(100.0);
    CHECK_THROWS_AS(check_splitting(product, good, 0, bits), Refused);
}
