// Claims on mu, Lambda_2 and lambda.
#pragma once

#include <cstdint>

#include "checker/family.hpp"

namespace lyapcert::checker {

// One end of an enclosure, as claimed: a rational number, or -inf.
struct End {
    bool minus_infinity = false;
    Rational value;
};
End parse_end(const nlohmann::json& json);

// Everything the proof of a claim may use.
struct Context {
    const Problem& problem;
    const nlohmann::json& fans;
    const nlohmann::json& quadratics;
    const nlohmann::json& moments;
    long bits;
    std::uint64_t& quadratic_work;  // left
    const nlohmann::json& solutions;  // of T32
    const nlohmann::json& cones;
};

// Each returns why the claim is not proved, or nothing.
std::string check_mu(const Context& context, Side side, const End& claim, const nlohmann::json& proof);
std::string check_second_moment(const Context& context, const Product& product, Side side, const End& claim, const nlohmann::json& proof);
std::string check_lambda(const Context& context, const Product& product, Side side, const End& claim, const nlohmann::json& proof, int depth = 0);

// Of G and of M (T2), when G is proved positive semidefinite; nothing when its inertia is not known.
std::optional<std::size_t> gram_rank(const Problem& problem, long bits);

}  // namespace lyapcert::checker
