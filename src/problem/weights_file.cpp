#include "problem/weights_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "lyapcert/problem/data_file.hpp"

namespace lyapcert {

namespace {

struct Named {
    std::string name;
    DataArray array;
};

using Json = nlohmann::ordered_json;

std::string shape_text(const std::vector<std::size_t>& shape) {
    std::string text;
    for (const std::size_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
    return text.empty() ? "a single number" : text;
}

// Digits compare as numbers.
bool natural_less(const std::string& a, const std::string& b) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (digit(a[i]) && digit(b[j])) {
            std::size_t p = i;
            std::size_t q = j;
            while (p < a.size() && digit(a[p])) ++p;
            while (q < b.size() && digit(b[q])) ++q;
            while (i + 1 < p && a[i] == '0') ++i;
            while (j + 1 < q && b[j] == '0') ++j;
            if (p - i != q - j) return p - i < q - j;
            const int order = a.compare(i, p - i, b, j, q - j);
            if (order != 0) return order < 0;
            i = p;
            j = q;
        } else {
            if (a[i] != b[j]) return a[i] < b[j];
            ++i;
            ++j;
        }
    }
    return a.size() - i < b.size() - j;
}

DataArray array_of(const Json& json, const std::string& path, const std::string& name) {
    const auto refuse = [&](const std::string& what) -> InputError {
        return InputError(path + ": '" + name.substr(0, 60) + "' " + what + "; expected an array of numbers, or of rows of equal length");
    };
    const auto number = [&](const Json& x) {
        if (!x.is_number()) throw refuse("holds what is no number");
        const double value = x.get<double>();
        if (!std::isfinite(value)) throw refuse("holds a number out of range");
        return value;
    };
    if (!json.is_array() || json.empty()) throw refuse("is no array");
    DataArray result;
    std::vector<double> values;
    result.shape = {json.size()};
    for (const Json& row : json) {
        if (!row.is_array()) {
            values.push_back(number(row));
            continue;
        }
        if (result.shape.size() == 1 && values.empty()) result.shape.push_back(row.size());
        if (result.shape.size() != 2 || row.size() != result.shape[1]) throw refuse("has rows of different length");
        for (const Json& x : row) values.push_back(number(x));
    }
    if (values.size() != result.shape[0] * (result.shape.size() == 2 ? result.shape[1] : 1)) throw refuse("mixes numbers and rows");
    result.values = std::move(values);
    return result;
}

std::vector<Named> read_json(const std::string& path, bool& named) {
    constexpr std::uintmax_t largest = std::uintmax_t{64} << 20U;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error && size > largest) throw InputError(path + ": is larger than 64 MiB; expected weights");
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    if (error || !file) throw InputError(path + ": cannot be read");
    std::vector<Named> result;
    try {
        const Json json = Json::parse(text.str());
        named = json.is_object();
        if (!json.is_object() && !json.is_array()) throw InputError(path + ": holds no arrays; expected an object such as {\"0.weight\": [[...]], \"0.bias\": [...]}");
        for (const auto& [key, value] : json.items()) result.push_back({key, array_of(value, path, key)});
    } catch (const Json::exception& error) {
        throw InputError(path + ": not JSON: " + std::string(error.what()).substr(0, 200));
    }
    return result;
}

// W1, b1, W2, b2, ... by dimension; nothing where the shapes do not fit.
std::optional<std::vector<Rational>> assembled(const std::vector<Named>& arrays, const Network& network, std::string& mismatch) {
    std::vector<const Named*> matrices;
    std::vector<const Named*> vectors;
    for (const Named& a : arrays) (a.array.shape.size() == 2 ? matrices : vectors).push_back(&a);
    const std::size_t biases = network.bias ? network.layers() : 0;
    if (matrices.size() != network.layers() || vectors.size() != biases) {
        mismatch = "holds " + std::to_string(matrices.size()) + " matrices and " + std::to_string(vectors.size()) + " vectors; expected " + std::to_string(network.layers()) + " and " +
                   std::to_string(biases) + ", the layers of the network";
        return std::nullopt;
    }
    std::vector<Rational> weights;
    const auto take = [&](const Named& a, const std::vector<std::size_t>& shape) {
        if (a.array.shape != shape) {
            if (mismatch.empty()) mismatch = "'" + a.name.substr(0, 60) + "' is " + shape_text(a.array.shape) + "; expected " + shape_text(shape);
            return false;
        }
        for (std::size_t k = 0; k < a.array.size(); ++k) weights.push_back(a.array.at(k));
        return true;
    };
    for (std::size_t l = 0; l < network.layers(); ++l) {
        if (!take(*matrices[l], {network.widths[l + 1], network.widths[l]})) return std::nullopt;
        if (network.bias && !take(*vectors[l], {network.widths[l + 1]})) return std::nullopt;
    }
    return weights;
}

}  // namespace

std::vector<Rational> weights_in_file(const std::string& path, const Network& network) {
    std::vector<Named> arrays;
    bool named = true;
    if (path.size() > 5 && path.compare(path.size() - 5, 5, ".json") == 0) {
        arrays = read_json(path, named);
    } else {
        const DataFile file = DataFile::read(path);
        for (const std::string& name : file.names()) arrays.push_back({name, file.array(name)});
    }
    for (const Named& a : arrays)
        if (a.array.shape.size() != 1 && a.array.shape.size() != 2)
            throw InputError(path + ": '" + a.name.substr(0, 60) + "' has " + std::to_string(a.array.shape.size()) + " dimensions; expected the matrices and vectors of dense layers");
    std::vector<Named> sorted = arrays;
    if (named) std::stable_sort(sorted.begin(), sorted.end(), [](const Named& a, const Named& b) { return natural_less(a.name, b.name); });
    std::string mismatch;
    if (const auto weights = assembled(sorted, network, mismatch)) return *weights;
    if (const auto weights = assembled(arrays, network, mismatch)) return *weights;
    throw InputError(path + ": " + mismatch);
}

}  // namespace lyapcert
