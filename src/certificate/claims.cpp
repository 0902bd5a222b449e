#include "certificate/claims.hpp"

#include <algorithm>
#include <cmath>

#include "certificate/claimed_end.hpp"
#include "certificate/evidence/large_family.hpp"
#include "certificate/evidence/second_moment.hpp"
#include "certificate/lambda_proof.hpp"
#include "lyapcert/linalg/number_types.hpp"
#include "lyapcert/numeric/decimal.hpp"

namespace lyapcert::certificate {

namespace {

const char* name_of(Side side) { return side == Side::lower ? "lower" : "upper"; }

class Collector {
  public:
    Collector(const Problem& problem, const Certification& certification, int digits, EvidenceLists& lists)
        : problem_(problem), certification_(certification), digits_(digits), lists_(lists) {}

    std::vector<Claim> run() {
        if (problem_.minimum.proved && problem_.kind == Problem::Kind::model) add_status("minimum", "proved");
        if (problem_.minimum.kind == Minimum::Kind::near && problem_.minimum.distance && !problem_.minimum.given_in_file) add_distance();
        if (certification_.mu) {
            if (problem_.learning_rates) add_mu_along();
            else if (is_large_family(*certification_.product)) add_large_mu();
            else add_mu();
        }
        if (certification_.lambda2) add_lambda2();
        if (certification_.along.empty()) add_lambda();
        for (const RateInterval& interval : certification_.along) add_lambda_along(interval);
        if (certification_.hypotheses)
            for (const Hypothesis& h : certification_.hypotheses->list)
                if (h.id != "H2" && (h.status == Status::proved || h.status == Status::refuted)) add_status(h.id, to_string(h.status));
        return std::move(claims_);
    }

  private:
    using MakeProof = std::function<Proof(Side side, const std::string& bound)>;  // an empty object where none is needed

    void add_mu() {
        add_ends("mu", *certification_.mu, [](Side, const std::string&) { return Json::object(); });
    }

    void add_lambda2() {
        const Bound& lambda2 = *certification_.lambda2;
        add_ends("lambda2", lambda2, [&lambda2, &product = *certification_.product, &lists = lists_](Side side, const std::string& bound) {
            return encode_lambda2(side == Side::lower ? lambda2.lower : lambda2.upper, Claimed{product, side, bound, lists});
        });
    }

    void add_lambda() {
        const LyapunovExponent& lambda = certification_.lambda;
        add_ends("lambda", lambda, [&lambda, &product = *certification_.product, &lists = lists_](Side side, const std::string& bound) {
            return lambda_proof(lambda, Claimed{product, side, bound, lists});
        });
    }

    // For every learning rate of an interval.
    void add_mu_along() {
        const auto& [from, to] = *problem_.learning_rates;
        add_ends("mu", *certification_.mu, [](Side, const std::string&) { return Json::object(); }, Json::array({from.str(), to.str()}));
    }

    void add_lambda_along(const RateInterval& interval) {
        const LyapunovExponent& lambda = *interval.lambda;
        add_ends("lambda", lambda, [&lambda, &product = *interval.product, &lists = lists_](Side side, const std::string& bound) {
            return lambda_proof(lambda, Claimed{product, side, bound, lists});
        }, Json::array({interval.from.str(), interval.to.str()}));
    }

    void add_ends(const std::string& about, const Bound& bound, const MakeProof& proof, const Json& rates = {}) {
        for (const Side side : {Side::lower, Side::upper}) {
            const Rounding rounding{digits_, is_refined((side == Side::lower ? bound.lower : bound.upper).method)};
            const MpInterval& x = bound.enclosure;
            if (!claimed_end(x, side, rounding, 0)) continue;  // unbounded on this side: nothing to claim
            const auto make = [about, x, side, rounding, proof, rates](int attempt) -> std::optional<Json> {
                const auto end = claimed_end(x, side, rounding, attempt);
                if (!end) return std::nullopt;
                const Proof evidence = proof(side, *end);
                if (!evidence) return std::nullopt;
                Json claim{{"about", about}, {"side", name_of(side)}, {"bound", *end}};
                if (!rates.is_null()) claim["learning_rate"] = rates;
                if (!evidence->empty()) claim["proof"] = *evidence;
                return claim;
            };
            const std::string range = rates.is_null() ? "" : " for learning rates from " + rates[0].get<std::string>() + " to " + rates[1].get<std::string>();
            claims_.push_back(Claim{about + ", " + name_of(side) + " bound" + range, make, x, side});
        }
    }

    // The checker has a Cholesky factorisation in doubles for the upper end, and wants a vector for the lower one.
    void add_large_mu() {
        const Matrix<Real>& m = problem_.scaled_gram;
        const auto n = static_cast<double>(m.rows());
        double trace = 0.0;
        for (std::size_t i = 0; i < m.rows(); ++i) trace += m(i, i).at(64).upper_double();
        const auto known = evidence_as<ExtremeEigenvalues>(certification_.mu->lower.evidence);
        const ExtremeEigenvalues kappa = known ? *known : extreme_eigenvalues(to_intervals(m));
        const bool top = kappa.largest.lower() > 2.0 * n - kappa.smallest.lower();
        const double resolution = 4.0 * (2.0 * n + 8.0) * 0x1p-52 * std::max(trace / n, top ? n : 0.0);
        const Rounding rounding{digits_, false};
        for (const Side side : {Side::lower, Side::upper}) {
            const MpInterval& mu = certification_.mu->enclosure;
            if (!claimed_end(mu, side, rounding, 0)) continue;
            const auto make = [side, mu, resolution, top, kappa, rounding](int attempt) -> std::optional<Json> {
                const double pad = (side == Side::lower ? 1e-3 : 1.0) * resolution * std::pow(50.0, attempt);
                const MpInterval slack(-pad, pad, mu.precision());
                const auto bound = claimed_end(mu + slack, side, rounding, 0);
                if (!bound) return std::nullopt;
                Json claim{{"about", "mu"}, {"side", name_of(side)}, {"bound", *bound}};
                if (side == Side::lower) claim["proof"] = Json{{"vector", hexadecimal(top ? kappa.largest_vector : kappa.smallest_vector)}};
                return claim;
            };
            claims_.push_back(Claim{std::string("mu, ") + name_of(side) + " bound", make, mu, side});
        }
    }

    void add_distance() {
        const auto make = [&minimum = problem_.minimum](int attempt) -> std::optional<Json> {
            const MpInterval distance(parse_rational(*minimum.distance) * Rational(100 + attempt, 100), 64);
            return Json{{"about", "distance"}, {"side", "upper"}, {"bound", upper_decimal(distance.upper(), 3)}};
        };
        claims_.push_back(Claim{"distance, upper bound", make});
    }

    void add_status(const std::string& id, const std::string& status) {
        const auto make = [&problem = problem_, id, status](int attempt) -> std::optional<Json> {
            if (attempt > 0) return std::nullopt;
            Json claim{{"about", id}, {"status", status}};
            if (id == "H1" && status == "proved") claim["proof"] = independence_proof(*problem.independent_everywhere);
            return claim;
        };
        claims_.push_back(Claim{id + " " + status, make});
    }

    static Json independence_proof(const Finding& everywhere) {
        if (!everywhere.linear_parameters.empty()) return Json{{"linear", everywhere.linear_parameters}};
        Json proof{{"weights", Json::object()}};
        for (const auto& [parameter, weight] : everywhere.weights) proof["weights"][parameter] = weight.str();
        return proof;
    }

    const Problem& problem_;
    const Certification& certification_;
    int digits_;
    EvidenceLists& lists_;
    std::vector<Claim> claims_;
};

}  // namespace

std::vector<Claim> claims_of(const Problem& problem, const Certification& certification, int digits, EvidenceLists& lists) {
    return Collector(problem, certification, digits, lists).run();
}

}  // namespace lyapcert::certificate
