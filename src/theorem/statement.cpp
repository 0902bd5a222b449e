#include "lyapcert/theorem/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace lyapcert {

namespace {

// "H1", "H1 and H2", "H1, H2 and H3".
std::string listed(const std::vector<std::string>& items) {
    std::string text;
    for (std::size_t k = 0; k < items.size(); ++k) text += (k == 0 ? "" : k + 1 == items.size() ? " and " : ", ") + items[k];
    return text;
}

// A theorem, and the algorithm it is about.
struct Theorem {
    const char* name;       // "A"
    const char* exponent;   // "mu"
    const char* algorithm;  // "gradient descent"
    const char* step;       // how a step is made; begins with a blank, or empty
    std::vector<std::string> hypotheses;
};

const Theorem& theorem_of_gd() {
    static const Theorem theorem{"A", "mu", "gradient descent", "", {"H1", "H2", "H3"}};
    return theorem;
}

const Theorem& theorem_of_sgd() {
    static const Theorem theorem{"B", "lambda", "stochastic gradient descent", " (one sample a step, drawn uniformly and independently)", {"H1", "H2", "H3", "regular(i)", "regular(ii)"}};
    return theorem;
}

// What is known of the hypotheses of a theorem.
struct Weighed {
    std::vector<std::string> assumed, refuted, open;
    bool minimum_assumed = false;
    Ternary smooth = Ternary::yes;  // F on all of R^D: a standing assumption of the paper (section 2.1)

    bool usable() const { return refuted.empty() && open.empty() && smooth == Ternary::yes; }
    std::string status() const {
        if (!refuted.empty()) return "fails: " + listed(refuted) + (refuted.size() == 1 ? " is refuted" : " are refuted");
        if (smooth == Ternary::no) return "fails: F is not smooth";
        if (smooth == Ternary::undecided) return "not claimed: F is not known to be smooth";
        if (!open.empty()) return "undecided: " + listed(open);
        std::vector<std::string> granted = assumed;
        if (minimum_assumed) granted.insert(granted.begin(), "minimum");
        return granted.empty() ? "applies" : "assumes " + listed(granted);
    }
    // "Granting H1 and that x* is a global minimum, for" or "For".
    std::string opening() const {
        std::vector<std::string> granted = assumed;
        if (minimum_assumed) granted.push_back("that x* is a global minimum");
        return granted.empty() ? "For " : "Granting " + listed(granted) + ", for ";
    }
};

Weighed weigh(const Problem& problem, const Hypotheses& hypotheses, const std::vector<std::string>& needed) {
    Weighed result;
    result.minimum_assumed = !problem.minimum.proved;
    if (problem.analytic) result.smooth = problem.analytic->answer;
    for (const std::string& id : needed) switch (hypotheses[id].status) {
            case Status::proved:
            case Status::declared: break;
            case Status::assumed: result.assumed.push_back(id); break;
            case Status::refuted: result.refuted.push_back(id); break;
            case Status::undecided: result.open.push_back(id); break;
        }
    return result;
}

bool is_interval(const Problem& problem) { return !problem.learning_rate_text.empty() && problem.learning_rate_text.front() == '['; }

// "stochastic gradient descent (...) on the square loss with learning rate eta = 1/5".
std::string setting(const Problem& problem, const Theorem& theorem) {
    return fmt::format("{}{} on the square loss with {}{}", theorem.algorithm, theorem.step, is_interval(problem) ? "every learning rate eta in " : "learning rate eta = ",
                       problem.learning_rate_text);
}

// ", and every initial law that is Gaussian of full rank", or nothing where H2 has to be granted.
std::string initial_law(const Hypotheses& hypotheses) {
    return hypotheses.initial_law.empty() ? "" : ", and every initial law " + hypotheses.initial_law;
}

const char* relation(Verdict verdict) { return verdict == Verdict::stable ? "< 0" : verdict == Verdict::unstable ? "> 0" : "= 0"; }

std::string linear_part(const Problem& problem, const Theorem& theorem, Verdict verdict) {
    return fmt::format("{} {}: the linearisation at x* of {} is {}", theorem.exponent, relation(verdict), setting(problem, theorem), to_string(verdict));
}

std::string membership(const Problem& problem, const Hypotheses& hypotheses, const Theorem& theorem, const Weighed& weighed, Verdict verdict, const std::string& reference) {
    std::string text = fmt::format("{}{}{}, x* is {}in the support of X_lim, the limit of the iterates where they converge to a global minimum ({} {}; {})", weighed.opening(),
                                   setting(problem, theorem), initial_law(hypotheses), verdict == Verdict::unstable ? "not " : "", theorem.exponent, relation(verdict), reference);
    if (problem.parameters && *problem.parameters == problem.data_points)
        text += "; here D = N, where the paper assumes D > N: the global minima are isolated near x*, and its proofs hold without change (T34 of proofs/THEOREMS.md)";
    return text + ".";
}

std::string reference(const Theorem& theorem, Verdict verdict) { return fmt::format("Chemnitz & Engel 2025, Theorem {} ({})", theorem.name, verdict == Verdict::stable ? "i" : "ii"); }

// The theorem where it is not usable, with what is true all the same.
std::string without_theorem(const Problem& problem, const Theorem& theorem, const Weighed& weighed, Verdict verdict) {
    std::string why;
    if (!weighed.refuted.empty()) why = fmt::format("does not apply, since {} {}", listed(weighed.refuted), weighed.refuted.size() == 1 ? "is refuted" : "are refuted");
    else if (weighed.smooth == Ternary::no) why = "does not apply, since F is not smooth on all of R^D: " + problem.analytic->reason;
    else if (weighed.smooth == Ternary::undecided) why = "is not known to apply: that F is defined and smooth on all of R^D is not proved: " + problem.analytic->reason;
    else why = fmt::format("is not known to apply: {} {} undecided", listed(weighed.open), weighed.open.size() == 1 ? "is" : "are");
    return fmt::format("Theorem {} {}. What is proved is that {}.", theorem.name, why, linear_part(problem, theorem, verdict));
}

// Where the sign of the exponent gives no theorem a chance.
std::optional<TheoremStatus> without_sign(const Problem& problem, const Theorem& theorem, const Weighed& weighed, Verdict verdict) {
    const bool hopeless = !weighed.refuted.empty() || weighed.smooth != Ternary::yes;
    if (verdict == Verdict::neutral)
        return TheoremStatus{hopeless ? weighed.status() : fmt::format("silent: {} = 0", theorem.exponent),
                             fmt::format("{} = 0 exactly for {}: Theorem {} is silent on this case.", theorem.exponent, setting(problem, theorem), theorem.name)};
    if (verdict == Verdict::undecided)
        return TheoremStatus{hopeless ? weighed.status() : fmt::format("undecided: the sign of {}", theorem.exponent),
                             fmt::format("The sign of {} is not proved for {}, so nothing is claimed of X_lim.", theorem.exponent, setting(problem, theorem))};
    return std::nullopt;
}

const std::string stable_half = "(stable half, section 3.6)";

}  // namespace

TheoremStatus theorem_a(const Problem& problem, const Hypotheses& hypotheses, std::optional<Verdict> gd) {
    const Theorem& theorem = theorem_of_gd();
    const Weighed weighed = weigh(problem, hypotheses, theorem.hypotheses);
    if (!gd) return {weighed.status(), {}};
    if (auto silent = without_sign(problem, theorem, weighed, *gd)) return *silent;
    if (!weighed.usable()) return {weighed.status(), without_theorem(problem, theorem, weighed, *gd)};
    return {weighed.status(), membership(problem, hypotheses, theorem, weighed, *gd, reference(theorem, *gd))};
}

TheoremStatus theorem_b(const Problem& problem, const Hypotheses& hypotheses, std::optional<Verdict> sgd) {
    if (!problem.sampling.is_single_sample()) {
        const std::size_t size = problem.sampling.batch_size;
        const std::string step = fmt::format(" (mini-batches of {} of the {} samples, drawn uniformly and independently)", size, problem.data_points);
        const Theorem batches{"B", "lambda", "stochastic gradient descent", step.c_str(), {}};
        std::string statement = "Theorem B is about batch size 1.";
        if (sgd && *sgd == Verdict::undecided) statement += fmt::format(" The sign of lambda is not proved for {}.", setting(problem, batches));
        else if (sgd) statement += " What is proved is that " + linear_part(problem, batches, *sgd) + ".";
        return {fmt::format("not claimed: mini-batches of {}", size), sgd ? statement : ""};
    }
    const Theorem& theorem = theorem_of_sgd();
    const Weighed weighed = weigh(problem, hypotheses, theorem.hypotheses);
    // The stable half is stated and proved in section 3.6 for minima with ||g_i||^2 != 1/eta only.
    const Weighed weaker = weigh(problem, hypotheses, theorem_of_gd().hypotheses);
    const bool stable_half_alone = !weighed.usable() && weaker.usable() && hypotheses.steps_invertible;
    if (!sgd) return {weighed.status() + (stable_half_alone ? "; the stable half " + weaker.status() + " (section 3.6)" : ""), {}};
    if (stable_half_alone && *sgd == Verdict::stable)
        return {weaker.status() + " " + stable_half,
                membership(problem, hypotheses, theorem, weaker, *sgd, "stated and proved in section 3.6 of Chemnitz & Engel 2025 for minima with ||g_i||^2 != 1/eta, without the rest of regularity")};
    if (auto silent = without_sign(problem, theorem, weighed, *sgd)) return *silent;
    if (!weighed.usable()) return {weighed.status(), without_theorem(problem, theorem, weighed, *sgd)};
    return {weighed.status(), membership(problem, hypotheses, theorem, weighed, *sgd, reference(theorem, *sgd))};
}

}  // namespace lyapcert
