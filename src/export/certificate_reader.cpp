#include "export/certificate_reader.hpp"

#include <nlohmann/json.hpp>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/input_error.hpp"

namespace lyapcert::coq_export {

namespace {

using nlohmann::json;

Claim read_claim(const json& claim) {
    Claim result;
    result.about = claim.at("about").get<std::string>();
    if (!claim.contains("bound") || claim.contains("learning_rate")) {
        result.text = result.about;
        if (claim.contains("status")) result.text += " is " + claim.at("status").get<std::string>();
        if (claim.contains("learning_rate")) {
            const json& ends = claim.at("learning_rate");
            result.text += " for learning rates between " + ends.at(0).get<std::string>() + " and " + ends.at(1).get<std::string>();
        }
        return result;
    }
    const std::string bound = claim.at("bound").get<std::string>();
    result.upper = claim.at("side") == "upper";
    result.text = result.about + (result.upper ? " <= " : " >= ") + bound;
    if (bound != "-inf") result.bound = parse_rational(bound);
    if (claim.contains("proof") && claim.at("proof").contains("rule")) result.rule = claim.at("proof").at("rule").get<std::string>();
    return result;
}

// Entries that are known as enclosures leave no exact family to speak of.
std::optional<Family> read_family(const json& certificate, std::string& why_not) {
    if (!certificate.contains("family")) {
        why_not = "the certificate does not write the family out";
        return std::nullopt;
    }
    Family family;
    for (const json& p : certificate.at("family").at("probabilities")) family.probabilities.push_back(parse_rational(p.get<std::string>()));
    for (const json& matrix : certificate.at("family").at("matrices")) {
        RationalMatrix rows;
        for (const json& row : matrix) {
            std::vector<Rational> entries;
            for (const json& entry : row) {
                if (!entry.is_string()) {
                    why_not = "the family is not rational: an entry is known by an enclosure";
                    return std::nullopt;
                }
                entries.push_back(parse_rational(entry.get<std::string>()));
            }
            rows.push_back(std::move(entries));
        }
        for (const auto& row : rows)
            if (row.size() != rows.size()) throw InputError("family: a matrix is not square");
        family.matrices.push_back(std::move(rows));
    }
    if (family.matrices.empty() || family.matrices.front().empty() || family.matrices.size() != family.probabilities.size())
        throw InputError("family: as many matrices as probabilities are expected");
    for (const RationalMatrix& matrix : family.matrices)
        if (matrix.size() != family.dimension()) throw InputError("family: the matrices differ in size");
    return family;
}

}  // namespace

ReadCertificate read_certificate(const std::string& text) {
    try {
        const json certificate = json::parse(text);
        ReadCertificate result;
        result.problem = certificate.at("problem").get<std::string>();
        result.family = read_family(certificate, result.why_no_family);
        for (const json& claim : certificate.at("claims")) result.claims.push_back(read_claim(claim));
        return result;
    } catch (const json::exception& error) {
        throw InputError(std::string("the certificate is malformed: ") + error.what());
    } catch (const std::invalid_argument& error) {
        throw InputError(std::string("the certificate is malformed: ") + error.what());
    }
}

}  // namespace lyapcert::coq_export
