// Writes what was proved, with its evidence, so that the independent checker (lyapcert/checker/checker.hpp) can prove it again.
// The format, version 1: proofs/FORMATS.md, "Certificates".
#pragma once

#include <string>
#include <vector>

#include "lyapcert/theorem/certify.hpp"
#include "lyapcert/theorem/threshold.hpp"

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

// Every piece of a partition of the learning rates, in one file. `threshold` must have been made with keep_evidence, for the sampling that the file asks for. keeps_signs: no piece
// is left out.
Certificate make_certificate(const Problem& problem, const Threshold& threshold);

// The bytes to write: gzip-compressed when the text is long.
std::string packed(const std::string& text);

}  // namespace lyapcert
