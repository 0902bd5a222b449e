#include <nlohmann/json.hpp>

#include "report/format.hpp"
#include "report/json_object.hpp"

namespace lyapcert {

namespace {

using Json = nlohmann::ordered_json;

Json endpoints(const MpInterval& x, int digits) { return Json{{"lower", lower_decimal(x.lower(), digits)}, {"upper", upper_decimal(x.upper(), digits)}}; }

}  // namespace

namespace report_detail {

Json json_object(const Report& report, int digits) {
    const Problem& problem = report.problem;
    const Certification& c = report.certification;
    const bool minimum = problem.kind != Problem::Kind::product;
    Json object;
    object["file"] = problem.file;
    object["title"] = problem.title;
    object["N"] = c.dimension;
    object["mu"] = c.mu ? endpoints(c.mu->enclosure, digits) : Json();
    object["lambda"] = endpoints(c.lambda.enclosure, digits);
    object["lambda2"] = c.lambda2 ? endpoints(c.lambda2->enclosure, digits) : Json();
    object["epoch"] = c.slowest ? Json{{"lambda", endpoints(report_detail::per_epoch(c), digits)}, {"slowest", endpoints(to_mp(*c.slowest, 64), digits)}} : Json();
    object["gd"] = minimum ? Json(to_string(c.gd)) : Json();
    object["sgd"] = minimum ? Json(to_string(c.sgd)) : Json();
    if (minimum) {
        const char* kind = problem.minimum.kind == Minimum::Kind::exact ? "exact" : problem.minimum.kind == Minimum::Kind::near ? "near" : "given";
        object["minimum"] = Json{{"kind", kind}, {"proved", problem.minimum.proved}, {"distance", problem.minimum.distance ? Json(*problem.minimum.distance) : Json()}};
    } else {
        object["minimum"] = nullptr;
    }
    object["hypotheses"] = Json::array();
    if (c.hypotheses)
        for (const Hypothesis& h : c.hypotheses->list) object["hypotheses"].push_back(Json{{"id", h.id}, {"status", to_string(h.status)}, {"reason", h.reason}});
    object["theorem"] = Json{{"A", c.theorem_a.status}, {"B", c.theorem_b.status}};
    object["statement"] = Json{{"A", c.theorem_a.statement.empty() ? Json() : Json(c.theorem_a.statement)}, {"B", c.theorem_b.statement.empty() ? Json() : Json(c.theorem_b.statement)}};
    object["hint"] = c.hint.empty() ? Json() : Json(c.hint);
    object["method"] = c.lambda.method();
    object["seconds"] = c.seconds;
    object["certificate"] = report.certificate ? Json(report.certificate->path) : Json();
    return object;
}

}  // namespace report_detail

std::string json_report(const Report& report, int digits) {
    // A title or path need not be UTF-8: replace rather than throw.
    return report_detail::json_object(report, digits).dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lyapcert
