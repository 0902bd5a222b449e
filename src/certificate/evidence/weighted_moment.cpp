#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/weighted_moment.hpp"

namespace lyapcert::certificate {

namespace {

Json written(const WeightedMomentEvidence& evidence) {
    std::string next;
    for (const std::uint32_t s : evidence.automaton.next) next += (next.empty() ? "" : " ") + std::to_string(s);
    std::vector<double> forms;
    for (const Matrix<double>& p : evidence.forms)
        for (const double x : lower_triangle(p)) forms.push_back(x);
    return Json{{"dimension", evidence.basis.rows()}, {"states", evidence.automaton.states},     {"next", next},
                {"basis", hexadecimal(lower_triangle(evidence.basis))}, {"forms", hexadecimal(forms)}, {"weights", hexadecimal(evidence.weights.entries())}};
}

}  // namespace

Proof encode(const std::shared_ptr<const WeightedMomentEvidence>& evidence, const Claimed& claimed) {
    return Json{{"rule", "weighted second moment"}, {"moment", claimed.lists.index_of("moments", evidence, written)}};
}

}  // namespace lyapcert::certificate
