#include "lyapcert/export/coq.hpp"

#include "export/coq_text.hpp"
#include "export/word_tree.hpp"
#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert::coq_export {

namespace {

const char* const header = R"(From Coq Require Import Reals ZArith QArith Qreals List.
From Lyapcert Require Import Products Compute Certified.
Import ListNotations.
)";

std::string statement(bool upper, const Rational& bound) {
    return upper ? "(l <= Q2R " + rational(bound) + ")%R" : "(Q2R " + rational(bound) + " <= l)%R";
}

std::string theorem(const std::string& name, std::size_t dimension, bool upper, const TreeChoice& choice) {
    const std::string side = upper ? "upper" : "lower";
    return "Theorem " + name + " : exists l, is_exponent " + std::to_string(dimension) + " (family_of problem) l /\\ " + statement(upper, choice.bound) + ".\n" +
           "Proof. apply (" + side + "_bound " + std::to_string(choice.bits) + " " + std::to_string(dimension) + " problem data " + std::to_string(choice.depth) + " " +
           choice.threshold.str() + "); vm_cast_no_check (eq_refl true). Qed.\n";
}

std::string bound_text(const std::string& about, bool upper, const Rational& bound) { return about + (upper ? " <= " : " >= ") + exact_decimal(bound); }

}  // namespace

Export export_certificate(const std::string& certificate) {
    const ReadCertificate read = read_certificate(certificate);
    Export result;
    std::string why_not = read.why_no_family;
    std::optional<IntegerForm> form;
    if (read.family) form = find_integer_form(*read.family, why_not);
    std::string theorems;
    std::vector<std::string> names;
    std::string ends[2];  // the first theorem of each side
    std::string bounds[2];
    for (const Claim& claim : read.claims) {
        const auto leave_out = [&](const std::string& why) { result.left_out.push_back(claim.text + ": " + why); };
        if (claim.about != "lambda") {
            leave_out("only claims about lambda are exported");
            continue;
        }
        if (!claim.bound) {
            leave_out("it is no claim of a number about one family");
            continue;
        }
        if (!form) {
            leave_out(why_not);
            continue;
        }
        const std::optional<TreeChoice> choice = choose_tree(*form, claim.upper, *claim.bound);
        if (!choice) {
            leave_out("the family has too many matrices");
            continue;
        }
        const std::string side = claim.upper ? "upper" : "lower";
        const std::string name = "lambda_" + side + (ends[claim.upper].empty() ? "" : "_" + std::to_string(names.size()));
        if (ends[claim.upper].empty()) {
            ends[claim.upper] = name;
            bounds[claim.upper] = rational(choice->bound);
        }
        names.push_back(name);
        theorems += "\n" + comment(claim.text + (choice->weaker ? ", made weaker" : "") + "; " + std::to_string(choice->leaves) + " words") + "\n" +
                    theorem(name, read.family->dimension(), claim.upper, *choice);
        if (choice->weaker) result.weaker.push_back(claim.text + ": only " + bound_text("lambda", claim.upper, choice->bound));
        else result.exported.push_back(claim.text);
    }
    if (names.empty()) return result;
    if (!ends[0].empty() && !ends[1].empty()) {
        const std::string n = std::to_string(read.family->dimension());
        theorems += "\nTheorem lambda : exists l, is_exponent " + n + " (family_of problem) l /\\ (Q2R " + bounds[0] + " <= l <= Q2R " + bounds[1] + ")%R.\n" +
                    "Proof. exact (enclosure _ _ _ _ " + ends[0] + " " + ends[1] + "). Qed.\n";
        names.push_back("lambda");
    }
    std::string content = "(* Written by lyapcert export, for the library in proofs/coq. To be read: [problem] below, and Products.v. The problem file:\n*)\n" +
                          comment(read.problem) + "\n" + header +
                          "\n(* The family: probabilities, and matrices in rows. *)\n" + family_definition(*read.family) +
                          "(* Its integer form. *)\n" + witness_definition(*form) + theorems + "\n";
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    content += "Definition theorems := (" + all + ").\nPrint Assumptions theorems.\n";
    result.files.push_back({"Lambda.v", content});
    return result;
}

}  // namespace lyapcert::coq_export
