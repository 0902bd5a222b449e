#include "lyapcert/certificate/certificate.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "certificate/approximate_moment.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/exponent/closed_form.hpp"
#include "lyapcert/exponent/dominated_splitting.hpp"
#include "lyapcert/exponent/outlier.hpp"
#include "lyapcert/exponent/second_moment.hpp"
#include "lyapcert/linalg/convert.hpp"
#include "lyapcert/linalg/exact.hpp"
#include "lyapcert/linalg/extreme_eigenvalues.hpp"
#include "lyapcert/linalg/positive_definite.hpp"
#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/product/sampling.hpp"

namespace lyapcert {

namespace {

using Json = nlohmann::ordered_json;

enum class Side { lower, upper };

std::string hexadecimal(double x) { return fmt::format("{:a}", x); }

std::string hexadecimal(const std::vector<double>& numbers) {
    std::string text;
    for (const double x : numbers) text += (text.empty() ? "" : " ") + hexadecimal(x);
    return text;
}

std::string hexadecimal(const std::string& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

// A dyadic number: 0x1ap-7.
std::string dyadic(const Rational& x) {
    const Integer denominator = boost::multiprecision::denominator(x);
    const Integer numerator = abs(boost::multiprecision::numerator(x));
    return (x < 0 ? "-0x" : "0x") + numerator.str(0, std::ios_base::hex) + "p-" + std::to_string(boost::multiprecision::msb(denominator));
}

std::string packed_bits(const std::vector<bool>& bits) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t k = 0; k < bits.size(); k += 4) {
        unsigned value = 0;
        for (std::size_t b = 0; b < 4; ++b) value = 2 * value + (k + b < bits.size() && bits[k + b] ? 1 : 0);
        text += digits[value];
    }
    return text;
}

Json fan_json(const FanEvidence& fan) {
    const auto list = [](const std::vector<double>& numbers) {
        std::string text;
        for (const double x : numbers) text += (text.empty() ? "" : " ") + hexadecimal(x);
        return text;
    };
    const bool all = std::find(fan.in_cone.begin(), fan.in_cone.end(), false) == fan.in_cone.end();
    Json json{{"dimension", fan.dimension}, {"bisection", packed_bits(fan.bisected)}, {"cone", all ? "all" : packed_bits(fan.in_cone)}, {"values", list(fan.values)}};
    if (!fan.corrector.empty()) json["corrector"] = list(fan.corrector);
    return json;
}

std::string list(const std::vector<double>& numbers) {
    std::string text;
    for (const double x : numbers) text += (text.empty() ? "" : " ") + hexadecimal(x);
    return text;
}

Json quadratic_json(const LogQuadraticEvidence& evidence) {
    std::vector<double> forms;
    for (const Matrix<double>& q : evidence.forms)
        for (std::size_t i = 0; i < q.rows(); ++i)
            for (std::size_t j = 0; j <= i; ++j) forms.push_back(q(i, j));
    Json result{{"dimension", evidence.basis.rows()}, {"basis", list(evidence.basis.entries())}, {"forms", list(forms)}, {"weights", list(evidence.weights)}};
    if (evidence.corrector) {
        std::string boxes;
        for (const std::int8_t axis : evidence.corrector->bisections) boxes += axis < 0 ? '.' : static_cast<char>('0' + axis);
        result["boxes"] = boxes;
        result["values"] = list(evidence.corrector->values);
        result["slopes"] = list(evidence.corrector->slopes);
    }
    return result;
}

Json cone_json(const InvariantConeEvidence& evidence) {
    const auto signs = [](const std::vector<int>& list) {
        std::string text;
        for (const int s : list) text += s < 0 ? '-' : '+';
        return text;
    };
    Json result{{"factors", signs(evidence.cone.factor)}};
    if (evidence.cone.signs.empty()) result["basis"] = list(evidence.cone.basis.entries());
    else result["signs"] = signs(evidence.cone.signs);
    result["functionals"] = list(evidence.functionals.entries());
    result["weights"] = list(evidence.weights);
    result["threshold"] = hexadecimal(evidence.threshold);
    return result;
}

Json moment_json(const WeightedMomentEvidence& evidence) {
    const auto append = [](std::string& text, double x) {
        if (!text.empty()) text += ' ';
        text += hexadecimal(x);
    };
    const auto lower_triangle = [&](std::string& text, const Matrix<double>& a) {
        for (std::size_t i = 0; i < a.rows(); ++i)
            for (std::size_t j = 0; j <= i; ++j) append(text, a(i, j));
    };
    std::string next, basis, forms, weights;
    for (const std::uint32_t s : evidence.automaton.next) next += (next.empty() ? "" : " ") + std::to_string(s);
    lower_triangle(basis, evidence.basis);
    for (const Matrix<double>& p : evidence.forms) lower_triangle(forms, p);
    for (const double c : evidence.weights.entries()) append(weights, c);
    return Json{{"dimension", evidence.basis.rows()}, {"states", evidence.automaton.states}, {"next", next}, {"basis", basis}, {"forms", forms}, {"weights", weights}};
}

Json family_json(const RandomProduct& product) {
    Json family{{"probabilities", Json::array()}, {"matrices", Json::array()}};
    for (std::size_t k = 0; k < product.size(); ++k) {
        family["probabilities"].push_back(product.probabilities()[k].str());
        const Matrix<Real>& a = product.matrices()[k];
        Json rows = Json::array();
        for (std::size_t i = 0; i < a.rows(); ++i) {
            Json row = Json::array();
            for (std::size_t j = 0; j < a.columns(); ++j) {
                const Real& x = a(i, j);
                if (x.is_rational()) {
                    row.push_back(x.rational().str());
                } else {
                    const Interval enclosure = x.interval();
                    row.push_back(Json{hexadecimal(enclosure.lower()), hexadecimal(enclosure.upper())});
                }
            }
            rows.push_back(std::move(row));
        }
        family["matrices"].push_back(std::move(rows));
    }
    return family;
}

Json triangle(const Matrix<Rational>& p) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < p.rows(); ++i) {
        Json row = Json::array();
        for (std::size_t j = 0; j <= i; ++j) row.push_back(p(i, j).str());
        rows.push_back(std::move(row));
    }
    return rows;
}

// A claim that can be made weaker, attempt by attempt, until the checker proves it.
struct Claim {
    std::function<std::optional<Json>(int attempt)> make;
    std::string name = {};
    int attempt = 0;
    std::optional<Json> json = std::nullopt;
};

constexpr int most_attempts = 5;

class CertificateMaker {
  public:
    CertificateMaker(const Problem& problem, const Certification& certification, int digits)
        : problem_(problem), certification_(certification), digits_(std::max(digits, 6)) {}

    Certificate run() {
        head_ = Json{{"format", "lyapcert certificate"}, {"version", 1}, {"problem", problem_.text}};
        if (!problem_.data.empty()) head_["data"] = Json::array();
        if (problem_.kind != Problem::Kind::product) add_basis();
        if (problem_.minimum.centre) add_centre();
        for (const DataSource& source : problem_.data) head_["data"].push_back(Json{{"key", source.key}, {"format", source.format}, {"bytes", hexadecimal(source.bytes)}});
        if (!is_large()) head_["family"] = family_json(*certification_.product);
        collect();
        for (Claim& claim : claims_) claim.json = claim.make(0);
        for (;;) {
            claims_.erase(std::remove_if(claims_.begin(), claims_.end(), [&](const Claim& c) {
                if (!c.json) omitted_.push_back(c.name);
                return !c.json;
            }), claims_.end());
            const std::string text = document();
            const checker::CheckResult result = check(text);
            if (claims_.empty() || result.accepted()) {
                Certificate certificate{text, {}, omitted_};
                for (const checker::ClaimResult& c : result.claims) certificate.claims.push_back(c.claim);
                return certificate;
            }
            for (const checker::ClaimResult& c : result.claims) {
                if (c.proved) continue;
                Claim& claim = claims_[c.index];
                claim.json = ++claim.attempt < most_attempts ? claim.make(claim.attempt) : std::nullopt;
            }
        }
    }

  private:
    static checker::CheckResult check(const std::string& text) {
        try {
            return checker::check(text);
        } catch (const checker::Refused& error) {
            throw std::logic_error(std::string("the checker cannot read the certificate: ") + error.what());
        }
    }

    std::string document() const {
        Json result = head_;
        if (!fans_.empty()) result["fans"] = fans_;
        if (!quadratics_.empty()) result["quadratics"] = quadratics_;
        if (!moments_.empty()) result["moments"] = moments_;
        if (!cones_.empty()) result["cones"] = cones_;
        if (!solutions_.empty()) result["solutions"] = solutions_;
        result["claims"] = Json::array();
        for (const Claim& claim : claims_) result["claims"].push_back(*claim.json);
        return result.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    }

    void add_centre() {
        // Of more digits than the claims: the checker's slice has a direction of its own, and meets the minima elsewhere by as much as it starts off them.
        std::string text;
        for (const Rational& w : problem_.minimum.centre(static_cast<long>(digits_ * 3.33) + 64)) text += (text.empty() ? "" : " ") + dyadic(w);
        head_["centre"] = text;
    }

    // The checker does not write such a family out (largest_written_family in checker/family.hpp).
    bool is_large() const {
        constexpr std::size_t largest_written_family = 128;
        return certification_.product->scaled_gram() != nullptr && certification_.product->dimension() > largest_written_family;
    }

    void add_basis() {
        if (is_large() || known_rank(problem_.scaled_gram, problem_.gram) == problem_.data_points) return;
        const Matrix<Real>& shape = is_rational(problem_.gram) ? problem_.gram : problem_.scaled_gram;
        head_["basis"] = independent_indices(to_rational(shape));
    }

    // The end of an enclosure as a decimal, weaker with each attempt. `searched`: it comes from a search in double precision.
    std::optional<std::string> end(const MpInterval& x, Side side, bool searched, int attempt) const {
        const bool infinite = side == Side::lower ? mpfr_inf_p(x.lower()) != 0 : mpfr_inf_p(x.upper()) != 0;
        if (infinite) {
            const bool minus_infinity = side == Side::upper && mpfr_sgn(x.upper()) < 0;
            return minus_infinity ? std::optional<std::string>("-inf") : std::nullopt;
        }
        MpInterval wide = x;
        const double size = std::max(std::fabs(side == Side::lower ? x.lower_double() : x.upper_double()), 1e-300);
        double pad = 0.0;
        if (searched) {
            const double width = x.width_double();
            pad = (std::isfinite(width) ? 0.01 * width : 0.0) + 4e-16 * std::max(size, 1.0);
            pad *= std::pow(6.0, attempt);
        }
        const long precision = x.precision();
        MpInterval slack(pad, pad, precision);
        if (!searched && attempt > 0) {
            slack = MpInterval(parse_rational(fmt::format("1e{}", attempt - digits_)), precision);
            if (size > 1e-299) slack = slack * MpInterval(size, size, precision);
        }
        if (side == Side::lower) wide = x - slack;
        else wide = x + slack;
        int digits = digits_;
        if (searched) {
            const double room = std::isfinite(x.width_double()) && x.width_double() > 0 ? x.width_double() : 1e-16 * size;
            digits = std::clamp(static_cast<int>(std::ceil(std::log10(size / room))) + 3, 3, 17);
        }
        return side == Side::lower ? lower_decimal(wide.lower(), digits) : upper_decimal(wide.upper(), digits);
    }

    static const char* name(Side side) { return side == Side::lower ? "lower" : "upper"; }

    // {"matrix": P} for log rho(L) <= or >= factor * bound.
    static std::optional<Json> moment_proof(const RandomProduct& product, const MpInterval& log_radius, Side side, int factor, const std::string& bound) {
        if (bound == "-inf") return std::nullopt;
        constexpr long guard = 96;
        constexpr long most_bits = 20000;
        const Rational claim = Rational(factor) * parse_rational(bound);
        const long precision = log_radius.precision() + guard;
        const MpInterval gap = abs(log_radius.with_precision(precision) - MpInterval(claim, precision));
        const long missing = mpfr_regular_p(gap.lower()) ? std::max(0L, -static_cast<long>(mpfr_get_exp(gap.lower()))) : log_radius.precision();
        const long bits = std::min(most_bits, guard + 2 * missing);
        const auto p = approximate_resolvent(product, exp(MpInterval(claim, bits)), side == Side::upper, bits);
        return p ? std::optional<Json>(Json{{"matrix", triangle(*p)}}) : std::nullopt;
    }

    // The place of a piece of evidence in its list, where it is written once.
    template <class Evidence, class Write>
    std::size_t index_of(const std::shared_ptr<const Evidence>& evidence, Json& list, Write write) {
        const auto known = indices_.find(evidence.get());
        if (known != indices_.end()) return known->second;
        list.push_back(write(*evidence));
        return indices_[evidence.get()] = list.size() - 1;
    }

    // A rule by the name of the method; `bound` is what it must prove.
    std::optional<Json> rule(const RandomProduct& product, const std::string& method, Side side, const SearchEvidence& evidence, const std::string& bound) {
        static const std::map<std::string, const char*> plain = {{"closed form: dimension 1", "dimension 1"}, {"closed form: rank 1", "rank 1"},
                                                                 {"closed form: monomial", "monomial"},       {"determinant", "determinant"},
                                                                 {"contraction", "contraction"},              {"expansion", "contraction"},
                                                                 {"exact: every step is a reflection", "contraction"}};
        const auto known = plain.find(method);
        if (known != plain.end()) return Json{{"rule", known->second}};
        if (method == "polyhedral" && evidence.fan) return Json{{"rule", "polyhedral"}, {"fan", index_of(evidence.fan, fans_, fan_json)}};
        if (method == "invariant cone" && evidence.cone) return Json{{"rule", method}, {"cone", index_of(evidence.cone, cones_, cone_json)}};
        if (method == "log-quadratic" && evidence.quadratic) {
            const Json proof{{"rule", "log-quadratic"}, {"quadratic", index_of(evidence.quadratic, quadratics_, quadratic_json)}};
            return evidence.quadratic->steps == 1 ? proof : Json{{"rule", "steps"}, {"steps", evidence.quadratic->steps}, {"proof", proof}};
        }
        if (method == "dominated splitting") {
            // Found again in no time.
            const auto found = dominated_splitting_bound(product).evidence;
            if (!found) return std::nullopt;
            Json proof{{"rule", method}, {"transposed", found->transposed}, {"expanding", found->expanding}, {"weights", Json::array()}};
            for (const std::vector<double>& w : found->weights) proof["weights"].push_back(list(w));
            return proof;
        }
        if (method == "outlier") {
            const auto found = outlier_bound(problem_.scaled_gram).evidence;
            if (!found) return std::nullopt;
            return Json{{"rule", method}, {"index", found->index}, {"span", hexadecimal(found->in_the_span)}};
        }
        if (method == "weighted second moment" && evidence.moment)
            return Json{{"rule", "weighted second moment"}, {"moment", index_of(evidence.moment, moments_, moment_json)}};
        if (method == "exact: a finite word vanishes") {
            const auto word = vanishing_word(product);
            return word ? std::optional<Json>(Json{{"rule", "word"}, {"word", *word}}) : std::nullopt;
        }
        if (method == "second moment" || method == "closed form: spectral radius") {
            if (is_large() && product.dimension() == certification_.product->dimension()) {
                const auto proof = solution(side);
                return proof ? std::optional<Json>(Json{{"rule", "second moment"}, {"solution", (*proof)["solution"]}}) : std::nullopt;
            }
            const Bound moment = second_moment_exponent(product, static_cast<long>(digits_ * 3.33) + 64);
            auto proof = moment_proof(product, moment.enclosure, side, 2, bound);
            if (!proof) return std::nullopt;
            Json result{{"rule", method == "second moment" ? "second moment" : "spectral radius"}};
            result["matrix"] = (*proof)["matrix"];
            return result;
        }
        return std::nullopt;
    }

    static bool searched(const std::string& method) { return method == "polyhedral" || method == "log-quadratic" || method == "invariant cone"; }

    void collect() {
        const Certification& c = certification_;
        if (problem_.minimum.proved && problem_.kind == Problem::Kind::model) add_status("minimum", "proved");
        if (problem_.minimum.kind == Minimum::Kind::near && problem_.minimum.distance && !problem_.minimum.given_in_file)
            claims_.push_back(Claim{[this](int attempt) -> std::optional<Json> {
                                        const MpInterval distance(parse_rational(*problem_.minimum.distance) * Rational(100 + attempt, 100), 64);
                                        return Json{{"about", "distance"}, {"side", "upper"}, {"bound", upper_decimal(distance.upper(), 3)}};
                                    },
                                    "distance, upper bound"});
        if (is_large()) add_large_mu();
        else if (c.mu) add_ends("mu", c.mu->enclosure, [](Side, const std::string&) { return Json::object(); });
        if (c.lambda2)
            add_ends("lambda2", c.lambda2->enclosure, [this](Side side, const std::string& bound) -> std::optional<Json> {
                if (is_large()) return solution(side);
                if (bound == "-inf" && certification_.product->size() == 1)
                    return Json{{"word", std::vector<std::size_t>(certification_.product->dimension(), 0)}};
                return moment_proof(*certification_.product, certification_.lambda2->enclosure, side, 1, bound);
            });
        for (const Side side : {Side::lower, Side::upper})
            if (end(c.lambda.enclosure, side, false, 0))
                claims_.push_back(Claim{[this, side](int attempt) { return lambda_claim(side, attempt); }, std::string("lambda, ") + name(side) + " bound"});
        if (c.hypotheses)
            for (const Hypothesis& h : c.hypotheses->list)
                if (h.id != "H2" && (h.status == Status::proved || h.status == Status::refuted)) add_status(h.id, to_string(h.status));
    }

    std::optional<Json> solution(Side side) {
        const auto& evidence = side == Side::lower ? certification_.moment.lower : certification_.moment.upper;
        if (!evidence) return std::nullopt;
        return Json{{"solution", index_of(evidence, solutions_, [](const SingleSampleMomentEvidence& e) {
                         std::vector<double> x;
                         for (std::size_t i = 0; i < e.x.rows(); ++i)
                             for (std::size_t j = 0; j <= i; ++j) x.push_back(e.x(i, j));
                         return Json{{"c", hexadecimal(e.c)}, {"x", hexadecimal(x)}};
                     })}};
    }

    // The checker has a Cholesky factorisation in doubles for the upper end, and wants a vector for the lower one.
    void add_large_mu() {
        const Matrix<Real>& m = problem_.scaled_gram;
        const auto n = static_cast<double>(m.rows());
        double trace = 0.0;
        for (std::size_t i = 0; i < m.rows(); ++i) trace += m(i, i).at(64).upper_double();
        const ExtremeEigenvalues kappa = extreme_eigenvalues(to_intervals(m));
        const bool top = kappa.largest.lower() > 2.0 * n - kappa.smallest.lower();
        const double resolution = 4.0 * (2.0 * n + 8.0) * 0x1p-52 * std::max(trace / n, top ? n : 0.0);
        for (const Side side : {Side::lower, Side::upper}) {
            const MpInterval& mu = certification_.mu->enclosure;
            if (!end(mu, side, false, 0)) continue;
            claims_.push_back(Claim{[this, side, mu, resolution, top, kappa](int attempt) -> std::optional<Json> {
                                        const double pad = (side == Side::lower ? 1e-3 : 1.0) * resolution * std::pow(50.0, attempt);
                                        const MpInterval slack(-pad, pad, mu.precision());
                                        const auto bound = end(mu + slack, side, false, 0);
                                        if (!bound) return std::nullopt;
                                        Json claim{{"about", "mu"}, {"side", name(side)}, {"bound", *bound}};
                                        if (side == Side::lower) claim["proof"] = Json{{"vector", hexadecimal(top ? kappa.largest_vector : kappa.smallest_vector)}};
                                        return claim;
                                    },
                                    std::string("mu, ") + name(side) + " bound"});
        }
    }

    void add_status(const std::string& id, const std::string& status) {
        claims_.push_back(Claim{[this, id, status](int attempt) -> std::optional<Json> {
                                    if (attempt > 0) return std::nullopt;
                                    Json claim{{"about", id}, {"status", status}};
                                    if (id == "H1" && status == "proved") {
                                        const Finding& everywhere = *problem_.independent_everywhere;
                                        Json proof = Json::object();
                                        if (!everywhere.linear_parameters.empty()) {
                                            proof["linear"] = everywhere.linear_parameters;
                                        } else {
                                            proof["weights"] = Json::object();
                                            for (const auto& [parameter, weight] : everywhere.weights) proof["weights"][parameter] = weight.str();
                                        }
                                        claim["proof"] = proof;
                                    }
                                    return claim;
                                },
                                id + " " + status});
    }

    template <class Proof>
    void add_ends(const std::string& about, const MpInterval& x, Proof proof) {
        for (const Side side : {Side::lower, Side::upper}) {
            if (!end(x, side, false, 0)) continue;  // unbounded on this side: nothing to claim
            claims_.push_back(Claim{[this, about, x, side, proof](int attempt) -> std::optional<Json> {
                                        const auto bound = end(x, side, false, attempt);
                                        if (!bound) return std::nullopt;
                                        const std::optional<Json> evidence = proof(side, *bound);
                                        if (!evidence) return std::nullopt;
                                        Json claim{{"about", about}, {"side", name(side)}, {"bound", *bound}};
                                        if (!evidence->empty()) claim["proof"] = *evidence;
                                        return claim;
                                    },
                                    about + ", " + name(side) + " bound"});
        }
    }

    std::optional<Json> lambda_claim(Side side, int attempt) {
        const LyapunovExponent& lambda = certification_.lambda;
        const std::string& method = side == Side::lower ? lambda.lower_method : lambda.upper_method;
        const auto bound = end(lambda.enclosure, side, searched(method), attempt);
        if (!bound) return std::nullopt;
        const auto proof = lambda_proof(side, *bound, method);
        if (!proof) return std::nullopt;
        return Json{{"about", "lambda"}, {"side", name(side)}, {"bound", *bound}, {"proof", *proof}};
    }

    std::optional<Json> lambda_proof(Side side, const std::string& bound, const std::string& method) {
        const std::vector<LyapunovPart>& parts = certification_.lambda.parts;
        const RandomProduct& whole = *certification_.product;
        // Do the parts give the bound, or does one on the whole product do better?
        const auto gives = [&](const LyapunovPart& part) {
            if (bound == "-inf") return mpfr_inf_p(part.enclosure.upper()) != 0 && mpfr_sgn(part.enclosure.upper()) < 0;
            const MpInterval claim(parse_rational(bound), part.enclosure.precision() + 64);
            return side == Side::lower ? mpfr_lessequal_p(claim.lower(), part.enclosure.lower()) != 0 : mpfr_greaterequal_p(claim.upper(), part.enclosure.upper()) != 0;
        };
        const bool by_parts = side == Side::lower ? std::any_of(parts.begin(), parts.end(), gives) : std::all_of(parts.begin(), parts.end(), gives);
        if (!by_parts) return rule(whole, method, side, {}, bound);
        const auto part_proof = [&](const LyapunovPart& part) -> std::optional<Json> {
            std::string inner = bound;
            // The decimal is for the search for evidence only: the checker divides exactly.
            if (part.weight != 1 && bound != "-inf") inner = Rational(parse_rational(bound) / part.weight).str();
            const bool lower = side == Side::lower;
            auto proof = rule(part.product, lower ? part.lower_method : part.upper_method, side, lower ? part.lower_evidence : part.upper_evidence, inner);
            if (proof && part.weight != 1) proof = Json{{"rule", "waiting"}, {"proof", *proof}};
            return proof;
        };
        if (parts.size() == 1) return part_proof(parts.front());
        const std::vector<std::size_t> order = triangular_order(parts);
        Json result{{"rule", "blocks"}, {"blocks", Json::array()}, {"parts", Json::array()}};
        for (std::size_t b = 0; b < order.size(); ++b) {
            const LyapunovPart& part = parts[order[b]];
            result["blocks"].push_back(part.indices);
            if (side == Side::lower && (!result["parts"].empty() || !gives(part))) continue;
            const auto proof = part_proof(part);
            if (!proof) return std::nullopt;
            result["parts"].push_back(Json{{"block", b}, {"proof", *proof}});
        }
        return result;
    }

    // Blocks ordered by how many indices they lead to: i -> j, entry (i, j) not zero, never leads to a later block.
    std::vector<std::size_t> triangular_order(const std::vector<LyapunovPart>& parts) const {
        const RandomProduct& product = *certification_.product;
        const std::size_t n = product.dimension();
        std::vector<std::vector<std::size_t>> successors(n);
        const Matrix<Real>* gram = product.scaled_gram();
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                if (gram != nullptr) {
                    if (!(*gram)(i, j).known_zero()) successors[i].push_back(j);
                } else for (const Matrix<Real>& a : product.matrices())
                    if (!a(i, j).known_zero()) {
                        successors[i].push_back(j);
                        break;
                    }
        std::vector<std::pair<std::size_t, std::size_t>> reach;
        for (std::size_t b = 0; b < parts.size(); ++b) {
            std::set<std::size_t> seen(parts[b].indices.begin(), parts[b].indices.end());
            std::vector<std::size_t> stack = parts[b].indices;
            while (!stack.empty()) {
                const std::size_t i = stack.back();
                stack.pop_back();
                for (const std::size_t j : successors[i])
                    if (seen.insert(j).second) stack.push_back(j);
            }
            reach.emplace_back(seen.size(), b);
        }
        std::sort(reach.begin(), reach.end());
        std::vector<std::size_t> order;
        for (const auto& [size, b] : reach) order.push_back(b);
        return order;
    }

    const Problem& problem_;
    const Certification& certification_;
    int digits_;
    Json head_;
    Json fans_ = Json::array();
    Json solutions_ = Json::array();
    Json quadratics_ = Json::array();
    Json moments_ = Json::array();
    Json cones_ = Json::array();
    std::map<const void*, std::size_t> indices_;
    std::vector<Claim> claims_;
    std::vector<std::string> omitted_;
};

}  // namespace

Certificate make_certificate(const Problem& problem, const Certification& certification, int digits) {
    if (!certification.product) throw std::invalid_argument("make_certificate: the certification holds no product");
    return CertificateMaker(problem, certification, digits).run();
}

std::string packed(const std::string& text) {
    constexpr std::size_t small = std::size_t{64} << 10;
    if (text.size() <= small) return text;
    z_stream stream{};
    constexpr int gzip_format = 15 + 16;
    if (deflateInit2(&stream, 9, Z_DEFLATED, gzip_format, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib cannot be initialised");
    std::string result(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    const int status = deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("zlib cannot compress the certificate");
    return result;
}

}  // namespace lyapcert
