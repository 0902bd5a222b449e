// Pieces that the reports share.
#pragma once

#include <string>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/report/report.hpp"

namespace lyapcert::report_detail {

// "[-0.0517257411, -0.0517257409]", or the number itself where it is known exactly.
inline std::string interval_text(const MpInterval& x, int digits) {
    const DecimalInterval d = outward_decimals(x, 3, digits);
    return d.lower == d.upper ? d.lower : "[" + d.lower + ", " + d.upper + "]";
}

// N lambda: a step of single-sample SGD is an N-th of an epoch.
inline MpInterval per_epoch(const Certification& c) {
    return MpInterval(Rational(static_cast<unsigned long>(c.dimension)), c.lambda.enclosure.precision()) * c.lambda.enclosure;
}

inline std::string name_of(const Problem& problem) { return problem.title.empty() ? problem.file : problem.title; }

}  // namespace lyapcert::report_detail
