// What the proof of a claim may use.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "checker/problem/problem.hpp"

namespace lyapcert::checker {

enum class Side { lower, upper };

// One end of an enclosure, as claimed: a rational number, or -inf.
struct End {
    bool minus_infinity = false;
    Rational value;
};
End parse_end(const nlohmann::json& json);

inline const std::string not_proved = "the inequality is not proved";
inline std::string verdict(bool proved) { return proved ? "" : not_proved; }

// More than any log-quadratic certificate of the program needs; what needs more is refused instead of running for hours.
inline constexpr std::uint64_t most_quadratic_work = std::uint64_t{1} << 41;

class Context {
  public:
    // `certificate` holds the lists of evidence; both must outlive the context.
    Context(const Problem& its_problem, long its_bits, const nlohmann::json& certificate) : problem(its_problem), bits(its_bits), certificate_(certificate) {}

    const Problem& problem;
    const long bits;
    mutable std::uint64_t quadratic_work = most_quadratic_work;  // left, for all claims together

    // Entry `index` of a list of the certificate ("fans", ...). Throws Refused.
    const nlohmann::json& evidence(const char* list, const nlohmann::json& index) const;
    const nlohmann::json& certificate() const { return certificate_; }
    // Of G and of M (T2), when G is proved positive semidefinite; nothing when its inertia is not known.
    std::optional<std::size_t> gram_rank() const;

  private:
    const nlohmann::json& certificate_;
};

// The other end of a segment of families, affine in one parameter (T70).
struct Far {
    const Context& context;
    const Product& product;
};

// A claim on the exponent of a product: the whole family of the problem, or a part of it; or on those of all families on a segment from this product to `far`.
struct LambdaClaim {
    const Context& context;
    const Product& product;
    Side side;
    End end;
    const nlohmann::json& proof;
    int depth = 0;  // 0: the whole problem
    const Far* far = nullptr;
    bool and_beyond = false;  // for all larger learning rates as well (T71 (c))

    long bits() const { return context.bits; }
    // The same kind of claim about a part.
    LambdaClaim within(const Product& part, const End& its_end, const nlohmann::json& its_proof, const Far* its_far = nullptr) const {
        return {context, part, side, its_end, its_proof, depth + 1, its_far, and_beyond};
    }
};

// Why the claim is not proved, or nothing (rules.cpp).
std::string check_lambda(const LambdaClaim& claim);

}  // namespace lyapcert::checker
