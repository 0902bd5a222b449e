#pragma once

#include <nlohmann/json.hpp>

#include "lyapcert/report/report.hpp"

namespace lyapcert::report_detail {

nlohmann::ordered_json json_object(const Report& report, int digits);

}  // namespace lyapcert::report_detail
