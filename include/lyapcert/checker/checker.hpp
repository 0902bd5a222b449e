// The independent checker: re-proves a certificate from nothing but its text.
//
// It includes no other floor and shares with them no number type, no expression, no data structure and no search: rationals are GMP's,
// intervals are built on MPFR or on outward steps that are right under any rounding mode. What it relies on is proved in
// proofs/THEOREMS.md; comments in src/checker refer to the theorems there by number, "T14".
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace lyapcert::checker {

// The certificate cannot be read: what() is one line that names the place.
class Refused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct ClaimResult {
    std::size_t index = 0;  // in the certificate's list of claims
    std::string claim;      // "lambda <= -0.1"
    bool proved = false;
    std::string reason;     // why not; empty when proved
};

// The content of a data file that the problem names.
struct CheckedData {
    std::string key;     // where the problem names it: "gram", "gradients", "data.inputs", "data.targets"
    std::string format;  // "csv", "json", "npy" (also for a member of a .npz file)
    std::string bytes;
};

struct CheckResult {
    std::string title;
    std::string problem;  // the text of the problem file that the claims are about
    std::vector<CheckedData> data;
    std::vector<double> centre;  // about where x* is, when the evidence says so (T41)
    std::vector<ClaimResult> claims;
    std::vector<std::string> assumptions;  // what the reader must grant, one line each
    std::string declaration;               // of H2, where the problem declares an initial law that satisfies it; else empty
    std::string conclusion;                // what the proved claims say of GD and SGD, one line

    bool accepted() const;  // every claim is proved, and there is one
};

// A rule by which claims on lambda are proved: "rule" in a certificate.
struct RuleDescription {
    std::string name;
    std::string theorem;  // the numbers in proofs/THEOREMS.md: "T14 to T18, T50"
    std::string sides;    // "lower", "upper" or "both"
};
std::vector<RuleDescription> rules();

// Checks the text of a certificate (JSON). Throws Refused when it is malformed; never anything else but std::bad_alloc.
CheckResult check(const std::string& certificate);

// The text that is in a file, gzip-compressed or not. Throws Refused.
std::string certificate_text(const std::string& path);

// The same as check for a file. Throws Refused.
CheckResult check_file(const std::string& path);

}  // namespace lyapcert::checker
