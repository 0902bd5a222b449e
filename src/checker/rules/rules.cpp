#include "checker/rules/rules.hpp"

#include <algorithm>
#include <iterator>

#include "lyapcert/checker/checker.hpp"

namespace lyapcert::checker {

namespace {

enum class Sides { lower, upper, both };
// Along a segment of families (T70): not at all; by the same proof at both ends, which is enough; or in a way of its own.
enum class Along { no, ends, own };

// What a rule is for; check_lambda looks at the columns, the rule at the rest.
struct Rule {
    const char* name;
    const char* theorem;  // of proofs/THEOREMS.md
    Sides sides;
    bool finite;  // only for claims that are numbers, not for -inf
    bool large;   // also for families of single samples that are not written out
    bool whole;   // only for the whole problem, not for parts of it
    Along along;
    bool beyond;  // also for all larger learning rates at once
    std::string (*check)(const LambdaClaim& claim);
};

constexpr bool yes = true;
constexpr bool no = false;

const Rule table[] = {
    // name                    theorems                  sides         finite large whole  along        beyond check
    {"blocks",                 "T3",                     Sides::both,  no,    yes,  no,    Along::own,  yes,   check_blocks},
    {"waiting",                "T4",                     Sides::both,  no,    no,   no,    Along::own,  yes,   check_waiting},
    {"steps",                  "T24",                    Sides::both,  no,    no,   no,    Along::no,  no,    check_steps},
    {"dimension 1",            "T8, T12",                Sides::both,  no,    no,   no,    Along::own,  no,    check_dimension_one},
    {"rank 1",                 "T9, T12",                Sides::both,  no,    no,   no,    Along::no,  no,    check_rank_one},
    {"monomial",               "T10, T12",               Sides::both,  no,    no,   no,    Along::no,  no,    check_monomial},
    {"word",                   "T11",                    Sides::upper, no,    no,   no,    Along::no,  no,    check_vanishing_word},
    {"invariant form",         "T72",                    Sides::both,  yes,   no,   no,    Along::no,   no,    check_invariant_form},
    {"basis",                  "T73",                    Sides::both,  no,    no,   no,    Along::no,   no,    check_basis},
    {"determinant",            "T5, T12",                Sides::lower, no,    yes,  no,    Along::own,  yes,   check_determinant},
    {"contraction",            "T7",                     Sides::both,  yes,   yes,  yes,   Along::no,  no,    check_contraction},
    {"outlier",                "T27",                    Sides::lower, no,    yes,  yes,   Along::ends, no,    check_outlier},
    {"dominated splitting",    "T26",                    Sides::lower, no,    yes,  no,    Along::own,  no,    check_dominated_splitting},
    {"second moment",          "T6, T32",                Sides::both,  yes,   yes,  no,    Along::no,  no,    check_second_moment},
    {"spectral radius",        "T6",                     Sides::both,  yes,   no,   no,    Along::no,  no,    check_second_moment},
    {"weighted second moment", "T25",                    Sides::upper, yes,   yes,  no,    Along::ends, no,    check_weighted_moment},
    {"invariant cone",         "T28",                    Sides::both,  yes,   no,   no,    Along::no,  no,    check_invariant_cone},
    {"polyhedral",             "T14 to T18, T50",        Sides::both,  yes,   no,   no,    Along::own,  no,    check_polyhedral},
    {"log-quadratic",          "T22, T23, T51",          Sides::both,  yes,   no,   no,    Along::own,  no,    check_log_quadratic},
};

const char* name_of(Sides sides) { return sides == Sides::lower ? "lower" : sides == Sides::upper ? "upper" : "both"; }

}  // namespace

std::string check_lambda(const LambdaClaim& claim) {
    constexpr int deepest = 6;
    if (claim.depth > deepest) throw Refused("lambda: the proof is nested too deeply");
    const std::string& name = claim.proof.at("rule").get_ref<const std::string&>();
    if (claim.side == Side::lower && claim.end.minus_infinity) return "";
    const auto rule = std::find_if(std::begin(table), std::end(table), [&](const Rule& r) { return name == r.name; });
    if (rule == std::end(table)) throw Refused("lambda: the rule '" + name.substr(0, 40) + "' is unknown");
    if (claim.product.is_single_sample_gram() && !rule->large) return "the rule is not for families of this size";
    if (rule->whole && claim.depth > 0) return "the rule is for the whole problem only";
    if (rule->finite && claim.end.minus_infinity) return "a finite bound is expected";
    if (rule->sides == Sides::lower && claim.side == Side::upper) return "the rule proves lower bounds";
    if (rule->sides == Sides::upper && claim.side == Side::lower) return "the rule proves upper bounds";
    if (claim.and_beyond && !rule->beyond) return "the rule does not reach to all larger learning rates";
    if (claim.far == nullptr) return rule->check(claim);
    if (claim.far->product.dimension() != claim.product.dimension() || claim.far->product.probabilities != claim.product.probabilities) return "the ends of the interval differ in shape";
    if (rule->along == Along::no) return "the rule is for one learning rate at a time";
    if (rule->along == Along::own) return rule->check(claim);
    const auto at = [&](const Context& context, const Product& product) { return LambdaClaim{context, product, claim.side, claim.end, claim.proof, claim.depth}; };
    const std::string reason = rule->check(at(claim.context, claim.product));
    return reason.empty() ? rule->check(at(claim.far->context, claim.far->product)) : reason;
}

std::vector<RuleDescription> rules() {
    std::vector<RuleDescription> result;
    for (const Rule& rule : table) result.push_back({rule.name, rule.theorem, name_of(rule.sides)});
    return result;
}

}  // namespace lyapcert::checker
