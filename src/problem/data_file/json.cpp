#include <cctype>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "lyapcert/numeric/decimal.hpp"
#include "problem/data_file/formats.hpp"

namespace lyapcert::data_file {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The end of the number that begins at `at`, by the grammar of JSON; `at` itself: there is none.
std::size_t number_end(const std::string& text, std::size_t at) {
    std::size_t k = at;
    const auto digits = [&] {
        const std::size_t first = k;
        while (k < text.size() && is_digit(text[k])) ++k;
        return k > first;
    };
    if (k < text.size() && text[k] == '-') ++k;
    const bool zero = k < text.size() && text[k] == '0';
    const std::size_t first = k;
    if (!digits() || (zero && k > first + 1)) return at;
    if (k < text.size() && text[k] == '.') {
        ++k;
        if (!digits()) return at;
    }
    if (k < text.size() && (text[k] == 'e' || text[k] == 'E')) {
        ++k;
        if (k < text.size() && (text[k] == '+' || text[k] == '-')) ++k;
        if (!digits()) return at;
    }
    return k;
}

// Numbers from their text, as they come: nothing goes through a double.
class Reader : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit Reader(const std::string& path) : path_(path) {}

    DataArray result() {
        if (values_.empty()) fail(path_, "holds no numbers; expected an array of numbers, or of rows of numbers");
        if (rows_ == 0) return {{values_.size()}, std::move(values_)};
        return {{rows_, columns_}, std::move(values_)};
    }

    bool null() override { unexpected("null"); }
    bool boolean(bool) override { unexpected("a boolean"); }
    bool number_integer(number_integer_t x) override { return add(std::to_string(x)); }
    bool number_unsigned(number_unsigned_t x) override { return add(std::to_string(x)); }
    bool number_float(number_float_t, const string_t& text) override { return add(text); }
    bool string(string_t& text) override { return add(text); }
    bool binary(binary_t&) override { unexpected("binary data"); }
    bool start_object(std::size_t) override { unexpected("an object"); }
    bool key(string_t&) override { unexpected("a key"); }
    bool end_object() override { unexpected("an object"); }
    bool start_array(std::size_t) override {
        if (depth_ == 2) unexpected("an array within a row");
        if (depth_ == 1 && rows_ == 0 && !values_.empty()) unexpected("a row beside numbers");
        if (++depth_ == 2) row_begin_ = values_.size();
        return true;
    }
    bool end_array() override {
        if (depth_-- != 2) return true;
        const std::size_t size = values_.size() - row_begin_;
        if (size == 0) fail(path_, "row [" + std::to_string(rows_) + "] is empty; expected numbers");
        if (rows_ > 0 && size != columns_)
            fail(path_, "row [" + std::to_string(rows_) + "] has " + std::to_string(size) + " entries; expected " + std::to_string(columns_) + " as in the first row");
        columns_ = size;
        ++rows_;
        return true;
    }
    bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception& error) override {
        const std::string what = error.what();
        const std::size_t message = what.find("] ");
        fail(path_, "not valid JSON at byte " + std::to_string(at) + ": " + (message == std::string::npos ? what : what.substr(message + 2)));
    }

  private:
    std::string place() const { return depth_ == 2 ? "entry [" + std::to_string(rows_) + "][" + std::to_string(values_.size() - row_begin_) + "]" : "entry [" + std::to_string(values_.size()) + "]"; }

    [[noreturn]] void unexpected(const std::string& what) const { fail(path_, (depth_ == 0 ? "" : place() + " ") + "is " + what + "; expected an array of numbers, or of rows of numbers"); }

    bool add(const std::string& text) {
        if (depth_ == 0) unexpected("a single value");
        if (depth_ == 1 && rows_ > 0) unexpected("a number beside rows");
        try {
            values_.push_back(parse_rational(text));
        } catch (const std::invalid_argument& error) {
            fail(path_, place() + ": " + error.what() + "; expected a number");
        }
        if (values_.size() > DataFile::most_numbers) fail(path_, "more than 2^27 numbers; expected a smaller file");
        return true;
    }

    const std::string& path_;
    std::vector<Rational> values_;
    std::size_t depth_ = 0;
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::size_t row_begin_ = 0;
};

class Json : public DataFile::Format {
  public:
    Json(const std::string& bytes, std::string path) : bytes_(with_large_numbers_quoted(bytes)), path_(std::move(path)) {}

    DataArray array(const std::string&) const override {
        Reader reader(path_);
        nlohmann::json::sax_parse(bytes_, &reader);
        return reader.result();
    }
    std::pair<std::string, std::string> source(const std::string&) const override { return {"json", bytes_}; }

  private:
    std::string bytes_;
    std::string path_;
};

}  // namespace

std::string with_large_numbers_quoted(const std::string& text) {
    constexpr std::size_t longest_surely_finite = 300;  // digits, without an exponent
    std::string result;
    std::size_t copied = 0;
    for (std::size_t k = 0; k < text.size();) {
        if (text[k] == '"') {
            for (++k; k < text.size() && text[k] != '"'; ++k)
                if (text[k] == '\\') ++k;
            ++k;
            continue;
        }
        const std::size_t end = text[k] == '-' || is_digit(text[k]) ? number_end(text, k) : k;
        if (end == k) {
            ++k;
            continue;
        }
        const std::string number = text.substr(k, end - k);
        const bool may_be_large = number.size() > longest_surely_finite || number.find_first_of("eE") != std::string::npos;
        if (may_be_large && std::isinf(std::strtod(number.c_str(), nullptr))) {
            result.append(text, copied, k - copied).append("\"" + number + "\"");
            copied = end;
        }
        k = end;
    }
    return copied == 0 ? text : result.append(text, copied, std::string::npos);
}

Format json(std::string bytes, const std::string& path) { return std::make_shared<Json>(bytes, path); }

}  // namespace lyapcert::data_file
