// The data files of a problem: their bytes are in its certificate, and are read here again (T30).
#pragma once

#include "checker/numbers/value.hpp"

namespace lyapcert::checker {

struct Data {
    std::string key;     // the place in the problem that names the file: "gram", "gradients", "data.inputs", "data.targets"
    std::string format;  // "csv", "json", or "npy"
    std::string bytes;
};

// The array as exact numbers. One-dimensional arrays are a row, or a column if `column`. Throws Refused.
Matrix read_array(const Data& data, bool column);

// "0a1b..." -> bytes. Throws Refused.
std::string from_hexadecimal(const std::string& text);

}  // namespace lyapcert::checker
