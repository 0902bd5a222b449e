// What an export needs of a certificate: the problem's text, the family, the claims.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lyapcert/numeric/rational.hpp"

namespace lyapcert::coq_export {

using RationalMatrix = std::vector<std::vector<Rational>>;  // rows

struct Family {
    std::vector<Rational> probabilities;
    std::vector<RationalMatrix> matrices;
    std::size_t dimension() const { return matrices.front().size(); }
};

struct Claim {
    std::string text;   // "lambda >= 1.1433"
    std::string about;  // "lambda", "mu", "H1", ...
    bool upper = false;
    std::optional<Rational> bound;  // none: a status, -inf, or a claim about an interval of learning rates
    std::string rule;               // by which the checker proves it; empty where there is no choice
};

struct ReadCertificate {
    std::string problem;           // as it stands in the file
    std::optional<Family> family;  // none: not written out, or not rational
    std::string why_no_family;
    std::vector<Claim> claims;
};

// Throws InputError.
ReadCertificate read_certificate(const std::string& text);

}  // namespace lyapcert::coq_export
