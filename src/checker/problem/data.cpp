#include "checker/problem/data.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

namespace lyapcert::checker {

namespace {

constexpr std::size_t most_numbers = std::size_t{1} << 27;

[[noreturn]] void refuse(const Data& data, const std::string& why) { throw Refused("data of '" + data.key.substr(0, 40) + "': " + why); }

// Appends a row.
void append_row(Matrix& m, const std::vector<Value>& row, const Data& data) {
    if (m.rows > 0 && row.size() != m.columns) refuse(data, "the rows differ in length");
    m.columns = row.size();
    ++m.rows;
    m.entries.insert(m.entries.end(), row.begin(), row.end());
}

Matrix read_csv(const Data& data) {
    Matrix result;
    const std::string& text = data.bytes;
    std::size_t at = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.find('\r') != std::string::npos) refuse(data, "a line has a carriage return within it");
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos || line[first] == '#') continue;
        const char separator = line.find(',') != std::string::npos ? ',' : line.find(';') != std::string::npos ? ';' : ' ';
        std::vector<Value> row;
        std::string field;
        const auto finish = [&] {
            const std::size_t begin = field.find_first_not_of(" \t\r");
            if (begin == std::string::npos && separator == ' ') return;
            if (begin == std::string::npos) refuse(data, "an entry is missing");
            std::string number = field.substr(begin, field.find_last_not_of(" \t\r") - begin + 1);
            if (number.size() >= 2 && number.front() == '"' && number.back() == '"') number = number.substr(1, number.size() - 2);
            row.emplace_back(parse_rational(number));
            field.clear();
        };
        line.resize(line.find_last_not_of(" \t\r") + 1);
        if (line.back() == separator) line.pop_back();
        for (const char c : line) {
            if (c == separator || (separator == ' ' && (c == '\t' || c == '\r'))) finish();
            else field += c;
        }
        finish();
        append_row(result, row, data);
    }
    if (result.rows == 0) refuse(data, "it holds no numbers");
    return result;
}

// Numbers from their text: [x, ...] or [[x, ...], ...].
struct Rows : nlohmann::json_sax<nlohmann::json> {
    explicit Rows(const Data& d) : data(d) {}
    const Data& data;
    Matrix result;
    std::vector<Value> row;
    int depth = 0;
    bool flat = false;

    bool add(const std::string& text) {
        if (depth == 0 || (depth == 1 && result.rows > 0)) return other();
        flat = flat || depth == 1;
        row.emplace_back(parse_rational(text));
        return true;
    }
    bool other() { refuse(data, "an array of numbers, or of rows of numbers, is expected"); }
    bool null() override { return other(); }
    bool boolean(bool) override { return other(); }
    bool number_integer(number_integer_t x) override { return add(std::to_string(x)); }
    bool number_unsigned(number_unsigned_t x) override { return add(std::to_string(x)); }
    bool number_float(number_float_t, const string_t& text) override { return add(text); }
    bool string(string_t& text) override { return add(text); }
    bool binary(binary_t&) override { return other(); }
    bool start_object(std::size_t) override { return other(); }
    bool key(string_t&) override { return other(); }
    bool end_object() override { return other(); }
    bool start_array(std::size_t) override { return depth == 2 || flat ? other() : (++depth, true); }
    bool end_array() override {
        if (row.empty() != (depth == 1 && !flat)) return other();
        if (!row.empty()) append_row(result, row, data);
        row.clear();
        --depth;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { refuse(data, "it is no JSON"); }
};

Matrix read_json(const Data& data, bool& flat) {
    Rows reader(data);
    nlohmann::json::sax_parse(data.bytes, &reader);
    if (reader.result.rows == 0) refuse(data, "it holds no numbers");
    flat = reader.flat;
    return reader.result;
}

// The value behind 'key': in a header of .npy data, up to the end of its kind.
std::string header_value(const std::string& header, const std::string& key, const Data& data) {
    // As the program's reader has it: no key in other quotes, none twice, nothing escaped.
    if (header.find_first_of("\"\\") != std::string::npos || std::count(header.begin(), header.end(), ':') != 3) refuse(data, "the header of the array is malformed");
    const std::size_t at = header.find("'" + key + "':");
    if (at == std::string::npos || header.find("'" + key + "':", at + 1) != std::string::npos) refuse(data, "the header of the array does not have the key '" + key + "' once");
    const std::size_t begin = header.find_first_not_of(' ', at + key.size() + 3);
    if (begin == std::string::npos) refuse(data, "the header of the array is malformed");
    const char opening = header[begin];
    const std::size_t end = opening == '\'' ? header.find('\'', begin + 1) : opening == '(' ? header.find(')', begin) : header.find_first_of(",}", begin);
    if (end == std::string::npos) refuse(data, "the header of the array is malformed");
    return opening == '\'' || opening == '(' ? header.substr(begin + 1, end - begin - 1) : header.substr(begin, end - begin);
}

// A number of the array: IEEE 754 binary64, binary32, binary16, or an integer.
Rational item(std::string bytes, char kind, bool big_endian, const Data& data) {
    if (big_endian) bytes.assign(bytes.rbegin(), bytes.rend());
    mpz_class bits = 0;
    for (std::size_t k = bytes.size(); k-- > 0;) bits = bits * 256 + static_cast<unsigned char>(bytes[k]);
    const std::size_t size = 8 * bytes.size();
    const mpz_class half = mpz_class(1) << (size - 1);
    if (kind == 'u') return bits;
    const bool negative = bits >= half;
    if (kind == 'i') return negative ? mpz_class(bits - 2 * half) : bits;
    if (negative) bits -= half;
    const unsigned long fraction_bits = size == 64 ? 52 : size == 32 ? 23 : 10;
    const long largest = (1L << (size - 1 - fraction_bits)) - 1;
    const mpz_class hidden = mpz_class(1) << fraction_bits;
    const long exponent = mpz_class(bits / hidden).get_si();
    mpz_class fraction = bits % hidden;
    if (exponent == largest) refuse(data, "a number is infinite or NaN");
    if (exponent > 0) fraction += hidden;
    const long shift = std::max(exponent, 1L) - largest / 2 - static_cast<long>(fraction_bits);
    Rational value = shift >= 0 ? Rational(mpz_class(fraction << static_cast<unsigned long>(shift))) : Rational(fraction, mpz_class(1) << static_cast<unsigned long>(-shift));
    value.canonicalize();
    return negative ? Rational(-value) : value;
}

Matrix read_npy(const Data& data, bool column) {
    const std::string& bytes = data.bytes;
    if (bytes.size() < 12 || bytes.compare(0, 6, "\x93NUMPY") != 0 || bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0) refuse(data, "it is no .npy array");
    const std::size_t width = bytes[6] == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t k = width; k-- > 0;) length = 256 * length + static_cast<unsigned char>(bytes[8 + k]);
    const std::size_t begin = 8 + width + length;
    if (begin > bytes.size()) refuse(data, "it ends within its header");
    const std::string header = bytes.substr(8 + width, length);
    const std::string type = header_value(header, "descr", data);
    const std::string order = header_value(header, "fortran_order", data);
    const std::string shape = header_value(header, "shape", data);
    const std::vector<std::string> types{"f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1"};
    if (type.size() != 3 || std::string("<>|=").find(type[0]) == std::string::npos || std::find(types.begin(), types.end(), type.substr(1)) == types.end())
        refuse(data, "its numbers are of an unknown type");
    if (order != "True" && order != "False") refuse(data, "the header of the array is malformed");
    std::vector<std::size_t> extents;
    for (std::size_t at = 0; at < shape.size();) {
        const std::size_t end = std::min(shape.find(',', at), shape.size());
        const std::string text = shape.substr(at, end - at);
        at = end + 1;
        const std::size_t digit = text.find_first_not_of(' ');
        if (digit == std::string::npos && at > shape.size() && !extents.empty()) break;  // "(3, )"
        if (digit == std::string::npos || text.find_first_not_of("0123456789", digit) != std::string::npos || text.size() > 12) refuse(data, "the shape of the array is malformed");
        extents.push_back(std::stoul(text.substr(digit)));
    }
    if (extents.size() > 2) refuse(data, "the array has more than two dimensions");
    if (extents.empty()) extents.push_back(1);
    if (extents.size() == 1) extents.insert(column ? extents.end() : extents.begin(), 1);
    const std::size_t size = static_cast<std::size_t>(type[2] - '0');
    if (extents[0] == 0 || extents[1] == 0 || extents[0] > most_numbers / extents[1] || extents[0] * extents[1] * size != bytes.size() - begin) refuse(data, "the array does not have the size of its shape");
    Matrix result(extents[0], extents[1]);
    charge(300.0 * static_cast<double>(result.entries.size()));
    for (std::size_t i = 0; i < result.rows; ++i)
        for (std::size_t j = 0; j < result.columns; ++j) {
            const std::size_t k = order == "True" ? j * result.rows + i : i * result.columns + j;
            result(i, j) = Value(item(bytes.substr(begin + k * size, size), type[1], type[0] == '>', data));
        }
    return result;
}

}  // namespace

std::string from_hexadecimal(const std::string& text) {
    static const std::string digits = "0123456789abcdef";
    if (text.size() % 2 != 0) throw Refused("data: an odd number of hexadecimal digits");
    std::string result;
    for (std::size_t k = 0; k < text.size(); k += 2) {
        const std::size_t high = digits.find(text[k]);
        const std::size_t low = digits.find(text[k + 1]);
        if (high == std::string::npos || low == std::string::npos) throw Refused("data: a digit is not hexadecimal");
        result += static_cast<char>(16 * high + low);
    }
    return result;
}

Matrix read_array(const Data& data, bool column) {
    charge(100.0 * static_cast<double>(data.bytes.size()));
    bool flat = false;
    Matrix m;
    if (data.format == "csv") m = read_csv(data);
    else if (data.format == "json") m = read_json(data, flat);
    else if (data.format == "npy") return read_npy(data, column);
    else refuse(data, "its format is unknown");
    if (flat && column) std::swap(m.rows, m.columns);
    return m;
}

}  // namespace lyapcert::checker
