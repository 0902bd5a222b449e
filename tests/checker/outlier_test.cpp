// The outlier rule, against numbers worked out by hand and a simulation.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "lyapcert/checker/checker.hpp"
#include "random.hpp"

using namespace lyapcert;

namespace {

// A claim on lambda of single-sample SGD with this scaled Gram matrix, by the outlier rule.
bool proves(const std::string& gram, const std::string& bound, int index, const std::string& span, const std::string& side = "lower", const std::string& extra = "") {
    std::string text = R"({"format": "lyapcert certificate", "version": 1, "problem": "[gram]\nmatrix = )" + gram + R"(\n[training]\nlearning_rate = \"1\"\n)" + extra + R"(", "family": )";
    // The family on record is for the reader's eyes, but must be the right one: A_i = I - K e_i e_i^T.
    const std::string family = extra.empty()
                                   ? R"({"probabilities": ["1/2", "1/2"], "matrices": [[["-4", "0"], ["-1/2", "1"]], [["1", "-1/2"], ["0", "0"]]]})"
                                   : R"({"probabilities": ["1"], "matrices": [[["-3/2", "-1/4"], ["-1/4", "1/2"]]]})";
    text += family + R"(, "claims": [{"about": "lambda", "side": ")" + side + R"(", "bound": ")" + bound + R"(", "proof": {"rule": "outlier", "index": )" + std::to_string(index) +
            R"(, "span": ")" + span + R"("}}]})";
    return checker::check(text).accepted();
}

const std::string gram = R"([[\"5\", \"1/2\"], [\"1/2\", \"1\"]])";

}  // namespace

TEST_CASE("outlier: the best claim, and nothing better", "[T27]") {
    // q = 1/4 = K_12^2 / K_22, p = 19/4, b = 11/4, b^2 - 4 p q = 45/16.
    const double bound = 0.5 * std::log(1.0 + (2.75 + std::sqrt(45.0) / 4.0) / 2.0);
    CHECK(bound == Approx(0.5836).margin(1e-4));
    CHECK(proves(gram, "0.5836", 0, "1/4"));
    CHECK(proves(gram, "0", 0, "1/4"));
    CHECK(!proves(gram, "0.5838", 0, "1/4"));
    // A larger part in the span proves less; a smaller one is not true.
    CHECK(!proves(gram, "0.5836", 0, "26/100"));
    CHECK(proves(gram, "0.57", 0, "26/100"));
    CHECK(!proves(gram, "0.5", 0, "2499/10000"));
    // The truth is above: the growth of a long product.
    test::Random random(271);
    double x[2] = {1.0, 0.3};
    double sum = 0.0;
    constexpr int steps = 400000;
    for (int m = 0; m < steps; ++m) {
        if (random.chance(0.5)) x[1] -= 0.5 * x[0], x[0] = -4.0 * x[0];
        else x[0] -= 0.5 * x[1], x[1] = 0.0;
        const double size = std::hypot(x[0], x[1]);
        sum += std::log(size);
        x[0] /= size, x[1] /= size;
    }
    CHECK(sum / steps > 0.5836 - 0.02);
}

TEST_CASE("outlier: what its hypotheses exclude", "[T27]") {
    CHECK(!proves(gram, "1", 0, "1/4", "upper"));
    CHECK(!proves(gram, "0.1", 1, "1/4"));                 // the other gradient is not the one that expands
    CHECK(!proves(gram, "0.1", 2, "1/4"));                 // there is none of that index
    CHECK(!proves(gram, "0.1", 0, "3"));                   // q <= 2
    CHECK(!proves(gram, "0.1", 0, "-1/4"));
    CHECK(!proves(gram, "0.1", 0, "19/10"));               // b < 2 e
    CHECK(!proves(gram, "0.1", 0, "1/4", "lower", R"(batch_size = 2\n)"));  // single samples only
}
