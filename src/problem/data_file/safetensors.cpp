// The format: 8 bytes, little-endian, with the length of a JSON header {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...}; the numbers.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "problem/data_file/formats.hpp"

namespace lyapcert::data_file {

namespace {

struct Tensor {
    std::string name;
    std::string type;
    std::vector<std::size_t> shape;
    std::size_t begin = 0;
    std::size_t end = 0;
};

class Safetensors : public DataFile::Format {
  public:
    Safetensors(std::string bytes, std::string path) : bytes_(std::move(bytes)), path_(std::move(path)) {
        if (bytes_.size() < 8) fail(path_, "is too short for a safetensors file");
        const unsigned long long length = little_endian(bytes_.data(), 8);
        if (length > bytes_.size() - 8) fail(path_, "ends within its header of " + std::to_string(length) + " bytes");
        first_ = 8 + static_cast<std::size_t>(length);
        require_shallow();
        try {
            read_header(nlohmann::json::parse(bytes_.begin() + 8, bytes_.begin() + static_cast<std::ptrdiff_t>(first_)));
        } catch (const nlohmann::json::exception& error) {
            fail(path_, std::string("its header cannot be read: ") + error.what());
        }
    }

    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const Tensor& tensor : tensors_) result.push_back(tensor.name);
        return result;
    }

    DataArray array(const std::string& name) const override {
        const auto at = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& t) { return t.name == name; });
        if (at == tensors_.end()) fail(path_, "has no " + named(name));
        const std::string place = path_ + ": " + named(name);
        static const std::pair<const char*, ItemType> types[] = {
            {"F64", {'f', 8, false}}, {"F32", {'f', 4, false}}, {"F16", {'f', 2, false}}, {"BF16", {'b', 2, false}}, {"I64", {'i', 8, false}}, {"I32", {'i', 4, false}},
            {"I16", {'i', 2, false}}, {"I8", {'i', 1, false}},  {"U64", {'u', 8, false}}, {"U32", {'u', 4, false}},  {"U16", {'u', 2, false}}, {"U8", {'u', 1, false}}};
        const auto type = std::find_if(std::begin(types), std::end(types), [&](const auto& t) { return at->type == t.first; });
        if (type == std::end(types)) fail(place, "holds numbers of type '" + at->type.substr(0, 40) + "'; expected F64, F32, F16, BF16 or integers");
        if (at->begin > at->end || at->end > bytes_.size() - first_) fail(place, "its offsets lie outside the file");
        const std::size_t expected = count(at->shape, place) * type->second.size;
        if (at->end - at->begin != expected) fail(place, "has " + std::to_string(at->end - at->begin) + " bytes; expected " + std::to_string(expected) + " for its shape");
        return decode_items(type->second, bytes_.data() + first_ + at->begin, at->shape, false, place);
    }

    std::pair<std::string, std::string> source(const std::string&) const override {
        fail(path_, "safetensors files are for the weights of networks; expected .csv, .json, .npy or .npz here");
    }

  private:
    // Deep nesting would exhaust the stack of the parser's caller.
    void require_shallow() const {
        int depth = 0;
        bool quoted = false;
        for (std::size_t k = 8; k < first_; ++k) {
            const char c = bytes_[k];
            if (quoted && c == '\\') ++k;
            else if (c == '"') quoted = !quoted;
            else if (!quoted && (c == '{' || c == '[') && ++depth > 8) fail(path_, "its header is nested too deeply");
            else if (!quoted && (c == '}' || c == ']')) --depth;
        }
    }

    void read_header(const nlohmann::json& header) {
        if (!header.is_object()) fail(path_, "its header is no JSON object");
        for (const auto& [name, entry] : header.items()) {
            if (name == "__metadata__") continue;
            const std::string place = path_ + ": " + named(name);
            Tensor tensor;
            tensor.name = name;
            tensor.type = entry.at("dtype").get<std::string>();
            const auto size = [&](const nlohmann::json& x) {
                if (!x.is_number_unsigned()) fail(place, "its shape or its offsets are no natural numbers");
                return x.get<std::size_t>();
            };
            for (const nlohmann::json& extent : entry.at("shape")) tensor.shape.push_back(size(extent));
            const nlohmann::json& offsets = entry.at("data_offsets");
            if (!offsets.is_array() || offsets.size() != 2) fail(place, "its offsets are no pair");
            tensor.begin = size(offsets[0]);
            tensor.end = size(offsets[1]);
            tensors_.push_back(std::move(tensor));
        }
    }

    std::string bytes_;
    std::string path_;
    std::size_t first_ = 0;  // where the numbers begin
    std::vector<Tensor> tensors_;
};

}  // namespace

Format safetensors(std::string bytes, const std::string& path) { return std::make_shared<Safetensors>(std::move(bytes), path); }

}  // namespace lyapcert::data_file
