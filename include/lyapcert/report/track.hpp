// The exponents along a training run: a table, and a picture.
#pragma once

#include <string>
#include <vector>

#include "lyapcert/report/report.hpp"

namespace lyapcert {

struct TrackRow {
    std::string file;
    double loss = 0.0;  // in floating point, the only number here that is not proved
    Certification certification;
};

std::string track_table(const std::vector<TrackRow>& rows, TableFormat format, int digits);  // markdown, csv or json
// An SVG picture: for each checkpoint the enclosures of mu, lambda and Lambda_2 / 2 as bars, drawn outward to a pixel.
std::string track_picture(const std::vector<TrackRow>& rows, const std::string& title);

}  // namespace lyapcert
