#include <string_view>

#include "lyapcert/numeric/decimal.hpp"
#include "problem/data_file/formats.hpp"

namespace lyapcert::data_file {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// A number may stand in quotation marks.
std::string_view unquoted(std::string_view field) {
    const bool quoted = field.size() >= 2 && field.front() == '"' && field.back() == '"';
    return quoted ? field.substr(1, field.size() - 2) : field;
}

// The fields of a line that is not blank. A separator at its end ends the last field, as spreadsheets write it.
std::vector<std::string_view> fields(std::string_view line) {
    std::vector<std::string_view> result;
    const char separator = line.find(',') != std::string_view::npos ? ',' : line.find(';') != std::string_view::npos ? ';' : ' ';
    while (separator != ' ') {
        const std::size_t end = line.find(separator);
        result.push_back(unquoted(trimmed(line.substr(0, end))));
        if (end == std::string_view::npos) return result;
        line.remove_prefix(end + 1);
        if (line.empty()) return result;
    }
    while (!line.empty()) {
        const std::size_t end = line.find_first_of(blanks);
        result.push_back(unquoted(line.substr(0, end)));
        line = end == std::string_view::npos ? std::string_view() : trimmed(line.substr(end));
    }
    return result;
}

class Csv : public DataFile::Format {
  public:
    Csv(std::string bytes, std::string path) : bytes_(std::move(bytes)), path_(std::move(path)) {}

    DataArray array(const std::string&) const override {
        std::vector<Rational> values;
        std::size_t rows = 0;
        std::size_t columns = 0;
        std::size_t number = 0;
        std::string_view rest = bytes_;
        if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
        while (!rest.empty()) {
            const std::size_t end = rest.find('\n');
            std::string_view line = rest.substr(0, end);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
            ++number;
            if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            if (line.find('\r') != std::string_view::npos) fail(path_ + ":" + std::to_string(number), "has a carriage return within it; expected lines that end with \\n or \\r\\n");
            line = trimmed(line);
            if (line.empty() || line.front() == '#') continue;
            const std::vector<std::string_view> row = fields(line);
            const std::string place = path_ + ":" + std::to_string(number);
            for (std::size_t k = 0; k < row.size(); ++k) {
                try {
                    values.push_back(parse_rational(row[k]));
                } catch (const std::invalid_argument& error) {
                    fail(place, "column " + std::to_string(k + 1) + ": " + error.what() +
                                    (rows == 0 ? "; expected a number (a header line must begin with #)" : "; expected a number"));
                }
                if (values.size() > DataFile::most_numbers) fail(place, "more than 2^27 numbers; expected a smaller file");
            }
            if (rows > 0 && row.size() != columns)
                fail(place, "the row has " + std::to_string(row.size()) + " entries; expected " + std::to_string(columns) + " as in the first row");
            columns = row.size();
            ++rows;
        }
        if (rows == 0) fail(path_, "holds no numbers; expected rows of numbers");
        return {{rows, columns}, std::move(values)};
    }

    std::pair<std::string, std::string> source(const std::string&) const override { return {"csv", bytes_}; }

  private:
    std::string bytes_;
    std::string path_;
};

}  // namespace

Format csv(std::string bytes, const std::string& path) { return std::make_shared<Csv>(std::move(bytes), path); }

}  // namespace lyapcert::data_file
