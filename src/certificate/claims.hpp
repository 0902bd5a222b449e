// What a certificate claims.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "certificate/evidence/encodings.hpp"
#include "lyapcert/theorem/certify.hpp"
#include "lyapcert/theorem/threshold.hpp"

namespace lyapcert::certificate {

// A claim that can be made weaker, attempt by attempt, until the checker proves it.
struct Claim {
    std::string name;  // "lambda, lower bound"
    std::function<std::optional<Json>(int attempt)> make;  // nothing where there is no proof
    // The end of the enclosure that is claimed, where it is one.
    std::optional<MpInterval> enclosure = std::nullopt;
    Side side = Side::lower;
    int attempt = 0;
    std::optional<Json> json = std::nullopt;
    bool decides = false;  // a verdict depends on it, whatever `enclosure` says
};

// All that was proved. `problem`, `certification` and `lists` must outlive the claims; evidence goes to `lists` as claims are made.
std::vector<Claim> claims_of(const Problem& problem, const Certification& certification, int digits, EvidenceLists& lists);

// Of the pieces of a partition.
std::vector<Claim> claims_of(const Problem& problem, const NormalSpace& space, const Threshold& threshold, EvidenceLists& lists);

}  // namespace lyapcert::certificate
