#include "problem/weights_file.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/data_file.hpp"
#include "problem/data_file/formats.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

// An array of a file, decoded when it is chosen: the others may hold what they like.
struct Named {
    std::string name;
    ArrayInfo info;
    std::function<DataArray()> read;

    bool fits_layers() const { return info.readable && (info.shape.size() == 1 || info.shape.size() == 2); }
};

using Json = nlohmann::ordered_json;

std::string shape_text(const std::vector<std::size_t>& shape) {
    std::string text;
    for (const std::size_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
    return text.empty() ? "a single number" : text;
}

std::string quoted(const std::string& name) { return "'" + one_line(name, 60) + "'"; }

// "found: '0.weight' 2 x 3, 'steps' a single number (int64)"
std::string found(const std::vector<Named>& arrays) {
    constexpr std::size_t most_shown = 12;
    std::vector<std::string> texts;
    for (const Named& a : arrays) texts.push_back(quoted(a.name) + " " + shape_text(a.info.shape) + (a.info.floating ? "" : " (" + one_line(a.info.type, 40) + ")"));
    return arrays.empty() ? "found: nothing" : "found: " + listed(texts, most_shown);
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
    // As in a problem file: a bare float is the double that it denotes, a number in quotes is read exactly.
    const auto number = [&](const Json& x) -> Rational {
        if (x.is_number()) return rational_from_double(x.get<double>());
        if (!x.is_string()) throw refuse("holds what is no number");
        try {
            return parse_rational(x.get_ref<const std::string&>());
        } catch (const std::invalid_argument& error) {
            throw refuse(std::string("holds what is no number: ") + error.what());
        }
    };
    if (!json.is_array() || json.empty()) throw refuse("is no array");
    DataArray result;
    std::vector<Rational> values;
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

// Whether it is an array of numbers, or of rows of them, and of which shape; whether the rows are equal is seen when it is read.
ArrayInfo json_info(const Json& json) {
    if (json.is_array() && !json.empty()) {
        const Json& first = json.front();
        const auto number = [](const Json& x) { return x.is_number() || x.is_string(); };
        if (first.is_array() && !first.empty() && number(first.front())) return {{json.size(), first.size()}, "numbers", true, true};
        if (number(first)) return {{json.size()}, "numbers", true, true};
    }
    return {{}, json.type_name(), false, false};
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
        const Json json = Json::parse(data_file::with_large_numbers_quoted(text.str()));
        named = json.is_object();
        if (!json.is_object() && !json.is_array()) throw InputError(path + ": holds no arrays; expected an object such as {\"0.weight\": [[...]], \"0.bias\": [...]}");
        for (const auto& item : json.items()) {
            const std::string key = item.key();
            const Json& value = item.value();
            ArrayInfo info = json_info(value);
            // Beside the arrays of an object there may be other values; in a list everything is an array of weights.
            if (!named) array_of(value, path, key);
            result.push_back({key, std::move(info), [array = value, path, key] { return array_of(array, path, key); }});
        }
    } catch (const Json::exception& error) {
        throw InputError(path + ": not JSON: " + std::string(error.what()).substr(0, 200));
    }
    return result;
}

std::vector<Named> read_arrays(const std::string& path, bool& named) {
    named = true;
    if (path.size() > 5 && path.compare(path.size() - 5, 5, ".json") == 0) return read_json(path, named);
    const DataFile file = DataFile::read(path);
    std::vector<Named> result;
    for (const std::string& name : file.names()) result.push_back({name, file.info(name), [file, name] { return file.array(name); }});
    return result;
}

using Shape = std::vector<std::size_t>;
using Chosen = std::vector<const Named*>;

Shape matrix_shape(const Network& network, std::size_t layer) { return {network.widths[layer + 1], network.widths[layer]}; }

// The weights of the layers, from a matrix and, with biases, a vector for each; all shapes are right.
std::vector<Rational> joined(const Chosen& matrices, const Chosen& vectors, const Network& network) {
    std::vector<Rational> weights;
    for (std::size_t l = 0; l < network.layers(); ++l)
        for (const Named* a : {matrices[l], network.bias ? vectors[l] : nullptr}) {
            if (a == nullptr) continue;
            const DataArray array = a->read();
            for (std::size_t k = 0; k < array.size(); ++k) weights.push_back(array.at(k));
        }
    return weights;
}

// What is wrong with a shape; empty: nothing.
std::string misfit(const Named& a, const Shape& expected) {
    if (a.info.shape == expected) return "";
    const bool transposed = expected.size() == 2 && a.info.shape == Shape{expected[1], expected[0]};
    return quoted(a.name) + " is " + shape_text(a.info.shape) + "; expected " + shape_text(expected) +
           (transposed ? ", outputs x inputs: transposed it fits (Keras keeps its kernels that way; save kernel.T)" : "");
}

// W1, b1, W2, b2, ... by dimension; nothing where the numbers of arrays or their shapes do not fit.
std::optional<std::vector<Rational>> by_dimension(const Chosen& arrays, const Network& network, std::string& mismatch) {
    Chosen matrices;
    Chosen vectors;
    for (const Named* a : arrays) (a->info.shape.size() == 2 ? matrices : vectors).push_back(a);
    const std::size_t biases = network.bias ? network.layers() : 0;
    if (matrices.size() != network.layers() || vectors.size() != biases) {
        if (mismatch.empty())
            mismatch = "holds " + counted(matrices.size(), "matrix", "matrices") + " and " + counted(vectors.size(), "vector", "vectors") + "; expected " +
                       std::to_string(network.layers()) + " and " + std::to_string(biases) + ", the layers of the network";
        return std::nullopt;
    }
    for (std::size_t l = 0; l < network.layers(); ++l) {
        std::string wrong = misfit(*matrices[l], matrix_shape(network, l));
        if (wrong.empty() && network.bias) wrong = misfit(*vectors[l], {network.widths[l + 1]});
        if (wrong.empty()) continue;
        if (mismatch.empty()) mismatch = wrong;
        return std::nullopt;
    }
    return joined(matrices, vectors, network);
}

// A matrix and the vector that goes with it by name: "0.weight" and "0.bias", "dense/kernel:0" and "dense/bias:0", "W1" and "b1".
struct Pair {
    const Named* matrix = nullptr;
    const Named* vector = nullptr;
};

// The role of an array by its name, 'W' or 'b', and what is left of the name; 0: it has none.
char role_of(const std::string& name, std::string& rest) {
    static const std::pair<const char*, char> words[] = {{"weight", 'W'}, {"kernel", 'W'}, {"w", 'W'}, {"bias", 'b'}, {"b", 'b'}};
    std::string text = name;
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (text.size() > 2 && text.compare(text.size() - 2, 2, ":0") == 0) text.resize(text.size() - 2);
    const std::size_t last = text.find_last_not_of("0123456789");
    const std::string number = last == std::string::npos ? text : text.substr(last + 1);
    text.resize(text.size() - number.size());
    if (!text.empty() && text.back() == '_') text.pop_back();
    for (const auto& [word, role] : words) {
        const std::string w = word;
        if (text.size() < w.size() || text.compare(text.size() - w.size(), w.size(), w) != 0) continue;
        const std::size_t at = text.size() - w.size();
        if (at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z') continue;
        rest = name.substr(0, at) + "|" + number;
        return role;
    }
    return '\0';
}

// In the order of the arrays.
std::vector<Pair> pairs(const Chosen& arrays) {
    std::vector<Pair> result;
    std::map<std::string, std::size_t> known;
    for (const Named* a : arrays) {
        std::string rest;
        const char role = role_of(a->name, rest);
        if (role == '\0') continue;
        const auto [at, fresh] = known.emplace(rest, result.size());
        if (fresh) result.emplace_back();
        // A "weight" of dimension one belongs to a normalisation.
        if (role == 'W' && a->info.shape.size() == 2) result[at->second].matrix = a;
        if (role == 'b' && a->info.shape.size() == 1) result[at->second].vector = a;
    }
    result.erase(std::remove_if(result.begin(), result.end(), [](const Pair& p) { return p.matrix == nullptr; }), result.end());
    return result;
}

// The layers among the pairs, in their order, where there is one choice and no other; `several`: there are more.
// The first choice from the left and the first one from the right agree exactly if there is no other.
std::optional<std::vector<Rational>> by_name(const Chosen& arrays, const Network& network, bool& several) {
    const std::vector<Pair> all = pairs(arrays);
    const auto fits = [&](const Pair& p, std::size_t l) {
        if (p.matrix->info.shape != matrix_shape(network, l) || (p.vector != nullptr) != network.bias) return false;
        return p.vector == nullptr || p.vector->info.shape == Shape{network.widths[l + 1]};
    };
    std::vector<std::size_t> left;
    for (std::size_t k = 0; k < all.size() && left.size() < network.layers(); ++k)
        if (fits(all[k], left.size())) left.push_back(k);
    std::vector<std::size_t> right;
    for (std::size_t k = all.size(); k-- > 0 && right.size() < network.layers();)
        if (fits(all[k], network.layers() - 1 - right.size())) right.push_back(k);
    if (left.size() < network.layers()) return std::nullopt;
    std::reverse(right.begin(), right.end());
    if (left != right) {
        several = true;
        return std::nullopt;
    }
    Chosen matrices;
    Chosen vectors;
    for (const std::size_t k : left) {
        matrices.push_back(all[k].matrix);
        vectors.push_back(all[k].vector);
    }
    return joined(matrices, vectors, network);
}

Chosen selected(const std::vector<Named>& arrays, const std::vector<std::string>& names, const std::string& path) {
    Chosen result;
    for (const std::string& name : names) {
        const auto at = std::find_if(arrays.begin(), arrays.end(), [&](const Named& a) { return a.name == name; });
        if (at == arrays.end()) throw InputError(path + ": has no array " + quoted(name) + "; " + found(arrays));
        if (std::find(result.begin(), result.end(), &*at) != result.end())
            throw InputError(path + ": the array " + quoted(name) + " is chosen twice; expected each once");
        if (!at->fits_layers())
            throw InputError(path + ": " + quoted(name) + " is " + shape_text(at->info.shape) + " (" + one_line(at->info.type, 40) +
                             "); expected the numbers of a matrix or a vector");
        result.push_back(&*at);
    }
    return result;
}

}  // namespace

std::vector<Rational> weights_in_file(const std::string& path, const Network& network, const std::vector<std::string>& names) {
    bool named = true;
    const std::vector<Named> arrays = read_arrays(path, named);
    std::string mismatch;
    if (!names.empty()) {
        if (const auto weights = by_dimension(selected(arrays, names, path), network, mismatch)) return *weights;
        throw InputError(path + ": of the arrays chosen, " + (mismatch.rfind("holds", 0) == 0 ? "it " : "") + mismatch);
    }
    Chosen in_file;
    Chosen floating;
    for (const Named& a : arrays) {
        if (!a.fits_layers()) continue;
        in_file.push_back(&a);
        if (a.info.floating) floating.push_back(&a);
    }
    const auto sorted = [&](Chosen list) {
        if (named) std::stable_sort(list.begin(), list.end(), [](const Named* a, const Named* b) { return natural_less(a->name, b->name); });
        return list;
    };
    bool several = false;
    for (const Chosen& list : {sorted(in_file), in_file})
        if (const auto weights = by_name(list, network, several); weights && !several) return *weights;
    // Numbers of steps and the like are integers; weights may be.
    for (const Chosen& list : {sorted(in_file), in_file, sorted(floating), floating})
        if (const auto weights = by_dimension(list, network, mismatch)) return *weights;
    if (several) mismatch = "several choices of its arrays fit the layers of the network";
    const bool counts = several || mismatch.rfind("holds", 0) == 0;
    throw InputError(path + ": " + mismatch + (counts ? ", or arrays = [\"...\", ...] beside 'file' to choose" : "") + "; " + found(arrays));
}

}  // namespace lyapcert
