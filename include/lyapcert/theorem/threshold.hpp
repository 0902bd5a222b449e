// For which learning rates a minimum is stable: a certified partition of (0, infinity), for GD, for SGD and in mean square.
//
// Lemma. Let the Gram matrix be positive semidefinite and not zero.
// (a) GD. mu(b) < 0 implies mu < 0 on (0, b]; mu(a) > 0 implies mu > 0 on [a, infinity).
// (b) Mean square. Lambda_2(b) < 0 implies Lambda_2 < 0, hence lambda < 0, on (0, b]; Lambda_2(a) > 0 implies Lambda_2 > 0 on [a, infinity).
// (c) SGD from above. If a G_ii > 1 for all i of a component (single samples; (a/B) G > I for batches), and the determinant bound of that component is positive at a, then lambda > 0
//     on [a, infinity).
//   Proof. (a) mu(b) < 0 iff 0 < b kappa < 2N for all positive eigenvalues kappa of G, and mu(a) > 0 iff a kappa > 2N for one of them. (b) With L_eta(P) = E A(eta)^T P A(eta) take
//   P > 0 with L_b(P) < P. L_0(P) = P and eta -> L_eta(P) is convex, so L_eta(P) < P for 0 < eta <= b: rho(L_eta) < 1. If rho(L_eta) <= 1 for some eta > a, then for every e > 0 there is
//   P > 0 with L_eta(P) <= (1 + e) P; by convexity L_a(P) <= (1 + e) P, so rho(L_a) <= 1, a contradiction. (c) |det A_i(eta)| = eta G_ii - 1 increases; of a batch it is the product over the
//   eigenvalues k of G[S, S] of eta k / B - 1, all positive by interlacing. = T71 of proofs/THEOREMS.md.
// Between, SGD is proved piece by piece (exponent/along.hpp), each around a point at which the sign of lambda is proved: there may be islands of stability among unstable rates.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lyapcert/exponent/lyapunov.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/theorem/verdict.hpp"

namespace lyapcert {

// Where a piece comes from.
enum class RateProof { none, gd_point, mean_square_point, determinant_to_infinity, segment };

// The learning rates between two ends, closed where it is finite and proved: from nothing (0) to nothing (infinity).
struct RatePiece {
    std::optional<Rational> from;
    std::optional<Rational> to;
    Verdict verdict = Verdict::undecided;  // undecided: open
    RateProof proof = RateProof::none;
    // segment: what was proved for all of the piece, with its evidence where control.keep_evidence asks for it; and the family in the middle.
    std::shared_ptr<const LyapunovExponent> lambda = nullptr;
    std::shared_ptr<const RandomProduct> product = nullptr;
};

struct ThresholdOptions {
    std::optional<Rational> from;  // the range of learning rates that matter; 0
    std::optional<Rational> to;    // infinity
    double ratio = 1.001;          // an open piece whose ends have a smaller ratio is left open
    double seconds = 60;
    bool keep_evidence = false;
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

// Each list goes from 0 to infinity without holes, as it was proved.
struct Threshold {
    std::vector<RatePiece> gd;
    std::vector<RatePiece> mean_square;
    std::vector<RatePiece> sgd;
    double widest = 1.0;  // ratio of the widest open piece of SGD within the range; infinite where one reaches to 0 or infinity
    bool reached = false;  // the ratio asked for
    double seconds = 0;
};

// Neighbours of one verdict as one piece, without their proofs.
std::vector<RatePiece> merged(const std::vector<RatePiece>& pieces);

// Throws InputError where the problem has no learning rate, or its sampling is too large to write down. The problem's own learning rate plays no part.
Threshold threshold(const Problem& problem, const ThresholdOptions& options);

}  // namespace lyapcert
