// The pieces of a partition of the learning rates as claims.
#include <cmath>

#include "certificate/claims.hpp"
#include "certificate/evidence/second_moment.hpp"
#include "certificate/lambda_proof.hpp"
#include "lyapcert/exponent/gd_exponent.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/product/sgd_product.hpp"

namespace lyapcert::certificate {

namespace {

constexpr long precision = MpInterval::default_precision;

std::string end_of(const std::optional<Rational>& rate, const char* otherwise) { return rate ? exact_decimal(*rate) : otherwise; }

// Part of a bound, away from zero as long as it is: the sign is what is claimed.
std::optional<std::string> part_of_bound(const MpInterval& enclosure, Side side, int attempt) {
    constexpr double parts[] = {0.5, 0.1, 0.01};
    if (attempt >= 3) return std::nullopt;
    const MpInterval part(parts[attempt], parts[attempt], precision);
    const MpInterval scaled = enclosure * part;
    if (side == Side::lower ? !(mpfr_sgn(scaled.lower()) > 0 && mpfr_number_p(scaled.lower())) : !(mpfr_sgn(scaled.upper()) < 0 && mpfr_number_p(scaled.upper()))) return std::nullopt;
    return side == Side::lower ? lower_decimal(scaled.lower(), 6) : upper_decimal(scaled.upper(), 6);
}

class Collector {
  public:
    Collector(const Problem& problem, const NormalSpace& space, const Threshold& threshold, EvidenceLists& lists) : problem_(problem), space_(space), threshold_(threshold), lists_(lists) {}

    std::vector<Claim> run() {
        for (const RatePiece& piece : threshold_.gd)
            if (piece.verdict != Verdict::undecided) add_gd(piece);
        for (const RatePiece& piece : threshold_.mean_square)
            if (piece.verdict != Verdict::undecided) add_mean_square("lambda2", piece);
        for (const RatePiece& piece : threshold_.sgd) {
            if (piece.verdict == Verdict::undecided) continue;
            if (piece.proof == RateProof::mean_square_point) add_mean_square("lambda", piece);
            else add_lambda(piece);
        }
        return std::move(claims_);
    }

  private:
    static Side side_of(const RatePiece& piece) { return piece.verdict == Verdict::stable ? Side::upper : Side::lower; }

    static Json head(const char* about, const RatePiece& piece) { return Json{{"about", about}, {"learning_rate", Json::array({end_of(piece.from, "0"), end_of(piece.to, "inf")})}}; }

    void add(const char* about, const RatePiece& piece, std::function<std::optional<Json>(int)> make) {
        Claim claim{std::string(about) + " " + to_string(piece.verdict) + " for learning rates from " + end_of(piece.from, "0") + " to " + end_of(piece.to, "infinity"), std::move(make)};
        claim.decides = true;
        claims_.push_back(std::move(claim));
    }

    void add_gd(const RatePiece& piece) {
        const NormalSpace at = space_.at(Real(piece.verdict == Verdict::stable ? *piece.to : *piece.from));
        const MpInterval mu = gd_exponent(at, precision).enclosure;
        add("mu", piece, [piece, mu](int attempt) -> std::optional<Json> {
            const auto bound = part_of_bound(mu, side_of(piece), attempt);
            if (!bound) return std::nullopt;
            Json claim = head("mu", piece);
            claim["status"] = to_string(piece.verdict);
            claim["bound"] = *bound;
            return claim;
        });
    }

    void add_mean_square(const char* about, const RatePiece& piece) {
        const auto product = std::make_shared<const RandomProduct>(sgd_product(space_.at(Real(piece.verdict == Verdict::stable ? *piece.to : *piece.from)), problem_.sampling));
        const auto lambda2 = std::make_shared<const Bound>(second_moment_exponent(*product, 64));
        add(about, piece, [about, piece, product, lambda2, &lists = lists_](int attempt) -> std::optional<Json> {
            const Side side = side_of(piece);
            const auto bound = part_of_bound(lambda2->enclosure, side, attempt);
            if (!bound) return std::nullopt;
            const Proof proof = encode_lambda2(side == Side::lower ? lambda2->lower : lambda2->upper, Claimed{*product, side, *bound, lists});
            if (!proof) return std::nullopt;
            Json claim = head(about, piece);
            claim["status"] = to_string(piece.verdict);
            claim["bound"] = *bound;
            claim["proof"] = *proof;
            return claim;
        });
    }

    void add_lambda(const RatePiece& piece) {
        add("lambda", piece, [piece, &lists = lists_](int attempt) -> std::optional<Json> {
            if (!piece.lambda || !piece.product) return std::nullopt;
            const Side side = side_of(piece);
            const auto bound = part_of_bound(piece.lambda->enclosure, side, attempt);
            if (!bound) return std::nullopt;
            const Proof proof = lambda_proof(*piece.lambda, Claimed{*piece.product, side, *bound, lists});
            if (!proof) return std::nullopt;
            Json claim = head("lambda", piece);
            if (piece.proof == RateProof::determinant_to_infinity) claim["status"] = "unstable";
            else claim["side"] = side == Side::lower ? "lower" : "upper";
            claim["bound"] = *bound;
            claim["proof"] = *proof;
            return claim;
        });
    }

    const Problem& problem_;
    const NormalSpace& space_;
    const Threshold& threshold_;
    EvidenceLists& lists_;
    std::vector<Claim> claims_;
};

}  // namespace

std::vector<Claim> claims_of(const Problem& problem, const NormalSpace& space, const Threshold& threshold, EvidenceLists& lists) {
    return Collector(problem, space, threshold, lists).run();
}

}  // namespace lyapcert::certificate
