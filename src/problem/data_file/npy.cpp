// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include <algorithm>
#include <cctype>
#include <optional>

#include "problem/data_file/formats.hpp"

namespace lyapcert::data_file {

namespace {

// The header: a Python dictionary with the keys 'descr', 'fortran_order' and 'shape', each once.
class Header {
  public:
    Header(std::string_view text, const std::string& place) : text_(text), place_(place) {
        expect('{');
        while (!take('}')) {
            const std::string key = string();
            expect(':');
            if (key == "descr" && descr_.empty()) read_type();
            else if (key == "fortran_order" && !fortran_) read_order();
            else if (key == "shape" && !shape_) read_shape();
            else fail(place_, "the header has the key '" + key.substr(0, 40) + "'; expected 'descr', 'fortran_order' and 'shape', each once");
            if (take(',')) continue;
            expect('}');
            break;
        }
        skip();
        if (at_ != text_.size()) malformed();
        if (descr_.empty() || !fortran_ || !shape_) fail(place_, "the header is incomplete; expected 'descr', 'fortran_order' and 'shape'");
    }

    // Fails where it is none that is read.
    const ItemType& type() const {
        if (descr_.front() == '[') fail(place_, "holds records; expected plain numbers");
        if (!type_) fail(place_, "holds numbers of type '" + descr_.substr(0, 40) + "'; expected float64, float32, float16 or integers");
        return *type_;
    }
    ArrayInfo info() const {
        const bool empty = std::find(shape_->begin(), shape_->end(), std::size_t{0}) != shape_->end();
        return {*shape_, descr_.substr(0, 40), type_.has_value() && !empty, type_ && type_->kind == 'f'};
    }
    bool fortran() const { return *fortran_; }
    const std::vector<std::size_t>& shape() const { return *shape_; }

  private:
    [[noreturn]] void malformed() const { fail(place_, "the header is malformed at its character " + std::to_string(at_ + 1) + "; expected a .npy file as NumPy writes it"); }
    void skip() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    }
    bool take(char c) {
        skip();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!take(c)) malformed();
    }
    std::string string() {
        skip();
        if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) malformed();
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) malformed();
        std::string result(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return result;
    }
    void read_type() {
        skip();
        if (at_ < text_.size() && text_[at_] == '[') {  // records
            const std::size_t begin = at_;
            int depth = 0;
            do {
                if (at_ == text_.size()) malformed();
                depth += text_[at_] == '[' ? 1 : text_[at_] == ']' ? -1 : 0;
                ++at_;
            } while (depth > 0);
            descr_ = text_.substr(begin, at_ - begin);
            return;
        }
        descr_ = string();
        if (descr_.empty()) descr_ = "?";
        ItemType type;
        const bool known_order = descr_.size() == 3 && (descr_[0] == '<' || descr_[0] == '>' || descr_[0] == '|' || descr_[0] == '=');
        const bool known_kind = known_order && (descr_[1] == 'f' || descr_[1] == 'i' || descr_[1] == 'u');
        const bool known_size = known_kind && (descr_[2] == '8' || descr_[2] == '4' || descr_[2] == '2' || (descr_[2] == '1' && descr_[1] != 'f'));
        if (!known_size) return;
        type.big_endian = descr_[0] == '>';
        type.kind = descr_[1];
        type.size = static_cast<std::size_t>(descr_[2] - '0');
        type_ = type;
    }
    void read_order() {
        skip();
        for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                fortran_ = value;
                return;
            }
        malformed();
    }
    void read_shape() {
        expect('(');
        std::vector<std::size_t> shape;
        while (!take(')')) {
            skip();
            std::size_t digits = 0;
            std::size_t extent = 0;
            for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0; ++at_, ++digits)
                extent = 10 * extent + static_cast<std::size_t>(text_[at_] - '0');
            if (digits == 0 || digits > 18 || shape.size() == 32) malformed();
            shape.push_back(extent);
            if (take(',')) continue;
            expect(')');
            break;
        }
        shape_ = std::move(shape);
    }

    std::string_view text_;
    std::string place_;
    std::size_t at_ = 0;
    std::string descr_;
    std::optional<ItemType> type_;
    std::optional<bool> fortran_;
    std::optional<std::vector<std::size_t>> shape_;
};

class Npy : public DataFile::Format {
  public:
    Npy(std::string bytes, std::string path) : bytes_(std::move(bytes)), path_(std::move(path)) {}
    ArrayInfo info(const std::string&) const override { return npy_info(bytes_, path_); }
    DataArray array(const std::string&) const override { return decode_npy(bytes_, path_); }
    std::pair<std::string, std::string> source(const std::string&) const override { return {"npy", bytes_}; }

  private:
    std::string bytes_;
    std::string path_;
};

}  // namespace

namespace {

// The header, and where the numbers begin.
std::pair<Header, std::size_t> read_header(const std::string& bytes, const std::string& place) {
    constexpr std::string_view magic = "\x93NUMPY";
    if (bytes.size() < 10 || std::string_view(bytes).substr(0, magic.size()) != magic) fail(place, "is no .npy data: it does not begin as NumPy writes it");
    const int version = bytes[6];
    if (version < 1 || version > 3 || bytes[7] != 0) fail(place, "is of .npy version " + std::to_string(version) + "." + std::to_string(static_cast<int>(bytes[7])) + "; expected 1.0, 2.0 or 3.0");
    const std::size_t begin = version == 1 ? 10 : 12;
    if (bytes.size() < begin) fail(place, "ends within its header");
    const std::size_t length = static_cast<std::size_t>(little_endian(bytes.data() + 8, begin - 8));
    if (length > bytes.size() - begin) fail(place, "ends within its header");
    return {Header(std::string_view(bytes).substr(begin, length), place), begin + length};
}

}  // namespace

DataArray decode_npy(const std::string& bytes, const std::string& place) {
    const auto [header, begin] = read_header(bytes, place);
    const std::size_t expected = count(header.shape(), place) * header.type().size;
    const std::size_t found = bytes.size() - begin;
    if (found != expected)
        fail(place, (found < expected ? "is truncated: " : "is too long: ") + std::to_string(found) + " bytes of numbers; expected " + std::to_string(expected) + " for its shape");
    return decode_items(header.type(), bytes.data() + begin, header.shape(), header.fortran(), place);
}

ArrayInfo npy_info(const std::string& bytes, const std::string& place) { return read_header(bytes, place).first.info(); }

std::string encode_npy(const ItemType& type, const std::vector<std::size_t>& shape, std::string_view items) {
    constexpr std::size_t before = 10;  // magic, version, length
    constexpr std::size_t alignment = 64;
    const bool narrow = type.kind == 'b';  // bfloat16: the upper half of a binary32
    std::string extents;
    for (const std::size_t extent : shape) extents += std::to_string(extent) + ", ";
    std::string header = std::string("{'descr': '") + (type.big_endian ? '>' : '<') + (narrow ? "f4" : type.kind + std::to_string(type.size)) +
                         "', 'fortran_order': False, 'shape': (" + extents + "), }";
    header.resize((before + header.size() + alignment) / alignment * alignment - before - 1, ' ');
    header += '\n';
    std::string result = "\x93NUMPY" + std::string("\x01\x00", 2) + static_cast<char>(header.size() & 0xFFU) + static_cast<char>(header.size() >> 8U) + header;
    if (!narrow) return result.append(items);
    for (std::size_t k = 0; k + 1 < items.size(); k += 2) result.append(2, '\0').append(items.substr(k, 2));
    return result;
}

Format npy(std::string bytes, const std::string& path) { return std::make_shared<Npy>(std::move(bytes), path); }

}  // namespace lyapcert::data_file
