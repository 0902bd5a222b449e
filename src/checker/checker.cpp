#include "lyapcert/checker/checker.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include "checker/hypotheses.hpp"
#include "checker/initial_law.hpp"
#include "checker/rules/learning_rates.hpp"
#include "checker/rules/mu.hpp"
#include "checker/rules/second_moment.hpp"

namespace lyapcert::checker {

namespace {

using nlohmann::json;

constexpr long least_bits = 256;
constexpr long most_bits = 100000;
constexpr double most_work = 6e10;

// Deep nesting would exhaust the stack of the JSON parser.
void require_shallow(const std::string& text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t k = 0; k < text.size(); ++k) {
        if (quoted) {
            if (text[k] == '\\') ++k;
            else if (text[k] == '"') quoted = false;
        } else if (text[k] == '"') {
            quoted = true;
        } else if (text[k] == '[' || text[k] == '{') {
            if (++depth > 64) throw Refused("certificate: nested too deeply");
        } else if (text[k] == ']' || text[k] == '}') {
            --depth;
        }
    }
}

// The family on record must contain what the problem leads to; where it has a rational number and the checker an enclosure (of
// sqrt(2)^2, say), the enclosure must contain the number. It is for the reader's eyes: nothing is proved from it.
void require_family(const Problem& problem, const json& family) {
    const Product& product = problem.product;
    if (product.is_single_sample_gram()) return;  // not written out
    const json& matrices = family.at("matrices");
    const json& probabilities = family.at("probabilities");
    if (!matrices.is_array() || !probabilities.is_array() || matrices.size() != product.matrices.size() || probabilities.size() != product.probabilities.size())
        throw Refused("family: it does not have the number of matrices that the problem leads to");
    const std::size_t n = product.dimension();
    for (std::size_t k = 0; k < matrices.size(); ++k) {
        const std::string place = "family: matrix " + std::to_string(k);
        if (parse_rational(probabilities[k].get<std::string>()) != product.probabilities[k]) throw Refused(place + " has another probability in the problem");
        if (!matrices[k].is_array() || matrices[k].size() != n) throw Refused(place + " has the wrong size");
        for (std::size_t i = 0; i < n; ++i) {
            if (!matrices[k][i].is_array() || matrices[k][i].size() != n) throw Refused(place + " has the wrong size");
            for (std::size_t j = 0; j < n; ++j) {
                const json& entry = matrices[k][i][j];
                const Value& x = product.matrices[k](i, j);
                bool holds = false;
                if (entry.is_string()) {
                    const Rational number = parse_rational(entry.get<std::string>());
                    const Enclosure own = x.enclosure(least_bits);
                    holds = x.exact() != nullptr ? *x.exact() == number : mpfr_cmp_q(own.lower(), number.get_mpq_t()) <= 0 && mpfr_cmp_q(own.upper(), number.get_mpq_t()) >= 0;
                } else if (entry.is_array() && entry.size() == 2) {
                    const Enclosure own = x.enclosure(least_bits);
                    holds = at_most(parse_rational(entry[0].get<std::string>()), own) && at_least(parse_rational(entry[1].get<std::string>()), own);
                }
                if (!holds) throw Refused(place + " differs from the one that the problem leads to");
            }
        }
    }
}

// Numbers between blanks.
std::vector<Rational> numbers(const std::string& text) {
    std::vector<Rational> result;
    for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string::npos;) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        result.push_back(parse_rational(std::string_view(text).substr(at, end - at)));
        at = end;
    }
    return result;
}

std::string printable(const std::string& text, std::size_t length = 200) {
    std::string result;
    for (const char c : text.substr(0, length)) result += static_cast<unsigned char>(c) < 32 || c == 127 ? ' ' : c;
    return result;
}

// A bound is shown in full: the first digits of a number are another number.
std::string described(const json& claim) {
    const std::string about = printable(claim.at("about").get<std::string>(), 40);
    if (claim.contains("learning_rate")) {
        const json& ends = claim.at("learning_rate");
        const auto end = [&](std::size_t k) { return printable(ends.at(k).get<std::string>(), std::string::npos); };
        const std::string range = (end(0) == "0" ? "(0" : "[" + end(0)) + ", " + (end(1) == "inf" ? "infinity)" : end(1) + "]");
        const std::string what = claim.contains("status") ? (claim.at("status") == "stable" ? " < 0" : " > 0")
                                                           : (claim.at("side") == "lower" ? " >= " : " <= ") + printable(claim.at("bound").get<std::string>(), std::string::npos);
        return about + what + " for every learning rate in " + range;
    }
    if (claim.contains("bound")) return about + (claim.at("side") == "lower" ? " >= " : " <= ") + printable(claim.at("bound").get<std::string>(), std::string::npos);
    return about + " is " + printable(claim.at("status").get<std::string>(), 40);
}

std::string check_claim(const Context& context, bool regular, const json& claim) {
    if (claim.contains("learning_rate")) {
        if (context.problem.is_minimum && !regular) return "the Gram matrix is not proved regular";
        return check_learning_rates(context, claim);
    }
    if (!claim.contains("bound")) return check_hypothesis(context, claim);
    const auto about = claim.at("about").get<std::string>();
    const auto side_name = claim.at("side").get<std::string>();
    if (side_name != "lower" && side_name != "upper") throw Refused("a side is neither lower nor upper");
    const Side side = side_name == "lower" ? Side::lower : Side::upper;
    const End end = parse_end(claim.at("bound"));
    if (about == "mu") return check_mu(context, side, end, claim.contains("proof") ? claim.at("proof") : json::object());
    if (about == "distance") return check_distance(context, side, end);
    // T2: without a basis for a Gram matrix that may be singular the product has the exponent max(., 0).
    if (context.problem.is_minimum && !regular && side == Side::lower && (end.minus_infinity || sgn(end.value) <= 0))
        return "the Gram matrix is not proved regular";
    if (about == "lambda2") return check_lambda2(context, side, end, claim.at("proof"));
    if (about == "lambda") return check_lambda({context, context.problem.product, side, end, claim.at("proof")});
    throw Refused("the claim about '" + about.substr(0, 40) + "' is unknown");
}

// Learning rates for which a sign is proved, as closed intervals: what touches is one.
class Ranges {
  public:
    void add(const json& claim) {
        const Rates rates = parse_rates(claim.at("learning_rate"));
        const End end = parse_end(claim.at("bound"));
        const bool negative = claim.contains("status") ? claim.at("status") == "stable" : claim.at("side") == "upper" && (end.minus_infinity || end.value < 0);
        const bool positive = claim.contains("status") ? claim.at("status") == "unstable" : claim.at("side") == "lower" && !end.minus_infinity && end.value > 0;
        const json& ends = claim.at("learning_rate");
        const Named named{rates, printable(ends[0].get<std::string>(), 60), printable(ends[1].get<std::string>(), 60)};
        if (negative) stable_.push_back(named);
        if (positive) unstable_.push_back(named);
    }
    std::string text() const {
        std::string result;
        for (const auto& [word, list] : {std::pair("stable", &stable_), std::pair("unstable", &unstable_)})
            for (const Named& x : united(*list))
                result += (result.empty() ? "" : ", ") + std::string(word) + " in " + (x.rates.lower == 0 ? "(0" : "[" + x.from) + ", " + (x.rates.upper ? x.to + "]" : "infinity)");
        return result;
    }

  private:
    struct Named {
        Rates rates;
        std::string from;  // as the claim has them
        std::string to;
    };
    static std::vector<Named> united(std::vector<Named> list) {
        std::sort(list.begin(), list.end(), [](const Named& a, const Named& b) { return a.rates.lower < b.rates.lower; });
        std::vector<Named> result;
        for (const Named& x : list) {
            const bool apart = result.empty() || (result.back().rates.upper && x.rates.lower > *result.back().rates.upper);
            if (apart) result.push_back(x);
            else if (result.back().rates.upper && (!x.rates.upper || *x.rates.upper > *result.back().rates.upper)) result.back().rates.upper = x.rates.upper, result.back().to = x.to;
        }
        return result;
    }
    std::vector<Named> stable_;
    std::vector<Named> unstable_;
};

// Reads what was proved: signs of the exponents and statuses of the hypotheses.
class Findings {
  public:
    void add(const json& claim) {
        const auto about = claim.at("about").get<std::string>();
        if (claim.contains("learning_rate")) {
            ranges_[about].add(claim);
            return;
        }
        if (!claim.contains("bound")) {
            status_[about] = claim.at("status").get<std::string>();
            return;
        }
        const End end = parse_end(claim.at("bound"));
        if (claim.at("side") == "lower" && !end.minus_infinity && end.value > 0) sign_[about] = "unstable";
        if (claim.at("side") == "upper" && (end.minus_infinity || end.value < 0)) sign_[about] = "stable";
    }
    std::string status(const std::string& id) const {
        const auto at = status_.find(id);
        return at == status_.end() ? "" : at->second;
    }
    std::string sign(const std::string& exponent) const {
        const auto at = sign_.find(exponent);
        return at == sign_.end() ? "undecided" : at->second;
    }

    // "stable for every learning rate in (0, 0.4], unstable in [0.41, infinity)"; empty where nothing is claimed of intervals.
    std::string ranges(const std::string& exponent) const {
        const auto at = ranges_.find(exponent);
        return at == ranges_.end() ? "" : at->second.text();
    }
    bool has_ranges() const { return !ranges_.empty(); }

  private:
    std::map<std::string, std::string> status_;
    std::map<std::string, std::string> sign_;
    std::map<std::string, Ranges> ranges_;
};

// T21.
void conclude(const Problem& problem, bool smooth, const Findings& found, CheckResult& result) {
    if (!problem.is_minimum) {
        result.conclusion = "a general product: no theorem is claimed";
        return;
    }
    if (found.status("minimum") != "proved") {
        std::string reason = problem.has_model ? "" : "it is given by gradients or a Gram matrix";
        for (std::size_t i = 0; i < problem.residuals.size() && reason.empty(); ++i)
            if (!problem.residuals[i].is(0)) reason = "its residuals are not exactly zero in the checker's arithmetic";
        result.assumptions.push_back("x* is a global minimum" + (reason.empty() ? "" : " (" + reason + ")"));
    }
    for (const char* id : {"H1", "H3", "regular(i)", "regular(ii)"}) {
        if (found.status(id).empty()) result.assumptions.emplace_back(id);
        if (found.status(id) == "refuted") result.assumptions.push_back(std::string(id) + " is refuted: the theorems that need it do not apply");
    }
    const InitialLaw law = initial_law(problem.initialisation);
    const std::string declared = problem.initialisation.empty() ? "" : " (declared: " + printable(problem.initialisation) + ")";
    if (law.density == InitialLaw::Density::positive) result.declaration = "H2 (declared: " + printable(problem.initialisation) + "; for an initial law " + law.meaning + ")";
    else if (law.density == InitialLaw::Density::not_everywhere) result.assumptions.push_back("H2 is refuted" + declared + ": the theorems that need it do not apply");
    else result.assumptions.push_back("H2" + declared);
    // A standing hypothesis of the theorems; what is given without a model is granted with the minimum.
    if (problem.has_model && !smooth) result.assumptions.push_back("F is smooth in x on all of R^D");
    // Evidence may point to another minimum than the nearest: the reader is told how far it is, whatever is claimed.
    if (problem.distance) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3g", mpfr_get_d(problem.distance->upper(), MPFR_RNDU) * 1.01);
        result.conclusion = std::string("near the ") + (problem.network && problem.network->weights_in_file ? "centre on record" : "weights given") +
                            " there is a minimum x*, at a distance of at most " + text + "; ";
    }
    if (found.has_ranges()) {
        std::string all;
        for (const auto& [name, exponent] : {std::pair("gradient descent", "mu"), std::pair("stochastic gradient descent", "lambda"), std::pair("in mean square", "lambda2")}) {
            const std::string text = found.ranges(exponent);
            if (!text.empty()) all += (all.empty() ? "" : "; ") + std::string(name) + ": " + text;
        }
        result.conclusion += "x* is linearly, by learning rate: " + all;
        return;
    }
    result.conclusion += "x* is linearly " + found.sign("mu") + " under gradient descent and " + found.sign("lambda") + " under " +
                        (problem.batch_size == 1 ? "stochastic gradient descent" : "mini-batch stochastic gradient descent");
}

// e^x and 1 differ from the bit on where x begins.
long bits_below_one(const json& bound) {
    try {
        const End end = parse_end(bound);
        if (end.minus_infinity || sgn(end.value) == 0) return 0;
        const auto numerator = static_cast<long>(mpz_sizeinbase(end.value.get_num_mpz_t(), 2));
        return std::max(0L, static_cast<long>(mpz_sizeinbase(end.value.get_den_mpz_t(), 2)) - numerator);
    } catch (const Refused&) {  // said where the claim is looked at
        return 0;
    }
}

CheckResult check_json(const json& certificate) {
    if (!certificate.is_object() || certificate.at("format") != "lyapcert certificate") throw Refused("certificate: not a lyapcert certificate");
    if (certificate.at("version") != 1) throw Refused("certificate: its version is not 1");
    const json& claims = certificate.at("claims");
    if (!claims.is_array()) throw Refused("claims: an array is expected");
    // Working precision: enough for the digits claimed.
    std::size_t digits = 0;
    long smallness = 0;
    for (const json& claim : claims)
        if (claim.contains("bound")) {
            digits = std::max(digits, claim.at("bound").get_ref<const std::string&>().size());
            smallness = std::max(smallness, bits_below_one(claim.at("bound")));
        }
    const long bits = std::min(most_bits, least_bits + 4 * static_cast<long>(std::min<std::size_t>(digits, 100000)) + smallness);
    std::vector<std::size_t> basis;
    if (certificate.contains("basis")) basis = certificate.at("basis").get<std::vector<std::size_t>>();
    std::optional<std::vector<Rational>> centre;
    if (certificate.contains("centre")) centre = numbers(certificate.at("centre").get_ref<const std::string&>());
    std::vector<Data> data;
    if (certificate.contains("data"))
        for (const json& file : certificate.at("data"))
            data.push_back(Data{file.at("key").get<std::string>(), file.at("format").get<std::string>(), from_hexadecimal(file.at("bytes").get_ref<const std::string&>())});
    for (std::size_t i = 0; i < data.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (data[i].key == data[j].key) throw Refused("data: a file is given twice");
    const Problem problem = derive(certificate.at("problem").get_ref<const std::string&>(), basis, bits, data, centre);
    // What is not a minimum must not end as one that is assumed.
    for (std::size_t i = 0; i < problem.residuals.size(); ++i)
        if (problem.residuals[i].sign() != 0) throw Refused("problem: x* is not a minimum: the residual of data point " + std::to_string(i + 1) + " is not zero");
    require_family(problem, certificate.contains("family") ? certificate.at("family") : json::object());
    bool regular = !problem.is_minimum || !basis.empty();
    if (problem.is_minimum) {
        const std::optional<std::size_t> rank = Context(problem, bits, certificate).gram_rank();
        if (!problem.semidefinite_given && !rank) throw Refused("problem: the Gram matrix is not proved positive semidefinite");
        regular = regular || (rank && *rank == problem.data_points);
    }
    const Context context(problem, bits, certificate);
    CheckResult result;
    result.title = printable(problem.title);
    for (Data& file : data) result.data.push_back(CheckedData{std::move(file.key), std::move(file.format), std::move(file.bytes)});
    result.problem = certificate.at("problem").get<std::string>();
    if (centre)
        for (const Rational& x : *centre) result.centre.push_back(x.get_d());
    Findings found;
    for (std::size_t k = 0; k < claims.size(); ++k) {
        ClaimResult outcome{k, described(claims[k]), false, {}};
        try {
            outcome.reason = check_claim(context, regular, claims[k]);
            outcome.proved = outcome.reason.empty();
        } catch (const Refused& error) {
            outcome.reason = printable(error.what());
        }
        if (outcome.proved) found.add(claims[k]);
        result.claims.push_back(std::move(outcome));
    }
    conclude(problem, problem.is_minimum && problem.has_model && is_analytic(context), found, result);
    return result;
}

}  // namespace

bool CheckResult::accepted() const {
    return !claims.empty() && std::all_of(claims.begin(), claims.end(), [](const ClaimResult& c) { return c.proved; });
}

CheckResult check(const std::string& text) {
    try {
        require_shallow(text);
        const WorkLimit limit(most_work);
        return check_json(json::parse(text));
    } catch (const Refused& error) {
        throw Refused(printable(error.what()));
    } catch (const json::exception& error) {
        throw Refused("certificate: " + printable(error.what()));
    } catch (const std::length_error&) {
        throw Refused("certificate: a size in it is out of range");
    } catch (const std::out_of_range& error) {
        throw Refused(std::string("certificate: ") + error.what());
    } catch (const std::invalid_argument& error) {
        throw Refused(std::string("certificate: ") + error.what());
    }
}

}  // namespace lyapcert::checker
