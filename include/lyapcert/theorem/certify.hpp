// From a problem to everything the program says about it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/theorem/hypotheses.hpp"
#include "lyapcert/theorem/statement.hpp"
#include "lyapcert/theorem/verdict.hpp"

namespace lyapcert {

struct CertifyOptions {
    Goal goal;
    double seconds = 60;
    bool keep_evidence = false;  // for a certificate
    int digits = 17;  // decimal digits aimed at where a formula exists
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

// A part of an interval of learning rates, with what was proved of all of it.
struct RateInterval {
    Rational from;
    Rational to;
    std::shared_ptr<const RandomProduct> product;  // in the middle
    std::shared_ptr<const LyapunovExponent> lambda;
};

struct Certification {
    std::size_t dimension = 0;           // N, or the size of the matrices of a product
    std::optional<Bound> mu;             // not for a general product
    std::optional<Bound> lambda2;        // Lambda_2; nothing when it could not be enclosed
    LyapunovExponent lambda;
    std::vector<RateInterval> along;     // of an interval of learning rates: what lambda is the hull of, where that is better; else empty
    std::optional<Interval> slowest;     // -kappa_min of eta G: the growth of the slowest direction in an epoch, to first order; for large N only
    std::shared_ptr<const NormalSpace> normal_space;  // not for a general product
    std::optional<RandomProduct> product;  // whose exponents these are; always set by certify()
    Verdict gd = Verdict::undecided;
    Verdict sgd = Verdict::undecided;
    std::optional<Hypotheses> hypotheses;  // not for a general product
    TheoremStatus theorem_a;
    TheoremStatus theorem_b;
    std::string hint;  // where a sign is open: hint.hpp
    double seconds = 0;
};

// Throws InputError when the problem asks for what the method cannot represent (a mini-batch family that is too large).
Certification certify(const Problem& problem, const CertifyOptions& options);

}  // namespace lyapcert
