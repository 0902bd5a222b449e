// Writes what was proved, with its evidence, so that the independent checker (lyapcert/checker/checker.hpp) can prove it again.
//
// Format, version 1: one JSON object, gzip-compressed when large.
//   "format"   "lyapcert certificate"      "version"  1
//   "problem"  the problem file, verbatim
//   "data"     the data files that the problem names: {"key": "gram" | "gradients" | "data.inputs" | "data.targets", "format": "csv" | "json" | "npy", "bytes":
//              in hexadecimal}; of a .npz archive the member alone, which is a .npy array (T30)
//   "basis"    only for a singular Gram matrix: the index set J of T2 (proofs/THEOREMS.md)
//   "centre"   only for an approximate minimum: the point of T41, numbers between blanks
//   "family"   {"probabilities": ["1/2", ...], "matrices": [[[entry, ...], ...], ...]}; an entry is a rational number "p/q", or a pair
//              of hexadecimal floats that enclose it. Equal rational matrices are merged. Left out for single samples of more than 128 data points.
//   "solutions"  {"c", "x"} for such families: what proves Lambda_2 (T32), in hexadecimal floats separated by blanks
//   "fans"     evidence of the polyhedral kind, in hexadecimal: {"dimension", "bisection", "cone", "values"} and, where it helps,
//              "corrector", see src/checker/rules/polyhedral.hpp
//   "quadratics"  evidence of the log-quadratic kind: {"dimension", "basis", "forms", "weights"}, see src/checker/rules/log_quadratic/log_quadratic.hpp; the branch and
//              bound that proves it is not stored: the checker makes its own. With a corrector also "boxes", the bisection trees in depth-first
//              order (the digit of an axis, or . for a box), and "values", "slopes" of the boxes (T51)
//   "moments"  evidence of weighted second moments: {"dimension", "states", "next", "basis", "forms", "weights"}, see src/checker/rules/weighted_moment.hpp
//   "cones"    evidence on invariant cones: {"factors", "signs" or "basis", "functionals", "weights", "threshold"}, see src/checker/rules/invariant_cone.hpp; the words
//              are not stored: the checker extends them by itself
//   "claims"   a list of
//              {"about": "mu" | "lambda2" | "lambda", "side": "lower" | "upper", "bound": decimal or "-inf", "proof": {...}}
//              {"about": "distance", "side": "upper", "bound": decimal}    of x* to the weights given (T41)
//              {"about": "H1" | "H3" | "regular(i)" | "regular(ii)" | "minimum", "status": "proved" | "refuted", "proof": {...}}
// Proofs: of mu none is needed, but {"vector": v} for a lower bound of a large family (T31). Of lambda2 {"matrix": P}, the lower triangle of P in rows (T6), or
//   {"solution": index into "solutions"} (T32). Of lambda {"rule": ...} with
//   "dimension 1" | "rank 1" | "monomial" | "determinant" | "contraction"    nothing more (T8, T9, T10, T5, T7)
//   "second moment" | "spectral radius"  "matrix": P (T6), or "solution" (T32)       "word"  "word": [k_1, ...] with A_{k_m} ... A_{k_1} = 0 (T11)
//   "polyhedral"  "fan": index into "fans" (T14 to T18, T50)    "waiting"  "proof": of the product without the identity (T4)
//   "log-quadratic"  "quadratic": index into "quadratics" (T22, T23, T51)
//   "invariant cone"  "cone": index into "cones" (T28)
//   "dominated splitting"  "transposed", "expanding", "weights": see src/checker/rules/dominated_splitting.hpp (T26)
//   "outlier"  "index": o, "span": q (T27)
//   "weighted second moment"  "moment": index into "moments" (T25)
//   "steps"  "steps": L, "proof": of the product of the words of L matrices, for L times the claim (T24)
//   "blocks"  "blocks": a partition of the indices, "parts": [{"block": b, "proof": ...}, ...]; all blocks for an upper bound (T3)
// Of H1 {"linear": [parameters]} or {"weights": {parameter: weight}} (T20).
#pragma once

#include <string>
#include <vector>

#include "lyapcert/theorem/certify.hpp"

namespace lyapcert {

struct Certificate {
    std::string text;                  // JSON
    std::vector<std::string> claims;   // each has been proved again by the checker: "lambda <= -0.1"
    std::vector<std::string> omitted;  // what was proved here but not there
    std::vector<std::string> weaker;   // claims that had to be made weaker than promised below, and by how much
    bool keeps_signs = true;           // every sign of mu and lambda that was proved here is proved there
};

// The claims are rounded outward: to `digits` significant digits where a formula exists, by about a hundredth of their width elsewhere.
// `certification` must have been made with keep_evidence.
Certificate make_certificate(const Problem& problem, const Certification& certification, int digits);

// The bytes to write: gzip-compressed when the text is long.
std::string packed(const std::string& text);

}  // namespace lyapcert
