// Whatever the bytes are, the checker answers with a result or with Refused; and what it accepts never contradicts what is known.
//
// Known are the claims of the seeds (the folder named by LYAPCERT_FUZZ_SEEDS): a claim that is proved of the very problem of a seed must be
// compatible with the claims of that seed, a claim on any other problem with the claims accepted beside it.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "lyapcert/checker/checker.hpp"
#include "lyapcert/numeric/decimal.hpp"

using nlohmann::json;
using lyapcert::Rational;
namespace checker = lyapcert::checker;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

void demand(bool ok) {
    if (!ok) std::abort();
}

// What has been proved of one problem: the sharpest bounds, and the statuses.
struct Known {
    std::map<std::string, Rational> lower;
    std::map<std::string, Rational> upper;
    std::set<std::string> minus_infinity;
    std::set<std::string> statuses;

    void add(const json& claim) {
        const std::string about = claim.at("about");
        if (!claim.contains("bound")) {
            statuses.insert(about + " " + claim.at("status").get<std::string>());
            return;
        }
        const std::string bound = claim.at("bound");
        const bool below = claim.at("side") == "lower";
        if (bound == "-inf") {
            if (!below) minus_infinity.insert(about);
            return;
        }
        Rational x;
        try {
            x = lyapcert::parse_rational(bound);
        } catch (const std::invalid_argument&) {
            return;  // the reader here is narrower
        }
        std::map<std::string, Rational>& side = below ? lower : upper;
        const auto at = side.emplace(about, x).first;
        if (below ? x > at->second : x < at->second) at->second = x;
    }

    void require_consistent() const {
        for (const auto& [about, x] : lower) {
            demand(minus_infinity.count(about) == 0);
            const auto above = upper.find(about);
            demand(above == upper.end() || x <= above->second);
        }
        const auto lambda = lower.find("lambda");
        const auto moment = upper.find("lambda2");
        if (lambda != lower.end() && moment != upper.end()) demand(2 * lambda->second <= moment->second);
        for (const char* id : {"H1", "H3", "regular(i)", "regular(ii)", "minimum"})
            demand(statuses.count(std::string(id) + " proved") == 0 || statuses.count(std::string(id) + " refuted") == 0);
    }
};

std::map<std::string, Known>& seeds() {
    static std::map<std::string, Known> known;
    return known;
}

std::string& pick(std::vector<std::string*>& strings, std::minstd_rand& random) { return *strings[random() % strings.size()]; }

void collect(json& value, std::vector<std::string*>& strings) {
    if (value.is_string()) strings.push_back(value.get_ptr<std::string*>());
    else if (value.is_structured())
        for (json& child : value) collect(child, strings);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* folder = std::getenv("LYAPCERT_FUZZ_SEEDS");
    if (folder == nullptr) return 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::stringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const checker::CheckResult result = checker::check(text.str());
        demand(result.accepted());
        const json certificate = json::parse(text.str());
        for (const json& claim : certificate.at("claims")) seeds()[result.problem].add(claim);
        seeds()[result.problem].require_consistent();
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const checker::CheckResult result = checker::check(text);
        const json certificate = json::parse(text);
        const auto seed = seeds().find(result.problem);
        Known known = seed == seeds().end() ? Known() : seed->second;
        for (const checker::ClaimResult& claim : result.claims)
            if (claim.proved) known.add(certificate.at("claims").at(claim.index));
        known.require_consistent();
    } catch (const checker::Refused& error) {
        demand(std::string(error.what()).find('\n') == std::string::npos);
    }
    return 0;
}

// Byte mutations rarely leave JSON intact: half of the time, one string in the certificate is mutated instead, or a claim is moved.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
    std::minstd_rand random(seed);
    if (random() % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
    json certificate = json::parse(data, data + size, nullptr, false);
    if (!certificate.is_object() || !certificate.contains("claims") || !certificate["claims"].is_array() || certificate["claims"].empty())
        return LLVMFuzzerMutate(data, size, max_size);
    json& claims = certificate["claims"];
    json& claim = claims[random() % claims.size()];
    switch (random() % 6) {
        case 0:
            if (claim.is_object() && claim.contains("side")) claim["side"] = claim["side"] == "lower" ? "upper" : "lower";
            else if (claim.is_object() && claim.contains("status")) claim["status"] = claim["status"] == "proved" ? "refuted" : "proved";
            break;
        case 1: claim = claims[random() % claims.size()]; break;
        case 2:
            if (claim.is_object() && claim.contains("proof")) {
                const json& other = claims[random() % claims.size()];
                if (other.is_object() && other.contains("proof")) claim["proof"] = other["proof"];
            }
            break;
        default: {
            std::vector<std::string*> strings;
            if (random() % 3 == 0) collect(claim, strings);
            else if (random() % 2 == 0 && certificate.contains("fans")) collect(certificate["fans"], strings);
            else collect(certificate, strings);
            if (strings.empty()) break;
            std::string& text = pick(strings, random);
            std::vector<std::uint8_t> bytes(text.begin(), text.end());
            const std::size_t room = bytes.size() + 64;
            const std::size_t length = bytes.size();
            bytes.resize(room);
            bytes.resize(LLVMFuzzerMutate(bytes.data(), length, room));
            text.assign(bytes.begin(), bytes.end());
        }
    }
    const std::string mutated = certificate.dump(-1, ' ', false, json::error_handler_t::replace);
    if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
    std::copy(mutated.begin(), mutated.end(), data);
    return mutated.size();
}
