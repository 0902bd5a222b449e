// Whole results under whatever floating-point mode the caller left behind: they are the clean ones, and the mode is there again afterwards.
#include <fenv.h>

#include <catch2/catch.hpp>
#include <thread>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/report/report.hpp"

using namespace lyapcert;

namespace {

const std::vector<std::string> problems = {
    // A pair of positive matrices, the random Fibonacci sequence, a closed form, a model with elementary functions, irrational entries, an interval of learning rates.
    R"([product]
matrices = [[["2", "1"], ["1", "1"]], [["3", "1"], ["2", "1"]]]
)",
    R"([product]
matrices = [[["1", "1"], ["1", "0"]], [["-1", "1"], ["1", "0"]]]
)",
    R"([product]
matrices = [[["1/3"]], [["2"]]]
)",
    R"toml([model]
parameters = ["u1", "u2", "w1", "w2"]
inputs = ["y"]
output = "u1*tanh(w1*y) + u2*tanh(w2*y)"
[data]
inputs = [["1"], ["-1/2"]]
targets = "model"
[minimum]
values = { u1 = "2", u2 = "-1", w1 = "atanh(1/2)", w2 = "1/3" }
[training]
learning_rate = "1/2"
)toml",
    R"toml([gram]
matrix = [["sqrt(6)", "1/3"], ["1/3", "pi/4"]]
[training]
learning_rate = "1"
)toml",
    R"([gram]
matrix = [["5/2", "3/10"], ["3/10", "7/10"]]
[training]
learning_rate = ["1", "1.001"]
)",
    // An orthant, and a cube.
    R"([product]
matrices = [[[2, 1, 3], [1, 1, 4], [1, 2, 1]], [[3, 1, 1], [2, 1, 5], [1, 1, 3]]]
)",
    R"([product]
matrices = [[[5, 1, "-1/2"], [1, "1/2", 1], ["1/3", -1, "1/4"]], [[-4, "1/2", 1], [1, "-1/3", "1/2"], ["-1/2", "1/5", "1/3"]]]
)",
};

// An interval of learning rates has no narrow exponent.
Goal goal(const std::string& problem) { return Goal{false, problem.find("[gram]") == std::string::npos ? 1e-3 : 1e-2}; }

struct Mode {
    unsigned mxcsr;
    int x87;
};

// Direction in both units, with and without flush-to-zero and denormals-are-zero.
std::vector<Mode> hostile_modes() {
    std::vector<Mode> modes;
    const int directions[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
    for (unsigned k = 0; k < 4; ++k)
        for (const unsigned flush : {0x0000U, 0x8000U, 0x0040U, 0x8040U}) modes.push_back({0x1F80U | k << 13 | flush, directions[k]});
    return modes;
}

unsigned short x87_control() {
    unsigned short word = 0;
    asm volatile("fnstcw %0" : "=m"(word));
    return word;
}

class InMode {
  public:
    explicit InMode(const Mode& mode) {
        fesetround(mode.x87);  // both units
        x87_ = x87_control();
        detail::write_mxcsr(mode.mxcsr);
    }
    ~InMode() {
        fesetround(FE_TONEAREST);
        detail::write_mxcsr(detail::mxcsr_nearest);
    }
    bool intact(const Mode& mode) const { return (detail::read_mxcsr() & detail::mxcsr_control_mask) == (mode.mxcsr & detail::mxcsr_control_mask) && x87_control() == x87_; }

  private:
    unsigned short x87_ = 0;
};

// Everything that is proved of a problem, exactly; the ends in hexadecimal.
std::string exact(const MpInterval& x) {
    std::string text;
    for (mpfr_srcptr end : {x.lower(), x.upper()}) {
        char* raw = nullptr;
        mpfr_asprintf(&raw, "%Ra ", end);
        text += raw;
        mpfr_free_str(raw);
    }
    return text;
}

std::string certified(const std::string& text) {
    const Problem problem = parse_problem(text, "test");
    CertifyOptions options;
    options.goal = goal(text);
    options.seconds = 60;  // the goal ends the work, not the clock
    const Certification c = certify(problem, options);
    std::string all = exact(c.lambda.enclosure) + c.lambda.method() + " " + to_string(c.sgd) + " " + to_string(c.gd);
    if (c.mu) all += " mu " + exact(c.mu->enclosure);
    if (c.lambda2) all += " lambda2 " + exact(c.lambda2->enclosure);
    return all;
}

std::string checked(const std::string& certificate) {
    const checker::CheckResult result = checker::check(certificate);
    std::string all = result.conclusion;
    for (const checker::ClaimResult& claim : result.claims) all += "\n" + claim.claim + (claim.proved ? " proved" : " open: " + claim.reason);
    return all;
}

struct Clean {
    std::vector<std::string> results;
    std::vector<std::string> certificates;
    std::vector<std::string> checks;
};

const Clean& clean() {
    static const Clean once = [] {
        Clean result;
        for (const std::string& text : problems) {
            result.results.push_back(certified(text));
            const Problem problem = parse_problem(text, "test");
            CertifyOptions options;
            options.goal = goal(text);
            options.keep_evidence = true;
            result.certificates.push_back(make_certificate(problem, certify(problem, options), 17).text);
            result.checks.push_back(checked(result.certificates.back()));
        }
        return result;
    }();
    return once;
}

// Compares in the mode, reports out of it.
struct Outcome {
    std::size_t problem = 0;
    Mode mode{};
    std::string result;
    std::string check;
    bool intact = false;
};

Outcome run(std::size_t problem, const Mode& mode) {
    const std::string& certificate = clean().certificates[problem];
    Outcome outcome{problem, mode, {}, {}, false};
    const InMode in(mode);
    try {
        outcome.result = certified(problems[problem]);
        outcome.check = checked(certificate);
    } catch (const std::exception& error) {
        outcome.result += std::string("thrown: ") + error.what();
    }
    outcome.intact = in.intact(mode);
    return outcome;
}

void require_clean(const Outcome& outcome) {
    INFO("problem " << outcome.problem << ", MXCSR " << std::hex << outcome.mode.mxcsr);
    CHECK(outcome.result == clean().results[outcome.problem]);
    CHECK(outcome.check == clean().checks[outcome.problem]);
    CHECK(outcome.intact);
}

}  // namespace

TEST_CASE("the clean results are what they should be") {
    for (std::size_t k = 0; k < problems.size(); ++k) {
        CHECK(certified(problems[k]) == clean().results[k]);
        CHECK(checker::check(clean().certificates[k]).accepted());
    }
}

TEST_CASE("results do not depend on the caller's mode") {
    for (const Mode& mode : hostile_modes())
        for (std::size_t k = 0; k < problems.size(); ++k) require_clean(run(k, mode));
}

TEST_CASE("results do not depend on the modes of other threads") {
    const std::vector<Mode> modes = hostile_modes();
    std::vector<std::vector<Outcome>> outcomes(8);
    static_cast<void>(clean());
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < outcomes.size(); ++t)
        threads.emplace_back([&, t] {
            for (std::size_t k = 0; k < problems.size(); ++k) outcomes[t].push_back(run((k + t) % problems.size(), modes[(2 * t + 3 * k) % modes.size()]));
            mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
        });
    for (std::thread& thread : threads) thread.join();
    for (const auto& list : outcomes)
        for (const Outcome& outcome : list) require_clean(outcome);
}
