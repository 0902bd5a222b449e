#include "certificate/evidence/encodings.hpp"
#include "lyapcert/exponent/log_quadratic.hpp"

namespace lyapcert::certificate {

namespace {

Json written(const LogQuadraticEvidence& evidence) {
    std::vector<double> forms;
    for (const Matrix<double>& q : evidence.forms)
        for (const double x : lower_triangle(q)) forms.push_back(x);
    Json result{{"dimension", evidence.basis.rows()}, {"basis", hexadecimal(evidence.basis.entries())}, {"forms", hexadecimal(forms)}, {"weights", hexadecimal(evidence.weights)}};
    if (evidence.corrector) {
        std::string boxes;
        for (const std::int8_t axis : evidence.corrector->bisections) boxes += axis < 0 ? '.' : static_cast<char>('0' + axis);
        result["boxes"] = boxes;
        result["values"] = hexadecimal(evidence.corrector->values);
        result["slopes"] = hexadecimal(evidence.corrector->slopes);
    }
    return result;
}

}  // namespace

Proof encode(const std::shared_ptr<const LogQuadraticEvidence>& evidence, const Claimed& claimed) {
    const Json proof{{"rule", "log-quadratic"}, {"quadratic", claimed.lists.index_of("quadratics", evidence, written)}};
    return evidence->steps == 1 ? proof : Json{{"rule", "steps"}, {"steps", evidence->steps}, {"proof", proof}};
}

}  // namespace lyapcert::certificate
