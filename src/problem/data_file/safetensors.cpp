// The format: 8 bytes, little-endian, with the length of a JSON header {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...}; the numbers.
// As strict as the reference reader: the arrays fill what follows the header one after the other, without gaps or overlaps, in whatever order the header
// has them; and, as the format demands, no key occurs twice.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "problem/data_file/formats.hpp"
#include "problem/wording.hpp"

namespace lyapcert::data_file {

namespace {

using nlohmann::json;

constexpr std::size_t longest_header = 100000000;
constexpr int deepest_header = 8;

struct Tensor {
    std::string name;
    std::string type;
    std::vector<std::size_t> shape;
    std::size_t begin = 0;
    std::size_t end = 0;
};

std::optional<ItemType> item_type(const std::string& name) {
    static const std::pair<const char*, ItemType> types[] = {
        {"F64", {'f', 8, false}}, {"F32", {'f', 4, false}}, {"F16", {'f', 2, false}}, {"BF16", {'b', 2, false}}, {"I64", {'i', 8, false}}, {"I32", {'i', 4, false}},
        {"I16", {'i', 2, false}}, {"I8", {'i', 1, false}},  {"U64", {'u', 8, false}}, {"U32", {'u', 4, false}},  {"U16", {'u', 2, false}}, {"U8", {'u', 1, false}}};
    for (const auto& [known, type] : types)
        if (name == known) return type;
    return std::nullopt;
}

class Safetensors : public DataFile::Format {
  public:
    Safetensors(std::string bytes, std::string path) : bytes_(std::move(bytes)), path_(std::move(path)) {
        if (bytes_.size() < 8) fail(path_, "is too short for a safetensors file");
        const unsigned long long length = little_endian(bytes_.data(), 8);
        if (length > longest_header) fail(path_, "has a header of " + std::to_string(length) + " bytes; expected at most 100 MB");
        if (length > bytes_.size() - 8) fail(path_, "ends within its header of " + std::to_string(length) + " bytes");
        first_ = 8 + static_cast<std::size_t>(length);
        read_header(std::string_view(bytes_).substr(8, static_cast<std::size_t>(length)));
        require_covering();
    }

    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const Tensor& tensor : tensors_) result.push_back(tensor.name);
        return result;
    }

    ArrayInfo info(const std::string& name) const override {
        const Tensor& tensor = find(name);
        const std::optional<ItemType> type = item_type(tensor.type);
        return {tensor.shape, tensor.type, type && tensor.end > tensor.begin, type && (type->kind == 'f' || type->kind == 'b')};
    }

    DataArray array(const std::string& name) const override {
        const Tensor& tensor = find(name);
        return decode_items(type_of(tensor), items(tensor).data(), tensor.shape, false, place(tensor));
    }

    std::pair<std::string, std::string> source(const std::string& name) const override {
        const Tensor& tensor = find(name);
        return {"npy", encode_npy(type_of(tensor), tensor.shape, items(tensor))};
    }

  private:
    [[noreturn]] void malformed(const std::string& why) const { fail(path_, "its header " + why + "; expected a file as the safetensors library writes it"); }

    std::string place(const Tensor& tensor) const { return path_ + ": " + named(tensor.name); }

    const Tensor& find(const std::string& name) const {
        const auto at = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& t) { return t.name == name; });
        if (at == tensors_.end()) fail(path_, "has no " + named(name));
        return *at;
    }

    ItemType type_of(const Tensor& tensor) const {
        const std::optional<ItemType> type = item_type(tensor.type);
        if (!type) fail(place(tensor), "holds numbers of type '" + one_line(tensor.type, 40) + "'; expected F64, F32, F16, BF16 or integers");
        return *type;
    }

    std::string_view items(const Tensor& tensor) const { return std::string_view(bytes_).substr(first_ + tensor.begin, tensor.end - tensor.begin); }

    void read_header(std::string_view text) {
        // The parser takes a NUL for the end, and other characters before the brace for white space.
        if (text.empty() || text.front() != '{') malformed("does not begin with {");
        if (text.find('\0') != std::string_view::npos) malformed("holds a NUL byte");
        require_shallow(text);
        std::vector<std::set<std::string>> keys;
        const auto watch = [&](int, json::parse_event_t event, json& parsed) {
            if (event == json::parse_event_t::object_start) keys.emplace_back();
            if (event == json::parse_event_t::object_end) keys.pop_back();
            if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
                malformed("has the key '" + one_line(parsed.get<std::string>(), 60) + "' twice");
            return true;
        };
        try {
            const json header = json::parse(text.begin(), text.end(), watch);
            for (const auto& [name, entry] : header.items()) {
                if (name == "__metadata__") {
                    if (!entry.is_object() || !std::all_of(entry.begin(), entry.end(), [](const json& x) { return x.is_string(); })) malformed("has metadata that is no table of strings");
                    continue;
                }
                tensors_.push_back(read_tensor(name, entry));
            }
        } catch (const json::exception& error) {
            fail(path_, std::string("its header cannot be read: ") + error.what());
        }
    }

    // Deep nesting would exhaust the stack of the parser's caller.
    void require_shallow(std::string_view text) const {
        int depth = 0;
        bool quoted = false;
        for (std::size_t k = 0; k < text.size(); ++k) {
            const char c = text[k];
            if (quoted && c == '\\') ++k;
            else if (c == '"') quoted = !quoted;
            else if (!quoted && (c == '{' || c == '[') && ++depth > deepest_header) fail(path_, "its header is nested too deeply");
            else if (!quoted && (c == '}' || c == ']')) --depth;
        }
    }

    Tensor read_tensor(const std::string& name, const json& entry) const {
        const std::string place = path_ + ": " + named(name);
        const auto size = [&](const json& x) {
            if (!x.is_number_unsigned()) fail(place, "its shape or its offsets are no natural numbers");
            return x.get<std::size_t>();
        };
        Tensor tensor;
        tensor.name = name;
        tensor.type = entry.at("dtype").get<std::string>();
        if (!entry.at("shape").is_array()) fail(place, "its shape is no array");
        for (const json& extent : entry.at("shape")) tensor.shape.push_back(size(extent));
        const json& offsets = entry.at("data_offsets");
        if (!offsets.is_array() || offsets.size() != 2) fail(place, "its offsets are no pair");
        tensor.begin = size(offsets[0]);
        tensor.end = size(offsets[1]);
        return tensor;
    }

    // Also puts the arrays in the order of the file.
    void require_covering() {
        std::sort(tensors_.begin(), tensors_.end(), [](const Tensor& a, const Tensor& b) { return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name); });
        std::size_t at = 0;
        for (const Tensor& tensor : tensors_) {
            if (tensor.end < tensor.begin || tensor.end > bytes_.size() - first_) fail(place(tensor), "its offsets lie outside the file");
            if (tensor.begin != at)
                fail(place(tensor), "its numbers begin at byte " + std::to_string(tensor.begin) + (tensor.begin < at ? ", within those of another array" : ", after a gap") +
                                        "; expected " + std::to_string(at) + ", where the array before it ends");
            at = tensor.end;
            if (const std::optional<ItemType> type = item_type(tensor.type)) {
                const std::size_t expected = size_of(tensor, type->size);
                if (tensor.end - tensor.begin != expected)
                    fail(place(tensor), "has " + std::to_string(tensor.end - tensor.begin) + " bytes; expected " + std::to_string(expected) + " for its shape");
            }
        }
        if (at != bytes_.size() - first_) fail(path_, "has " + std::to_string(bytes_.size() - first_ - at) + " bytes after the last array; expected none");
    }

    std::size_t size_of(const Tensor& tensor, std::size_t size) const {
        if (std::find(tensor.shape.begin(), tensor.shape.end(), std::size_t{0}) != tensor.shape.end()) return 0;
        return count(tensor.shape, place(tensor)) * size;
    }

    std::string bytes_;
    std::string path_;
    std::size_t first_ = 0;  // where the numbers begin
    std::vector<Tensor> tensors_;
};

}  // namespace

Format safetensors(std::string bytes, const std::string& path) { return std::make_shared<Safetensors>(std::move(bytes), path); }

}  // namespace lyapcert::data_file
