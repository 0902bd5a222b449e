#include "lyapcert/theorem/certify.hpp"

#include <fmt/format.h>

#include <cmath>

#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/on_normal_space.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/product/sgd_product.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t largest_small_family = 6;  // above, lambda is quoted per epoch as well

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

// Sorts the hypotheses a theorem needs by what is known of them.
TheoremStatus weigh(const Problem& problem, const Hypotheses& hypotheses, const std::vector<std::string>& needed) {
    std::vector<std::string> assumed;
    std::vector<std::string> refuted;
    std::vector<std::string> open;
    if (!problem.minimum.proved) assumed.push_back("minimum");
    // A standing assumption of the paper (section 2.1): F is smooth in x on all of R^D.
    if (problem.analytic && problem.analytic->answer != Ternary::yes) assumed.push_back("smooth F");
    for (const std::string& id : needed) switch (hypotheses[id].status) {
            case Status::proved: break;
            case Status::assumed: assumed.push_back(id); break;
            case Status::refuted: refuted.push_back(id); break;
            case Status::undecided: open.push_back(id); break;
        }
    if (!refuted.empty()) return {"fails: " + joined(refuted) + " refuted", {}};
    if (!open.empty()) return {"undecided: " + joined(open), {}};
    if (!assumed.empty()) return {"assumes " + joined(assumed), {}};
    return {"applies", {}};
}

bool usable(const TheoremStatus& theorem) { return theorem.status == "applies" || theorem.status.rfind("assumes", 0) == 0; }

// "Granting H1 and H2, " or nothing.
std::string granting(const TheoremStatus& theorem) {
    if (theorem.status.rfind("assumes ", 0) != 0) return "";
    std::string list = theorem.status.substr(8);
    const std::size_t minimum = list.find("minimum");
    if (minimum != std::string::npos) list.replace(minimum, 7, "that x* is a global minimum");
    const std::size_t smooth = list.find("smooth F");
    if (smooth != std::string::npos) list.replace(smooth, 8, "that F is defined and smooth in x on all of R^D");
    return "granting " + list + ", ";
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string membership(Verdict verdict, const char* method) {
    return fmt::format("the minimum x* is {}in the support of the limit of {}", verdict == Verdict::unstable ? "not " : "", method);
}

std::string undecided_sentence(const char* exponent, const MpInterval* value) {
    if (value != nullptr && is_zero(*value)) return fmt::format("{} = 0 exactly, a case on which the theorem is silent.", exponent);
    return fmt::format("The sign of {} is not proved, so the theorem says nothing yet.", exponent);
}

// -kappa_min of M, where N is large and the Gram matrix proved regular.
std::optional<Interval> slowest_direction(const NormalSpace& space, const Bound& mu, Deadline deadline) {
    if (space.may_be_singular() || space.is_singular() || space.data_points() <= largest_small_family) return std::nullopt;
    const auto known = evidence_as<ExtremeEigenvalues>(mu.lower.evidence);
    const Interval smallest = known ? known->smallest : extreme_eigenvalues(to_intervals(space.scaled_gram()), deadline).smallest;
    if (!std::isfinite(smallest.lower()) || !std::isfinite(smallest.upper())) return std::nullopt;
    return -smallest;
}

}  // namespace

const char* to_string(Verdict verdict) {
    return verdict == Verdict::stable ? "stable" : verdict == Verdict::unstable ? "unstable" : "undecided";
}

Verdict verdict_of(const MpInterval& exponent) {
    if (certainly_negative(exponent)) return Verdict::stable;
    return certainly_positive(exponent) ? Verdict::unstable : Verdict::undecided;
}

TheoremStatus theorem_a(const Problem& problem, const Hypotheses& hypotheses, Verdict gd) {
    TheoremStatus theorem = weigh(problem, hypotheses, {"H1", "H2", "H3"});
    if (gd == Verdict::undecided) {
        theorem.statement = undecided_sentence("mu", nullptr);
    } else if (usable(theorem)) {
        theorem.statement = capitalised(granting(theorem) + membership(gd, "gradient descent")) +
                            (gd == Verdict::stable ? " (mu < 0; Chemnitz & Engel 2025, Theorem A (i))." : " (mu > 0; Chemnitz & Engel 2025, Theorem A (ii)).");
    } else {
        theorem.statement = fmt::format("Theorem A does not apply ({}); x* is linearly {} under gradient descent.", theorem.status, to_string(gd));
    }
    return theorem;
}

TheoremStatus theorem_b(const Problem& problem, const Hypotheses& hypotheses, Verdict sgd) {
    if (!problem.sampling.is_single_sample())
        return {"not claimed: mini-batches of " + std::to_string(problem.sampling.batch_size),
                "Theorem B is for batch size 1; the exponent is certified all the same: " +
                    (sgd == Verdict::undecided ? std::string("its sign is not proved.")
                                               : fmt::format("x* is linearly {} under mini-batch SGD.", to_string(sgd)))};
    TheoremStatus theorem = weigh(problem, hypotheses, {"H1", "H2", "H3", "regular(i)", "regular(ii)"});
    if (sgd == Verdict::undecided) {
        theorem.statement = undecided_sentence("lambda", nullptr);
        return theorem;
    }
    if (usable(theorem)) {
        theorem.statement = capitalised(granting(theorem) + membership(sgd, "stochastic gradient descent")) +
                            (sgd == Verdict::stable ? " (lambda < 0; Chemnitz & Engel 2025, Theorem B (i))."
                                                    : " (lambda > 0; Chemnitz & Engel 2025, Theorem B (ii)).");
        return theorem;
    }
    if (sgd == Verdict::stable && hypotheses.steps_invertible) {
        // The stable half is stated and proved in section 3.6 for minima with ||g_i||^2 != 1/eta only.
        const TheoremStatus weaker = weigh(problem, hypotheses, {"H1", "H2", "H3"});
        if (usable(weaker)) {
            theorem.statement = capitalised(granting(weaker) + membership(sgd, "stochastic gradient descent")) +
                                " (lambda < 0; x* is not known to be regular, but the proof of Theorem B (i) in section 3.6 of Chemnitz & Engel 2025 only uses "
                                "||g_i||^2 != 1/eta, which is proved).";
            return theorem;
        }
    }
    theorem.statement = fmt::format("Theorem B does not apply ({}); x* is linearly {} under stochastic gradient descent.", theorem.status, to_string(sgd));
    return theorem;
}

Certification certify(const Problem& problem, const CertifyOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    SearchControl control;
    control.deadline = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(options.seconds));
    control.progress = options.progress;
    control.keep_evidence = options.keep_evidence;
    const long precision = std::max(MpInterval::default_precision, static_cast<long>(std::ceil(options.digits * 3.3219281)) + 32);

    Certification result;
    const bool is_product = problem.kind == Problem::Kind::product;
    try {
        if (!is_product) result.normal_space = std::make_shared<const NormalSpace>(problem.gram, problem.scaled_gram);
        result.product = is_product ? RandomProduct(problem.matrices, problem.probabilities) : sgd_product(*result.normal_space, problem.sampling);
    } catch (const std::invalid_argument& error) {
        throw InputError(problem.file + ": " + error.what());
    }
    result.dimension = is_product ? result.product->dimension() : problem.data_points;
    if (!is_product) {
        result.mu = gd_exponent(*result.normal_space, precision, control.deadline);
        result.gd = verdict_of(result.mu->enclosure);
        if (problem.sampling.is_single_sample()) result.slowest = slowest_direction(*result.normal_space, *result.mu, control.deadline);
    }
    const Bound second_moment = second_moment_exponent(*result.product, precision, part_of(control.deadline, 0.8));
    result.lambda = lyapunov_exponent(Subject{*result.product, result.normal_space.get(), problem.sampling}, second_moment, options.goal, control, precision);
    result.lambda2 = is_product ? second_moment : on_normal_space(*result.normal_space, second_moment);
    result.sgd = verdict_of(result.lambda.enclosure);
    if (is_product) {
        result.theorem_a = result.theorem_b = {"not claimed: a general product", ""};
    } else {
        result.hypotheses = check_hypotheses(problem);
        result.theorem_a = theorem_a(problem, *result.hypotheses, result.gd);
        result.theorem_b = theorem_b(problem, *result.hypotheses, result.sgd);
        if (is_zero(result.mu->enclosure)) result.theorem_a.statement = undecided_sentence("mu", &result.mu->enclosure);
        if (is_zero(result.lambda.enclosure)) result.theorem_b.statement = undecided_sentence("lambda", &result.lambda.enclosure);
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace lyapcert
