#include <catch2/catch.hpp>

#include "lyapcert/theorem/certify.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "random.hpp"

using namespace lyapcert;

namespace {

Certification run(const Problem& problem, double width = 1e-3, double seconds = 5) {
    CertifyOptions options;
    options.goal = Goal{true, width};
    options.seconds = seconds;
    return certify(problem, options);
}

Problem factorisation(const std::string& a, const std::string& b, const std::string& eta, const std::string& extra = "") {
    return parse_problem(R"([model]
parameters = ["a", "b"]
inputs = ["y"]
output = "a*b*y"
[data]
inputs = [["1"]]
targets = ["1"]
[minimum]
values = { a = ")" + a + R"(", b = ")" + b + R"(" })" "\n[training]\nlearning_rate = " + eta + "\n" + extra,
                         "factorisation.toml");
}

Problem gradients(const std::string& rows, const std::string& eta = R"("1")", const std::string& extra = "") {
    return parse_problem("[gradients]\nrows = " + rows + "\n[training]\nlearning_rate = " + eta + "\n" + extra, "gradients.toml");
}

Status status(const Certification& c, const std::string& id) { return (*c.hypotheses)[id].status; }

void check_near(const MpInterval& x, double value, double tolerance) {
    CHECK(x.lower_double() <= value + tolerance);
    CHECK(x.upper_double() >= value - tolerance);
    CHECK(x.width_double() <= tolerance);
}

}  // namespace

TEST_CASE("scalar factorisation: both sides of the threshold a^2 + b^2 = 2/eta", "[T21]") {
    const Certification stable = run(factorisation("2", "1/2", R"("2/5")", R"(initialisation = "gaussian")"));
    CHECK(stable.gd == Verdict::stable);
    CHECK(stable.sgd == Verdict::stable);
    check_near(stable.mu->enclosure, std::log(0.7), 1e-12);
    CHECK(stable.theorem_a.status == "applies");
    CHECK(stable.theorem_b.status == "applies");
    CHECK(stable.theorem_b.statement.find("is in the support") != std::string::npos);
    const Certification unstable = run(factorisation("3", "1/3", R"("2/5")", R"(initialisation = "gaussian")"));
    CHECK(unstable.gd == Verdict::unstable);
    CHECK(unstable.sgd == Verdict::unstable);
    CHECK(unstable.theorem_a.statement.find("is not in the support") != std::string::npos);
    // On the threshold: a^2 + b^2 = 5 at a^2 = (5 + sqrt(21))/2.
    const Certification at = run(factorisation("sqrt((5+sqrt(21))/2)", "1/sqrt((5+sqrt(21))/2)", R"("2/5")"), 1e-3, 1);
    CHECK(at.gd == Verdict::neutral);
    CHECK(at.sgd == Verdict::neutral);
    CHECK(at.mu->enclosure.width_double() < 1e-30);
}

TEST_CASE("a learning rate interval: every member, or undecided", "[T20][T21]") {
    const Certification below = run(factorisation("2", "1/2", R"(["0.2", "0.4"])"));
    CHECK(below.gd == Verdict::stable);
    CHECK(below.sgd == Verdict::stable);
    const Certification across = run(factorisation("2", "1/2", R"(["0.4", "0.5"])"), 1e-3, 1);
    CHECK(across.gd == Verdict::undecided);  // 2/eta = 17/4 at eta = 8/17
    CHECK(across.sgd == Verdict::undecided);
    CHECK(status(across, "regular(i)") == Status::undecided);
}

TEST_CASE("the hypotheses say what is known", "[T20][T21]") {
    const Certification bare = run(gradients(R"([["1","-2"],["2","-1"]])", R"("1/10")"));
    CHECK(status(bare, "H1") == Status::assumed);
    CHECK(status(bare, "H2") == Status::assumed);
    CHECK(status(bare, "H3") == Status::assumed);
    CHECK(status(bare, "regular(i)") == Status::proved);
    CHECK(status(bare, "regular(ii)") == Status::proved);
    CHECK(bare.theorem_b.status == "assumes minimum, H1, H2 and H3");

    const Certification box = run(factorisation("2", "1/2", R"("2/5")", R"(initialisation = "uniform on a box")"));
    CHECK(status(box, "H2") == Status::refuted);
    CHECK(box.theorem_a.status == "fails: H2 is refuted");
    CHECK(box.theorem_a.statement.find("does not apply") != std::string::npos);

    const Certification singular = run(gradients(R"([["1","0"],["2","0"]])", R"("1/10")"));
    CHECK(status(singular, "H1") == Status::refuted);
    // Parallel gradients span a line: lambda = (1/2) (log 9/10 + log 6/10), without the spurious exponent 0.
    check_near(singular.lambda.enclosure, 0.5 * (std::log(0.9) + std::log(0.6)), 1e-12);

    const Certification orthogonal = run(gradients(R"([["1","1"],["1","-1"]])", R"("3/10")"));
    CHECK(status(orthogonal, "regular(ii)") == Status::refuted);
    CHECK(orthogonal.sgd == Verdict::stable);
    CHECK(orthogonal.theorem_b.status == "assumes minimum, H1, H2 and H3 (stable half, section 3.6)");
    CHECK(orthogonal.theorem_b.statement.find("section 3.6") != std::string::npos);

    const Certification inverse = run(gradients(R"([["1","0"],["3/5","4/5"]])"));
    CHECK(status(inverse, "regular(i)") == Status::refuted);
    CHECK_FALSE(inverse.hypotheses->steps_invertible);
    check_near(inverse.lambda.enclosure, 0.5 * std::log(0.6), 1e-12);
    CHECK(inverse.theorem_b.statement.find("does not apply") != std::string::npos);

    const Certification twice = run(gradients(R"([["1","1"],["7/5","1/5"]])"));
    CHECK(is_zero(twice.lambda.enclosure));
    CHECK(twice.sgd == Verdict::neutral);
    CHECK(twice.lambda.goal_reached);
    CHECK(twice.theorem_b.statement.find("silent") != std::string::npos);
}

TEST_CASE("mini-batches: the exponent is certified, the theorem is not claimed", "[T21]") {
    const std::string rows = R"([["2","1/2","0"],["1/2","2","0"]])";
    const Certification one = run(gradients(rows, R"("2/5")"), 1e-2);
    const Certification full = run(gradients(rows, R"("2/5")", "batch_size = 2"), 1e-2);
    CHECK(full.theorem_b.status.rfind("not claimed", 0) == 0);
    // The full batch is gradient descent.
    CHECK_NOTHROW(intersect(full.lambda.enclosure, full.mu->enclosure));
    CHECK(full.lambda.enclosure.width_double() <= 1e-2);
    CHECK(one.theorem_b.status.rfind("not claimed", 0) != 0);
}

TEST_CASE("zero is a verdict of its own, -inf is a number", "[T21]") {
    CHECK(verdict_of(MpInterval(Rational(0), 64)) == Verdict::neutral);
    CHECK(verdict_of(MpInterval::minus_infinity()) == Verdict::stable);
    CHECK(verdict_of(MpInterval(-1.0, 1.0)) == Verdict::undecided);
    const Certification dead = run(factorisation("2", "1/2", R"("4/17")"));  // eta ||g||^2 = 1, N = 1
    CHECK(mpfr_inf_p(dead.lambda.enclosure.upper()));
    CHECK(mpfr_inf_p(dead.mu->enclosure.upper()));
    CHECK(dead.gd == Verdict::stable);
    CHECK(dead.lambda.goal_reached);
}

TEST_CASE("many digits where there is a formula") {
    CertifyOptions options;
    options.digits = 200;
    const Certification c = certify(factorisation("2", "1/2", R"("2/5")"), options);
    MpInterval expected = log(MpInterval(Rational(7, 10), 2000));
    CHECK(is_subset(expected, c.lambda.enclosure));
    CHECK(agreed_digits(c.lambda.enclosure) >= 200);
    CHECK(agreed_digits(c.mu->enclosure) >= 200);
    CHECK(agreed_digits(c.lambda2->enclosure) >= 200);
}

TEST_CASE("larger N: certified upper and lower bounds without a fan") {
    test::Random random(21);
    for (int trial = 0; trial < test::trials(5); ++trial) {
        // Identity plus a weak coupling, N = 8: all eta ||g||^2 in (0, 2) is stable, all beyond 2 unstable.
        for (const bool stable : {true, false}) {
            std::string matrix = "[";
            for (int i = 0; i < 8; ++i) {
                matrix += "[";
                for (int j = 0; j < 8; ++j) matrix += std::string("\"") + (i == j ? (stable ? "1.5" : "3") : "1/100") + "\",";
                matrix += "],";
            }
            const Problem problem = parse_problem("[gram]\nmatrix = " + matrix + "]\n[training]\n" R"(learning_rate = "1")" "\n", "gram.toml");
            const Certification c = run(problem, 1.0, 2);
            CHECK(c.sgd == (stable ? Verdict::stable : Verdict::unstable));
        }
    }
}

TEST_CASE("a singular rational Gram matrix is reduced whatever the learning rate is", "[T2]") {
    const auto gram = [](const std::string& matrix, const std::string& eta, const std::string& extra = "") {
        return run(parse_problem("[gram]\nmatrix = " + matrix + "\n[training]\nlearning_rate = " + eta + "\n" + extra, "gram.toml"), 1e-2, 1);
    };
    const auto within = [](const MpInterval& x, double lower, double upper) {
        INFO("[" << x.lower_double() << ", " << x.upper_double() << "] against [" << lower << ", " << upper << "]");
        CHECK(x.lower_double() <= lower + 1e-12);
        CHECK(x.upper_double() >= upper - 1e-12);
        CHECK(x.upper_double() < 0);
        CHECK(x.width_double() < 0.4);
    };
    const std::string ones = R"([["1","1"],["1","1"]])";
    const Certification interval = gram(ones, R"(["1/10", "1/5"])");
    within(interval.mu->enclosure, std::log(0.8), std::log(0.9));
    within(interval.lambda.enclosure, std::log(0.8), std::log(0.9));
    within(interval.lambda2->enclosure, 2 * std::log(0.8), 2 * std::log(0.9));
    const double value = std::log(1 - std::sqrt(2.0) / 10);
    const Certification irrational = gram(ones, R"("sqrt(2)/10")");
    within(irrational.mu->enclosure, value, value);
    within(irrational.lambda.enclosure, value, value);
    const Certification flat = gram(R"([["1","0"],["0","0"]])", R"(["1/10", "1/5"])");
    within(flat.lambda.enclosure, 0.5 * std::log(0.8), 0.5 * std::log(0.9));
    CHECK(flat.theorem_b.statement.find("silent") == std::string::npos);
    // Neither matrix rational: the zero exponent cannot be told apart, so nothing is claimed from below.
    const Certification unknown = gram(R"toml([["exp(1)","exp(1)"],["exp(1)","exp(1)"]])toml", R"("1/10")");
    CHECK(mpfr_inf_p(unknown.lambda.enclosure.lower()));
    CHECK(mpfr_inf_p(unknown.mu->enclosure.lower()));
    CHECK(unknown.sgd == Verdict::undecided);
}

TEST_CASE("initial laws: whole names only", "[T20]") {
    const auto law = [](const std::string& name) {
        return check_hypotheses(factorisation("2", "1/2", R"("2/5")", R"(initialisation = ")" + name + "\""))["H2"].status;
    };
    for (const char* name : {"gaussian", "Normal", "standard_normal", "laplace"}) CHECK(law(name) == Status::declared);
    for (const char* name : {"uniform", "kaiming_uniform", "truncated normal", "zeros"}) CHECK(law(name) == Status::refuted);
    for (const char* name : {"orthonormal", "clipped gaussian", "inverse gaussian", "zero-mean gaussian", "gaussian, fixed variance", "half-normal"})
        CHECK(law(name) == Status::assumed);
}

TEST_CASE("a model that is not defined everywhere: the theorem does not apply", "[T21]") {
    const Problem problem = parse_problem(
        R"([model]
parameters = ["u", "w"]
inputs = ["y"]
output = "u*sqrt(w)*y"
[data]
inputs = [["1"]]
targets = ["1"]
[minimum]
values = { u = "1/2", w = "4" }
[training]
learning_rate = "1/5"
initialisation = "gaussian"
)",
        "sqrt.toml");
    const Certification c = run(problem);
    CHECK(c.theorem_b.status == "fails: F is not smooth");
    CHECK(c.theorem_b.statement.find("is not defined at") != std::string::npos);
}
