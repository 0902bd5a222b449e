#include "lyapcert/problem/data_file.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "problem/data_file/formats.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace data_file {

void fail(const std::string& place, const std::string& message) { throw InputError(one_line(place, 1000) + ": " + one_line(message)); }

std::string named(const std::string& name) { return "array '" + one_line(name, 60) + "'"; }

std::size_t count(const std::vector<std::size_t>& shape, const std::string& place) {
    std::size_t result = 1;
    for (const std::size_t extent : shape) {
        if (extent == 0) fail(place, "is empty; expected numbers");
        if (extent > DataFile::most_numbers / result) fail(place, "has more than 2^27 numbers; expected a smaller array");
        result *= extent;
    }
    return result;
}

std::string position(const std::vector<std::size_t>& shape, std::size_t k) {
    std::string result;
    for (std::size_t d = shape.size(); d-- > 0; k /= shape[d]) result = "[" + std::to_string(k % shape[d]) + "]" + result;
    return result;
}

unsigned long long little_endian(const char* bytes, std::size_t size) {
    unsigned long long value = 0;
    for (std::size_t k = size; k-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[k]);
    return value;
}

namespace {

double from_bits(unsigned long long bits, int exponent_bits, int fraction_bits) {
    const unsigned long long fraction = bits & ((1ULL << fraction_bits) - 1);
    const auto exponent = static_cast<int>(bits >> fraction_bits & ((1ULL << exponent_bits) - 1));
    const bool negative = (bits >> (exponent_bits + fraction_bits) & 1U) != 0;
    const int bias = (1 << (exponent_bits - 1)) - 1;
    double value = 0.0;
    if (exponent == (1 << exponent_bits) - 1)
        value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    else if (exponent == 0)
        value = std::ldexp(static_cast<double>(fraction), 1 - bias - fraction_bits);
    else
        value = std::ldexp(static_cast<double>(fraction | 1ULL << fraction_bits), exponent - bias - fraction_bits);
    return negative ? -value : value;
}

}  // namespace

bool decode(const ItemType& type, const char* bytes, double& value) {
    char swapped[8];
    if (type.big_endian) {
        std::reverse_copy(bytes, bytes + type.size, swapped);
        bytes = swapped;
    }
    const unsigned long long bits = little_endian(bytes, type.size);
    constexpr unsigned long long largest = 1ULL << 53U;
    if (type.kind == 'f') {
        if (type.size == 8) {
            std::memcpy(&value, &bits, sizeof value);
            return true;
        }
        value = type.size == 4 ? from_bits(bits, 8, 23) : from_bits(bits, 5, 10);
        return true;
    }
    if (type.kind == 'b') {
        value = from_bits(bits, 8, 7);
        return true;
    }
    const unsigned long long sign = 1ULL << (8 * type.size - 1);
    if (type.kind == 'i' && (bits & sign) != 0) {
        const unsigned long long magnitude = (sign - (bits & (sign - 1)));
        value = -static_cast<double>(magnitude);
        return magnitude <= largest;
    }
    value = static_cast<double>(bits);
    return bits <= largest;
}

DataArray decode_items(const ItemType& type, const char* bytes, std::vector<std::size_t> shape, bool fortran, const std::string& place) {
    const std::size_t n = count(shape, place);
    std::vector<double> values(n);
    std::vector<std::size_t> index(shape.size(), 0);
    std::vector<std::size_t> stride(shape.size(), 1);  // of the file, in items
    if (fortran)
        for (std::size_t d = 1; d < shape.size(); ++d) stride[d] = stride[d - 1] * shape[d - 1];
    else
        for (std::size_t d = shape.size(); d-- > 1;) stride[d - 1] = stride[d] * shape[d];
    std::size_t offset = 0;
    for (std::size_t k = 0; k < n; ++k) {
        if (!decode(type, bytes + offset * type.size, values[k])) fail(place, "entry " + position(shape, k) + " is an integer beyond 2^53; expected one that a double can hold");
        if (!std::isfinite(values[k])) fail(place, "entry " + position(shape, k) + " is " + (std::isnan(values[k]) ? "NaN" : "infinite") + "; expected a finite number");
        for (std::size_t d = shape.size(); d-- > 0;) {
            offset += stride[d];
            if (++index[d] < shape[d]) break;
            offset -= stride[d] * shape[d];
            index[d] = 0;
        }
    }
    return {std::move(shape), std::move(values)};
}

namespace {

std::string read_bytes(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) fail(path, "is a directory; expected a data file");
    if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) fail(path, "is no regular file; expected a data file");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) fail(path, std::string("cannot be opened: ") + std::strerror(errno));
    std::string bytes;
    std::vector<char> buffer(1U << 20U);
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        bytes.append(buffer.data(), n);
        if (bytes.size() > DataFile::largest_file) fail(path, "is larger than 1 GiB; expected a smaller data file");
    }
    if (std::ferror(file.get()) != 0) fail(path, std::string("cannot be read: ") + std::strerror(errno));
    return bytes;
}

}  // namespace

}  // namespace data_file

std::size_t DataArray::size() const {
    return std::visit([](const auto& v) { return v.size(); }, values);
}

Rational DataArray::at(std::size_t k) const {
    if (const auto* doubles = std::get_if<std::vector<double>>(&values)) return rational_from_double(doubles->at(k));
    return std::get<std::vector<Rational>>(values).at(k);
}

namespace {

std::string extension_of(const std::string& path) {
    std::string extension = std::filesystem::path(path).extension().string();
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

using Maker = data_file::Format (*)(std::string, const std::string&);

// By the name; fails with advice.
Maker maker_of(const std::string& path) {
    static const std::pair<const char*, Maker> formats[] = {{".csv", data_file::csv}, {".txt", data_file::csv}, {".json", data_file::json},
                                                            {".npy", data_file::npy}, {".npz", data_file::npz}, {".safetensors", data_file::safetensors}};
    // Programs in disguise (pickles), or formats of whole frameworks.
    static const std::pair<const char*, const char*> foreign[] = {
        {".pt", "PyTorch"}, {".pth", "PyTorch"}, {".ckpt", "PyTorch"}, {".pkl", "Python"}, {".pickle", "Python"}, {".h5", "Keras"}, {".hdf5", "Keras"}, {".keras", "Keras"}};
    const std::string extension = extension_of(path);
    for (const auto& [name, make] : formats)
        if (extension == name) return make;
    for (const auto& [name, owner] : foreign) {
        if (extension != name) continue;
        const std::string who = owner;
        data_file::fail(path, "is a file of " + who + "'s own, which is not read; save .npz or .safetensors instead, for example numpy.savez(\"w.npz\", " +
                                  (who == "Keras" ? "*[a.T for a in model.get_weights()])"
                                                  : "**{k: v.detach().cpu().numpy() for k, v in model.state_dict().items()})"));
    }
    data_file::fail(path, "is of an unknown format; expected a name that ends in .csv, .txt, .json, .npy, .npz or .safetensors");
}

}  // namespace

ArrayInfo DataFile::Format::info(const std::string& name) const { return {array(name).shape, "numbers", true, true}; }

DataFile DataFile::read(const std::string& path) {
    const Maker make = maker_of(path);
    return {path, make(data_file::read_bytes(path), path)};
}

DataFile DataFile::parse(std::string bytes, const std::string& path) { return {path, maker_of(path)(std::move(bytes), path)}; }

std::vector<std::string> DataFile::names() const { return format_->names(); }

bool DataFile::has(const std::string& name) const {
    const std::vector<std::string> all = names();
    return std::find(all.begin(), all.end(), name) != all.end();
}

ArrayInfo DataFile::info(const std::string& name) const { return format_->info(name); }
DataArray DataFile::array(const std::string& name) const { return format_->array(name); }
std::pair<std::string, std::string> DataFile::source(const std::string& name) const { return format_->source(name); }

}  // namespace lyapcert
