// A reader of CSV as RFC 4180 has it: quoted cells may hold commas, doubled quotes and line breaks.
#pragma once

#include <catch2/catch.hpp>
#include <algorithm>
#include <string>
#include <vector>

namespace lyapcert::test {

inline std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::size_t at = 0;
    while (at < text.size()) {
        std::vector<std::string> row;
        for (;;) {
            std::string cell;
            if (at < text.size() && text[at] == '"') {
                for (++at;; ++at) {
                    REQUIRE(at < text.size());
                    if (text[at] != '"') cell += text[at];
                    else if (text.compare(at, 2, "\"\"") == 0) cell += text[at++];
                    else break;
                }
                ++at;
                REQUIRE((at == text.size() || text[at] == ',' || text[at] == '\n'));
            } else {
                for (; at < text.size() && text[at] != ',' && text[at] != '\n'; ++at) {
                    REQUIRE(text[at] != '"');
                    REQUIRE(text[at] != '\r');
                    cell += text[at];
                }
            }
            row.push_back(cell);
            if (at == text.size() || text[at++] == '\n') break;
        }
        rows.push_back(row);
    }
    return rows;
}

inline std::string csv_cell(const std::vector<std::vector<std::string>>& rows, std::size_t row, const std::string& column) {
    const auto at = std::find(rows.at(0).begin(), rows.at(0).end(), column);
    REQUIRE(at != rows.at(0).end());
    return rows.at(row).at(static_cast<std::size_t>(at - rows.at(0).begin()));
}

}  // namespace lyapcert::test
